"""Barriers and reductions: every live thread of a scope arrives, then all go on with the same value.

Scope `b` is a block, scope `blocks` the whole machine.  Values are combined in order of thread slots
whatever the order of arrival, so floating-point results are reproducible.  A thread that ends leaves the
scope, which may complete a collective.
"""

from __future__ import annotations

from runtime.faults import FaultKind
from runtime.model.constants import (
    BLOCKED,
    EV_ACQUIRE,
    EV_RELEASE,
    LOG_COLLECTIVE,
    WAIT_COLLECTIVE,
    Constants,
)
from runtime.model.intrinsics import fadd64, fmax64, fmin64, observe, wrap
from runtime.model.resources import block_of, fault
from runtime.model.state import State
from runtime.model.threads import log_entry, resume, retire_thread, set_register, suspend

COLLECTIVE_MISMATCH = int(FaultKind.COLLECTIVE_MISMATCH)


def combine(op: int, x: int, y: int) -> int:
    """Operation `op` of `isa_table.REDUCTIONS`."""
    if op == 1:
        return wrap(x + y)
    if op == 2:
        return x if x < y else y
    if op == 3:
        return y if x < y else x
    if op == 4:
        return x | y
    if op == 5:
        return fadd64(x, y)
    if op == 6:
        return fmin64(x, y)
    if op == 7:
        return fmax64(x, y)
    return 0


def waits_in(s: State, t: int, scope: int) -> int:
    """Thread `t` has arrived in the scope's collective."""
    return s.wait_kind[t] == WAIT_COLLECTIVE and s.wait_key[t] == scope


def combined(k: Constants, s: State, scope: int, first: int, last: int) -> int:
    """Value over all arrived threads."""
    op = s.collective_code[scope] & 7
    total = 0
    seen = 0
    for t in range(first, last):
        if waits_in(s, t, scope):
            total = combine(op, total, s.wait_value[t]) if seen else s.wait_value[t]
            seen = 1
    return total


def release(k: Constants, s: State, scope: int, now: int) -> int:
    """Complete a collective: everyone gets the value and goes on at the same cycle."""
    first = 0 if scope == k.blocks else scope * k.block_slots
    last = k.slots if scope == k.blocks else first + k.block_slots
    total = combined(k, s, scope, first, last)
    when = now + (k.barrier_all_latency if scope == k.blocks else k.barrier_latency)
    s.collective_count[scope] = 0
    s.collective_total[scope] += 1
    log_entry(s, LOG_COLLECTIVE, now, when, scope)
    for t in range(first, last):
        if waits_in(s, t, scope):
            observe(s, EV_ACQUIRE, t, 5, scope)
            set_register(s, t, s.wait_reg[t], total)
            resume(s, t, when)
    return 0


def release_if_complete(k: Constants, s: State, scope: int, now: int) -> int:
    """After an arrival or an end: is everyone there?"""
    expected = s.live[0] if scope == k.blocks else s.block_live[scope]
    if s.collective_count[scope] > 0 and s.collective_count[scope] == expected:
        release(k, s, scope, now)
    return 0


def collective(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.barrier.*` and `piuma.reduce.*`."""
    scope = k.blocks if code >= 8 else block_of(k, t)
    if s.collective_count[scope] > 0 and s.collective_code[scope] != code:
        return fault(k, s, COLLECTIVE_MISMATCH, t, pc, s.collective_code[scope], now)
    s.collective_code[scope] = code
    s.collective_count[scope] += 1
    s.wait_value[t] = a
    observe(s, EV_RELEASE, t, 5, scope)
    suspend(s, t, now, pc, WAIT_COLLECTIVE, scope, rd)
    release_if_complete(k, s, scope, now)
    return BLOCKED


def halt(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.halt`, and `ret` from the entry."""
    retire_thread(k, s, t, now)
    release_if_complete(k, s, block_of(k, t), now)
    release_if_complete(k, s, k.blocks, now)
    return BLOCKED

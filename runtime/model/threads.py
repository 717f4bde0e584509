"""Starting, ending, joining and waiting for threads; fences; the trace log.

Engine functions share one signature: `f(k, s, t, now, pc, rd, code, a, b, c, d, e)` with the issuing
thread slot, the cycle, the instruction's index, the destination register, the row's code and the source
operands.  They return the cycle at which the thread may issue again, BLOCKED when something else will
wake it, or FAULT.
"""

from __future__ import annotations

from runtime.faults import FaultKind
from runtime.model.constants import (
    BLOCKED,
    ENDED,
    EV_ACQUIRE,
    EV_INVALIDATE,
    EV_RELEASE,
    LIVE,
    LOG_CAPACITY,
    LOG_MARK,
    WAIT_JOIN,
    WAIT_NONE,
    Constants,
)
from runtime.model.intrinsics import begin, entry_of, observe, wake
from runtime.model.resources import block_of, fault
from runtime.model.state import State

BAD_JUMP = int(FaultKind.BAD_JUMP)
BAD_THREAD = int(FaultKind.BAD_THREAD)
BREAK = int(FaultKind.BREAK)


def set_register(s: State, t: int, rd: int, value: int) -> int:
    """Write a register unless it is `zero`."""
    if rd != 0:
        s.regs[t * 64 + rd] = value
    return 0


def suspend(s: State, t: int, now: int, pc: int, kind: int, key: int, rd: int) -> int:
    """Mark a thread as waiting; the rest of the row says what for and where an answer goes."""
    s.wait_kind[t] = kind
    s.wait_key[t] = key
    s.wait_reg[t] = rd
    s.wait_since[t] = now
    s.wait_pc[t] = pc
    s.wait_seq[t] = s.sequence[0]
    s.sequence[0] += 1
    return BLOCKED


def resume(s: State, t: int, when: int) -> int:
    """End a wait."""
    s.wait_kind[t] = WAIT_NONE
    s.blocked[t] += when - s.wait_since[t]
    return wake(s, t, when)


def launch(k: Constants, s: State, t: int, entry: int, argument: int, block_rank: int, when: int) -> int:
    """Start a thread: registers zero but a0, ranks in order of launch."""
    for r in range(64):
        s.regs[t * 64 + r] = 0
        s.ready[t * 64 + r] = 0
    s.regs[t * 64 + 10] = argument
    s.rank[t] = s.next_rank[0]
    s.next_rank[0] += 1
    s.block_rank[t] = block_rank
    s.status[t] = LIVE
    # A slot that is taken again lives on: the gap between is no part of its life.
    s.started[t] = when - (s.ended[t] - s.started[t])
    s.live[0] += 1
    s.block_live[block_of(k, t)] += 1
    return begin(s, t, entry, when)


def read_cycle(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.cycle`."""
    set_register(s, t, rd, now)
    return now + k.depth


def spawn(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.spawn`: idle slots are taken round the pipelines, as at launch."""
    entry = entry_of(s, a)
    if entry < 0:
        return fault(k, s, BAD_JUMP, t, pc, a, now)
    first = block_of(k, t) * k.block_slots
    rank = 0
    while rank < k.pipelines * k.threads:
        slot = first + rank % k.pipelines * k.stride + rank // k.pipelines
        if s.status[slot] != LIVE:
            observe(s, EV_RELEASE, t, 3, slot)
            launch(k, s, slot, entry, b, rank, now + k.spawn_latency)
            observe(s, EV_ACQUIRE, slot, 3, slot)
            set_register(s, t, rd, slot)
            return now + k.spawn_latency
        rank += 1
    set_register(s, t, rd, -1)
    return now + k.spawn_latency


def join(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.join`."""
    if a < 0 or a >= k.slots or a == t:
        return fault(k, s, BAD_THREAD, t, pc, a, now)
    if s.status[a] == LIVE:
        s.join_waiters[0] += 1
        return suspend(s, t, now, pc, WAIT_JOIN, a, 0)
    observe(s, EV_ACQUIRE, t, 4, a)
    return now + k.depth


def wake_joiners(k: Constants, s: State, ended: int, when: int) -> int:
    """Let go whoever joined a thread that just ended."""
    for t in range(k.slots):
        if s.wait_kind[t] == WAIT_JOIN and s.wait_key[t] == ended:
            s.join_waiters[0] -= 1
            observe(s, EV_ACQUIRE, t, 4, ended)
            resume(s, t, when)
    return 0


def retire_thread(k: Constants, s: State, t: int, now: int) -> int:
    """Book-keeping of a thread's end."""
    s.status[t] = ENDED
    s.ended[t] = now + 1
    s.live[0] -= 1
    s.block_live[block_of(k, t)] -= 1
    observe(s, EV_RELEASE, t, 4, t)
    if s.join_waiters[0] > 0:
        wake_joiners(k, s, t, now + k.depth)
    return 0


def break_here(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`ebreak`."""
    return fault(k, s, BREAK, t, pc, 0, now)


def fence(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.fence`."""
    if s.store_done[t] > now + k.depth:
        s.blocked[t] += s.store_done[t] - now
        return s.store_done[t]
    return now + k.depth


def invalidate(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.inv`: the L1 is write-through, so nothing is written back."""
    lines = k.l1_sets * k.l1_ways
    first = t // k.stride * lines
    for i in range(lines):
        s.l1_tag[first + i] = 0
    observe(s, EV_INVALIDATE, t, 0, 0)
    return now + k.depth


def log_entry(s: State, kind: int, start: int, end: int, who: int) -> int:
    """Append to the trace; entries beyond the capacity of one interval are counted as dropped."""
    if s.log_on[0] == 0:
        return 0
    n = s.log_count[0]
    if n == LOG_CAPACITY:
        s.log_dropped[0] += 1
        return 0
    s.log[n * 4] = kind
    s.log[n * 4 + 1] = start
    s.log[n * 4 + 2] = end
    s.log[n * 4 + 3] = who
    s.log_count[0] = n + 1
    return 0


def mark(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.mark`: the immediate arrives as `a`."""
    log_entry(s, LOG_MARK, now, a, t)
    return now + k.depth

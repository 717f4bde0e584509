"""The DMA engines: transfers that run beside the threads, beat by beat.

A transfer instruction copies its operands into a descriptor of the engine `thread slot % engines` of the
thread's block and returns a ticket; each engine works first in, first out.  A beat moves up to 64 bytes or
8 indexed elements; one starts every `dma_beat` cycles while fewer than `dma_window` are in flight.  A beat
reads its sources (and indices), then reads indexed elements, then writes, each stage paying the latency
and the queues of the memory it touches.  A transfer is complete when its last beat and every earlier
transfer of its engine are.
"""

from __future__ import annotations

from runtime.faults import FaultKind
from runtime.isa_table import (
    COMBINE_MIN_PLUS,
    COMBINE_OR,
    COMBINE_PLUS_TIMES,
    DMA_COPY,
    DMA_GATHER,
    DMA_INIT,
    DMA_SCALED,
    DMA_SCATTER,
    DMA_SETBITS,
    DMA_STRIDED,
)
from runtime.model.constants import (
    BEAT_BYTES,
    BEAT_ELEMENTS,
    DMA_ATOMIC,
    DMA_FIELDS,
    DMA_HISTORY,
    DMA_READ,
    DMA_WRITE,
    EV_ACQUIRE,
    EV_ATOMIC,
    EV_DMA_END,
    EV_DMA_START,
    EV_READ,
    EV_WRITE,
    LOG_DMA,
    RETRY,
    WAIT_DMA,
    Constants,
)
from runtime.model.intrinsics import (
    fadd64,
    fmin64,
    fmul64,
    observe,
    peek32,
    peek64,
    poke32,
    poke64,
    wake_engine,
    wrap,
)
from runtime.model.resources import block_of, element_time, fault, range_time, translate_global
from runtime.model.state import State
from runtime.model.threads import log_entry, resume, set_register, suspend

BAD_TICKET = int(FaultKind.BAD_TICKET)
DMA_RANGE = int(FaultKind.DMA_RANGE)
DMA_SHAPE = int(FaultKind.DMA_SHAPE)


def dma_count_of(code: int, c: int, d: int) -> int:
    """Elements of a transfer (bytes for a copy)."""
    op = code & 15
    if op in (DMA_GATHER, DMA_SCATTER, DMA_SCALED):
        return d
    return c


def engine_of(k: Constants, t: int) -> int:
    """The engine that serves a thread slot."""
    return block_of(k, t) * k.engines_per_block + t % k.engines_per_block


def dma_refuses(k: Constants, s: State, t: int, now: int, pc: int, code: int, c: int, d: int) -> int:
    """FAULT for a transfer that is none, RETRY while the engine is full, else 0."""
    count = dma_count_of(code, c, d)
    if count < 0 or (code & 15 == DMA_COPY and count & 3):
        return fault(k, s, DMA_SHAPE, t, pc, count, now)
    if s.dma_count[engine_of(k, t)] == k.dma_depth:
        s.blocked[t] += k.depth
        return RETRY
    return 0


def dma_issue(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """Every `piuma.dma.*` that starts a transfer; a full engine makes the thread try again."""
    refused = dma_refuses(k, s, t, now, pc, code, c, d)
    if refused != 0:
        return refused
    count = dma_count_of(code, c, d)
    engine = engine_of(k, t)
    seq = s.dma_issued[engine]
    base = (engine * k.dma_depth + seq % k.dma_depth) * DMA_FIELDS
    s.dma_desc[base] = code
    s.dma_desc[base + 1] = a
    s.dma_desc[base + 2] = b
    s.dma_desc[base + 3] = c
    s.dma_desc[base + 4] = d
    s.dma_desc[base + 5] = e
    s.dma_desc[base + 6] = count
    s.dma_desc[base + 7] = t
    s.dma_desc[base + 8] = pc
    s.dma_desc[base + 9] = now
    s.dma_issued[engine] = seq + 1
    s.dma_count[engine] += 1
    ticket = seq * k.engines + engine + 1
    observe(s, EV_DMA_START, t, -1 - base, ticket)
    set_register(s, t, rd, ticket)
    if s.dma_count[engine] == 1:
        wake_engine(s, engine, now + k.dma_start)
    return now + k.depth


def dma_wait(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.dma.wait`: ticket 0 is complete."""
    if a == 0:
        return now + k.depth
    if a < 0:
        return fault(k, s, BAD_TICKET, t, pc, a, now)
    engine = (a - 1) % k.engines
    seq = (a - 1) // k.engines
    if seq >= s.dma_issued[engine] or engine // k.engines_per_block != block_of(k, t):
        return fault(k, s, BAD_TICKET, t, pc, a, now)
    if seq >= s.dma_finished[engine]:
        s.dma_waiters[engine] += 1
        return suspend(s, t, now, pc, WAIT_DMA, a, 0)
    observe(s, EV_ACQUIRE, t, 2, a)
    done = 0
    if seq + DMA_HISTORY >= s.dma_finished[engine]:
        done = s.dma_done[engine * DMA_HISTORY + seq % DMA_HISTORY]
    if done <= now + k.depth:
        return now + k.depth
    s.blocked[t] += done - now
    return done


def dma_release(k: Constants, s: State, engine: int, ticket: int, when: int) -> int:
    """Let go whoever waits for this ticket."""
    first = engine // k.engines_per_block * k.block_slots
    for t in range(first, first + k.block_slots):
        if s.wait_kind[t] == WAIT_DMA and s.wait_key[t] == ticket:
            s.dma_waiters[engine] -= 1
            observe(s, EV_ACQUIRE, t, 2, ticket)
            resume(s, t, when)
    return 0


def span(k: Constants, s: State, block: int, address: int, nbytes: int, align: int) -> int:
    """Offset in guest memory of a whole range inside one memory, or -1."""
    if address & (align - 1):
        return -1
    d = address - k.dram_base
    if d >= 0:
        return k.dram_offset + d if d + nbytes <= s.dram_size[0] else -1
    d = address - k.spad_base
    if d >= 0 and d + nbytes <= k.spad_bytes:
        return block * k.spad_bytes + d
    u = translate_global(k, address)
    return u if translate_global(k, address + nbytes - 1) == u + nbytes - 1 else -1


def peek(s: State, u: int, size: int) -> int:
    """An element of 4 (sign-extended) or 8 bytes."""
    return peek64(s, u) if size == 8 else peek32(s, u)


def poke(s: State, u: int, size: int, value: int) -> int:
    """Write an element of 4 or 8 bytes."""
    return poke64(s, u, value) if size == 8 else poke32(s, u, value)


def dma_fault(k: Constants, s: State, base: int, address: int, now: int) -> int:
    """Blame the instruction that started the transfer."""
    return fault(k, s, DMA_RANGE, s.dma_desc[base + 7], s.dma_desc[base + 8], address, now)


def copy_beat(k: Constants, s: State, base: int, block: int, pos: int, n: int, now: int) -> int:
    """`n` bytes."""
    to = span(k, s, block, s.dma_desc[base + 1] + pos, n, 4)
    if to < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 1] + pos, now)
    source = span(k, s, block, s.dma_desc[base + 2] + pos, n, 4)
    if source < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 2] + pos, now)
    observe(s, EV_READ, -1 - base, source, n)
    observe(s, EV_WRITE, -1 - base, to, n)
    if n == BEAT_BYTES and to & 7 == 0 and source & 7 == 0:
        for i in range(BEAT_ELEMENTS):
            poke64(s, to + i * 8, peek64(s, source + i * 8))
    else:
        i = 0
        while i < n:
            poke32(s, to + i, peek32(s, source + i))
            i += 4
    read = range_time(k, s, block, source, n, DMA_READ, now)
    return now + read + range_time(k, s, block, to, n, DMA_WRITE, now)


def init_beat(k: Constants, s: State, base: int, block: int, pos: int, n: int, size: int, now: int) -> int:
    """`n` elements of one value."""
    to = span(k, s, block, s.dma_desc[base + 1] + pos * size, n * size, size)
    if to < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 1] + pos * size, now)
    observe(s, EV_WRITE, -1 - base, to, n * size)
    value = s.dma_desc[base + 2]
    if size == 8 and n == BEAT_ELEMENTS:
        for i in range(BEAT_ELEMENTS):
            poke64(s, to + i * 8, value)
    else:
        for i in range(n):
            poke(s, to + i * size, size, value)
    return now + range_time(k, s, block, to, n * size, DMA_WRITE, now)


def strided_beat(k: Constants, s: State, base: int, block: int, pos: int, n: int, size: int, now: int) -> int:
    """`n` elements, each side with its own step."""
    read = 0
    write = 0
    for i in range(pos, pos + n):
        to_address = wrap(s.dma_desc[base + 1] + i * s.dma_desc[base + 4])
        to = span(k, s, block, to_address, size, size)
        if to < 0:
            return dma_fault(k, s, base, to_address, now)
        source_address = wrap(s.dma_desc[base + 2] + i * s.dma_desc[base + 5])
        source = span(k, s, block, source_address, size, size)
        if source < 0:
            return dma_fault(k, s, base, source_address, now)
        observe(s, EV_READ, -1 - base, source, size)
        observe(s, EV_WRITE, -1 - base, to, size)
        poke(s, to, size, peek(s, source, size))
        time = element_time(k, s, block, source, 0, DMA_READ, now)
        read = time if time > read else read
        time = element_time(k, s, block, to, 0, DMA_WRITE, now)
        write = time if time > write else write
    return now + read + write


def gather_beat(
    k: Constants, s: State, base: int, block: int, pos: int, n: int, size: int, index: int, now: int
) -> int:
    """dst[i] = table[idx[i]]."""
    to = span(k, s, block, s.dma_desc[base + 1] + pos * size, n * size, size)
    if to < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 1] + pos * size, now)
    idx = span(k, s, block, s.dma_desc[base + 3] + pos * index, n * index, index)
    if idx < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 3] + pos * index, now)
    observe(s, EV_READ, -1 - base, idx, n * index)
    observe(s, EV_WRITE, -1 - base, to, n * size)
    longest = 0
    for i in range(n):
        address = wrap(s.dma_desc[base + 2] + peek(s, idx + i * index, index) * size)
        source = span(k, s, block, address, size, size)
        if source < 0:
            return dma_fault(k, s, base, address, now)
        observe(s, EV_READ, -1 - base, source, size)
        poke(s, to + i * size, size, peek(s, source, size))
        time = element_time(k, s, block, source, 0, DMA_READ, now)
        longest = time if time > longest else longest
    read = range_time(k, s, block, idx, n * index, DMA_READ, now)
    return now + read + longest + range_time(k, s, block, to, n * size, DMA_WRITE, now)


def scatter_beat(k: Constants, s: State, base: int, block: int, pos: int, n: int, code: int, now: int) -> int:
    """table[idx[i]] = src[i], or the same combined with what is there."""
    size = code >> 4 & 15
    index = code >> 8 & 15
    scaled = code & 15 == DMA_SCALED
    idx = span(k, s, block, s.dma_desc[base + 2] + pos * index, n * index, index)
    if idx < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 2] + pos * index, now)
    source = span(k, s, block, s.dma_desc[base + 3] + pos * size, n * size, size)
    if source < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 3] + pos * size, now)
    observe(s, EV_READ, -1 - base, idx, n * index)
    observe(s, EV_READ, -1 - base, source, n * size)
    longest = 0
    for i in range(n):
        address = wrap(s.dma_desc[base + 1] + peek(s, idx + i * index, index) * size)
        to = span(k, s, block, address, size, size)
        if to < 0:
            return dma_fault(k, s, base, address, now)
        value = peek(s, source + i * size, size)
        if scaled:
            observe(s, EV_ATOMIC, -1 - base, to, size)
            value = combine_element(code >> 12, peek64(s, to), s.dma_desc[base + 5], value)
        else:
            observe(s, EV_WRITE, -1 - base, to, size)
        poke(s, to, size, value)
        time = element_time(k, s, block, to, scaled, DMA_ATOMIC if scaled else DMA_WRITE, now)
        longest = time if time > longest else longest
    read = range_time(k, s, block, idx, n * index, DMA_READ, now)
    other = range_time(k, s, block, source, n * size, DMA_READ, now)
    return now + (read if read > other else other) + longest


def combine_element(combine: int, old: int, scale: int, value: int) -> int:
    """What a scaled transfer leaves in memory."""
    if combine == COMBINE_PLUS_TIMES:
        return fadd64(old, fmul64(scale, value))
    if combine == COMBINE_MIN_PLUS:
        return fmin64(old, fadd64(scale, value))
    if combine == COMBINE_OR:
        return old | value
    return old + 1


def setbits_beat(k: Constants, s: State, base: int, block: int, pos: int, n: int, index: int, now: int) -> int:
    """Bit idx[i] of a bitmap of 64-bit words."""
    idx = span(k, s, block, s.dma_desc[base + 2] + pos * index, n * index, index)
    if idx < 0:
        return dma_fault(k, s, base, s.dma_desc[base + 2] + pos * index, now)
    observe(s, EV_READ, -1 - base, idx, n * index)
    longest = 0
    for i in range(n):
        bit = peek(s, idx + i * index, index)
        address = wrap(s.dma_desc[base + 1] + (bit >> 6) * 8)
        to = span(k, s, block, address, 8, 8)
        if to < 0:
            return dma_fault(k, s, base, address, now)
        observe(s, EV_ATOMIC, -1 - base, to, 8)
        poke64(s, to, peek64(s, to) | (1 << (bit & 63)))
        time = element_time(k, s, block, to, 1, DMA_ATOMIC, now)
        longest = time if time > longest else longest
    return now + range_time(k, s, block, idx, n * index, DMA_READ, now) + longest


def beat(k: Constants, s: State, base: int, block: int, pos: int, left: int, now: int) -> int:
    """Completion time of the beat at `pos`, or FAULT."""
    code = s.dma_desc[base]
    op = code & 15
    size = code >> 4 & 15
    n = beat_size(op, size, left)
    if op == DMA_COPY:
        return copy_beat(k, s, base, block, pos, n, now)
    if op == DMA_INIT:
        return init_beat(k, s, base, block, pos, n, size, now)
    if op == DMA_STRIDED:
        return strided_beat(k, s, base, block, pos, n, size, now)
    if op == DMA_GATHER:
        return gather_beat(k, s, base, block, pos, n, size, code >> 8 & 15, now)
    if op == DMA_SETBITS:
        return setbits_beat(k, s, base, block, pos, n, code >> 8 & 15, now)
    return scatter_beat(k, s, base, block, pos, n, code, now)


def beat_size(op: int, size: int, left: int) -> int:
    """Elements (bytes for a copy) of the next beat."""
    n = BEAT_ELEMENTS
    if op == DMA_COPY:
        n = BEAT_BYTES
    if op == DMA_INIT and size != 8:
        n = BEAT_BYTES // size
    return n if n < left else left


def dma_step(k: Constants, s: State, engine: int, now: int) -> int:
    """One beat of the engine's current transfer; the cycle of its next step, BLOCKED when idle."""
    seq = s.dma_finished[engine]
    base = (engine * k.dma_depth + seq % k.dma_depth) * DMA_FIELDS
    pos = s.dma_position[engine]
    total = s.dma_desc[base + 6]
    following = now + 1
    if pos < total:
        done = beat(k, s, base, engine // k.engines_per_block, pos, total - pos, now)
        if done < 0:
            return done
        pos += beat_size(s.dma_desc[base] & 15, s.dma_desc[base] >> 4 & 15, total - pos)
        s.dma_position[engine] = pos
        following = dma_note_beat(k, s, engine, done, now)
    if pos < total:
        return following
    return dma_finish(k, s, engine, base, seq, total, following, now)


def dma_note_beat(k: Constants, s: State, engine: int, done: int, now: int) -> int:
    """Put a beat in flight; when the next may start."""
    n = s.dma_beats[engine]
    s.dma_ring[engine * k.dma_window + n % k.dma_window] = done
    s.dma_beats[engine] = n + 1
    if done > s.dma_latest[engine]:
        s.dma_latest[engine] = done
    oldest = s.dma_ring[engine * k.dma_window + (n + 1) % k.dma_window]
    return oldest if oldest > now + k.dma_beat else now + k.dma_beat


def dma_finish(k: Constants, s: State, engine: int, base: int, seq: int, total: int, following: int, now: int) -> int:
    """Everything of a transfer is in flight: fix its completion and take the next descriptor."""
    when = s.dma_latest[engine]
    if when < now + 1:
        when = now + 1
    s.dma_latest[engine] = when
    s.dma_done[engine * DMA_HISTORY + seq % DMA_HISTORY] = when
    s.dma_elements[engine] += total
    s.dma_position[engine] = 0
    s.dma_finished[engine] = seq + 1
    s.dma_count[engine] -= 1
    log_entry(s, LOG_DMA, s.dma_desc[base + 9], when, engine)
    observe(s, EV_DMA_END, -1 - base, seq * k.engines + engine + 1, 0)
    if s.dma_waiters[engine] > 0:
        dma_release(k, s, engine, seq * k.engines + engine + 1, when)
    return following if s.dma_count[engine] > 0 else -1

"""Where an access waits and how long it takes: network, DRAM channels, scratchpad banks, L1.

A resource is a time at which it is next free.  An access reserves it when it issues: it waits until the
resource is free and then holds it for its service time, so bandwidth is exact and service is in order of
issue (cycle, then pipeline, then engine).  Latency is added on top and occupies nothing:

    completion = now + latency + queueing + network

Stores and posted reductions let the thread go on once their controller has accepted them, that is when
the backlog is under `posted_window` cycles.  Guest addresses arrive here as offsets `u` into guest
memory: all scratchpads, then DRAM.
"""

from __future__ import annotations

from runtime.model.constants import (
    ATOMIC,
    BEAT_BYTES,
    BEAT_ELEMENTS,
    EV_FILL,
    EV_HIT,
    FAULT,
    LINE,
    LOAD,
    STORE,
    TICK,
    Constants,
)
from runtime.model.intrinsics import observe
from runtime.model.state import State


def fault(k: Constants, s: State, kind: int, t: int, pc: int, value: int, now: int) -> int:
    """Record the first fault of the run."""
    if s.fault[0] == 0:
        s.fault[0] = kind
        s.fault[1] = now
        s.fault[2] = t
        s.fault[3] = pc
        s.fault[4] = value
    return FAULT


def block_of(k: Constants, t: int) -> int:
    """Block of a thread slot."""
    if k.blocks == 1:
        return 0
    return t // k.block_slots


def translate(k: Constants, s: State, block: int, address: int) -> int:
    """Offset in guest memory of an address as seen from a block, or -1."""
    d = address - k.dram_base
    if d >= 0:
        if d < s.dram_size[0]:
            return k.dram_offset + d
        return -1
    d = address - k.spad_base
    if d >= 0 and d < k.spad_bytes:
        return block * k.spad_bytes + d
    return translate_global(k, address)


def translate_global(k: Constants, address: int) -> int:
    """The same for the window through which every scratchpad is seen."""
    d = address - k.spad_global
    if d < 0:
        return -1
    home = d >> k.spad_global_shift
    d = d & ((1 << k.spad_global_shift) - 1)
    if home >= k.blocks or d >= k.spad_bytes:
        return -1
    return home * k.spad_bytes + d


def home_of(k: Constants, u: int) -> int:
    """Block whose memory holds an offset."""
    if k.blocks == 1:
        return 0
    if u < k.dram_offset:
        return u // k.spad_bytes
    return ((u - k.dram_offset) >> k.block_shift) % k.blocks


def dram_queue(k: Constants, s: State, home: int, u: int, nbytes: int, kind: int, now: int) -> int:
    """Reserve a channel; the cycles the access queues."""
    channel = home * k.channels + ((u - k.dram_offset) >> k.channel_shift) % k.channels
    start = now * TICK
    if s.channel_free[channel] > start:
        start = s.channel_free[channel]
    service = nbytes * k.dram_ticks // 8
    s.channel_free[channel] = start + service
    s.channel_busy[channel] += service
    s.dram_bytes[kind] += nbytes
    s.dram_count[kind] += 1
    return (start - now * TICK + TICK - 1) // TICK


def spad_queue(k: Constants, s: State, home: int, u: int, service: int, kind: int, now: int) -> int:
    """Reserve a bank; the cycles the access queues."""
    bank = home * k.banks + (u >> 3) % k.banks
    start = now
    if s.bank_free[bank] > start:
        start = s.bank_free[bank]
    s.bank_free[bank] = start + service
    s.bank_busy[bank] += service
    s.spad_count[kind] += 1
    return start - now


def network(k: Constants, s: State, block: int, home: int, nbytes: int, now: int) -> int:
    """Cycles that the network adds: none at home, else the hops and the port of the far block."""
    if block == home:
        return 0
    start = now * TICK
    if s.port_free[home] > start:
        start = s.port_free[home]
    service = nbytes * k.port_ticks // 8
    s.port_free[home] = start + service
    s.port_busy[home] += service
    s.remote_count[home] += 1
    return s.net_delay[block * k.blocks + home] + (start - now * TICK + TICK - 1) // TICK


def dram_access(k: Constants, s: State, block: int, u: int, nbytes: int, kind: int, now: int) -> int:
    """Completion time of a read."""
    home = home_of(k, u)
    wait = dram_queue(k, s, home, u, nbytes, kind, now)
    done = now + k.dram_latency + wait + network(k, s, block, home, nbytes, now)
    s.dram_time[kind] += done - now
    return done


def spad_access(k: Constants, s: State, block: int, u: int, service: int, kind: int, now: int) -> int:
    """Completion time of a read."""
    home = home_of(k, u)
    wait = spad_queue(k, s, home, u, service, kind, now)
    done = now + k.spad_latency + service - 1 + wait + network(k, s, block, home, 8, now)
    s.spad_time[kind] += done - now
    return done


def l1_access(k: Constants, s: State, t: int, u: int, now: int) -> int:
    """Completion time of a cached read; ways are kept in order of use, newest first."""
    pipe = t // k.stride
    line = (u - k.dram_offset) >> k.l1_shift
    base = (pipe * k.l1_sets + line % k.l1_sets) * k.l1_ways
    if s.l1_tag[base] == line + 1:  # nothing changes its place
        s.l1_hits[pipe] += 1
        observe(s, EV_HIT, t, u, line)
        done = s.l1_fill[base]
        return done if done > now + k.l1_latency else now + k.l1_latency
    return l1_search(k, s, t, u, base, now)


def l1_search(k: Constants, s: State, t: int, u: int, base: int, now: int) -> int:
    """The same where the line is not the newest of its set."""
    pipe = t // k.stride
    line = (u - k.dram_offset) >> k.l1_shift
    way = 1
    while way < k.l1_ways and s.l1_tag[base + way] != line + 1:
        way += 1
    if way < k.l1_ways:
        s.l1_hits[pipe] += 1
        observe(s, EV_HIT, t, u, line)
        done = s.l1_fill[base + way]
    else:
        s.l1_misses[pipe] += 1
        observe(s, EV_FILL, t, u, line)
        way = k.l1_ways - 1
        done = dram_access(k, s, block_of(k, t), k.dram_offset + (line << k.l1_shift), k.l1_line, LINE, now)
    while way > 0:
        s.l1_tag[base + way] = s.l1_tag[base + way - 1]
        s.l1_fill[base + way] = s.l1_fill[base + way - 1]
        way -= 1
    s.l1_tag[base] = line + 1
    s.l1_fill[base] = done
    if done > now + k.l1_latency:
        return done
    return now + k.l1_latency


def load_time(k: Constants, s: State, t: int, u: int, cached: int, now: int) -> int:
    """Completion time of a load."""
    if u < k.dram_offset:
        return spad_access(k, s, block_of(k, t), u, 1, LOAD, now)
    if cached:
        return l1_access(k, s, t, u, now)
    return dram_access(k, s, block_of(k, t), u, k.access_bytes, LOAD, now)


def atomic_time(k: Constants, s: State, t: int, u: int, now: int) -> int:
    """Completion time of a read-modify-write whose old value comes back."""
    if u < k.dram_offset:
        return spad_access(k, s, block_of(k, t), u, k.spad_atomic, ATOMIC, now)
    return dram_access(k, s, block_of(k, t), u, 2 * k.access_bytes, ATOMIC, now) + k.atomic_latency


def posted_time(k: Constants, s: State, t: int, u: int, kind: int, now: int) -> int:
    """When the thread may go on after a store (STORE) or a posted reduction (ATOMIC)."""
    block = block_of(k, t)
    home = home_of(k, u)
    if u < k.dram_offset:
        service = 1 if kind == STORE else k.spad_atomic
        wait = spad_queue(k, s, home, u, service, kind, now)
        done = now + k.spad_latency + service - 1 + wait + network(k, s, block, home, 8, now)
        s.spad_time[kind] += done - now
    else:
        nbytes = k.access_bytes if kind == STORE else 2 * k.access_bytes
        wait = dram_queue(k, s, home, u, nbytes, kind, now)
        done = now + k.dram_latency + wait + network(k, s, block, home, nbytes, now)
        s.dram_time[kind] += done - now
    if done > s.store_done[t]:
        s.store_done[t] = done
    return now + 1 if wait <= k.posted_window else now + 1 + wait - k.posted_window


def range_time(k: Constants, s: State, block: int, u: int, nbytes: int, kind: int, now: int) -> int:
    """Cycles a DMA engine waits for a contiguous piece, which may straddle lines or banks."""
    if u < k.dram_offset:
        return words_time(k, s, block, u >> 3, (u + nbytes + 7) >> 3, kind, now)
    longest = 0
    last = u + nbytes
    while u < last:
        piece = BEAT_BYTES - ((u - k.dram_offset) & (BEAT_BYTES - 1))
        if piece > last - u:
            piece = last - u
        time = dram_access(k, s, block, u, (piece + 7) // 8 * 8, kind, now) - now
        if time > longest:
            longest = time
        u += piece
    return longest


def words_time(k: Constants, s: State, block: int, first: int, last: int, kind: int, now: int) -> int:
    """The same for words of a scratchpad; at home no more than its banks, taken together."""
    longest = 0
    if home_of(k, first * 8) != block:
        for word in range(first, last):
            time = spad_access(k, s, block, word * 8, 1, kind, now) - now
            if time > longest:
                longest = time
        return longest
    bank = first % k.banks
    total = 0
    count = last - first
    if count == BEAT_ELEMENTS and bank + count <= k.banks:
        bank += block * k.banks
        for i in range(BEAT_ELEMENTS):
            wait = hold_bank(s, bank + i, now)
            total += wait
            longest = wait if wait > longest else longest
    else:
        for word in range(first, last):
            wait = hold_bank(s, block * k.banks + word % k.banks, now)
            total += wait
            longest = wait if wait > longest else longest
    s.spad_count[kind] += count
    s.spad_time[kind] += total + count * k.spad_latency
    return longest + k.spad_latency


def hold_bank(s: State, bank: int, now: int) -> int:
    """A bank serves a word; the cycles that it waits."""
    free = s.bank_free[bank]
    start = free if free > now else now
    s.bank_free[bank] = start + 1
    s.bank_busy[bank] += 1
    return start - now


def element_time(k: Constants, s: State, block: int, u: int, atomic: int, kind: int, now: int) -> int:
    """Cycles a DMA engine waits for one indexed element."""
    if u < k.dram_offset:
        return spad_access(k, s, block, u, k.spad_atomic if atomic else 1, kind, now) - now
    if atomic:
        return dram_access(k, s, block, u, 2 * k.access_bytes, kind, now) - now + k.atomic_latency
    return dram_access(k, s, block, u, k.access_bytes, kind, now) - now

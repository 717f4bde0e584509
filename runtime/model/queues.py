"""Hardware queues of 64-bit entries, first in first out, with waiting on both sides.

Queue `q` of block `b` has the number `b * queues + q`.  A push into an empty queue with a waiting thread
hands the value over; a pop from a full one lets the longest waiting push in.  Each block's engine takes
one operation per cycle.
"""

from __future__ import annotations

from runtime.faults import FaultKind
from runtime.model.constants import EV_ACQUIRE, EV_RELEASE, WAIT_POP, WAIT_PUSH, Constants
from runtime.model.intrinsics import observe
from runtime.model.resources import block_of, fault, network
from runtime.model.state import State
from runtime.model.threads import resume, set_register, suspend

BAD_QUEUE = int(FaultKind.BAD_QUEUE)


def queue_time(k: Constants, s: State, t: int, q: int, now: int) -> int:
    """Completion time of one operation on queue `q`."""
    home = q // k.queues
    start = now
    if s.queue_free[home] > start:
        start = s.queue_free[home]
    s.queue_free[home] = start + 1
    return start + k.queue_latency + network(k, s, block_of(k, t), home, 8, now)


def longest_waiting(k: Constants, s: State, kind: int, q: int) -> int:
    """The thread that waits longest for this side of the queue."""
    best = -1
    for t in range(k.slots):
        if s.wait_kind[t] == kind and s.wait_key[t] == q and (best < 0 or s.wait_seq[t] < s.wait_seq[best]):
            best = t
    return best


def enqueue(k: Constants, s: State, q: int, value: int) -> int:
    """Append; there is room."""
    s.queue_data[q * k.queue_entries + (s.queue_head[q] + s.queue_size[q]) % k.queue_entries] = value
    s.queue_size[q] += 1
    return 0


def dequeue(k: Constants, s: State, q: int, when: int) -> int:
    """Take the oldest entry and let a waiting push in."""
    value = s.queue_data[q * k.queue_entries + s.queue_head[q]]
    s.queue_head[q] = (s.queue_head[q] + 1) % k.queue_entries
    s.queue_size[q] -= 1
    if s.push_waiters[q] > 0:
        pusher = longest_waiting(k, s, WAIT_PUSH, q)
        s.push_waiters[q] -= 1
        enqueue(k, s, q, s.wait_value[pusher])
        resume(s, pusher, when)
    return value


def queue_push(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.qpush`."""
    if a < 0 or a >= k.blocks * k.queues:
        return fault(k, s, BAD_QUEUE, t, pc, a, now)
    done = queue_time(k, s, t, a, now)
    observe(s, EV_RELEASE, t, 1, a)
    if s.queue_size[a] == k.queue_entries:
        s.push_waiters[a] += 1
        s.wait_value[t] = b
        return suspend(s, t, now, pc, WAIT_PUSH, a, 0)
    if s.pop_waiters[a] > 0:
        popper = longest_waiting(k, s, WAIT_POP, a)
        s.pop_waiters[a] -= 1
        set_register(s, popper, s.wait_reg[popper], b)
        observe(s, EV_ACQUIRE, popper, 1, a)
        resume(s, popper, done)
    else:
        enqueue(k, s, a, b)
    return now + k.depth


def queue_pop(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.qpop`."""
    if a < 0 or a >= k.blocks * k.queues:
        return fault(k, s, BAD_QUEUE, t, pc, a, now)
    done = queue_time(k, s, t, a, now)
    if s.queue_size[a] == 0:
        s.pop_waiters[a] += 1
        return suspend(s, t, now, pc, WAIT_POP, a, rd)
    observe(s, EV_ACQUIRE, t, 1, a)
    set_register(s, t, rd, dequeue(k, s, a, done))
    return done


def queue_try_pop(
    k: Constants, s: State, t: int, now: int, pc: int, rd: int, code: int, a: int, b: int, c: int, d: int, e: int
) -> int:
    """`piuma.qtrypop`."""
    if a < 0 or a >= k.blocks * k.queues:
        return fault(k, s, BAD_QUEUE, t, pc, a, now)
    done = queue_time(k, s, t, a, now)
    value = -1
    if s.queue_size[a] > 0:
        observe(s, EV_ACQUIRE, t, 1, a)
        value = dequeue(k, s, a, done)
    set_register(s, t, rd, value)
    return done

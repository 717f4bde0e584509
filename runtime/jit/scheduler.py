"""The compiled tier's scheduler, in the subset: same order as the oracle's, found faster.

A thread carries in `plan` how many register operations it has already executed ahead of their issue: nobody else can see
their effect, so only their issue slots are simulated.  Only when the plan is empty is the thread's next piece of code
called.  Plans are kept bit by bit, bit i of the counts of all threads of a word in one word, and the pipelines of a word
take their turns together, by arithmetic on fields: no branch depends on who is ready or has a plan.  Such branches are as
good as random, and guessing them wrong would cost more than everything else here.

For the same reason a few cycles are arbitrated before their pieces are called: a thread is not due again for
`pipeline_depth` cycles, so that they hardly ever depend on each other, and the processor knows which pieces come next
while it is still in those before.  Where a piece does make somebody due within these cycles, they are taken back.
"""

from __future__ import annotations

from runtime.jit.intrinsics import call_piece, ctz
from runtime.jit.wheel import WHEEL, CompiledConstants, CompiledState, next_event, put, put_far, scan_far, thread_at, wake_engine
from runtime.model.dma import dma_step

RUNNING, FINISHED, FAULTED = 0, 1, 2


def filled(k: CompiledConstants, word: int) -> int:
    """All bits of the fields in which there are any."""
    some = ((word & ~k.highest) + ~k.highest | word) & k.highest
    return some | (some - (some >> k.field - 1 & k.lowest))


def first_of_each(k: CompiledConstants, word: int) -> int:
    """The lowest bit of each field."""
    negative = (~word & ~k.highest) + k.lowest ^ (~word & k.highest)
    return word & negative


def beyond_each(k: CompiledConstants, bits: int) -> int:
    """Above the one bit of each field; nothing in a field without one."""
    below = (bits | k.highest) - k.lowest ^ (~bits & k.highest)
    return ~(bits | below)


def issue(k: CompiledConstants, s: CompiledState, w: int, due: int, at: int) -> int:
    """Every pipeline of a word issues once, those of a word together; the threads whose pieces are to be called."""
    above = due & s.above[w]
    bits = first_of_each(k, above | due & ~filled(k, above))
    s.above[w] = beyond_each(k, bits) | s.above[w] & ~filled(k, bits)
    s.ready_words[w] = due ^ bits
    planned = bits & plans_of(s, w)
    count_down(s, w, planned)
    s.wheel[((at + k.depth) & (WHEEL - 1)) * k.words + w] |= planned
    return bits ^ planned


def plans_of(s: CompiledState, w: int) -> int:
    """The threads of a word that have a plan."""
    return s.plan[w * 4] | s.plan[w * 4 + 1] | s.plan[w * 4 + 2] | s.plan[w * 4 + 3]


def count_down(s: CompiledState, w: int, threads: int) -> int:
    """One operation of each of these plans is issued: their counts, one bit to a word, all at once."""
    borrow = threads
    for i in range(4):
        old = s.plan[w * 4 + i]
        s.plan[w * 4 + i] = old ^ borrow
        borrow = borrow & ~old
    return 0


def count_up(s: CompiledState, w: int, threads: int) -> int:
    """The contrary."""
    carry = threads
    for i in range(4):
        old = s.plan[w * 4 + i]
        s.plan[w * 4 + i] = old ^ carry
        carry = carry & old
    return 0


def note_calls(k: CompiledConstants, s: CompiledState, w: int, calls: int, at: int) -> int:
    """Append the pieces of a word's threads to those to be called: at most one for each pipeline."""
    n = s.calls[0]
    for _ in range(k.per_word):
        s.call_bit[n] = w * 64 + ctz(calls)  # whatever it says of no thread is not counted
        s.call_cycle[n] = at
        n += calls != 0
        calls = calls & (calls - 1)
    s.calls[0] = n
    return 0


def arbitrate(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """Issue in the cycles from `now` to `end`, or to the first in which engines are due; the cycle after them."""
    s.calls[0] = 0
    at = now
    engines = 0
    while at < end and engines == 0:
        row = (at & (WHEEL - 1)) * k.words
        for w in range(k.pipe_words):
            i = (at - now) * k.pipe_words + w
            due = s.wheel[row + w]
            ready = s.ready_words[w]
            s.due_before[i] = due
            s.ready_before[i] = ready
            s.above_before[i] = s.above[w]
            s.counted[i] = 0
            due = due | ready
            if due != 0:
                s.active[0] = at
                s.wheel[row + w] = 0
                calls = issue(k, s, w, due, at)
                s.counted[i] = due ^ s.ready_words[w] ^ calls
                note_calls(k, s, w, calls, at)
        for w in range(k.engine_words):
            engines = engines | s.wheel[row + k.pipe_words + w]
        at += 1
    return at


def take_back(k: CompiledConstants, s: CompiledState, now: int, first: int, end: int) -> int:
    """Undo the arbitration of the cycles from `first` on."""
    for at in range(first, end):
        row = (at & (WHEEL - 1)) * k.words
        later = ((at + k.depth) & (WHEEL - 1)) * k.words
        for w in range(k.pipe_words):
            i = (at - now) * k.pipe_words + w
            s.wheel[row + w] |= s.due_before[i]
            s.wheel[later + w] = s.wheel[later + w] & ~s.counted[i]
            count_up(s, w, s.counted[i])
    for w in range(k.pipe_words):
        i = (first - now) * k.pipe_words + w
        s.ready_words[w] = s.ready_before[i]
        s.above[w] = s.above_before[i]
    return 0


def call_pieces(k: CompiledConstants, s: CompiledState) -> int:
    """Run the pieces to be called, up to the horizon; -1 on a fault."""
    i = 0
    while i < s.calls[0] and s.call_cycle[i] < s.horizon[0]:
        now = s.call_cycle[i]
        s.clock[0] = now
        bit = s.call_bit[i]
        t = thread_at(k, bit)
        when = call_piece(s, s.pc[t], t, now)
        if when > 0:
            if when - now < WHEEL:
                put(k, s, bit, when)
            else:
                put_far(k, s, t, when)
        elif when == -2:
            return -1
        i += 1
    return 0


def step_engines(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """Every due engine, in order; -1 on a fault."""
    row = (now & (WHEEL - 1)) * k.words + k.pipe_words
    for w in range(k.engine_words):
        due = s.wheel[row + w]
        s.wheel[row + w] = 0
        while due != 0:
            s.active[0] = now
            e = w * 64 + ctz(due)
            due = due & (due - 1)
            when = dma_step(k, s, e, now)
            if when > 0:
                wake_engine(k, s, e, when)
            elif when == -2:
                return -1
    return 0


def some_cycles(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """Simulate as many cycles as are known to hold; the cycle after them, -1 on a fault."""
    end = arbitrate(k, s, now, end)
    s.horizon[0] = end
    if call_pieces(k, s) < 0:
        return -1
    following = s.horizon[0]
    s.horizon[0] = 0
    if following < end:
        take_back(k, s, now, following, end)
        s.ahead[0] = 1
    else:
        s.ahead[0] = k.ahead
    s.clock[0] = following - 1
    if step_engines(k, s, following - 1) < 0:
        return -1
    return following


def is_idle(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """Nothing is due."""
    row = (now & (WHEEL - 1)) * k.words
    some = 0
    for w in range(k.pipe_words):
        some = some | s.ready_words[w] | s.wheel[row + w]
    for w in range(k.engine_words):
        some = some | s.wheel[row + k.pipe_words + w]
    return some == 0


def run(k: CompiledConstants, s: CompiledState, until: int) -> int:
    """Simulate the cycles before `until`."""
    now = s.clock[0]
    while now < until:
        s.clock[0] = now
        if s.far_count[0] > 0 and now >= s.far_check[0]:
            scan_far(k, s, now)
        end = now + s.ahead[0] + 1
        if end > until:
            end = until
        if s.far_count[0] > 0 and end > s.far_check[0]:
            end = s.far_check[0]
        now = some_cycles(k, s, now, end)
        if now < 0:
            return FAULTED
        if is_idle(k, s, now):
            now = next_event(k, s, now - 1)
            if now < 0:
                s.clock[0] = s.active[0]
                return FINISHED
    s.clock[0] = now
    return RUNNING

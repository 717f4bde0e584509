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
from runtime.jit.wheel import (
    WHEEL,
    CompiledConstants,
    CompiledState,
    next_event,
    put,
    put_far,
    scan_far,
    thread_at,
    wake_engine,
)
from runtime.model.dma import dma_step

RUNNING, FINISHED, FAULTED = 0, 1, 2


def below_each(k: CompiledConstants, bits: int) -> int:
    """Of each field, what is under its lowest bit; without that bit, all but the highest of them."""
    return (bits | k.highest) - k.lowest


def empty(k: CompiledConstants, bits: int, below: int) -> int:
    """The highest bits of the fields in which there are none, as `below_each` knows."""
    return ~(bits | below) & k.highest


def whole(k: CompiledConstants, highest: int, lowest: int) -> int:
    """All bits of the fields of these, the highest and the lowest bit of each."""
    return highest | highest - lowest


def count_up(s: CompiledState, w: int, threads: int) -> int:
    """Give these threads' plans an operation back."""
    carry = threads
    for i in range(4):
        old = s.plan[w * 4 + i]
        s.plan[w * 4 + i] = old ^ carry
        carry = carry & old
    return 0


def first_engines(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """The cycle after the first in which engines are due, which may change everything; at most `end`."""
    at = now
    while at < end:
        engines = 0
        for w in range(k.engine_words):
            engines = engines | s.wheel[(at & (WHEEL - 1)) * k.words + k.pipe_words + w]
        at += 1
        if engines != 0:
            return at
    return end


def some_due(k: CompiledConstants, s: CompiledState, w: int, now: int, end: int) -> int:
    """Any thread of a word in any of the cycles."""
    some = s.ready_words[w]
    for at in range(now, end):
        some = some | s.wheel[(at & (WHEEL - 1)) * k.words + w]
    return some


def arbitrate(k: CompiledConstants, s: CompiledState, w: int, now: int, end: int) -> int:
    """Issue the threads of a word in the cycles from `now` to `end`: every pipeline one, those of a word together.

    A pipeline takes the lowest of the threads that are not `passed`, or of all.  Each cycle waits for what the one before
    left in `ready` and `passed`, so few steps may lie between: what only depends on `due` is not among them.
    The counts of the plans are in four words, one bit in each: to count down is the same for all threads at once.
    """
    ready = s.ready_words[w]
    passed = s.passed[w]
    plan0 = s.plan[w * 4]
    plan1 = s.plan[w * 4 + 1]
    plan2 = s.plan[w * 4 + 2]
    plan3 = s.plan[w * 4 + 3]
    active = s.active[0]
    i = w
    for at in range(now, end):
        row = (at & (WHEEL - 1)) * k.words + w
        due = s.wheel[row]
        s.wheel[row] = 0
        s.due_before[i] = due
        s.passed_before[i] = passed
        due = due | ready
        active = at if due != 0 else active
        below = below_each(k, due)
        first = due & ~below
        none = empty(k, due, below)
        none_low = none >> k.field - 1 & k.lowest
        further = due & ~passed
        below = below_each(k, further)
        again = empty(k, further, below)
        bits = further & ~below | first & whole(k, again, again >> k.field - 1 & k.lowest)
        passed = bits + (none_low - k.lowest) | bits | passed & whole(k, none, none_low)
        ready = due ^ bits
        counted = bits & (plan0 | plan1 | plan2 | plan3)
        borrow = counted & ~plan0
        plan0 = plan0 ^ counted
        borrow_more = borrow & ~plan1
        plan1 = plan1 ^ borrow
        borrow = borrow_more & ~plan2
        plan2 = plan2 ^ borrow_more
        plan3 = plan3 ^ borrow
        s.counted[i] = counted
        s.called[i] = bits ^ counted
        s.wheel[((at + k.depth) & (WHEEL - 1)) * k.words + w] |= counted
        i += k.pipe_words
    s.ready_words[w] = ready
    s.passed[w] = passed
    s.plan[w * 4] = plan0
    s.plan[w * 4 + 1] = plan1
    s.plan[w * 4 + 2] = plan2
    s.plan[w * 4 + 3] = plan3
    s.active[0] = active
    return 0


def arbitrate_all(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """Issue in these cycles, and note whose pieces are to be called."""
    for w in range(k.pipe_words):
        if k.pipe_words == 1 or some_due(k, s, w, now, end) != 0:
            arbitrate(k, s, w, now, end)
        else:
            for at in range(now, end):
                undo_nothing(k, s, w, (at - now) * k.pipe_words + w)
    s.calls[0] = 0
    i = 0
    for at in range(now, end):
        for w in range(k.pipe_words):
            note_calls(k, s, w, s.called[i], at)
            i += 1
    return 0


def undo_nothing(k: CompiledConstants, s: CompiledState, w: int, i: int) -> int:
    """What to take back of a word of whose threads none was due."""
    s.due_before[i] = 0
    s.passed_before[i] = s.passed[w]
    s.counted[i] = 0
    s.called[i] = 0
    return 0


def note_calls(k: CompiledConstants, s: CompiledState, w: int, calls: int, at: int) -> int:
    """Append a word's threads to those whose pieces are to be called: at most one for each pipeline."""
    n = s.calls[0]
    for _ in range(2):
        s.call_bit[n] = w * 64 + ctz(calls)  # whatever it says of no thread is not counted
        s.call_cycle[n] = at
        n += calls != 0
        calls = calls & (calls - 1)
    while calls != 0:
        s.call_bit[n] = w * 64 + ctz(calls)
        s.call_cycle[n] = at
        n += 1
        calls = calls & (calls - 1)
    s.calls[0] = n
    return 0


def take_back(k: CompiledConstants, s: CompiledState, now: int, first: int, end: int) -> int:
    """Undo the arbitration of the cycles from `first` on."""
    for w in range(k.pipe_words):
        at = end
        while at > first:
            at -= 1
            i = (at - now) * k.pipe_words + w
            row = (at & (WHEEL - 1)) * k.words + w
            later = ((at + k.depth) & (WHEEL - 1)) * k.words + w
            s.wheel[row] |= s.due_before[i]
            s.wheel[later] = s.wheel[later] & ~s.counted[i]
            s.ready_words[w] = s.ready_words[w] ^ s.counted[i] ^ s.called[i] ^ s.due_before[i]
            count_up(s, w, s.counted[i])
        s.passed[w] = s.passed_before[(first - now) * k.pipe_words + w]
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
    end = first_engines(k, s, now, end)
    arbitrate_all(k, s, now, end)
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

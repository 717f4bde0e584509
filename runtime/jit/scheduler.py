"""The compiled tier's scheduler, in the subset: same order as the oracle's, found faster.

A thread carries in `plan` how many register operations it has already executed ahead of their issue: nobody else can see
their effect, so only their issue slots are simulated.  Only when the plan is empty is the thread's next piece of code
called.  Plans are kept bit by bit, bit i of the counts of all threads of a word in one word, and the pipelines of a word
take their turns together (`runtime.jit.arbitration`): no branch depends on who is ready or has a plan.  Such branches are
as good as random, and guessing them wrong would cost more than everything else here.

For the same reason a few cycles are arbitrated before their pieces are called: a thread is not due again for
`pipeline_depth` cycles, so that they hardly ever depend on each other, and the processor knows which pieces come next
while it is still in those before.  Where a piece, or an engine that steps between them, does make somebody due within
these cycles, they are taken back.
"""

from __future__ import annotations

from runtime.jit.intrinsics import arbitrate, call_piece, ctz
from runtime.jit.wheel import (
    CALL_SHIFT,
    NEVER,
    PLANES,
    WHEEL,
    WHEEL_SHIFT,
    CompiledConstants,
    CompiledState,
    next_event,
    put,
    put_far,
    scan_far,
    thread_at,
)
from runtime.model.constants import FAULT
from runtime.model.dma import dma_step

RUNNING, FINISHED, FAULTED = 0, 1, 2


def count_up(k: CompiledConstants, s: CompiledState, w: int, threads: int) -> int:
    """Give these threads' plans an operation back."""
    carry = threads
    for i in range(PLANES):
        old = s.plan[i * k.plane + w]
        s.plan[i * k.plane + w] = old ^ carry
        carry = carry & old
    return 0


def some_due(k: CompiledConstants, s: CompiledState, w: int, now: int, end: int) -> int:
    """Any thread of a word in any of the cycles."""
    some = s.ready_words[w]
    for at in range(now, end):
        some = some | s.wheel[(at & (WHEEL - 1)) * k.pipe_words + w]
    return some


def arbitrate_all(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """Issue in these cycles, and note whose pieces are to be called: how many."""
    for w in range(k.pipe_words):
        if k.pipe_words == 1 or some_due(k, s, w, now, end) != 0:
            arbitrate(s, w, now, end)
        else:
            for i in range(end - now):
                undo_nothing(k, s, w, i * k.pipe_words + w)
    n = 0
    i = 0
    for at in range(now, end):
        for w in range(k.pipe_words):
            n = note_calls(s, w, s.called[i], at, n)
            i += 1
    return n


def undo_nothing(k: CompiledConstants, s: CompiledState, w: int, i: int) -> int:
    """What to take back of a word of whose threads none was due."""
    s.due_before[i] = 0
    s.passed_before[i] = s.passed[w]
    s.counted[i] = 0
    s.called[i] = 0
    return 0


def note_calls(s: CompiledState, w: int, called: int, at: int, n: int) -> int:
    """Append a word's threads to the `n` whose pieces are to be called: at most one for each pipeline; how many there are now."""
    head = (at << CALL_SHIFT) + w * 64
    for _ in range(2):
        s.calls[n] = head + ctz(called)  # whatever it says of no thread is not counted
        n += called != 0
        called = called & (called - 1)
    while called != 0:
        s.calls[n] = head + ctz(called)
        n += 1
        called = called & (called - 1)
    return n


def take_back(k: CompiledConstants, s: CompiledState, now: int, first: int, end: int) -> int:
    """Undo the arbitration of the cycles from `first` on."""
    for w in range(k.pipe_words):
        at = end
        while at > first:
            at -= 1
            i = (at - now) * k.pipe_words + w
            row = (at & (WHEEL - 1)) * k.pipe_words + w
            later = ((at + k.depth) & (WHEEL - 1)) * k.pipe_words + w
            s.wheel[row] |= s.due_before[i]
            s.wheel[later] = s.wheel[later] & ~s.counted[i]
            s.ready_words[w] = s.ready_words[w] ^ s.counted[i] ^ s.called[i] ^ s.due_before[i]
            count_up(k, s, w, s.counted[i])
        s.passed[w] = s.passed_before[(first - now) * k.pipe_words + w]
    return 0


def call_pieces(k: CompiledConstants, s: CompiledState, n: int) -> int:
    """Run the `n` pieces to be called, up to the cut, and engines between; -1 on a fault."""
    i = 0
    while i < n:
        now = s.calls[i] >> CALL_SHIFT
        if now >= s.horizon[0]:
            if step_engines(k, s, now) < 0:
                return -1
            if now >= s.cut[0]:
                return 0
        s.clock[0] = now
        bit = s.calls[i] & (1 << CALL_SHIFT) - 1
        t = thread_at(k, bit)
        when = call_piece(s, s.pc[t], t, now)
        if when - now >> WHEEL_SHIFT == 0:
            put(k, s, bit, when)
        elif when > 0:
            put_far(k, s, t, when)
        elif when == FAULT:
            return -1
        i += 1
    return 0


def step_engines(k: CompiledConstants, s: CompiledState, end: int) -> int:
    """Every step of an engine before `end` and the cut, in order; -1 on a fault."""
    while s.engine_next[0] < end and s.engine_next[0] < s.cut[0]:
        now = s.engine_next[0]
        s.clock[0] = now
        s.active[0] = now
        following = NEVER
        for e in range(k.engines):
            if s.engine_at[e] == now:
                when = dma_step(k, s, e, now)
                if when == FAULT:
                    return -1
                s.engine_at[e] = when if when > 0 else NEVER
            following = s.engine_at[e] if s.engine_at[e] < following else following
        s.engine_next[0] = following
    s.horizon[0] = s.cut[0] if s.cut[0] <= s.engine_next[0] else s.engine_next[0] + 1
    return 0


def some_cycles(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """Simulate as many cycles as are known to hold; the cycle after them, -1 on a fault."""
    n = arbitrate_all(k, s, now, end)
    s.cut[0] = end
    s.horizon[0] = end if end <= s.engine_next[0] else s.engine_next[0] + 1
    if call_pieces(k, s, n) < 0:
        return -1
    if s.engine_next[0] < end and step_engines(k, s, end) < 0:
        return -1
    following = s.cut[0]
    s.cut[0] = 0
    s.horizon[0] = 0
    if following < end:
        take_back(k, s, now, following, end)
        s.ahead[0] = 1
    else:
        s.ahead[0] = k.ahead
    return following


def is_idle(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """No thread is due."""
    row = (now & (WHEEL - 1)) * k.pipe_words
    some = 0
    for w in range(k.pipe_words):
        some = some | s.ready_words[w] | s.wheel[row + w]
    return some == 0


def note_active(k: CompiledConstants, s: CompiledState, now: int, end: int) -> int:
    """Remember the last of these cycles in which anything was due."""
    for i in range((end - now) * k.pipe_words):
        at = now + i // k.pipe_words
        if s.counted[i] | s.called[i] != 0 and at > s.active[0]:
            s.active[0] = at
    return 0


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
        begun = now
        now = some_cycles(k, s, now, end)
        if now < 0:
            return FAULTED
        if is_idle(k, s, now):
            note_active(k, s, begun, now)
            now = next_event(k, s, now - 1)
            if now < 0:
                s.clock[0] = s.active[0]
                return FINISHED
    s.clock[0] = now
    return RUNNING

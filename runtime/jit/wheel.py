"""The compiled tier's event queue, in the subset: who may issue when.

A wheel of WHEEL rows, one per cycle, holds a bit for each thread and engine that is due then: pipelines in fields of
`field` bits, as many as go into a word, then words of engines.  What lies further ahead waits in `far` and is moved into
the wheel every WHEEL / 2 cycles.

The scheduler arbitrates a few cycles ahead of what the threads do in them: whoever becomes due in one of these cycles
lowers `horizon`, and what was arbitrated from there on is taken back.
"""

from __future__ import annotations

from runtime.model.constants import Constants
from runtime.model.state import State
from runtime.semantics import signed

WHEEL = 256
HALF = 128
AHEAD = 4
"""Cycles that are arbitrated together, at most."""


class CompiledConstants(Constants):
    """What the scheduler needs to know besides the machine."""

    field: int
    highest: int
    """The highest bit of every field of a word."""
    lowest: int
    per_word: int
    pipe_words: int
    engine_words: int
    words: int
    ahead: int
    """Cycles that are arbitrated together, beyond the first."""


class CompiledState(State):
    """The scheduler's own arrays."""

    wheel: list[int]
    ready_words: list[int]
    passed: list[int]
    """Of each pipeline, the threads up to the one that issued last."""
    plan: list[int]
    far: list[int]
    far_count: list[int]
    far_check: list[int]
    horizon: list[int]
    """The first cycle that is not arbitrated yet, or must be once more; 0 when none is ahead."""
    ahead: list[int]
    """Cycles to arbitrate together next, beyond the first: none after some had to be taken back."""
    active: list[int]
    """The last cycle in which anything was due."""
    calls: list[int]
    """How many pieces are to be called in the cycles ahead; then for each its thread's bit, and its cycle."""
    call_bit: list[int]
    call_cycle: list[int]
    due_before: list[int]
    """For each cycle ahead and word, what it takes to undo it."""
    passed_before: list[int]
    counted: list[int]
    called: list[int]
    """The threads of each cycle ahead and word whose pieces are to be called."""
    memory_base: list[int]


def layout(k: Constants, singles: bool) -> dict[str, int]:
    """How the wheel's rows are divided; the last block's single-threaded pipelines need no place where nothing runs on them."""
    field = 1 << (k.stride - 1).bit_length()
    per_word = 64 // field
    pipes = k.pipes if singles else k.pipes - k.pipes_per_block + k.pipelines
    pipe_words = -(-pipes // per_word)
    engine_words = -(-k.engines // 64)
    lowest = sum(1 << at for at in range(0, 64, field))
    return {
        "field": field,
        "highest": signed(lowest << (field - 1)),
        "lowest": lowest,
        "per_word": per_word,
        "pipe_words": pipe_words,
        "engine_words": engine_words,
        "words": pipe_words + engine_words,
        "ahead": min(AHEAD, k.depth) - 1,
    }


def scheduler_sizes(k: Constants, singles: bool) -> dict[str, int]:
    """Length of the scheduler's arrays."""
    shape = layout(k, singles)
    undone = dict.fromkeys(("due_before", "passed_before", "counted", "called"), AHEAD * shape["pipe_words"])
    calls = AHEAD * shape["pipe_words"] * shape["per_word"] + shape["per_word"]
    return {
        "wheel": WHEEL * shape["words"],
        "ready_words": shape["pipe_words"],
        "passed": shape["pipe_words"],
        "plan": 4 * shape["pipe_words"],
        "far": k.slots + k.engines,
        "far_count": 1,
        "far_check": 1,
        **dict.fromkeys(("horizon", "ahead", "active", "calls"), 1),
        "call_bit": calls,
        "call_cycle": calls,
        **undone,
        "memory_base": 1,
    }


def position(k: CompiledConstants, t: int) -> int:
    """The bit of a thread in a row of the wheel."""
    return t // k.stride * k.field + t % k.stride


def thread_at(k: CompiledConstants, bit: int) -> int:
    """The thread of a bit."""
    return bit // k.field * k.stride + (bit & (k.field - 1))


def put(k: CompiledConstants, s: CompiledState, bit: int, when: int) -> int:
    """Set a bit in the wheel; `when` is less than WHEEL ahead."""
    if when < s.horizon[0]:
        s.horizon[0] = when
    s.wheel[(when & (WHEEL - 1)) * k.words + (bit >> 6)] |= 1 << (bit & 63)
    return 0


def put_far(k: CompiledConstants, s: CompiledState, who: int, when: int) -> int:
    """Remember a time beyond the wheel."""
    if s.far_count[0] == 0:
        s.far_check[0] = s.clock[0] + HALF
    s.far[who] = when
    s.far_count[0] += 1
    return 0


def wake(k: CompiledConstants, s: CompiledState, t: int, when: int) -> int:
    """Thread `t` may issue from `when` on."""
    if when - s.clock[0] >= WHEEL:
        return put_far(k, s, t, when)
    return put(k, s, position(k, t), when)


def wake_engine(k: CompiledConstants, s: CompiledState, e: int, when: int) -> int:
    """Engine `e` steps at `when`."""
    if when - s.clock[0] >= WHEEL:
        return put_far(k, s, k.slots + e, when)
    if when + 1 < s.horizon[0]:
        s.horizon[0] = when + 1  # the engines of a cycle take their steps after its threads
    s.wheel[(when & (WHEEL - 1)) * k.words + k.pipe_words + (e >> 6)] |= 1 << (e & 63)
    return 0


def begin(k: CompiledConstants, s: CompiledState, t: int, entry: int, when: int) -> int:
    """Point a fresh thread at a piece of code."""
    s.pc[t] = entry
    return wake(k, s, t, when)


def scan_far(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """Move what has come near into the wheel."""
    for who in range(k.slots + k.engines):
        when = s.far[who]
        if when != 0 and when - now < WHEEL:
            s.far[who] = 0
            s.far_count[0] -= 1
            if who < k.slots:
                wake(k, s, who, when)
            else:
                wake_engine(k, s, who - k.slots, when)
    s.far_check[0] = now + HALF
    return 0


def next_event(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """The next cycle in which anything happens (or `far` must be looked at), or -1."""
    for ahead in range(1, WHEEL):
        if s.far_count[0] > 0 and now + ahead >= s.far_check[0]:
            return now + ahead
        row = ((now + ahead) & (WHEEL - 1)) * k.words
        for w in range(k.words):
            if s.wheel[row + w] != 0:
                return now + ahead
    return -1

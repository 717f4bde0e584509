"""The compiled tier's event queue, in the subset: who may issue when.

A wheel of WHEEL rows, one per cycle, holds a bit for each thread that is due then: pipelines in fields of `field` bits,
as many as go into a word.  What lies further ahead waits in `far` and is moved into the wheel every WHEEL / 2 cycles.
Engines are few: the cycle of each one's next step is kept as it is, and the earliest of them.

The scheduler arbitrates a few cycles ahead of what the threads do in them: whoever becomes due in one of these cycles
lowers `cut`, and what was arbitrated from there on is taken back.
"""

from __future__ import annotations

from runtime.model.constants import Constants
from runtime.model.state import State
from runtime.semantics import signed

WHEEL_SHIFT = 8
WHEEL = 1 << WHEEL_SHIFT
HALF = 128
AHEAD = 4
"""Cycles that are arbitrated together, at most."""
PLANES = 4
"""Bits of the count of operations that a thread has executed ahead."""
NEVER = 1 << 62
"""The next step of an engine that has nothing to do."""
CALL_SHIFT = 20
"""A call is noted as its cycle, shifted by this, and its thread's bit."""
NARROWEST = 8
"""Fewest bits of a field: what the processor can do with all fields of a word at once."""


class CompiledConstants(Constants):
    """What the scheduler needs to know besides the machine."""

    field: int
    highest: int
    """The highest bit of every field of a word."""
    lowest: int
    per_word: int
    pipe_words: int
    plane: int
    """From one bit of the plans to the next: a cache line at least, that no two are taken for one wide word."""
    ahead: int
    """Cycles that are arbitrated together, beyond the first."""


class CompiledState(State):
    """The scheduler's own arrays."""

    wheel: list[int]
    ready_words: list[int]
    passed: list[int]
    """Of each pipeline, the threads up to the one that issued last."""
    plan: list[int]
    """Of each word four more, for bit i of its threads' counts of operations executed ahead; bit by bit, a cache line apart."""
    far: list[int]
    far_count: list[int]
    far_check: list[int]
    engine_at: list[int]
    """When each engine takes its next step, or NEVER."""
    engine_next: list[int]
    """The earliest of them."""
    cut: list[int]
    """The first cycle that is not arbitrated yet, or must be once more; 0 when none is ahead."""
    horizon: list[int]
    """The first cycle before whose calls something is to be seen to: the cut, or engines that step before."""
    ahead: list[int]
    """Cycles to arbitrate together next, beyond the first: none after some had to be taken back."""
    active: list[int]
    """The last cycle in which anything was due."""
    calls: list[int]
    """The pieces to be called in the cycles ahead."""
    due_before: list[int]
    """For each cycle ahead and word, what it takes to undo it."""
    passed_before: list[int]
    counted: list[int]
    called: list[int]
    """The threads of each cycle ahead and word whose pieces are to be called."""
    memory_base: list[int]


def layout(k: Constants, singles: bool) -> dict[str, int]:
    """How the wheel's rows are divided; the last block's single-threaded pipelines need no place where nothing runs on them."""
    field = max(NARROWEST, 1 << (k.stride - 1).bit_length())
    per_word = 64 // field
    pipes = k.pipes if singles else k.pipes - k.pipes_per_block + k.pipelines
    pipe_words = -(-pipes // per_word)
    lowest = sum(1 << at for at in range(0, 64, field))
    return {
        "field": field,
        "highest": signed(lowest << (field - 1)),
        "lowest": lowest,
        "per_word": per_word,
        "pipe_words": pipe_words,
        "plane": -(-pipe_words // 8) * 8,
        "ahead": min(AHEAD, k.depth) - 1,
    }


def scheduler_sizes(k: Constants, singles: bool) -> dict[str, int]:
    """Length of the scheduler's arrays."""
    shape = layout(k, singles)
    undone = dict.fromkeys(("due_before", "passed_before", "counted", "called"), AHEAD * shape["pipe_words"])
    calls = AHEAD * shape["pipe_words"] * shape["per_word"] + shape["per_word"]
    return {
        "wheel": WHEEL * shape["pipe_words"],
        "ready_words": shape["pipe_words"],
        "passed": shape["pipe_words"],
        "plan": PLANES * shape["plane"],
        "far": k.slots,
        "far_count": 1,
        "far_check": 1,
        "engine_at": k.engines,
        **dict.fromkeys(("engine_next", "cut", "horizon", "ahead", "active"), 1),
        "calls": calls,
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
    if when < s.cut[0]:
        s.cut[0] = when
        if when < s.horizon[0]:
            s.horizon[0] = when
    s.wheel[(when & (WHEEL - 1)) * k.pipe_words + (bit >> 6)] |= 1 << (bit & 63)
    return 0


def put_far(k: CompiledConstants, s: CompiledState, t: int, when: int) -> int:
    """Remember a time beyond the wheel."""
    if s.far_count[0] == 0:
        s.far_check[0] = s.clock[0] + HALF
    s.far[t] = when
    s.far_count[0] += 1
    return 0


def wake(k: CompiledConstants, s: CompiledState, t: int, when: int) -> int:
    """Thread `t` may issue from `when` on."""
    if when - s.clock[0] >= WHEEL:
        return put_far(k, s, t, when)
    return put(k, s, position(k, t), when)


def wake_engine(k: CompiledConstants, s: CompiledState, e: int, when: int) -> int:
    """Engine `e` steps at `when`."""
    s.engine_at[e] = when
    if when < s.engine_next[0]:
        s.engine_next[0] = when
    if when + 1 < s.horizon[0]:
        s.horizon[0] = when + 1  # the engines of a cycle take their steps after its threads
    return 0


def begin(k: CompiledConstants, s: CompiledState, t: int, entry: int, when: int) -> int:
    """Point a fresh thread at a piece of code."""
    s.pc[t] = entry
    return wake(k, s, t, when)


def scan_far(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """Move what has come near into the wheel."""
    for t in range(k.slots):
        when = s.far[t]
        if when != 0 and when - now < WHEEL:
            s.far[t] = 0
            s.far_count[0] -= 1
            wake(k, s, t, when)
    s.far_check[0] = now + HALF
    return 0


def next_event(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """The next cycle in which anything happens (or `far` must be looked at), or -1."""
    last = now + WHEEL
    if s.far_count[0] > 0 and s.far_check[0] < last:
        last = s.far_check[0]
    if s.engine_next[0] < last:
        last = s.engine_next[0]
    at = now + 1
    while at < last:
        for w in range(k.pipe_words):
            if s.wheel[(at & (WHEEL - 1)) * k.pipe_words + w] != 0:
                return at
        at += 1
    if at < now + WHEEL:
        return at
    return s.engine_next[0] if s.engine_next[0] < NEVER else -1

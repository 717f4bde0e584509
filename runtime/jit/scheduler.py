"""The compiled tier's scheduler, in the subset: same order as the oracle's, found faster.

A wheel of WHEEL rows, one per cycle, holds a bit for each thread and engine that is due then: pipelines in fields of
`field` bits, as many as go into a word, then words of engines.  What lies further ahead waits in `far` and is moved into
the wheel every WHEEL / 2 cycles.

A thread carries in `plan` how many register operations it has already executed ahead of their issue: nobody else can see
their effect, so only their issue slots are simulated.  Only when the plan is empty is the thread's next piece of code
called.  Plans are kept bit by bit, bit i of the counts of all threads of a word in one word, and the pipelines of a word
take their turns together, by arithmetic on fields: no branch depends on who is ready or has a plan.  Such branches are as
good as random, and guessing them wrong would cost more than everything else here.
"""

from __future__ import annotations

from runtime.jit.intrinsics import call_piece, ctz
from runtime.model.constants import Constants
from runtime.model.dma import dma_step
from runtime.model.state import State
from runtime.semantics import signed

WHEEL = 256
HALF = 128

RUNNING, FINISHED, FAULTED = 0, 1, 2


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


class CompiledState(State):
    """The scheduler's own arrays."""

    wheel: list[int]
    ready_words: list[int]
    above: list[int]
    plan: list[int]
    far: list[int]
    far_count: list[int]
    far_check: list[int]
    memory_base: list[int]


def layout(k: Constants) -> dict[str, int]:
    """How the wheel's rows are divided."""
    field = 1 << (k.stride - 1).bit_length()
    per_word = 64 // field
    pipe_words = -(-k.pipes // per_word)
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
    }


def scheduler_sizes(k: Constants) -> dict[str, int]:
    """Length of the scheduler's arrays."""
    shape = layout(k)
    return {
        "wheel": WHEEL * shape["words"],
        "ready_words": shape["pipe_words"],
        "above": shape["pipe_words"],
        "plan": 4 * shape["pipe_words"],
        "far": k.slots + k.engines,
        "far_count": 1,
        "far_check": 1,
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
    return put(k, s, k.pipe_words * 64 + e, when)


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


def issue(k: CompiledConstants, s: CompiledState, w: int, due: int, now: int) -> int:
    """Every pipeline of a word issues once, those of a word together; -1 on a fault."""
    above = due & s.above[w]
    bits = first_of_each(k, above | due & ~filled(k, above))
    s.above[w] = beyond_each(k, bits) | s.above[w] & ~filled(k, bits)
    s.ready_words[w] = due ^ bits
    planned = bits & plans_of(s, w)
    count_down(s, w, planned)
    s.wheel[((now + k.depth) & (WHEEL - 1)) * k.words + w] |= planned
    return call_pieces(k, s, w, bits ^ planned, now)


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


def call_pieces(k: CompiledConstants, s: CompiledState, w: int, calls: int, now: int) -> int:
    """Run the pieces of those without a plan; -1 on a fault."""
    while calls != 0:
        bit = w * 64 + ctz(calls)
        t = thread_at(k, bit)
        when = call_piece(s, s.pc[t], t, now)
        if when > 0:
            if when - now < WHEEL:
                s.wheel[(when & (WHEEL - 1)) * k.words + w] |= calls & -calls
            else:
                put_far(k, s, t, when)
        elif when == -2:
            return -1
        calls = calls & (calls - 1)
    return 0


def step_engines(k: CompiledConstants, s: CompiledState, w: int, mask: int, now: int) -> int:
    """Every due engine of a word, in order; -1 on a fault."""
    while mask != 0:
        e = w * 64 + ctz(mask)
        mask = mask & (mask - 1)
        when = dma_step(k, s, e, now)
        if when > 0:
            wake_engine(k, s, e, when)
        elif when == -2:
            return -1
    return 0


def one_cycle(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """Simulate a cycle; 1 when some pipeline has more to issue, 0 when none, -1 on a fault."""
    row = (now & (WHEEL - 1)) * k.words
    busy = 0
    for w in range(k.pipe_words):
        due = s.wheel[row + w] | s.ready_words[w]
        if due != 0:
            s.wheel[row + w] = 0
            if issue(k, s, w, due, now) < 0:
                return -1
            busy = busy | s.ready_words[w]
    for w in range(k.engine_words):
        due = s.wheel[row + k.pipe_words + w]
        if due != 0:
            s.wheel[row + k.pipe_words + w] = 0
            if step_engines(k, s, w, due, now) < 0:
                return -1
    return 1 if busy != 0 else 0


def run(k: CompiledConstants, s: CompiledState, until: int) -> int:
    """Simulate the cycles before `until`."""
    now = s.clock[0]
    while now < until:
        s.clock[0] = now
        if s.far_count[0] > 0 and now >= s.far_check[0]:
            scan_far(k, s, now)
        outcome = one_cycle(k, s, now)
        if outcome < 0:
            return FAULTED
        if outcome > 0:
            now += 1
        else:
            following = next_event(k, s, now)
            if following < 0:
                return FINISHED
            now = following
    s.clock[0] = now
    return RUNNING

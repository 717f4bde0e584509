"""The compiled tier's scheduler, in the subset: same order as the oracle's, found faster.

A wheel of WHEEL rows, one per cycle, holds for each column (a pipeline, or the engines of a block) the
mask of thread slots that become ready then, and in front the mask of columns that have any.  What lies
further ahead waits in `far` and is moved into the wheel every WHEEL / 2 cycles.

A thread carries in `plan` the latencies, four bits each, of the register operations that it has already
executed ahead of their issue: nobody else can see their effect, so only their issue slots are simulated.
Only when the plan is empty is the thread's next piece of code called.
"""

from __future__ import annotations

from runtime.jit.intrinsics import call_piece, ctz
from runtime.model.constants import Constants
from runtime.model.dma import dma_step
from runtime.model.state import State

WHEEL = 512
HALF = 256

RUNNING, FINISHED, FAULTED = 0, 1, 2


class CompiledConstants(Constants):
    """What the scheduler needs to know besides the machine."""

    words: int
    row: int


class CompiledState(State):
    """The scheduler's own arrays."""

    wheel: list[int]
    ready_mask: list[int]
    ready_columns: list[int]
    last: list[int]
    plan: list[int]
    far: list[int]
    far_count: list[int]
    far_check: list[int]
    memory_base: list[int]


def scheduler_sizes(k: Constants) -> dict[str, int]:
    """Length of the scheduler's arrays."""
    columns = k.pipes + k.blocks
    words = (columns + 63) // 64
    return {
        "wheel": WHEEL * (words + columns),
        "ready_mask": k.pipes,
        "ready_columns": words,
        "last": k.pipes,
        "plan": k.slots,
        "far": k.slots + k.engines,
        "far_count": 1,
        "far_check": 1,
        "memory_base": 1,
    }


def put(k: CompiledConstants, s: CompiledState, column: int, slot: int, when: int) -> int:
    """Set a bit in the wheel; `when` is less than WHEEL ahead."""
    row = (when & (WHEEL - 1)) * k.row
    s.wheel[row + k.words + column] |= 1 << slot
    s.wheel[row + (column >> 6)] |= 1 << (column & 63)
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
    return put(k, s, t // k.stride, t % k.stride, when)


def wake_engine(k: CompiledConstants, s: CompiledState, e: int, when: int) -> int:
    """Engine `e` steps at `when`."""
    if when - s.clock[0] >= WHEEL:
        return put_far(k, s, k.slots + e, when)
    return put(k, s, k.pipes + e // k.engines_per_block, e % k.engines_per_block, when)


def begin(k: CompiledConstants, s: CompiledState, t: int, entry: int, when: int) -> int:
    """Point a fresh thread at a piece of code."""
    s.pc[t] = entry
    s.plan[t] = 0
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
        row = ((now + ahead) & (WHEEL - 1)) * k.row
        for w in range(k.words):
            if s.wheel[row + w] != 0:
                return now + ahead
    return -1


def issue(k: CompiledConstants, s: CompiledState, pipe: int, mask: int, now: int) -> int:
    """Issue from one pipeline; the mask of slots that stay ready, or -1 on a fault."""
    above = mask & (-2 << s.last[pipe])
    slot = ctz(above) if above != 0 else ctz(mask)
    s.last[pipe] = slot
    t = pipe * k.stride + slot
    plan = s.plan[t]
    if plan != 0:
        s.plan[t] = plan >> 4 & 0xFFFFFFFFFFFFFFF
        put(k, s, pipe, slot, now + (plan & 15))
        return mask & ~(1 << slot)
    when = call_piece(s, s.pc[t], t, now)
    if when > 0:
        if when - now < WHEEL:
            put(k, s, pipe, slot, when)
        else:
            put_far(k, s, t, when)
    elif when == -2:
        s.ready_mask[pipe] = 0
        return -1
    return mask & ~(1 << slot)


def step_engines(k: CompiledConstants, s: CompiledState, block: int, mask: int, now: int) -> int:
    """Every due engine of a block, in order; -1 on a fault."""
    while mask != 0:
        e = block * k.engines_per_block + ctz(mask)
        mask = mask & (mask - 1)
        when = dma_step(k, s, e, now)
        if when > 0:
            wake_engine(k, s, e, when)
        elif when == -2:
            return -1
    return 0


def one_cycle(k: CompiledConstants, s: CompiledState, now: int) -> int:
    """Simulate a cycle; 1 when some pipeline has more to issue, 0 when none, -1 on a fault."""
    row = (now & (WHEEL - 1)) * k.row
    busy = 0
    for w in range(k.words):
        due = s.wheel[row + w] | s.ready_columns[w]
        s.wheel[row + w] = 0
        rest = 0
        while due != 0:
            bit = due & -due
            column = w * 64 + ctz(due)
            due = due ^ bit
            mask = s.wheel[row + k.words + column]
            s.wheel[row + k.words + column] = 0
            if column < k.pipes:
                mask = issue(k, s, column, mask | s.ready_mask[column], now)
                if s.fault[0] != 0:
                    return -1
                s.ready_mask[column] = mask
                if mask != 0:
                    rest = rest | bit
            elif step_engines(k, s, column - k.pipes, mask, now) < 0:
                return -1
        s.ready_columns[w] = rest
        busy = busy | rest
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

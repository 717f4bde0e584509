"""Registers that straight-line code takes once it is scheduled and allocated: LLVM's list scheduler, from the bottom up.

A step is picked when all that needs it stands below it: the one that exceeds the registers of a class least, then the one that other
readers of a copied value wait for least, then the last in the text (GenericScheduler without a policy: what it does on machines that
reorder by themselves). The pressure of that order, and what finds no register in it when what is used farthest ahead goes first
(Belady 1966), are the columns: for a machine whose operations read memory and overwrite an operand, and for one that loads and stores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from costmodel.features.selected import FLOAT, WHOLE, Machine, Step, Value, select
from costmodel.features.straight import largest_block
from costmodel.features.streams import Floats
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block

MACHINES = {"x86": Machine((15, 16), complex=True), "risc": Machine((29, 32), complex=False)}
_CLASSES = ("whole", "float")
_TIMES = {"": 0, "less": 2}
"""Registers that are taken away from each class: what would be lost with fewer says how near the edge is."""


@cache
def scheduled_names() -> tuple[str, ...]:
    """The columns of `scheduled`, in order."""
    return tuple(
        f"{machine} {what}"
        for machine in MACHINES
        for what in (
            "steps",
            "copies",
            "values at the beginning",
            *(f"{kind} in text order" for kind in _CLASSES),
            *(f"{kind} scheduled" for kind in _CLASSES),
            *(f"{kind} over registers" for kind in _CLASSES),
            *(f"{kind} steps without a free register" for kind in _CLASSES),
            *(f"{kind} lost" for kind in _CLASSES),
            *(f"{kind} made again" for kind in _CLASSES),
            "registers taken",
            "lost",
        )
    )


def scheduled(texts: Sequence[Sequence[Line]]) -> Floats:
    """One row a text: of its largest block."""
    blocks = [largest_block(lines) for lines in texts]
    rows = [[number for machine in MACHINES.values() for number in _row(block, machine)] for block in blocks]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(scheduled_names()))


def _row(block: Block, machine: Machine) -> list[float]:
    steps = select(block, machine)
    before = _profile(steps, range(len(steps)))
    order = schedule(steps, machine.registers)
    after = _profile(steps, order)
    most = [max(each, default=0.0) for each in after]
    full = [float(sum(now >= limit for now in each)) for each, limit in zip(after, machine.registers, strict=True)]
    evicted = [_evicted(steps, order, kind, machine.registers[kind]) for kind in (WHOLE, FLOAT)]
    return [
        float(len(steps)),
        float(sum(step.copied is not None for step in steps)),
        float(len({use for step in steps for use in step.uses if isinstance(use, str)})),
        *(max(each, default=0.0) for each in before),
        *most,
        *(each - limit for each, limit in zip(most, machine.registers, strict=True)),
        *full,
        *(lost for lost, _ in evicted),
        *(again for _, again in evicted),
        sum(min(each, float(limit)) for each, limit in zip(most, machine.registers, strict=True)),
        sum(lost for lost, _ in evicted),
    ]


@dataclass(slots=True)
class _Live:
    """Values that are alive above the steps picked so far, and the registers they take."""

    steps: Sequence[Step]
    values: set[Value]
    taken: list[float]

    def change(self, at: int) -> list[float]:
        """What picking a step adds to each class."""
        change = [0.0, 0.0]
        step = self.steps[at]
        if at in self.values:
            change[step.kind] -= step.width
        for use in set(step.uses):
            if use not in self.values:
                kind, width = self.of(use)
                change[kind] += width
        return change

    def of(self, value: Value) -> tuple[int, float]:
        """Class and registers of a value."""
        return (self.steps[value].kind, self.steps[value].width) if isinstance(value, int) else (WHOLE, 1.0)

    def pick(self, at: int) -> None:
        """The step now stands above those picked before."""
        change = self.change(at)
        self.taken = [now + more for now, more in zip(self.taken, change, strict=True)]
        self.values.discard(at)
        self.values.update(self.steps[at].uses)


def _profile(steps: Sequence[Step], order: Sequence[int]) -> list[list[float]]:
    """Registers taken above each step, by class, from the bottom up."""
    live = _Live(steps, set(), [0.0, 0.0])
    found: list[list[float]] = [[], []]
    for at in reversed(order):
        live.pick(at)
        for each, now in zip(found, live.taken, strict=True):
            each.append(now)
    return found


def schedule(steps: Sequence[Step], registers: Sequence[int]) -> list[int]:
    """The order of the steps on a machine with so many registers of each class."""
    needs = [{use for use in step.uses if isinstance(use, int)} | set(step.after) for step in steps]
    waiting = [0] * len(steps)
    for each in needs:
        for need in each:
            waiting[need] += 1
    weak, copies = _weak(steps, needs)
    source = [max(each, default=0.0) for each in _profile(steps, range(len(steps)))]
    live = _Live(steps, set(), [0.0, 0.0])
    ready = [at for at in range(len(steps)) if not waiting[at]]
    order: list[int] = []
    while ready:
        at = _best(ready, live, registers, source, weak)
        ready.remove(at)
        order.append(at)
        live.pick(at)
        for other in copies.get(at, ()):
            weak[other] -= 1
        for need in needs[at]:
            waiting[need] -= 1
            if not waiting[need]:
                ready.append(need)
    return order[::-1]


_NEAR = 6.0


def _best(
    ready: Sequence[int], live: _Live, registers: Sequence[int], source: Sequence[float], weak: Sequence[int]
) -> int:
    near = any(
        now + _NEAR > min(limit, most) for now, limit, most in zip(live.taken, registers, source, strict=True)
    )
    if not near:
        return min(ready, key=lambda at: (weak[at], -at))
    return min(ready, key=lambda at: _key(at, live, registers, source, weak))


def _key(
    at: int, live: _Live, registers: Sequence[int], source: Sequence[float], weak: Sequence[int]
) -> tuple[float, float, int, float, int]:
    excess = critical = current = 0.0
    for now, more, limit, most in zip(live.taken, live.change(at), registers, source, strict=True):
        if not more:
            continue
        then = now + more
        if then > limit:
            excess += more if now > limit else then - limit
        elif now > limit:
            excess += limit - now
        if then > most:
            current += more
            critical += then - most if most > limit else 0.0
    return excess, critical, weak[at], current, -at


def _weak(steps: Sequence[Step], needs: Sequence[set[int]]) -> tuple[list[int], dict[int, list[int]]]:
    """How many copies each step would rather stand above, and which steps wait for each copy: readers of what it copies."""
    readers: dict[Value, list[int]] = {}
    for at, step in enumerate(steps):
        for use in set(step.uses):
            readers.setdefault(use, []).append(at)
    above = [set(each) for each in needs]
    weak = [0] * len(steps)
    waiting: dict[int, list[int]] = {}
    for at, step in enumerate(steps):
        if step.copied is None:
            continue
        others = [each for each in readers[step.copied] if each != at]
        if any(_reaches(above, each, at) for each in others):
            continue
        waiting[at] = others
        above[at].update(others)
        for each in others:
            weak[each] += 1
    return weak, waiting


def _reaches(above: Sequence[set[int]], start: int, goal: int) -> bool:
    """Whether a step (of the operations that it needs, theirs, …) stands below another."""
    seen, stack = {start}, [start]
    while stack:
        for each in above[stack.pop()]:
            if each == goal:
                return True
            if each not in seen:
                seen.add(each)
                stack.append(each)
    return False


def _evicted(steps: Sequence[Step], order: Sequence[int], kind: int, registers: int) -> tuple[float, float]:
    """Registers' worth of values of a class that find none; and of those that are made again instead: they depend on nothing."""
    place = {at: when for when, at in enumerate(order)}
    uses: dict[Value, list[int]] = {}
    for when, at in enumerate(order):
        for use in steps[at].uses:
            uses.setdefault(use, []).append(when)
    there: list[Value] = [each for each in uses if isinstance(each, str)] if kind == WHOLE else []
    made = [at for at in order if at in uses and steps[at].kind == kind and steps[at].width]
    alive: list[tuple[Value, float]] = []
    lost = again = 0.0
    for value in [*there, *made]:
        now = place[value] if isinstance(value, int) else -1
        alive = [each for each in alive if uses[each[0]][-1] > now]
        alive.append((value, steps[value].width if isinstance(value, int) else 1.0))
        taken = sum(width for _, width in alive)
        while taken > registers:
            far = max(range(len(alive)), key=lambda at: next((use for use in uses[alive[at][0]] if use > now), 0))
            gone, width = alive.pop(far)
            taken -= width
            if isinstance(gone, int) and not steps[gone].uses:
                again += width
            else:
                lost += width
    return lost, again

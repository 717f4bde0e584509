"""Registers that straight-line code takes once it is scheduled and allocated: LLVM's list scheduler, from the bottom up.

A step is picked when all that needs it stands below it: the one that exceeds the registers of a class least, then the one that other
readers of a copied value wait for least, then the last in the text (GenericScheduler without a policy: what it does on machines that
reorder by themselves). The pressure of that order, and what finds no register in it when what is used farthest ahead goes first
(Belady 1966), are the columns: for a machine whose operations read memory and overwrite an operand, and for one that loads and stores.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import numpy as np

from costmodel.features.assigned import unassigned
from costmodel.features.selected import Machine, select
from costmodel.features.steps import FLOAT, WHOLE, Step, Value
from costmodel.features.straight import largest_block
from costmodel.features.streams import Floats
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Block

MACHINES = {"x86": Machine((15, 16), complex=True, passed=6), "risc": Machine((29, 32), complex=False, passed=8)}
_CLASSES = ("whole", "float")


@cache
def scheduled_names() -> tuple[str, ...]:
    """The columns of `scheduled`, in order."""
    by_machine = (
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
            *(f"{kind} unassigned" for kind in _CLASSES),
            *(f"{kind} moved" for kind in _CLASSES),
        )
    )
    return (*by_machine, "vector accesses", "vector operations")


def scheduled(texts: Sequence[Sequence[Line]]) -> Floats:
    """One row a text: of its largest block."""
    blocks = [largest_block(lines) for lines in texts]
    rows = [
        [*(number for machine in MACHINES.values() for number in _row(block, machine)), *_vectors(block)]
        for block in blocks
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(scheduled_names()))


def _vectors(block: Block) -> list[float]:
    """Operations on vectors, those of memory first: a register is a register to all columns before, but small cores take longer over them."""
    accesses = operations = 0
    for node in block.nodes:
        shapes = node.line.shapes
        if any(shape.kind == "memref" and shape.element == "vector" for shape in shapes):
            accesses += 1
        elif any(shape.kind != "memref" for shape in shapes):
            operations += 1
    return [float(accesses), float(operations)]


def _row(block: Block, machine: Machine) -> list[float]:
    steps = select(block, machine)
    live = _Live(steps)
    source = [max(each, default=0.0) for each in _profile(live, range(len(steps)))]
    order = _scheduled(steps, live.anew(), machine.registers, source)
    after = _profile(live.anew(), order)
    most = [max(each, default=0.0) for each in after]
    full = [float(sum(now >= limit for now in each)) for each, limit in zip(after, machine.registers, strict=True)]
    evicted = [_evicted(steps, order, kind, machine.registers[kind]) for kind in (WHOLE, FLOAT)]
    assigned = [unassigned(steps, order, kind, machine.registers[kind]) for kind in (WHOLE, FLOAT)]
    return [
        float(len(steps)),
        float(sum(step.copied is not None for step in steps)),
        float(len({use for step in steps for use in step.uses if isinstance(use, str)})),
        *source,
        *most,
        *(each - limit for each, limit in zip(most, machine.registers, strict=True)),
        *full,
        *(lost for lost, _ in evicted),
        *(again for _, again in evicted),
        sum(min(each, float(limit)) for each, limit in zip(most, machine.registers, strict=True)),
        sum(lost for lost, _ in evicted),
        *(lost for lost, _ in assigned),
        *(moved for _, moved in assigned),
    ]


Read: TypeAlias = tuple[Value, int, float]
"""A value that a step reads, its class and its registers."""


class _Live:
    """Values that are alive above the steps picked so far, and the registers they take."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.made = [(step.kind, step.width) for step in steps]
        self.reads: list[list[Read]] = [[(use, *self._of(use)) for use in dict.fromkeys(step.uses)] for step in steps]
        self.values: set[Value] = set()
        self.taken = [0.0, 0.0]

    def _of(self, value: Value) -> tuple[int, float]:
        return self.made[value] if isinstance(value, int) else (WHOLE, 1.0)

    def anew(self) -> _Live:
        """Nothing picked."""
        self.values, self.taken = set(), [0.0, 0.0]
        return self

    def change(self, at: int) -> list[float]:
        """What picking a step adds to each class."""
        change = [0.0, 0.0]
        if at in self.values:
            kind, width = self.made[at]
            change[kind] -= width
        for use, kind, width in self.reads[at]:
            if use not in self.values:
                change[kind] += width
        return change

    def pick(self, at: int) -> None:
        """The step now stands above those picked before."""
        taken, values = self.taken, self.values
        if at in values:
            kind, width = self.made[at]
            taken[kind] -= width
            values.discard(at)
        for use, kind, width in self.reads[at]:
            if use not in values:
                taken[kind] += width
                values.add(use)


def _profile(live: _Live, order: Sequence[int]) -> tuple[list[float], list[float]]:
    """Registers taken above each step, by class, from the bottom up."""
    found = list[float](), list[float]()
    for at in reversed(order):
        live.pick(at)
        found[0].append(live.taken[0])
        found[1].append(live.taken[1])
    return found


def schedule(steps: Sequence[Step], registers: Sequence[int]) -> list[int]:
    """The order of the steps on a machine with so many registers of each class."""
    live = _Live(steps)
    source = [max(each, default=0.0) for each in _profile(live, range(len(steps)))]
    return _scheduled(steps, live.anew(), registers, source)


def _scheduled(steps: Sequence[Step], live: _Live, registers: Sequence[int], source: Sequence[float]) -> list[int]:
    needs = [{use for use in step.uses if isinstance(use, int)} | set(step.after) for step in steps]
    waiting = [0] * len(steps)
    for each in needs:
        for need in each:
            waiting[need] += 1
    weak, copies = _weak(steps, needs)
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
"""Registers that one step takes at most: with so many left nothing is exceeded."""


def _best(
    ready: Sequence[int], live: _Live, registers: Sequence[int], source: Sequence[float], weak: Sequence[int]
) -> int:
    for now, limit, most in zip(live.taken, registers, source, strict=True):
        if now + _NEAR > min(limit, most):
            return min([(*_exceeded(live, at, registers, source, weak[at]), -at) for at in ready])[-1] * -1
    return -min([(weak[at], -at) for at in ready])[1]


def _exceeded(
    live: _Live, at: int, registers: Sequence[int], source: Sequence[float], weak: int
) -> tuple[float, float, int, float]:
    """Registers beyond the limit, and beyond the limit and the text's own order; copies above; registers beyond the text's order."""
    excess = critical = current = 0.0
    change = live.change(at)
    for kind in (WHOLE, FLOAT):
        more = change[kind]
        if not more:
            continue
        now, limit, most = live.taken[kind], registers[kind], source[kind]
        then = now + more
        if then > limit:
            excess += more if now > limit else then - limit
        elif now > limit:
            excess += limit - now
        if then > most:
            current += more
            critical += then - most if most > limit else 0.0
    return excess, critical, weak, current


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

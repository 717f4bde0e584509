"""Cycles that straight-line code would take on a few machines that nobody built, for where real ones lie between them.

    two in order, two units of each kind, loads of four cycles, …       a block's operations, scheduled: 43 cycles

Machines issue one or two operations a cycle, to units that are free, once the operands are there: in the order of the text, or in the
order of a list scheduler (the operation with the most latency below it first). What every operation waits for is at least as long as
the longest chain. How a new core's cycles differ from a known one's follows these numbers more than any count of operations.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from costmodel.features.pressure import plain
from costmodel.features.straight import pieces
from costmodel.tokens.tree import Node
from costmodel.tokens.vocabulary import OpClass

LOADS, STORES, FLOATS, WHOLES, DIVIDES = range(5)
_WIDEST = 64.0
_LATENCY = {
    OpClass.LOAD: (4, 4),
    OpClass.STORE: (0, 0),
    OpClass.ADD: (1, 4),
    OpClass.MUL: (3, 4),
    OpClass.FMA: (4, 4),
    OpClass.MINMAX: (1, 3),
    OpClass.COMPARE: (1, 3),
    OpClass.SELECT: (1, 3),
    OpClass.DIV: (12, 13),
    OpClass.SQRT: (13, 13),
    OpClass.MATH: (40, 40),
    OpClass.CALL: (30, 30),
    OpClass.LANES: (3, 3),
    OpClass.REDUCE: (10, 10),
}
"""Cycles until a result is there: of whole numbers, of floating-point ones or vectors."""
_DOUBLE = 22
"""Of quotients and roots in double precision."""
_CONVERTED = 4


@dataclass(frozen=True, slots=True)
class Machine:
    """Operations issued a cycle, units of each kind, whether it keeps the text's order, and what latencies are divided by."""

    width: int
    units: tuple[int, int, int, int, int] = (1, 1, 2, 2, 1)
    in_text_order: bool = False
    hurry: int = 1


MACHINES = {
    "two scheduled": Machine(2),
    "one scheduled": Machine(1),
    "two in text order": Machine(2, in_text_order=True),
    "one in text order": Machine(1, in_text_order=True),
    "two scheduled, half the latency": Machine(2, (1, 1, 1, 1, 1), hurry=2),
}


@dataclass(frozen=True, slots=True)
class Task:
    """An operation: those it waits for (all earlier ones), its latency, its unit, and how long it keeps that busy."""

    needs: tuple[int, ...]
    latency: int
    unit: int
    busy: int


def tasks_of(nodes: Sequence[Node]) -> list[Task]:
    """The operations that take time, in text order; a load comes after the last store to its array."""
    made: dict[str, int] = {}
    written: dict[str, int] = {}
    found: list[Task] = []
    for node in nodes:
        if node.kind is OpClass.CONSTANT:
            continue
        line = node.line
        needs = {made[plain(use)] for use in line.uses if plain(use) in made}
        if line.subscripts is not None and line.base in written and node.kind is not OpClass.STORE:
            needs.add(written[line.base])
        if line.subscripts is not None and node.kind is OpClass.STORE:
            written[line.base] = len(found)
        made.update(dict.fromkeys(map(plain, line.results), len(found)))
        found.append(_task(node, tuple(sorted(needs))))
    return found


def _task(node: Node, needs: tuple[int, ...]) -> Task:
    width, floating = pieces(node)
    latency = latency_of(node, floating)
    match node.kind:
        case OpClass.LOAD:
            unit = LOADS
        case OpClass.STORE:
            unit = STORES
        case OpClass.DIV | OpClass.SQRT if floating:
            unit = DIVIDES
        case _:
            unit = FLOATS if floating else WHOLES
    busy = int(min(max(width, 1.0), _WIDEST))
    return Task(needs, latency, unit, latency if unit == DIVIDES else busy)


def latency_of(node: Node, floating: bool) -> int:
    """Cycles until the result is there."""
    line = node.line
    if node.kind is OpClass.CAST:
        return _CONVERTED if floating or line.name.rpartition(".")[2].startswith("fpto") else 1
    if node.kind in (OpClass.DIV, OpClass.SQRT) and floating and "f32" not in line.scalars + _elements(node):
        return _DOUBLE
    return _LATENCY.get(node.kind, (1, 1))[floating]


def _elements(node: Node) -> tuple[str, ...]:
    return tuple(shape.element for shape in node.line.shapes)


def longest_chain(tasks: Sequence[Task]) -> int:
    """Cycles until everything is there, however many units there are."""
    there: list[int] = []
    for task in tasks:
        there.append(max((there[need] for need in task.needs), default=0) + task.latency)
    return max(there, default=0)


def cycles_on(machine: Machine, tasks: Sequence[Task]) -> int:
    """Cycles until the last operation is issued."""
    hurried = [max(task.latency // machine.hurry, min(task.latency, 1)) for task in tasks]
    return (_in_text_order if machine.in_text_order else _scheduled)(machine, tasks, hurried)


def _in_text_order(machine: Machine, tasks: Sequence[Task], latencies: Sequence[int]) -> int:
    there: list[int] = []
    free = [[0] * units for units in machine.units]
    now = issued = 0
    for task, latency in zip(tasks, latencies, strict=True):
        units = free[task.unit]
        when = max(max((there[need] for need in task.needs), default=0), now + (issued >= machine.width), min(units))
        units[units.index(min(units))] = when + (latency if task.unit == DIVIDES else task.busy)
        issued = issued + 1 if when == now else 1
        now = when
        there.append(when + latency)
    return now + 1


def _scheduled(machine: Machine, tasks: Sequence[Task], latencies: Sequence[int]) -> int:
    readers, below = _below(tasks, latencies)
    waiting = [len(task.needs) for task in tasks]
    earliest = [0] * len(tasks)
    coming = [(0, -below[at], at) for at, count in enumerate(waiting) if not count]
    heapq.heapify(coming)
    ready: list[list[tuple[int, int]]] = [[] for _ in machine.units]
    free = [[0] * units for units in machine.units]
    now = 0
    while coming or any(ready):
        while coming and coming[0][0] <= now:
            _, rank, at = heapq.heappop(coming)
            heapq.heappush(ready[tasks[at].unit], (rank, at))
        issued = 0
        while issued < machine.width and (unit := _next(ready, free, now)) is not None:
            _, at = heapq.heappop(ready[unit])
            units = free[unit]
            units[units.index(min(units))] = now + (latencies[at] if unit == DIVIDES else tasks[at].busy)
            issued += 1
            for reader in readers[at]:
                earliest[reader] = max(earliest[reader], now + latencies[at])
                waiting[reader] -= 1
                if not waiting[reader]:
                    heapq.heappush(coming, (earliest[reader], -below[reader], reader))
        now = now + 1 if issued else _later(now, coming, ready, free)
    return now


def _below(tasks: Sequence[Task], latencies: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """Who waits for each operation, and the latency from its issue to the end."""
    readers: list[list[int]] = [[] for _ in tasks]
    for at, task in enumerate(tasks):
        for need in task.needs:
            readers[need].append(at)
    below = [0] * len(tasks)
    for at in range(len(tasks) - 1, -1, -1):
        below[at] = latencies[at] + max((below[reader] for reader in readers[at]), default=0)
    return readers, below


def _next(ready: Sequence[Sequence[tuple[int, int]]], free: Sequence[Sequence[int]], now: int) -> int | None:
    """The unit whose most urgent operation goes first, of those that are free."""
    able = [unit for unit, each in enumerate(ready) if each and min(free[unit]) <= now]
    return min(able, key=lambda unit: ready[unit][0], default=None)


def _later(
    now: int,
    coming: Sequence[tuple[int, int, int]],
    ready: Sequence[Sequence[tuple[int, int]]],
    free: Sequence[Sequence[int]],
) -> int:
    """When something can be issued next."""
    times = [min(free[unit]) for unit, each in enumerate(ready) if each]
    return max(now + 1, min([*times, *(each[0] for each in coming[:1])], default=now + 1))

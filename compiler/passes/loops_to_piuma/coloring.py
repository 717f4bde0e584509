"""Registers for values: a graph coloured with the names that there are, phi values joined with what feeds them.

Chaitin and Briggs: values that an edge joins share a register where that cannot make the graph harder (Briggs' test, or
George's); then values of few neighbours are set aside, the cheapest of the others last, and colours are given in reverse.
Who gets none is the answer too: it is spilled, and the caller tries again.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from compiler.dialects.piuma.isa import RoutineOp
from compiler.passes.loops_to_piuma.drop_dead import edges_of
from compiler.passes.loops_to_piuma.liveness import Interference, bits_of, is_fixed, read_by

INTEGER_REGISTERS = (
    *(f"a{i}" for i in range(1, 8)),
    *(f"t{i}" for i in range(7)),
    *(f"s{i}" for i in range(12)),
    "gp",
)
"""Those that a routine may use: `a0` has the parameters, `sp` the stack, `tp` is for swaps, `ra` returns."""

FLOAT_REGISTERS = (*(f"fa{i}" for i in range(8)), *(f"ft{i}" for i in range(11)), *(f"fs{i}" for i in range(12)))
"""All but `ft11`, which is for swaps."""


@dataclass(frozen=True, slots=True)
class Coloring:
    """The register of every value, and the values that got none."""

    registers: dict[SSAValue, str]
    spilled: tuple[SSAValue, ...]


def color(routine: RoutineOp, graph: Interference, cost: dict[SSAValue, float]) -> Coloring:
    """Colour a graph; `cost` is what a value costs in memory, infinite for what must not go there."""
    groups = _Groups(graph, cost)
    for target, value in _joins(routine, graph):
        groups.join(target, value)
    return groups.color()


def _joins(routine: RoutineOp, graph: Interference) -> list[tuple[int, int]]:
    """Block arguments and what is passed to them, innermost loops first."""
    found: list[tuple[int, int, int]] = []
    for block in routine.body.blocks:
        for target, values in edges_of(block.last_op):
            for argument, value in zip(target.args, values, strict=True):
                if not is_fixed(value):
                    found.append((-graph.depth[block], graph.number[argument], graph.number[value]))
    found.sort(key=lambda each: each[0])
    return [each[1:] for each in found]


def spill_costs(routine: RoutineOp, graph: Interference, cheap: set[SSAValue]) -> dict[SSAValue, float]:
    """Ten for every loop around a use; a tenth of it for what can be computed again."""
    cost: dict[SSAValue, float] = dict.fromkeys(graph.values, 0.0)
    for block in routine.body.blocks:
        weight = 10.0 ** graph.depth[block]
        for op in block.ops:
            passed = [value for _, values in edges_of(op) for value in values]
            for value in (*read_by(op), *passed, *op.results):
                if value in cost:
                    cost[value] += weight
    return {value: each * (0.1 if value in cheap else 1.0) for value, each in cost.items()}


class _Groups:
    """Values that share a register, as one node of the graph."""

    def __init__(self, graph: Interference, cost: dict[SSAValue, float]) -> None:
        self.graph = graph
        self.leader = list(range(len(graph.values)))
        self.neighbours = list(graph.neighbours)
        self.cost = [cost[value] for value in graph.values]
        self.members: dict[int, list[int]] = {each: [each] for each in range(len(graph.values))}

    def find(self, value: int) -> int:
        while self.leader[value] != value:
            value = self.leader[value]
        return value

    def colors_of(self, node: int) -> tuple[str, ...]:
        return INTEGER_REGISTERS if self.graph.classes[0] >> node & 1 else FLOAT_REGISTERS

    def join(self, left: int, right: int) -> None:
        """Give two nodes one register, unless they meet or the graph may become harder to colour."""
        a, b = self.find(left), self.find(right)
        if a == b or self.neighbours[a] >> b & 1:
            return
        count = len(self.colors_of(a))
        merged = self.neighbours[a] | self.neighbours[b]
        common = self.neighbours[a] & self.neighbours[b]
        heavy = sum(1 for n in bits_of(merged) if self.neighbours[n].bit_count() - (common >> n & 1) >= count)
        if heavy >= count and not (self._absorbs(a, b, count) or self._absorbs(b, a, count)):
            return
        self._merge(a, b, merged)

    def _absorbs(self, a: int, b: int, count: int) -> bool:
        """George's test: whoever is hard to colour and meets `b` meets `a` already."""
        return all(self.neighbours[n].bit_count() < count for n in bits_of(self.neighbours[b] & ~self.neighbours[a]))

    def _merge(self, a: int, b: int, merged: int) -> None:
        self.leader[b] = a
        self.members[a] += self.members.pop(b)
        self.cost[a] += self.cost[b]
        self.neighbours[a] = merged
        for n in bits_of(self.neighbours[b]):
            self.neighbours[n] = self.neighbours[n] & ~(1 << b) | 1 << a
        self.neighbours[b] = 0

    def color(self) -> Coloring:
        """Simplify, then select."""
        order = self._order()
        chosen: dict[int, str] = {}
        spilled: list[SSAValue] = []
        for node in reversed(order):
            taken = {chosen[n] for n in bits_of(self.neighbours[node]) if n in chosen}
            free = next((name for name in self.colors_of(node) if name not in taken), None)
            if free is None:
                spilled += [self.graph.values[each] for each in self.members[node]]
            else:
                chosen[node] = free
        registers = {self.graph.values[v]: name for node, name in chosen.items() for v in self.members[node]}
        return Coloring(registers, tuple(spilled))

    def _order(self) -> list[int]:
        """Nodes as they are set aside: easy ones first, else the cheapest to lose."""
        left = set(self.members)
        degree = {node: self.neighbours[node].bit_count() for node in left}
        easy = [node for node in sorted(left) if degree[node] < len(self.colors_of(node))]
        order: list[int] = []
        while left:
            node = easy.pop() if easy else min(left, key=lambda n: (self.cost[n] / (degree[n] + 1), n))
            if node not in left:
                continue
            left.remove(node)
            order.append(node)
            for n in bits_of(self.neighbours[node]):
                if n in left:
                    degree[n] -= 1
                    if degree[n] == len(self.colors_of(n)) - 1:
                        easy.append(n)
        return order

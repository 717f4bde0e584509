"""A block's whole-number sums and its addresses, from its operations: what `costmodel/features/sums.py` combines.

summing = Summing(nodes, constants, names, ends)
summing.sum_of("%v")            the node that is left of a sum (graph, node), None for every other value
summing.address(node.at)        base-less address of an access: graph, node
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from costmodel.features.addresses import strides_of, terms_of
from costmodel.features.pressure import width_of
from costmodel.features.steps import MULTIPLIED, Step, Value
from costmodel.features.sums import Id, Mode, Op, Sums
from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Node
from costmodel.tokens.vocabulary import element_bits

_WIDE = 64
Place: TypeAlias = tuple[int, Id]
"""Which graph (its bits), and the node."""


class Summing:
    """The graphs of a block, combined; `made` gives the steps that compute a node."""

    def __init__(
        self,
        nodes: Sequence[Node],
        constants: Mapping[str, int],
        names: Mapping[str, str],
        ends: Iterable[str],
        value: Callable[[str], Value | None],
        step: Callable[[Step], int],
    ) -> None:
        self.graphs: dict[int, Sums] = {}
        self.constants, self.names = constants, names
        self.sums: dict[str, Place] = {}
        self.places: dict[int, Place] = {}
        self._value, self._step = value, step
        self._done: dict[Place, Value | None] = {}
        self._modes: dict[Place, Mode] = {}
        asked: dict[int, list[Id]] = {}
        for node in nodes:
            self._read(node, asked)
        for name in ends:
            self._ask(name, asked)
        left = {bits: self.graphs[bits].combined(counts) for bits, counts in asked.items()}
        self.sums = {name: (bits, left[bits][at]) for name, (bits, at) in self.sums.items() if at in left.get(bits, {})}
        self.places = {at: (bits, left[bits][node]) for at, (bits, node) in self.places.items()}

    def _graph(self, bits: int) -> Sums:
        return self.graphs.setdefault(bits, Sums())

    def _ask(self, name: str, asked: dict[int, list[Id]]) -> None:
        if name in self.sums:
            bits, node = self.sums[name]
            asked.setdefault(bits, []).append(node)

    def _read(self, node: Node, asked: dict[int, list[Id]]) -> None:
        line = node.line
        if line.subscripts is not None:
            graph = self._graph(_WIDE)
            at = graph.times(self._linear(line, graph), bytes_of(line))
            self.places[node.at] = _WIDE, at
            asked.setdefault(_WIDE, []).append(at)
            for use in line.uses[:1]:
                self._ask(use, asked)
            return
        found = self._sum(node)
        if found is not None:
            self.sums[line.results[0]] = found
            return
        for use in line.uses:
            self._ask(use, asked)

    def _sum(self, node: Node) -> Place | None:
        line = node.line
        if len(line.uses) != 2 or len(line.results) != 1 or line.shapes or not line.scalars or width_of(node)[1]:
            return None
        bits = _WIDE if line.scalars[-1] == "index" else int(element_bits(line.scalars[-1]))
        operation = line.name.rpartition(".")[2].removesuffix("i")
        if bits < 32 or operation not in ("add", "sub", "mul", "shl"):
            return None
        graph = self._graph(bits)
        one, other = (self._node(use, bits, graph) for use in line.uses)
        kinds = [graph.nodes[each][0] is Op.NUMBER for each in (one, other)]
        match operation:
            case "add":
                return bits, graph.add(one, other)
            case "sub":
                return (bits, graph.less(one, other)) if not kinds[0] else None
            case "mul" if any(kinds):
                first, number = (other, one) if kinds[0] else (one, other)
                return bits, graph.times(first, graph.nodes[number][1])
            case "shl" if kinds[1] and 0 <= graph.nodes[other][1] < bits:
                return bits, graph.shifted(one, graph.nodes[other][1])
            case _:
                return None

    def _node(self, name: str, bits: int, graph: Sums) -> Id:
        if name in self.constants:
            return graph.number(self.constants[name])
        known = self.sums.get(name)
        return known[1] if known is not None and known[0] == bits else graph.leaf(name)

    def _linear(self, line: Line, graph: Sums) -> Id:
        """The position as it is lowered: subscripts by their strides, added from the left."""
        total: Id | None = None
        for subscript, stride in zip(line.subscripts or (), strides_of(line), strict=False):
            each = graph.times(self._subscript(subscript, graph), stride)
            total = each if total is None else graph.add(total, each)
        return graph.number(0) if total is None else total

    def _subscript(self, text: str, graph: Sums) -> Id:
        total: Id | None = None
        for written, factor in terms_of(text):
            name = self.names.get(written, written)
            each = graph.times(self._node(name, _WIDE, graph), factor) if name else graph.number(factor)
            total = each if total is None else graph.add(total, each)
        return graph.number(0) if total is None else total

    def place_of(self, at: int) -> tuple[Id, int]:
        """The place of an access: a node, and a constant beside it."""
        bits, node = self.places[at]
        return self.graphs[bits].split(node)

    def address(self, at: int) -> list[Value]:
        """The values that an access reads beside its base."""
        bits, node = self.places[at]
        graph = self.graphs[bits]
        return self._parts(bits, graph.mode(graph.expanded(node), -1))

    def value(self, name: str) -> Value | None:
        """The value of a sum."""
        bits, node = self.sums[name]
        return self._made((bits, self.graphs[bits].expanded(node)))

    def plain(self, name: str) -> bool:
        """Whether a sum is one operation on two values, one of which may be a load that is part of it."""
        bits, node = self.sums[name]
        graph = self.graphs[bits]
        op, _, _ = graph.nodes[graph.expanded(node)]
        return op in (Op.SUB, Op.TIMES) or (op is Op.ADD and graph.mode(graph.expanded(node)).parts <= 2)

    def know(self, name: str, value: Value) -> None:
        """A sum was computed otherwise."""
        bits, node = self.sums[name]
        self._done[bits, self.graphs[bits].expanded(node)] = value

    def _parts(self, bits: int, mode: Mode) -> list[Value]:
        found = [self._made((bits, node)) for node in _nodes(mode)]
        return list(dict.fromkeys(each for each in found if each is not None))

    def _made(self, place: Place) -> Value | None:
        """The value of a node, its operands' steps before its own; not by recursion, which chains may be too long for."""
        bits, node = place
        waiting = [node]
        while waiting:
            each = waiting[-1]
            if (bits, each) in self._done:
                waiting.pop()
                continue
            before = next((other for other in self._operands(bits, each) if (bits, other) not in self._done), None)
            if before is None:
                self._done[bits, each] = self._make(bits, each)
            else:
                waiting.append(before)
        return self._done[place]

    def _operands(self, bits: int, node: Id) -> Sequence[Id]:
        """The nodes whose values a node's step reads."""
        graph = self.graphs[bits]
        if graph.nodes[node][0] is not Op.ADD:
            return graph.operands(node)
        mode = self._modes.get((bits, node))
        if mode is None:
            mode = self._modes[bits, node] = graph.mode(node)
        return _nodes(mode) if mode.parts > 2 else graph.operands(node)

    def _make(self, bits: int, node: Id) -> Value | None:
        """The same for a node whose operands have values."""
        graph = self.graphs[bits]
        op, first, second = graph.nodes[node]
        operands = self._operands(bits, node)
        uses = [each for other in operands if (each := self._done[bits, other]) is not None]
        match op:
            case Op.LEAF:
                return self._value(graph.names[first])
            case Op.NUMBER:
                return None
            case Op.FACTOR:
                return self._step(Step(uses))
            case Op.TIMES:
                return self._step(Step(uses, latency=MULTIPLIED))
            case Op.SHIFT:
                return self._step(Step(uses, overwrites=True, addresses=second <= 3))
            case Op.SUB:
                return self._step(Step(uses, overwrites=graph.nodes[first][0] is not Op.NUMBER))
            case Op.ADD if self._modes[bits, node].parts > 2:
                return self._step(Step(list(dict.fromkeys(uses))))
            case Op.ADD:
                return self._step(Step(uses, overwrites=True, commutes=len(uses) > 1, addresses=True, kin=f"add{bits}"))


def _nodes(mode: Mode) -> list[Id]:
    return [node for node in (mode.base, mode.index) if node is not None and node >= 0]


def bytes_of(line: Line) -> int:
    """Bytes of what an access reads or writes."""
    shape = next((each for each in line.shapes if each.kind == "memref"), None)
    return max(1, int(element_bits(shape.element)) // 8) if shape else 8

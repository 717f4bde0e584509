"""Whole-number sums of straight-line code as LLVM's selection sees them: a graph in which what is equal stands once.

    sums = Sums()
    place = sums.shifted(sums.add(sums.times(sums.leaf("%i"), 40), sums.leaf("%j")), 2)      (%i * 40 + %j) * 4
    sums.combined([place])     {place: the node that is left of it}
    sums.mode(node)                        what one address computes: base + index * scale + displacement

Rules are those of DAGCombiner (constants move out of sums and products that nobody else asks for), then X86ISelLowering's additions and
shifts for products, then X86ISelDAGToDAG's matching of addresses. Only sums, differences, and products and shifts by constants have
nodes of their own; every other value is a leaf.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from costmodel.features.addresses import wrapped

Id: TypeAlias = int
_ROUNDS = 4
_DEPTH = 6
_FACTORS = (3, 5, 9)
_SHORT = 3
"""Shifts that an address does by the way."""


class Op(Enum):
    """What a node is; `FACTOR` is a product by 3, 5 or 9, which one address computes."""

    LEAF = "leaf"
    NUMBER = "number"
    ADD = "add"
    SUB = "sub"
    TIMES = "times"
    SHIFT = "shift"
    FACTOR = "factor"


_INNER = {Op.ADD, Op.SUB, Op.TIMES, Op.SHIFT, Op.FACTOR}
_BOTH = {Op.ADD, Op.SUB}


@dataclass(frozen=True, slots=True)
class Mode:
    """An address: values (nodes), the scale of the second, and a displacement."""

    base: Id | None = None
    index: Id | None = None
    scale: int = 1
    moved: int = 0

    @property
    def parts(self) -> int:
        """What selection counts: an addition of two parts is no address."""
        return (self.base is not None) + (self.index is not None) + (self.scale > 1) + bool(self.moved)


@dataclass(slots=True)
class Sums:
    """The graph: by node what it is, its operand, and its second operand or number."""

    nodes: list[tuple[Op, int, int]] = field(default_factory=list[tuple[Op, int, int]])
    names: list[str] = field(default_factory=list[str])
    _ids: dict[tuple[Op, int, int], Id] = field(default_factory=dict[tuple[Op, int, int], Id])
    _leaves: dict[str, Id] = field(default_factory=dict[str, Id])
    _uses: Counter[Id] = field(default_factory=Counter[Id])
    _expanded: dict[Id, Id] = field(default_factory=dict[Id, Id])

    def leaf(self, name: str) -> Id:
        """A value that something else makes."""
        if name not in self._leaves:
            self._leaves[name] = self._node(Op.LEAF, len(self.names), 0)
            self.names.append(name)
        return self._leaves[name]

    def number(self, value: int) -> Id:
        """A constant."""
        return self._node(Op.NUMBER, wrapped(value), 0)

    def add(self, one: Id, other: Id) -> Id:
        """A sum; a constant stands last, equal operands are a shift."""
        if self.nodes[one][0] is Op.NUMBER:
            one, other = other, one
        op, value, _ = self.nodes[other]
        if op is Op.NUMBER:
            return self._more(one, value)
        if one == other:
            return self.shifted(one, 1)
        found = self._pair(one, other)
        return self._node(Op.ADD, one, other) if found is None else found

    def _pair(self, one: Id, other: Id) -> Id | None:
        """The sum of two nodes, where there is one."""
        found = self._ids.get((Op.ADD, one, other))
        return self._ids.get((Op.ADD, other, one)) if found is None else found

    def _more(self, node: Id, value: int) -> Id:
        op, first, second = self.nodes[node]
        if op is Op.NUMBER:
            return self.number(first + value)
        if op is Op.ADD and self.nodes[second][0] is Op.NUMBER:
            return self._more(first, self.nodes[second][1] + value)
        return node if not value else self._node(Op.ADD, node, self.number(value))

    def less(self, one: Id, other: Id) -> Id:
        """A difference."""
        if self.nodes[other][0] is Op.NUMBER:
            return self._more(one, -self.nodes[other][1])
        return self._node(Op.SUB, one, other)

    def times(self, node: Id, factor: int) -> Id:
        """A product with a constant."""
        if not factor:
            return self.number(0)
        op, first, second = self.nodes[node]
        if op is Op.NUMBER:
            return self.number(first * factor)
        if op is Op.TIMES:
            return self.times(first, second * factor)
        if op is Op.SHIFT:
            return self.times(first, factor << second)
        if factor > 0 and factor & (factor - 1) == 0:
            return self.shifted(node, factor.bit_length() - 1)
        return self._node(Op.TIMES, node, factor)

    def shifted(self, node: Id, bits: int) -> Id:
        """A shift to the left."""
        op, first, second = self.nodes[node]
        if op is Op.NUMBER:
            return self.number(first << bits)
        if op is Op.SHIFT:
            return self.shifted(first, second + bits)
        return node if not bits else self._node(Op.SHIFT, node, bits)

    def _node(self, op: Op, first: int, second: int) -> Id:
        key = op, first, second
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = len(self.nodes)
            self.nodes.append(key)
        return found

    def split(self, node: Id) -> tuple[Id, int]:
        """A node without the constant added to it, and that."""
        op, first, second = self.nodes[node]
        if op is Op.ADD and self.nodes[second][0] is Op.NUMBER:
            return first, self.nodes[second][1]
        return node, 0

    def combined(self, asked: Sequence[Id]) -> dict[Id, Id]:
        """What is left of nodes that operations ask for, named as often as they are: the last first, as DAGCombiner takes them."""
        for node in asked:
            self._hold(node)
        place = {node: node for node in asked}
        often = Counter(asked)
        for _ in range(_ROUNDS):
            before = dict(place)
            done: dict[Id, Id] = {}
            for node in reversed(before):
                place[node] = self._simpler(before[node], done)
                if place[node] != before[node]:
                    self._hold(place[node], often[node])
            if place == before:
                break
            for node, old in before.items():
                if place[node] != old:
                    self._drop(old, often[node])
        return place

    def _hold(self, node: Id, often: int = 1) -> None:
        """So many readers more."""
        waiting = [(node, often)]
        while waiting:
            node, often = waiting.pop()
            self._uses[node] += often
            if self._uses[node] == often:
                waiting += [(operand, 1) for operand in self.operands(node)]

    def _drop(self, node: Id, often: int = 1) -> None:
        waiting = [(node, often)]
        while waiting:
            node, often = waiting.pop()
            self._uses[node] -= often
            if not self._uses[node]:
                waiting += [(operand, 1) for operand in self.operands(node)]

    def operands(self, node: Id) -> tuple[Id, ...]:
        """The nodes that a node is made of."""
        op, first, second = self.nodes[node]
        return (first, second) if op in _BOTH else (first,) if op in _INNER else ()

    def _below(self, node: Id, done: Container[Id]) -> Iterator[Id]:
        """A node and all below it that are not done, operands first: each is to be done before the next is asked for. Not by recursion,
        which chains may be too long for."""
        waiting = [node]
        while waiting:
            each = waiting[-1]
            if each in done:
                waiting.pop()
                continue
            before = next((operand for operand in self.operands(each) if operand not in done), None)
            if before is None:
                yield waiting.pop()
            else:
                waiting.append(before)

    def _simpler(self, node: Id, done: dict[Id, Id]) -> Id:
        """A node after one round of rules on it and all below."""
        for each in self._below(node, done):
            op, first, second = self.nodes[each]
            match op:
                case Op.LEAF | Op.NUMBER:
                    done[each] = each
                case Op.ADD:
                    one, other = done[first], done[second]
                    done[each] = self._sum((one, self._alone(first, one)), (other, self._alone(second, other)))
                case Op.SUB:
                    done[each] = self.less(done[first], done[second])
                case Op.TIMES:
                    done[each] = self._product(first, done[first], second)
                case _:
                    done[each] = self._shift(done[first], second, self._alone(first, done[first]))
        return done[node]

    def _alone(self, before: Id, node: Id) -> bool:
        """Whether an operand has one reader; it was another node before this round's rules."""
        return self._uses[before] == 1 and (before == node or not self._uses[node])

    def _sum(self, one: tuple[Id, bool], other: tuple[Id, bool]) -> Id:
        """Constants of sums that are read here alone move out; x * 7 + x is x * 8; what another sum has already is taken from there."""
        for (first, alone), (second, _) in ((one, other), (other, one)):
            op, inner, factor = self.nodes[first]
            inside, moved = self.split(first)
            if moved and alone and self.nodes[second][0] is not Op.NUMBER:
                return self._more(self.add(inside, second), moved)
            if op in (Op.TIMES, Op.SHIFT) and alone and inner == second:
                return self.times(inner, (factor if op is Op.TIMES else 1 << factor) + 1)
            if op is Op.ADD and not moved:
                for kept, joined in ((factor, inner), (inner, factor)):
                    pair = self._pair(joined, second)
                    if pair is not None and self._uses[pair] and pair != first:
                        return self.add(pair, kept)
        return self.add(one[0], other[0])

    def _product(self, before: Id, node: Id, factor: int) -> Id:
        """(x + 3) * 40 is x * 40 + 120 where nobody else reads the sum, or another product can share x * 40."""
        inside, moved = self.split(node)
        if moved and (self._alone(before, node) or self._shares(inside, before, factor)):
            return self._more(self.times(inside, factor), moved * factor)
        return self.times(node, factor)

    def _shares(self, inside: Id, but: Id, factor: int) -> bool:
        for node, (op, first, second) in enumerate(self.nodes):
            if (
                op is Op.TIMES
                and second == factor
                and first != but
                and self._uses[node]
                and self.split(first)[0] == inside
            ):
                return True
        return False

    def _shift(self, node: Id, bits: int, alone: bool) -> Id:
        inside, moved = self.split(node)
        if moved and alone:
            return self._more(self.shifted(inside, bits), moved << bits)
        op, first, factor = self.nodes[node]
        if op is Op.TIMES and alone:
            return self.times(first, factor << bits)
        return self.shifted(node, bits)

    def expanded(self, node: Id) -> Id:
        """With additions and shifts for products, where they are fewer than a multiplication takes."""
        done = self._expanded
        for each in self._below(node, done):
            op, first, second = self.nodes[each]
            match op:
                case Op.TIMES:
                    done[each] = self._multiple(done[first], second, self._uses[each] == 1)
                case Op.SHIFT:
                    done[each] = self.shifted(done[first], second)
                case Op.SUB:
                    done[each] = self.less(done[first], done[second])
                case Op.ADD:
                    done[each] = self._difference_last(done[first], done[second])
                case _:
                    done[each] = each
        return done[node]

    def _difference_last(self, one: Id, other: Id) -> Id:
        """(x * 8 - x) + y is (x * 8 + y) - x: one address and a difference."""
        for first, second in ((one, other), (other, one)):
            op, larger, less = self.nodes[first]
            if op is Op.SUB and self.nodes[larger][0] is Op.SHIFT and self.nodes[larger][2] <= _SHORT:
                return self.less(self.add(larger, second), less)
        return self.add(one, other)

    def _multiple(self, node: Id, factor: int, alone: bool) -> Id:
        low = factor & -factor
        odd = factor // low
        if factor < 0:
            return self._node(Op.TIMES, node, factor)
        if odd in _FACTORS:
            if alone:
                return self._power(self._node(Op.FACTOR, node, odd), low)
            return self._node(Op.FACTOR, self._power(node, low), odd)
        if factor in _SUMS:
            return self._two(node, *_SUMS[factor])
        for less in (1, 2, 4, 8):
            if factor > less and (factor - less) & (factor - less - 1) == 0:
                return self.add(self._power(node, factor - less), self._power(node, less))
        for more in (1, 2):
            if (factor + more) & (factor + more - 1) == 0:
                return self.less(self._power(node, factor + more), self._power(node, more))
        return self._node(Op.TIMES, node, factor)

    def _power(self, node: Id, factor: int) -> Id:
        return self.shifted(node, factor.bit_length() - 1)

    def _two(self, node: Id, first: int, second: int, rest: int) -> Id:
        """node * first * second + node * rest."""
        inner = self._node(Op.FACTOR, node, first)
        outer = self._node(Op.FACTOR, inner, second) if second in _FACTORS else self._power(inner, second)
        match rest:
            case 0:
                return outer
            case -1:
                return self.less(outer, node)
            case 1:
                return self.add(outer, node)
            case _:
                return self.add(self.add(outer, node), node)

    def mode(self, node: Id, base: Id | None = None) -> Mode:
        """What the address of a node computes; with `base` beside it."""
        return self._matched(node, Mode(base), 0) or Mode(base, node)

    def _matched(self, node: Id, mode: Mode, depth: int) -> Mode | None:
        op, first, second = self.nodes[node]
        if op is Op.NUMBER:
            return Mode(mode.base, mode.index, mode.scale, mode.moved + first)
        if depth < _DEPTH:
            if op is Op.SHIFT and second <= _SHORT and mode.index is None:
                inner, moved = self.split(first)
                return Mode(mode.base, inner, 1 << second, mode.moved + (moved << second))
            if op is Op.FACTOR and mode.index is None and mode.base is None:
                return Mode(first, first, second - 1, mode.moved)
            if op is Op.ADD:
                found = self._both(first, second, mode, depth + 1) or self._both(second, first, mode, depth + 1)
                if found is not None:
                    return found
                if mode.base is None and mode.index is None:
                    return Mode(first, second, 1, mode.moved)
        if mode.base is None:
            return Mode(node, mode.index, mode.scale, mode.moved)
        return Mode(mode.base, node, 1, mode.moved) if mode.index is None else None

    def _both(self, one: Id, other: Id, mode: Mode, depth: int) -> Mode | None:
        found = self._matched(one, mode, depth)
        return self._matched(other, found, depth) if found is not None else None


_SUMS: dict[int, tuple[int, int, int]] = {
    11: (5, 2, 1),
    15: (5, 3, 0),
    13: (3, 4, 1),
    19: (9, 2, 1),
    21: (5, 4, 1),
    22: (5, 4, 2),
    23: (3, 8, -1),
    25: (5, 5, 0),
    26: (5, 5, 1),
    27: (9, 3, 0),
    28: (9, 3, 1),
    29: (9, 3, 2),
    37: (9, 4, 1),
    41: (5, 8, 1),
    45: (9, 5, 0),
    73: (9, 8, 1),
    81: (9, 9, 0),
}
"""Multiples that two addresses and at most two sums compute: first factor, second, and how many more."""

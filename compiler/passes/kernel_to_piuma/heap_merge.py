"""Merging sorted lists with a binary heap in the scratchpad: the row-wise product by heap, and the merge of outer products.

    lists of a row       (column, position, end, factor), the least column on top
    each step            takes the top's entry, advances its list, lets it sink

Columns come out in order; what meets at one is added in a register. The heap of a thread holds `capacity` lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.dialects.builtin import i1, i64

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.row_results import append
from compiler.passes.loops.values import INDEX, Value

LIST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Item:
    """A list in the heap."""

    column: Value
    position: Value
    end: Value
    factor: Value


@dataclass(frozen=True, slots=True)
class Heap:
    """One thread's heap."""

    k: Kernel
    columns: Value
    positions: Value
    ends: Value
    factors: Value

    @staticmethod
    def of(k: Kernel, offset: int, capacity: int) -> Heap:
        """This thread's part of the scratchpad."""
        b = k.b
        kinds = (i64, i64, i64, k.algebra.sum_type)
        columns, positions, ends, factors = (
            b.view(k.spad(offset + 8 * capacity * n, kind), k.me * (LIST_BYTES // 8 * capacity))
            for n, kind in enumerate(kinds)
        )
        return Heap(k, columns, positions, ends, factors)

    def read(self, at: Value) -> Item:
        """The list at a place."""
        b = self.k.b
        column, position, end = (b.load_index(ref, at) for ref in (self.columns, self.positions, self.ends))
        return Item(column, position, end, b.load(self.factors, at))

    def write(self, at: Value, item: Item) -> None:
        """Put a list at a place."""
        b = self.k.b
        for ref, value in ((self.columns, item.column), (self.positions, item.position), (self.ends, item.end)):
            b.store(value, ref, at)
        b.store(item.factor, self.factors, at)

    def rise(self, size: Value, item: Item) -> None:
        """Add a list to a heap of `size`."""
        b = self.k.b
        with b.loop(size) as loop:
            (at,) = loop.state
            parent = (at - 1) >> 1
            with b.if_(at > 0) as inner:
                with b.if_(b.load_index(self.columns, parent) > item.column) as above:
                    self.write(at, self.read(parent))
                    above.gives(b.constant(1, i1), parent)
                with above.otherwise():
                    above.gives(b.constant(0, i1), at)
                inner.gives(*above.results)
            with inner.otherwise():
                inner.gives(b.constant(0, i1), at)
            loop.again_while(*inner.results)
        self.write(loop.results[0], item)

    def sink(self, size: Value, item: Item) -> None:
        """Put a list on top of a heap of `size` whose top is free."""
        b = self.k.b
        no, yes = b.constant(0, i1), b.constant(1, i1)
        with b.loop(b.index(0)) as loop:
            (at,) = loop.state
            left = at * 2 + 1
            with b.if_(left < size) as inner:
                child, column = self._lesser(left, size)
                with b.if_(column < item.column) as below:
                    self.write(at, self.read(child))
                    below.gives(yes, child)
                with below.otherwise():
                    below.gives(no, at)
                inner.gives(*below.results)
            with inner.otherwise():
                inner.gives(no, at)
            loop.again_while(*inner.results)
        self.write(loop.results[0], item)

    def _lesser(self, left: Value, size: Value) -> tuple[Value, Value]:
        """The child with the lesser column."""
        b = self.k.b
        right, column = left + 1, b.load_index(self.columns, left)
        with b.if_(right < size) as two:
            other = b.load_index(self.columns, right)
            with b.if_(other < column) as less:
                less.gives(right, other)
            with less.otherwise():
                less.gives(left, column)
            two.gives(*less.results)
        with two.otherwise():
            two.gives(left, column)
        child, least = two.results
        return child, least


def merge(
    heap: Heap, size: Value, start: Value, column_at: Callable[[Value], Value], product: Callable[[Item], Value]
) -> Value:
    """Empty a heap of `size` lists into the `t` arrays from `start` on; one past the last entry."""
    k, b = heap.k, heap.k.b
    algebra = k.algebra
    none = b.index(-1)
    with b.loop(size, start, none, b.constant(algebra.identity, algebra.sum_type)) as loop:
        loop.while_(loop.state[0] > 0)
        size, at, current, total = loop.state
        top = heap.read(b.index(0))
        contribution = product(top)
        with b.if_(top.column.eq(current)) as same:
            same.gives(at, algebra.add(total, contribution))
        with same.otherwise():
            with b.if_(current >= 0) as first:
                append(k, at, current, total)
                first.gives(at + 1)
            with first.otherwise():
                first.gives(at)
            same.gives(first.results[0], contribution)
        size = _advance(heap, size, top, column_at)
        loop.next(size, same.results[0], top.column, same.results[1])
    _, at, current, total = loop.results
    with b.if_(current >= 0) as last:
        append(k, at, current, total)
        last.gives(at + 1)
    with last.otherwise():
        last.gives(at)
    return last.results[0]


def _advance(heap: Heap, size: Value, top: Item, column_at: Callable[[Value], Value]) -> Value:
    """The top's list goes on, or the last list takes its place."""
    b = heap.k.b
    position = top.position + 1
    with b.if_(position < top.end) as more:
        heap.sink(size, Item(column_at(position), position, top.end, top.factor))
        more.gives(size)
    with more.otherwise():
        less = size - 1
        with b.if_(less > 0):
            heap.sink(less, heap.read(less))
        more.gives(less)
    return more.results[0]


__all__ = ["INDEX", "LIST_BYTES", "Heap", "Item", "merge"]

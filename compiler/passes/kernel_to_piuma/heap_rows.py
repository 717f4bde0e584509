"""Row-wise product by a heap (Azad et al. 2016): each thread merges the rows of B that a row of A names."""

from __future__ import annotations

from compiler.passes.kernel_to_piuma.heap_merge import Heap, Item, merge
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.row_results import clear_tokens, finish_row, gather_rows, meet_all, rows_in_turn
from compiler.passes.kernel_to_piuma.symbolic import count_and_sum
from compiler.passes.loops.values import Value


def build(k: Kernel) -> None:
    """All phases."""
    clear_tokens(k)
    count_and_sum(k, by_columns=False)
    heap = Heap.of(k, 0, k.schedule.heap_lists)
    with rows_in_turn(k, k["rows"]) as row:
        start = k.b.load_index(k["bounds"], row)
        end = merge(heap, _fill(k, heap, row), start, lambda at: _column(k, at), lambda item: _product(k, item))
        finish_row(k, row, end - start)
    meet_all(k)
    gather_rows(k)


def _fill(k: Kernel, heap: Heap, row: Value) -> Value:
    """The lists of a row into the heap; how many."""
    b, a, other = k.b, k.operand("a"), k.operand("b")
    first, last = b.load_index(a.pointers, row), b.load_index(a.pointers, row + 1)
    with b.range(first, last, carry=(b.index(0),)) as loop:
        (size,) = loop.state
        inner = b.load_index(a.indices, loop.index)
        start, end = b.load_index(other.pointers, inner), b.load_index(other.pointers, inner + 1)
        with b.if_(start < end) as some:
            heap.rise(size, Item(_column(k, start), start, end, k.value(a.values, loop.index)))
            some.gives(size + 1)
        with some.otherwise():
            some.gives(size)
        loop.next(*some.results)
    return loop.results[0]


def _column(k: Kernel, at: Value) -> Value:
    return k.b.load_index(k["b_indices"], at)


def _product(k: Kernel, item: Item) -> Value:
    return k.algebra.multiply(k.b, item.factor, k.value(k["b_values"], item.position))

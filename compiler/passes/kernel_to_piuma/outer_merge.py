"""Outer product with merge (OuterSPACE, SpArch): columns of A times rows of B into memory, then each row's lists merged.

    multiply     for every k, each entry of A's column k makes a scaled copy of B's row k in its row's part of `t`;
                 a row remembers where its lists begin and end
    merge        the lists of a row, sorted as B's rows are, through a heap, over the partial products in place

A comes by columns: the parameters `a_…` are the rows of its transpose.
"""

from __future__ import annotations

from compiler.passes.kernel_to_piuma.heap_merge import Heap, Item, merge
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.row_results import clear_tokens, finish_row, gather_rows, meet_all, rows_in_turn
from compiler.passes.kernel_to_piuma.symbolic import count_columns_and_sum
from compiler.passes.loops.values import Value


def build(k: Kernel) -> None:
    """All phases."""
    b = k.b
    clear_tokens(k)
    count_columns_and_sum(k)
    _multiply(k)
    meet_all(k)
    heap = Heap.of(k, 0, k.schedule.heap_lists)
    with rows_in_turn(k, k["rows"], token=1) as row:
        start = b.load_index(k["bounds"], row)
        end = merge(
            heap,
            _fill(k, heap, row),
            b.load_index(k["bounds"], row),
            lambda at: _column(k, at),
            lambda item: _sum(k, item),
        )
        finish_row(k, row, end - start)
    meet_all(k)
    gather_rows(k)


def _multiply(k: Kernel) -> None:
    b, a, other = k.b, k.operand("a"), k.operand("b")
    with rows_in_turn(k, k["inner"]) as inner:
        first, last = b.load_index(other.pointers, inner), b.load_index(other.pointers, inner + 1)
        with b.if_(first < last), k.entries(a, inner) as p:
            row = b.load_index(a.indices, p)
            factor = k.value(a.values, p)
            at = b.load_index(k["bounds"], row) + b.atomic("add", k["fills"], row, last - first).to(first.type)
            seat = b.load_index(k["list_bounds"], row) + b.atomic("add", k["lists"], row, 1).to(first.type)
            b.store(at, k["list_starts"], seat)
            b.store(at + (last - first), k["list_ends"], seat)
            with b.range(first, last) as q:
                to = at + (q.index - first)
                b.store(b.load(other.indices, q.index), k["p_indices"], to)
                b.store(k.algebra.multiply(b, factor, k.value(other.values, q.index)), k["p_values"], to)


def _fill(k: Kernel, heap: Heap, row: Value) -> Value:
    """The lists of a row into the heap; how many."""
    b = k.b
    first, count = b.load_index(k["list_bounds"], row), b.load_index(k["lists"], row)
    with b.range(0, count) as loop:
        start = b.load_index(k["list_starts"], first + loop.index)
        end = b.load_index(k["list_ends"], first + loop.index)
        factor = b.constant(0, k.algebra.sum_type)
        heap.rise(loop.index, Item(_column(k, start), start, end, factor))
    return count


def _column(k: Kernel, at: Value) -> Value:
    return k.b.load_index(k["p_indices"], at)


def _sum(k: Kernel, item: Item) -> Value:
    return k.b.load(k["p_values"], item.position)

"""Expand, sort, compress (Bell, Dalton and Olson 2012): a row's products as a list, sorted by column, neighbours added.

The list is sorted from below, runs of 1, 2, 4, … merged between the `t` and the `p` arrays; the sum of equal columns is
written to `t` in place.
"""

from __future__ import annotations

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.row_results import (
    append,
    clear_tokens,
    finish_row,
    gather_rows,
    meet_all,
    rows_in_turn,
)
from compiler.passes.kernel_to_piuma.symbolic import count_and_sum
from compiler.passes.loops.values import Value

Pair = tuple[Value, Value]
"""Columns and values."""


def build(k: Kernel) -> None:
    """All phases."""
    b = k.b
    clear_tokens(k)
    count_and_sum(k, by_columns=False)
    with rows_in_turn(k, k["rows"]) as row:
        start, end = b.load_index(k["bounds"], row), b.load_index(k["bounds"], row + 1)
        _expand(k, row, start)
        columns, values = _sort(k, start, end)
        finish_row(k, row, _compress(k, (columns, values), start, end) - start)
    meet_all(k)
    gather_rows(k)


def _expand(k: Kernel, row: Value, start: Value) -> None:
    b, a, other = k.b, k.operand("a"), k.operand("b")
    first, last = b.load_index(a.pointers, row), b.load_index(a.pointers, row + 1)
    with b.range(first, last, carry=(start,)) as outer:
        inner = b.load_index(a.indices, outer.index)
        factor = k.value(a.values, outer.index)
        low, high = b.load_index(other.pointers, inner), b.load_index(other.pointers, inner + 1)
        shift = outer.state[0] - low
        with b.range(low, high) as q:
            product = k.algebra.multiply(b, factor, k.value(other.values, q.index))
            append(k, shift + q.index, b.load_index(other.indices, q.index), product)
        outer.next(shift + high)


def _sort(k: Kernel, start: Value, end: Value) -> Pair:
    """The arrays that hold the row in order."""
    b = k.b
    state = (start.like(1), k["t_indices"], k["t_values"], k["p_indices"], k["p_values"])
    with b.loop(*state) as loop:
        loop.while_(loop.state[0] < end - start)
        width, *arrays = loop.state
        source, target = (arrays[0], arrays[1]), (arrays[2], arrays[3])
        with b.range(start, end, width * 2) as runs:
            middle = (runs.index + width).minimum(end)
            _merge_runs(k, source, target, (runs.index, middle, (middle + width).minimum(end)))
        loop.next(width * 2, *target, *source)
    return loop.results[1], loop.results[2]


def _merge_runs(k: Kernel, source: Pair, target: Pair, bounds: tuple[Value, Value, Value]) -> None:
    """Two neighbouring runs into one, equal columns in their order."""
    b = k.b
    low, middle, high = bounds
    with b.range(low, high, carry=(low, middle)) as loop:
        left, right = loop.state
        with b.if_(_takes_left(k, source[0], left, right, bounds)) as choice:
            choice.gives(left, left + 1, right)
        with choice.otherwise():
            choice.gives(right, left, right + 1)
        taken, left, right = choice.results
        b.store(b.load(source[0], taken), target[0], loop.index)
        b.store(b.load(source[1], taken), target[1], loop.index)
        loop.next(left, right)


def _takes_left(k: Kernel, columns: Value, left: Value, right: Value, bounds: tuple[Value, Value, Value]) -> Value:
    b = k.b
    _, middle, high = bounds
    with b.if_((left < middle) & (right < high)) as both:
        both.gives((b.load_index(columns, left) <= b.load_index(columns, right)).unsigned_to(left.type))
    with both.otherwise():
        both.gives((left < middle).unsigned_to(left.type))
    return both.results[0].ne(0)


def _compress(k: Kernel, row: Pair, start: Value, end: Value) -> Value:
    """Sums of equal columns into `t`; one past the last."""
    b, algebra = k.b, k.algebra
    with b.if_(start < end) as some:
        first = (b.load_index(row[0], start), b.load(row[1], start))
        with b.range(start + 1, end, carry=(start, *first)) as loop:
            at, current, total = loop.state
            column, value = b.load_index(row[0], loop.index), b.load(row[1], loop.index)
            with b.if_(column.eq(current)) as same:
                same.gives(at, algebra.add(total, value))
            with same.otherwise():
                append(k, at, current, total)
                same.gives(at + 1, value)
            loop.next(same.results[0], column, same.results[1])
        append(k, *loop.results)
        some.gives(loop.results[0] + 1)
    with some.otherwise():
        some.gives(start)
    return some.results[0]

"""Products of matrices and sums along the last dimension, in the order that the op names.

Sums of integers are the same in any order, so the loops stand as the machine likes them; sums of floats are rounded at each addition,
and the number of the addition is that of its draw.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import f64, i64

from compiler.arithmetic.formats import Format
from compiler.dialects.qarith_linear import MatmulOp, Order, ReduceOp
from compiler.dialects.qarith_ops import element, shape_of
from compiler.dialects.qarith_types import element_of
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.elementwise import draws_of
from compiler.passes.qarith_to_loops.lowering import Lowering
from compiler.passes.qarith_to_loops.rounding import drawn, rounded


def write_matmul(low: Lowering, op: MatmulOp) -> None:
    """a [n, k] times b [k, m], b [m, k] or b [k]."""
    accumulator = element_of(op.accumulator)
    if isinstance(accumulator, Format):
        _multiply_floats(low, op, accumulator)
    else:
        _multiply_integers(low, op)


def _multiply_floats(low: Lowering, op: MatmulOp, accumulator: Format) -> None:
    """Entry by entry, rounded at each addition."""
    n, depth, m, by_rows = _sizes(op)
    a, right, result = low.place(op.a), low.place(op.b), low.new_place(op.result)
    draw = _Draws(low, op)
    with low.shared(n * m, depth) as flat:
        i, j = (flat // m, flat % m) if m > 1 else (flat, low.b.index(0))
        row, column = i * depth, j if by_rows else j * depth
        step = m if by_rows else 1
        with low.b.range(0, depth, carry=(low.b.constant(0.0, f64),)) as loop:
            total = loop.state[0] + a.load(row + loop.index) * right.load(column + loop.index * step)
            loop.next(draw.rounded(accumulator, total, loop.index, n * m, flat))
        result.store(loop.results[0], flat)


def _multiply_integers(low: Lowering, op: MatmulOp) -> None:
    """Tiles of rows and columns whose sums stay in registers: an element is loaded once for a row or column of its tile."""
    n, depth, m, by_rows = _sizes(op)
    a, right, result = low.place(op.a), low.place(op.b), low.new_place(op.result)
    rows = max(each for each in range(1, low.schedule.tile + 1) if n % each == 0)
    columns = max(
        each for each in range(1, max(2, low.schedule.sums // rows + 1)) if m % each == 0 and each <= _COLUMNS
    )
    across, step, apart = m // columns, m if by_rows else 1, 1 if by_rows else depth
    with low.shared(n // rows * across, depth * rows * columns) as flat:
        i, j = (flat // across, flat % across) if across > 1 else (flat, low.b.index(0))
        row, column = i * (rows * depth), j * (columns * apart)
        with low.b.range(0, depth, carry=(low.b.constant(0, i64),) * (rows * columns)) as loop:
            at = column + loop.index * step
            factors = [right.load(at + each * apart) for each in range(columns)]
            sums: list[Value] = []
            for each in range(rows):
                left = a.load(row + loop.index + each * depth)
                held = loop.state[each * columns : (each + 1) * columns]
                sums += [total + left * factor for total, factor in zip(held, factors, strict=True)]
            loop.next(*sums)
        for each, total in enumerate(loop.results):
            down, right_by = divmod(each, columns)
            result.store(total, i * (rows * m) + j * columns + (down * m + right_by))


_COLUMNS = 4
"""Of a tile."""


def tile_of(op: MatmulOp, tile: int, sums: int) -> tuple[int, int]:
    """Rows and columns of a tile: as many rows as asked for, as many columns as there are registers for, both without a rest."""
    n, _, m, _ = _sizes(op)
    rows = max(each for each in range(1, tile + 1) if n % each == 0)
    return rows, max(each for each in range(1, min(_COLUMNS, max(1, sums // rows)) + 1) if m % each == 0)


def _sizes(op: MatmulOp) -> tuple[int, int, int, bool]:
    """n, k, m, and whether the columns of b lie beside each other."""
    n, depth = shape_of(op.a)
    m = shape_of(op.result)[1] if len(shape_of(op.result)) == 2 else 1
    return n, depth, m, op.transpose_b is None and m > 1


def write_reduce(low: Lowering, op: ReduceOp) -> None:
    """The sums of the rows."""
    *leading, width = shape_of(op.x)
    rows = 1
    for each in leading:
        rows *= each
    target = element(op.result)
    if not isinstance(target, Format):
        _sum_integers(low, op, rows, width)
    elif op.order.data is Order.SEQUENTIAL:
        _sum_in_order(low, op, target, rows, width)
    else:
        _sum_pairwise(low, op, target, rows, width)


def _sum_integers(low: Lowering, op: ReduceOp, rows: int, width: int) -> None:
    x, result = low.place(op.x), low.new_place(op.result)
    with low.shared(rows, width) as row:
        start = row * width
        with low.b.range(start, start + width, carry=(low.b.constant(0, i64),)) as loop:
            loop.next(loop.state[0] + x.load(loop.index))
        result.store(loop.results[0], row)


def _sum_in_order(low: Lowering, op: ReduceOp, target: Format, rows: int, width: int) -> None:
    x, result, draw = low.place(op.x), low.new_place(op.result), _Draws(low, op)
    with low.shared(rows, width) as row:
        start = row * width
        with low.b.range(1, width, carry=(x.load(start),)) as loop:
            total = loop.state[0] + x.load(start + loop.index)
            loop.next(draw.rounded(target, total, loop.index - 1, rows, row))
        result.store(loop.results[0], row)


def _sum_pairwise(low: Lowering, op: ReduceOp, target: Format, rows: int, width: int) -> None:
    """In room of the row's own: first half plus second half, until one is left; an odd element waits at the end."""
    x, result, draw = low.place(op.x), low.new_place(op.result), _Draws(low, op)
    room = low.room(f64, rows * width)
    with low.shared(rows, 2 * width) as row:
        start = row * width
        with low.b.range(start, start + width) as each:
            low.b.store(x.load(each.index), room.ref, each.index)
        left, before = width, 0
        while left > 1:
            half = left // 2
            with low.b.range(0, half) as each:
                at = start + each.index
                total = low.b.load(room.ref, at) + low.b.load(room.ref, at + half)
                number = row * half + each.index + before
                low.b.store(draw.rounded_at(target, total, number), room.ref, at)
            if left % 2:
                low.b.store(low.b.load(room.ref, start + 2 * half), room.ref, start + half)
            left, before = half + left % 2, before + rows * half
        result.store(low.b.load(room.ref, start), row)


class _Draws:
    """The rounding of an op's sums, with the numbers that they draw."""

    def __init__(self, low: Lowering, op: Any) -> None:
        self._how = op.rounding.data if op.rounding is not None else None
        self._key = low.key_of(op) if draws_of(op) is not None else None

    def rounded(self, target: Format, x: Value, part: Value, size: int, at: Value) -> Value:
        """Of the sums of one op, number `part` of element `at` of `size`."""
        return self.rounded_at(target, x, part * size + at)

    def rounded_at(self, target: Format, x: Value, number: Value) -> Value:
        assert self._how is not None
        random = drawn(self._key, number.to(i64)) if self._key is not None else None
        return rounded(self._how, target, x, random)

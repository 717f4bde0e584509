"""Ops along the last dimension: softmax, GELU as I-ViT has it, layer norm. A thread takes a row.

What a row has in common (its maximum, its sum, what it is divided by) is found once; the divisions of a row are one.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import i32, i64

from compiler.arithmetic import integer_functions as functions
from compiler.dialects.qarith_integer import GeluOp, LayerNormOp, Method, SoftmaxOp
from compiler.dialects.qarith_ops import one_scale, shape_of
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.lowering import Lowering, Place


def write_softmax(low: Lowering, op: SoftmaxOp) -> None:
    """Maximum, exponentials and their sum, then the shares."""
    scale, method = one_scale(op.x, "the operand").scale.value, op.method.data
    rows, width = _rows(op)
    x, result = low.place(op.x), low.new_place(op.result)
    powers = low.room(i64 if method is Method.SHIFT else i32, rows * width)
    quadratic = functions.ExpQuadratic.of(scale)
    with low.shared(rows, width) as row:
        start = row * width
        largest = _largest(low, x, start, width)

        def power(at: Value, total: Value) -> Value:
            distance = x.load(at) - largest
            found = (
                functions.exp_shift(distance, scale, functions.SOFTMAX_SHIFT)
                if method is Method.SHIFT
                else quadratic(distance)
            )
            low.b.store(found.to(powers.element), powers.ref, at)
            return total + found

        total = _folded(low, start, width, low.b.constant(0, i64), power)
        factor = functions.shiftmax_factor(total) if method is Method.SHIFT else functions.softmax_factor(total)
        with low.b.range(start, start + width) as each:
            found = powers.load(each.index)
            share = (
                functions.shiftmax(found, factor, method.bits)
                if method is Method.SHIFT
                else functions.softmax_quadratic(found, factor)
            )
            result.store(share, each.index)


def write_shift_gelu(low: Lowering, op: GeluOp) -> None:
    """Each element against the row's maximum."""
    scale = one_scale(op.x, "the operand").scale.value
    rows, width = _rows(op)
    x, result = low.place(op.x), low.new_place(op.result)
    with low.shared(rows, width) as row:
        start = row * width
        largest = _largest(low, x, start, width)
        base = functions.shift_gelu_base(largest, scale)
        with low.b.range(start, start + width) as each:
            found = functions.shift_gelu(x.load(each.index), largest, base, scale, op.method.data.bits)
            result.store(found, each.index)


def write_layer_norm(low: Lowering, op: LayerNormOp) -> None:
    """The sum, the sum of squares of distances, then the quotients."""
    rows, width = _rows(op)
    x, beta, result = low.place(op.x), low.place(op.beta), low.new_place(op.result)
    shift = op.method.data is Method.SHIFT
    zero = low.b.constant(0, i64)
    with low.shared(rows, width) as row:
        start = row * width
        total = _folded(low, start, width, zero, lambda at, sum_: sum_ + x.load(at))
        mean = functions.rounded_mean(total, width) if shift else total

        def distance(at: Value) -> Value:
            return x.load(at) - mean if shift else x.load(at) * width - mean

        def squares(at: Value, sum_: Value) -> Value:
            y = distance(at)
            return sum_ + y * y

        variance = _folded(low, start, width, zero, squares)
        factor = (
            functions.shift_norm_factor(functions.newton_root(variance)) if shift else functions.norm_factor(variance)
        )
        norm = functions.layer_norm_shift if shift else functions.layer_norm_exact
        with low.b.range(0, width) as each:
            found = norm(distance(start + each.index), factor)
            result.store(found + beta.load(each.index), start + each.index)


def _rows(op: SoftmaxOp | GeluOp | LayerNormOp) -> tuple[int, int]:
    """How many rows, and how long they are."""
    shape = shape_of(op.x)
    width = shape[-1] if shape else 1
    rows = 1
    for each in shape[:-1]:
        rows *= each
    return rows, width


def _largest(low: Lowering, x: Place, start: Value, width: int) -> Value:
    with low.b.range(start + 1, start + width, carry=(x.load(start),)) as loop:
        loop.next(loop.state[0].maximum(x.load(loop.index)))
    return loop.results[0]


def _folded(low: Lowering, start: Value, width: int, first: Value, more: Callable[[Value, Value], Value]) -> Value:
    """What is carried over the elements of a row."""
    with low.b.range(start, start + width, carry=(first,)) as loop:
        loop.next(more(loop.index, loop.state[0]))
    return loop.results[0]

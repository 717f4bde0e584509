"""What each op of `qarith` computes: its attributes meet the functions of `compiler/arithmetic/`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation

from compiler.arithmetic import integer_functions as functions
from compiler.arithmetic import lookup
from compiler.arithmetic.dyadic import Dyadic, requantised
from compiler.arithmetic.formats import Format, Reals
from compiler.arithmetic.random_stream import draws
from compiler.arithmetic.rounding import Mode, round_to
from compiler.arithmetic.words import Lanes
from compiler.dialects.qarith_integer import ExpOp, GeluOp, LayerNormOp, Method, SoftmaxOp, SquareRootOp
from compiler.dialects.qarith_linear import (
    AddOp,
    Boundary,
    BuildTablesOp,
    LookupOp,
    MatmulOp,
    Order,
    ReduceOp,
    StencilOp,
)
from compiler.dialects.qarith_ops import MANTISSA_BITS, element, one_scale, quantised, scale_at, shape_of
from compiler.dialects.qarith_rounding import CastOp, DequantiseOp, QuantiseOp, RequantiseOp, RoundOp
from compiler.dialects.qarith_types import Quantised, Rounding, element_of

Array = NDArray[Any]
Integers = NDArray[np.int64]


def rounded(rounding: Rounding, target: Format, x: Reals, step: int, up: Array | None = None, part: int = 0) -> Reals:
    """`x` as the attribute says. `part` numbers the sums of one op, which draw one after the other."""
    random = None
    if rounding.mode is Mode.SR:
        assert rounding.stream is not None
        random = draws(rounding.stream, step, x.size, part * x.size)
    directions = None if up is None else up.astype(np.bool_)
    return round_to(target, x, rounding.mode, random=random, up=directions, overflow=rounding.overflow)


def _split(op: RoundOp | QuantiseOp | RequantiseOp, rest: tuple[Any, ...]) -> tuple[int, Array | None]:
    """The optional operands: step and directions."""
    given = iter(rest)
    step = next(given) if op.step is not None else 0
    return step, next(given) if op.up is not None else None


def _round(op: RoundOp, x: Reals, *rest: Any) -> Reals:
    step, up = _split(op, rest)
    target = element(op.result)
    assert isinstance(target, Format)
    return rounded(op.rounding.data, target, x, step, up)


def _along(it: Quantised, rank: int) -> tuple[int, ...]:
    """The shape in which the scales meet a tensor."""
    return tuple(-1 if at == it.axis else 1 for at in range(rank))


def _quantise(op: QuantiseOp, x: Reals, *rest: Any) -> Integers:
    step, up = _split(op, rest)
    target = quantised(op.result, "the result")
    scales = np.array([float(each) for each in target.scales])
    scaled = x / (scales.reshape(_along(target, x.ndim)) if target.axis is not None else scales[0])
    storage = target.storage
    clamped = np.clip(np.where(np.isnan(scaled), 0, scaled), storage.low, storage.high)
    return rounded(op.rounding.data, INTEGERS, clamped, step, up).astype(np.int64)


INTEGERS = Format(5, 50, -49)
"""A float whose smallest distance is 1, and which holds all integers below 2^51: rounding to it is rounding to integers."""


def _requantise(op: RequantiseOp, x: Integers, *rest: Any) -> Integers:
    step, _ = _split(op, rest)
    source, target = quantised(op.x, "the operand"), quantised(op.result, "the result")
    rounding = op.rounding.data
    random = None
    if rounding.stream is not None:
        random = Lanes(draws(rounding.stream, step, x.size).view(np.int64).reshape(x.shape))
    axis = source.axis if source.axis is not None else target.axis
    if axis is None:
        return _requantise_part(source, target, 0, rounding, x, random)
    parts = [
        _requantise_part(
            source, target, at, rounding, x.take([at], axis), random and Lanes(random.array.take([at], axis))
        )
        for at in range(x.shape[axis])
    ]
    return np.concatenate(parts, axis)


def _requantise_part(
    source: Quantised, target: Quantised, index: int, rounding: Rounding, x: Integers, random: Lanes | None
) -> Integers:
    ratio = Dyadic.near(scale_at(source, index) / scale_at(target, index), MANTISSA_BITS)
    storage = target.storage
    return requantised(Lanes(x), ratio, rounding.mode, storage.low, storage.high, random).array


def _dequantise(op: DequantiseOp, x: Integers) -> Reals:
    source = quantised(op.x, "the operand")
    scales = np.array([float(each) for each in source.scales])
    return x.astype(np.float64) * (scales.reshape(_along(source, x.ndim)) if source.axis is not None else scales[0])


def _cast(op: CastOp, x: Array) -> Array:
    return x.astype(np.float64) if isinstance(element(op.result), Format) else x


def _exp(op: ExpOp, x: Integers) -> Integers:
    scale = one_scale(op.x, "the operand").scale.value
    return functions.ExpQuadratic.of(scale)(Lanes(x).minimum(0)).array


def _softmax(op: SoftmaxOp, x: Integers) -> Integers:
    scale = one_scale(op.x, "the operand").scale.value
    distance = Lanes(x - x.max(-1, keepdims=True))
    match op.method.data:
        case Method.SHIFT:
            powers = functions.exp_shift(distance, scale, functions.SOFTMAX_SHIFT)
            return functions.shiftmax(powers, functions.shiftmax_factor(_sums(powers)), Method.SHIFT.bits).array
        case Method.QUADRATIC:
            powers = functions.ExpQuadratic.of(scale)(distance)
            return functions.softmax_quadratic(powers, functions.softmax_factor(_sums(powers))).array


def _sums(x: Lanes) -> Lanes:
    return Lanes(x.array.sum(-1, keepdims=True))


def _gelu(op: GeluOp, x: Integers) -> Integers:
    scale = one_scale(op.x, "the operand").scale.value
    match op.method.data:
        case Method.SHIFT:
            largest = Lanes(x.max(-1, keepdims=True))
            base = functions.shift_gelu_base(largest, scale)
            return functions.shift_gelu(Lanes(x), largest, base, scale, Method.SHIFT.bits).array
        case Method.QUADRATIC:
            return functions.GeluQuadratic.of(scale)(Lanes(x)).array


def _layer_norm(op: LayerNormOp, x: Integers, beta: Integers) -> Integers:
    width = x.shape[-1]
    total = Lanes(x.sum(-1, keepdims=True))
    match op.method.data:
        case Method.SHIFT:
            y = Lanes(x) - functions.rounded_mean(total, width)
            normed = functions.layer_norm_shift(y, functions.shift_norm_factor(functions.newton_root(_sums(y * y))))
        case Method.QUADRATIC:
            y = Lanes(x) * width - total
            normed = functions.layer_norm_exact(y, functions.norm_factor(_sums(y * y)))
    return (normed + Lanes(beta)).array


def _square_root(op: SquareRootOp, x: Integers) -> Integers:
    return functions.square_root(Lanes(x)).array


def _matmul(op: MatmulOp, a: Array, b: Array, step: int = 0) -> Array:
    accumulator = element_of(op.accumulator)
    if op.transpose_b is not None:
        b = b.T
    if not isinstance(accumulator, Format):
        return a @ b
    assert op.rounding is not None
    total = np.zeros(shape_of(op.result))
    for k in range(a.shape[1]):
        product = np.multiply.outer(a[:, k], b[k])
        total = rounded(op.rounding.data, accumulator, total + product, step, part=k)
    return total


def _add(_op: AddOp, a: Integers, b: Integers) -> Integers:
    return a + b


def _build_tables(op: BuildTablesOp, x: Integers) -> Integers:
    return lookup.tables_of(x, int(op.group.value.data))


def _lookup(op: LookupOp, tables: Integers, weights: Integers) -> Integers:
    storage = element(op.weights)
    assert not isinstance(storage, Format | Quantised)
    return lookup.product(tables, lookup.subsets_of(weights, storage.width, tables.shape[-1].bit_length() - 1))


def _reduce(op: ReduceOp, x: Array, step: int = 0) -> Array:
    target = element(op.result)
    if not isinstance(target, Format):
        return x.sum(-1)
    assert op.rounding is not None
    match op.order.data:
        case Order.SEQUENTIAL:
            total = x[..., 0]
            for at in range(1, x.shape[-1]):
                total = rounded(op.rounding.data, target, total + x[..., at], step, part=at - 1)
            return total
        case Order.PAIRWISE:
            return _pairwise(op.rounding.data, target, x, step)


def _pairwise(rounding: Rounding, target: Format, x: Reals, step: int) -> Reals:
    """Halves until one is left; an odd element waits at the end. Sums of one round draw in row-major order, rounds one after the other."""
    drawn = 0
    while x.shape[-1] > 1:
        half = x.shape[-1] // 2
        sums = np.ascontiguousarray(x[..., :half] + x[..., half : 2 * half])
        random = None
        if rounding.stream is not None:
            random = draws(rounding.stream, step, sums.size, drawn)
            drawn += sums.size
        sums = round_to(target, sums, rounding.mode, random=random, overflow=rounding.overflow)
        x = np.concatenate([sums, x[..., 2 * half :]], -1)
    return x[..., 0]


def _stencil(op: StencilOp, u: Reals) -> Reals:
    axes = tuple(range(u.ndim))
    total = np.zeros_like(u)
    for place, (offset, weight) in enumerate(op.taps):
        term = weight * np.roll(u, [-each for each in offset], axes)
        total = total + term if place else term
    if op.boundary.data is Boundary.PERIODIC:
        return total
    inside = _inside(op, u.shape)
    result = u.copy()
    result[inside] = total[inside]
    return result


def _inside(op: StencilOp, shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Where no tap leaves the tensor."""
    offsets = np.array([offset for offset, _ in op.taps])
    low, high = np.maximum(-offsets.min(0), 0), np.minimum(np.array(shape) - offsets.max(0), shape)
    return tuple(slice(int(first), int(last)) for first, last in zip(low, high, strict=True))


OPERATIONS: dict[type[Operation], Callable[..., Array]] = {
    RoundOp: _round,
    CastOp: _cast,
    QuantiseOp: _quantise,
    DequantiseOp: _dequantise,
    RequantiseOp: _requantise,
    ExpOp: _exp,
    SoftmaxOp: _softmax,
    GeluOp: _gelu,
    LayerNormOp: _layer_norm,
    SquareRootOp: _square_root,
    MatmulOp: _matmul,
    AddOp: _add,
    BuildTablesOp: _build_tables,
    LookupOp: _lookup,
    ReduceOp: _reduce,
    StencilOp: _stencil,
}

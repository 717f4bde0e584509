"""Ops whose result at an index needs their operands at that index alone: what each computes of doubles and words.

    write_element(element, op, (x,))        the result's element, in the loop that is being written

Several such ops that follow each other become one loop. Stencils are among them: they read their operand's neighbours from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, f64, i64
from xdsl.ir import Operation, SSAValue

from compiler.arithmetic import integer_functions as functions
from compiler.arithmetic.dyadic import Dyadic, requantised
from compiler.arithmetic.formats import Format
from compiler.arithmetic.rounding import Mode
from compiler.dialects.qarith_integer import ExpOp, GeluOp, Method, SquareRootOp
from compiler.dialects.qarith_linear import AddOp, StencilOp
from compiler.dialects.qarith_ops import MANTISSA_BITS, Shape, element, one_scale, quantised, scale_at, shape_of
from compiler.dialects.qarith_rounding import CastOp, DequantiseOp, QuantiseOp, RequantiseOp, RoundOp
from compiler.dialects.qarith_types import Quantised, Rounding
from compiler.interpreter.operations import INTEGERS
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.rounding import drawn, rounded, to_integer

PLAIN: Mapping[type[Operation], Callable[..., Value]] = {
    arith.AddfOp: Value.__add__,
    arith.SubfOp: Value.__sub__,
    arith.MulfOp: Value.__mul__,
    arith.DivfOp: Value.__truediv__,
    arith.NegfOp: Value.__neg__,
}

ELEMENTWISE = (
    *PLAIN,
    *(RoundOp, CastOp, QuantiseOp, DequantiseOp, RequantiseOp, ExpOp, SquareRootOp, AddOp),
)


def is_elementwise(op: Operation) -> bool:
    """Whether the op is of this file, by its attributes."""
    if isinstance(op, GeluOp):
        return op.method.data is Method.QUADRATIC
    return isinstance(op, (*ELEMENTWISE, StencilOp))


def needs_coordinates(op: Operation) -> bool:
    """Whether it must know more than the number of its element."""
    kinds = [element(each) for each in (*op.operands, *op.results) if each.type.name == "tensor"]
    return isinstance(op, StencilOp) or any(isinstance(each, Quantised) and each.axis is not None for each in kinds)


@dataclass(frozen=True, slots=True)
class At:
    """Where a loop is: the number of the element, and its coordinates where the loop has them."""

    b: LoopBuilder
    index: Value
    coordinates: tuple[Value, ...]
    keys: Mapping[Operation, Value]
    """Of the ops that draw random numbers, where this step's counter starts."""
    tables: Mapping[Operation, tuple[Value, ...]]
    """Of the ops with scales per channel, the arrays of what they multiply by."""

    def random(self, op: Operation) -> Value | None:
        """The op's random number for this element."""
        return drawn(self.keys[op], self.index.to(i64)) if op in self.keys else None


def write_element(at: At, op: Operation, operands: Sequence[Value]) -> Value:
    """The result's element, a double or a word."""
    if plain := PLAIN.get(type(op)):
        return plain(*operands)
    match op:
        case RoundOp():
            target = element(op.result)
            assert isinstance(target, Format)
            return rounded(op.rounding.data, target, operands[0], at.random(op), _directions(op, operands))
        case CastOp():
            x = operands[0]
            return x.to(f64) if isinstance(element(op.result), Format) else x
        case QuantiseOp():
            return _quantise(at, op, operands)
        case DequantiseOp():
            return _dequantise(at, op, operands[0])
        case RequantiseOp():
            return _requantise(at, op, operands[0])
        case AddOp():
            return operands[0] + operands[1]
        case _:
            return _function(op, operands[0])


def _function(op: Operation, x: Value) -> Value:
    match op:
        case ExpOp():
            return functions.ExpQuadratic.of(one_scale(op.x, "the operand").scale.value)(x.minimum(0))
        case GeluOp():
            return functions.GeluQuadratic.of(one_scale(op.x, "the operand").scale.value)(x)
        case SquareRootOp():
            return functions.square_root(x)
        case _:
            raise AssertionError(f"{op.name} is not elementwise")


def _directions(op: RoundOp | QuantiseOp, operands: Sequence[Value]) -> Value | None:
    """The operand that says which elements go up: the last."""
    return operands[-1] if op.up is not None else None


# --- scales --------------------------------------------------------------------------------------------------------------------


def tables_of(op: Operation) -> list[Sequence[float] | Sequence[int]]:
    """What an op with scales per channel reads by channel: scales as doubles, or mantissas and exponents of ratios."""
    match op:
        case QuantiseOp() if (it := quantised(op.result, "the result")).axis is not None:
            return [[float(each) for each in it.scales]]
        case DequantiseOp() if (it := quantised(op.x, "the operand")).axis is not None:
            return [[float(each) for each in it.scales]]
        case RequantiseOp() if _axis(op) is not None:
            ratios = ratios_of(op)
            return [[each.mantissa for each in ratios], [each.exponent for each in ratios]]
        case _:
            return []


def ratios_of(op: RequantiseOp) -> list[Dyadic]:
    """By channel, what an element is multiplied by."""
    source, target = quantised(op.x, "the operand"), quantised(op.result, "the result")
    channels = max(len(source.scales), len(target.scales))
    return [Dyadic.near(scale_at(source, at) / scale_at(target, at), MANTISSA_BITS) for at in range(channels)]


def _axis(op: RequantiseOp) -> int | None:
    source, target = quantised(op.x, "the operand"), quantised(op.result, "the result")
    return source.axis if source.axis is not None else target.axis


def _quantise(at: At, op: QuantiseOp, operands: Sequence[Value]) -> Value:
    target = quantised(op.result, "the result")
    scale = at.b.load(at.tables[op][0], at.coordinates[target.axis]) if target.axis is not None else float(target.scale)
    scaled = operands[0] / scale
    number = scaled.ne(scaled).select(scaled.like(0.0), scaled)
    clamped = number.maximum(float(target.storage.low)).minimum(float(target.storage.high))
    how: Rounding = op.rounding.data
    return to_integer(how.mode, clamped, INTEGERS, at.random(op), _directions(op, operands))


def _dequantise(at: At, op: DequantiseOp, x: Value) -> Value:
    source = quantised(op.x, "the operand")
    if source.axis is None:
        return x.to(f64) * float(source.scale)
    return x.to(f64) * at.b.load(at.tables[op][0], at.coordinates[source.axis])


def _requantise(at: At, op: RequantiseOp, x: Value) -> Value:
    storage, mode = quantised(op.result, "the result").storage, op.rounding.data.mode
    axis = _axis(op)
    if axis is None:
        (ratio,) = ratios_of(op)
        return requantised(x, ratio, mode, storage.low, storage.high, at.random(op))
    mantissa, exponent = (at.b.load(each, at.coordinates[axis]) for each in at.tables[op])
    product = x * mantissa
    if any(each.exponent < 0 for each in ratios_of(op)):
        product = product << (0 - exponent).maximum(0)
        exponent = exponent.maximum(0)
    return _shifted(product, exponent, mode, at.random(op)).minimum(storage.high).maximum(storage.low)


def _shifted(product: Value, shift: Value, mode: Mode, random: Value | None) -> Value:
    """As `dyadic.shifted`, by a distance of 0 to 62 that is not known before."""
    below = product.shift_right_signed(shift)
    rest = product - (below << shift)
    match mode:
        case Mode.RN:
            goes_up = (rest << 1) + (below & 1) > 1 << shift
        case Mode.RZ:
            goes_up = (product < 0) & rest.ne(0)
        case Mode.SR:
            assert random is not None
            goes_up = random.ult(rest << (64 - shift).minimum(63))
        case Mode.LEARNED:
            raise AssertionError("integers are not learned here")
    return below + goes_up.unsigned_to(i64)


# --- constants and places --------------------------------------------------------------------------------------------------------


def splat_of(op: arith.ConstantOp) -> float | int | None:
    """The number that a tensor of one number is full of."""
    if not isinstance(op.value, DenseIntOrFPElementsAttr):
        return None
    numbers: list[Any] = list(op.value.get_values())
    return numbers[0] if len(set(numbers)) == 1 else None


def numbers_of(op: arith.ConstantOp) -> list[Any]:
    """All elements of a constant tensor."""
    dense: Any = op.value
    numbers, count = list(dense.get_values()), prod(shape_of(op.result))
    return numbers * (count if len(numbers) == 1 else 1)


def draws_of(op: Operation) -> Rounding | None:
    """How an op rounds that draws random numbers."""
    rounding: Any = getattr(op, "rounding", None)
    return rounding.data if rounding is not None and rounding.data.mode is Mode.SR else None


def tensor_operands(op: Operation) -> list[SSAValue]:
    """The operands that are tensors: all but the number of the step."""
    return [each for each in op.operands if each.type.name == "tensor"]


def count_of(shape: Shape) -> int:
    """Elements of a tensor."""
    return prod(shape)

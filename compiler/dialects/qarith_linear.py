"""Ops of `qarith` that add up: products of matrices, look-up products, reductions, stencils. Each names accumulator and order.

    %c = qarith.matmul %a, %b {accumulator = si32} : …                                                    integers: any order is the same
    %c = qarith.matmul %a, %b {accumulator = !qarith.fp<fp16>, rounding = #qarith.rounding<rn>} : …       k = 0, 1, …; rounded at each addition
    %c = qarith.add %a, %b : …                                                                            quantised, of one scale; exact
    %t = qarith.build_tables %x {group = 4} : tensor<64xsi8> -> tensor<16x16xsi32>
    %y = qarith.lookup %t, %w : tensor<16x16xsi32>, tensor<8x64xsi4> -> tensor<8xsi32>
    %s = qarith.reduce %x {order = #qarith.order<pairwise>, rounding = #qarith.rounding<rn>} : tensor<8x!qarith.fp<bf16>> -> …
    %v = qarith.stencil %u {offsets = array<i64: -1, 0, 1>, weights = array<f64: 0.25, 0.5, 0.25>, boundary = #qarith.boundary<periodic>} : …

A product of floats is exact in a double (their significands have at most 26 bits); its sum with the accumulator is a double's, rounded
to nearest, and then rounded to the accumulator's format as the op says. Refused: sums that overflow an integer accumulator.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from xdsl.dialects.builtin import DenseArrayBase, IndexType, IntegerAttr, IntegerType, UnitAttr
from xdsl.ir import Attribute, Data
from xdsl.irdl import (
    AnyAttr,
    AttrSizedOperandSegments,
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
)
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from compiler.arithmetic.formats import FP64, Format
from compiler.arithmetic.rounding import Mode
from compiler.dialects.qarith_ops import (
    check_rounding,
    element,
    integer,
    mismatch,
    overflow_of,
    quantised,
    real,
    require_same_shape,
    shape_of,
    text,
)
from compiler.dialects.qarith_types import Element, Integer, Quantised, RoundingAttr, element_of


class Order(StrEnum):
    """In which order a sum is taken."""

    SEQUENTIAL = "sequential"  # ((x0 + x1) + x2) + …
    PAIRWISE = "pairwise"  # first half with second half, element by element, until one is left


class Boundary(StrEnum):
    """What lies beyond the edge of a tensor."""

    PERIODIC = "periodic"  # the other edge
    FIXED = "fixed"  # elements that would need it keep their value


@irdl_attr_definition
class OrderAttr(Data[Order]):
    """An order, by its name."""

    name = "qarith.order"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Order:
        with parser.in_angle_brackets():
            return Order(parser.parse_keyword_in(list(Order)))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


@irdl_attr_definition
class BoundaryAttr(Data[Boundary]):
    """A boundary, by its name."""

    name = "qarith.boundary"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Boundary:
        with parser.in_angle_brackets():
            return Boundary(parser.parse_keyword_in(list(Boundary)))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


@irdl_op_definition
class MatmulOp(IRDLOperation):
    """a [n, k] times b [k, m], or b [k]; with `transpose_b`, b is [m, k].

    Quantised operands give the product of their scales; b may have scales per column of the product.
    """

    name = "qarith.matmul"

    a = operand_def(AnyAttr())
    b = operand_def(AnyAttr())
    step = opt_operand_def(IndexType())
    accumulator = prop_def(Attribute)
    rounding = opt_prop_def(RoundingAttr)
    transpose_b = opt_prop_def(UnitAttr)
    result = result_def(AnyAttr())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = "$a `,` $b (`step` $step^)? attr-dict `:` type($a) `,` type($b) `->` type($result)"

    def verify_(self) -> None:
        a, b, c = shape_of(self.a), shape_of(self.b), shape_of(self.result)
        if self.transpose_b is not None:
            b = b[::-1]
        if len(a) != 2 or len(b) not in (1, 2):
            raise mismatch(f"a matrix times a matrix or a vector, not {text(a)} times {text(b)}")
        if a[1] != b[0]:
            raise mismatch(f"the left operand has {a[1]} columns, but the right one {b[0]} rows")
        if c != (a[0], *b[1:]):
            raise mismatch(f"the product is {text((a[0], *b[1:]))}, but the result {text(c)}")
        match element_of(self.accumulator):
            case Integer() as accumulator:
                self._verify_integers(accumulator, a[1])
            case Format() as accumulator:
                self._verify_floats(accumulator)
            case _:
                raise VerifyException("the accumulator is an integer type or a float")

    def _verify_integers(self, accumulator: Integer, depth: int) -> None:
        if self.rounding is not None or self.step is not None:
            raise VerifyException("sums of integers are exact: they name no rounding")
        left, right, result = element(self.a), element(self.b), element(self.result)
        largest = _storage(left).largest * _storage(right).largest * depth
        if not accumulator.signed or largest > accumulator.high:
            raise overflow_of(
                f"{depth} products of {_storage(left)} and {_storage(right)} reach {largest}, beyond {accumulator}"
            )
        if _storage(result) != accumulator:
            raise VerifyException(f"the result must hold the accumulator's {accumulator}")
        self._verify_scales(left, right, result)

    def _verify_scales(self, left: Element, right: Element, result: Element) -> None:
        if not isinstance(left, Quantised) or not isinstance(right, Quantised):
            if any(isinstance(each, Quantised) for each in (left, right, result)):
                raise VerifyException("both operands and the result are quantised, or none is")
            return
        columns = 1 if self.transpose_b is None else 0
        if left.axis is not None or right.axis not in (None, columns):
            raise VerifyException("scales per channel stand along the columns of the right operand")
        expected = tuple((left.scale * each).value for each in right.scales)
        if not isinstance(result, Quantised) or tuple(each.value for each in result.scales) != expected:
            shown = ", ".join(
                f"[{it.mantissa}, {it.exponent}]" for it in (left.scale * each for each in right.scales[:4])
            )
            raise VerifyException(f"the scales of the product are {shown}{', …' if len(expected) > 4 else ''}")

    def _verify_floats(self, accumulator: Format) -> None:
        left, right = real(self.a, "the left operand"), real(self.b, "the right operand")
        if max(left.mantissa_bits, right.mantissa_bits) > 25 and accumulator != FP64:
            raise VerifyException("products of more than 26 significand bits are not exact: their accumulator is f64")
        if real(self.result, "the result") != accumulator:
            raise VerifyException("the result must hold the accumulator's format")
        _check_summation(self.rounding, accumulator, self.a)


@irdl_op_definition
class AddOp(IRDLOperation):
    """The sum of quantised tensors of one scale, exact: the result's integers hold it."""

    name = "qarith.add"

    a = operand_def(AnyAttr())
    b = operand_def(AnyAttr())
    result = result_def(AnyAttr())
    assembly_format = "$a `,` $b attr-dict `:` type($a) `,` type($b) `->` type($result)"

    def verify_(self) -> None:
        require_same_shape(self.a, self.b, "the other operand")
        require_same_shape(self.a, self.result)
        left, right, result = (quantised(each, "an operand") for each in (self.a, self.b, self.result))
        if not left.scales == right.scales == result.scales or not left.axis == right.axis == result.axis:
            raise VerifyException("operands and result must have one scale: requantise before")
        low, high = left.storage.low + right.storage.low, left.storage.high + right.storage.high
        if low < result.storage.low or high > result.storage.high:
            raise overflow_of(f"sums of {left.storage} and {right.storage} do not fit {result.storage}")


@irdl_op_definition
class BuildTablesOp(IRDLOperation):
    """[inputs] to [groups, 2^group]: the sum of every subset of each group of inputs. A batch of inputs has the batch first in both."""

    name = "qarith.build_tables"

    x = operand_def(AnyAttr())
    group = prop_def(IntegerAttr[IntegerType])
    result = result_def(AnyAttr())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def verify_(self) -> None:
        group, shape = int(self.group.value.data), shape_of(self.x)
        if not 1 <= group <= 12 or len(shape) not in (1, 2) or shape[-1] % group:
            raise mismatch(f"groups of {group} do not divide a tensor {text(shape)}; a group has 1 to 12 inputs")
        expected = (*shape[:-1], shape[-1] // group, 1 << group)
        if shape_of(self.result) != expected:
            raise mismatch(f"the tables are {text(expected)}, but the result {text(shape_of(self.result))}")
        source, target = integer(self.x, "the operand"), integer(self.result, "the result")
        if not target.signed or source.largest * group > target.high:
            raise overflow_of(f"sums of {group} {source} do not fit {target}")


@irdl_op_definition
class LookupOp(IRDLOperation):
    """tables [groups, 2^group] and weights [outputs, inputs] of few bits to [outputs]: the products, without a multiplication.

    Tables of a batch give a batch of outputs: [batch, groups, 2^group] to [batch, outputs].
    """

    name = "qarith.lookup"

    tables = operand_def(AnyAttr())
    weights = operand_def(AnyAttr())
    result = result_def(AnyAttr())
    assembly_format = "$tables `,` $weights attr-dict `:` type($tables) `,` type($weights) `->` type($result)"

    def verify_(self) -> None:
        tables, weights = shape_of(self.tables), shape_of(self.weights)
        if len(tables) not in (2, 3) or len(weights) != 2 or tables[-1] & (tables[-1] - 1) or tables[-1] < 2:
            raise mismatch(
                f"tables [groups, 2^group] and weights [outputs, inputs], not {text(tables)} and {text(weights)}"
            )
        groups, group = tables[-2], tables[-1].bit_length() - 1
        if groups * group != weights[1]:
            raise mismatch(f"{groups} tables of {group} inputs, but weights for {weights[1]}")
        expected = (*tables[:-2], weights[0])
        if shape_of(self.result) != expected:
            raise mismatch(f"the outputs are {text(expected)}, but the result is {text(shape_of(self.result))}")
        entry, weight, target = (integer(each, "an operand") for each in (self.tables, self.weights, self.result))
        if not weight.signed or weight.width > 8:
            raise VerifyException(f"weights are signed, of at most 8 bits, not {weight}")
        largest = groups * entry.largest << weight.width
        if not target.signed or largest > target.high:
            raise overflow_of(f"{groups} entries of {entry} in {weight.width} planes reach {largest}, beyond {target}")


@irdl_op_definition
class ReduceOp(IRDLOperation):
    """The sum along the last dimension, in a named order, rounded to the result's format at each addition."""

    name = "qarith.reduce"

    x = operand_def(AnyAttr())
    step = opt_operand_def(IndexType())
    order = prop_def(OrderAttr)
    rounding = opt_prop_def(RoundingAttr)
    result = result_def(AnyAttr())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = "$x (`step` $step^)? attr-dict `:` type($x) `->` type($result)"

    def verify_(self) -> None:
        shape = shape_of(self.x)
        if not shape or shape_of(self.result) != shape[:-1]:
            raise mismatch(
                f"the sums of {text(shape)} are {text(shape[:-1])}, but the result is {text(shape_of(self.result))}"
            )
        source, target = element(self.x), element(self.result)
        if isinstance(source, Format) and isinstance(target, Format):
            _check_summation(self.rounding, target, self.x)
            if not target.holds(source):
                raise VerifyException("the result must hold every value of the operand")
            return
        if not isinstance(source, Integer) or not isinstance(target, Integer):
            raise VerifyException("floats are summed to floats, integers to integers")
        if source.high * shape[-1] > target.high or source.low * shape[-1] < target.low:
            raise overflow_of(f"sums of {shape[-1]} {source} do not fit {target}")


@irdl_op_definition
class StencilOp(IRDLOperation):
    """sum over taps of weight * u[i + offset], in doubles, taps in the order given. `offsets` holds one number per dimension and tap."""

    name = "qarith.stencil"

    x = operand_def(AnyAttr())
    offsets = prop_def(DenseArrayBase)
    weights = prop_def(DenseArrayBase)
    boundary = prop_def(BoundaryAttr)
    result = result_def(AnyAttr())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    @property
    def taps(self) -> list[tuple[tuple[int, ...], float]]:
        """Offset and weight of each tap."""
        offsets, weights = _numbers(self.offsets), _numbers(self.weights)
        rank = len(shape_of(self.x))
        return [
            (tuple(int(it) for it in offsets[at * rank : (at + 1) * rank]), float(each))
            for at, each in enumerate(weights)
        ]

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        if real(self.x, "the operand") != FP64 or real(self.result, "the result") != FP64:
            raise VerifyException("a stencil is computed in f64: cast before it, round after it")
        offsets, weights = _numbers(self.offsets), _numbers(self.weights)
        shape = shape_of(self.x)
        if not shape or not weights or len(offsets) != len(weights) * len(shape):
            raise mismatch(f"{len(weights)} weights need {len(weights) * len(shape)} offsets, not {len(offsets)}")
        if any(abs(each) >= size for offset, _ in self.taps for each, size in zip(offset, shape, strict=True)):
            raise mismatch(f"an offset leaves the tensor {text(shape)}")


def _numbers(it: Any) -> list[float]:
    """The elements of a dense array."""
    return list(it.get_values())


def _storage(it: Element) -> Integer:
    match it:
        case Integer():
            return it
        case Quantised():
            return it.storage
        case Format():
            raise VerifyException("an integer accumulator takes integers")


def _check_summation(rounding: RoundingAttr | None, target: Format, x: Any) -> None:
    if rounding is None:
        raise VerifyException("sums of floats round: name how, such as #qarith.rounding<rn>")
    if rounding.data.mode is Mode.LEARNED:
        raise VerifyException("the rounding of a sum cannot be learned")
    check_rounding(rounding.data, target, None, x)

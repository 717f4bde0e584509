"""Ops of `qarith` that change the format of numbers: the exact ones, and those that round.

    %y = qarith.round %x step %t {rounding = #qarith.rounding<sr, stream 0 of 1>} : …     to a float; %t numbers the time step
    %y = qarith.cast %x : …                                                               exact, or refused
    %q = qarith.quantise %x {rounding = #qarith.rounding<rn>} : …                         a float to integers of a scale
    %x = qarith.dequantise %q : …                                                         exact
    %r = qarith.requantise %q {rounding = #qarith.rounding<rn>} : …                       to other integers of another scale

Element i of a tensor, in row-major order, gets number i of its op's stream and step. Refused: rounding that does not say all that
its results depend on, casts that would round, scales whose product with a value leaves the word of 64 bits.
"""

from __future__ import annotations

from xdsl.dialects.builtin import IndexType
from xdsl.irdl import (
    AnyAttr,
    AttrSizedOperandSegments,
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    prop_def,
    result_def,
)
from xdsl.utils.exceptions import VerifyException

from compiler.arithmetic.formats import FP64, Format
from compiler.dialects.qarith_ops import (
    check_requantisation,
    check_rounding,
    element,
    overflow_of,
    quantised,
    real,
    require_same_shape,
)
from compiler.dialects.qarith_types import Integer, Quantised, RoundingAttr


class _RoundingOp(IRDLOperation):
    """What all ops that round have in common. `step`: the time step, 0 without it."""

    x = operand_def(AnyAttr())
    step = opt_operand_def(IndexType())
    up = opt_operand_def(AnyAttr())
    rounding = prop_def(RoundingAttr)
    result = result_def(AnyAttr())

    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = "$x (`step` $step^)? (`up` $up^ `:` type($up))? attr-dict `:` type($x) `->` type($result)"


@irdl_op_definition
class RoundOp(_RoundingOp):
    """A float to a float; `up` says for the mode `learned` which elements go away from zero (ui1)."""

    name = "qarith.round"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        real(self.x, "the operand")
        check_rounding(self.rounding.data, real(self.result, "the result"), self.up, self.x)


@irdl_op_definition
class QuantiseOp(_RoundingOp):
    """A float to an integer: x / scale, a double, rounded as the mode says and clamped; NaN gives 0."""

    name = "qarith.quantise"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        real(self.x, "the operand")
        target = quantised(self.result, "the result")
        if target.storage.width > 32:
            raise VerifyException("floats are quantised to at most 32 bits")
        check_rounding(self.rounding.data, target.storage, self.up, self.x)


@irdl_op_definition
class RequantiseOp(_RoundingOp):
    """round(q * m / 2^e) with m of 31 bits and m / 2^e the ratio of the scales, clamped to the result's integers."""

    name = "qarith.requantise"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        source, target = quantised(self.x, "the operand"), quantised(self.result, "the result")
        if self.up is not None:
            raise VerifyException("requantisation has no directions to learn")
        check_rounding(self.rounding.data, target.storage, None, self.x)
        check_requantisation(source, target)


@irdl_op_definition
class CastOp(IRDLOperation):
    """The same numbers in a type that holds them all; between integers and quantised numbers, the same integers."""

    name = "qarith.cast"

    x = operand_def(AnyAttr())
    result = result_def(AnyAttr())
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        source, target = element(self.x), element(self.result)
        match source, target:
            case Format(), Format():
                held = target.holds(source)
            case Integer(), Integer():
                held = target.low <= source.low and source.high <= target.high
            case Integer(), Format():
                held = target.holds_integers(source.low, source.high)
            case Integer(), Quantised():
                held = target.storage.low <= source.low and source.high <= target.storage.high
            case Quantised(), Integer():
                held = target.low <= source.storage.low and source.storage.high <= target.high
            case _:
                held = False
        if not held:
            raise VerifyException("the result does not hold every value of the operand: a cast never rounds")


@irdl_op_definition
class DequantiseOp(IRDLOperation):
    """q * scale as a double, exactly."""

    name = "qarith.dequantise"

    x = operand_def(AnyAttr())
    result = result_def(AnyAttr())
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        if real(self.result, "the result") != FP64:
            raise VerifyException("the result must hold f64")
        source = quantised(self.x, "the operand")
        for scale in source.scales:
            bits = source.storage.width - source.storage.signed + scale.mantissa.bit_length()
            if bits > 53:
                raise overflow_of(
                    f"{source.storage} times a mantissa of {scale.mantissa.bit_length()} bits is no double"
                )

"""Integer-only functions of quantised tensors (`compiler/arithmetic/integer_functions.py` has the formulas).

    %p = qarith.softmax %x {method = #qarith.method<quadratic>} : tensor<4x197x!qarith.quant<si8, [1, 4]>> -> tensor<…ui16, [1, 15]…>
    %y = qarith.gelu %x {method = #qarith.method<shift>} : …
    %y = qarith.layer_norm %x, %beta {method = …} : …          over the last dimension; gamma is in the scales of the result
    %e = qarith.exp %x : …                                     of x <= 0
    %r = qarith.square_root %n : tensor<8xui62> -> tensor<8xui32>

`shift` is I-ViT's formula, `quadratic` ours. Softmax and GELU work along the last dimension. The scale of a result follows from the
formula, and the verifier says which it is.
"""

from __future__ import annotations

from enum import StrEnum

from xdsl.ir import Data
from xdsl.irdl import (
    AnyAttr,
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
)
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from compiler.arithmetic.dyadic import Dyadic
from compiler.dialects.qarith_ops import (
    integer,
    mismatch,
    one_scale,
    overflow_of,
    quantised,
    require_same_shape,
    shape_of,
)
from compiler.dialects.qarith_types import Integer, Quantised


class Method(StrEnum):
    """Which formula."""

    SHIFT = "shift"
    QUADRATIC = "quadratic"

    @property
    def bits(self) -> int:
        """Bits of a probability, sign included: those of the published 8-bit modules, and ours."""
        return 8 if self is Method.SHIFT else 16


@irdl_attr_definition
class MethodAttr(Data[Method]):
    """A method, by its name."""

    name = "qarith.method"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Method:
        with parser.in_angle_brackets():
            return Method(parser.parse_keyword_in(list(Method)))

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


class _UnaryOp(IRDLOperation):
    x = operand_def(AnyAttr())
    method = prop_def(MethodAttr)
    result = result_def(AnyAttr())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"


@irdl_op_definition
class SoftmaxOp(_UnaryOp):
    """Softmax along the last dimension; the scale of the result is 2^-7 (`shift`) or 2^-15 (`quadratic`)."""

    name = "qarith.softmax"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        source = _input(self)
        bits = self.method.data.bits
        _require_result(self, Integer(bits, False), Dyadic(1, bits - 1))
        rows = shape_of(self.x)
        largest = 1 << 16 if self.method.data is Method.QUADRATIC else _largest_exponential(source)
        if rows and rows[-1] * largest > (1 << 62):
            raise overflow_of(f"the sum of {rows[-1]} exponentials does not fit a word")


@irdl_op_definition
class GeluOp(_UnaryOp):
    """GELU; the scale of the result is that of the operand times 2^-7 (`shift`) or 2^-15 (`quadratic`)."""

    name = "qarith.gelu"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        source = _input(self)
        power = self.method.data.bits - 1
        scale = source.scale * Dyadic(1, power)
        _require_result(self, Integer(source.storage.width + power + 1, True), scale)


@irdl_op_definition
class ExpOp(IRDLOperation):
    """exp(x) for x <= 0, scale 2^-15; larger operands count as 0."""

    name = "qarith.exp"

    x = operand_def(AnyAttr())
    result = result_def(AnyAttr())
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        _input(self)
        _require_result(self, Integer(16, False), Dyadic(1, 15))


@irdl_op_definition
class LayerNormOp(IRDLOperation):
    """(x - mean) / deviation + beta along the last dimension, for beta in the scales of the result.

    A result q stands for q * sqrt(d) / 2^30 (`shift`) or q * sqrt(d) / 2^15 (`quadratic`) times gamma: no dyadic number, so the types are
    plain integers, and who requantises chooses the dyadic scale that is nearest.
    """

    name = "qarith.layer_norm"

    x = operand_def(AnyAttr())
    beta = operand_def(AnyAttr())
    method = prop_def(MethodAttr)
    result = result_def(AnyAttr())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$x `,` $beta attr-dict `:` type($x) `,` type($beta) `->` type($result)"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        source = _input(self)
        shape = shape_of(self.x)
        if not shape or shape_of(self.beta) != shape[-1:]:
            raise mismatch(f"beta must have the {shape[-1] if shape else 0} elements of the last dimension")
        beta, result = integer(self.beta, "beta"), integer(self.result, "the result")
        if result != Integer(32, True):
            raise VerifyException("the result must hold si32")
        if beta.largest > _LARGEST_NORMED:
            raise overflow_of(f"beta of {beta} and what is normed, up to 2^30, do not fit si32: beta has at most si31")
        half_range = (source.storage.high - source.storage.low) // 2 + 1  # no set of numbers has a larger deviation
        spread = half_range * (shape[-1] if self.method.data is Method.QUADRATIC else 1)
        if shape[-1] * spread**2 >= 1 << 46:
            raise overflow_of(f"the sum of {shape[-1]} squares of {source.storage} does not fit its 46 bits")


@irdl_op_definition
class SquareRootOp(IRDLOperation):
    """floor(sqrt(n))."""

    name = "qarith.square_root"

    x = operand_def(AnyAttr())
    result = result_def(AnyAttr())
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def verify_(self) -> None:
        require_same_shape(self.x, self.result)
        source, target = integer(self.x, "the operand"), integer(self.result, "the result")
        if source.signed or source.width > 62:
            raise VerifyException("the operand must be unsigned, of at most 62 bits")
        if target.high**2 + 2 * target.high < source.high:
            raise overflow_of(f"roots of {source} do not fit {target}")


def _input(op: SoftmaxOp | GeluOp | ExpOp | LayerNormOp) -> Quantised:
    source = one_scale(op.x, "the operand")
    if source.storage.width > 16:
        raise VerifyException(f"the operand must have at most 16 bits, not {source.storage.width}: requantise it first")
    scale = float(source.scale)
    if not 2.0**-16 <= scale <= 1:
        raise overflow_of(f"a scale of {scale:g} is outside 2^-16 to 1, where the exponential's fixed point is")
    return source


_LARGEST_NORMED = 1 << 30
"""Of a normed number without beta: y / root is at most 1, in units of 2^-30 (`shift`)."""


def _largest_exponential(source: Quantised) -> int:
    """A bound of `exp_shift` for operands that are at most 0."""
    return int(2 / float(source.scale) + 2) << 15


def _require_result(op: SoftmaxOp | GeluOp | ExpOp, least: Integer, scale: Dyadic) -> None:
    found = quantised(op.result, "the result")
    if found.axis is not None or found.scale.value != scale.value:
        raise VerifyException(f"the result has the scale [{scale.mantissa}, {scale.exponent}]")
    if least.low < found.storage.low or least.high > found.storage.high:
        raise overflow_of(f"the result needs {least}, but is {found.storage}")

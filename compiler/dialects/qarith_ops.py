"""What the ops of `qarith` have in common: elements and shapes of operands, and the objections to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.exceptions import VerifyException

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import Format
from compiler.arithmetic.rounding import Mode, Overflow
from compiler.codes import Code
from compiler.dialects.qarith_types import Element, Integer, Quantised, Rounding, element_of
from compiler.objection import Objection

AnyTensor = TensorType[Attribute]
Shape = tuple[int, ...]

WORD_BITS = 64
MANTISSA_BITS = 31
"""Bits of the mantissa that a requantisation multiplies by (I-ViT)."""


def shape_of(value: SSAValue) -> Shape:
    """The sizes of a tensor; all are known."""
    kind = _tensor(value)
    return tuple(kind.get_shape())


def element(value: SSAValue) -> Element:
    """What a tensor is of."""
    kind = _tensor(value)
    found = element_of(kind.get_element_type())
    if found is None:
        raise VerifyException(
            f"a tensor of {kind.get_element_type()}: elements are f64, !qarith.fp, !qarith.quant, siN, uiN"
        )
    if isinstance(found, Quantised):
        _check_axis(found, tuple(kind.get_shape()))
    return found


def _tensor(value: SSAValue) -> AnyTensor:
    kind = cast(AnyTensor, value.type)
    if not isinstance(value.type, TensorType):
        raise VerifyException(f"expected a tensor, not {kind}")
    if -1 in kind.get_shape():
        raise VerifyException(f"the sizes of {kind} must be known")
    return kind


def _check_axis(it: Quantised, shape: Shape) -> None:
    if it.axis is not None and (it.axis >= len(shape) or shape[it.axis] != len(it.scales)):
        raise mismatch(f"{len(it.scales)} scales along dimension {it.axis} of a tensor {text(shape)}")


def real(value: SSAValue, what: str) -> Format:
    """The element, which must be a float."""
    found = element(value)
    if isinstance(found, Format):
        return found
    raise VerifyException(f"{what} must hold floats, but holds {_name(found)}")


def quantised(value: SSAValue, what: str) -> Quantised:
    """The element, which must be quantised."""
    found = element(value)
    if isinstance(found, Quantised):
        return found
    raise VerifyException(f"{what} must be quantised, but holds {_name(found)}")


def one_scale(value: SSAValue, what: str) -> Quantised:
    """The element, which must be quantised with one scale for the tensor."""
    found = quantised(value, what)
    if found.axis is None:
        return found
    raise VerifyException(f"{what} must have one scale for the whole tensor")


def integer(value: SSAValue, what: str) -> Integer:
    """The element, which must be a plain integer."""
    found = element(value)
    if isinstance(found, Integer):
        return found
    raise VerifyException(f"{what} must hold integers, but holds {_name(found)}")


def _name(found: Element) -> str:
    return {Format: "floats", Integer: "integers", Quantised: "quantised numbers"}[type(found)]


def text(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "of one element"


def mismatch(message: str) -> Objection:
    return Objection(Code.ARITHMETIC_SHAPE, message, help="give the tensors sizes that fit each other")


def require_same_shape(one: SSAValue, other: SSAValue, what: str = "the result") -> None:
    if shape_of(one) != shape_of(other):
        raise mismatch(f"the operand is {text(shape_of(one))}, but {what} is {text(shape_of(other))}")


def check_rounding(rounding: Rounding, target: Format | Integer, up: SSAValue | None, x: SSAValue) -> None:
    """An op that rounds says all that its results depend on."""
    if rounding.mode is Mode.SR and rounding.stream is None:
        raise Objection(
            Code.RANDOM_STREAM,
            "stochastic rounding without a random stream: the results would not be reproducible",
            help="name a stream and its seed: #qarith.rounding<sr, stream 0 of 1>; give each op a stream of its own",
        )
    if rounding.mode is not Mode.SR and rounding.stream is not None:
        raise VerifyException(f"rounding `{rounding.mode.value}` draws no random numbers: leave the stream out")
    if (rounding.mode is Mode.LEARNED) != (up is not None):
        raise VerifyException("the mode `learned`, and no other, takes an operand that says which elements go up")
    if up is not None:
        require_same_shape(x, up, "the operand of directions")
    if isinstance(target, Format):
        _check_target(rounding, target)


def _check_target(rounding: Rounding, target: Format) -> None:
    if not target.holds_zero:
        raise Objection(
            Code.FORMAT_WITHOUT_ZERO,
            "numbers are rounded to a format that cannot hold zero",
            help="flavour `fnu` is for scales of blocks; round to one that has a zero, such as `finite` or `fn`",
        )
    if rounding.overflow is Overflow.SPECIAL and not target.holds_nan:
        raise VerifyException("the format holds neither infinity nor NaN: rounding to it must saturate")


def check_requantisation(source: Quantised, target: Quantised) -> None:
    """accumulator * mantissa fits a word, for every scale."""
    if source.axis is not None and target.axis is not None and source.axis != target.axis:
        raise VerifyException("scales along two different dimensions")
    product = source.storage.width + (not source.storage.signed) + MANTISSA_BITS
    if product > WORD_BITS:
        raise overflow_of(
            f"{source.storage} times a scale of {MANTISSA_BITS} bits needs {product} bits, a word has {WORD_BITS}"
        )
    for exponent in {ratio_exponent(source, target, at) for at in range(max(len(source.scales), len(target.scales)))}:
        shift_room = WORD_BITS - product
        if exponent > 62:
            raise overflow_of(
                f"a ratio of scales near 2^{MANTISSA_BITS - exponent} leaves nothing of a {source.storage}"
            )
        if -exponent > shift_room:
            raise overflow_of(
                f"a ratio of scales near 2^{MANTISSA_BITS - exponent} shifts a {source.storage} out of its word"
            )


def ratio_exponent(source: Quantised, target: Quantised, index: int) -> int:
    """The exponent of the dyadic ratio by which requantisation multiplies."""
    return Dyadic.near(scale_at(source, index) / scale_at(target, index), MANTISSA_BITS).exponent


def scale_at(it: Quantised, index: int) -> Dyadic:
    """The scale of an index of the axis."""
    return it.scales[index if it.axis is not None else 0]


def overflow_of(message: str) -> Objection:
    return Objection(
        Code.SCALE_OVERFLOW,
        message,
        help="choose a wider accumulator, narrower operands or scales that are nearer to each other",
    )

"""The types of low-precision arithmetic, and how something is rounded.

    !qarith.fp<e4m3fn>, !qarith.fp<4, 3, 7, fn>          exponent bits, mantissa bits, bias, flavour: the same type
    !qarith.fp<11, 8, 1023, ieee>                         doubles with 8 bits after the leading one
    !qarith.quant<si8, [93, 12]>                          an 8-bit integer q that stands for q * 93 * 2^-12
    !qarith.quant<si8, axis 1, [93, 12], [80, 12]>        one scale per index of dimension 1
    #qarith.rounding<rn>   <rz, special>   <sr, stream 3 of 1>   <learned>

Plain integers are builtin: `si8`, `ui4`, `si37`. Refused: formats that are none (`compiler/arithmetic/formats.py` says which), integers
without a sign rule or beyond words of 64 bits, scales that are not positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from xdsl.dialects.builtin import Float64Type, IntegerType, Signedness
from xdsl.ir import Attribute, Data, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.formats import FP64, NAMED, Flavour, Format, FormatError
from compiler.arithmetic.random_stream import Stream
from compiler.arithmetic.rounding import Mode, Overflow

_NAME_OF = {each: name for name, each in NAMED.items()}


@irdl_attr_definition
class FpType(Data[Format], TypeAttribute):
    """A small float."""

    name = "qarith.fp"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Format:
        with parser.in_angle_brackets():
            start = parser.pos
            name = parser.parse_optional_identifier()
            if name is None:
                return _parse_format(parser)
            if name not in NAMED:
                known = ", ".join(NAMED)
                parser.raise_error(f"there is no format `{name}`, only {known}", start, start + len(name))
            return NAMED[name]

    def print_parameter(self, printer: Printer) -> None:
        it = self.data
        full = f"{it.exponent_bits}, {it.mantissa_bits}, {it.bias}, {it.flavour.value}"
        printer.print_string(f"<{_NAME_OF.get(it, full)}>")


def _parse_format(parser: AttrParser) -> Format:
    start = parser.pos
    numbers: list[int] = []
    for _ in range(3):
        numbers.append(parser.parse_integer(allow_boolean=False))
        parser.parse_punctuation(",")
    flavour = Flavour(parser.parse_keyword_in([each.value for each in Flavour]))
    try:
        return Format(numbers[0], numbers[1], numbers[2], flavour)
    except FormatError as error:
        parser.raise_error(str(error), start, parser.pos)


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer of `width` bits, at most 64, without a sign 63: what a signed word holds."""

    width: int
    signed: bool

    @property
    def low(self) -> int:
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        return (1 << (self.width - self.signed)) - 1

    @property
    def largest(self) -> int:
        """The largest magnitude."""
        return max(-self.low, self.high)

    def __str__(self) -> str:
        return f"{'s' if self.signed else 'u'}i{self.width}"


@dataclass(frozen=True, slots=True)
class Quantised:
    """Integers of a dyadic scale; with an axis, one scale per index of that dimension."""

    storage: Integer
    scales: tuple[Dyadic, ...]
    axis: int | None = None

    @property
    def scale(self) -> Dyadic:
        """The scale of all; there is one only without an axis."""
        assert self.axis is None
        return self.scales[0]


@irdl_attr_definition
class QuantType(Data[Quantised], TypeAttribute):
    """A quantised number: symmetric, without a zero point, as integer-only transformers have it."""

    name = "qarith.quant"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Quantised:
        with parser.in_angle_brackets():
            storage = _parse_integer_type(parser)
            parser.parse_punctuation(",")
            axis = None
            if parser.parse_optional_keyword("axis"):
                axis = parser.parse_integer(allow_boolean=False, allow_negative=False)
                parser.parse_punctuation(",")
            scales = [_parse_scale(parser)]
            while axis is not None and parser.parse_optional_punctuation(","):
                scales.append(_parse_scale(parser))
            return Quantised(storage, tuple(scales), axis)

    def print_parameter(self, printer: Printer) -> None:
        axis = "" if self.data.axis is None else f"axis {self.data.axis}, "
        scales = ", ".join(f"[{each.mantissa}, {each.exponent}]" for each in self.data.scales)
        printer.print_string(f"<{self.data.storage}, {axis}{scales}>")


def _parse_integer_type(parser: AttrParser) -> Integer:
    start = parser.pos
    kind = parser.parse_type()
    found = integer_of(kind)
    if found is None:
        parser.raise_error(
            f"expected an integer like si8 or ui4 of at most 64 bits (without a sign 63), not {kind}", start, parser.pos
        )
    return found


def _parse_scale(parser: AttrParser) -> Dyadic:
    start = parser.pos
    mantissa, exponent = _parse_pair(parser)
    if mantissa <= 0:
        parser.raise_error(f"a scale is positive, but {mantissa} is not", start, parser.pos)
    return Dyadic(mantissa, exponent)


def _parse_pair(parser: AttrParser) -> tuple[int, int]:
    parser.parse_punctuation("[")
    mantissa = parser.parse_integer(allow_boolean=False)
    parser.parse_punctuation(",")
    exponent = parser.parse_integer(allow_boolean=False)
    parser.parse_punctuation("]")
    return mantissa, exponent


def integer_of(kind: Attribute) -> Integer | None:
    """A builtin integer type with a sign rule that a signed word holds; None for any other."""
    if not isinstance(kind, IntegerType):
        return None
    it = cast(Any, kind)
    width, sign = int(it.width.data), it.signedness.data
    signed = sign is Signedness.SIGNED
    if sign is Signedness.SIGNLESS or not 1 <= width <= 63 + signed:
        return None
    return Integer(width, signed)


Element = Format | Integer | Quantised
"""What a tensor of this dialect is of; a plain f64 is the format of all doubles."""


def element_of(kind: Attribute) -> Element | None:
    """The element that a type says; None for one that is not of this dialect."""
    match kind:
        case FpType() | QuantType():
            return kind.data
        case Float64Type():
            return FP64
        case _:
            return integer_of(kind)


@dataclass(frozen=True, slots=True)
class Rounding:
    """The mode, what happens beyond the largest value and, for stochastic rounding, where its random numbers come from."""

    mode: Mode
    overflow: Overflow = Overflow.SATURATE
    stream: Stream | None = None


@irdl_attr_definition
class RoundingAttr(Data[Rounding]):
    """How an op rounds: `<mode (, special)? (, stream N of SEED)?>`."""

    name = "qarith.rounding"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Rounding:
        with parser.in_angle_brackets():
            mode = Mode(parser.parse_keyword_in([each.value for each in Mode]))
            overflow, stream = Overflow.SATURATE, None
            while parser.parse_optional_punctuation(","):
                match parser.parse_keyword_in(["special", "saturate", "stream"]):
                    case "stream":
                        stream = _parse_stream(parser)
                    case word:
                        overflow = Overflow(word)
            return Rounding(mode, overflow, stream)

    def print_parameter(self, printer: Printer) -> None:
        it = self.data
        special = ", special" if it.overflow is Overflow.SPECIAL else ""
        stream = "" if it.stream is None else f", stream {it.stream.stream} of {it.stream.seed}"
        printer.print_string(f"<{it.mode.value}{special}{stream}>")


def _parse_stream(parser: AttrParser) -> Stream:
    number = parser.parse_integer(allow_boolean=False, allow_negative=False)
    parser.parse_keyword("of")
    return Stream(parser.parse_integer(allow_boolean=False, allow_negative=False), number)

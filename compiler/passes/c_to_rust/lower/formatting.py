"""printf's conversions as Rust's format specifications.

    "%5d|%-8u|%08.3f"    ->    "{:5}|{:<8}|{:08.3}"
    "%s" of an array     ->    not text (it need not be UTF-8): its bytes stand between two pieces of text

What is printed becomes a list of segments: text with `{}` in it, and bytes. Constants are put into the text. A float that may be infinite
or NaN is wrapped in `cstd::Float`, which prints those as C does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.loops import constant_of
from compiler.analysis.program import Call
from compiler.analysis.ranges import type_range
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects import minic
from compiler.dialects.minic_types import INTS, FloatType, IntType, PtrType
from compiler.dialects.rust_types import U8, USIZE, named
from compiler.passes.c_to_rust.lower.float_bounds import is_finite
from compiler.passes.c_to_rust.lower.format_strings import Conversion, Extent, FormatError, Star, parse
from compiler.passes.c_to_rust.lower.memory_calls import BYTES
from compiler.passes.c_to_rust.lower.scalar_calls import ScalarCalls
from compiler.passes.c_to_rust.lower.segments import (
    Build,
    Field,
    Formatted,
    Raw,
    Segment,
    Shown,
    alignment,
    fold,
    merged,
    padded,
    sign_flag,
    template,
)
from compiler.passes.c_to_rust.lower.spelling import c_spelling

_BITS = {"hh": 8, "h": 16, "": 32}
_CHAR: Attribute = INTS["char"]
_CHARACTER = named("char")
_LARGEST_FIELD = 1 << 16


class Formatting(ScalarCalls):
    """Layer 4d: format strings."""

    def segments(self, op: Call, format_index: int) -> list[Segment]:
        """What a call of the printf family prints."""
        text = self.literal_text(op.args[format_index])
        if text is None:
            raise self._bad_format(op, "the format of this call is not a string literal")
        try:
            parts = parse(text)
        except FormatError as error:
            raise self._bad_format(op, str(error)) from None
        arguments = iter(op.args[format_index + 1 :])
        pieces = [part if isinstance(part, bytes) else self._conversion(part, arguments, op) for part in parts]
        return self.joined(pieces)

    def joined(self, pieces: Iterable[bytes | Shown | Raw]) -> list[Segment]:
        """Text that is UTF-8, with the values in it, and everything else as bytes."""
        found: list[Segment] = []
        for kind, group in groupby(pieces, type):
            if kind is bytes:
                found.extend(self._text(b"".join(each for each in group if isinstance(each, bytes))))
            else:
                found.extend(
                    each if isinstance(each, Raw) else Formatted([each])
                    for each in group
                    if not isinstance(each, bytes)
                )
        return merged(found)

    def _text(self, data: bytes) -> Iterator[Segment]:
        try:
            yield Formatted([data.decode("utf-8")])
        except UnicodeDecodeError:
            yield Raw(lambda: self.b.bytes_(data))

    def _bad_format(self, op: Call, message: str) -> CompileError:
        return self.refuse(
            Code.FORMAT_STRING,
            op,
            message,
            help="print the value with a conversion that agrees with its type: %d, %u, %x, %c, %s, %f, %g",
        )

    def _wrong_type(self, op: Call, conversion: Conversion, value: SSAValue) -> CompileError:
        kind = c_spelling(value.type, self.program.structs)
        return self._bad_format(op, f"`{conversion}` is given a value of type `{kind}`")

    def _conversion(self, conversion: Conversion, arguments: Iterator[SSAValue], op: Call) -> bytes | Shown | Raw:
        width = self._extent(conversion.width, arguments, op)
        precision = self._extent(conversion.precision, arguments, op)
        value = next(arguments, None)
        if value is None:
            raise self._bad_format(op, f"`{conversion}` has no argument")
        match conversion.kind:
            case "s":
                return self._string(conversion, value, width, precision, op)
            case "c":
                return self._character(conversion, value, width, op)
            case "d" | "i" | "u" | "x" | "X" | "o":
                return self._integer(conversion, value, width, precision, op)
            case _:
                return self._float(conversion, value, width, precision, op)

    def _extent(self, extent: Extent, arguments: Iterator[SSAValue], op: Call) -> Field:
        if extent is not Star.STAR:
            if isinstance(extent, int) and extent > _LARGEST_FIELD:
                raise self._bad_format(op, f"a field of {extent} characters")
            return extent
        value = next(arguments, None)
        if value is None:
            raise self._bad_format(op, "`*` has no argument")
        if not self.interval(value).is_nonnegative:
            raise self._bad_format(op, "the width or precision in `*` may be negative")
        constant = self.number(value)
        return constant if constant is not None and constant <= _LARGEST_FIELD else lambda: self.index(value)

    # --- numbers -------------------------------------------------------------------------------------------------------------

    def _integer(
        self,
        conversion: Conversion,
        value: SSAValue,
        width: Field,
        precision: Field,
        op: Call,
    ) -> bytes | Shown:
        signed = conversion.kind in "di"
        target = INTS[f"{'i' if signed else 'u'}{_BITS.get(conversion.length, 64)}"]
        if not isinstance(value.type, IntType) or value.type.width < max(target.width, 32):
            raise self._wrong_type(
                op, conversion, value
            )  # (of what is too wide, the low bits are printed: C leaves it undefined)
        constant = constant_of(value)
        if constant is not None and not self._is_named(value) and not callable(width) and not callable(precision):
            return fold(conversion, Interval.exactly(constant).wrapped(target.width, signed).lo or 0, width, precision)
        shown = Shown(
            value,
            self._shown_integer(conversion.kind, value, target),
            sign_flag(conversion, signed),
            alignment(conversion),
        )
        shown.zeros, shown.width = conversion.zeros and width is not None, width
        shown.kind = conversion.kind if conversion.kind in "xXo" else ""
        return shown if precision is None else self._with_digits(shown, value, signed, precision, op)

    def _shown_integer(self, kind: str, value: SSAValue, target: IntType) -> Build:
        """The value in some integer type that prints the same."""
        source = self.unwidened(value)
        fits = self.interval(source).within(type_range(target))
        if (name := self._constant_name(source)) is not None and fits:
            return lambda: self.b.path(self.analyses.items[name], self.analyses.constant_types[name])
        owner = value.owner
        if fits and isinstance(owner, minic.CastOp) and owner.operand.type == _CHAR:
            narrow = INTS["u8"] if self.interval(value).is_nonnegative else INTS["i8"]
            return lambda: self.converted(owner.operand, narrow)
        binding = self.binding_of_load(source)
        if fits and binding is not None and binding.type == USIZE:
            return lambda: binding  # a loop variable
        if fits:
            return lambda: self.value(source)
        if kind in "xXo" and isinstance(value.type, IntType) and value.type.width == target.width:
            return lambda: self.value(value)  # printed as two's complement
        return lambda: self.converted(value, target)

    def _constant_name(self, value: SSAValue) -> str | None:
        """The item that a constant was written as."""
        op = value.owner
        if not isinstance(op, minic.ConstOp) or op.symbol is None or op.symbol.data not in self.analyses.constant_types:
            return None
        return op.symbol.data

    def _with_digits(self, shown: Shown, value: SSAValue, signed: bool, precision: int | Build, op: Call) -> Shown:
        """A least number of digits: zeros up to it, and blanks around that."""
        if callable(precision) or precision == 0 or (signed and not self.interval(value).is_nonnegative):
            raise self._bad_format(op, "a precision of an integer that may be negative, or a precision of 0")
        digits = replace(shown, align="", zeros=True, width=precision)
        if shown.width is None or (isinstance(shown.width, int) and shown.width <= precision):
            return digits
        whole = Formatted([digits])
        return Shown(value, lambda: self.format_macro("format", whole), align=shown.align or ">", width=shown.width)

    def _float(
        self,
        conversion: Conversion,
        value: SSAValue,
        width: Field,
        precision: Field,
        op: Call,
    ) -> Shown:
        if not isinstance(value.type, FloatType):
            raise self._wrong_type(op, conversion, value)
        if conversion.kind in "EG":
            raise self._bad_format(op, f"`{conversion}` is not supported")
        shown = Shown(value, lambda: self.value(value), sign_flag(conversion, True), alignment(conversion), width=width)
        shown.zeros = conversion.zeros and width is not None
        shown.precision = 6 if precision is None else precision
        if conversion.kind == "f" and is_finite(value, self.interval):
            narrow = value.owner.operand if isinstance(value.owner, minic.CastOp) else value
            shown.build = lambda: self.value(narrow if isinstance(narrow.type, FloatType) else value)
        else:
            wrapper = {"f": "Float", "e": "Scientific", "g": "Shortest"}[conversion.kind]
            shown.build = lambda: self.cstd(wrapper, [self.value(value)], named(f"cstd::{wrapper}"))
        return shown

    # --- characters and strings ----------------------------------------------------------------------------------------------

    def _character(self, conversion: Conversion, value: SSAValue, width: Field, op: Call) -> bytes | Shown | Raw:
        constant = constant_of(value)
        if constant is not None and not callable(width):
            return padded(bytes([constant & 255]), width, conversion)
        if self.is_ascii(value):
            return Shown(
                value, lambda: self.ascii_character(value), align=alignment(conversion, text=True), width=width
            )
        return self._padded_raw(self.one_byte(value), width, conversion)

    def is_ascii(self, value: SSAValue) -> bool:
        """The value is surely an ASCII character."""
        return self.interval(value).within(Interval(0, 127)) or self._is_character_choice(value)

    def _is_character_choice(self, value: SSAValue) -> bool:
        """`c ? 'x' : ' '`, of ASCII characters."""
        op = value.owner
        while isinstance(op, minic.CastOp):
            op = op.operand.owner
        if not isinstance(op, minic.SelectOp):
            return False
        ends = (region.block.last_op for region in (op.if_true, op.if_false))
        return all(isinstance(end, minic.YieldOp) and self._is_character(end.value) for end in ends)

    def _is_character(self, value: SSAValue) -> bool:
        constant = constant_of(value)
        return self._is_character_choice(value) if constant is None else 0 <= constant < 128

    def ascii_character(self, value: SSAValue) -> SSAValue:
        """Something that prints as the one ASCII character: a `char`, or a `&str` from a choice of literals."""
        if self._is_character_choice(value):
            return self._chosen_character(value)
        return self.b.cast(self.converted(value, INTS["u8"]), _CHARACTER)

    def _chosen_character(self, value: SSAValue) -> SSAValue:
        op = value.owner
        while isinstance(op, minic.CastOp):
            op = op.operand.owner
        if not isinstance(op, minic.SelectOp):
            constant = constant_of(value)
            assert constant is not None
            return self.b.str_(chr(constant))
        return self.chosen(op, self._chosen_character)

    def one_byte(self, value: SSAValue) -> Raw:
        """`&[byte]`."""
        shown = Shown(value, lambda: self.byte(value))
        return Raw(lambda: self.b.ref(self.b.array([shown.build()], U8)), shown)

    def byte(self, value: SSAValue) -> SSAValue:
        """A character as u8, the sides of a `?:` each on its own."""
        op = value.owner
        while isinstance(op, minic.CastOp) and _is_integer(op.operand.type) and _is_integer(op.result.type):
            op = op.operand.owner
        if isinstance(op, minic.SelectOp) and _is_integer(op.result.type):
            return self.chosen(op, self.byte, U8)
        return self.converted(value, INTS["u8"])

    def _string(
        self,
        conversion: Conversion,
        value: SSAValue,
        width: Field,
        precision: Field,
        op: Call,
    ) -> bytes | Shown | Raw:
        if not isinstance(value.type, PtrType):
            raise self._wrong_type(op, conversion, value)
        text = self.literal_text(value)
        if text is not None and not callable(width) and not callable(precision):
            return padded(text[:precision], width, conversion)
        if self.is_choice(value) or (text is not None and text.isascii()):
            shown = Shown(value, lambda: self.choice(value), align=alignment(conversion, text=True))
            shown.width, shown.precision = width, precision
            return shown
        raw = self.c_string(value, op) if precision is None else Raw(self._bytes_of(value, precision, op))
        return self._padded_raw(raw, width, conversion)

    def c_string(self, pointer: SSAValue, op: Call) -> Raw:
        """All of a string."""
        return Raw(lambda: self.c_text(pointer, op), string=lambda: self.byte_slice(pointer, op))

    def _bytes_of(self, value: SSAValue, precision: int | Build, op: Call) -> Build:
        """The first bytes of a string."""

        def bounded() -> SSAValue:
            whole = self.byte_slice(value, op)
            count = self.b.lit(precision, USIZE) if isinstance(precision, int) else precision()
            return self.cstd("c_str_n", [whole, count], BYTES)

        return bounded

    def _padded_raw(self, raw: Raw, width: Field, conversion: Conversion) -> Raw:
        if width is None or width == 0:
            return raw

        def padded() -> SSAValue:
            text = raw.build()
            count = self.b.lit(width, USIZE) if isinstance(width, int) else width()
            return self.b.ref(self.cstd("pad", [text, count, self.b.bool_(conversion.left)], named("Vec<u8>")))

        return Raw(padded, raw.value)

    # --- the macros ----------------------------------------------------------------------------------------------------------

    def format_macro(self, name: str, segment: Formatted) -> SSAValue:
        """`name!("…", …)`."""
        text, builds = template(segment)
        if not text and not builds:
            return self.b.macro(name, [])
        return self.b.macro(name, [self.b.str_(text), *(build() for build in builds)])


def _is_integer(kind: Attribute) -> bool:
    """An integer whose conversions keep the low bits."""
    return isinstance(kind, IntType) and kind.kind.data != "bool"

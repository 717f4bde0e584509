"""The types of sparse kernels: how a matrix is stored, of what elements, with what index width; and semirings.

    !spgemm.matrix<csr, ?x16xf64, i32>      compressed rows, 16 columns, column indices of 32 bits

A `?` is a size that the operand brings along. Row pointers always have 64 bits: the number of entries of a result is
bounded by no operand. Dense operands are plain `tensor<…>`. Refused: elements other than f64, f32, i64, i32, i16, i8 and
i1, indices other than i32 and i64.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    Float32Type,
    Float64Type,
    IntAttr,
    IntegerType,
    Signedness,
    StringAttr,
    f32,
    f64,
)
from xdsl.ir import Attribute, Data, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from compiler.dialects.schedules.mechanism import parse_choice

DYNAMIC = DYNAMIC_INDEX
"""A size known only when the kernel runs."""


class Format(StrEnum):
    """How a matrix is stored."""

    CSR = "csr"
    CSC = "csc"
    """The CSR of the transpose."""
    DCSR = "dcsr"
    """CSR of the rows that have entries, and their numbers."""


class Element(StrEnum):
    """The type of a value."""

    F64 = "f64"
    F32 = "f32"
    I64 = "i64"
    I32 = "i32"
    I16 = "i16"
    I8 = "i8"
    I1 = "i1"

    @property
    def type(self) -> Attribute:
        """The builtin type of the same name."""
        match self:
            case Element.F64:
                return f64
            case Element.F32:
                return f32
            case _:
                return IntegerType(int(self.value[1:]))

    @property
    def is_float(self) -> bool:
        return self in (Element.F64, Element.F32)

    @staticmethod
    def of(kind: Attribute) -> Element | None:
        """The element of a builtin type; None for one that no kernel takes."""
        if isinstance(kind, Float64Type | Float32Type):
            return Element.F64 if isinstance(kind, Float64Type) else Element.F32
        name = _integer_name(kind)
        return Element(name) if name in list(Element) else None


def _integer_name(kind: Attribute) -> str:
    """`i32` and the like for a signless integer type, else nothing."""
    return str(kind) if isa(kind, IntegerType) and kind.signedness.data is Signedness.SIGNLESS else ""


class Semiring(StrEnum):
    """What a product adds and multiplies with."""

    PLUS_TIMES = "plus_times"
    MIN_PLUS = "min_plus"
    """Lengths of paths: the sum of two, the shortest of many."""
    OR_AND = "or_and"
    """Reachability."""
    PLUS_PAIR = "plus_pair"
    """How many pairs of entries meet, whatever their values."""

    def objection(self, element: Element) -> str | None:
        """Why it is not defined over such elements."""
        if self is Semiring.OR_AND:
            return f"or_and works on i1, not on {element}" if element is not Element.I1 else None
        return f"{self} cannot work on i1: its sums do not fit; use or_and" if element is Element.I1 else None


@irdl_attr_definition
class SemiringAttr(Data[Semiring]):
    """`#spgemm.semiring<min_plus>`."""

    name = "spgemm.semiring"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Semiring:
        with parser.in_angle_brackets():
            return parse_choice(parser, Semiring, "the semiring")

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(f"<{self.data}>")


@irdl_attr_definition
class MatrixType(ParametrizedAttribute, TypeAttribute):
    """A sparse matrix: `!spgemm.matrix<format, RxCxelement, index>`."""

    name = "spgemm.matrix"

    storage: StringAttr
    sizes: ArrayAttr[IntAttr]
    element_type: Attribute
    index_type: IntegerType

    @staticmethod
    def of(layout: Format, shape: tuple[int, int], element: Element, index_width: int = 32) -> MatrixType:
        """A type by its parts; `DYNAMIC` for sizes not known."""
        sizes = ArrayAttr([IntAttr(size) for size in shape])
        return MatrixType(StringAttr(layout.value), sizes, element.type, IntegerType(index_width))

    @property
    def format(self) -> Format:
        return Format(self.storage.data)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns; `DYNAMIC` where unknown."""
        rows, columns = self.sizes.data
        return rows.data, columns.data

    @property
    def element(self) -> Element:
        found = Element.of(self.element_type)
        assert found is not None
        return found

    @property
    def index_width(self) -> int:
        """Bits of a row or column number: 32 or 64."""
        return self.index_type.width.data

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            storage = parse_choice(parser, Format, "the format")
            parser.parse_punctuation(",")
            start = parser.pos
            shape, element = parser.parse_ranked_shape()
            if reason := _objection(shape, element):
                parser.raise_error(reason, start, parser.pos)
            index = cls._parse_index(parser)
        return StringAttr(storage.value), ArrayAttr([IntAttr(size) for size in shape]), element, index

    @staticmethod
    def _parse_index(parser: AttrParser) -> IntegerType:
        if parser.parse_optional_punctuation(",") is None:
            return IntegerType(32)
        start = parser.pos
        kind = parser.parse_type()
        if isa(kind, IntegerType) and _integer_name(kind) in ("i32", "i64"):
            return kind
        parser.raise_error(f"indices are i32 or i64, not {kind}", start, parser.pos)

    def print_parameters(self, printer: Printer) -> None:
        rows, columns = ("?" if size == DYNAMIC else str(size) for size in self.shape)
        printer.print_string(f"<{self.storage.data}, {rows}x{columns}x{self.element_type}, {self.index_type}>")

    def verify(self) -> None:
        if self.storage.data not in list(Format):
            raise VerifyException(f"there is no format {self.storage.data}, only {', '.join(Format)}")
        if reason := _objection([size.data for size in self.sizes], self.element_type):
            raise VerifyException(reason)
        if str(self.index_type) not in ("i32", "i64"):
            raise VerifyException(f"indices are i32 or i64, not {self.index_type}")


def _objection(shape: Sequence[int], element: Attribute) -> str | None:
    """Why these are no shape and element of a matrix."""
    if len(shape) != 2:
        return f"a matrix has two dimensions, not {len(shape)}"
    if Element.of(element) is None:
        return f"a matrix holds {', '.join(Element)}, not {element}"
    return None

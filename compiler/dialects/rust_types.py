"""The Rust types that the emitted code can name.

!rust.ref<mut, !rust.array<16, !rust.scalar<u32>>>      is      &mut [u32; 16]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute

from compiler.dialects.quick_ir import attribute_definition

if TYPE_CHECKING:  # they take longer to import than these types, and few translations print or read IR
    from xdsl.parser import AttrParser
    from xdsl.printer import Printer

SCALARS = tuple("bool u8 i8 u16 i16 u32 i32 u64 i64 usize isize u128 i128 f32 f64 str".split())


@attribute_definition
class ScalarType(ParametrizedAttribute, TypeAttribute):
    """A primitive type, by its Rust name (`str` is here for string slices)."""

    name = "rust.scalar"
    kind: StringAttr

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.kind.data}>")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return (StringAttr(parser.parse_identifier()),)

    @property
    def width(self) -> int:
        """Bits; `bool` is 8."""
        kind = self.kind.data
        return 64 if kind.endswith("size") else 8 if kind == "bool" else int(kind[1:])

    @property
    def signed(self) -> bool:
        """True for `i…`."""
        return self.kind.data[0] == "i"

    @property
    def is_integer(self) -> bool:
        """True for `u…` and `i…`."""
        return self.kind.data[0] in "ui"

    @property
    def is_float(self) -> bool:
        """True for `f32` and `f64`."""
        return self.kind.data[0] == "f"


@attribute_definition
class UnitType(ParametrizedAttribute, TypeAttribute):
    """`()`."""

    name = "rust.unit"


@attribute_definition
class NeverType(ParametrizedAttribute, TypeAttribute):
    """`!`, as a function result."""

    name = "rust.never"


@attribute_definition
class ArrayType(ParametrizedAttribute, TypeAttribute):
    """`[element; size]`."""

    name = "rust.array"
    size: IntAttr
    element: Attribute


@attribute_definition
class SliceType(ParametrizedAttribute, TypeAttribute):
    """`[element]`, always behind a reference."""

    name = "rust.slice"
    element: Attribute


@attribute_definition
class RefType(ParametrizedAttribute, TypeAttribute):
    """`&'lifetime [mut] pointee`; `lifetime` is "" when elided, else without the apostrophe."""

    name = "rust.ref"
    is_mut: IntAttr
    pointee: Attribute
    lifetime: StringAttr


@attribute_definition
class NamedType(ParametrizedAttribute, TypeAttribute):
    """A struct or type alias, with its lifetime arguments (without apostrophes)."""

    name = "rust.named"
    symbol: StringAttr
    lifetimes: ArrayAttr[StringAttr]


@attribute_definition
class OptionType(ParametrizedAttribute, TypeAttribute):
    """`Option<of>`."""

    name = "rust.option"
    of: Attribute


@attribute_definition
class TupleType(ParametrizedAttribute, TypeAttribute):
    """`(a, b, …)`."""

    name = "rust.tuple"
    elements: ArrayAttr[Attribute]


@attribute_definition
class RangeType(ParametrizedAttribute, TypeAttribute):
    """`Range<of>` and its relatives; `of` is the index type."""

    name = "rust.range"
    of: Attribute


TYPES = [ScalarType, UnitType, NeverType, ArrayType, SliceType, RefType, NamedType, OptionType, TupleType, RangeType]

SCALAR: dict[str, ScalarType] = {kind: ScalarType(StringAttr(kind)) for kind in SCALARS}
"""One shared instance per primitive type."""

BOOL, U8, I32, U32, U64, USIZE = (SCALAR[kind] for kind in ("bool", "u8", "i32", "u32", "u64", "usize"))
UNIT = UnitType()
USIZE_RANGE = RangeType(USIZE)

# The functions below give one shared instance per type: creating attributes is not free.


@cache
def array(size: int, element: Attribute) -> ArrayType:
    """`[element; size]`."""
    return ArrayType(IntAttr(size), element)


@cache
def slice_of(element: Attribute) -> SliceType:
    """`[element]`."""
    return SliceType(element)


@cache
def ref(pointee: Attribute, is_mut: bool = False, lifetime: str = "") -> RefType:
    """`&pointee` or `&mut pointee`."""
    return RefType(IntAttr(int(is_mut)), pointee, StringAttr(lifetime))


def named(symbol: str, lifetimes: Sequence[str] = ()) -> NamedType:
    """A struct or alias by name."""
    return NamedType(StringAttr(symbol), ArrayAttr([StringAttr(name) for name in lifetimes]))

"""The C types that survive into minic: what a value *is*, with C's spellings resolved.

    typedef uint32_t word; const word *p;   becomes   !minic.ptr<!minic.int<u32>, const>

Integer types are named as Rust names them (LP64, little-endian), because after the front end only width, signedness and
the two character-like kinds matter. `char` stays apart from `i8` and `u8`: it promotes with sign but is a Rust `u8`.
`usize`/`isize` are what C spelled `size_t`, `uintptr_t`, `ssize_t`, `ptrdiff_t`; they are 64 bits wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import IntAttr, StringAttr
from xdsl.ir import Attribute, ParametrizedAttribute, TypeAttribute

from compiler.dialects.quick_ir import attribute_definition

if TYPE_CHECKING:  # they take longer to import than these types, and few translations print or read IR
    from xdsl.parser import AttrParser
    from xdsl.printer import Printer

_WIDTHS = {
    "bool": 8,
    "char": 8,
    "i8": 8,
    "u8": 8,
    "i16": 16,
    "u16": 16,
    "i32": 32,
    "u32": 32,
    "i64": 64,
    "u64": 64,
    "isize": 64,
    "usize": 64,
    "i128": 128,
    "u128": 128,
}


@attribute_definition
class IntType(ParametrizedAttribute, TypeAttribute):
    """An integer type; `kind` is one of the names of `_WIDTHS`."""

    name = "minic.int"
    kind: StringAttr

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(f"<{self.kind.data}>")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        with parser.in_angle_brackets():
            return (StringAttr(parser.parse_identifier()),)

    @property
    def width(self) -> int:
        """Bits of storage; `bool` and `char` are 8."""
        return _WIDTHS[self.kind.data]

    @property
    def signed(self) -> bool:
        """True for the signed kinds and for `char` (signed on the targets we model)."""
        return self.kind.data[0] == "i" or self.kind.data == "char"


@attribute_definition
class FloatType(ParametrizedAttribute, TypeAttribute):
    """`float` (32 bits) or `double` (64 bits)."""

    name = "minic.float"
    width: IntAttr


@attribute_definition
class VoidType(ParametrizedAttribute, TypeAttribute):
    """`void`: the result of a function that returns nothing, or the pointee of `void *`."""

    name = "minic.void"


@attribute_definition
class PtrType(ParametrizedAttribute, TypeAttribute):
    """A pointer; `is_const` is 1 when the pointee is const-qualified."""

    name = "minic.ptr"
    pointee: Attribute
    is_const: IntAttr


@attribute_definition
class ArrayType(ParametrizedAttribute, TypeAttribute):
    """`element[size]`, size >= 1."""

    name = "minic.array"
    size: IntAttr
    element: Attribute


@attribute_definition
class StructType(ParametrizedAttribute, TypeAttribute):
    """A struct, by the symbol of its `minic.struct` op."""

    name = "minic.struct_type"
    symbol: StringAttr


@attribute_definition
class PlaceType(ParametrizedAttribute, TypeAttribute):
    """An lvalue that holds a value of type `of`."""

    name = "minic.place"
    of: Attribute


INTS: dict[str, IntType] = {kind: IntType(StringAttr(kind)) for kind in _WIDTHS}
"""One shared instance per integer kind (creating attributes is not free)."""

VOID = VoidType()
F32 = FloatType(IntAttr(32))
F64 = FloatType(IntAttr(64))

# The functions below give one shared instance per type, too.


@cache
def ptr(pointee: Attribute, is_const: bool = False) -> PtrType:
    """A pointer to `pointee`."""
    return PtrType(pointee, IntAttr(int(is_const)))


@cache
def array(size: int, element: Attribute) -> ArrayType:
    """`element[size]`."""
    return ArrayType(IntAttr(size), element)


@cache
def struct(symbol: str) -> StructType:
    """The struct declared as `symbol`."""
    return StructType(StringAttr(symbol))


@cache
def place(of: Attribute) -> PlaceType:
    """An lvalue of type `of`."""
    return PlaceType(of)

"""Types and constants of the loop language in Rust.

    memref<?xf64>   &[f64], or &mut [f64] where it is written         memref<8xi32>   [u32; 8]         index   usize

Signless integers are unsigned, as in C; an index is never negative.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
)
from xdsl.ir import Attribute, SSAValue

from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import BOOL, SCALAR, USIZE, ScalarType, array, ref, slice_of


def rust_type(kind: Attribute, written: bool = False) -> Attribute:
    """The Rust type of a value."""
    found: Any = kind
    if not isinstance(kind, MemRefType):
        return scalar(kind)
    element = scalar(found.element_type)
    (size,) = found.get_shape()
    return ref(slice_of(element), written) if size == DYNAMIC_INDEX else array(size, element)


def scalar(kind: Attribute) -> ScalarType:
    """The Rust type of a number."""
    number: Any = kind
    match kind:
        case IndexType():
            return USIZE
        case IntegerType():
            return BOOL if number.width.data == 1 else SCALAR[f"u{number.width.data}"]
        case Float32Type() | Float64Type():
            return SCALAR[f"f{number.bitwidth}"]
        case _:
            raise AssertionError(f"{kind} has no Rust")


def signed(kind: Attribute) -> ScalarType:
    """The signed Rust type of an integer."""
    return SCALAR[scalar(kind).kind.data.replace("u", "i")]


def constant(b: Builder, value: Attribute, kind: Attribute) -> SSAValue:
    """A literal; infinity is a path."""
    ty = scalar(kind)
    if isinstance(value, FloatAttr):
        return b.float_(float(value.value.data), ty)
    assert isinstance(value, IntegerAttr)
    number: int = value.value.data
    if ty is BOOL:
        return b.bool_(bool(number))
    number %= 1 << ty.width
    return b.lit(number, ty, "hex" if number > 1 << 16 else None)


def nothing(b: Builder, kind: Attribute) -> SSAValue:
    """The zero of a type."""
    ty = scalar(kind)
    if ty is BOOL:
        return b.bool_(False)
    return b.float_(0.0, ty) if ty.is_float else b.lit(0, ty)

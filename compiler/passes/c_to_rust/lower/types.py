"""C types as Rust types, and the zero value of each.

`char` is a Rust `u8` (its sign appears where it is promoted); a struct keeps its name; an array keeps its length.
"""

from __future__ import annotations

from xdsl.ir import Attribute, SSAValue

from compiler.analysis.program import Program
from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects import minic as c_ops
from compiler.dialects import minic_types as c
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import SCALAR, UNIT, ArrayType, NamedType, ScalarType, array, named, ref, slice_of
from compiler.passes.c_to_rust.lower.names import rust_name


def rust_type(kind: Attribute) -> Attribute:
    """The Rust type of a C object type. A refusal has no place yet: the statement at work gives it one."""
    match kind:
        case c.IntType():
            return SCALAR["u8" if kind.kind.data == "char" else kind.kind.data]
        case c.FloatType():
            return SCALAR["f32" if kind.width.data == 32 else "f64"]
        case c.ArrayType():
            return array(kind.size.data, rust_type(kind.element))
        case c.StructType():
            return named(rust_name(kind.symbol.data))
        case c.VoidType():
            return UNIT
        case c.PtrType():
            raise refusal(
                Code.UNFOLLOWED_POINTER,
                None,
                "a pointer is stored where it cannot be followed",
                help="keep pointers in parameters and local variables",
            )
        case _:
            raise AssertionError(f"no Rust type for {kind}")


def result_type(function: c_ops.FuncOp, program: Program) -> Attribute:
    """The Rust type of what a function returns: string literals are slices that live for ever."""
    name = function.sym_name.data
    if name == "main":
        return UNIT
    if program.returns_literals(name):
        return ref(slice_of(SCALAR["u8"]), lifetime="static")
    return rust_type(function.result)


def held_type(kind: Attribute) -> Attribute:
    """The Rust type of a variable: pointers in an array are slices of literals."""
    match kind:
        case c.ArrayType():
            return array(kind.size.data, element_type(kind.element))
        case _:
            return rust_type(kind)


def element_type(kind: Attribute) -> Attribute:
    """The Rust type of an element of an array."""
    match kind:
        case c.PtrType() if not isinstance(kind.pointee, c.PtrType | c.VoidType):
            return ref(slice_of(rust_type(kind.pointee)))
        case _:
            return held_type(kind)


def field_type(kind: Attribute, program: Program) -> Attribute:
    """The Rust type of a struct field: pointers are slices, and everything that borrows has the lifetime `'a`."""
    match kind:
        case c.PtrType():
            element = kind.pointee
            if isinstance(element, c.PtrType | c.VoidType) or program.borrows(element):
                return rust_type(kind)  # refused
            return ref(slice_of(rust_type(element)), not kind.is_const.data, "a")
        case c.ArrayType():
            return array(kind.size.data, field_type(kind.element, program))
        case c.StructType() if program.borrows(kind):
            return named(rust_name(kind.symbol.data), ["a"])
        case _:
            return rust_type(kind)


def zero_value(b: Builder, kind: Attribute, program: Program) -> SSAValue:
    """The value that C's `= {0}` gives."""
    if isinstance(kind, c.PtrType):
        return b.ref(b.array([], rust_type(kind.pointee)), not kind.is_const.data)
    ty = rust_type(kind)
    match ty:
        case ScalarType() if ty.kind.data == "bool":
            return b.bool_(False)
        case ScalarType() if ty.is_float:
            return b.float_(0.0, ty)
        case ScalarType():
            return b.lit(0, ty)
        case ArrayType():
            assert isinstance(kind, c.ArrayType)
            if any(not pointer.is_const.data for pointer in program.pointer_fields(kind.element)):
                raise refusal(
                    Code.UNFOLLOWED_POINTER,
                    None,
                    "an array of structs that hold pointers to non-const",
                    help="make the pointers point to const, or keep indices",
                )
            return b.repeat(zero_value(b, kind.element, program), kind.size.data)
        case NamedType():
            assert isinstance(kind, c.StructType)
            struct = program.structs[kind.symbol.data]
            pairs = zip(struct.field_names.data, struct.field_types.data, strict=True)
            return b.struct_lit(ty, {rust_name(name.data): zero_value(b, each, program) for name, each in pairs})
        case _:
            raise AssertionError(f"no zero of {ty}")

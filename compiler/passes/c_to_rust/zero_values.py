"""The value of all zero bits, as a Rust programmer writes it.

    zero_value(b, [u32; 4], structs)     [0; 4]
    zero_value(b, Point, structs)        Point { x: 0, y: 0 }, or Point::default() where that is derived
    zero_value(b, &mut [u8], structs)    &mut []

`has_zero_value` is False for references to things that must exist (`&T`): such a variable must be assigned before it is read.
"""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, SSAValue

from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import (
    BOOL,
    ArrayType,
    NamedType,
    OptionType,
    RefType,
    ScalarType,
    SliceType,
    TupleType,
)

Structs = Mapping[str, rust.StructOp]


def structs_of(module: ModuleOp) -> Structs:
    """The structs of a module, by name."""
    return {op.sym_name.data: op for op in module.body.block.ops if isinstance(op, rust.StructOp)}


def has_zero_value(ty: Attribute, structs: Structs) -> bool:
    """True where `zero_value` can make one."""
    match ty:
        case ScalarType():
            return ty.kind.data != "str"
        case ArrayType():
            return has_zero_value(ty.element, structs)
        case TupleType():
            return all(has_zero_value(each, structs) for each in ty.elements)
        case NamedType():
            op = structs.get(ty.symbol.data)
            return op is not None and all(has_zero_value(each, structs) for each in op.field_types)
        case RefType():
            return isinstance(ty.pointee, SliceType)
        case _:
            return isinstance(ty, OptionType)


def zero_value(b: Builder, ty: Attribute, structs: Structs) -> SSAValue:
    """Build the zero of type `ty`."""
    match ty:
        case ScalarType():
            return _zero_scalar(b, ty)
        case ArrayType():
            return _zero_array(b, ty, structs)
        case TupleType():
            return b.tuple_(*(zero_value(b, each, structs) for each in ty.elements))
        case NamedType():
            return _zero_struct(b, ty, structs[ty.symbol.data], structs)
        case RefType():
            assert isinstance(ty.pointee, SliceType)
            return b.ref(b.array((), ty.pointee.element), bool(ty.is_mut.data))
        case OptionType():
            return b.path("None", ty)
        case _:
            raise AssertionError(f"{ty} has no zero value")


def _zero_scalar(b: Builder, ty: ScalarType) -> SSAValue:
    if ty == BOOL:
        return b.bool_(False)
    return b.float_(0.0, ty) if ty.is_float else b.lit(0, ty)


def _zero_array(b: Builder, ty: ArrayType, structs: Structs) -> SSAValue:
    if _is_copy(ty.element, structs) or ty.size.data == 1:
        return b.repeat(zero_value(b, ty.element, structs), ty.size.data)
    elements = [zero_value(b, ty.element, structs) for _ in range(ty.size.data)]
    return b.array(elements, ty.element)


def _zero_struct(b: Builder, ty: NamedType, op: rust.StructOp, structs: Structs) -> SSAValue:
    if any(derive.data == "Default" for derive in op.derives):
        return b.call(f"{ty.symbol.data}::default", (), ty)
    fields = zip(op.field_names, op.field_types, strict=True)
    return b.struct_lit(ty, {name.data: zero_value(b, each, structs) for name, each in fields})


def _is_copy(ty: Attribute, structs: Structs) -> bool:
    match ty:
        case ArrayType():
            return _is_copy(ty.element, structs)
        case NamedType():
            op = structs.get(ty.symbol.data)
            return op is not None and any(derive.data == "Copy" for derive in op.derives)
        case RefType():
            return not ty.is_mut.data
        case _:
            return isinstance(ty, ScalarType)

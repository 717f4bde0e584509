"""The text of types, as syntax that can break over lines.

!rust.ref<mut, !rust.array<16, u32>>     is     &mut [u32; 16]
"""

from __future__ import annotations

from functools import cache

from xdsl.ir import Attribute

from compiler.dialects.rust_types import (
    ArrayType,
    NamedType,
    NeverType,
    OptionType,
    RefType,
    ScalarType,
    SliceType,
    TupleType,
    UnitType,
)
from compiler.emit.rustfmt.calls import Tuple
from compiler.emit.rustfmt.expressions import Prefix
from compiler.emit.rustfmt.expressions import SliceType as SliceSyntax
from compiler.emit.rustfmt.pairs import Repeat
from compiler.emit.rustfmt.tree import Expr, Text


@cache
def syntax(ty: Attribute) -> Expr:
    """A type as Rust writes it."""
    match ty:
        case ScalarType():
            return Text(ty.kind.data, simple=False)
        case RefType():
            lifetime = f"'{ty.lifetime.data} " if ty.lifetime.data else ""
            return Prefix(f"&{lifetime}{'mut ' if ty.is_mut.data else ''}", syntax(ty.pointee))
        case ArrayType():
            return Repeat(syntax(ty.element), Text(str(ty.size.data)))
        case SliceType():
            return SliceSyntax(syntax(ty.element))
        case TupleType():
            return Tuple([syntax(element) for element in ty.elements])
        case _:
            return Text(_name(ty), simple=False)


def _name(ty: Attribute) -> str:
    match ty:
        case UnitType():
            return "()"
        case NeverType():
            return "!"
        case NamedType():
            return f"{ty.symbol.data}{generics([lifetime.data for lifetime in ty.lifetimes])}"
        case OptionType():
            return f"Option<{syntax(ty.of).flat}>"
        case _:
            raise AssertionError(f"{ty} is never written")


def generics(lifetimes: list[str]) -> str:
    """`<'a, 'b>`, or nothing."""
    return "<" + ", ".join(f"'{name}" for name in lifetimes) + ">" if lifetimes else ""

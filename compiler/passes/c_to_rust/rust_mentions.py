"""Where rust ops name items: calls, paths, patterns, types.

    match x { LIMIT => f(y), _ => Point::new() }        names_in: LIMIT, f, Point

An op names an item by the first segment of a path; literals in patterns name nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, Operation

from compiler.dialects import rust
from compiler.dialects.rust_types import ArrayType, NamedType, OptionType, RangeType, RefType, SliceType, TupleType
from compiler.passes.c_to_rust.type_map import TypeMap

_PARTS = re.compile(r"b?'(?:\\.|[^'])+'|(?<![\w:])[A-Za-z_]\w*")
"""Character literals, so that nothing is seen inside of them, and first segments."""

_KEYS: dict[type[Operation], str] = {
    rust.CallOp: "callee",
    rust.PathOp: "path",
    rust.MatchOp: "patterns",
    rust.MethodOp: "turbofish",
}


def names_in(op: Operation) -> list[str]:
    """What an op names outside of its types; not all of it need be items."""
    key = _KEYS.get(type(op))
    if key is None or key not in op.properties:
        return []
    return [name for text in texts_of(op.properties[key]) for name in _PARTS.findall(text) if "'" not in name]


def rename_mentions(op: Operation, names: Mapping[str, str]) -> None:
    """Give items their new names where an op names them outside of its types."""
    key = _KEYS.get(type(op))
    if key is None or key not in op.properties:
        return
    value = op.properties[key]
    renamed = [StringAttr(_PARTS.sub(lambda part: names.get(part[0], part[0]), text)) for text in texts_of(value)]
    op.properties[key] = renamed[0] if isinstance(value, StringAttr) else ArrayAttr(renamed)


def texts_of(value: Attribute) -> list[str]:
    """The texts of a property that is one or a list of them."""
    parts = cast(ArrayAttr[Attribute], value).data if isinstance(value, ArrayAttr) else (value,)
    return [part.data for part in parts if isinstance(part, StringAttr)]


def outlined(fact: ArrayAttr[StringAttr] | None) -> list[str]:
    """What an outline says, of a fact that it has been asked for."""
    assert fact is not None
    return [text.data for text in fact]


BINDING_LISTS = ("param_names", "names")
"""The properties of functions, `for`s and tuple `let`s that name bindings."""


def bound_names(item: Operation) -> Iterator[str]:
    """The names of an item's variables, parameters first."""
    if isinstance(item, rust.OutlineOp):
        yield from outlined(item.bound)
    for op in item.walk():
        if isinstance(op, rust.LetOp):
            yield op.var_name.data
        elif not isinstance(op, rust.UseOp):
            for key in BINDING_LISTS:
                if key in op.properties:
                    yield from (name for name in texts_of(op.properties[key]) if name != "_")


def structs_in(ty: Attribute) -> Iterator[str]:
    """The structs in a type, by first segment."""
    match ty:
        case NamedType():
            yield ty.symbol.data.partition("::")[0]
        case ArrayType() | SliceType():
            yield from structs_in(ty.element)
        case RefType():
            yield from structs_in(ty.pointee)
        case OptionType() | RangeType():
            yield from structs_in(ty.of)
        case TupleType():
            for each in ty.elements:
                yield from structs_in(each)
        case _:
            pass


def renamed_structs(names: Mapping[str, str]) -> TypeMap:
    """Types with the new names of structs."""

    def renamed(ty: Attribute) -> Attribute | None:
        if isinstance(ty, NamedType) and ty.symbol.data in names:
            return NamedType(StringAttr(names[ty.symbol.data]), ty.lifetimes)
        return None

    return TypeMap(renamed)

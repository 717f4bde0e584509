"""drop-unused: items that nothing reaches go; what stays and is not used says so in its name.

    const ROUNDS: u32 = 20; fn helper() { } pub fn f(x: u32, y: u32) -> u32 { x }        pub fn f(x: u32, _y: u32) -> u32 { x }

Input and output: rust. Roots are the public items, of a program (a module with `main`) only `main`. An item is reached when a
reached one calls it, names it (in an expression, a pattern, a type). Parameters without use get an underscore, as do fields of
private structs that nothing but literals mentions.
Why here: after the passes that fold constants and drop stores.
Limits: a name reaches every item of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Attribute, Operation, Use

from compiler.dialects import rust
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import (
    ArrayType,
    NamedType,
    OptionType,
    RangeType,
    RefType,
    ScalarType,
    SliceType,
    TupleType,
)
from compiler.passes.c_to_rust.rust_mentions import outlined

_Item = rust.FnOp | rust.OutlineOp | rust.StructOp | rust.ConstOp
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class DropUnused:
    name: ClassVar[str] = "drop-unused"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        items = {item.sym_name.data: item for item in op.body.block.ops if isinstance(item, _Item)}
        reached = _reached(items)
        for name, item in items.items():
            if name not in reached:
                item.detach()
                item.erase(safe_erase=False)
            elif isinstance(item, rust.FnOp):
                _mark_parameters(item)
                _forget_patterns(item)
        kept = [item for name, item in items.items() if name in reached]
        _mark_fields(kept, "main" in items)


def _reached(items: dict[str, _Item]) -> set[str]:
    is_program = "main" in items
    waiting = ["main"] if is_program else [name for name, item in items.items() if item.public is not None]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in items and name not in reached:
            reached.add(name)
            waiting.extend(_mentioned(items[name]))
    return reached


def _mentioned(item: _Item) -> set[str]:
    """The names that an item needs."""
    if isinstance(item, rust.OutlineOp):
        return set(outlined(item.names))
    names: set[str] = set()
    types: set[Attribute] = set()
    match item:
        case rust.FnOp():
            types.add(item.result)
            types.update(arg.type for arg in item.body.block.args)
        case rust.StructOp():
            types.update(item.field_types)
        case rust.ConstOp():
            types.add(item.type)
    for op in item.walk():
        if type(op) in _NAMING:
            names.update(_named(op))
        for result in op.results:
            if type(result.type) is not ScalarType:
                types.add(result.type)
    for ty in types:
        names.update(_structs(ty))
    return names


_NAMING = frozenset((rust.CallOp, rust.PathOp, rust.MatchOp))


def _named(op: Operation) -> list[str]:
    if isinstance(op, rust.CallOp):
        return _NAME.findall(op.callee.data)
    if isinstance(op, rust.PathOp):
        return _NAME.findall(op.path.data)
    assert isinstance(op, rust.MatchOp)
    return [name for pattern in op.patterns for name in _NAME.findall(pattern.data)]


def _structs(ty: Attribute) -> Iterator[str]:
    """The structs in a type."""
    match ty:
        case NamedType():
            yield ty.symbol.data
        case ArrayType() | SliceType():
            yield from _structs(ty.element)
        case RefType():
            yield from _structs(ty.pointee)
        case OptionType() | RangeType():
            yield from _structs(ty.of)
        case TupleType():
            for each in ty.elements:
                yield from _structs(each)
        case _:
            pass


def _mark_parameters(function: rust.FnOp) -> None:
    args = function.body.block.args
    unused = [all(_is_handed_on(use, function, n) for use in arg.uses) for n, arg in enumerate(args)]
    if any(unused):
        pairs = zip(function.param_names, unused, strict=True)
        function.param_names = ArrayAttr([StringAttr(_marked(name.data, mark)) for name, mark in pairs])


def _is_handed_on(use: Use, function: rust.FnOp, n: int) -> bool:
    """The function passes its parameter `n` to itself as that."""
    op = use.operation
    return isinstance(op, rust.CallOp) and op.callee.data == function.sym_name.data and use.index == n


def _forget_patterns(function: rust.FnOp) -> None:
    """The variable of a `for` that nothing uses is `_`."""
    for op in function.walk():
        if type(op) is rust.ForOp and any(arg.first_use is None for arg in op.body.block.args):
            pairs = zip(op.names, op.body.block.args, strict=True)
            op.names = ArrayAttr([name if arg.first_use is not None else StringAttr("_") for name, arg in pairs])


def _marked(name: str, unused: bool) -> str:
    return f"_{name}" if unused and not name.startswith("_") else name


def needs_of(function: rust.FnOp) -> dict[str, list[str]]:
    """What another process has to know of a function."""
    return {"names": sorted(_mentioned(function)), "fields": sorted(set(_used_fields(function)))}


# --- fields ---------------------------------------------------------------------------------------------


def _mark_fields(items: list[_Item], is_program: bool) -> None:
    """rustc remarks on fields that nothing reads or writes, where nobody outside can."""
    structs = [item for item in items if isinstance(item, rust.StructOp) and (is_program or item.public is None)]
    if not structs:
        return
    used = {field for item in items for field in _used_fields(item)}
    renamed = {each.sym_name.data: _rename_fields(each, used) for each in structs}
    for item in items:
        for op in item.walk():
            if isinstance(op, rust.StructLitOp) and isinstance(ty := op.results[0].type, NamedType):
                names = renamed.get(ty.symbol.data, {})
                op.field_names = ArrayAttr([StringAttr(names.get(name.data, name.data)) for name in op.field_names])


def _used_fields(item: _Item) -> Iterator[str]:
    """The fields that an item reads or writes, each with its struct."""
    if isinstance(item, rust.OutlineOp):
        yield from outlined(item.fields)
    for op in item.walk():
        if type(op) is rust.FieldOp and isinstance(ty := place_type(op.operands[0].type), NamedType):
            yield f"{ty.symbol.data}.{op.field.data}"


def _rename_fields(struct: rust.StructOp, used: set[str]) -> dict[str, str]:
    symbol = struct.sym_name.data
    names = {name.data: _marked(name.data, f"{symbol}.{name.data}" not in used) for name in struct.field_names}
    struct.field_names = ArrayAttr([StringAttr(name) for name in names.values()])
    return names

"""Pass `rename-snake`: the names of C become the names that Rust would have given.

    struct CTX { Len: u32 }  fn getLen(Ctx: &CTX) -> u32 { Ctx.Len }  static kTable: …

        struct Ctx { len: u32 }  fn get_len(ctx: &Ctx) -> u32 { ctx.len }  static K_TABLE: …

Input and output: rust. Functions, variables and fields in snake case, types in camel case, constants and statics in capitals. Where two
names would become one, the later one takes a number; a variable never takes the name of a function that is called in its function.

Why here: after every pass that makes names, and before the items part into modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Operation

from compiler.dialects import rust
from compiler.dialects.rust_build import place_type
from compiler.dialects.rust_types import NamedType
from compiler.passes.c_to_rust.idiomatic_names import Naming, camel_case, snake_case, upper_case
from compiler.passes.c_to_rust.lower.names import rust_name
from compiler.passes.c_to_rust.rust_mentions import (
    BINDING_LISTS,
    bound_names,
    names_in,
    rename_mentions,
    renamed_structs,
    texts_of,
)

_Item = rust.FnOp | rust.StructOp | rust.ConstOp


@dataclass(frozen=True, slots=True)
class Renamed:
    """The new names of items by their old ones; and by those new names that have a number, what they would be without."""

    names: Mapping[str, str]
    numbered: Mapping[str, str]


def _ignore(renamed: Renamed) -> None:
    """Nobody asked."""


@dataclass(frozen=True, slots=True)
class RenameSnake:
    """The pass. `done` is told what was renamed."""

    name: ClassVar[str] = "rename-snake"
    done: Callable[[Renamed], None] = field(default=_ignore, compare=False)

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        items = [item for item in op.body.block.ops if isinstance(item, _Item)]
        worker = _Worker(items)
        for item in items:
            worker.rename(item)
        self.done(Renamed(worker.items, worker.numbered))


class _Worker:
    def __init__(self, items: list[_Item]) -> None:
        values = _names_of(items, rust.FnOp)
        constants = Naming(upper_case, ("main",)).give(_names_of(items, rust.ConstOp))
        functions = Naming(snake_case, constants.values()).give(["main", *(name for name in values if name != "main")])
        structs = Naming(camel_case, (*constants.values(), *functions.values())).give(_names_of(items, rust.StructOp))
        self.items: dict[str, str] = {**constants, **functions, **structs}
        cases = ((constants, upper_case), (functions, snake_case), (structs, camel_case))
        wanted = {new: rust_name(case(old)) for names, case in cases for old, new in names.items()}
        self.numbered = {new: name for new, name in wanted.items() if new != name}
        self._constants = frozenset(constants.values())
        self._types = renamed_structs(structs)
        self._fields = {
            item.sym_name.data: Naming(snake_case).give(each.data for each in item.field_names)
            for item in items
            if isinstance(item, rust.StructOp)
        }

    def rename(self, item: _Item) -> None:
        """Rename an item and everything in it."""
        variables = self._variables(item)
        labels = Naming(snake_case).give(_labels(item))
        ops = list(item.walk())
        for op in ops:
            self._rename_fields(op)  # while types still tell the struct by its old name
        for op in ops:
            self._types.change(op)
            rename_mentions(op, self.items)
            _rename_bindings(op, variables, labels)
        item.properties["sym_name"] = StringAttr(self.items[item.sym_name.data])

    def _variables(self, item: _Item) -> dict[str, str]:
        """New names of an item's variables; what the item mentions keeps its meaning."""
        mentioned = {self.items[name] for op in item.walk() for name in names_in(op) if name in self.items}
        return Naming(snake_case, mentioned | self._constants).give(bound_names(item))

    # --- fields --------------------------------------------------------------------------------------------------------------

    def _rename_fields(self, op: Operation) -> None:
        match op:
            case rust.StructOp():
                op.field_names = _renamed(texts_of(op.field_names), self._fields[op.sym_name.data])
            case rust.StructLitOp() if isinstance(ty := op.result.type, NamedType):
                op.field_names = _renamed(texts_of(op.field_names), self._fields.get(ty.symbol.data, {}))
            case rust.FieldOp() if isinstance(ty := place_type(op.base.type), NamedType):
                names = self._fields.get(ty.symbol.data, {})
                op.field = StringAttr(names.get(op.field.data, op.field.data))
            case _:
                pass


def _names_of(items: list[_Item], kind: type[_Item]) -> list[str]:
    return [item.sym_name.data for item in items if isinstance(item, kind)]


# --- variables -------------------------------------------------------------------------------------------------------------------


def _labels(item: _Item) -> Iterator[str]:
    return (label.data for op in item.walk() if isinstance(label := op.properties.get("label"), StringAttr))


def _rename_bindings(op: Operation, names: Mapping[str, str], labels: Mapping[str, str]) -> None:
    if isinstance(op, rust.LetOp):
        op.var_name = StringAttr(names[op.var_name.data])
    if isinstance(label := op.properties.get("label"), StringAttr):
        op.properties["label"] = StringAttr(labels[label.data])
    for key in BINDING_LISTS:
        if key in op.properties:
            op.properties[key] = _renamed(texts_of(op.properties[key]), names)


def _renamed(old: Iterable[str], names: Mapping[str, str]) -> ArrayAttr[StringAttr]:
    return ArrayAttr([StringAttr(names.get(each, each)) for each in old])

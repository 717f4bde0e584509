"""Pass `drop-unreachable`: items that nothing exported needs are dropped, headers' helpers above all.

    static inline uint16_t load16(uint8_t *b) {…}   never called       ->   (nothing)

Input and output: minic. Roots are the functions and objects with external linkage; a program's `main` alone, because nobody links to a
program. A constant (`define`) stays when its name is used.

Why here: what is not translated cannot refuse the file, and every later pass has less to do. An interprocedural analysis sees only callers
that exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation

from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, PlaceType, PtrType, StructType
from compiler.dialects.walking import ops_of

_Item = minic.FuncOp | minic.GlobalOp | minic.StructOp | minic.DefineOp


@dataclass(frozen=True, slots=True)
class DropUnreachable:
    """The pass; no options."""

    name: ClassVar[str] = "drop-unreachable"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        items = {item.sym_name.data: item for item in op.body.block.ops if isinstance(item, _Item)}
        reached: set[str] = set()
        waiting = [name for name, item in items.items() if _is_root(item, "main" in items)]
        while waiting:
            name = waiting.pop()
            if name not in reached and name in items:
                reached.add(name)
                waiting.extend(mentioned(items[name]))
        for name, item in items.items():
            if name not in reached:
                item.detach()
                item.erase()


def _is_root(item: _Item, is_program: bool) -> bool:
    match item:
        case minic.FuncOp():
            exported = item.exported is not None and bool(item.body.blocks)
            return item.sym_name.data == "main" if is_program else exported
        case minic.GlobalOp():
            return item.exported is not None and item.extern is None and not is_program
        case _:
            return False


def mentioned(item: _Item) -> Iterator[str]:
    """The names that an item needs."""
    types = dict.fromkeys(_signature(item))  # few, and most ops have one of them
    for op in ops_of(item):
        if type(op) in _NAMING:
            yield from _named(op)
        for result in op.results:
            types[result.type] = None
    for kind in types:
        if (struct := _struct_in(kind)) is not None:
            yield struct.symbol.data


_NAMING = frozenset((minic.CallOp, minic.CallStmtOp, minic.GlobalRefOp, minic.ConstOp, minic.SwitchOp))


def _named(op: Operation) -> Iterator[str]:
    match op:
        case minic.CallOp() | minic.CallStmtOp():
            yield op.callee.data
        case minic.GlobalRefOp():
            yield op.symbol.data
        case minic.ConstOp() if op.symbol is not None:
            yield op.symbol.data
        case minic.SwitchOp() if op.names is not None:
            yield from (name.data for names in op.names.data for name in names.data)
        case _:
            pass


def _struct_in(kind: Attribute) -> StructType | None:
    """The struct that a type is made of, if any."""
    while not isinstance(kind, StructType):
        match kind:
            case PlaceType():
                kind = kind.of
            case PtrType():
                kind = kind.pointee
            case ArrayType():
                kind = kind.element
            case _:
                return None
    return kind


def _signature(item: _Item) -> Iterator[Attribute]:
    match item:
        case minic.FuncOp():
            yield from item.param_types.data
            yield item.result
        case minic.StructOp():
            yield from item.field_types.data
        case minic.GlobalOp():
            yield item.type
        case minic.DefineOp():
            pass

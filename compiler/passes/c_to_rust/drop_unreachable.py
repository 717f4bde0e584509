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
    for op in item.walk():
        yield from _named(op)
        for kind in _types(op):
            while isinstance(kind, PtrType | ArrayType | PlaceType):
                kind = (
                    kind.of
                    if isinstance(kind, PlaceType)
                    else kind.pointee
                    if isinstance(kind, PtrType)
                    else kind.element
                )
            if isinstance(kind, StructType):
                yield kind.symbol.data


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


def _types(op: Operation) -> Iterator[Attribute]:
    for result in op.results:
        yield result.type
    match op:
        case minic.FuncOp():
            yield from op.param_types.data
            yield op.result
        case minic.StructOp():
            yield from op.field_types.data
        case minic.GlobalOp():
            yield op.type
        case _:
            pass

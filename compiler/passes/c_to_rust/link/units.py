"""One translation unit as the linker sees it: items by name, and what each of them mentions.

    static int helper(…) {…}  extern int table[];  int f(…) {…}          internal: helper; external: table (declared), f (defined)

Items that no external definition needs are left out at once: most of a header is not used in most files.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass, field
from functools import cached_property

from xdsl.dialects.builtin import FileLineColLoc, ModuleOp
from xdsl.ir import Operation

from compiler.dialects import minic
from compiler.passes.c_to_rust.drop_unreachable import mentioned

Item = minic.FuncOp | minic.GlobalOp | minic.StructOp | minic.DefineOp


@dataclass(eq=False)
class Unit:
    """A module, and a short name for the file that it was made of (`stem`)."""

    stem: str
    module: ModuleOp
    mentions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items that the unit contributes, in order."""
        found = {op.sym_name.data: op for op in self.module.body.block.ops if isinstance(op, Item)}
        reached = self._reached(found, [name for name, op in found.items() if is_definition(op)])
        return {name: op for name, op in found.items() if name in reached}

    def _reached(self, items: dict[str, Item], waiting: list[str]) -> set[str]:
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in items and name not in reached:
                reached.add(name)
                self.mentions[name] = list(dict.fromkeys(mentioned(items[name])))
                waiting += self.mentions[name]
        return reached


def is_external(op: Operation) -> bool:
    """True for a function or object with external linkage, defined or only declared."""
    return isinstance(op, minic.FuncOp | minic.GlobalOp) and (op.exported is not None or is_declaration(op))


def is_declaration(op: Operation) -> bool:
    """True for what says that something external is defined elsewhere."""
    match op:
        case minic.FuncOp():
            return not op.body.blocks
        case minic.GlobalOp():
            return op.extern is not None
        case _:
            return False


def is_definition(op: Operation) -> bool:
    """True for the definition of something external."""
    return is_external(op) and not is_declaration(op)


def origin(op: Operation) -> str:
    """The file that an item stands in; the same file by another path is the same."""
    place = op.location
    return os.path.normpath(place.filename.data) if isinstance(place, FileLineColLoc) else ""

"""Renaming of items within one unit: the item, and everything that mentions it.

rename(items, {"helper": "helper_b"})          static int helper(…)  …  helper(x)     becomes     helper_b … helper_b(x)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Operation

from compiler.dialects import minic
from compiler.dialects.minic_types import StructType, struct
from compiler.passes.c_to_rust.type_map import TypeMap

_NAMES = ("sym_name", "callee")


def rename(items: Iterable[Operation], names: Mapping[str, str]) -> None:
    """Give new names to items and to their mentions."""
    if not names:
        return

    def renamed(ty: Attribute) -> Attribute | None:
        return struct(names[ty.symbol.data]) if isinstance(ty, StructType) and ty.symbol.data in names else None

    types = TypeMap(renamed)
    for item in items:
        for op in item.walk():
            types.change(op)
            _rename_mentions(op, names)


def _rename_mentions(op: Operation, names: Mapping[str, str]) -> None:
    keys = (*_NAMES, "symbol") if isinstance(op, minic.GlobalRefOp | minic.ConstOp) else _NAMES
    for key in keys:
        value = op.properties.get(key)
        if isinstance(value, StringAttr) and value.data in names:
            op.properties[key] = StringAttr(names[value.data])

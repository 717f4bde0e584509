"""Renaming of items within one unit: the item, and everything that mentions it.

rename(module, {"helper": "helper_b"})          static int helper(…)  …  helper(x)     becomes     helper_b … helper_b(x)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, Operation, ParametrizedAttribute
from xdsl.rewriter import Rewriter

from compiler.dialects import minic
from compiler.dialects.minic_types import StructType, struct

_NAMES = ("sym_name", "callee")


def rename(items: Iterable[Operation], names: Mapping[str, str]) -> None:
    """Give new names to items and to their mentions."""
    if not names:
        return
    types = _Types(names)
    for item in items:
        for op in item.walk():
            _rename_op(op, names, types)


def _rename_op(op: Operation, names: Mapping[str, str], types: _Types) -> None:
    for key, value in list(op.properties.items()):
        is_name = key in _NAMES or (key == "symbol" and isinstance(op, minic.GlobalRefOp | minic.ConstOp))
        if is_name and isinstance(value, StringAttr):
            op.properties[key] = StringAttr(names.get(value.data, value.data))
        else:
            op.properties[key] = types.renamed(value)
    for result in list(op.results):
        if (new := types.renamed(result.type)) is not result.type:
            Rewriter.replace_value_with_new_type(result, new)
    for region in op.regions:
        for block in region.blocks:
            for argument in list(block.args):
                if (new := types.renamed(argument.type)) is not argument.type:
                    Rewriter.replace_value_with_new_type(argument, new)


class _Types:
    """Types in which structs have new names; an unchanged type is the same object."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._known: dict[Attribute, Attribute] = {}

    def renamed(self, attribute: Attribute) -> Attribute:
        known = self._known.get(attribute)
        if known is None:
            known = self._known[attribute] = self._compute(attribute)
        return known

    def _compute(self, attribute: Attribute) -> Attribute:
        match attribute:
            case StructType():
                name = attribute.symbol.data
                return struct(self._names[name]) if name in self._names else attribute
            case ArrayAttr():
                parts = [self.renamed(each) for each in attribute.data]
                changed = any(new is not old for new, old in zip(parts, attribute.data, strict=True))
                return ArrayAttr(parts) if changed else attribute
            case ParametrizedAttribute():
                parts = [self.renamed(each) for each in attribute.parameters]
                changed = any(new is not old for new, old in zip(parts, attribute.parameters, strict=True))
                return attribute.new(parts) if changed else attribute
            case _:
                return attribute

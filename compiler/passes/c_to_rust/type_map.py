"""One change to types, made wherever a type or attribute contains what is to change.

types = TypeMap(lambda ty: named("Point") if ty == named("point") else None)
types.change(op)                                  &mut point, [point; 4], …        ->      &mut Point, [Point; 4], …
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import ArrayAttr
from xdsl.ir import Attribute, Operation, ParametrizedAttribute, SSAValue
from xdsl.rewriter import Rewriter


class TypeMap:
    """`leaf` gives the new form of what changes itself, None for everything else. What does not change stays the same object."""

    def __init__(self, leaf: Callable[[Attribute], Attribute | None]) -> None:
        self._leaf = leaf
        self._known: dict[Attribute, Attribute] = {}

    def of(self, attribute: Attribute) -> Attribute:
        known = self._known.get(attribute)
        if known is None:
            known = self._known[attribute] = self._compute(attribute)
        return known

    def change(self, op: Operation) -> None:
        """Change the types of an op's results, blocks and properties; the ops inside are not visited."""
        for key, value in list(op.properties.items()):
            op.properties[key] = self.of(value)
        for result in list(op.results):
            self._retype(result)
        for region in op.regions:
            for block in region.blocks:
                for argument in list(block.args):
                    self._retype(argument)

    def _retype(self, value: SSAValue) -> None:
        if (new := self.of(value.type)) is not value.type:
            Rewriter.replace_value_with_new_type(value, new)

    def _compute(self, attribute: Attribute) -> Attribute:
        changed = self._leaf(attribute)
        if changed is not None:
            return changed
        match attribute:
            case ArrayAttr():
                parts = [self.of(each) for each in attribute.data]
                return ArrayAttr(parts) if _differ(parts, attribute.data) else attribute
            case ParametrizedAttribute():
                parts = [self.of(each) for each in attribute.parameters]
                return attribute.new(parts) if _differ(parts, attribute.parameters) else attribute
            case _:
                return attribute


def _differ(new: list[Attribute], old: tuple[Attribute, ...]) -> bool:
    return any(a is not b for a, b in zip(new, old, strict=True))

"""minic integers as symbolic indices: the bridge from expressions to `index` and `order`.

    out + i * 64 + 4        ->      Index 64*i + 4, with i in its interval

Only what cannot wrap becomes part of the polynomial; everything else is a symbol of its own, bounded by its interval. Two reads of a
variable are one symbol when the variable is stable, or when both stand in the same statement.
"""

from __future__ import annotations

from collections.abc import Hashable

from xdsl.ir import SSAValue

from compiler.analysis.index import Index
from compiler.analysis.interval import NONNEGATIVE
from compiler.analysis.loops import constant_of
from compiler.analysis.order import NO_FACTS, Facts
from compiler.analysis.paths import Elem
from compiler.analysis.program import FunctionFacts
from compiler.analysis.ranges import type_range
from compiler.analysis.variables import is_binding, root_of
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType


class Offsets:
    """Indices for the offsets of one call; `facts` gathers what is known about their symbols."""

    def __init__(self, facts: FunctionFacts) -> None:
        self._function = facts
        self.facts: Facts = NO_FACTS

    def of(self, elem: Elem) -> Index:
        """An element offset."""
        total = Index.of(elem.constant)
        for term in elem.terms:
            part = self._index(term.value)
            total = total - part if term.negative else total + part
        return total

    def _index(self, value: SSAValue) -> Index:
        if (constant := constant_of(value)) is not None:
            return Index.of(constant)
        op = value.owner
        match op:
            case minic.CastOp() if self._function.ranges.of(op.operand).within(type_range(value.type)):
                return self._index(op.operand)
            case minic.BinaryOp() if op.kind.data in ("add", "sub", "mul") and self._exact(op):
                lhs, rhs = self._index(op.lhs), self._index(op.rhs)
                return {"add": lhs + rhs, "sub": lhs - rhs, "mul": lhs * rhs}[op.kind.data]
            case _:
                return self._symbol(value)

    def _exact(self, op: minic.BinaryOp) -> bool:
        lhs, rhs = self._function.ranges.of(op.lhs), self._function.ranges.of(op.rhs)
        exact = {"add": lhs + rhs, "sub": lhs - rhs, "mul": lhs * rhs}[op.kind.data]
        return exact.within(type_range(op.result.type))

    def _symbol(self, value: SSAValue) -> Index:
        interval = NONNEGATIVE if isinstance(value.type, PtrType) else self._function.ranges.of(value)
        key = self._key(value)
        self.facts = self.facts.with_range(key, interval)
        return Index.symbol(key)

    def _key(self, value: SSAValue) -> Hashable:
        op = value.owner
        if not isinstance(op, minic.LoadOp) or not is_binding(op.place):
            return value
        variable = self._function.variables[op.place]
        if variable.is_stable:
            return op.place
        return op.place if self._counts(op) else (op.place, root_of(value))

    def _counts(self, op: minic.LoadOp) -> bool:
        """A counted loop's variable is one value for as long as its body runs once, which is where its reads are compared."""
        return any(loop.variable.place is op.place for loop in self._function.ranges.counted.values())

"""Semirings on the machine: what two entries contribute, and how contributions meet in the scratchpad.

Sums are kept in words of 8 bytes, since that is what the memory's units add: f32 in f64, narrow integers in i64, i1 as 0
or 1. A value is rounded to the kernel's element once, when its row leaves the scratchpad.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import assert_never

from xdsl.dialects.builtin import f64, i1, i64
from xdsl.ir import Attribute

from compiler.dialects.spgemm_types import Element, Semiring
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value, width_of


@dataclass(frozen=True, slots=True)
class Algebra:
    """A semiring over an element type."""

    semiring: Semiring
    element: Element

    @property
    def sum_type(self) -> Attribute:
        """Of sums: 8 bytes."""
        return f64 if self.element.is_float else i64

    @property
    def identity(self) -> float:
        """What adds nothing."""
        if self.semiring is Semiring.MIN_PLUS:
            return inf if self.element.is_float else (1 << width_of(self.element.type) - 1) - 1
        return 0.0 if self.element.is_float else 0

    @property
    def atomic(self) -> str:
        """The memory's operation that adds."""
        floating = self.element.is_float
        match self.semiring:
            case Semiring.MIN_PLUS:
                return "fmin" if floating else "min"
            case Semiring.OR_AND:
                return "or"
            case Semiring.PLUS_TIMES | Semiring.PLUS_PAIR:
                return "fadd" if floating else "add"
            case _:
                assert_never(self.semiring)

    @property
    def needs_values(self) -> bool:
        """Whether a product looks at its factors."""
        return self.semiring is not Semiring.PLUS_PAIR

    def widened(self, value: Value) -> Value:
        """An element as a sum."""
        if self.element is Element.I1:
            return value.unsigned_to(i64)
        return value.to(self.sum_type)

    def narrowed(self, value: Value) -> Value:
        """A sum as an element."""
        if self.element is Element.I1:
            return value.to(i1)
        return value.to(self.element.type)

    def multiply(self, b: LoopBuilder, x: Value, y: Value) -> Value:
        """The contribution of two widened entries."""
        match self.semiring:
            case Semiring.PLUS_TIMES:
                return x * y
            case Semiring.MIN_PLUS:
                return x + y
            case Semiring.OR_AND:
                return x & y
            case Semiring.PLUS_PAIR:
                return b.constant(1, self.sum_type)
            case _:
                assert_never(self.semiring)

    def add(self, x: Value, y: Value) -> Value:
        """Two sums, in registers."""
        match self.semiring:
            case Semiring.MIN_PLUS:
                return x.minimum(y)
            case Semiring.OR_AND:
                return x | y
            case Semiring.PLUS_TIMES | Semiring.PLUS_PAIR:
                return x + y
            case _:
                assert_never(self.semiring)

"""A semiring over an element type, as ops of the loop language.

ring.add(total, ring.multiply(x, y))        plus_times: addf (mulf);  min_plus: minnumf (addf);  plus_pair: addf, 1
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from xdsl.ir import Attribute

from compiler.dialects.spgemm_kernel import KernelForm
from compiler.dialects.spgemm_types import Element, Semiring
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value


@dataclass(frozen=True, slots=True)
class Ring:
    """What a kernel adds and multiplies with."""

    semiring: Semiring
    element: Element

    @staticmethod
    def of(form: KernelForm) -> Ring:
        return Ring(form.semiring, form.element)

    @property
    def type(self) -> Attribute:
        return self.element.type

    def add(self, x: Value, y: Value) -> Value:
        """Two contributions to one entry."""
        match self.semiring:
            case Semiring.MIN_PLUS:
                return x.minimum(y)
            case Semiring.OR_AND:
                return x | y
            case _:
                return x + y

    def multiply(self, x: Value, y: Value) -> Value:
        """The contribution of a pair."""
        match self.semiring:
            case Semiring.PLUS_TIMES:
                return x * y
            case Semiring.MIN_PLUS:
                return x + y
            case Semiring.OR_AND:
                return x & y
            case Semiring.PLUS_PAIR:
                return x.like(1)

    @property
    def nothing(self) -> float:
        """What changes no sum."""
        if self.semiring is not Semiring.MIN_PLUS:
            return 0
        return math.inf if self.element.is_float else (1 << int(self.element[1:]) - 1) - 1

    def zero(self, b: LoopBuilder) -> Value:
        """The same as a value."""
        return b.constant(self.nothing, self.type)

"""Whether a floating expression is surely finite.

    100.0 * hits / tries      with int hits; int tries >= 1         finite: no infinity, no NaN

A bound of the magnitude is carried through the arithmetic of integers and constants. Anything else may be anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from xdsl.ir import SSAValue

from compiler.analysis.interval import Interval
from compiler.dialects import minic
from compiler.dialects.minic_types import FloatType, IntType

_SAFE = 1e30
"""Below the largest float of 32 bits, so that it holds for both widths."""


def is_finite(value: SSAValue, interval: Callable[[SSAValue], Interval]) -> bool:
    """True when the value is neither infinite nor NaN."""
    return _magnitude(value, interval) is not None


def _magnitude(value: SSAValue, interval: Callable[[SSAValue], Interval]) -> float | None:
    """A bound of the absolute value; None when there is none that is safe."""
    op = value.owner
    match op:
        case minic.FloatConstOp():
            found = abs(op.value.value.data)
        case minic.CastOp() if isinstance(op.operand.type, IntType):
            bounds = interval(op.operand)
            found = None if bounds.lo is None or bounds.hi is None else float(max(abs(bounds.lo), abs(bounds.hi)))
        case minic.CastOp() if isinstance(op.operand.type, FloatType):
            found = _magnitude(op.operand, interval)
        case minic.UnaryOp():
            found = _magnitude(op.operand, interval)
        case minic.BinaryOp():
            found = _combined(op, interval)
        case _:
            found = None
    return found if found is not None and math.isfinite(found) and found <= _SAFE else None


def _combined(op: minic.BinaryOp, interval: Callable[[SSAValue], Interval]) -> float | None:
    left = _magnitude(op.lhs, interval)
    if op.kind.data == "div":
        least = _least(op.rhs, interval)
        return left / least if left is not None and least > 0 else None
    right = _magnitude(op.rhs, interval)
    if left is None or right is None:
        return None
    match op.kind.data:
        case "add" | "sub":
            return left + right
        case "mul":
            return left * right
        case _:
            return None


def _least(value: SSAValue, interval: Callable[[SSAValue], Interval]) -> float:
    """A lower bound of the absolute value of a divisor, of at least 0."""
    op = value.owner
    match op:
        case minic.FloatConstOp():
            return abs(op.value.value.data)
        case minic.CastOp() if isinstance(op.operand.type, FloatType):
            return _least(op.operand, interval)
        case minic.CastOp() if isinstance(op.operand.type, IntType):
            bounds = interval(op.operand)
            away = (bounds.lo is not None and bounds.lo > 0) or (bounds.hi is not None and bounds.hi < 0)
            return 1.0 if away else 0.0
        case _:
            return 0.0

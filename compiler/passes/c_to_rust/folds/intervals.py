"""What values an integer expression can have, as far as its own operators tell.

x & 15  in  0..=15        (a as u32) >> 4  in  0..=15  (a: u8)        x % 10  in  0..=9  (x unsigned)
"""

from __future__ import annotations

from xdsl.ir import SSAValue

from compiler.dialects import rust
from compiler.dialects.rust_types import BOOL, ScalarType
from compiler.passes.c_to_rust.folds.terms import binary, bounds, cast_source, constant, is_unsigned, kind_of

DEPTH = 4
"""How far to look into an expression: what C promotes and masks is near."""


def limits(value: SSAValue, depth: int = DEPTH) -> tuple[int, int]:
    """The least and the greatest value."""
    number = constant(value)
    if number is not None:
        return number, number
    ty = value.type
    assert isinstance(ty, ScalarType)
    widest = bounds(ty)
    if depth == 0:
        return widest
    source = cast_source(value)
    if source is not None:
        return _of_cast(source, widest, depth)
    if isinstance(value.owner, rust.BinaryOp):
        return _of_binary(value, widest, depth)
    return widest


def _of_cast(source: SSAValue, widest: tuple[int, int], depth: int) -> tuple[int, int]:
    if not isinstance(source.type, ScalarType) or not (source.type.is_integer or source.type == BOOL):
        return widest
    low, high = limits(source, depth - 1)
    return (low, high) if widest[0] <= low and high <= widest[1] else widest


def _of_binary(value: SSAValue, widest: tuple[int, int], depth: int) -> tuple[int, int]:
    op = binary(value, "&", "|", "%", ">>")
    right = constant(op.operands[1]) if op is not None else None
    if op is None or right is None or right < 0:
        return widest
    low, high = limits(op.operands[0], depth - 1)
    if kind_of(op) == "&":
        return 0, min(right, high) if low >= 0 else right
    if kind_of(op) == "|":
        return (max(low, right), widest[1]) if low >= 0 else widest
    if kind_of(op) == "%" and right > 0:
        return (0 if low >= 0 else 1 - right), (min(high, right - 1) if low >= 0 else right - 1)
    if kind_of(op) == ">>" and is_unsigned(value.type):
        return low >> right, high >> right
    return widest


def decided(kind: str, left: SSAValue, right: SSAValue) -> bool | None:
    """The result of a comparison that is always the same."""
    (low, high), (least, most) = limits(left), limits(right)
    match kind:
        case "<":
            return True if high < least else False if low >= most else None
        case "<=":
            return True if high <= least else False if low > most else None
        case ">":
            return True if low > most else False if high <= least else None
        case ">=":
            return True if low >= most else False if high < least else None
        case _:
            apart = high < least or low > most
            return (kind == "!=") if apart else None

"""Rotations, from the two shifts that C has for them.

    (x << 7) | (x >> 25)  ->  x.rotate_left(7)            (x >> n) | (x << (32 - n))  ->  x.rotate_right(n)

Exact for unsigned `x`, and literal counts that add up to the width, both above 0. With a variable count `n`, `32 - n` must be
written as a difference: where `n` is 0 (or 32) C shifts by the width, which it leaves undefined, and Rust panics. The
operator may be | ^ or +: the bits do not meet. `x` must have no effect, for it is evaluated once instead of twice.
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import is_pure, literal, same
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import U32, ScalarType
from compiler.passes.c_to_rust.folds.terms import binary, is_unsigned, kind_of, method


def fold_rotation(op: Operation) -> SSAValue | None:
    """A `binary` of | ^ + over two shifts."""
    if kind_of(op) not in ("|", "^", "+") or not is_unsigned(op.results[0].type):
        return None
    return _rotation(op)


def fold_wrapping_rotation(op: Operation) -> SSAValue | None:
    """The same for `wrapping_add`."""
    if method(op.results[0], "wrapping_add") is None or not is_unsigned(op.results[0].type):
        return None
    return _rotation(op)


def _rotation(op: Operation) -> SSAValue | None:
    first, second = binary(op.operands[0], "<<", ">>"), binary(op.operands[1], "<<", ">>")
    if first is None or second is None or kind_of(first) == kind_of(second):
        return None
    (value, count), (again, other) = first.operands, second.operands
    if not same(value, again) or not is_pure(value) or not is_pure(count) or not is_pure(other):
        return None
    ty = value.type
    assert isinstance(ty, ScalarType)
    amounts = literal(count), literal(other)
    if amounts[0] is not None and amounts[1] is not None:
        return _by_literal(op, first, value, amounts[0], amounts[1], ty)
    if _is_rest(other, count, ty.width):
        return _by_variable(op, kind_of(first), value, count)
    if _is_rest(count, other, ty.width):
        return _by_variable(op, kind_of(second), again, other)
    return None


def _by_literal(op: Operation, first: Operation, value: SSAValue, n: int, rest: int, ty: ScalarType) -> SSAValue | None:
    if n + rest != ty.width or n <= 0 or rest <= 0:
        return None
    b = Builder.before(op)
    name = "rotate_left" if kind_of(first) == "<<" else "rotate_right"
    return b.method(name, value, b.lit(n, U32), ty=ty)


def _is_rest(rest: SSAValue, count: SSAValue, width: int) -> bool:
    """`rest` is `width - count`."""
    difference = binary(rest, "-")
    if difference is None:
        called = method(rest, "wrapping_sub")
        difference = called if called is not None and len(called.operands) == 2 else None
    if difference is None:
        return False
    return literal(difference.operands[0]) == width and same(difference.operands[1], count)


def _by_variable(op: Operation, kind: str, value: SSAValue, count: SSAValue) -> SSAValue | None:
    """The operands stand in one shift, in order: only a cast of the count may be needed."""
    ty = count.type
    if not isinstance(ty, ScalarType) or not ty.is_integer:
        return None
    b = Builder.before(op)
    name = "rotate_left" if kind == "<<" else "rotate_right"
    number = literal(count)
    return b.method(name, value, b.cast(count, U32) if number is None else b.lit(number, U32), ty=value.type)

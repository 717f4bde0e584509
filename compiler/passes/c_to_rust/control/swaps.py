"""A swap through a temporary.

    let t = a; a = b; b = t;            std::mem::swap(&mut a, &mut b);
    let t = a[i]; a[i] = a[j]; a[j] = t;            a.swap(i, j);

Only where the two places are told apart: elements of one array, different bindings, different fields of one struct.
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import base_of, is_pure, same
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, place_type
from compiler.dialects.rust_types import UNIT, ArrayType, SliceType
from compiler.passes.c_to_rust.editing import copied, erase, start_of


def swap_through_temporary(op: rust.LetOp) -> bool:
    second = _next_statement(op)
    third = second and _next_statement(second)
    if not op.operands or not isinstance(second, rust.AssignOp) or not isinstance(third, rust.AssignOp):
        return False
    kept, (one, other) = op.results[0], second.operands
    if third.operands[1] is not kept or not kept.has_one_use():
        return False
    if not same(op.operands[0], one) or not same(other, third.operands[0]) or not (is_pure(one) and is_pure(other)):
        return False
    if not _swap(Builder.before(start_of(op)), op, one, other):
        return False
    for each in (third, second, op):
        erase(each)
    return True


def _next_statement(op: Operation) -> Operation | None:
    at = op.next_op
    while at is not None and not rust.is_statement(at):
        at = at.next_op
    return at


def _swap(b: Builder, op: Operation, one: SSAValue, other: SSAValue) -> bool:
    b.location = op.location
    first, second = one.owner, other.owner
    if isinstance(first, rust.IndexOp) and isinstance(second, rust.IndexOp) and _of_one_array(first, second):
        base = copied(b, first.operands[0])
        i, j = copied(b, first.operands[1]), copied(b, second.operands[1])
        b.expr(b.method("swap", base, i, j, ty=UNIT))
        return True
    if not _are_apart(one, other):
        return False
    b.expr(b.call("std::mem::swap", [b.ref(copied(b, one), mutable=True), b.ref(copied(b, other), mutable=True)]))
    return True


def _of_one_array(first: Operation, second: Operation) -> bool:
    base = first.operands[0]
    return same(base, second.operands[0]) and isinstance(place_type(base.type), ArrayType | SliceType)


def _are_apart(one: SSAValue, other: SSAValue) -> bool:
    """Borrowing both at once is accepted."""
    if _are_fields(one.owner, other.owner):
        return True
    bases = base_of(one), base_of(other)
    return None not in bases and bases[0] is not bases[1]


def _are_fields(first: object, second: object) -> bool:
    """Two different fields of one struct."""
    if not isinstance(first, rust.FieldOp) or not isinstance(second, rust.FieldOp) or first.field == second.field:
        return False
    return same(first.operands[0], second.operands[0])

"""Assignments.

a[i] = a[i] ^ k;  ->  a[i] ^= k;          x = x;  ->  (nothing)          f(x) + 1;  ->  f(x);          c && f();  ->  if c { f(); }
"""

from __future__ import annotations

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import base_of, bindings_in, first_op, is_pure, same, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import ScalarType
from compiler.passes.c_to_rust.editing import become, copied, erase, erase_value, start_of
from compiler.passes.c_to_rust.folds.terms import COMMUTATIVE, kind_of

_COMPOUND = frozenset("+ - * / % & | ^ << >>".split())


def simplify_assign(op: Operation) -> bool:
    place, value = op.operands
    if not is_pure(place):
        return False
    if same(place, value) or _restores(op, place, value):
        erase(op)
        return True
    owner = value.owner
    if (
        not isinstance(owner, rust.BinaryOp)
        or kind_of(owner) not in _COMPOUND
        or not isinstance(place.type, ScalarType)
    ):
        return False
    left, right = owner.operands
    if same(place, left) and _may_go_first(right, place):
        _compound(op, left, owner, right)
        return True
    if kind_of(owner) in COMMUTATIVE and same(place, right):  # what is added comes first in both
        _compound(op, right, owner, left)
        return True
    return False


def _restores(op: Operation, place: SSAValue, value: SSAValue) -> bool:
    """`b = a;` directly behind `a = b;`."""
    before = first_op(op).prev_op
    if not isinstance(before, rust.AssignOp) or not is_pure(value):
        return False
    return same(before.operands[0], value) and same(before.operands[1], place)


def _may_go_first(value: SSAValue, place: SSAValue) -> bool:
    """Evaluating `value` before reading the place changes neither: what it calls cannot reach the place."""
    if is_pure(value):
        return True
    root = tree_root(value)
    if root is None or base_of(place) is None or any(op.regions for op in tree_ops(root)):
        return False
    return not set(bindings_in(value)) & set(bindings_in(place))


def _compound(op: Operation, again: SSAValue, owner: Operation, operand: SSAValue) -> None:
    """`place kind= operand`; the second `place` goes."""
    place = op.operands[0]
    kind = StringAttr(kind_of(owner))
    op.operands = []
    owner.detach()
    owner.erase()
    erase_value(again)
    become(op, rust.AssignOpOp.create(operands=[place, operand], properties={"kind": kind}))


def simplify_expr(op: Operation) -> bool:
    """A statement without effect; or one whose effects are those of its operands, or of one side of a condition."""
    value = op.operands[0]
    if is_pure(value):
        erase(op)
        return True
    owner = value.owner
    if not isinstance(owner, rust.BinaryOp | rust.UnaryOp | rust.CastOp) or any(
        each.regions for each in tree_ops(owner)
    ):
        return False
    if isinstance(owner, rust.BinaryOp) and kind_of(owner) in ("&&", "||"):
        return _as_if(op, owner)
    b = Builder.before(start_of(op))
    b.location = op.location
    parts = [_statement(b, operand) for operand in owner.operands if not is_pure(operand)]
    erase(op)
    for part in parts:
        simplify_expr(part)
    return True


def _statement(b: Builder, value: SSAValue) -> Operation:
    """`value;`, copied."""
    return b.insert(rust.ExprOp, [copied(b, value)])


def _as_if(op: Operation, owner: Operation) -> bool:
    """`c && f();` is `if c { f(); }`."""
    b = Builder.before(start_of(op))
    b.location = op.location
    left, right = owner.operands
    cond = copied(b, left)
    if kind_of(owner) == "||":
        cond = b.unary("!", cond)
    with b.inside(Block()) as then:
        effect = _statement(b, right)
    b.if_(cond, then)
    erase(op)
    simplify_expr(effect)
    return True

"""Assignments.

a[i] = a[i] ^ k;  ->  a[i] ^= k;          x = x;  ->  (nothing)          f(x) + 1;  ->  f(x);          c && f();  ->  if c { f(); }
"""

from __future__ import annotations

from xdsl.dialects.builtin import LocationAttr, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import base_of, bindings_in, blocks_of, first_op, is_pure, same, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import ScalarType
from compiler.passes.c_to_rust.editing import become, detached, erase, erase_unused, erase_value, rebuild
from compiler.passes.c_to_rust.folds.comparisons import negation
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
    if isinstance(owner, rust.IfOp | rust.MatchOp | rust.BlockOp):
        return _without_value(op, owner)
    if not isinstance(owner, rust.BinaryOp | rust.UnaryOp | rust.CastOp):
        return False
    if isinstance(owner, rust.BinaryOp) and kind_of(owner) in ("&&", "||"):
        _as_if(op, owner)
        return True
    operands = list(owner.operands)
    op.detach()
    op.erase()
    owner.detach()
    owner.erase()
    for operand in operands:
        _keep_effect(operand, op.location)
    return True


def _keep_effect(value: SSAValue, place: LocationAttr) -> None:
    """The expression, which nothing uses any more, becomes a statement, if it has an effect."""
    root = tree_root(value)
    if root is None:
        return
    if is_pure(value):
        erase(root)
        return
    statement = rust.ExprOp.create(operands=[value], location=place)
    block = root.parent
    assert block is not None
    block.insert_op_after(statement, root)
    simplify_expr(statement)


def _without_value(op: Operation, owner: Operation) -> bool:
    """`{ f(); x };` is `{ f(); }`; so with the branches of `if` and `match`."""
    if owner.properties.get("label") is not None:
        return False
    op.detach()
    op.erase()
    for block in blocks_of(owner):
        last = block.last_op
        if isinstance(last, rust.YieldOp):
            value = last.operands[0]
            last.detach()
            last.erase()
            _keep_effect(value, owner.location)
    regions = [detached(region) for region in owner.regions]
    rebuild(owner, type(owner), list(owner.operands), (), {**owner.properties}, regions)
    return True


def _as_if(op: Operation, owner: Operation) -> None:
    """`c && f();` is `if c { f(); }`."""
    left, right = owner.operands
    is_or, place = kind_of(owner) == "||", op.location
    op.operands = []
    owner.detach()
    owner.erase()
    b = Builder.before(op)
    if is_pure(right):
        erase_value(right)
        _keep_effect(left, place)
    else:
        then = Block()
        root = tree_root(right)
        assert root is not None
        for each in list(tree_ops(root)):
            each.detach()
            then.add_op(each)
        b.if_((negation(left, b) or b.unary("!", left)) if is_or else left, then)
        erase_unused(left)
        _keep_effect(right, place)
    op.detach()
    op.erase()

"""Operations that leave an operand as it is, or that always give the same.

    x + 0, x << 0, x & 0xff…f  ->  x        x * 0, x & 0, x ^ x, x % 1  ->  0        true && c  ->  c

An operand is dropped only where it has no effect.
"""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import is_pure, literal, same
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import ScalarType
from compiler.passes.c_to_rust.folds.terms import (
    NEGATED,
    binary,
    boolean,
    bounds,
    computed,
    constant,
    is_integer,
    kind_of,
)

_METHODS = {"wrapping_add": "+", "wrapping_sub": "-", "wrapping_mul": "*", "wrapping_shl": "<<", "wrapping_shr": ">>"}


def fold_identity(op: Operation) -> SSAValue | None:
    """A `binary` on integers with a literal 0, 1 or all ones; or on twice the same."""
    left, right = op.operands
    if not is_integer(left.type):
        return None
    return _identity(op, kind_of(op), left, right)


def fold_wrapping_identity(op: Operation) -> SSAValue | None:
    """The same for `wrapping_add` and its like."""
    assert isinstance(op, rust.MethodOp)
    kind = _METHODS.get(op.method.data)
    if kind is None or len(op.operands) != 2 or not is_integer(op.operands[0].type):
        return None
    return _identity(op, kind, op.operands[0], op.operands[1])


def _identity(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    ty = left.type
    assert isinstance(ty, ScalarType)
    first, second = literal(left), literal(right)
    ones = -1 if ty.signed else bounds(ty)[1]
    if _keeps_left(kind, second, ones):
        return left
    if _keeps_right(kind, first, ones):
        return right
    if kind in ("/", "%"):
        result = computed(op.results[0])
        return None if result is None else Builder.before(op).lit(result, ty)
    if _is_zero(kind, first, second) and is_pure(left) and is_pure(right):
        return Builder.before(op).lit(0, ty)
    return _of_same(op, kind, left, right, ty)


def _keeps_left(kind: str, right: int | None, ones: int) -> bool:
    match kind:
        case "+" | "-" | "|" | "^" | "<<" | ">>":
            return right == 0
        case "*" | "/":
            return right == 1
        case "&":
            return right == ones
        case _:
            return False


def _keeps_right(kind: str, left: int | None, ones: int) -> bool:
    return left is not None and kind in "+|^*&" and _keeps_left(kind, left, ones)


def _is_zero(kind: str, left: int | None, right: int | None) -> bool:
    if kind in ("*", "&") and 0 in (left, right):
        return True
    return (kind == "%" and right in (1, -1)) or (kind in ("<<", ">>", "/", "%") and left == 0)


def _of_same(op: Operation, kind: str, left: SSAValue, right: SSAValue, ty: ScalarType) -> SSAValue | None:
    if kind not in ("-", "^", "&", "|") or not same(left, right) or not is_pure(left):
        return None
    return left if kind in ("&", "|") else Builder.before(op).lit(0, ty)


def fold_logic(op: Operation) -> SSAValue | None:
    """`&&` and `||` with `true` or `false`."""
    kind = kind_of(op)
    if kind not in ("&&", "||"):
        return None
    left, right = op.operands
    neutral = kind == "&&"
    first, second = boolean(left), boolean(right)
    if first is not None:
        return right if first == neutral else left
    if second is not None:
        return left if second == neutral else right if is_pure(left) else None
    if same(left, right) and is_pure(left):
        return left
    if _are_opposite(left, right) or (neutral and _exclude_each_other(left, right)):
        return Builder.before(op).bool_(not neutral)
    return _of_one_comparison(op, left, right, neutral)


def _of_one_comparison(op: Operation, left: SSAValue, right: SSAValue, both: bool) -> SSAValue | None:
    """`x > 0 || x == 0` is `x >= 0`."""
    first, second = binary(left, *NEGATED), binary(right, *NEGATED)
    if first is None or second is None or not is_pure(left):
        return None
    (one, limit), (other, again) = first.operands, second.operands
    kinds = frozenset((kind_of(first), kind_of(second)))
    kind = _JOINED.get((both, kinds))
    if not both and kinds == frozenset(("<", ">")) and is_integer(one.type):
        kind = "!="
    if kind is None or not same(one, other) or not same(limit, again):
        return None
    return Builder.before(op).binary(kind, one, limit)


_JOINED: Mapping[tuple[bool, frozenset[str]], str] = {
    (False, frozenset(("<", "=="))): "<=",
    (False, frozenset((">", "=="))): ">=",
    (True, frozenset(("<=", ">="))): "==",
    (True, frozenset(("<=", "!="))): "<",
    (True, frozenset((">=", "!="))): ">",
}


def _exclude_each_other(left: SSAValue, right: SSAValue) -> bool:
    """`x < 10 && x > 20`, of integers."""
    first, second = binary(left, "<", "<=", "=="), binary(right, ">", ">=", "==")
    if first is None or second is None:
        first, second = binary(right, "<", "<="), binary(left, ">", ">=")
    if first is None or second is None or not is_integer(first.operands[0].type):
        return False
    high, low = constant(first.operands[1]), constant(second.operands[1])
    if high is None or low is None or not same(first.operands[0], second.operands[0]) or not is_pure(left):
        return False
    return low + (kind_of(second) == ">") > high - (kind_of(first) == "<")


def _are_opposite(left: SSAValue, right: SSAValue) -> bool:
    """`x == 0` and `x != 0`, of integers."""
    first, second = binary(left, *NEGATED), binary(right, *NEGATED)
    if first is None or second is None or kind_of(second) != NEGATED[kind_of(first)]:
        return False
    (one, limit), (other, again) = first.operands, second.operands
    return is_integer(one.type) and same(one, other) and same(limit, again) and is_pure(left)

"""Arithmetic that std has a name for.

    (x + 7) / 8  ->  x.div_ceil(8)        if a > b { a - b } else { 0 }  ->  a.saturating_sub(b)        x * -1  ->  -x

Unsigned where it says so: `+` there has been proven not to wrap.
"""

from __future__ import annotations

from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import is_pure, literal, same, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import BOOL
from compiler.passes.c_to_rust.editing import copied, detached
from compiler.passes.c_to_rust.folds.comparisons import negation
from compiler.passes.c_to_rust.folds.terms import binary, boolean, constant, is_integer, is_unsigned, kind_of, method


def fold_division(op: Operation) -> SSAValue | None:
    """`(x + (n - 1)) / n` of unsigned numbers."""
    if kind_of(op) != "/" or not is_unsigned(op.results[0].type):
        return None
    total, divisor = op.operands
    added = binary(total, "+")
    number = literal(divisor)
    if added is None:
        return None
    value, more = added.operands
    if number is None or number < 2 or literal(more) != number - 1:
        return _division_by_variable(op, added, divisor)
    return Builder.before(op).method("div_ceil", value, divisor, ty=op.results[0].type)


def _division_by_variable(op: Operation, added: Operation, divisor: SSAValue) -> SSAValue | None:
    """`(x + (n - 1)) / n` and `(x + n - 1) / n`."""
    value, more = added.operands
    less = binary(more, "-")
    if less is None or literal(less.operands[1]) != 1 or not same(less.operands[0], divisor) or not is_pure(divisor):
        return None
    return Builder.before(op).method("div_ceil", value, divisor, ty=op.results[0].type)


def fold_subtraction(op: Operation) -> SSAValue | None:
    """`(x + n - 1) / n` is met here: `-` is below the division."""
    if kind_of(op) != "/" or not is_unsigned(op.results[0].type):
        return None
    less = binary(op.operands[0], "-")
    if less is None or literal(less.operands[1]) != 1:
        return None
    added = binary(less.operands[0], "+")
    if added is None or not same(added.operands[1], op.operands[1]) or not is_pure(op.operands[1]):
        return None
    return Builder.before(op).method("div_ceil", added.operands[0], op.operands[1], ty=op.results[0].type)


def fold_negation(op: Operation) -> SSAValue | None:
    """`x * -1` and `-1 * x`."""
    if kind_of(op) != "*" or not is_integer(op.results[0].type):
        return None
    left, right = op.operands
    if -1 not in (literal(left), literal(right)):
        return None
    return Builder.before(op).unary("-", left if literal(right) == -1 else right)


def fold_literal_receiver(op: Operation) -> SSAValue | None:
    """`2.wrapping_mul(x)` is `x.wrapping_mul(2)`, whose type is that of `x`."""
    assert isinstance(op, rust.MethodOp)
    if op.method.data not in ("wrapping_add", "wrapping_mul") or literal(op.operands[0]) is None:
        return None
    number, value = op.operands
    if literal(value) is not None:
        return None
    b = Builder.before(op)
    return b.method(op.method.data, value, copied(b, number), ty=op.results[0].type)


def fold_wrapping_negation(op: Operation) -> SSAValue | None:
    """`0.wrapping_sub(x)`."""
    assert isinstance(op, rust.MethodOp)
    if op.method.data != "wrapping_sub" or literal(op.operands[0]) != 0:
        return None
    return Builder.before(op).method("wrapping_neg", op.operands[1], ty=op.results[0].type)


def fold_choice(op: Operation) -> SSAValue | None:
    """`if` with a result."""
    if not op.results:
        return None
    if isinstance(op, rust.MatchOp):
        return _matches(op)
    assert isinstance(op, rust.IfOp)
    then, orelse = _only_yield(op.then.block), _only_yield(op.orelse.block)
    if then is None or orelse is None:
        return None
    known = boolean(op.operands[0])
    if known is not None:
        return copied(Builder.before(op), then if known else orelse)
    return (
        _of_booleans(op, then, orelse)
        or _saturating(op, then, orelse)
        or _extreme(op, then, orelse)
        or _difference(op, then, orelse)
        or _clamped(op, then, orelse)
        or _chained(op, then, orelse)
    )


def _chained(op: rust.IfOp, then: SSAValue, orelse: SSAValue) -> SSAValue | None:
    """`if a { x } else if b { x } else { y }` is `if a || b { x } else { y }`."""
    inner = orelse.owner
    if not isinstance(inner, rust.IfOp):
        return None
    again = _only_yield(inner.then.block)
    if again is None or not same(again, then) or any(each.regions for each in _condition(inner)):
        return None
    b = Builder.before(op)
    either = b.binary("||", op.operands[0], copied(b, inner.operands[0]), BOOL)
    regions = [detached(inner.then), detached(inner.orelse)]
    return b.insert(rust.IfOp, [either], [then.type], regions=regions).results[0]


def _condition(op: Operation) -> list[Operation]:
    root = tree_root(op.operands[0])
    return [] if root is None else list(tree_ops(root))


def _matches(op: rust.MatchOp) -> SSAValue | None:
    """`match x { 1 | 2 => true, _ => false }`."""
    patterns = [pattern.data for pattern in op.patterns]
    values = [_only_yield(region.block) for region in op.arms]
    if len(patterns) != 2 or patterns[1] != "_" or values[0] is None or values[1] is None:
        return None
    first, second = boolean(values[0]), boolean(values[1])
    if first is None or second is None or first == second:
        return None
    b = Builder.before(op)
    found = b.macro("matches", [op.operands[0], b.path(patterns[0], op.operands[0].type)], BOOL)
    return found if first else b.unary("!", found)


def _difference(op: Operation, then: SSAValue, orelse: SSAValue) -> SSAValue | None:
    """`if a > b { a - b } else { b - a }` of unsigned numbers."""
    compared = binary(op.operands[0], "<", "<=", ">", ">=")
    one, other = binary(then, "-"), binary(orelse, "-")
    if compared is None or one is None or other is None or not is_unsigned(then.type):
        return None
    left, right = compared.operands
    greater = one if kind_of(compared) in (">", ">=") else other
    smaller = other if greater is one else one
    if not (is_pure(left) and is_pure(right)):
        return None
    if not _are_operands(greater, left, right) or not _are_operands(smaller, right, left):
        return None
    return Builder.before(op).method("abs_diff", left, right, ty=then.type)


def _are_operands(op: Operation, left: SSAValue, right: SSAValue) -> bool:
    return same(op.operands[0], left) and same(op.operands[1], right)


def _clamped(op: Operation, then: SSAValue, orelse: SSAValue) -> SSAValue | None:
    """`if x < lo { lo } else if x > hi { hi } else { x }`: the inner `if` has become `x.min(hi)`."""
    compared = binary(op.operands[0], "<", ">")
    if compared is None or not is_integer(then.type):
        return None
    value, limit = compared.operands
    below = kind_of(compared) == "<"
    inner = method(orelse, "min" if below else "max")
    if inner is None or not same(inner.operands[0], value) or not is_pure(value) or not same(limit, then):
        return None
    other = inner.operands[1]
    low, high = (limit, other) if below else (other, limit)
    first, last = constant(low), constant(high)
    if first is None or last is None or first > last:
        return None
    b = Builder.before(op)
    return b.method("clamp", copied(b, value), copied(b, low), copied(b, high), ty=value.type)


def _only_yield(block: Block) -> SSAValue | None:
    """What a block yields that holds nothing but one expression."""
    last = block.last_op
    if not isinstance(last, rust.YieldOp) or any(rust.is_statement(op) for op in block.ops if op is not last):
        return None
    return last.operands[0]


def _of_booleans(op: Operation, then: SSAValue, orelse: SSAValue) -> SSAValue | None:
    """`if c { true } else { false }`."""
    first, second = boolean(then), boolean(orelse)
    if first is None or second is None or first == second:
        return None
    cond = op.operands[0]
    if first:
        return cond
    b = Builder.before(op)
    return negation(cond, b) or b.unary("!", cond)


def _saturating(op: Operation, then: SSAValue, orelse: SSAValue) -> SSAValue | None:
    """`if a > b { a - b } else { 0 }`, also with >=, of unsigned numbers."""
    compared = binary(op.operands[0], "<", "<=", ">", ">=")
    if compared is None or not is_unsigned(then.type) or literal(orelse) != 0:
        return None
    left, right = compared.operands
    less = binary(then, "-")
    if less is None or not is_pure(left) or not is_pure(right):
        return None
    greater, smaller = (left, right) if kind_of(compared) in (">", ">=") else (right, left)
    if not same(less.operands[0], greater) or not same(less.operands[1], smaller):
        return None
    if greater is right and not _are_simple(left, right):
        return None
    return _saturating_sub(op, greater, smaller)


def _extreme(op: Operation, then: SSAValue, orelse: SSAValue) -> SSAValue | None:
    """`if a < b { a } else { b }` of integers."""
    compared = binary(op.operands[0], "<", "<=", ">", ">=")
    if compared is None or not is_integer(then.type):
        return None
    left, right = compared.operands
    if not (is_pure(left) and is_pure(right)) or literal(left) is not None:
        return None
    smaller = kind_of(compared) in ("<", "<=")
    if _is_equal(left, orelse) and _is_equal(right, then):
        smaller = not smaller
        then, orelse = orelse, then
    elif not _is_equal(left, then) or not _is_equal(right, orelse):
        return None
    b = Builder.before(op)
    other = right if same(right, orelse) else copied(b, orelse)
    return b.method("min" if smaller else "max", left, other, ty=left.type)


def _is_equal(one: SSAValue, other: SSAValue) -> bool:
    """The same expression, or a number and its name."""
    return same(one, other) or (
        one.type == other.type and constant(one) is not None and constant(one) == constant(other)
    )


def _are_simple(*values: SSAValue) -> bool:
    """Bindings and literals: their order does not matter."""
    return all(not isinstance(value.owner, Operation) or isinstance(value.owner, rust.LetOp) for value in values)


def _saturating_sub(op: Operation, greater: SSAValue, smaller: SSAValue) -> SSAValue:
    return Builder.before(op).method("saturating_sub", greater, smaller, ty=greater.type)

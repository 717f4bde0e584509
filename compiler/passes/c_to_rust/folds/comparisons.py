"""Comparisons as a Rust programmer writes them.

    !(a == b)  ->  a != b                (c as i32) == 97  ->  c == b'a' (c: u8)         (flag as i32) != 0  ->  flag
    x >= 0  ->  true (x unsigned)        x % n == 0  ->  x.is_multiple_of(n)             a.len() == 0  ->  a.is_empty()
    x >= 1 && x <= 5  ->  (1..=5).contains(&x)

Exact: widening casts keep order and equality; a literal outside the narrower type decides the comparison.
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import first_op, is_pure, literal, same, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import COMPARISONS, Builder
from compiler.dialects.rust_types import BOOL, U8, ScalarType
from compiler.passes.c_to_rust.editing import copied, erase_unused
from compiler.passes.c_to_rust.folds.intervals import decided
from compiler.passes.c_to_rust.folds.terms import (
    MIRRORED,
    NEGATED,
    binary,
    boolean,
    bounds,
    cast_source,
    computed,
    constant,
    is_integer,
    is_unsigned,
    kind_of,
    method,
    retyped,
)


def fold_not(op: Operation) -> SSAValue | None:
    """`!` of a comparison (not of floats: NaN), of `!`, of a literal, of `is_empty` stays."""
    if kind_of(op) != "!" or op.results[0].type != BOOL:
        return None
    return negation(op.operands[0], Builder.before(op))


def negation(value: SSAValue, b: Builder) -> SSAValue | None:
    """A simpler form of `!value`, if there is one; it uses the parts of `value`."""
    known = boolean(value)
    if known is not None:
        return b.bool_(not known)
    inner = value.owner
    if isinstance(inner, Operation) and inner.name == "rust.unary":
        return inner.operands[0]
    compared = binary(value, *COMPARISONS)
    if compared is None:
        return _of_both(value, b)
    left, right = compared.operands
    kind = kind_of(compared)
    if kind not in ("==", "!=") and not is_integer(left.type):
        return None
    return b.binary(NEGATED[kind], left, right)


def _of_both(value: SSAValue, b: Builder) -> SSAValue | None:
    """`!(!a && b)` is `a || !b`."""
    logic = binary(value, "&&", "||")
    if logic is None or not any(_is_not(operand) for operand in logic.operands):
        return None
    copies = [copied(b, operand) for operand in logic.operands[:1]]
    left = negation(copies[0], b) or b.unary("!", copies[0])
    copies.append(copied(b, logic.operands[1]))
    right = negation(copies[1], b) or b.unary("!", copies[1])
    result = b.binary("||" if kind_of(logic) == "&&" else "&&", left, right)
    for each in copies:
        erase_unused(each)
    return result


def _is_not(value: SSAValue) -> bool:
    return isinstance(value.owner, rust.UnaryOp) and kind_of(value.owner) == "!"


def fold_comparison(op: Operation) -> SSAValue | None:
    kind = kind_of(op)
    if kind not in COMPARISONS:
        return None
    left, right = op.operands
    if left.type == BOOL:
        return _of_same(op, kind, left, right) or _with_boolean(op, kind, left, right)
    if not is_integer(left.type):
        return None
    return (
        _always(op, kind, left, right)
        or _of_casts(op, kind, left, right)
        or _of_masked(op, kind, left, right)
        or _at_the_limit(op, kind, left, right)
        or _multiple(op, kind, left, right)
        or _emptiness(op, kind, left, right)
        or _of_same(op, kind, left, right)
        or _turned(op, kind, left, right)
    )


def _turned(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """`0 == x` is `x == 0`."""
    if literal(left) is None:
        return None
    b = Builder.before(op)
    return b.binary(MIRRORED[kind], right, copied(b, left))


def _always(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """What the operands' ranges decide."""
    result = decided(kind, left, right)
    return Builder.before(op).bool_(result) if result is not None and is_pure(left) and is_pure(right) else None


def _of_masked(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """`x & 8 == 1`: never."""
    masked = binary(left, "&")
    number = constant(right)
    mask = constant(masked.operands[1]) if masked is not None else None
    if kind not in ("==", "!=") or number is None or mask is None or mask < 0 or number < 0 or not is_pure(left):
        return None
    return Builder.before(op).bool_(kind == "!=") if number & ~mask else None


def _with_boolean(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """`c == true`, `c != !d` and the like."""
    known, b = boolean(right), Builder.before(op)
    if known is not None:
        return _bool_against(b, kind, left, int(known))
    if (known := boolean(left)) is not None:
        return _bool_against(b, MIRRORED[kind], right, int(known))
    if kind in ("==", "!="):
        return _with_negation(op, kind, left, right)
    if kind == "<":
        root = tree_root(right)
        negated = (b if root is None else Builder.before(first_op(root))).unary("!", left)
        return b.binary("&", negated, right)
    if kind == ">" and tree_root(right) is not None:
        return b.binary("&", left, negation(right, b) or b.unary("!", right))
    return b.binary("&", left, b.unary("!", right)) if kind == ">" else None


def _with_negation(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """`a == !b` is `a != b`."""
    b, other = Builder.before(op), NEGATED[kind]
    if _is_not(right):
        assert isinstance(right.owner, rust.UnaryOp)
        return b.binary(other, left, right.owner.operands[0])
    if _is_not(left):
        assert isinstance(left.owner, rust.UnaryOp)
        return b.binary(other, left.owner.operands[0], right)
    return None


def _of_casts(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """Compare before widening: two casts from one type, or a cast and a literal."""
    first, second = cast_source(left), cast_source(right)
    if first is not None and second is not None:
        if first.type == second.type and _widens(first, left):
            return Builder.before(op).binary(kind, first, second)
    elif first is not None and literal(right) is not None and _widens(first, left):
        return _with_literal(op, kind, first, right)
    elif second is not None and literal(left) is not None and _widens(second, right):
        return _with_literal(op, MIRRORED[kind], second, left)
    return None


def _widens(source: SSAValue, result: SSAValue) -> bool:
    """The cast keeps every value."""
    inner, outer = source.type, result.type
    if not isinstance(inner, ScalarType) or not isinstance(outer, ScalarType) or inner.is_float or outer.is_float:
        return False
    (low, high), (least, greatest) = bounds(inner), bounds(outer)
    return least <= low and high <= greatest


def _with_literal(op: Operation, kind: str, source: SSAValue, limit: SSAValue) -> SSAValue | None:
    number = literal(limit)
    ty = source.type
    assert number is not None
    assert isinstance(ty, ScalarType)
    low, high = bounds(ty)
    b = Builder.before(op)
    if not low <= number <= high:
        decided = kind == "!=" or ((kind in ("<", "<=")) == (number > high) and kind != "==")
        return b.bool_(decided) if is_pure(source) else None
    if ty == BOOL:
        return _bool_against(b, kind, source, number)
    return b.binary(kind, source, retyped(b, limit, ty))


def _bool_against(b: Builder, kind: str, source: SSAValue, number: int) -> SSAValue | None:
    """`(flag as int) kind number` for a number 0 or 1."""
    truth = [_decide(kind, value, number) for value in (0, 1)]
    if truth == [False, True]:
        return source
    if truth == [True, False]:
        return negation(source, b) or b.unary("!", source)
    return b.bool_(truth[0]) if is_pure(source) else None


def _decide(kind: str, left: int, right: int) -> bool:
    match kind:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _at_the_limit(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """Comparisons with the least or greatest value of the type."""
    number, value = _extreme(right), left
    if number is None:
        number, value, kind = _extreme(left), right, MIRRORED[kind]
    ty = value.type
    if number is None or literal(value) is not None or not isinstance(ty, ScalarType):
        return None
    low, high = bounds(ty)
    b = Builder.before(op)
    if (kind, number) in ((">=", low), ("<=", high)):
        return b.bool_(True) if is_pure(value) else None
    if (kind, number) in (("<", low), (">", high)):
        return b.bool_(False) if is_pure(value) else None
    if (kind, number) in (("<=", low), (">=", high)):
        return b.binary("==", value, b.lit(number, ty))
    return None


def _extreme(value: SSAValue) -> int | None:
    """A literal, or `T::MAX`."""
    owner = value.owner
    return constant(value) if isinstance(owner, rust.PathOp) and "::" in owner.path.data else literal(value)


def _multiple(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """`x % n == 0` of unsigned numbers; where `n` is 0, C has no answer."""
    remainder = binary(left, "%")
    if kind not in ("==", "!=") or literal(right) != 0 or remainder is None or not is_unsigned(left.type):
        return None
    number, divisor = remainder.operands
    if literal(number) is not None:
        return None
    b = Builder.before(op)
    result = b.method("is_multiple_of", number, divisor, ty=BOOL)
    return result if kind == "==" else b.unary("!", result)


def _emptiness(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    length = method(left, "len")
    if length is None or (kind, literal(right)) not in (("==", 0), ("!=", 0), (">", 0), ("<", 1), (">=", 1)):
        return None
    b = Builder.before(op)
    result = b.method("is_empty", length.operands[0], ty=BOOL)
    return result if kind in ("==", "<") else b.unary("!", result)


def _of_same(op: Operation, kind: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    if same(left, right) and is_pure(left):
        return Builder.before(op).bool_(kind in ("==", "<=", ">="))
    return None


def fold_contains(op: Operation) -> SSAValue | None:
    """`x >= lo && x < hi`, `x < lo || x > hi`: literal bounds of one integer or float value."""
    logic = kind_of(op)
    if logic not in ("&&", "||"):
        return None
    chain = binary(op.operands[0], logic)
    if chain is not None:
        return _contains_at_end(op, chain, logic)
    return _contains(op, logic, op.operands[0], op.operands[1])


def _contains_at_end(op: Operation, chain: Operation, logic: str) -> SSAValue | None:
    """`c || x < lo || x > hi`: the last two belong together."""
    found = _contains(op, logic, chain.operands[1], op.operands[1])
    return None if found is None else Builder.before(op).binary(logic, chain.operands[0], found, BOOL)


def _contains(op: Operation, logic: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    first, second = _bounded(left), _bounded(right)
    if first is None or second is None or not same(first[1], second[1]) or not is_pure(first[1]):
        return None
    if logic == "||":
        if not is_integer(first[1].type):
            return None  # NaN is outside of every range, but neither below nor above it
        first, second = (NEGATED[first[0]], *first[1:]), (NEGATED[second[0]], *second[1:])
    lower, upper = (first, second) if first[0] in (">=", ">") else (second, first)
    if lower[0] != ">=" or upper[0] not in ("<", "<=") or not _in_order(lower[2], upper[2], upper[0]):
        return None
    return _range_contains(op, lower, upper, logic == "||")


def _in_order(low: SSAValue, high: SSAValue, kind: str) -> bool:
    first, second = _number(low), _number(high)
    return first is not None and second is not None and (first < second or (kind == "<=" and first == second))


def _range_contains(op: Operation, lower: _Bound, upper: _Bound, outside: bool) -> SSAValue:
    b = Builder.before(op)
    ty = lower[1].type
    ascii_class = _ASCII.get((literal(lower[2]), literal(upper[2]))) if ty == U8 and upper[0] == "<=" else None
    if ascii_class is not None:
        found = b.method(ascii_class, copied(b, lower[1]), ty=BOOL)
    else:
        span = b.range(copied(b, lower[2]), copied(b, upper[2]), inclusive=upper[0] == "<=")
        found = b.method("contains", span, b.ref(copied(b, lower[1])), ty=BOOL)
    return b.unary("!", found) if outside else found


_ASCII: dict[tuple[int | None, int | None], str] = {
    (ord("0"), ord("9")): "is_ascii_digit",
    (ord("a"), ord("z")): "is_ascii_lowercase",
    (ord("A"), ord("Z")): "is_ascii_uppercase",
}


_Bound = tuple[str, SSAValue, SSAValue]


def _bounded(value: SSAValue) -> _Bound | None:
    """A comparison of an expression with a literal, the literal on the right."""
    compared = binary(value, "<", "<=", ">", ">=")
    if compared is None:
        return None
    left, right = compared.operands
    kind = kind_of(compared)
    if _is_constant(right) and not _is_constant(left):
        return kind, left, right
    if _is_constant(left) and not _is_constant(right):
        return MIRRORED[kind], right, left
    return None


def _is_constant(value: SSAValue) -> bool:
    return isinstance(value.owner, rust.PathOp | rust.FloatOp) or computed(value) is not None


def _number(value: SSAValue) -> float | None:
    owner = value.owner
    return owner.value.value.data if isinstance(owner, rust.FloatOp) else computed(value)

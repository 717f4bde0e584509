"""Casts that say nothing, and narrow arithmetic that C did in a wider type.

    x as u32 (x: u32)  ->  x           7 as u32  ->  7            x as u64 as usize (x: u32)  ->  x as usize
    ((a as i32) ^ (b as i32)) as u8  ->  a ^ b                    (a as i32 + b as i32) as u8  ->  a.wrapping_add(b)
    (x & 0xff) as u8  ->  x as u8

Exact: the low bits of + - * & | ^ ! << depend on the low bits of their operands only; the narrow form is taken only where
every operand is a cast from the narrow type (or a narrower one), or a literal, so that no cast is added.
"""

from __future__ import annotations

from struct import pack, unpack

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import literal, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import BOOL, ScalarType
from compiler.passes.c_to_rust.editing import move_before
from compiler.passes.c_to_rust.folds.terms import (
    binary,
    boolean,
    cast_source,
    is_integer,
    kind_of,
    method,
    retyped,
    wrapped,
)

_WRAPPING = {"+": "wrapping_add", "-": "wrapping_sub", "*": "wrapping_mul"}
_BITWISE = ("&", "|", "^")


def fold_cast(op: Operation) -> SSAValue | None:
    source, result = op.operands[0], op.results[0]
    if source.type == result.type:
        return source
    if not isinstance(source.type, ScalarType) or not isinstance(result.type, ScalarType):
        return None
    if literal(source) is not None:
        return _literal_cast(op, source, result.type)
    truth = boolean(source)
    if truth is not None and result.type.is_integer:
        return Builder.before(op).lit(int(truth), result.type)
    if not is_integer(result.type):
        return None
    simple = _chain(op, source, result.type) or _absolute(op, source, result.type)
    return simple or _masked(op, source, result.type) or _narrow(op, source, result.type)


def _literal_cast(op: Operation, source: SSAValue, ty: ScalarType) -> SSAValue | None:
    number = literal(source)
    assert number is not None
    b = Builder.before(op)
    if ty.is_float:
        return b.float_(float(number), ty) if _is_exact(number, ty) else None
    return retyped(b, source, ty) if ty.is_integer else None


def _is_exact(number: int, ty: ScalarType) -> bool:
    """The float is the integer."""
    if ty.width == 64:
        return abs(number) <= 1 << 53
    return abs(number) < 1 << 24 or (abs(number) < 1 << 53 and unpack("f", pack("f", float(number)))[0] == number)


def _chain(op: Operation, source: SSAValue, outer: ScalarType) -> SSAValue | None:
    """A cast of a cast, where the one in the middle changes nothing."""
    inner = cast_source(source)
    middle = source.type
    if inner is None or not isinstance(inner.type, ScalarType) or not isinstance(middle, ScalarType):
        return None
    if not (inner.type.is_integer or inner.type == BOOL) or not middle.is_integer:
        return None
    if outer.width > middle.width and not _extends_alike(inner.type, middle):
        return None
    return Builder.before(op).cast(inner, outer)


def _extends_alike(inner: ScalarType, middle: ScalarType) -> bool:
    """Widening `inner` beyond `middle` directly gives what widening through `middle` gives."""
    if inner == BOOL or not inner.signed:
        return inner.width < middle.width or (inner.width == middle.width and not middle.signed)
    return middle.signed and inner.width <= middle.width


def _absolute(op: Operation, source: SSAValue, ty: ScalarType) -> SSAValue | None:
    """`x.abs() as u32` of an i32."""
    called = method(source, "abs")
    inner = source.type
    if called is None or not isinstance(inner, ScalarType) or ty.signed or ty.width != inner.width:
        return None
    return Builder.before(op).method("unsigned_abs", called.operands[0], ty=ty)


def _masked(op: Operation, source: SSAValue, ty: ScalarType) -> SSAValue | None:
    """`(x & 0xff) as u8`: the cast cuts the same bits off."""
    masking = binary(source, "&")
    if masking is None:
        return None
    value, mask = masking.operands
    ones = (1 << ty.width) - 1
    number = literal(mask)
    if number is None or number & ones != ones:
        return None
    return Builder.before(op).cast(value, ty)


# --- narrowing -----------------------------------------------------------------------------------------


def _narrow(op: Operation, source: SSAValue, ty: ScalarType) -> SSAValue | None:
    """The computation `source` done in the narrower type `ty`."""
    wide = source.type
    assert isinstance(wide, ScalarType)
    if not wide.is_integer or wide.width <= ty.width or not _is_computation(source) or not _narrows(source, ty):
        return None
    return _narrowed(Builder.before(op), source, ty)


def _is_computation(value: SSAValue) -> bool:
    return binary(value, *_WRAPPING, *_BITWISE, "<<", ">>") is not None or _complement(value) is not None


def _complement(value: SSAValue) -> SSAValue | None:
    """What `!` is applied to."""
    owner = value.owner
    return owner.operands[0] if isinstance(owner, rust.UnaryOp) and kind_of(owner) == "!" else None


def _narrows(value: SSAValue, ty: ScalarType) -> bool:
    """Only casts from `ty` and literals are under the operators, at least one cast among them."""
    return _kind(value, ty) == "narrow"


def _kind(value: SSAValue, ty: ScalarType) -> str | None:
    """`literal`, `narrow` (has a cast from `ty`), or None where the narrow form would need a cast."""
    if literal(value) is not None:
        return "literal"
    source = cast_source(value)
    if source is not None:
        return "narrow" if source.type == ty else None
    inner = _complement(value)
    if inner is not None:
        return _kind(inner, ty)
    found = binary(value, *_WRAPPING, *_BITWISE, "<<", ">>")
    if found is None:
        called = method(value, *_WRAPPING.values())
        return None if called is None else _of_both(called, ty)
    if kind_of(found) in ("<<", ">>"):
        return _shift_kind(found, ty)
    return _of_both(found, ty)


def _of_both(op: Operation, ty: ScalarType) -> str | None:
    kinds = {_kind(operand, ty) for operand in op.operands}
    return None if None in kinds else "narrow" if "narrow" in kinds else "literal"


def _shift_kind(op: Operation, ty: ScalarType) -> str | None:
    """Left shifts keep low bits; right shifts only of a value that is itself narrow. Counts must be narrow too."""
    value, count = op.operands
    number = literal(count)
    if number is None or not 0 <= number < ty.width:
        return None
    if kind_of(op) == "<<":
        return _kind(value, ty)
    source = cast_source(value)
    if source is None or source.type != ty or not isinstance(value.type, ScalarType):
        return None
    return "narrow" if not ty.signed or value.type.signed else None


def _narrowed(b: Builder, value: SSAValue, ty: ScalarType) -> SSAValue:
    """Rebuild `value` in `ty` before the cast; what it is made of moves along."""
    source = cast_source(value)
    if source is not None:
        return _moved(b, source)
    if literal(value) is not None:
        return retyped(b, value, ty)
    inner = _complement(value)
    if inner is not None:
        return b.unary("!", _narrowed(b, inner, ty))
    owner = value.owner
    assert isinstance(owner, Operation)
    left = _narrowed(b, owner.operands[0], ty)
    if isinstance(owner, rust.MethodOp):
        return b.method(owner.method.data, left, _narrowed(b, owner.operands[1], ty), ty=ty)
    return _rebuilt(b, owner, left, ty)


def _rebuilt(b: Builder, owner: Operation, left: SSAValue, ty: ScalarType) -> SSAValue:
    kind = kind_of(owner)
    if kind in ("<<", ">>"):
        return b.binary(kind, left, _moved(b, owner.operands[1]), ty)
    right = _narrowed(b, owner.operands[1], ty)
    if kind in _WRAPPING:
        return b.method(_WRAPPING[kind], left, right, ty=ty)
    return b.binary(kind, left, right)


def _moved(b: Builder, value: SSAValue) -> SSAValue:
    """The tree of `value`, moved to where the builder is."""
    root = tree_root(value)
    if root is not None:
        assert b.anchor is not None
        move_before(root, b.anchor)
    return value


def fold_literal_sign(op: Operation) -> SSAValue | None:
    """`-` of a literal is a literal; so is `!` of a signed one, and of 0."""
    number = literal(op.operands[0])
    ty = op.results[0].type
    if number is None or not isinstance(ty, ScalarType) or not ty.is_integer:
        return None
    b = Builder.before(op)
    if kind_of(op) == "-":
        return b.lit(wrapped(-number, ty), ty) if ty.signed else None
    if number == 0 and not ty.signed:
        return b.path(f"{ty.kind.data}::MAX", ty)
    return b.lit(~number, ty) if ty.signed else None

"""Comparisons of whole arrays, slices and strings.

    a[..n].cmp(&b[..n]) as i32 == 0     ->  a[..n] == b[..n]
    c_str(a).cmp(c_str(b)) as i32 < 0   ->  c_str(a) < c_str(b)
    strcasecmp(a, b) as i32 == 0        ->  strcasecmp(a, b).is_eq()

Exact: `Ordering` is -1, 0 or 1 as an integer, and the operators on slices are those of `cmp`.
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import literal
from compiler.dialects import rust
from compiler.dialects.rust_build import COMPARISONS, Builder, place_type
from compiler.dialects.rust_types import BOOL, ArrayType, RefType, SliceType, named, ref, slice_of
from compiler.passes.c_to_rust.folds.terms import MIRRORED, cast_source, kind_of, method

_ORDERING = named("std::cmp::Ordering")
_ASKED = {"==": "is_eq", "!=": "is_ne", "<": "is_lt", "<=": "is_le", ">": "is_gt", ">=": "is_ge"}


def fold_ordering(op: Operation) -> SSAValue | None:
    """`x.cmp(&y) as i32 < 0` and the like."""
    kind = kind_of(op)
    source = cast_source(op.operands[0])
    if kind not in COMPARISONS or source is None or literal(op.operands[1]) != 0:
        return None
    if source.type != _ORDERING:
        return None
    compared = method(source, "cmp")
    if compared is None:
        return Builder.before(op).method(_ASKED[kind], source, ty=BOOL)
    left, right = compared.operands
    if (mirrored := _text_on_the_left(left, right)) is not None:
        kind, left, right = MIRRORED[kind], right, mirrored
    elif isinstance(left.owner, rust.DerefOp) and isinstance(right.type, RefType) and _behind(right) is None:
        left = left.owner.operands[0]
    elif not isinstance(left.type, RefType):
        right = _behind(right)
    if right is None:
        return None
    b = Builder.before(op)
    if kind not in ("==", "!=") and isinstance(place_type(right.type), ArrayType):
        right = _as_slice(b, left, right)
    return b.binary(kind, left, right)


def _text_on_the_left(left: SSAValue, right: SSAValue) -> SSAValue | None:
    """The literal of `b"text"[..]`, where the other side is a slice."""
    index = left.owner
    base = index.operands[0] if isinstance(index, rust.IndexOp) else None
    is_text = base is not None and isinstance(base.owner, rust.BytesOp) and isinstance(left.type, SliceType)
    return base if is_text and isinstance(right.type, RefType) and not isinstance(right.owner, rust.RefOp) else None


def _behind(reference: SSAValue) -> SSAValue | None:
    """The place that is borrowed."""
    return reference.owner.operands[0] if isinstance(reference.owner, rust.RefOp) else None


def _as_slice(b: Builder, left: SSAValue, right: SSAValue) -> SSAValue:
    """Arrays and slices have no order between them."""
    kind = place_type(right.type)
    if isinstance(place_type(left.type), ArrayType) or not isinstance(kind, ArrayType):
        return right
    return b.method("as_slice", right, ty=ref(slice_of(kind.element)))

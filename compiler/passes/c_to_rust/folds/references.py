"""References that std or the compiler follows by itself.

*&x  ->  x          &*r  ->  r (r: &T)          f(&s[..])  ->  f(s) (s: &[T])          (&a[..]).len()  ->  a.len()
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_methods import Effect, effect_of, is_pure_call
from compiler.dialects import rust
from compiler.dialects.rust_types import ArrayType, RefType, SliceType


def fold_deref(op: Operation) -> SSAValue | None:
    """`*&x`."""
    source = op.operands[0].owner
    return source.operands[0] if isinstance(source, rust.RefOp) else None


def fold_reference(op: Operation) -> SSAValue | None:
    """`&*r` of a shared reference; `&s[..]` of what is a reference to a slice already."""
    place = op.operands[0].owner
    if not isinstance(place, rust.DerefOp | rust.IndexOp):
        return None
    inner = place.operands[0]
    ty = inner.type
    if not isinstance(ty, RefType) or (ty.is_mut.data and not _is_argument(op)) or ty.is_mut != _mutability(op):
        return None
    if isinstance(place, rust.DerefOp):
        return inner
    whole = place.operands[1].owner
    is_whole = isinstance(whole, rust.RangeOp) and not whole.operands and isinstance(ty.pointee, SliceType)
    return inner if is_whole else None


def _mutability(op: Operation) -> object:
    ty = op.results[0].type
    return ty.is_mut if isinstance(ty, RefType) else None


def _is_argument(op: Operation) -> bool:
    """Passed to a function of ours: a `&mut` is borrowed again there, not moved."""
    use = op.results[0].get_unique_use()
    return use is not None and isinstance(use.operation, rust.CallOp) and not is_pure_call(use.operation.callee.data)


def fold_receiver(op: Operation) -> SSAValue | None:
    """`(&a[..]).len()` is `a.len()`; `(&x).method()` is `x.method()`; `(*r).fill(0)` is `r.fill(0)`."""
    assert isinstance(op, rust.MethodOp)
    receiver = op.operands[0].owner
    if isinstance(receiver, rust.DerefOp) and _reaches_through(op, receiver):
        receiver.results[0].replace_all_uses_with(receiver.operand)
        receiver.detach()
        receiver.erase()
        return None
    if not isinstance(receiver, rust.RefOp) or op.method.data in ("clone", "into_iter"):
        return None
    place = receiver.operands[0]
    if effect_of(op.method.data, place.type) is Effect.UNKNOWN:
        return None
    receiver.results[0].replace_all_uses_with(place)
    receiver.detach()
    receiver.erase()
    return None


_FOR_REFERENCES_TOO = frozenset(("clone", "into_iter", "cmp", "max", "min", "clamp", "eq", "ne"))
"""Methods that mean something else on a reference."""


def _reaches_through(op: rust.MethodOp, receiver: rust.DerefOp) -> bool:
    """The compiler finds the method of an array or slice behind the reference."""
    is_sequence = isinstance(receiver.results[0].type, ArrayType | SliceType)
    return is_sequence and op.method.data not in _FOR_REFERENCES_TOO

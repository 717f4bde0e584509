"""A `for` over a range of indices, and what its body does with the index.

for i in lo..hi { a[i] = b[i + 1]; f(i); }        RangeLoop(index i, lo, hi): elements a[i]; other uses b[i + 1], f(i)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from compiler.analysis.rust_trees import base_of, bindings_in, is_pure, literal, same, tree_ops
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, place_type
from compiler.dialects.rust_types import USIZE, ArrayType, ScalarType
from compiler.passes.c_to_rust.editing import copied
from compiler.passes.c_to_rust.folds.terms import binary, computed, method


@dataclass(frozen=True, slots=True)
class RangeLoop:
    """`for index in lo..hi` (or `lo..=hi`) over usize; the bounds have no effect."""

    op: rust.ForOp
    index: BlockArgument
    lo: SSAValue
    hi: SSAValue
    inclusive: bool

    @property
    def body(self) -> Block:
        return self.op.body.block

    @property
    def starts_at_zero(self) -> bool:
        return literal(self.lo) == 0

    def is_in_order(self) -> bool:
        """`lo <= hi` is certain, so that `lo..hi` is a range of some slice."""
        if self.starts_at_zero:
            return not self.inclusive
        low, high = computed(self.lo), computed(self.hi)
        if low is not None and high is not None:
            return low <= high
        added = binary(self.hi, "+")
        return added is not None and any(same(operand, self.lo) for operand in added.operands)

    def runs(self) -> bool:
        """There is an iteration for certain."""
        low, high = computed(self.lo), computed(self.hi)
        return low is not None and high is not None and (low < high or (low == high and self.inclusive))

    def stays_within(self, base: SSAValue) -> bool:
        """Every index is that of an element: by the array's type, or because `hi` is the length."""
        ty, high = place_type(base.type), computed(self.hi)
        inside = isinstance(ty, ArrayType) and high is not None and high + self.inclusive <= ty.size.data
        return inside or self.ends_at_length(base)

    def ends_at_length(self, base: SSAValue) -> bool:
        """`hi` is the number of elements of `base`."""
        length = method(self.hi, "len")
        if length is not None and same(length.operands[0], base):
            return not self.inclusive
        ty, high = place_type(base.type), computed(self.hi)
        return isinstance(ty, ArrayType) and high is not None and high + self.inclusive == ty.size.data

    def span(self, b: Builder, offset: SSAValue | None = None) -> SSAValue:
        """The range, every index moved by `offset`, made anew at the builder."""
        low = None if self.starts_at_zero and offset is None else _moved_by(b, self.lo, offset)
        return b.range(low, _moved_by(b, self.hi, offset), self.inclusive)


def _moved_by(b: Builder, bound: SSAValue, offset: SSAValue | None) -> SSAValue:
    if offset is None:
        return copied(b, bound)
    first, second = literal(offset), literal(bound)
    if first is not None and second is not None:
        return b.lit(first + second, USIZE)
    if second == 0:
        return copied(b, offset)
    return b.binary("+", copied(b, offset), copied(b, bound))


def range_loop(op: Operation) -> RangeLoop | None:
    """The loop that `op` is, if it counts indices."""
    if not isinstance(op, rust.ForOp) or len(op.names) != 1:
        return None
    span = op.operands[0].owner
    index = op.body.block.args[0]
    if not isinstance(span, rust.RangeOp) or len(span.operands) != 2 or index.type != USIZE:
        return None
    lo, hi = span.operands
    if not (is_pure(lo) and is_pure(hi)):
        return None
    return RangeLoop(op, index, lo, hi, span.inclusive is not None)


def for_loops(block: Block) -> Iterator[rust.ForOp]:
    """The `for` loops in a block, outer ones first. The one at hand may be replaced; then what stands in its place is looked at."""
    at = block.first_op
    while at is not None:
        before = at.prev_op
        if isinstance(at, rust.ForOp):
            yield at
            if at.parent is not block:
                at = block.first_op if before is None else before.next_op
                continue
        if at.regions:
            for region in at.regions:
                inner = region.first_block
                if inner is not None:
                    yield from for_loops(inner)
        at = at.next_op


def elements(index: SSAValue) -> tuple[list[Operation], bool]:
    """The `index` ops whose index is the loop variable itself; and whether it has other uses."""
    found: list[Operation] = []
    others = False
    for use in index.uses:
        if isinstance(use.operation, rust.IndexOp) and use.index == 1:
            found.append(use.operation)
        else:
            others = True
    return found, others


def offset_from(value: SSAValue, index: SSAValue) -> tuple[bool, SSAValue | None]:
    """(True, t) for `index + t` and `t + index`, (True, None) for `index`; `t` does not use the index."""
    if value is index:
        return True, None
    added = binary(value, "+")
    if added is None:
        return False, None
    left, right = added.operands
    rest = right if left is index else left if right is index else None
    return rest is not None and is_pure(rest) and index not in bindings_in(rest), rest


def is_invariant(value: SSAValue, index: SSAValue, written: Sequence[SSAValue]) -> bool:
    """Pure, and neither the loop variable nor what the loop writes is in it."""
    return is_pure(value) and not any(each is index or each in written for each in bindings_in(value))


def cannot_panic(value: SSAValue) -> bool:
    """Evaluating it when the loop would not have is harmless."""
    root = value.owner
    if not isinstance(root, Operation) or isinstance(root, rust.LetOp | rust.LetTupleOp):
        return True
    return all(isinstance(op, _HARMLESS) for op in tree_ops(root))


_HARMLESS = (rust.LitOp, rust.BoolOp, rust.FloatOp, rust.PathOp, rust.CastOp, rust.FieldOp, rust.DerefOp, rust.RefOp)


def is_copy(ty: object) -> bool:
    """Scalars and arrays of them."""
    return isinstance(ty, ScalarType) or (isinstance(ty, ArrayType) and is_copy(ty.element))


def root_name(place: SSAValue) -> SSAValue | str | None:
    """What clippy knows the container by: its binding, or the name of a constant."""
    base = base_of(place)
    if base is not None:
        return base
    at = place.owner
    while isinstance(at, rust.IndexOp | rust.FieldOp | rust.DerefOp):
        at = at.operands[0].owner
    return at.path.data if isinstance(at, rust.PathOp) else None


_NAMING = frozenset((rust.FnOp, rust.LetOp, rust.LetTupleOp, rust.ForOp, rust.PathOp))


def names_in(function: Operation) -> set[str]:
    """Every name that a function binds."""
    names: set[str] = set()
    for op in function.walk():
        if type(op) not in _NAMING:
            continue
        match op:
            case rust.FnOp():
                names.update(name.data for name in op.param_names)
            case rust.LetOp():
                names.add(op.var_name.data)
            case rust.LetTupleOp() | rust.ForOp():
                names.update(name.data for name in op.names)
            case rust.PathOp():
                names.add(op.path.data)
            case _:
                pass
    return names


def strings(*texts: str) -> list[StringAttr]:
    return [StringAttr(text) for text in texts]

"""move-elements: elements that a loop copies, sets or exchanges one by one move all at once.

    for i in 0..n { d[i] = s[i + 4]; }        d[..n].copy_from_slice(&s[4..4 + n]);
    for i in 0..8 { d[i] = 0; }               d.fill(0);                 (d: [u32; 8])
    let t = a[i]; a[i] = a[j]; a[j] = t;      a.swap(i, j);

Input: rust after `place-lets`. Output: the loop is one call, or one assignment of whole arrays, or
the declaration of an array that it sets first.
Exact: the loop accesses every element of the slices, so a slice that does not exist means an access outside the array, which C
leaves undefined. Where the loop may not run at all, only slices that then exist too (from 0, or inside an array) are taken,
and a value is evaluated early only if it cannot panic. Source and target are different bindings, so they do not overlap.
Why here: before `iterate-slices`, which takes the loops that are left.
Limits: scalars, and arrays of them; several statements only where they write different things and read none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import LocationAttr, ModuleOp
from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import bindings_in, literal, same
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder, place_type
from compiler.dialects.rust_types import UNIT, ArrayType, RefType
from compiler.passes.c_to_rust.control.initial_values import declare_with
from compiler.passes.c_to_rust.control.swaps import swap_through_temporary
from compiler.passes.c_to_rust.editing import copied, erase, functions, start_of
from compiler.passes.c_to_rust.folds.terms import computed
from compiler.passes.c_to_rust.slices.range_loops import (
    RangeLoop,
    cannot_panic,
    for_loops,
    is_copy,
    is_invariant,
    offset_from,
    range_loop,
    root_name,
)


@dataclass(frozen=True, slots=True)
class MoveElements:
    name: ClassVar[str] = "move-elements"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for function in functions(op):
            for each in reversed(list(for_loops(function.body.block))):
                loop = range_loop(each)
                if loop is not None:
                    _rewrite(loop)
            for each in [each for each in function.walk() if isinstance(each, rust.LetOp)]:
                if each.parent is not None:
                    swap_through_temporary(each)


def _rewrite(loop: RangeLoop) -> None:
    moves = _moves(loop)
    if not moves or not _are_independent(loop, moves):
        return
    b = Builder.before(start_of(loop.op))
    bases = [move.target.base for move in moves]
    for move in moves:
        b.location = move.location
        if move.source is not None:
            _copy(b, loop, move.target, move.source)
        else:
            place = _slice(b, loop, move.target)
            b.expr(b.method("fill", place, copied(b, move.value), ty=UNIT))
    made = _statements_before(loop.op, len(moves))
    erase(loop.op)
    for base, statement in zip(bases, made, strict=True):
        declare_with(statement, base)


def _statements_before(op: Operation, count: int) -> list[Operation]:
    """The last statements before a loop, in order."""
    found: list[Operation] = []
    at = start_of(op).prev_op
    while len(found) < count:
        assert at is not None
        if rust.is_statement(at):
            found.append(at)
        at = at.prev_op
    return found[::-1]


@dataclass(frozen=True, slots=True)
class _Part:
    """`base[index + offset]` over the loop."""

    base: SSAValue
    offset: SSAValue | None

    def is_whole(self, loop: RangeLoop) -> bool:
        return self.offset is None and loop.starts_at_zero and loop.ends_at_length(self.base)


@dataclass(frozen=True, slots=True)
class _Move:
    """`target = value;`, a copy where the value is a `source`, else the same value for all."""

    target: _Part
    source: _Part | None
    value: SSAValue
    location: LocationAttr


def _moves(loop: RangeLoop) -> list[_Move] | None:
    """The body, if it does nothing but move elements."""
    moves: list[_Move] = []
    for statement in loop.body.ops:
        if rust.is_statement(statement):
            move = _move(loop, statement)
            if move is None:
                return None
            moves.append(move)
    return moves


def _move(loop: RangeLoop, assign: Operation) -> _Move | None:
    if not isinstance(assign, rust.AssignOp):
        return None
    element, value = assign.operands
    target = _part(loop, element)
    if target is None or not is_copy(element.type):
        return None
    move = _Move(target, _part(loop, value), value, assign.location)
    return move if (_is_copy_loop(loop, move) or _is_fill_loop(loop, move)) else None


def _are_independent(loop: RangeLoop, moves: list[_Move]) -> bool:
    """One after the other has the same effect as element by element."""
    for n, move in enumerate(moves):
        for other in moves[n + 1 :]:
            apart = _are_disjoint(move.target.base, other.target.base)
            if not apart and not _are_far_apart(loop, move.target, other.target):
                return False
    written = [root_name(move.target.base) for move in moves]
    read = [each for move in moves for each in _read_by(move)]
    return len(moves) == 1 or not any(each is root for each in read for root in written)


def _are_far_apart(loop: RangeLoop, one: _Part, other: _Part) -> bool:
    """Different elements of one array."""
    low, high = computed(loop.lo), computed(loop.hi)
    first, second = _distance(one), _distance(other)
    if low is None or high is None or first is None or second is None or loop.inclusive:
        return False
    return same(one.base, other.base) and abs(first - second) >= high - low


def _distance(part: _Part) -> int | None:
    return 0 if part.offset is None else literal(part.offset)


def _read_by(move: _Move) -> list[SSAValue]:
    if move.source is not None:
        return list(bindings_in(move.source.base))
    return list(bindings_in(move.value))


def _are_disjoint(one: SSAValue, other: SSAValue) -> bool:
    """Different bindings, or different fields of one."""
    first, second = one.owner, other.owner
    if isinstance(first, rust.FieldOp) and isinstance(second, rust.FieldOp) and first.field != second.field:
        return same(first.operands[0], second.operands[0])
    return root_name(one) is not root_name(other)


def _part(loop: RangeLoop, element: SSAValue) -> _Part | None:
    op = element.owner
    if not isinstance(op, rust.IndexOp):
        return None
    base, index = op.operands
    found, offset = offset_from(index, loop.index)
    if not found or root_name(base) is None or not is_invariant(base, loop.index, ()):
        return None
    return _Part(base, offset)


def _exists(loop: RangeLoop, part: _Part) -> bool:
    """The slice exists whenever C's accesses are inside the array, even if the loop does not run."""
    if loop.runs():
        return True
    if part.offset is None:
        return loop.is_in_order() and (loop.starts_at_zero or loop.stays_within(part.base))
    ty, start = place_type(part.base.type), literal(part.offset)
    return isinstance(ty, ArrayType) and start is not None and start <= ty.size.data and loop.starts_at_zero


# --- copy -------------------------------------------------------------------------------------------------


def _is_copy_loop(loop: RangeLoop, move: _Move) -> bool:
    target, source = move.target, move.source
    to = root_name(target.base)
    if source is None or to is root_name(source.base) or not isinstance(to, SSAValue):
        return False
    exist = _exists(loop, target) and _exists(loop, source)
    return exist and _is_steady(loop, target, to) and _is_steady(loop, source, to)


def _copy(b: Builder, loop: RangeLoop, target: _Part, source: _Part) -> None:
    if target.is_whole(loop) and source.is_whole(loop) and _are_arrays(target, source):
        b.assign(_whole_place(b, target.base), _whole_place(b, source.base))
        return
    place = _slice(b, loop, target)
    b.expr(b.method("copy_from_slice", place, _reference(b, loop, source), ty=UNIT))


def _is_steady(loop: RangeLoop, part: _Part, written: SSAValue) -> bool:
    """Where the part is does not depend on what the loop writes, nor (borrowed as it is then) do the bounds."""
    within = sum(each is written for each in bindings_in(part.base))
    if within > (root_name(part.base) is written):
        return False
    if not part.is_whole(loop) and any(written in bindings_in(bound) for bound in (loop.lo, loop.hi)):
        return False
    return part.offset is None or is_invariant(part.offset, loop.index, [written])


def _are_arrays(target: _Part, source: _Part) -> bool:
    one, other = place_type(target.base.type), place_type(source.base.type)
    return isinstance(one, ArrayType) and one == other


def _whole_place(b: Builder, base: SSAValue) -> SSAValue:
    """The array itself."""
    place = copied(b, base)
    while isinstance(place.type, RefType):
        place = b.deref(place)
    return place


def _slice(b: Builder, loop: RangeLoop, part: _Part) -> SSAValue:
    """`base[lo..hi]`, or the base where that is all of it."""
    base = copied(b, part.base)
    return base if part.is_whole(loop) else b.index(base, loop.span(b, part.offset))


def _reference(b: Builder, loop: RangeLoop, part: _Part) -> SSAValue:
    """The same as an argument."""
    part_slice = _slice(b, loop, part)
    if isinstance(part_slice.type, RefType):
        return part_slice
    return b.ref(part_slice)


def is_copy_loop(op: Operation) -> bool:
    """The body does nothing but copy elements between different containers, whether or not that could be rewritten."""
    loop = range_loop(op)
    if loop is None:
        return False
    pairs = [_copied_parts(loop, each) for each in loop.body.ops if rust.is_statement(each)]
    return all(pair is not None and root_name(pair[0].base) is not root_name(pair[1].base) for pair in pairs)


def _copied_parts(loop: RangeLoop, assign: Operation) -> tuple[_Part, _Part] | None:
    if not isinstance(assign, rust.AssignOp):
        return None
    target, source = (_part(loop, operand) for operand in assign.operands)
    return None if target is None or source is None else (target, source)


# --- fill -------------------------------------------------------------------------------------------------


def _is_fill_loop(loop: RangeLoop, move: _Move) -> bool:
    to = root_name(move.target.base)
    if move.source is not None or not isinstance(to, SSAValue) or not is_invariant(move.value, loop.index, [to]):
        return False
    harmless = loop.runs() or cannot_panic(move.value)
    return harmless and _exists(loop, move.target) and _is_steady(loop, move.target, to)

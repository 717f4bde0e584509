"""Expressions while they are being built: typed trees of minic ops that stand nowhere yet.

    Value(ssa, ctype, ops)     `ops` end in the op that makes `ssa`, operands first: appending them to a block places the tree

A tree is built bottom-up; each op takes over the list of its first operand, so building is linear. `reach` says what a tree
or a run of statements reads, writes and calls, and `disturbs` whether running the one before the other could change it: that is how
the front end decides which operands must be saved when a side effect is hoisted past them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import Attribute, Operation, OpResult, Region, SSAValue

from compiler.dialects import minic
from compiler.frontends.c.ctypes import Bits, CType


@dataclass(slots=True)
class Value:
    """An rvalue."""

    ssa: SSAValue
    ctype: CType
    ops: list[Operation]


@dataclass(slots=True)
class Place:
    """An lvalue; `ctype` keeps the qualifiers of the object. `bits`: it is a bit-field, and `ssa` the field that stores it."""

    ssa: SSAValue
    ctype: CType
    ops: list[Operation]
    bits: Bits | None = None


@dataclass(slots=True)
class Reach:
    """Locals are named by their SSA value; everything a pointer could reach is `memory`."""

    reads: set[SSAValue] = field(default_factory=set[SSAValue])
    writes: set[SSAValue] = field(default_factory=set[SSAValue])
    reads_memory: bool = False
    writes_memory: bool = False
    calls: bool = False


def reach(ops: Iterable[Operation], exposed: set[SSAValue]) -> Reach:
    """What the ops do when they run. `exposed` locals can also be reached as memory."""
    found = Reach()
    for top in ops:
        for op in top.walk() if top.regions else (top,):
            _collect(op, exposed, found)
    return found


def _collect(op: Operation, exposed: set[SSAValue], found: Reach) -> None:
    match op:
        case minic.LoadOp():
            local = root(op.place)
            if local is not None:
                found.reads.add(local)
            found.reads_memory |= local is None or local in exposed
        case minic.AssignOp() | minic.UpdateOp():
            local = root(op.place)
            if local is not None:
                found.writes.add(local)
            found.writes_memory |= local is None or local in exposed
        case minic.CallOp() | minic.CallStmtOp():
            found.calls = found.reads_memory = found.writes_memory = True
        case minic.BreakOp() | minic.ContinueOp() | minic.LeaveOp() | minic.ReturnOp() | minic.AssertOp():
            found.calls = True
        case _:
            pass


def root(place: SSAValue) -> SSAValue | None:
    """The local that a place is part of, or None when it is reached through a pointer or is a global."""
    while isinstance(place, OpResult):
        op = place.op
        match op:
            case minic.LocalOp():
                return place
            case minic.FieldOp():
                place = op.base
            case minic.IndexOp():
                pointer = op.pointer
                if not (isinstance(pointer, OpResult) and isinstance(pointer.op, minic.DecayOp)):
                    return None
                place = pointer.op.place
            case _:
                return None
    return place


def disturbs(earlier: Reach, tree: Reach) -> bool:
    """Whether the tree may give something else, or do something else, when `earlier` runs before it."""
    if tree.calls:
        return (
            earlier.calls
            or earlier.writes_memory
            or bool(earlier.writes)
            or earlier.reads_memory
            or bool(earlier.reads)
        )
    return (earlier.writes_memory and tree.reads_memory) or not earlier.writes.isdisjoint(tree.reads)


def constant_of(value: Value) -> minic.ConstOp | None:
    """The constant that the whole tree is."""
    op = value.ops[-1] if len(value.ops) == 1 else None
    return op if isinstance(op, minic.ConstOp) else None


def is_null(value: Value) -> bool:
    return len(value.ops) == 1 and isinstance(value.ops[0], minic.NullOp)


def discard(*trees: Value | Place) -> None:
    """Give up trees that will not be placed: they no longer use anything."""
    for tree in trees:
        for op in tree.ops:
            op.drop_all_references()


def copy_place(place: Place) -> Place:
    """A second tree for the same place; its operands must be safe to evaluate twice."""
    ssa, ops = _copied(place.ssa, place.ops)
    return Place(ssa, place.ctype, ops, place.bits)


def copy_value(value: Value) -> Value:
    """A second tree for the same value; it must be safe to evaluate twice."""
    ssa, ops = _copied(value.ssa, value.ops)
    return Value(ssa, value.ctype, ops)


def _copied(ssa: SSAValue, tree: list[Operation]) -> tuple[SSAValue, list[Operation]]:
    known: dict[SSAValue, SSAValue] = {}
    ops: list[Operation] = []
    for op in tree:
        twin = op.clone(known)
        twin.location = op.location
        ops.append(twin)
    return known.get(ssa, ssa), ops


def split_index(ops: list[Operation]) -> tuple[list[Operation], list[Operation]]:
    """The tree of the pointer and that of the index, of a tree that ends in `minic.index`."""
    index = ops[-1]
    assert isinstance(index, minic.IndexOp)
    pointer = index.pointer.owner
    cut = next((at for at, op in enumerate(ops) if op is pointer), -1) + 1
    return ops[:cut], ops[cut:-1]


def grow(
    kind: type[Operation],
    at: LocationAttr,
    ctype: CType,
    *trees: Value | Place,
    properties: Mapping[str, Attribute] = MappingProxyType({}),
    regions: Sequence[Region] = (),
) -> Value:
    """The tree whose root is a new op of `kind` over the given trees; they are used up."""
    op = kind.create(
        operands=[tree.ssa for tree in trees],
        result_types=(ctype.ir,),
        properties=properties,
        location=at,
        regions=regions,
    )
    return Value(op.results[0], ctype, _joined(trees, op))


def grow_place(
    kind: type[Operation],
    at: LocationAttr,
    ctype: CType,
    *trees: Value | Place,
    properties: Mapping[str, Attribute] = MappingProxyType({}),
) -> Place:
    """The same for an op that makes a place of an object of type `ctype`."""
    op = kind.create(
        operands=[tree.ssa for tree in trees], result_types=(ctype.place,), properties=properties, location=at
    )
    return Place(op.results[0], ctype, _joined(trees, op))


def _joined(trees: Sequence[Value | Place], op: Operation) -> list[Operation]:
    if not trees:
        return [op]
    ops = trees[0].ops
    for tree in trees[1:]:
        ops += tree.ops
    ops.append(op)
    return ops

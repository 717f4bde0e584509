"""Loops over parts of arrays, as loops over slices: an element is checked once, as the slice is made.

    for q in start..end { … indices[q] … values[q] … }
    for (&index, &value) in indices[start..end].iter().zip(&values[start..end]) { … index … value … }

Exact where the slices exist: the bounds are two neighbours among the row pointers of a matrix, which never decrease; or the
loop begins at 0 and every round accesses its element. Loops that use their number otherwise stay as they are, and so do
those that touch an array in another place as well. `runs_of_stores` finds what can be one slice without a loop:

    out[at] = a; out[at + 1] = b;            let part = &mut out[at..at + 2]; part[0] = a; part[1] = b;
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects import arith, func, memref, scf
from xdsl.dialects.builtin import IntegerAttr
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from compiler.dialects import cpu

_MOST = 2
"""Arrays side by side."""


@dataclass(slots=True)
class Elements:
    """What a loop does with its element of an array: it reads it, or writes it."""

    loads: list[memref.LoadOp] = field(default_factory=list[memref.LoadOp])
    stores: list[memref.StoreOp] = field(default_factory=list[memref.StoreOp])

    @property
    def operations(self) -> list[memref.LoadOp | memref.StoreOp]:
        return [*self.loads, *self.stores]


def sliced(loop: scf.ForOp, written: frozenset[int]) -> Mapping[SSAValue, Elements]:
    """The arrays whose elements the loop's number picks; none where the loop stays as it is."""
    body = loop.body.block
    found: dict[SSAValue, Elements] = {}
    for op in loop.body.walk():
        match op:
            case memref.LoadOp() if op.indices[0] is body.args[0]:
                found.setdefault(op.memref, Elements()).loads.append(op)
            case memref.StoreOp() if op.indices[0] is body.args[0]:
                found.setdefault(op.memref, Elements()).stores.append(op)
            case _:
                pass
    uses = sum(len(each.operations) for each in found.values())
    if uses != sum(1 for _ in body.args[0].uses) or not 0 < len(found) <= _MOST or not is_number(loop.step, 1):
        return {}
    apart = all(_is_apart(array, each, loop, written) for array, each in found.items())
    exist = _is_row(loop) or (is_number(loop.lb, 0) and all(_in_every_round(each, body) for each in found.values()))
    return found if apart and exist else {}


def is_number(value: SSAValue, number: int) -> bool:
    """Whether it is that constant."""
    owner = value.owner
    constant: Any = owner.value if isinstance(owner, arith.ConstantOp) else None
    return isinstance(constant, IntegerAttr) and constant.value.data == number


def _is_apart(array: SSAValue, elements: Elements, loop: scf.ForOp, written: frozenset[int]) -> bool:
    """Nothing else in the loop can touch the array."""
    whole = _whole(array)
    if isinstance(whole, BlockArgument) and whole.index not in written:
        return isinstance(whole.block.parent_op(), func.FuncOp) and not loop.is_ancestor(array.owner)
    if elements.loads and elements.stores and (len(elements.loads), len(elements.stores)) != (1, 1):
        return False
    here = [each for each in _touching(whole) if loop.is_ancestor(each)]
    return len(here) == len(elements.operations) and not loop.is_ancestor(array.owner)


def _whole(array: SSAValue) -> SSAValue:
    """What an array is a part of."""
    while isinstance(array.owner, cpu.RestOp):
        array = array.owner.array
    return array


def _touching(array: SSAValue) -> Iterator[Operation]:
    """All that uses an array or parts of it."""
    for use in array.uses:
        yield use.operation
        if isinstance(use.operation, cpu.RestOp):
            yield from _touching(use.operation.result)


def _in_every_round(elements: Elements, body: Block) -> bool:
    return any(op.parent is body for op in elements.operations)


def _is_row(loop: scf.ForOp) -> bool:
    low, high = _loaded(loop.lb), _loaded(loop.ub)
    if low is None or high is None or low.memref is not high.memref:
        return False
    return any(high.indices[0] is each for each in _successors(low.indices[0]))


def _loaded(value: SSAValue) -> memref.LoadOp | None:
    """The load behind conversions."""
    while isinstance(value.owner, arith.ExtUIOp | arith.IndexCastOp):
        value = value.owner.operands[0]
    return value.owner if isinstance(value.owner, memref.LoadOp) else None


def _successors(value: SSAValue) -> Iterator[SSAValue]:
    for use in value.uses:
        if isinstance(use.operation, arith.AddiOp) and use.index == 0 and is_number(use.operation.rhs, 1):
            yield use.operation.result


def runs_of_stores(block: Block) -> Iterator[list[memref.StoreOp]]:
    """Stores of one block to neighbouring places, in their order, with no other access to the array among them."""
    run: list[memref.StoreOp] = []
    for op in block.ops:
        if isinstance(op, memref.StoreOp) and run and _is_next(op, run):
            run.append(op)
        elif isinstance(op, memref.StoreOp) or op.regions or isinstance(op, func.CallOp):
            yield from [run] if len(run) > 1 else []
            run = [op] if isinstance(op, memref.StoreOp) else []
        elif run and isinstance(op, memref.LoadOp) and op.memref is run[0].memref:
            yield from [run] if len(run) > 1 else []
            run = []
    yield from [run] if len(run) > 1 else []


def _is_next(op: memref.StoreOp, run: list[memref.StoreOp]) -> bool:
    at = op.indices[0].owner
    follows = isinstance(at, arith.AddiOp) and at.lhs is run[0].indices[0] and is_number(at.rhs, len(run))
    return op.memref is run[0].memref and follows

"""Loops over a row of a compressed matrix, as loops over slices: each element is checked once, as the slice is made.

    for q in start..end { … indices[q] … values[q] … }
    for (&index, &value) in indices[start..end].iter().zip(&values[start..end]) { … index … value … }

Exact where the bounds are two neighbours among the matrix's row pointers, which never decrease: then the slices exist.
Arrays that the function writes stay as they are, and so do loops that use their number otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xdsl.dialects import arith, func, memref, scf
from xdsl.dialects.builtin import IntegerAttr
from xdsl.ir import BlockArgument, Operation, SSAValue

_MOST = 2
"""Arrays side by side."""


def sliced(loop: scf.ForOp, written: frozenset[int]) -> Mapping[SSAValue, list[memref.LoadOp]]:
    """The arrays whose elements the loop's number picks, each with its loads; none where the loop stays as it is."""
    found: dict[SSAValue, list[memref.LoadOp]] = {}
    for use in sorted(loop.body.block.args[0].uses, key=_position):
        load = use.operation
        if not isinstance(load, memref.LoadOp) or not _is_read_only(load.memref, written):
            return {}
        found.setdefault(load.memref, []).append(load)
    fits = 0 < len(found) <= _MOST and is_number(loop.step, 1) and _is_row(loop)
    return found if fits else {}


def is_number(value: SSAValue, number: int) -> bool:
    """Whether it is that constant."""
    owner = value.owner
    return isinstance(owner, arith.ConstantOp) and owner.value == IntegerAttr(number, value.type)


def _position(use: object) -> int:
    """Loads in their order, as far as blocks have one: the first use names the first slice."""
    operation: Operation = use.operation  # type: ignore[attr-defined]
    above, at = operation, 0
    block = operation.parent
    while block is not None and above.prev_op is not None:
        above, at = above.prev_op, at + 1
    return at


def _is_read_only(array: SSAValue, written: frozenset[int]) -> bool:
    is_parameter = isinstance(array, BlockArgument) and isinstance(array.block.parent_op(), func.FuncOp)
    return is_parameter and array.index not in written


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

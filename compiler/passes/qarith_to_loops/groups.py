"""Elementwise ops that follow each other, as one loop: only what is needed elsewhere goes to memory.

    %a = arith.mulf %x, %y; %b = qarith.round %a …; %c = qarith.cast %b …        for i: c[i] = round(x[i] * y[i])

A group is of tensors of one shape. A stencil reads memory, so its operand is no result of its own group.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod

from xdsl.dialects import scf
from xdsl.dialects.builtin import f64, i64
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.qarith_linear import StencilOp
from compiler.dialects.qarith_ops import Shape, element, shape_of
from compiler.passes.loops.values import Value, width_of
from compiler.passes.qarith_to_loops.elementwise import (
    At,
    draws_of,
    needs_coordinates,
    tables_of,
    tensor_operands,
    write_element,
)
from compiler.passes.qarith_to_loops.lowering import Lowering, Place
from compiler.passes.qarith_to_loops.stencils import write_stencil
from compiler.passes.qarith_to_loops.storage import word_type

WORK = 32
"""Operations of an elementwise op, about."""
_FEWEST_ROWS = 64
"""Rows that are enough to be dealt out among threads."""


@dataclass(slots=True)
class Group:
    """The ops that wait to be written."""

    low: Lowering
    ops: list[Operation] = field(default_factory=list[Operation])

    def takes(self, op: Operation) -> bool:
        """Whether the op can join."""
        if not self.ops:
            return True
        mine = set(self.ops)
        fits = shape_of(op.results[0]) == shape_of(self.ops[0].results[0])
        return fits and not (isinstance(op, StencilOp) and op.x.owner in mine)

    def write(self, carried: Mapping[SSAValue, SSAValue]) -> None:
        """One loop. `carried`: results that may take the place of what a time loop carries, if nobody needs that any more."""
        ops, self.ops = self.ops, []
        if not ops:
            return
        low = self.low
        kept = [op.results[0] for op in ops if _is_needed_outside(op, ops)]
        at_keys = {op: low.key_of(op) for op in ops if draws_of(op) is not None}
        tables = {op: tuple(_table(low, each) for each in tables_of(op)) for op in ops}
        outer = {each: low.place(each) for op in ops for each in _read(op, ops, low)}
        places = {each: self._place(each, ops, carried) for each in kept}
        shape = shape_of(ops[0].results[0])
        with self._elements(shape, any(map(needs_coordinates, ops)), len(ops)) as (index, coordinates):
            at = At(low.b, index, coordinates, at_keys, tables)
            values = _Values(at, low, outer)
            for op in ops:
                values.compute(op)
            for each, place in places.items():
                place.store(values.held[each], index)

    def _place(self, value: SSAValue, ops: Sequence[Operation], carried: Mapping[SSAValue, SSAValue]) -> Place:
        start = carried.get(value)
        if start is not None and _is_last_read(start, ops):
            self.low.places[value] = place = self.low.places[start]
            return place
        return self.low.new_place(value)

    @contextmanager
    def _elements(self, shape: Shape, coordinates: bool, ops: int) -> Generator[tuple[Value, tuple[Value, ...]]]:
        """Every element, with its coordinates where they are asked for."""
        low, b = self.low, self.low.b
        rows = prod(shape[:-1])
        if len(shape) > 1 and coordinates and rows >= _FEWEST_ROWS:
            with low.shared(rows, ops * WORK * shape[-1]) as row, b.range(0, shape[-1]) as column:
                yield row * shape[-1] + column.index, (*_apart(row, shape[:-1]), column.index)
                return
        with low.shared(prod(shape), ops * WORK) as index:
            yield index, _apart(index, shape) if coordinates else ()


def _apart(index: Value, shape: Shape) -> tuple[Value, ...]:
    """The coordinates of an element."""
    found: list[Value] = []
    for size in reversed(shape[1:]):
        found.append(index % size)
        index = index // size
    return tuple(reversed([*found, index]))


class _Values:
    """The elements that a round has computed, or loaded."""

    def __init__(self, at: At, low: Lowering, outer: Mapping[SSAValue, Place]) -> None:
        self._at, self._low, self._outer = at, low, outer
        self.held: dict[SSAValue, Value] = {}

    def compute(self, op: Operation) -> None:
        if isinstance(op, StencilOp):
            source = self._outer[op.x].ref
            self.held[op.result] = write_stencil(self._at.b, op, source, self._at.index, self._at.coordinates)
        else:
            operands = [self._element(each) for each in tensor_operands(op)]
            self.held[op.results[0]] = write_element(self._at, op, operands)

    def _element(self, value: SSAValue) -> Value:
        if value not in self.held:
            number = self._low.splat(value, word_type(element(value)))
            self.held[value] = self._outer[value].load(self._at.index) if number is None else number
        return self.held[value]


def _table(low: Lowering, numbers: Sequence[float] | Sequence[int]) -> Value:
    kind = f64 if isinstance(numbers[0], float) else i64
    assert width_of(kind) == 64
    return low.table(numbers, kind).ref


def _read(op: Operation, ops: Sequence[Operation], low: Lowering) -> list[SSAValue]:
    """The operands that stand in memory."""
    return [
        each
        for each in tensor_operands(op)
        if each.owner not in ops and (isinstance(op, StencilOp) or low.splat(each, word_type(element(each))) is None)
    ]


def _is_needed_outside(op: Operation, ops: Sequence[Operation]) -> bool:
    return any(use.operation not in ops for use in op.results[0].uses)


def _is_last_read(start: SSAValue, ops: Sequence[Operation]) -> bool:
    """Whether what a loop carries is read by these ops, each at its own element, or before them, and never again."""
    for use in start.uses:
        op = use.operation
        if op in ops and not isinstance(op, StencilOp):
            continue
        first = ops[0]
        if (
            op.parent is not first.parent
            or (isinstance(op, StencilOp) and op in ops)
            or not op.is_before_in_block(first)
        ):
            return False
        if isinstance(op, scf.ForOp):
            return False
    return isinstance(start.owner, Block)

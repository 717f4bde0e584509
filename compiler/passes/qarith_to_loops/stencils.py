"""Stencils: an element from its neighbours, read from memory, in the order of the taps.

periodic     the neighbour beyond an edge stands at the other one
fixed        where a tap would leave the tensor, the element keeps its value
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.dialects.qarith_linear import Boundary, StencilOp
from compiler.dialects.qarith_ops import Shape, shape_of
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value


def write_stencil(b: LoopBuilder, op: StencilOp, source: Value, at: Value, coordinates: Sequence[Value]) -> Value:
    """The element at these coordinates, number `at` in row-major order."""
    shape = shape_of(op.x)
    if op.boundary.data is Boundary.PERIODIC:
        return _sum(b, op, source, [_wrapped(shape, coordinates, offset) for offset, _ in op.taps])
    inside = _inside(op, shape, coordinates)
    if inside is None:
        return _sum(b, op, source, [_beside(at, _distance(shape, offset)) for offset, _ in op.taps])
    with b.if_(inside) as choice:
        choice.gives(_sum(b, op, source, [_beside(at, _distance(shape, offset)) for offset, _ in op.taps]))
    with choice.otherwise():
        choice.gives(b.load(source, at))
    return choice.results[0]


def _sum(b: LoopBuilder, op: StencilOp, source: Value, places: Sequence[Value]) -> Value:
    total: Value | None = None
    for place, (_, weight) in zip(places, op.taps, strict=True):
        term = b.load(source, place) * weight
        total = term if total is None else total + term
    assert total is not None
    return total


def _wrapped(shape: Shape, coordinates: Sequence[Value], offset: tuple[int, ...]) -> Value:
    """The number of the neighbour, around the edges."""
    place: Value | None = None
    for size, coordinate, by in zip(shape, coordinates, offset, strict=True):
        moved = _moved(coordinate, by, size)
        place = moved if place is None else place * size + moved
    assert place is not None
    return place


def _moved(coordinate: Value, by: int, size: int) -> Value:
    """An offset is less than the size, in both directions; an index is never negative."""
    if by == 0:
        return coordinate
    if by > 0:
        return (coordinate < size - by).select(coordinate + by, coordinate + by - size)
    return (coordinate < -by).select(coordinate + (size + by), _beside(coordinate, by))


def _distance(shape: Shape, offset: tuple[int, ...]) -> int:
    """From an element to its neighbour."""
    distance = 0
    for size, by in zip(shape, offset, strict=True):
        distance = distance * size + by
    return distance


def _beside(at: Value, distance: int) -> Value:
    """An index is never negative, and no constant of one is."""
    return at + distance if distance >= 0 else at - -distance


def _inside(op: StencilOp, shape: Shape, coordinates: Sequence[Value]) -> Value | None:
    """Whether no tap leaves the tensor; None where none ever does."""
    inside: Value | None = None
    for axis, (size, coordinate) in enumerate(zip(shape, coordinates, strict=True)):
        low = max(0, *(-offset[axis] for offset, _ in op.taps))
        high = min(size, *(size - offset[axis] for offset, _ in op.taps))
        conditions = [coordinate >= low] * (low > 0) + [coordinate < high] * (high < size)
        for each in conditions:
            inside = each if inside is None else inside & each
    return inside

"""The accesses of many nests as arrays: one row a body, one row a stream; what footprints and traffic are computed from.

A *stream* is all accesses of a body to one buffer with equal strides (a load and the store of the same element, the neighbours of a
stencil): they touch nearly the same lines, so they count once, widened by the spread of their offsets. Column 0 is the innermost loop.
Nests deeper than `DEPTH` keep their innermost loops; the trips of the others go into the last column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.tokens.nest import Access, Body, Nest

DEPTH = 10
LINE = 64.0
"""Bytes of a cache line."""
UNKNOWN_STRIDE = 4096.0
"""Bytes a step of a loop moves an address that is not affine: a new page, every time."""

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Streams:
    """Arrays over bodies (`nest` … `trips`) and over streams (`body` … `spread`); bytes throughout."""

    nests: int
    nest: Integers
    executions: Floats
    trips: Floats
    bodies: tuple[Body, ...]
    body: Integers
    strides: Floats
    element: Floats
    total: Floats
    loads: Floats
    stores: Floats
    members: Floats
    spread: Floats
    lanes: Floats
    known: Floats
    clusters: Floats
    """How many places far apart a round accesses (rows of a stencil or of an unrolled loop), each `width` bytes wide, `gap` apart."""
    width: Floats
    gap: Floats


def streams_of(nests: Sequence[Nest]) -> Streams:
    """The arrays of some nests; a nest without bodies gets an empty one, so that every nest has at least one."""
    bodies: list[Body] = []
    owner: list[int] = []
    rows: list[tuple[float, ...]] = []
    strides: list[list[float]] = []
    for at, nest in enumerate(nests):
        for body in nest.bodies or (Body(()),):
            for row, steps in _grouped(len(bodies), body):
                rows.append(row)
                strides.append(steps)
            bodies.append(body)
            owner.append(at)
    trips = np.array([_trips(body) for body in bodies], dtype=np.float64).reshape(-1, DEPTH)
    table = np.array(rows, dtype=np.float64).reshape(-1, 12)
    return Streams(
        len(nests),
        np.array(owner, dtype=np.int64),
        np.maximum(trips, 1e-3).prod(axis=1),
        trips,
        tuple(bodies),
        table[:, 0].astype(np.int64),
        np.array(strides, dtype=np.float64).reshape(-1, DEPTH),
        *(table[:, column] for column in range(1, 12)),
    )


def _trips(body: Body) -> list[float]:
    trips = [loop.trip for loop in body.path[:DEPTH]]
    for loop in body.path[DEPTH:]:
        trips[-1] *= loop.trip
    return trips + [1.0] * (DEPTH - len(trips))


def _grouped(index: int, body: Body) -> list[tuple[tuple[float, ...], list[float]]]:
    groups: dict[tuple[str, tuple[float, ...] | None], list[Access]] = {}
    for access in body.accesses:
        groups.setdefault((access.base, access.strides), []).append(access)
    return [_stream(index, body, accesses) for accesses in groups.values()]


def _stream(index: int, body: Body, accesses: list[Access]) -> tuple[tuple[float, ...], list[float]]:
    first = accesses[0]
    known = first.strides is not None
    steps = list(first.strides[:DEPTH]) if first.strides is not None else [UNKNOWN_STRIDE] * min(len(body.path), DEPTH)
    offsets = {access.offset for access in accesses}
    stores = sum(access.is_store for access in accesses)
    clusters, width, gap = _clusters(tuple(sorted(offsets)))
    row = (
        float(index),
        first.element_bytes,
        first.total_bytes,
        float(len(accesses) - stores),
        float(stores),
        float(len(offsets)),
        max(offsets) - min(offsets),
        first.lanes,
        float(known),
        clusters,
        width,
        gap,
    )
    return row, steps + [0.0] * (DEPTH - len(steps))


@lru_cache(maxsize=1 << 13)
def _clusters(offsets: tuple[float, ...]) -> tuple[float, float, float]:
    """How many groups of neighbours the offsets form, their mean width in bytes, and the least distance between two of them."""
    count, width, gap, start = 1, 0.0, 0.0, offsets[0]
    for before, after in pairwise(offsets):
        if after - before <= 4 * LINE:
            continue
        width += before - start
        gap = min(gap, after - start) if gap else after - start
        count, start = count + 1, after
    return float(count), (width + offsets[-1] - start) / count, gap

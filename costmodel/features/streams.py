"""The accesses of many nests as arrays: one row a body, one row a stream; what footprints and traffic are computed from.

A *stream* (`costmodel/tokens/summed.py`) counts once, widened by the spread of its offsets. Column 0 is the innermost loop.
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

from costmodel.tokens.summed import NOTHING, Stream, Summed

DEPTH = 10
LINE = 64.0
"""Bytes of a cache line."""
UNKNOWN_STRIDE = 4096.0
"""Bytes a step of a loop moves an address that is not affine: a new page, every time."""

_ENDLESS = 1e30

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Streams:
    """Arrays over bodies (`nest` … `trips`) and over streams (`body` … `spread`); bytes throughout."""

    nests: int
    nest: Integers
    executions: Floats
    trips: Floats
    constant: Flags
    tiles: Floats
    depth: Integers
    bodies: tuple[Summed, ...]
    at: tuple[Stream, ...]
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
    run: Floats
    differ: Floats

    def per_body(self, amounts: Floats) -> Floats:
        """Of every body, the sum over its streams."""
        return sums(self.body, amounts, len(self.nest))


def sums(cells: Integers, amounts: Floats, count: int) -> Floats:
    """What falls into each of so many cells."""
    return np.asarray(np.bincount(cells.ravel(), amounts.ravel(), count), dtype=np.float64)


def pick(table: Floats, columns: Integers) -> Floats:
    """One column of each row; the last where there are not so many."""
    return table[np.arange(len(table)), np.minimum(columns, table.shape[1] - 1)]


def streams_of(texts: Sequence[Sequence[Summed]]) -> Streams:
    """The arrays of the bodies of some texts; a text without bodies gets an empty one, so that every one has at least one."""
    bodies = [body for each in texts for body in each or (NOTHING,)]
    owner = [at for at, each in enumerate(texts) for _ in each or (NOTHING,)]
    rows = [_row(at, stream) for at, body in enumerate(bodies) for stream in body.streams]
    strides = [_steps(body, stream) for body in bodies for stream in body.streams]
    loops = np.array([_loops(body) for body in bodies], dtype=np.float64).reshape(-1, 3, DEPTH)
    table = np.array(rows, dtype=np.float64).reshape(-1, 14)
    trips = loops[:, 0]
    return Streams(
        len(texts),
        np.array(owner, dtype=np.int64),
        np.maximum(trips, 1e-3).prod(axis=1),
        trips,
        loops[:, 1] > 0,
        loops[:, 2],
        np.array([len(body.path) for body in bodies], dtype=np.int64),
        tuple(bodies),
        tuple(stream for body in bodies for stream in body.streams),
        table[:, 0].astype(np.int64),
        np.array(strides, dtype=np.float64).reshape(-1, DEPTH),
        *(table[:, column] for column in range(1, 14)),
    )


def _loops(body: Summed) -> list[list[float]]:
    """Trips, whether they are constant, and rounds of the loops over tiles around, padded."""
    path = body.path[:DEPTH]
    rest = DEPTH - len(path)
    trips = [loop.trip for loop in path]
    for loop in body.path[DEPTH:]:
        trips[-1] *= loop.trip
    constant = [float(loop.constant) for loop in path]
    return [
        trips + [1.0] * rest,
        constant + [0.0] * rest,
        [min(loop.tiles, _ENDLESS) for loop in path] + [_ENDLESS] * rest,
    ]


def _steps(body: Summed, stream: Stream) -> list[float]:
    deep = min(len(body.path), DEPTH)
    steps = list(stream.strides[:DEPTH]) if stream.strides is not None else [UNKNOWN_STRIDE] * deep
    return steps + [0.0] * (DEPTH - len(steps))


def _row(index: int, stream: Stream) -> tuple[float, ...]:
    return (
        index,
        stream.element,
        stream.total,
        stream.loads,
        stream.stores,
        len(stream.offsets),
        stream.offsets[-1],
        stream.lanes,
        stream.strides is not None,
        *_clusters(stream.offsets),
        longest_run(stream.offsets, stream.element * stream.lanes),
        stream.differ,
    )


@lru_cache(maxsize=1 << 13)
def longest_run(places: tuple[float, ...], size: float) -> int:
    """The most of these places, in ascending order, that follow each other without a gap."""
    longest = run = 1
    for before, after in pairwise(places):
        run = run + 1 if after - before == size else 1
        longest = max(longest, run)
    return longest


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

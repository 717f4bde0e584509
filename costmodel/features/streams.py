"""The accesses of many nests as arrays: one row a body, one row a stream; what footprints and traffic are computed from.

A *stream* (`costmodel/tokens/summed.py`) counts once, widened by the spread of its offsets. Column 0 is the innermost loop.
Nests deeper than `DEPTH` keep their innermost loops; the trips of the others go into the last column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from math import prod
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from costmodel.tokens.summed import NOTHING, Accesses, Stream, Summed, Work

DEPTH = 10
LINE = 64.0
"""Bytes of a cache line."""
UNKNOWN_STRIDE = 4096.0
"""Bytes a step of a loop moves an address that is not affine: a new page, every time."""

_ENDLESS = 1e30
_COLUMNS = np.arange(DEPTH)
_NO_LOOP = (1.0, 0.0, _ENDLESS, 0.0)
_KNOWN = 7
"""The column of `_row` for whether strides are known."""
Item = TypeVar("Item")

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Streams:
    """Arrays over bodies (`nest` … `largest`) and over streams (`at` … `differ`); bytes throughout."""

    nests: int
    nest: Integers
    executions: Floats
    trips: Floats
    constant: Flags
    tiles: Floats
    depth: Integers
    doubts: Integers
    """Loops whose bounds are not known."""
    works: tuple[Work, ...]
    """The different ones; `work` says which is a body's."""
    work: Integers
    operations: Floats
    accesses: Floats
    reassociates: Floats
    clashes: Floats
    copies: Floats
    largest: Floats
    at: tuple[Accesses, ...]
    body: Integers
    strides: Floats
    steps: Floats
    """Strides without their sign."""
    rounds: Floats
    """Trips of the loops around a stream."""
    size: Floats
    """Of one access, all lanes."""
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
    streams = [stream for body in bodies for stream in body.streams]
    nest = np.repeat(np.arange(len(texts)), np.array([len(each) or 1 for each in texts], dtype=np.int64))
    depth = np.array([len(body.path) for body in bodies], dtype=np.int64)
    body = np.repeat(np.arange(len(bodies)), np.array([len(body.streams) for body in bodies], dtype=np.int64))
    trips, constant, tiles, doubts = _loops(bodies, np.minimum(depth, DEPTH))
    works, work = _different([body.work for body in bodies])
    said = [(body.accesses, body.reassociates, body.clashes, body.copies, body.largest) for body in bodies]
    numbers = np.array(said, dtype=np.float64).reshape(-1, 5).T.copy()
    accesses, which = _different([stream.accesses for stream in streams])
    table = np.array([_row(each) for each in accesses], dtype=np.float64).reshape(-1, 13)
    columns = _columns(table[which], streams)
    strides = _strides(streams, np.minimum(depth, DEPTH)[body])
    return Streams(
        len(texts),
        nest,
        np.maximum(trips, 1e-3).prod(axis=1),
        trips,
        constant,
        tiles,
        depth,
        doubts,
        works,
        work,
        np.array([len(each.operations) for each in works], dtype=np.float64)[work],
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        tuple(stream.accesses for stream in streams),
        body,
        strides,
        np.abs(strides),
        trips[body],
        columns[0] * columns[6],
        *columns,
    )


def _columns(table: Floats, streams: Sequence[Stream]) -> tuple[Floats, ...]:
    """Columns of the streams; whether their strides are known is the only one that depends on the loops."""
    table[:, _KNOWN] = [stream.strides is not None for stream in streams]
    return tuple(table.T.copy())


def _different(items: Sequence[Item]) -> tuple[tuple[Item, ...], Integers]:
    """The different objects among some, and which each is."""
    places: dict[int, int] = {}
    found: list[Item] = []
    index: list[int] = []
    for item in items:
        place = places.setdefault(id(item), len(found))
        if place == len(found):
            found.append(item)
        index.append(place)
    return tuple(found), np.array(index, dtype=np.int64)


def _loops(bodies: Sequence[Summed], depth: Integers) -> tuple[Floats, Flags, Floats, Integers]:
    """Trips, whether they are constant, rounds of the loops over tiles around, padded; and how many bounds are not known."""
    loops, which = _different([loop for body in bodies for loop in body.path[:DEPTH]])
    rows = [(loop.trip, loop.constant, min(loop.tiles, _ENDLESS), not loop.known) for loop in loops]
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    padded = np.empty((len(bodies), DEPTH, 4))
    padded[:] = _NO_LOOP
    padded[depth[:, None] > _COLUMNS] = table[which]
    trips, constant, tiles, unknown = (padded[:, :, column] for column in range(4))
    if any(len(body.path) > DEPTH for body in bodies):
        trips[:, -1] *= [prod(loop.trip for loop in body.path[DEPTH:]) for body in bodies]
    return trips.copy(), constant > 0, tiles.copy(), unknown.sum(axis=1).astype(np.int64)


def _strides(streams: Sequence[Stream], depth: Integers) -> Floats:
    """Bytes a step, padded with 0."""
    padded = np.zeros((len(streams), DEPTH))
    steps = [
        stream.strides[:DEPTH] if stream.strides is not None else (UNKNOWN_STRIDE,) * deep
        for stream, deep in zip(streams, depth.tolist(), strict=True)
    ]
    padded[depth[:, None] > _COLUMNS] = np.array(list(chain.from_iterable(steps)), dtype=np.float64)
    return padded


@lru_cache(maxsize=1 << 13)
def _row(accesses: Accesses) -> tuple[float, ...]:
    return (
        accesses.element,
        accesses.total,
        accesses.loads,
        accesses.stores,
        len(accesses.offsets),
        accesses.offsets[-1],
        accesses.lanes,
        0.0,
        *_clusters(accesses.offsets),
        longest_run(accesses.offsets, accesses.element * accesses.lanes),
        accesses.differ,
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

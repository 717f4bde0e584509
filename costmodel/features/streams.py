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
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from costmodel.scalar import Flags, Floats, Integers
from costmodel.tokens.summed import NOTHING, Accesses, Summed, Work

DEPTH = 10
LINE = 64.0
"""Bytes of a cache line."""

_ENDLESS = 1e30
_COLUMNS = np.arange(DEPTH)
_NO_LOOP = (1.0, 0.0, _ENDLESS, 0.0)
Item = TypeVar("Item")
Number = TypeVar("Number", np.float64, np.bool_)


@dataclass(frozen=True, slots=True)
class Streams:
    """Arrays over places of bodies (`nest`, `of`), over bodies (`executions` … `largest`) and over streams (`at` … `differ`); bytes
    throughout. A body that stands in several texts is there once."""

    nests: int
    nest: Integers
    """Whose text each place is in."""
    of: Integers
    """The body that stands there."""
    bodies: int
    executions: Floats
    trips: Floats
    rounds_within: Floats
    """Rounds of the innermost loops: products of trips."""
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
    said: tuple[Accesses, ...]
    """What streams have in common with those of other bodies; `at` says which is whose."""
    at: Integers
    begins: Integers
    """The first stream of each body, and after the last one's the number of streams."""
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
        return sums(self.body, amounts, self.bodies)


def sums(cells: Integers, amounts: Floats, count: int) -> Floats:
    """What falls into each of so many cells."""
    return np.bincount(cells.reshape(-1), amounts.reshape(-1), count).astype(np.float64, copy=False)


def most(cells: Integers, amounts: Floats, count: int, least: float) -> Floats:
    """The largest that falls into each of so many cells, at least `least`."""
    found = np.empty(count)
    found.fill(least)
    np.maximum.at(found, cells, amounts)
    return found


def pick(table: NDArray[Number], columns: Integers) -> NDArray[Number]:
    """One column of each row."""
    return table[np.arange(len(table)), columns]


def streams_of(texts: Sequence[Sequence[Summed]]) -> Streams:
    """The arrays of the bodies of some texts; a text without bodies gets an empty one, so that every one has at least one."""
    bodies, of = _different([body for each in texts for body in each or (NOTHING,)])
    nest = np.repeat(np.arange(len(texts)), np.array([len(each) or 1 for each in texts], dtype=np.int64))
    depth = np.array([len(body.path) for body in bodies], dtype=np.int64)
    trips, constant, tiles, doubts = _loops(bodies, np.minimum(depth, DEPTH))
    doings, doing = _different([body.doing for body in bodies])
    works, work = _different([each.work for each in doings])
    said = [(each.accesses, each.reassociates, each.clashes, each.largest) for each in doings]
    numbers = np.array(said, dtype=np.float64).reshape(-1, 4)[doing].T.copy()
    accesses = tuple(chain.from_iterable([each.streams for each in doings]))
    counts = np.array([len(each.streams) for each in doings], dtype=np.int64)
    body = np.repeat(np.arange(len(bodies)), counts[doing])
    # of every stream its place among those of its body, from where those of the body's doing begin
    begins, firsts = counts.cumsum() - counts, counts[doing].cumsum() - counts[doing]
    at = np.arange(len(body)) + (begins[doing] - firsts)[body]
    columns = tuple(np.array([_row(each) for each in accesses], dtype=np.float64).reshape(-1, 13)[at].T.copy())
    strides = _strides(bodies, np.minimum(depth, DEPTH)[body])
    return Streams(
        len(texts),
        nest,
        of,
        len(bodies),
        np.maximum(trips, 1e-3).prod(axis=1),
        trips,
        np.multiply.accumulate(trips, axis=1),
        constant,
        tiles,
        depth,
        doubts,
        works,
        work[doing],
        np.array([len(each.operations) for each in works], dtype=np.float64)[work[doing]],
        numbers[0],
        numbers[1],
        numbers[2],
        np.array([each.copies for each in bodies], dtype=np.float64),
        numbers[3],
        accesses,
        at,
        np.concatenate([counts[doing].cumsum() - counts[doing], [len(body)]]),
        body,
        strides,
        np.abs(strides),
        trips[body],
        columns[0] * columns[6],
        *columns,
    )


def _different(items: Sequence[Item]) -> tuple[tuple[Item, ...], Integers]:
    """The different objects among some, and which each is."""
    named = list(map(id, items))
    found = dict(zip(named, items, strict=True))
    places = dict(zip(found, range(len(found)), strict=True))
    return tuple(found.values()), np.array(list(map(places.__getitem__, named)), dtype=np.int64)


def _loops(bodies: Sequence[Summed], depth: Integers) -> tuple[Floats, Flags, Floats, Integers]:
    """Trips, whether they are constant, rounds of the loops over tiles around, padded; and how many bounds are not known."""
    loops, which = _different(list(chain.from_iterable([body.path[:DEPTH] for body in bodies])))
    rows = [(loop.trip, loop.constant, min(loop.tiles, _ENDLESS), not loop.known) for loop in loops]
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    padded = np.empty((len(bodies), DEPTH, 4))
    padded[:] = _NO_LOOP
    padded[depth[:, None] > _COLUMNS] = table[which]
    trips, constant, tiles, unknown = (padded[:, :, column] for column in range(4))
    if any(len(body.path) > DEPTH for body in bodies):
        trips[:, -1] *= [prod(loop.trip for loop in body.path[DEPTH:]) for body in bodies]
    return trips.copy(), constant > 0, tiles.copy(), unknown.sum(axis=1).astype(np.int64)


def _strides(bodies: Sequence[Summed], depth: Integers) -> Floats:
    """Bytes a step of every stream, padded with 0."""
    padded = np.zeros((len(depth), DEPTH))
    steps = [body.strides if len(body.path) <= DEPTH else _innermost(body) for body in bodies]
    padded[depth[:, None] > _COLUMNS] = np.array(list(chain.from_iterable(steps)), dtype=np.float64)
    return padded


def _innermost(body: Summed) -> tuple[float, ...]:
    """Strides by the innermost loops of a body that has too many."""
    deep = len(body.path)
    return tuple(chain.from_iterable(body.strides[at : at + DEPTH] for at in range(0, len(body.strides), deep)))


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
        accesses.known,
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

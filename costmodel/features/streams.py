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

from costmodel.features.placing import DEPTH, FEW, different, strides_of
from costmodel.scalar import Flags, Floats, Integers
from costmodel.tokens.bounds import Loop
from costmodel.tokens.headers import Counter
from costmodel.tokens.placed import Body, Placed
from costmodel.tokens.summed import NOTHING, Accesses, Work

LINE = 64.0
"""Bytes of a cache line."""

_ENDLESS = 1e30
_COLUMNS = np.arange(DEPTH)
_NO_LOOP = (1.0, 0.0, _ENDLESS, 0.0, 0.0, 0.0)
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
    follows: Flags
    """Which loops begin where counters around them are."""
    hops: Flags
    """Which loops count by more than one."""
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


def streams_of(texts: Sequence[Sequence[Body]]) -> Streams:
    """The arrays of the bodies of some texts; a text without bodies gets an empty one, so that every one has at least one."""
    bodies, of = different([body for each in texts for body in each or (NOTHING,)])
    lengths = [len(body[0]) for body in bodies]
    if len(bodies) < FEW or max(lengths) > DEPTH:
        bodies = tuple([body.summed() for body in bodies])
    nest = np.repeat(np.arange(len(texts)), np.array([len(each) or 1 for each in texts], dtype=np.int64))
    depth = np.array(lengths, dtype=np.int64)
    loops, which = different(list(chain.from_iterable([body[0][:DEPTH] for body in bodies])))
    trips, constant, tiles, follows, hops, doubts = _loops(bodies, loops, which, np.minimum(depth, DEPTH))
    doings, doing = different([body.inside.doing if type(body) is Placed else body.doing for body in bodies])
    works, work = different([each.work for each in doings])
    said = [(each.accesses, each.reassociates, each.clashes, each.largest) for each in doings]
    numbers = np.array(said, dtype=np.float64).reshape(-1, 4)[doing].T.copy()
    accesses = tuple(chain.from_iterable([each.streams for each in doings]))
    counts = np.array([len(each.streams) for each in doings], dtype=np.int64)
    body = np.repeat(np.arange(len(bodies)), counts[doing])
    # of every stream its place among those of its body, from where those of the body's doing begin
    ends = counts[doing].cumsum()
    begins, firsts = counts.cumsum() - counts, ends - counts[doing]
    at = np.arange(len(body)) + (begins[doing] - firsts)[body]
    columns = tuple(np.array([_row(each) for each in accesses], dtype=np.float64).reshape(-1, 13)[at].T.copy())
    strides, copies = strides_of(bodies, loops, which, depth, firsts, len(body))
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
        follows,
        hops,
        depth,
        doubts,
        works,
        work[doing],
        np.array([len(each.operations) for each in works], dtype=np.float64)[work[doing]],
        numbers[0],
        numbers[1],
        numbers[2],
        copies,
        numbers[3],
        accesses,
        at,
        np.concatenate([firsts, ends[-1:] if len(ends) else [0]]),
        body,
        strides,
        np.abs(strides),
        trips[body],
        columns[0] * columns[6],
        *columns,
    )


def _loops(
    bodies: Sequence[Body], loops: Sequence[Loop | Counter], which: Integers, depth: Integers
) -> tuple[Floats, Flags, Floats, Flags, Flags, Integers]:
    """Trips, whether they are constant, rounds of the loops over tiles around, whether they begin there, whether they count by
    more than one, padded; and how many bounds are not known."""
    said = [each if isinstance(each, Loop) else each.loop for each in loops]
    rows = [
        (loop.trip, loop.constant, min(loop.tiles, _ENDLESS), loop.follows, loop.step > 1.0, not loop.known)
        for loop in said
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    padded = np.empty((len(bodies), DEPTH, 6))
    padded[:] = _NO_LOOP
    padded[depth[:, None] > _COLUMNS] = table[which]
    trips, constant, tiles, follows, hops, unknown = (padded[:, :, column] for column in range(6))
    if any(len(body[0]) > DEPTH for body in bodies):
        trips[:, -1] *= [prod(loop.trip for loop in body.path[DEPTH:]) for body in bodies]
    return trips.copy(), constant > 0, tiles.copy(), follows > 0, hops > 0, unknown.sum(axis=1).astype(np.int64)


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

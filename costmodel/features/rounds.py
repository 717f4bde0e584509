"""Which loops LLVM writes out, those around others too: bodies as rows whose loops go round or are gone.

    for it step 8 { for i = it to min(it + 8, 20) { A[i] … } }     a row of i with 8 rounds (twice), and one of i with 4

1. *Written out* is, from the innermost loop, what has a constant trip and few instructions in all rounds together (LLVM's
   LoopFullUnroll: its threshold, what its analysis of few rounds saves). An access stands in the innermost loop that it moves with, as
   accesses that stand still are hoisted; a subscript of several independent counters costs an addition, a scaled one a multiplication.
2. A loop over part of a tile has a constant trip where the loop over the tiles is written out: the body is then two, one of whole tiles
   and one of the last; and what was not written out before may be now.

Refused is nothing: a trip that is not known counts as one that varies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams, pick, sums

THRESHOLD = 162.0
"""Instructions that a loop is written out to at most; this and the weights below were fitted to counts of executed instructions."""
_ADDITION, _MULTIPLICATION = 0.611, 1.275
_ANALYSED, _BOOST = 10.0, 4.0
"""Rounds that LLVM's analysis of what writing out saves looks at; how much more code a saving may make."""
_CONTROL, _BOUND = 3.0, 6.0
"""Instructions that make a loop go round, and those of a bound that is computed."""
_ENDLESS = 1e6
_SPLITS = 3
_LEVELS = np.arange(DEPTH)


@dataclass(frozen=True, slots=True)
class Rows:
    """Arrays over rows (`body` … `written`) and over their streams (`row`, `at`: the stream's place among all)."""

    body: Integers
    trips: Floats
    constant: Flags
    gone: Flags
    """Loops over tiles that a row is one side of."""
    written: Flags
    row: Integers
    at: Integers

    def per_row(self, amounts: Floats) -> Floats:
        """Of every row, the sum over its streams."""
        return sums(self.row, amounts, len(self.body))


def rows_of(streams: Streams, operations: Floats) -> Rows:
    """Every body as one row or several; `operations` is arithmetic of one iteration of a body."""
    at = np.arange(len(streams.body))
    everything = np.arange(streams.bodies)
    gone = np.zeros(streams.trips.shape, dtype=np.bool_)
    rows = Rows(everything, streams.trips, streams.constant, gone, gone, streams.body, at)
    independent = _independent(streams)
    done: list[Rows] = []
    for turn in range(_SPLITS + 1):
        rows = replace(rows, written=_written(rows, streams, operations, independent))
        inner, outer = _splits(rows, streams)
        if turn == _SPLITS or (inner < 0).all():
            done.append(rows)
            break
        done.append(_chosen(rows, inner < 0))
        rows = _split(_chosen(rows, inner >= 0), streams, inner[inner >= 0], outer[inner >= 0])
    return _together(done)


def _independent(streams: Streams) -> Flags:
    """Of every stream and loop, whether its address moves by a further, independent counter of a loop around; loops over tiles of a loop
    move all streams of a body in proportion, and are not independent of it."""
    deepest = max(min(int(streams.depth.max(initial=0)), DEPTH), 1)
    strides, levels = streams.strides[:, :deepest], _LEVELS[:deepest]
    proportional = _proportional(streams, strides)
    root = np.tile(levels, (streams.bodies, 1))
    for at in range(1, deepest):
        like = proportional[:, :at, at] & (root[:, :at] == levels[:at])
        root[:, at] = np.where(like.any(axis=1), like.argmax(axis=1), at)
    mine = root[streams.body]
    found = np.zeros(streams.strides.shape, dtype=np.bool_)
    for at in range(deepest - 1):
        found[:, at] = ((mine[:, at + 1 :] != mine[:, at : at + 1]) & (strides[:, at + 1 :] != 0)).any(axis=1)
    return found


def _proportional(streams: Streams, strides: Floats) -> Flags:
    """Of every body and pair of loops, whether the outer one moves all streams by the same multiple of what the inner one does."""
    moved, wide = strides != 0, strides.shape[1]
    odd, both = moved[:, :, None] != moved[:, None, :], moved[:, :, None] & moved[:, None, :]
    ratio = strides[:, None, :] / np.where(moved, strides, 1.0)[:, :, None]
    shape = (streams.bodies, wide, wide)
    least, largest = np.full(shape, np.inf), np.full(shape, -np.inf)
    filled = np.flatnonzero(np.bincount(streams.body, minlength=streams.bodies))
    if len(filled):
        starts = np.searchsorted(streams.body, filled)
        unlike = np.where(odd, np.inf, -np.inf)
        least[filled] = np.minimum.reduceat(np.where(both, ratio, -unlike), starts)
        largest[filled] = np.maximum.reduceat(np.where(both, ratio, unlike), starts)
    return (least == largest) & (np.abs(least) >= 1)


def _written(rows: Rows, streams: Streams, operations: Floats, independent: Flags) -> Flags:
    """Which loops are written out, from the innermost."""
    strides, depth = streams.strides[rows.at], streams.depth[rows.body]
    moves = strides != 0
    home = np.where(moves.any(axis=1), moves.argmax(axis=1), DEPTH)
    accesses = streams.members * ((streams.loads > 0) + (streams.stores > 0).astype(np.float64))
    cells = rows.row[:, None] * DEPTH + _LEVELS
    entering = sums(cells, np.where(home[:, None] == _LEVELS, accesses[rows.at, None], 0.0), len(rows.body) * DEPTH)
    adding = _ADDITION * sums(cells, (moves & independent[rows.at]).astype(np.float64), len(rows.body) * DEPTH)
    entering, adding = entering.reshape(-1, DEPTH), adding.reshape(-1, DEPTH)
    scaling = _MULTIPLICATION * _scales(rows, streams)
    code, whole = operations[rows.body].copy(), np.ones(len(rows.body), dtype=np.bool_)
    written = np.zeros(rows.trips.shape, dtype=np.bool_)
    for at in range(min(int(streams.depth.max(initial=0)), DEPTH)):
        inside, trip = at < depth, rows.trips[:, at]
        code = code + np.where(inside, entering[:, at], 0.0)
        with_adds, gone = code + adding[:, at], rows.gone[:, at] & inside
        once = inside & ~gone & rows.constant[:, at] & (trip == 1)
        fits = inside & ~gone & rows.constant[:, at] & _fits(code, with_adds, scaling[:, at], trip, whole)
        written[:, at] = gone | once | fits
        control = _CONTROL + scaling[:, at] + np.where(rows.constant[:, at], 0.0, _BOUND)
        going = np.where(fits, with_adds * trip, with_adds + control)
        code = np.where(~inside | gone, code, np.where(once, with_adds, going))
        whole &= written[:, at] | ~inside
    return written


def _fits(code: Floats, with_adds: Floats, scaling: Floats, trip: Floats, innermost: Flags) -> Flags:
    """Whether all rounds together are few instructions, or few enough for what writing them out saves (computeUnrollCount and
    analyzeLoopUnrollCost of LLVM, the latter of few rounds of an innermost loop)."""
    few = trip * (with_adds + scaling + 1) + 2 < THRESHOLD
    out = trip * with_adds
    boost = np.minimum(trip * (with_adds + scaling + _CONTROL) / np.maximum(out, 1.0), _BOOST)
    return few | (innermost & (trip <= _ANALYSED) & (out < THRESHOLD * boost))


def _scales(rows: Rows, streams: Streams) -> Floats:
    """Of every row and loop, the different multiples of its counter in subscripts."""
    steps = streams.steps[rows.at] / streams.size[rows.at, None]
    scaled = (steps > 0) & (steps != 1)
    order = np.lexsort((steps.T.reshape(-1), np.tile(rows.row, DEPTH), np.repeat(_LEVELS, len(rows.row))))
    row, value, counted = np.tile(rows.row, DEPTH)[order], steps.T.reshape(-1)[order], scaled.T.reshape(-1)[order]
    level = np.repeat(_LEVELS, len(rows.row))[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1]) | (level[1:] != level[:-1])
    return sums(row * DEPTH + level, (new & counted).astype(np.float64), len(rows.body) * DEPTH).reshape(-1, DEPTH)


def tile_of(trip: Floats, tiles: Floats) -> tuple[Floats, Floats, Flags]:
    """Of a loop over tiles whose last is smaller, by its mean trip: rounds of a whole tile (a power of two), of the last, and whether
    it is such a loop."""
    whole = 2.0 ** np.ceil(np.log2(np.maximum(trip, 1e-3)) - 1e-9)
    some = (tiles > 1) & (tiles < _ENDLESS)
    last = trip * np.where(some, tiles, 1.0) - (np.where(some, tiles, 1.0) - 1) * whole
    return whole, np.round(last), some & (whole > trip) & (last >= 0.999) & (last <= whole)


def _splits(rows: Rows, streams: Streams) -> tuple[Integers, Integers]:
    """Of every row the innermost loop that is two once its loop over tiles is written out, and that loop; -1 where there is none."""
    inner, outer = np.full(len(rows.body), -1), np.zeros(len(rows.body), dtype=np.int64)
    tiles, depth = streams.tiles[rows.body], streams.depth[rows.body]
    for at in range(min(int(depth.max(initial=0)), DEPTH) - 1):
        varies = (inner < 0) & (at < depth - 1) & ~rows.constant[:, at]
        if not varies.any():
            continue
        around = rows.constant & ~rows.gone & (rows.trips == tiles[:, at : at + 1]) & (at < _LEVELS)
        first = around.argmax(axis=1)
        ok = varies & around.any(axis=1) & pick(rows.written, first) & tile_of(rows.trips[:, at], tiles[:, at])[2]
        inner, outer = np.where(ok, at, inner), np.where(ok, first, outer)
    return inner, outer


def _split(rows: Rows, streams: Streams, inner: Integers, outer: Integers) -> Rows:
    """Every row twice: of whole tiles, and of the last."""
    count, every = len(rows.body), np.arange(len(rows.body))
    tiles = pick(streams.tiles[rows.body], inner)
    whole, last, _ = tile_of(pick(rows.trips, inner), tiles)
    trips, constant, gone = rows.trips.copy(), rows.constant.copy(), rows.gone.copy()
    constant[every, inner] = True
    gone[every, outer] = True
    first, second = trips.copy(), trips.copy()
    first[every, inner], first[every, outer] = whole, tiles - 1
    second[every, inner], second[every, outer] = last, 1.0
    return Rows(
        np.concatenate([rows.body, rows.body]),
        np.concatenate([first, second]),
        np.concatenate([constant, constant]),
        np.concatenate([gone, gone]),
        np.concatenate([rows.written, rows.written]),
        np.concatenate([rows.row, rows.row + count]),
        np.concatenate([rows.at, rows.at]),
    )


def _chosen(rows: Rows, some: Flags) -> Rows:
    """Some of the rows."""
    if some.all():
        return rows
    new, streams = np.cumsum(some) - 1, some[rows.row]
    return Rows(
        rows.body[some],
        rows.trips[some],
        rows.constant[some],
        rows.gone[some],
        rows.written[some],
        new[rows.row[streams]],
        rows.at[streams],
    )


def _together(parts: list[Rows]) -> Rows:
    before = np.cumsum([0, *(len(part.body) for part in parts)])
    return Rows(
        np.concatenate([part.body for part in parts]),
        np.concatenate([part.trips for part in parts]),
        np.concatenate([part.constant for part in parts]),
        np.concatenate([part.gone for part in parts]),
        np.concatenate([part.written for part in parts]),
        np.concatenate([part.row + start for part, start in zip(parts, before[:-1].tolist(), strict=True)]),
        np.concatenate([part.at for part in parts]),
    )

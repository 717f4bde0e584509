"""Columns of numbers for a loop nest: its hottest body in detail, and what all bodies together cost by the hand model.

Everything is a logarithm to base 2 or a small count, per iteration where that makes sense: a column means the same for a nest a
thousand times longer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from costmodel.features.codegen import codegen, codegen_names
from costmodel.features.locality import (
    CAPACITIES,
    Locality,
    compiled_cycles,
    compiled_instructions,
    mean_of_views,
    operations,
    whole,
)
from costmodel.features.moves import STEPS, moves_of
from costmodel.features.streams import DEPTH, LINE, Floats, Integers, Streams, sums
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import OpClass, element_bits, is_float

_LEVELS = 6
_CLASSES = (
    OpClass.ADD,
    OpClass.MUL,
    OpClass.DIV,
    OpClass.FMA,
    OpClass.MINMAX,
    OpClass.MATH,
    OpClass.SQRT,
    OpClass.COMPARE,
    OpClass.SELECT,
    OpClass.CAST,
    OpClass.LOAD,
    OpClass.STORE,
    OpClass.IF,
    OpClass.CALL,
)
_MOVES = (OpClass.LOAD, OpClass.STORE, OpClass.LOOP)
_SAME = 2
"""Columns of a compiled body that are the same as written."""
_KINDS = ("still", "unit", "near", "far")
_AROUND = np.arange(-1, 2)


@cache
def structure_names() -> tuple[str, ...]:
    """The columns of `structure`, in order."""
    return (
        "iterations",
        "bodies",
        "loops",
        *(f"trip[{at}]" for at in range(_LEVELS)),
        *(f"trip[{at}] %{by}" for at in range(2) for by in (4, 8)),
        *(f"work:{kind.name.lower()}" for kind in _CLASSES),
        "element bits",
        "streams",
        "reassociates",
        *(f"{what} {kind} at {at}" for at in range(STEPS) for what in ("loads", "stores") for kind in _KINDS),
        *(f"{what} {kind} at vector{at:+}" for at in (-1, 0, 1) for what in ("loads", "stores") for kind in _KINDS),
        *(f"trip at vector{at:+}" for at in (-1, 0, 1)),
        *(f"constant[{at}]" for at in range(STEPS)),
        *(f"sum carried at {at}" for at in range(STEPS)),
        "unrolled size",
        "copies",
        "whole numbers",
        "dimension sizes",
        *(f"footprint[{at}]" for at in range(_LEVELS + 1)),
        *(f"lines past {capacity / 1e3:.0f}K" for capacity in CAPACITIES),
        *(f"pages[{at}]" for at in range(1, 4)),
        "aliased sets",
        "largest stride",
        "chain",
        "lanes",
        "packed",
        "vector level",
        "hand work",
        "hand overhead",
        "hand memory",
        "hand iteration",
        "outside share",
        "unknown bounds",
        "unknown addresses",
        *codegen_names(),
        *(f"{name} as written" for name in codegen_names()[_SAME:]),
        "compiled cycles",
        "compiled instructions",
        "hand cycles",
    )


def structure(streams: Streams, locality: Locality) -> tuple[Floats, Floats]:
    """One row a nest; and the hand model's cycles of each."""
    per_iteration = compiled_cycles(locality)
    cost = np.maximum(streams.executions, 1e-3) * per_iteration
    total = whole(streams, per_iteration)
    instructions = whole(streams, compiled_instructions(locality))
    hand = mean_of_views([whole(streams, locality.cycles), total, instructions])
    hot = _hottest(streams, cost)
    each = np.log2(operations(locality)[hot])[:, None]
    moves = moves_of(streams, locality.level)
    columns = np.concatenate(
        [
            _loops(streams, hot),
            _work(streams, hot),
            moves.kinds[hot],
            moves.kinds_around[hot],
            _trips_around(streams, locality, hot),
            _sums(streams, locality, moves.carried, hot),
            np.log2(locality.lines[hot, : _LEVELS + 1] * LINE + 1),
            np.log2(locality.traffic[hot] + 2.0**-12) - each,
            np.log2(moves.pages[hot] + 1),
            moves.conflicts[hot][:, None],
            np.log2(moves.largest[hot] + 1)[:, None],
            _hand(locality, hot, each),
            np.log2(np.maximum(total, 1e-9) / np.maximum(cost[hot], 1e-9))[:, None],
            _doubts(streams, hot),
            *_compiled(streams, locality, hot, (total, instructions, hand)),
        ],
        axis=1,
    )
    assert columns.shape[1] == len(structure_names())
    return columns, hand


def _hottest(streams: Streams, cost: Floats) -> Integers:
    """Of every nest the body that costs most, the first of several."""
    if len(streams.of) == streams.nests:
        return streams.of
    costs, first = cost[streams.of], np.zeros(streams.nests, dtype=np.int64)
    most = np.full(streams.nests, -np.inf)
    np.maximum.at(most, streams.nest, costs)
    places = np.flatnonzero(costs == most[streams.nest])[::-1]
    first[streams.nest[places]] = places
    return streams.of[first]


def _loops(streams: Streams, hot: Integers) -> Floats:
    count = sums(streams.nest, np.ones(len(streams.nest)), streams.nests)
    depth = streams.depth[hot].astype(np.float64)
    trips = streams.trips[hot]
    rests = [trips[:, at] % by for at in range(2) for by in (4, 8)]
    return np.column_stack(
        [
            np.log2(np.maximum(streams.executions[hot], 1.0)),
            count,
            depth,
            np.log2(np.maximum(trips[:, :_LEVELS], 0.5)),
            *rests,
        ]
    )


def _work(streams: Streams, hot: Integers) -> Floats:
    rows = np.zeros((len(hot), len(_CLASSES) + 3))
    count = np.bincount(streams.body, minlength=streams.bodies)
    counts = np.array([_counts(work) for work in streams.works], dtype=np.float64)
    rows[:, :-2] = counts[streams.work[hot]]
    rows[:, -2] = count[hot]
    rows[:, -1] = streams.reassociates[hot]
    return rows


@lru_cache(maxsize=1 << 12)
def _counts(work: Work) -> list[float]:
    """Operations by class, and the widest element."""
    by_class = Counter(kind for kind, _ in work.operations)
    return [
        *(float(by_class[kind]) for kind in _CLASSES),
        float(max((element_bits(e) for _, e in work.operations), default=0)),
    ]


def _trips_around(streams: Streams, locality: Locality, hot: Integers) -> Floats:
    """Trips of the loop that vectors are made of and of its neighbours."""
    level = locality.level[hot][:, None] + _AROUND
    inside = (level >= 0) & (level < DEPTH)
    trips = streams.trips[hot[:, None], np.minimum(np.maximum(level, 0), DEPTH - 1)]
    return np.where(inside, np.log2(np.maximum(trips, 0.5)), 0.0)


def _sums(streams: Streams, locality: Locality, carried: Floats, hot: Integers) -> Floats:
    """Which inner loops make the same number of rounds every time, and which carry a sum; the size of the unrolled body."""
    level = locality.level[hot]
    within = np.where(level > 0, streams.rounds_within[hot, level - 1], 1.0)
    sizes = 1 + within * (streams.operations + streams.accesses)[hot]
    rows = np.empty((len(hot), 2 * STEPS + 4))
    rows[:, :STEPS] = streams.constant[hot, :STEPS]
    rows[:, STEPS : 2 * STEPS] = carried[hot]
    rows[:, -4] = [math.log2(size) for size in sizes.tolist()]
    rows[:, -3] = streams.copies[hot]
    rows[:, -2] = np.array([_whole(work) for work in streams.works])[streams.work[hot]]
    rows[:, -1] = [math.log2(size) for size in streams.largest[hot].tolist()]
    return rows


@lru_cache(maxsize=1 << 12)
def _whole(work: Work) -> float:
    """Whether all arithmetic is on whole numbers."""
    return float(all(not is_float(element) for kind, element in work.operations if kind not in _MOVES))


def _hand(locality: Locality, hot: Integers, each: Floats) -> Floats:
    parts = (locality.work, locality.overhead, locality.memory, locality.cycles)
    logs = np.log2(np.array(parts)[:, hot] + 2.0**-10) - each.T
    plain = [locality.chain[hot], locality.lanes[hot], locality.packed[hot], locality.level[hot]]
    return np.concatenate([np.array(plain, dtype=np.float64), logs]).T


def _compiled(streams: Streams, locality: Locality, hot: Integers, costs: Sequence[Floats]) -> list[Floats]:
    """The hottest body as compiled, and written; then what all bodies cost together, per arithmetic operation."""
    done = np.log2(np.maximum(operations_executed(streams, locality), 1e-3))
    return [
        codegen(locality.codes, hot),
        codegen(locality.as_written, hot)[:, _SAME:],
        (np.log2(np.array(costs) + 1e-3) - done).T,
    ]


def operations_executed(streams: Streams, locality: Locality) -> Floats:
    """Arithmetic operations of every nest: what all schedules of a kernel have in common."""
    return whole(streams, locality.codes.operations)


def _doubts(streams: Streams, hot: Integers) -> Floats:
    unknown = streams.per_body(1 - streams.known)
    return np.stack([streams.doubts[hot].astype(np.float64), unknown[hot]], axis=1)

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
from costmodel.features.streams import DEPTH, LINE, Floats, Integers, Streams, pick, sums
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import OpClass, element_bits, is_float

_LEVELS = 6
_STEPS = 4
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
_AROUND = (-1, 0, 1)
_MOVES = (OpClass.LOAD, OpClass.STORE, OpClass.LOOP)
_SAME = 2
"""Columns of a compiled body that are the same as written."""
_KINDS = ("still", "unit", "near", "far")


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
        *(f"{what} {kind} at {at}" for at in range(_STEPS) for what in ("loads", "stores") for kind in _KINDS),
        *(f"{what} {kind} at vector{at:+}" for at in _AROUND for what in ("loads", "stores") for kind in _KINDS),
        *(f"trip at vector{at:+}" for at in _AROUND),
        *(f"constant[{at}]" for at in range(_STEPS)),
        *(f"sum carried at {at}" for at in range(_STEPS)),
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
    columns = np.concatenate(
        [
            _loops(streams, hot),
            _work(streams, hot),
            _kinds(streams, streams.steps[:, :_STEPS])[hot],
            _around(streams, locality)[hot],
            _sums(streams, locality, hot),
            np.log2(locality.lines[hot, : _LEVELS + 1] * LINE + 1),
            np.log2(locality.traffic[hot] + 2.0**-12) - each,
            _pages(streams)[hot],
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


def _kinds(streams: Streams, steps: Floats) -> Floats:
    """Loads and stores by how they move: still, by what they hold, within a line, further; for each column of steps."""
    run = (streams.size * np.maximum(streams.members, 1.0))[:, None]
    kind: Integers = np.where(steps == 0, 0, np.where(steps <= run, 1, np.where(steps < LINE, 2, 3)))
    bodies, wide = streams.bodies, steps.shape[1]
    column: Integers = np.arange(wide, dtype=np.int64)
    cell: Integers = (streams.body[:, None] * wide + column) * 8 + kind
    cells = np.concatenate([cell, cell + 4])
    amounts = np.repeat(np.concatenate([streams.loads, streams.stores]), wide)
    return sums(cells, amounts, bodies * wide * 8).reshape(bodies, wide * 8)


def _around(streams: Streams, locality: Locality) -> Floats:
    """The same for the loop that vectors are made of and its neighbours; then their trips."""
    level = locality.level[:, None] + np.array(_AROUND)
    inside, place = (level >= 0) & (level < DEPTH), np.minimum(np.maximum(level, 0), DEPTH - 1)
    steps = np.take_along_axis(streams.steps, place[streams.body], axis=1)
    trips = np.take_along_axis(streams.trips, place, axis=1)
    around = np.where(inside, np.log2(np.maximum(trips, 0.5)), 0.0)
    return np.concatenate([_kinds(streams, np.where(inside[streams.body], steps, 0.0)), around], axis=1)


def _sums(streams: Streams, locality: Locality, hot: Integers) -> Floats:
    """Which inner loops make the same number of rounds every time, and which carry a sum; the size of the unrolled body."""
    both = (streams.loads > 0) & (streams.stores > 0)
    carried = np.zeros((streams.bodies, _STEPS))
    np.maximum.at(carried, streams.body, (both[:, None] & (streams.strides[:, :_STEPS] == 0)).astype(float))
    rounds: Floats = np.cumprod(streams.trips, axis=1, dtype=np.float64)
    within = pick(np.concatenate([np.ones((len(rounds), 1)), rounds], axis=1), locality.level)
    sizes = 1 + within[hot] * (streams.operations + streams.accesses)[hot]
    rows = np.empty((len(hot), 2 * _STEPS + 4))
    rows[:, :_STEPS] = streams.constant[hot, :_STEPS]
    rows[:, _STEPS : 2 * _STEPS] = carried[hot]
    rows[:, -4] = [math.log2(size) for size in sizes.tolist()]
    rows[:, -3] = streams.copies[hot]
    rows[:, -2] = np.array([_whole(work) for work in streams.works])[streams.work[hot]]
    rows[:, -1] = [math.log2(size) for size in streams.largest[hot].tolist()]
    return rows


@lru_cache(maxsize=1 << 12)
def _whole(work: Work) -> float:
    """Whether all arithmetic is on whole numbers."""
    return float(all(not is_float(element) for kind, element in work.operations if kind not in _MOVES))


def _pages(streams: Streams) -> Floats:
    """Distinct pages of 4 KiB that the innermost 1, 2 and 3 loops visit, as a logarithm; then conflicts and the largest stride."""
    step, trips = streams.steps[:, :3], streams.rounds[:, :3]
    pages: Floats = np.cumprod(np.maximum(trips * np.minimum(step / 4096, 1.0), 1.0), axis=1, dtype=np.float64)
    cells = streams.body[:, None] * 3 + np.arange(3)
    visited = np.log2(sums(cells, pages, 3 * streams.bodies).reshape(-1, 3) + 1)
    aliased = (step >= 1024) & (step % 1024 == 0) & (trips > 8)
    conflicts, largest = streams.per_body(aliased.any(axis=1).astype(np.float64)), np.zeros(streams.bodies)
    np.maximum.at(largest, streams.body, np.log2(step[:, 0] + 1))
    return np.concatenate([visited, conflicts[:, None], largest[:, None]], axis=1)


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

"""Columns of numbers for a loop nest: its hottest body in detail, and what all bodies together cost by the hand model.

Everything is a logarithm to base 2 or a small count, per iteration where that makes sense: a column means the same for a nest a
thousand times longer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.features.locality import CAPACITIES, Locality
from costmodel.features.streams import DEPTH, LINE, Floats, Streams
from costmodel.tokens.vocabulary import OpClass, element_bits

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
_KINDS = ("still", "unit", "near", "far")


def structure_names() -> list[str]:
    """The columns of `structure`, in order."""
    return [
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
    ]


def structure(streams: Streams, locality: Locality) -> Floats:
    """One row a nest."""
    cost = np.maximum(streams.executions, 1.0) * locality.cycles
    total = np.zeros(streams.nests)
    np.add.at(total, streams.nest, cost)
    hot = _hottest(streams, cost)
    columns = np.concatenate(
        [
            _loops(streams, hot),
            _work(streams, hot),
            _steps(streams)[hot],
            np.log2(locality.lines[hot, : _LEVELS + 1] * LINE + 1),
            np.log2(locality.traffic[hot] + 2.0**-12),
            _pages(streams)[hot],
            _hand(streams, locality, hot),
            np.log2(total / np.maximum(cost[hot], 1e-9))[:, None],
            _doubts(streams, hot),
        ],
        axis=1,
    )
    assert columns.shape[1] == len(structure_names())
    return columns


def _hottest(streams: Streams, cost: Floats) -> Sequence[int]:
    best: dict[int, int] = {}
    for at, (nest, value) in enumerate(zip(streams.nest.tolist(), cost.tolist(), strict=True)):
        if nest not in best or value > cost[best[nest]]:
            best[nest] = at
    return [best[nest] for nest in range(streams.nests)]


def _loops(streams: Streams, hot: Sequence[int]) -> Floats:
    count = np.zeros(streams.nests)
    np.add.at(count, streams.nest, 1.0)
    depth = np.array([len(streams.bodies[at].path) for at in hot], dtype=np.float64)
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


def _work(streams: Streams, hot: Sequence[int]) -> Floats:
    rows = np.zeros((len(hot), len(_CLASSES) + 3))
    place = {kind: at for at, kind in enumerate(_CLASSES)}
    for row, at in enumerate(hot):
        body = streams.bodies[at]
        for kind, _ in body.work:
            if kind in place:
                rows[row, place[kind]] += 1
        rows[row, -3] = max((element_bits(element) for _, element in body.work), default=0)
        rows[row, -2] = len({(a.base, a.strides) for a in body.accesses})
        rows[row, -1] = body.reassociates
    return rows


def _steps(streams: Streams) -> Floats:
    """How many loads and stores stand still, move by an element, within a line, or further, per step of each inner loop."""
    columns: list[Floats] = []
    for at in range(_STEPS):
        step = np.abs(streams.strides[:, at])
        still, unit = step == 0, step == streams.element
        near = ~still & ~unit & (step < LINE)
        far = step >= np.maximum(LINE, streams.element + 1)
        for amount in (streams.loads, streams.stores):
            for kind in (still, unit, near, far):
                column = np.zeros(len(streams.nest))
                np.add.at(column, streams.body, amount * kind)
                columns.append(column)
    return np.stack(columns, axis=1)


def _pages(streams: Streams) -> Floats:
    """Distinct pages of 4 KiB that the innermost 1, 2 and 3 loops visit, as a logarithm; then conflicts and the largest stride."""
    columns: list[Floats] = []
    pages = np.ones(len(streams.body))
    trips = streams.trips[streams.body]
    for at in range(3):
        step = np.abs(streams.strides[:, at])
        pages = pages * np.clip(trips[:, at] * np.minimum(step / 4096, 1.0), 1.0, None)
        column = np.zeros(len(streams.nest))
        np.add.at(column, streams.body, pages)
        columns.append(np.log2(column + 1))
    step = np.abs(streams.strides[:, :3])
    aliased = (step >= 1024) & (step % 1024 == 0) & (trips[:, :3] > 8)
    conflicts, largest = np.zeros(len(streams.nest)), np.zeros(len(streams.nest))
    np.add.at(conflicts, streams.body, aliased.any(axis=1).astype(float))
    np.maximum.at(largest, streams.body, np.log2(step[:, 0] + 1))
    return np.stack([*columns, conflicts, largest], axis=1)


def _hand(streams: Streams, locality: Locality, hot: Sequence[int]) -> Floats:
    parts = (locality.work, locality.overhead, locality.memory, locality.cycles)
    logs = [np.log2(part[hot] + 2.0**-10) for part in parts]
    return np.stack(
        [locality.chain[hot], locality.lanes[hot], locality.packed[hot], locality.level[hot].astype(np.float64), *logs],
        axis=1,
    )


def _doubts(streams: Streams, hot: Sequence[int]) -> Floats:
    unknown = np.zeros(len(streams.nest))
    np.add.at(unknown, streams.body, 1 - streams.known)
    bounds = [float(sum(not loop.known for loop in streams.bodies[at].path[:DEPTH])) for at in hot]
    return np.column_stack([bounds, unknown[hot]])

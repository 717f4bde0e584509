"""The hand model: what a loop nest costs, by arithmetic alone. The rival of everything that is learned, and its base.

1. *Footprint*: lines that the innermost l loops touch. Per stream, strides in ascending order: one that is no longer than what is
   already touched in one run (or than a line) lengthens the run; a longer one multiplies runs.
2. *Traffic* for a cache of C bytes: the largest l whose footprint fits keeps its data between two rounds of the loop around it, so
   that loop touches each of its lines once; every loop further out repeats it all.
3. *Cost* of an iteration: instructions by their throughput (a vector's worth at once where the innermost loop moves by unit steps),
   the latency of a sum carried by the innermost loop, loop overhead, and lines x what a line costs from the next cache.

Method: the reuse-distance folklore of loop tiling (Wolf and Lam 1991, A Data Locality Optimizing Algorithm, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.features.streams import DEPTH, LINE, Floats, Streams
from costmodel.tokens.vocabulary import OpClass, is_float

CAPACITIES = (16e3, 32e3, 128e3, 512e3, 1.5e6, 6e6, 24e6)
"""Bytes for which traffic is computed."""
_L1, _L2, _L3 = 1, 4, 6
_LINE_COST = (4.0, 8.0, 24.0)
"""Cycles a line costs from the second cache, the third, and memory, when hardware fetches ahead."""
_JUMP = 1.6
"""How much dearer a line is in an order that is not fetched ahead."""
VECTOR_BYTES = 32.0
_COST = {
    OpClass.DIV: 5.0,
    OpClass.SQRT: 6.0,
    OpClass.MATH: 40.0,
    OpClass.CALL: 30.0,
    OpClass.LOAD: 0.5,
    OpClass.STORE: 1.0,
    OpClass.ATOMIC: 20.0,
    OpClass.IF: 2.0,
    OpClass.LOOP: 2.0,
}
_ADDS = (OpClass.ADD, OpClass.FMA, OpClass.MINMAX)


@dataclass(frozen=True, slots=True)
class Locality:
    """Per body: lines by level, lines per iteration by capacity, and the parts of the hand model in cycles per iteration."""

    lines: Floats
    by_stream: Floats
    traffic: Floats
    work: Floats
    chain: Floats
    vector: Floats
    overhead: Floats
    memory: Floats

    @property
    def cycles(self) -> Floats:
        """Cycles per iteration of each body."""
        return np.maximum(self.work / self.vector, self.chain) + self.overhead + self.memory


def locality_of(streams: Streams) -> Locality:
    """The hand model of every body."""
    by_stream = _footprints(streams)
    lines = np.zeros((len(streams.nest), DEPTH + 1))
    np.add.at(lines, streams.body, by_stream)
    traffic = np.stack([_traffic(streams, by_stream, lines, capacity) for capacity in CAPACITIES], axis=1)
    work, sums = _work(streams)
    free = np.array([body.reassociates for body in streams.bodies], dtype=np.float64)
    carried = _carried(streams) * sums
    vector = _vector(streams, carried * (1 - free))
    jump = np.ones(len(streams.nest))
    far = (np.abs(streams.strides[:, 0]) >= 2 * LINE).astype(float)
    np.maximum.at(jump, streams.body, 1 + (_JUMP - 1) * far)
    memory = sum(traffic[:, at] * cost for at, cost in zip((_L1, _L2, _L3), _LINE_COST, strict=True)) * jump
    inner = np.maximum(np.cumprod(streams.trips, axis=1), 1.0)
    real = np.arange(DEPTH) < np.array([[len(body.path)] for body in streams.bodies])
    overhead = (real * (np.array([1.0] + [4.0] * (DEPTH - 1)) / inner)).sum(axis=1)
    return Locality(
        lines, by_stream, traffic, work, carried * np.where(free > 0, 0.25, 4.0), vector, overhead, np.asarray(memory)
    )


def hand_cycles(streams: Streams, locality: Locality) -> Floats:
    """The hand model's cycles of every nest."""
    total = np.zeros(streams.nests)
    np.add.at(total, streams.nest, np.maximum(streams.executions, 1.0) * locality.cycles)
    return total + 1.0


def _footprints(streams: Streams) -> Floats:
    """Lines that the innermost l loops touch, l = 0 … DEPTH, for every stream."""
    order = np.argsort(np.abs(streams.strides), axis=1, kind="stable")
    strides = np.abs(np.take_along_axis(streams.strides, order, axis=1))
    trips = np.take_along_axis(streams.trips[streams.body], order, axis=1)
    levels = np.arange(DEPTH + 1)[None, :]
    several = np.maximum(streams.members - 1, 1)
    near = (streams.spread / several <= 4 * LINE)[:, None]
    run = np.repeat((streams.element * streams.lanes)[:, None], DEPTH + 1, axis=1) + np.where(
        near, streams.spread[:, None], 0.0
    )
    runs = np.where(near, 1.0, np.minimum(streams.members, 16.0)[:, None]) * np.ones((1, DEPTH + 1))
    for at in range(DEPTH):
        stride, trip = strides[:, at : at + 1], np.where(order[:, at : at + 1] < levels, trips[:, at : at + 1], 1.0)
        moves = (stride > 0) & (trip > 1)
        longer = moves & (stride <= np.maximum(run, LINE))
        run = np.where(longer, stride * (trip - 1) + run, run)
        runs = np.where(moves & ~longer, runs * trip, runs)
    whole = np.maximum(streams.total / LINE, 1.0)[:, None]
    return np.minimum(runs * np.maximum(run / LINE, 1.0), whole + 1)


def _traffic(streams: Streams, by_stream: Floats, lines: Floats, capacity: float) -> Floats:
    """Lines per iteration that come from beyond a cache of `capacity` bytes, for every body."""
    if not len(streams.body):
        return np.zeros(len(streams.nest))
    fits = (lines * LINE <= capacity).cumprod(axis=1).sum(axis=1) - 1
    level = np.clip(fits + 1, 0, DEPTH)
    inner = np.concatenate([np.ones((len(lines), 1)), np.cumprod(streams.trips, axis=1)], axis=1)
    inside = np.maximum(np.take_along_axis(inner, level[:, None], axis=1)[:, 0], 1e-3)
    touched = np.take_along_axis(by_stream, level[streams.body][:, None], axis=1)[:, 0]
    all_fit = fits >= DEPTH
    total = np.zeros(len(streams.nest))
    np.add.at(total, streams.body, touched)
    return np.where(all_fit, 0.02, 1.0) * total / np.maximum(inside, 1.0)


def _work(streams: Streams) -> tuple[Floats, Floats]:
    """Throughput cycles of an iteration, and the floating-point sums in it."""
    work, sums = np.zeros(len(streams.nest)), np.zeros(len(streams.nest))
    for at, body in enumerate(streams.bodies):
        for kind, element in body.work:
            work[at] += _COST.get(kind, 0.5)
            sums[at] += kind in _ADDS and is_float(element)
    return work, np.minimum(sums, 1.0)


def _carried(streams: Streams) -> Floats:
    """1 where an iteration of the innermost loop reads what the one before it wrote (a sum)."""
    carried = np.zeros(len(streams.nest))
    still = (streams.strides[:, 0] == 0) & (streams.stores > 0) & (streams.loads > 0)
    np.maximum.at(carried, streams.body, still.astype(float))
    return carried * (streams.trips[:, 0] > 1)


def _vector(streams: Streams, carried: Floats) -> Floats:
    """Iterations that run at once: all innermost steps are 0 or one element, and no sum is carried."""
    good = np.ones(len(streams.nest))
    step = np.abs(streams.strides[:, 0])
    sums = carried[streams.body] == 0
    fine = (step == 0) & ((streams.stores == 0) | (streams.loads > 0) & sums) | (step == streams.element)
    np.minimum.at(good, streams.body, fine.astype(float))
    element = np.ones(len(streams.nest))
    np.maximum.at(element, streams.body, streams.element)
    wide = np.minimum(VECTOR_BYTES / element, np.maximum(streams.trips[:, 0], 1.0))
    return np.where((good > 0) & (carried == 0), np.maximum(wide, 1.0), 1.0)

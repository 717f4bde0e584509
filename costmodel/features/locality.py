"""The hand model: what a loop nest costs, by arithmetic alone. The rival of everything that is learned, and its base.

1. *Footprint*: lines that the innermost l loops touch. Per stream, strides in ascending order: one that is no longer than what is
   already touched in one run (or than a line) lengthens the run; a longer one multiplies runs.
2. *Traffic* for a cache of C bytes: the largest l whose footprint fits keeps its data between two rounds of the loop around it, so
   that loop touches each of its lines once; every loop further out repeats it all.
3. *Shape of the code*: a compiler unrolls short inner loops as a whole; the loop around them is the one it makes vectors of, if every
   access there stands still, moves by one element, or (dearer) is gathered.
4. *Cost* of an iteration: arithmetic and accesses by their throughput, those that stand still once; the latency of a sum carried by the
   loop; loop overhead; and lines x what a line costs from the next cache.

Method: the reuse-distance folklore of loop tiling (Wolf and Lam 1991, A Data Locality Optimizing Algorithm, section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor

import numpy as np

from costmodel.features.codegen import ADDS, COST, Code, codes_of
from costmodel.features.footprints import footprints, traffic_of
from costmodel.features.streams import DEPTH, LINE, Flags, Floats, Integers, Streams, sums
from costmodel.scalar import native
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import is_float

CAPACITIES = (16e3, 32e3, 128e3, 512e3, 1.5e6, 6e6, 24e6)
"""Bytes for which traffic is computed."""
_CAPACITIES = np.array(CAPACITIES)
_L1, _L2, _L3 = 1, 3, 6
_BEYOND_L1, _BEYOND_L2, _BEYOND_L3 = 4.0, 10.0, 24.0
"""Cycles a line costs from the second cache, the third, and memory, when hardware fetches ahead."""
_CACHES = len(CAPACITIES)
_JUMP = 1.6
"""How much dearer a line is in an order that is not fetched ahead."""
VECTOR_BYTES = 32.0
_UNROLLED = 200.0
"""Operations that a compiler unrolls a loop into at most."""
_ADDRESS = 1.5
"""Operations that the address of an access counts for when a compiler weighs unrolling."""
_SHORT = 12.0
"""Rounds below which a loop is not made vectors of."""
_ENTRY, _VECTOR_ENTRY, _ROUND = 3.0, 8.0, 1.0
"""Cycles to enter a loop, one made of vectors, and to go round one."""


@dataclass(frozen=True, slots=True)
class Locality:
    """Per body: lines by level, lines per iteration by capacity, and the parts of the hand model in cycles per iteration.

    `level` is the loop that vectors are made of (0 the innermost), `carried` 1 where that loop carries a sum.
    """

    lines: Floats
    traffic: Floats
    level: Integers
    lanes: Floats
    packed: Floats
    work: Floats
    chain: Floats
    overhead: Floats
    memory: Floats
    codes: Code
    as_written: Code
    """The same body by a compiler that unrolls, and by one that does not."""

    @property
    def cycles(self) -> Floats:
        """Cycles per iteration of each body."""
        return np.maximum(self.work, self.chain) + self.overhead + self.memory


def locality_of(streams: Streams) -> Locality:
    """The hand model of every body."""
    lines, traffic = traffic_of(streams, footprints(streams), _CAPACITIES)
    arithmetic = np.array([_throughput(work) for work in streams.works], dtype=np.float64)[streams.work]
    level, rows = np.empty(streams.bodies, dtype=np.int64), np.empty((6, streams.bodies))
    bodies = (
        streams.depth,
        streams.constant,
        streams.trips,
        streams.rounds_within,
        streams.operations,
        streams.accesses,
    )
    each = (streams.strides, streams.steps, streams.rounds, streams.size, streams.spread, streams.element)
    counts = (streams.members, streams.loads, streams.stores)
    said = (arithmetic, streams.reassociates, traffic)
    _model(streams.bodies, streams.begins, *bodies, *each, *counts, *said, np.empty(DEPTH), level, rows)
    lanes, packed, work, chain, overhead, memory = rows
    return Locality(lines, traffic, level, lanes, packed, work, chain, overhead, memory, *codes_of(streams))


@native
def _model(
    bodies: int,
    begins: Integers,
    depth: Integers,
    constant: Flags,
    trips: Floats,
    rounds_within: Floats,
    operations: Floats,
    accesses: Floats,
    strides: Floats,
    steps: Floats,
    rounds: Floats,
    size: Floats,
    spread: Floats,
    element: Floats,
    members: Floats,
    loads: Floats,
    stores: Floats,
    arithmetic: Floats,
    reassociates: Floats,
    traffic: Floats,
    parts: Floats,
    level: Integers,
    rows: Floats,
) -> None:
    """Throughput and latency of an iteration, as the innermost loop makes them that is not unrolled as a whole; then loops and lines."""
    for body in range(bodies):
        weight = operations[body] + _ADDRESS * accesses[body] + 3.0
        last = depth[body] - 1 if depth[body] < DEPTH else DEPTH - 1
        here = 0
        while (
            here < last
            and rounds_within[body * DEPTH + here] * weight <= _UNROLLED
            and constant[body * DEPTH + here] != 0
        ):
            here += 1
        level[body] = here
        scalar, smooth, rough, widest, jump = 0.0, 0.0, 0.0, 1.0, 1.0
        carried, between, packed, rough_stores = 0.0, 1.0, 0.0, 0.0
        for stream in range(begins[body], begins[body + 1]):
            own = stream * DEPTH
            near = spread[stream] + element[stream] if spread[stream] < LINE else element[stream]
            run = size[stream] if size[stream] > near else near
            once, apart, packs = 1.0, 1.0, 0.0
            for loop in range(here + 1):
                trip = float(rounds[own + loop])
                still = strides[own + loop] == 0.0
                once = once * (1.0 / (trip if trip > 1.0 else 1.0)) if still else once
                apart = apart * trip if loop < here and not still else apart
                packs = 1.0 if loop < here and steps[own + loop] == run and trip >= 4.0 else packs
            apart = apart * (members[stream] if members[stream] > 1.0 else 1.0)
            unit = steps[own + here] <= run or (packs > 0.0 and stores[stream] > 0.0)
            loaded, stored = loads[stream] * once, stores[stream] * once
            each = 0.5 * loaded + stored
            scalar += each
            smooth += each if unit else 0.0
            rough += 0.0 if unit else 1.2 * loaded + 1.5 * stored
            widest = element[stream] if element[stream] > widest else widest
            jump = _JUMP if steps[own + here] >= 2.0 * LINE else jump
            if stores[stream] > 0.0:
                packed = 1.0 if packs > 0.0 else packed
                rough_stores = rough_stores if unit else 1.0
                if loads[stream] > 0.0 and strides[own + here] == 0.0:
                    carried = 1.0
                    between = apart if apart > between else between
        wide = VECTOR_BYTES / widest
        trip = float(trips[body * DEPTH + here])
        carried = carried if trip > 1.0 else 0.0
        trip = trip if trip > 1.0 else 1.0
        cost, adds, real = float(arithmetic[body * 3]), arithmetic[body * 3 + 1], arithmetic[body * 3 + 2]
        filled = trip / (floor(trip / wide) + trip % wide) if trip >= wide else 1.0
        free = reassociates[body] if reassociates[body] > 1.0 - real else 1.0 - real
        possible = carried * adds * (1.0 - free) == 0.0 and rough_stores == 0.0 and trip >= _SHORT
        lanes = filled if possible and filled > 1.0 else 1.0
        packing = 0.6 * wide if packed > 0.0 else 1.0
        lanes = packing if packing > lanes else lanes
        vector, plain = cost / lanes + smooth / lanes + rough, cost + scalar
        lanes = lanes if vector < plain and lanes > 1.0 else 1.0
        latency = 4.0 if real * (1.0 - reassociates[body]) > 0.0 else 2.0 / lanes
        rows[body] = lanes
        rows[bodies + body] = packed
        rows[2 * bodies + body] = vector if lanes > 1.0 else plain
        rows[3 * bodies + body] = carried * adds * latency / between / (lanes if packed > 0.0 else 1.0)
        rows[4 * bodies + body] = _overhead(body, here, depth, trips, lanes, parts)
        lines = traffic[body * _CACHES + _L1] * _BEYOND_L1 + traffic[body * _CACHES + _L2] * _BEYOND_L2
        rows[5 * bodies + body] = (lines + traffic[body * _CACHES + _L3] * _BEYOND_L3) * jump


def _overhead(body: int, level: int, depth: Integers, trips: Floats, lanes: float, parts: Floats) -> float:
    """Cycles per iteration for entering and going round loops."""
    rounds = 1.0
    for loop in range(DEPTH):
        before = rounds if rounds > 1.0 else 1.0
        trip = float(trips[body * DEPTH + loop])
        rounds = rounds * (trip if trip > 1e-3 else 1e-3)
        after = rounds if rounds > 1.0 else 1.0
        entry = (_VECTOR_ENTRY if lanes > 1.0 else _ENTRY) if loop == level else _ENTRY
        around = loop >= level and loop < depth[body]
        parts[loop] = _ROUND / (lanes if loop == level else 1.0) / before + entry / after if around else 0.0
    first = (parts[0] + parts[1]) + (parts[2] + parts[3])
    return first + ((parts[4] + parts[5]) + (parts[6] + parts[7])) + parts[8] + parts[9]


@lru_cache(maxsize=1 << 12)
def _throughput(work: Work) -> tuple[float, float, float]:
    """The same for the operations of one iteration; alternatives repeat them."""
    sums = [is_float(element) for kind, element in work.operations if kind in ADDS]
    return sum((COST.get(kind, 0.5) for kind, _ in work.operations), 0.0), float(bool(sums)), float(any(sums))


def hand_cycles(streams: Streams, locality: Locality) -> Floats:
    """The hand model's cycles of every nest: three views of it err in different ways, and their geometric mean the least."""
    return mean_of_views(
        [whole(streams, view) for view in (locality.cycles, compiled_cycles(locality), compiled_instructions(locality))]
    )


def mean_of_views(views: Sequence[Floats]) -> Floats:
    """The geometric mean of what the three views of the hand model say of every nest."""
    first, second, third = np.log(np.array(views) + 1.0)
    return np.exp((first + second + third) / 3)


def whole(streams: Streams, per_iteration: Floats) -> Floats:
    """Of every nest, the sum over its bodies of an amount per iteration."""
    return sums(streams.nest, (np.maximum(streams.executions, 1e-3) * per_iteration)[streams.of], streams.nests)


def operations(locality: Locality) -> Floats:
    """Arithmetic of an iteration of each body, at least 1."""
    return np.maximum(locality.codes.operations, 1.0)


def compiled_cycles(locality: Locality) -> Floats:
    """Cycles of an iteration of each body as compiled."""
    return locality.codes.cycles * operations(locality) + locality.memory


def compiled_instructions(locality: Locality) -> Floats:
    """Instructions of an iteration of each body as compiled."""
    return locality.codes.instructions * operations(locality)

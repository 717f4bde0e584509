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

import numpy as np

from costmodel.features.codegen import ADDS, COST, Code, codes_of
from costmodel.features.footprints import footprints, traffic_of
from costmodel.features.streams import DEPTH, LINE, Flags, Floats, Integers, Streams, most, pick, sums
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import OpClass, is_float

CAPACITIES = (16e3, 32e3, 128e3, 512e3, 1.5e6, 6e6, 24e6)
"""Bytes for which traffic is computed."""
_CAPACITIES = np.array(CAPACITIES)
_COLUMNS = np.arange(DEPTH)
_L1, _L2, _L3 = 1, 3, 6
_LINE_COST = (4.0, 10.0, 24.0)
"""Cycles a line costs from the second cache, the third, and memory, when hardware fetches ahead."""
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
_UNVECTORED = (OpClass.MATH, OpClass.CALL, OpClass.IF)


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
    level = _vector_level(streams)
    code = _code(streams, level)
    far = pick(streams.steps, level[streams.body]) >= 2 * LINE
    jump = most(streams.body, np.where(far, _JUMP, 1.0), streams.bodies, 1.0)
    near, middle, memory = (traffic[:, at] * cost for at, cost in zip((_L1, _L2, _L3), _LINE_COST, strict=True))
    return Locality(
        lines,
        traffic,
        level,
        code.lanes,
        code.packed,
        code.work,
        code.chain,
        _overhead(streams, level, code.lanes),
        (near + middle + memory) * jump,
        *codes_of(streams),
    )


def _vector_level(streams: Streams) -> Integers:
    """The innermost loop that is not unrolled as a whole."""
    size = streams.operations + _ADDRESS * streams.accesses + 3.0
    whole = (streams.rounds_within * size[:, None] <= _UNROLLED) & streams.constant
    short = np.logical_and.accumulate(whole, axis=1).sum(axis=1)
    return np.minimum(short, np.minimum(np.maximum(streams.depth - 1, 0), DEPTH - 1))


@dataclass(frozen=True, slots=True)
class _Code:
    lanes: Floats
    packed: Floats
    work: Floats
    chain: Floats


def _code(streams: Streams, level: Integers) -> _Code:
    """Throughput and latency of an iteration, as the loop at `level` makes them."""
    arithmetic, adds, whole = _arithmetic(streams)
    here = level[streams.body]
    trips, stores_any = streams.rounds, streams.stores > 0
    still = streams.strides == 0
    inside = here[:, None] > _COLUMNS
    once = np.where((here[:, None] >= _COLUMNS) & still, 1 / np.maximum(trips, 1.0), 1.0).prod(axis=1)
    step = pick(streams.steps, here)
    run = np.maximum(
        streams.size,
        np.where(streams.spread < LINE, streams.spread + streams.element, streams.element),
    )
    packed = ((streams.steps == run[:, None]) & inside & (trips >= 4)).any(axis=1)
    unit = (step <= run) | (packed & stores_any)
    loads, stores = streams.loads * once, streams.stores * once
    each = 0.5 * loads + stores
    scalar, smooth = streams.per_body(each), streams.per_body(np.where(unit, each, 0.0))
    rough = streams.per_body(np.where(unit, 0.0, 1.2 * loads + 1.5 * stores))
    wide = VECTOR_BYTES / most(streams.body, streams.element, streams.bodies, 1.0)
    rounds = np.maximum(pick(streams.trips, level), 1.0)
    filled = np.where(rounds >= wide, rounds / (np.floor(rounds / wide) + rounds % wide), 1.0)
    free = streams.reassociates
    carried, between = _carried(streams, level, here, ~still & inside)
    bound = carried * adds * (1 - np.maximum(free, 1 - whole))
    any_packed = most(streams.body, packed & stores_any, streams.bodies, 0.0)
    rough_stores = most(streams.body, stores_any & ~unit, streams.bodies, 0.0)
    possible = (bound == 0) & (rough_stores == 0) & (rounds >= _SHORT)
    lanes = np.where(possible, np.maximum(filled, 1.0), 1.0)
    lanes = np.maximum(lanes, np.where(any_packed > 0, 0.6 * wide, 1.0))
    vector = arithmetic / lanes + smooth / lanes + rough
    plain = arithmetic + scalar
    taken = np.where((vector < plain) & (lanes > 1), lanes, 1.0)
    latency = np.where(whole * (1 - free) > 0, 4.0, 2.0 / taken)
    chain = carried * adds * latency / np.maximum(between, 1.0) / np.where(any_packed > 0, taken, 1.0)
    return _Code(taken, any_packed, np.where(taken > 1, vector, plain), chain)


def _arithmetic(streams: Streams) -> tuple[Floats, Floats, Floats]:
    """Throughput cycles of the arithmetic of an iteration; whether it sums; whether what it sums is floating-point."""
    rows = np.array([_throughput(work) for work in streams.works], dtype=np.float64)[streams.work]
    return rows[:, 0], rows[:, 1], rows[:, 2]


@lru_cache(maxsize=1 << 12)
def _throughput(work: Work) -> tuple[float, float, float]:
    """The same for the operations of one iteration; alternatives repeat them."""
    sums = [is_float(element) for kind, element in work.operations if kind in ADDS]
    return sum((COST.get(kind, 0.5) for kind, _ in work.operations), 0.0), float(bool(sums)), float(any(sums))


def _carried(streams: Streams, level: Integers, here: Integers, moves: Flags) -> tuple[Floats, Floats]:
    """Whether the loop at `level` (`here`: a stream's) reads what its last round wrote, and how many independent sums its inner loops give,
    of which those that `moves` move a stream."""
    still = (streams.stores > 0) & (streams.loads > 0) & (pick(streams.strides, here) == 0)
    apart = np.where(moves, streams.rounds, 1.0).prod(axis=1) * np.maximum(streams.members, 1.0)
    carried = most(streams.body, still, streams.bodies, 0.0)
    between = most(streams.body, np.where(still, apart, 1.0), streams.bodies, 1.0)
    return carried * (pick(streams.trips, level) > 1), between


def _overhead(streams: Streams, level: Integers, lanes: Floats) -> Floats:
    """Cycles per iteration for entering and going round loops."""
    rounds = np.ones((len(level), DEPTH + 1))
    np.multiply.accumulate(np.maximum(streams.trips, 1e-3), axis=1, out=rounds[:, 1:])
    at = level[:, None]
    around, here = (at <= _COLUMNS) & (streams.depth[:, None] > _COLUMNS), at == _COLUMNS
    going = np.where(around, _ROUND / np.where(here, lanes[:, None], 1.0), 0.0) / np.maximum(rounds[:, :-1], 1.0)
    entry = np.where(lanes > 1, _VECTOR_ENTRY, _ENTRY)[:, None]
    entering = np.where(around, np.where(here, entry, _ENTRY), 0.0) / np.maximum(rounds[:, 1:], 1.0)
    return (going + entering).sum(axis=1)


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

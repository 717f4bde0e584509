"""What a compiler makes of the innermost loops of a body: vectors or none, registers for sums; in instructions and cycles.

Everything is counted per *arithmetic operation*, which all schedules of a kernel execute equally often, however often their bodies are
written out; a count per iteration is not.

1. A *round* (`unrolled.py`): the innermost loop that is left, and the addresses it accesses.
2. *Loop vectors*, unless the loop carries a strict floating-point sum: accesses that stand still, follow each other, interleave, or are
   gathered. Whether the compiler makes them is decided by its costs (`believed`), what they are worth by the machine's.
3. *Packing* of what a round writes to neighbours, where the loop itself gives no vectors.
4. *Instructions, cycles and chains* of what was chosen, with the rest of a trip that fills no vector.

Thresholds are LLVM's (LoopVectorize: TinyTripCountVectorThreshold), costs in round numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from costmodel.features.streams import Floats
from costmodel.features.unrolled import UNROLLED, Group, Round, Stream, constants, round_of, streams_of_body
from costmodel.tokens.nest import Body
from costmodel.tokens.vocabulary import OpClass, is_float

_VECTOR = 32.0
_FEWEST = 16.0
"""Rounds below which a loop with a rest is not made vectors of."""
_WINDOW = 224.0
"""Instructions in flight: how far a core overlaps one chain with the next."""
_REGISTERS = 15.0
_LATENCY = 3.5
"""Cycles of a floating-point addition."""
COST = {
    OpClass.DIV: 5.0,
    OpClass.SQRT: 6.0,
    OpClass.MATH: 40.0,
    OpClass.CALL: 30.0,
    OpClass.ATOMIC: 20.0,
    OpClass.IF: 2.0,
    OpClass.LOOP: 0.0,
    OpClass.LOAD: 0.0,
    OpClass.STORE: 0.0,
}
"""Cycles of an operation; half a cycle where nothing is said."""
_COST_COMPILED = {**COST, OpClass.CONSTANT: 0.0}
ADDS = (OpClass.ADD, OpClass.FMA, OpClass.MINMAX)
_CALLS = (OpClass.MATH, OpClass.CALL, OpClass.IF)


class Code(NamedTuple):
    """One body as compiled; `operations` to `level`, ratios, trips and numbers of lanes as they are, all else per operation."""

    operations: float
    """Arithmetic of one iteration as written."""
    clashes: float
    """Buffers that are written at one step or offset and accessed at another."""
    copies: float
    """Iterations that the compiler writes out."""
    level: float
    loads_still: float
    loads_unit: float
    loads_mixed: float
    loads_far: float
    stores_still: float
    stores_unit: float
    stores_mixed: float
    stores_far: float
    strict: float
    free: float
    sums: float
    store_run: float
    load_run: float
    store_step: float
    """Elements between stores of successive rounds (logarithm)."""
    load_step: float
    trip: float
    around: float
    known: float
    lanes: float
    packed: float
    vector_ratio: float
    believed: float
    """The cost of vectors over that of scalars as the compiler sees it."""
    pack_ratio: float
    rest: float
    instructions: float
    work: float
    chain: float
    overhead: float
    pressure: float

    @property
    def cycles(self) -> float:
        """Cycles per arithmetic operation, all data near."""
        return max(self.work, self.chain) + self.overhead


class _Arithmetic(NamedTuple):
    """Operations, their throughput in cycles, whether there are sums, floating-point ones, calls, extremes (whose order is kept)."""

    operations: float
    cost: float
    sums: bool
    floating: bool
    calls: bool
    extremes: bool


class _Vectors(NamedTuple):
    """Lanes of the loop's vectors and of packing (1 where there are none), the costs they were chosen by, and the cycles of a round."""

    lanes: float
    packed: float
    ratio: float
    believed: float
    pack_ratio: float
    work: float
    scalar: float
    rest: float


def codes_of(body: Body) -> tuple[Code, Code]:
    """The body as a compiler would leave it that writes short loops out, and one that does not."""
    trips = tuple(max(loop.trip, 1e-3) for loop in body.path)
    streams, clashes = streams_of_body(body)
    arithmetic = _arithmetic(tuple(body.work))
    if not arithmetic.operations:
        arithmetic = arithmetic._replace(operations=float(sum(access.is_store for access in body.accesses)))
    said = (trips, constants(body), streams, arithmetic, body.reassociates, clashes)
    return _code(*said, UNROLLED), _code(*said, 0.0)


@lru_cache(maxsize=1 << 12)
def _arithmetic(work: tuple[tuple[OpClass, str], ...]) -> _Arithmetic:
    kinds = [(kind, element) for kind, element in work if _COST_COMPILED.get(kind, 0.5) > 0]
    sums = [is_float(element) for kind, element in kinds if kind in ADDS]
    return _Arithmetic(
        float(len(kinds)),
        sum(_COST_COMPILED.get(kind, 0.5) for kind, _ in kinds),
        bool(sums),
        any(sums),
        any(kind in _CALLS for kind, _ in kinds),
        any(kind is OpClass.MINMAX and is_float(element) for kind, element in kinds),
    )


@lru_cache(maxsize=1 << 13)
def _code(
    trips: tuple[float, ...],
    constant: tuple[bool, ...],
    streams: tuple[Stream, ...],
    arithmetic: _Arithmetic,
    free: bool,
    clashes: float,
    most: float,
) -> Code:
    turn = round_of(trips, constant, streams, arithmetic.operations, most)
    carried = turn.trip > 1 and arithmetic.sums and turn.sums > 0
    strict = carried and arithmetic.floating and (arithmetic.extremes or not free)
    vectors = _vectors(turn, arithmetic, strict)
    total = max(arithmetic.operations, 1.0) * turn.copies
    entry, going, spill = _around(turn, vectors, arithmetic, bool(trips))
    return Code._make(
        (
            arithmetic.operations,
            clashes,
            turn.copies,
            float(turn.level),
            *(amount / total for amount in turn.loads),
            *(amount / total for amount in turn.stores),
            float(strict),
            float(carried and not strict),
            float(turn.sums),
            *_runs(turn.groups),
            turn.trip,
            turn.around,
            float(turn.constant),
            vectors.lanes,
            vectors.packed,
            vectors.ratio,
            vectors.believed,
            vectors.pack_ratio,
            vectors.rest,
            (_instructions(turn, vectors, arithmetic, bool(trips)) + 2 * (entry + going)) / total,
            vectors.work / total,
            _chain(turn, vectors, arithmetic) / total if carried else 0.0,
            (entry + going + spill) / total,
            _pressure(turn, vectors),
        )
    )


def _runs(groups: Sequence[Group]) -> tuple[float, float, float, float]:
    """The longest runs of stores and loads; then the steps of the first store and of the load that moves farthest."""
    stores = [group for group in groups if group.stores]
    loads = [group for group in groups if group.loads and not group.stores]
    return (
        float(max((group.run for group in stores), default=1)),
        float(max((group.run for group in loads), default=1)),
        _log(stores[0].step / stores[0].element) if stores else 0.0,
        max((_log(group.step / group.element) for group in loads), default=0.0),
    )


def _vectors(turn: Round, arithmetic: _Arithmetic, strict: bool) -> _Vectors:
    wide = max(1.0, _VECTOR / max((group.size for group in turn.groups), default=4.0))
    fit = wide
    while turn.constant and fit > 1 and fit > turn.trip:
        fit /= 2
    cost, thought = arithmetic.cost * turn.copies, arithmetic.operations * turn.copies
    loads, stores = sum(turn.loads[1:]), sum(turn.stores[1:])
    scalar = cost + 0.5 * loads + stores
    vector = (cost + 0.5 * turn.loads[1] + turn.stores[1]) / fit + _scattered(turn, fit, 1.1)
    believed = _believed(turn, thought, fit) / max(thought + loads + stores, 1e-9)
    packed, pack_cost = _packed(turn.groups, wide, cost)
    ratio, pack_ratio = vector / max(scalar, 1e-9), pack_cost / max(scalar, 1e-9) if packed > 1 else 1.0
    enough = (turn.trip >= _FEWEST or turn.trip % fit == 0) if turn.constant else turn.trip > 1.5
    if fit > 1 and enough and believed < 1 and not strict and not arithmetic.calls:
        rest = _rest(turn.trip, fit, 2.0 if thought < 16 and not turn.constant else 1.0)
        work = vector * (1 - rest) + rest * scalar
        return _Vectors(fit, packed, ratio, believed, pack_ratio, work, scalar, rest)
    if packed > 1 and pack_ratio < 1:
        return _Vectors(1.0, packed, ratio, believed, pack_ratio, pack_cost, scalar, 0.0)
    return _Vectors(1.0, 1.0, ratio, believed, pack_ratio, scalar, scalar, 0.0)


def _scattered(turn: Round, lanes: float, gather: float) -> float:
    """Cycles of the accesses of a round that vectors take apart or put together."""
    _, _, mixed, far = turn.loads
    _, _, mixed_stores, far_stores = turn.stores
    return mixed * (0.5 + 1.2 / lanes) + gather * far + mixed_stores * (1 + 1.5 / lanes) + 2.0 * far_stores


def _believed(turn: Round, operations: float, lanes: float) -> float:
    """What the compiler thinks that a round costs in vectors, in operations."""
    mixed = sum(
        group.addresses * (group.loads * _mixed_cost(group, lanes) + group.stores * (_mixed_cost(group, lanes) + 0.1))
        for group in turn.groups
        if group.kind == 2
    )
    return (operations + turn.loads[1] + turn.stores[1]) / lanes + mixed + 2.0 * turn.loads[3] + 2.1 * turn.stores[3]


def _mixed_cost(group: Group, lanes: float) -> float:
    """Of an interleaved access of one iteration: shuffles, more where more than four interleave or groups overlap."""
    factor = group.step / group.size
    return 1 / lanes + (0.45 if factor <= 4 else 0.9) + (0.7 if group.run > factor else 0.0)


def _packed(groups: Sequence[Group], wide: float, cost: float) -> tuple[float, float]:
    """How many neighbours that a round writes fit a vector, and what the round then costs."""
    run = max((group.run for group in groups if group.stores), default=1)
    pack = 1.0
    while pack * 2 <= min(run, wide):
        pack *= 2
    total = cost / pack
    for group in groups:
        if group.step:
            together = group.run >= pack
            total += group.loads * 0.5 * group.addresses * (1 / pack if together else 1.3)
            total += group.stores * group.addresses * (1 / pack if together else 1.5)
    return pack, total


def _rest(trip: float, lanes: float, copies: float) -> float:
    """The share of rounds that fill no vector; a rest of a vector of several copies is done in single ones."""
    whole = trip // (lanes * copies) * lanes * copies
    if trip - whole >= lanes and lanes * copies >= 16:
        whole += (trip - whole) // lanes * lanes
    return 1 - whole / trip if trip else 0.0


def _chain(turn: Round, vectors: _Vectors, arithmetic: _Arithmetic) -> float:
    """Cycles of the sums of a round, of which a core overlaps as many as it holds instructions of."""
    apart = max(1.0, turn.sums / (vectors.packed if vectors.lanes == 1 else 1.0))
    latency = _LATENCY if arithmetic.floating else 1.0
    if vectors.lanes > 1:
        latency /= 2.0 * vectors.lanes
    size = turn.trip * (arithmetic.operations * turn.copies + sum(turn.loads[1:]) + sum(turn.stores[1:]))
    return latency * turn.copies / apart / (1.0 + _WINDOW / max(size, 8.0))


def _pressure(turn: Round, vectors: _Vectors) -> float:
    """Registers that hold sums."""
    return turn.sums / (vectors.lanes if vectors.lanes > 1 else vectors.packed)


def _around(turn: Round, vectors: _Vectors, arithmetic: _Arithmetic, loops: bool) -> tuple[float, float, float]:
    """Cycles per round for entering the loop, for going round, and for sums that find no register."""
    still = turn.loads[0] + turn.stores[0] if loops else 0.0
    preparing = 6.0 if vectors.lanes > 1 else 0.0
    entry = (4.0 + 0.75 * still + preparing + 3.0 / max(turn.around, 1.0)) / max(turn.trip, 1.0)
    twice = 2.0 if turn.copies * arithmetic.operations < 24 else 1.0
    return entry, 1.0 / (vectors.lanes * twice), max(0.0, _pressure(turn, vectors) - _REGISTERS)


def _instructions(turn: Round, vectors: _Vectors, arithmetic: _Arithmetic, loops: bool) -> float:
    """Instructions of a round, without those of the loop itself."""
    operations = arithmetic.operations * turn.copies
    if vectors.lanes > 1:
        accesses = (turn.loads[1] + turn.stores[1]) / vectors.lanes + _scattered(turn, vectors.lanes, 1.3)
    else:
        accesses = sum(
            group.addresses * (group.loads + group.stores) / (vectors.packed if group.run >= vectors.packed else 1.0)
            for group in turn.groups
            if group.step or not loops
        )
    inside = operations / max(vectors.lanes, vectors.packed) + accesses
    return inside * (1 - vectors.rest) + vectors.rest * (operations + sum(turn.loads[1:]) + sum(turn.stores[1:]))


def _log(value: float) -> float:
    return float(np.log2(1 + abs(value)))


_LOGARITHMS = frozenset(
    "copies operations sums store_run load_run trip around instructions work chain overhead".split()
)


def codegen_names() -> list[str]:
    """The columns of `codegen`, in order."""
    return [f"code {name.replace('_', ' ')}" for name in Code._fields]


def codegen(codes: Sequence[Code]) -> Floats:
    """One row a body; counts and costs as logarithms."""
    rows = np.array(codes, dtype=np.float64).reshape(len(codes), len(Code._fields))
    for at, name in enumerate(Code._fields):
        if name in _LOGARITHMS:
            rows[:, at] = np.log2(rows[:, at] + 2.0**-8)
    return rows

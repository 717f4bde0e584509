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

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from costmodel.features.streams import Flags, Floats, Integers, Streams
from costmodel.features.unrolled import Rounds, constants, rounds_of
from costmodel.tokens.summed import Work
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


_FIELDS = tuple(
    "operations clashes copies level loads_still loads_unit loads_mixed loads_far stores_still stores_unit stores_mixed stores_far strict free "
    "sums store_run load_run store_step load_step trip around known lanes packed vector_ratio believed pack_ratio rest instructions work chain "
    "overhead pressure".split()
)
_LOGARITHMS = frozenset(
    "copies operations sums store_run load_run trip around instructions work chain overhead".split()
)
_LOGARITHMIC = [at for at, name in enumerate(_FIELDS) if name in _LOGARITHMS]
_AT = {name: at for at, name in enumerate(_FIELDS)}


@dataclass(frozen=True, slots=True)
class Code:
    """Bodies as compiled, a column each; `operations` to `level`, ratios, trips and numbers of lanes as they are, all else per operation.

    `operations` is arithmetic of one iteration as written; `clashes` buffers that are written at one step or offset and accessed at another;
    `copies` iterations that the compiler writes out; `store_step` elements between stores of successive rounds (logarithm); `believed` the
    cost of vectors over that of scalars as the compiler sees it.
    """

    rows: Floats
    """One row a field, in the order of `_FIELDS`."""

    @property
    def operations(self) -> Floats:
        """Arithmetic of one iteration as written."""
        return self.rows[0]

    @property
    def instructions(self) -> Floats:
        """Instructions per arithmetic operation."""
        return self.rows[_AT["instructions"]]

    @property
    def cycles(self) -> Floats:
        """Cycles per arithmetic operation, all data near."""
        rows = self.rows
        return np.maximum(rows[_AT["work"]], rows[_AT["chain"]]) + rows[_AT["overhead"]]


@dataclass(frozen=True, slots=True)
class _Arithmetic:
    """Of each body: operations, their throughput in cycles, whether there are sums, floating-point ones, calls, extremes (whose order is
    kept), and whether a compiler may reorder."""

    operations: Floats
    cost: Floats
    sums: Flags
    floating: Flags
    calls: Flags
    extremes: Flags
    free: Flags


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Lanes of the loop's vectors and of packing (1 where there are none), the costs they were chosen by, and the cycles of a round."""

    lanes: Floats
    packed: Floats
    ratio: Floats
    believed: Floats
    pack_ratio: Floats
    work: Floats
    rest: Floats


def codes_of(streams: Streams) -> tuple[Code, Code]:
    """The bodies as a compiler would leave them that writes short loops out, and one that does not."""
    arithmetic = _arithmetic(streams)
    bodies = streams.bodies
    turn = rounds_of(streams, constants(streams), arithmetic.operations[:bodies])
    clashes = np.concatenate([streams.clashes, streams.clashes])
    both = _code(turn, arithmetic, clashes, np.concatenate([streams.depth, streams.depth]) > 0)
    return Code(both[:, :bodies]), Code(both[:, bodies:])


def _arithmetic(streams: Streams) -> _Arithmetic:
    """Of the bodies as written out, then as they are: the same twice."""
    counted = np.array([_counted(work) for work in streams.works], dtype=np.float64)[streams.work]
    once = np.concatenate([counted, streams.reassociates[:, None]], axis=1)
    operations = np.where(once[:, 0] > 0, once[:, 0], streams.per_body(streams.stores))
    rows = np.concatenate([once, once]).T
    return _Arithmetic(np.concatenate([operations, operations]), rows[1], *(rows[2:] > 0))


@lru_cache(maxsize=1 << 12)
def _counted(work: Work) -> tuple[float, float, float, float, float, float]:
    kinds = [(kind, element) for kind, element in work.operations if _COST_COMPILED.get(kind, 0.5) > 0]
    sums = [is_float(element) for kind, element in kinds if kind in ADDS]
    return (
        float(len(kinds)),
        sum((_COST_COMPILED.get(kind, 0.5) for kind, _ in kinds), 0.0),
        float(bool(sums)),
        float(any(sums)),
        float(any(kind in _CALLS for kind, _ in kinds)),
        float(any(kind is OpClass.MINMAX and is_float(element) for kind, element in kinds)),
    )


def _code(turn: Rounds, arithmetic: _Arithmetic, clashes: Floats, loops: Flags) -> Floats:
    carried = (turn.trip > 1) & arithmetic.sums & (turn.sums > 0)
    strict = carried & arithmetic.floating & (arithmetic.extremes | ~arithmetic.free)
    vectors = _vectors(turn, arithmetic, strict)
    total = np.maximum(arithmetic.operations, 1.0) * turn.copies
    entry, going, spill = _around(turn, vectors, arithmetic, loops)
    instructions = _instructions(turn, vectors, arithmetic, loops) + 2 * (entry + going)
    columns: list[Floats] = [
        arithmetic.operations,
        clashes,
        turn.copies,
        turn.level.astype(np.float64),
        *(turn.loads / total[:, None]).T,
        *(turn.stores / total[:, None]).T,
        strict.astype(np.float64),
        (carried & ~strict).astype(np.float64),
        turn.sums,
        *_runs(turn),
        turn.trip,
        turn.around,
        turn.constant.astype(np.float64),
        vectors.lanes,
        vectors.packed,
        vectors.ratio,
        vectors.believed,
        vectors.pack_ratio,
        vectors.rest,
        instructions / total,
        vectors.work / total,
        np.where(carried, _chain(turn, vectors, arithmetic) / total, 0.0),
        (entry + going + spill) / total,
        _pressure(turn, vectors),
    ]
    return np.array(columns)


def _runs(turn: Rounds) -> tuple[Floats, Floats, Floats, Floats]:
    """The longest runs of stores and loads; then the steps of the first store and of the load that moves farthest."""
    stored, loaded = turn.writes > 0, (turn.reads > 0) & (turn.writes == 0)
    steps = np.log2(1 + turn.step / turn.element)
    first = np.zeros(len(turn.level))
    last_first = np.flatnonzero(stored)[::-1]
    first[turn.body[last_first]] = steps[last_first]
    return turn.most(turn.run, 1.0, stored), turn.most(turn.run, 1.0, loaded), first, turn.most(steps, 0.0, loaded)


def _vectors(turn: Rounds, arithmetic: _Arithmetic, strict: Flags) -> _Vectors:
    widest = turn.most(turn.size, 0.0)
    wide = np.maximum(1.0, _VECTOR / np.where(widest > 0, widest, 4.0))
    fit = wide.copy()
    while (narrower := turn.constant & (fit > 1) & (fit > turn.trip)).any():
        fit = np.where(narrower, fit / 2, fit)
    cost, thought = arithmetic.cost * turn.copies, arithmetic.operations * turn.copies
    loads, stores = turn.moving_loads, turn.moving_stores
    scalar = cost + 0.5 * loads + stores
    vector = (cost + 0.5 * turn.loads[:, 1] + turn.stores[:, 1]) / fit + _scattered(turn, fit, 1.1)
    believed = _believed(turn, thought, fit) / np.maximum(thought + loads + stores, 1e-9)
    packed, pack_cost = _packed(turn, wide, cost)
    ratio = vector / np.maximum(scalar, 1e-9)
    pack_ratio = np.where(packed > 1, pack_cost / np.maximum(scalar, 1e-9), 1.0)
    enough = np.where(turn.constant, (turn.trip >= _FEWEST) | (turn.trip % fit == 0), turn.trip > 1.5)
    chosen = (fit > 1) & enough & (believed < 1) & ~strict & ~arithmetic.calls
    packs = ~chosen & (packed > 1) & (pack_ratio < 1)
    rest = _rest(turn.trip, fit, np.where((thought < 16) & ~turn.constant, 2.0, 1.0))
    work = np.where(chosen, vector * (1 - rest) + rest * scalar, np.where(packs, pack_cost, scalar))
    return _Vectors(
        np.where(chosen, fit, 1.0),
        np.where(chosen | packs, packed, 1.0),
        ratio,
        believed,
        pack_ratio,
        work,
        np.where(chosen, rest, 0.0),
    )


def _scattered(turn: Rounds, lanes: Floats, gather: float) -> Floats:
    """Cycles of the accesses of a round that vectors take apart or put together."""
    mixed, far, mixed_stores, far_stores = turn.loads[:, 2], turn.loads[:, 3], turn.stores[:, 2], turn.stores[:, 3]
    return mixed * (0.5 + 1.2 / lanes) + gather * far + mixed_stores * (1 + 1.5 / lanes) + 2.0 * far_stores


def _believed(turn: Rounds, operations: Floats, lanes: Floats) -> Floats:
    """What the compiler thinks that a round costs in vectors, in operations; an interleaved access costs shuffles, more where more than
    four interleave or streams overlap."""
    factor = turn.step / turn.size
    shuffles = 1 / lanes[turn.body] + np.where(factor <= 4, 0.45, 0.9) + np.where(turn.run > factor, 0.7, 0.0)
    each = turn.addresses * (turn.reads * shuffles + turn.writes * (shuffles + 0.1))
    mixed = turn.total(np.where(turn.kind == 2, each, 0.0))
    inside = (operations + turn.loads[:, 1] + turn.stores[:, 1]) / lanes
    return inside + mixed + 2.0 * turn.loads[:, 3] + 2.1 * turn.stores[:, 3]


def _packed(turn: Rounds, wide: Floats, cost: Floats) -> tuple[Floats, Floats]:
    """How many neighbours that a round writes fit a vector, and what the round then costs."""
    limit = np.minimum(turn.most(turn.run, 1.0, turn.writes > 0), wide)
    pack = 2.0 ** np.floor(np.log2(np.maximum(limit, 1.0)))
    own = pack[turn.body]
    together, moves = turn.run >= own, turn.step > 0
    loads = turn.reads * 0.5 * turn.addresses * np.where(together, 1 / own, 1.3)
    stores = turn.writes * turn.addresses * np.where(together, 1 / own, 1.5)
    return pack, cost / pack + turn.total(np.where(moves, loads + stores, 0.0))


def _rest(trip: Floats, lanes: Floats, copies: Floats) -> Floats:
    """The share of rounds that fill no vector; a rest of a vector of several copies is done in single ones."""
    both = lanes * copies
    whole = trip // both * both
    single = (trip - whole >= lanes) & (both >= 16)
    whole = np.where(single, whole + (trip - whole) // lanes * lanes, whole)
    return np.where(trip > 0, 1 - whole / np.maximum(trip, 1e-9), 0.0)


def _chain(turn: Rounds, vectors: _Vectors, arithmetic: _Arithmetic) -> Floats:
    """Cycles of the sums of a round, of which a core overlaps as many as it holds instructions of."""
    apart = np.maximum(1.0, turn.sums / np.where(vectors.lanes == 1, vectors.packed, 1.0))
    latency = np.where(arithmetic.floating, _LATENCY, 1.0) / np.where(vectors.lanes > 1, 2.0 * vectors.lanes, 1.0)
    moving = turn.moving_loads + turn.moving_stores
    size = turn.trip * (arithmetic.operations * turn.copies + moving)
    return latency * turn.copies / apart / (1.0 + _WINDOW / np.maximum(size, 8.0))


def _pressure(turn: Rounds, vectors: _Vectors) -> Floats:
    """Registers that hold sums."""
    return turn.sums / np.where(vectors.lanes > 1, vectors.lanes, vectors.packed)


def _around(turn: Rounds, vectors: _Vectors, arithmetic: _Arithmetic, loops: Flags) -> tuple[Floats, Floats, Floats]:
    """Cycles per round for entering the loop, for going round, and for sums that find no register."""
    still = np.where(loops, turn.loads[:, 0] + turn.stores[:, 0], 0.0)
    preparing = np.where(vectors.lanes > 1, 6.0, 0.0)
    entry = (4.0 + 0.75 * still + preparing + 3.0 / np.maximum(turn.around, 1.0)) / np.maximum(turn.trip, 1.0)
    twice = np.where(turn.copies * arithmetic.operations < 24, 2.0, 1.0)
    return entry, 1.0 / (vectors.lanes * twice), np.maximum(0.0, _pressure(turn, vectors) - _REGISTERS)


def _instructions(turn: Rounds, vectors: _Vectors, arithmetic: _Arithmetic, loops: Flags) -> Floats:
    """Instructions of a round, without those of the loop itself."""
    operations, lanes = arithmetic.operations * turn.copies, vectors.lanes
    wide = (turn.loads[:, 1] + turn.stores[:, 1]) / lanes + _scattered(turn, lanes, 1.3)
    own = vectors.packed[turn.body]
    each = turn.addresses * (turn.reads + turn.writes) / np.where(turn.run >= own, own, 1.0)
    narrow = turn.total(np.where((turn.step > 0) | ~loops[turn.body], each, 0.0))
    inside = operations / np.maximum(lanes, vectors.packed) + np.where(lanes > 1, wide, narrow)
    alone = operations + turn.moving_loads + turn.moving_stores
    return inside * (1 - vectors.rest) + vectors.rest * alone


def codegen_names() -> list[str]:
    """The columns of `codegen`, in order."""
    return [f"code {name.replace('_', ' ')}" for name in _FIELDS]


def codegen(codes: Code, bodies: Integers) -> Floats:
    """One row for each of these bodies; counts and costs as logarithms."""
    rows = codes.rows[:, bodies].T
    rows[:, _LOGARITHMIC] = np.log2(rows[:, _LOGARITHMIC] + 2.0**-8)
    return rows

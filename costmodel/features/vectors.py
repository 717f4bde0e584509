"""Which vectors and packs LLVM makes of the innermost loop that is left, and what such a loop accesses in a round.

    for i { for j { C[i, j] += A[i, k] * B[k, j] } }     vectors of eight along j; along k none, as the sum is strict

1. *Vectors*, unless the loop carries a strict sum: accesses that stand still, follow each other, interleave, or lie anywhere. Few rounds
   give some only where they fill them, or by masks.
2. *Packs* of neighbours that a round stores, where there are no vectors.

Rules are LLVM's (LoopVectorize, SLPVectorizer); their weights (`Costs`) were fitted to executed instructions of a few kernels, never to times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from costmodel.features.rounds import Rows, tile_of
from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams, most, pick
from costmodel.features.unrolled import addresses_over
from costmodel.tokens.summed import Accesses, Work
from costmodel.tokens.vocabulary import OpClass, is_float

_VECTOR = 32.0
_FEW = 16.0
"""Rounds below which vectors leave no rest (LoopVectorize: TinyTripCountVectorThreshold)."""
_CASES = 8
_LEVELS = np.arange(DEPTH)
_NO_WORK = (OpClass.LOAD, OpClass.STORE, OpClass.LOOP, OpClass.CONSTANT)
_ADDS = (OpClass.ADD, OpClass.FMA)
_CARRIED = (*_ADDS, OpClass.MINMAX, OpClass.SELECT)
_CALLS = (OpClass.MATH, OpClass.CALL, OpClass.IF)


@dataclass(frozen=True, slots=True)
class Costs:
    """Instructions, where nothing else is said."""

    shuffled: tuple[tuple[float, float, float], ...] = ((0.8, 0.8, 0.8), (1.7, 2.1, 4.8), (2.6, 7.1, 9.5))
    """Of an interleaved access in vectors of two, four and eight lanes: of two, up to four, and more that interleave."""
    gathered: float = 1.1
    scattered: float = 1.6
    alone: float = 0.16
    """Besides, of a load that is spread to all lanes of a pack."""
    apart: float = 1.5
    """Of a store whose neighbours are not packed."""
    recurring: tuple[float, float] = (1.3, 2.0)
    """Of a load that the next round loads again, in vectors: where sums are strict, and free."""
    registers: float = 32.0
    spilled: float = 0.26
    written: float = 91.5
    """Instructions of all rounds of a loop that is gone after vectors were made."""
    enter: tuple[float, float] = (12.7, 21.7)
    """To enter a loop of vectors with a constant trip, and with another."""
    turn: float = 1.4
    pointer: float = 0.37
    """Of a round of a loop around, and of every stream that moves with it."""
    control: float = 2.1
    rest: float = 0.22
    reduced: float = 0.73
    function: float = 40.0
    believed: float = 0.952
    """Share of the scalar cost below which vectors are made; the next are what the compiler thinks of accesses."""
    interleaved: tuple[tuple[float, float, float], ...] = ((1.6, 1.6, 1.8), (1.4, 1.4, 1.6), (1.3, 1.3, 1.5))
    """Of an interleaved access, lanes and how many interleave as above; and where streams overlap."""
    overlapping: float = 0.84
    strided: tuple[float, float] = (1.44, 4.0)
    masked_store: float = 9.7
    packed: float = 0.909
    unpacked: tuple[float, float] = (1.95, 1.3)


COSTS = Costs()


@dataclass(frozen=True, slots=True)
class Body:
    """Of every row the arithmetic of a round: how many operations; their instructions, less those that multiply-add saves where sums are free;
    whether there are floating-point ones, extremes of such, calls, and what a loop may carry; whether sums may be reordered (`free`)."""

    operations: Floats
    instructions: Floats
    floating: Flags
    extremes: Flags
    calls: Flags
    carries: Flags
    free: Flags


@dataclass(frozen=True, slots=True)
class Accessed:
    """One round of the loop that is left: of every stream the distinct addresses (`count`), their longest `run`, the loop that it moves with
    (`home`; `DEPTH`: none), its step in accesses (`factor`), whether it reads and writes, how often it loads an address (`uses`); `kind` 0
    stands still, 1 one after the other, 2 interleaved, 3 anything else; `again` are addresses that the next round loads again."""

    count: Floats
    run: Floats
    home: Integers
    factor: Floats
    reads: Flags
    writes: Flags
    uses: Floats
    kind: Integers
    again: Floats


@dataclass(frozen=True, slots=True)
class Trips:
    """Of the loop that is left: trips by case and the share of each, the longest, whether there is one and it is constant."""

    cases: Floats
    shares: Floats
    longest: Floats
    single: Flags
    constant: Flags


@dataclass(frozen=True, slots=True)
class Plan:
    """What the compiler makes of the loop that is left."""

    lanes: Floats
    packed: Floats
    copies: Floats
    masked: Flags
    strict: Flags
    carried: Flags
    believed: Floats
    cancels: Flags


@lru_cache(maxsize=1 << 12)
def work_of_body(work: Work) -> tuple[float, ...]:
    """Of one iteration: operations, their instructions, those of them that multiply-add saves; then 1 or 0: whether there are floating-point
    ones, extremes or choices among such, calls or branches, and operations by which a loop carries something."""
    kinds = [(kind, element) for kind, element in work.operations if kind not in _NO_WORK]
    names = [kind for kind, _ in kinds]
    floating = any(is_float(element) for _, element in kinds)
    return (
        float(len(kinds)),
        sum((COSTS.function if k is OpClass.MATH else 30.0 if k is OpClass.CALL else 1.0 for k in names), 0.0),
        float(min(sum(k in _ADDS for k in names), names.count(OpClass.MUL))),
        float(floating),
        float(floating and any(k in (OpClass.MINMAX, OpClass.SELECT) for k in names)),
        float(any(k in _CALLS for k in names)),
        float(any(k in _CARRIED for k in names)),
    )


def arithmetic_of(work: Floats, copies: Floats, free: Flags) -> Body:
    instructions = (work[:, 1] - np.where(free, work[:, 2], 0.0)) * copies
    floating, extremes, calls, carries = work[:, 3:7].T > 0
    return Body(work[:, 0] * copies, instructions, floating, extremes, calls, carries, free)


def trips_of(rows: Rows, streams: Streams, level: Integers) -> Trips:
    """Whole tiles and the last one; or, of a triangle, an even spread."""
    tiles = pick(streams.tiles[rows.body], level)
    known, trip = pick(rows.constant, level), pick(rows.trips, level)
    whole, last, tiled = tile_of(trip, tiles)
    cases, shares = np.zeros((len(trip), _CASES)), np.zeros((len(trip), _CASES))
    spread = np.maximum(1.0, np.round(2 * trip[:, None] * (np.arange(_CASES) + 0.5) / _CASES))
    single = known | (trip <= 0)
    tiled &= ~single
    many = ~single & ~tiled
    cases[many], shares[many] = spread[many], 1 / _CASES
    cases[single, 0], shares[single, 0] = np.maximum(trip[single], 0.0), 1.0
    cases[tiled, 0], shares[tiled, 0] = whole[tiled], 1 - 1 / tiles[tiled]
    cases[tiled, 1], shares[tiled, 1] = last[tiled], 1 / tiles[tiled]
    around = rows.written & rows.constant & (level[:, None] < _LEVELS) & (rows.trips == tiles[:, None])
    return Trips(cases, shares, cases.max(axis=1), single, known | around.any(axis=1))


def accessed_in_a_round(rows: Rows, streams: Streams, level: Integers, copies: Floats) -> Accessed:
    at, here = rows.at, level[rows.row]
    steps, size = streams.steps[at], streams.size[at]
    reads, writes = streams.loads[at] > 0, streams.stores[at] > 0
    count, run = streams.members[at].copy(), streams.run[at].copy()
    wide = np.flatnonzero(here > 0)
    if len(wide):
        trips = np.maximum(rows.trips[rows.row[wide]], 1e-3)
        count[wide], run[wide] = addresses_over(streams, at[wide], here[wide], trips)
    left = (steps != 0) & (here[:, None] <= _LEVELS)
    home = np.where(left.any(axis=1), left.argmax(axis=1), DEPTH)
    step = pick(steps, here)
    gapless = (run * size >= step) | (step == 2 * size)
    kind: Integers = np.where(step == 0, 0, np.where(step <= size, 1, np.where((step <= 8 * size) & gapless, 2, 3)))
    next_to = np.array([_neighbours(each) for each in streams.said], dtype=np.float64)[streams.at[at]]
    again = np.where(reads & ~writes & (kind == 1), next_to, 0.0)
    uses = streams.loads[at] * copies[rows.row] / np.maximum(count, 1.0)
    return Accessed(count, run, home, step / size, reads, writes, uses, kind, again)


@lru_cache(maxsize=1 << 12)
def _neighbours(said: Accesses) -> float:
    """Offsets that the next one follows without a gap."""
    places, size = set(said.offsets), said.element * said.lanes
    return float(sum(place + size in places for place in said.offsets))


def _power(limit: Floats) -> Floats:
    """The largest power of two up to this."""
    return 2.0 ** np.floor(np.log2(np.maximum(limit, 1.0)))


def plan_of(rows: Rows, body: Body, found: Accessed, turn: Trips, streams: Streams) -> Plan:
    size = streams.size[rows.at]
    widest = most(rows.row, size, len(rows.body), 0.0)
    full = np.where(widest > _VECTOR, 1.0, np.floor(_VECTOR / np.where(widest > 0, widest, 4.0)))
    fit = full.copy()
    while (narrower := turn.constant & (fit > 1) & (fit > turn.longest)).any():
        fit = np.where(narrower, np.floor(fit / 2), fit)
    sum_streams = found.reads & found.writes & (found.kind == 0)
    carried = (rows.per_row(sum_streams.astype(np.float64)) > 0) & (turn.cases[:, 0] > 1) & body.carries
    strict = carried & body.floating & (body.extremes | ~body.free)
    both = found.count * (found.reads + found.writes.astype(np.float64))
    unit, moving = rows.per_row(np.where(found.kind == 1, both, 0.0)), rows.per_row(np.where(found.kind > 0, both, 0.0))
    scalar = body.operations + moving
    believed = _believed(rows, found, body.operations + unit, fit) / np.maximum(scalar, 1e-9)
    filled = (turn.cases % fit[:, None] == 0).all(axis=1) & turn.constant
    few = turn.longest < _FEW
    by_mask = _power(np.minimum(full, turn.longest))
    stores = rows.per_row(np.where((found.kind == 1) & found.writes, found.count, 0.0))
    masked_cost = (body.operations + 2 * (unit - stores) + COSTS.masked_store * stores + 1) * np.ceil(
        turn.longest / by_mask
    )
    cheap = masked_cost / np.maximum(turn.longest, 1.0) < 0.99 * scalar
    masked = few & ~filled & ~strict & (unit == moving) & cheap & (by_mask > 1)
    fit = np.where(masked, by_mask, fit)
    vectors = (fit > 1) & (~few | filled | masked) & (believed < COSTS.believed) & ~strict & ~body.calls
    masked &= vectors
    cost = np.maximum(body.operations + unit, 1.0)
    copies = np.where(vectors & ~masked, np.where(cost <= 6, 4.0, np.where(cost <= 10, 2.0, 1.0)), 1.0)
    while (fewer := turn.constant & (copies > 1) & (fit * copies > turn.longest)).any():
        copies = np.where(fewer, copies / 2, copies)
    return Plan(
        np.where(vectors, fit, 1.0),
        np.where(vectors, 1.0, _packed(rows, body, found, full, scalar)),
        copies,
        masked,
        strict,
        carried,
        believed,
        _cancels(rows, found),
    )


def _believed(rows: Rows, found: Accessed, plain: Floats, fit: Floats) -> Floats:
    """What the compiler thinks that a round costs in vectors."""
    each = shuffles(COSTS.interleaved, found.factor, fit[rows.row])
    each = each + np.where(found.run > found.factor, COSTS.overlapping, 0.0)
    mixed = found.count * (found.reads * each + found.writes * (each + 0.1))
    far = found.count * (COSTS.strided[0] * found.reads + COSTS.strided[1] * found.writes)
    others = np.where(found.kind == 2, mixed, np.where(found.kind == 3, far, 0.0))
    return plain / np.maximum(fit, 1.0) + rows.per_row(others)


def shuffles(costs: tuple[tuple[float, float, float], ...], factor: Floats, lanes: Floats) -> Floats:
    """Of every access what a table of interleaved ones says."""
    column = np.where(factor <= 2, 0, np.where(factor <= 4, 1, 2))
    return np.array(costs)[np.where(lanes >= 8, 2, np.where(lanes >= 4, 1, 0)), column]


def _packed(rows: Rows, body: Body, found: Accessed, full: Floats, scalar: Floats) -> Floats:
    """How many neighbours that a round stores are packed."""
    stored = most(rows.row, np.where(found.writes, found.run, 1.0), len(full), 1.0)
    pack = _power(np.minimum(stored, full))
    own = pack[rows.row]
    load, store = (np.where(found.run >= own, 1 / own, each) for each in COSTS.unpacked)
    each = np.where(found.kind > 0, found.count * (found.reads * load + found.writes * store), 0.0)
    packs = (pack > 1) & ~body.calls & (body.instructions / pack + rows.per_row(each) < COSTS.packed * scalar)
    return np.where(packs, pack, 1.0)


def _cancels(rows: Rows, found: Accessed) -> Flags:
    """Whether everything interleaves alike and nothing stands still: then shuffles cancel out."""
    count = len(rows.body)
    some = np.bincount(rows.row, minlength=count) > 0
    alike = ((found.kind == 0) & ~found.writes & (found.count == 1)) | (found.kind == 2) & (found.run == found.factor)
    least = -most(rows.row, np.where(found.kind == 2, -found.factor, -np.inf), count, -np.inf)
    return (
        some
        & (rows.per_row((~alike).astype(np.float64)) == 0)
        & (most(rows.row, np.where(found.kind == 2, found.factor, 0.0), count, 0.0) == least)
    )

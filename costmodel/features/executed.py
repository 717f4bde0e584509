"""Instructions that a nest executes, as LLVM leaves it: what `rounds.py` wrote out, vectors, packing, hoisting, rests, loops around.

    for i { for k { for j < 8 { C[i, j] += A[i, k] * B[k, j] } } }     j is written out and packed: per k one load of A, and of B, C in a register

1. *Vectors* of the innermost loop that is left, unless it carries a strict sum; few rounds only where they fill vectors, or by masks.
2. *Packing* of neighbours that a round stores, where there are no vectors.
3. A loop of a single vector, or of few rounds, is gone afterwards: what does not move with the loop around it is hoisted there, as far as
   there are registers.
4. *Instructions*: arithmetic with the loads that fold into it, shuffles of interleaved accesses, rests of trips, going round and entering.

Rules are LLVM's; their weights (`Costs`) were fitted to executed instructions of a few kernels, never to times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from costmodel.features.rounds import Rows, largest, rows_of, tile_of
from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams, most, pick, sums
from costmodel.features.unrolled import addresses
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
class _Body:
    """Of every row its arithmetic: how many operations, their instructions, those that multiply-add saves; what they allow."""

    operations: Floats
    instructions: Floats
    floating: Flags
    extremes: Flags
    calls: Flags
    carries: Flags
    free: Flags


@dataclass(frozen=True, slots=True)
class _Accesses:
    """One round of the loop that is left: of every stream the distinct addresses, their longest run, the loop that it moves with
    (`DEPTH`: none), its step in bytes, bytes of an access, accesses of an address; `kind` 0 stands still, 1 one after the other,
    2 interleaved, 3 anything else; `again` are addresses that the next round loads again."""

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
class _Trips:
    """Of the loop that is left: trips by case and the share of each, the longest, whether there is one and it is constant."""

    cases: Floats
    shares: Floats
    longest: Floats
    single: Flags
    constant: Flags


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the compiler makes of the loop that is left."""

    lanes: Floats
    packed: Floats
    copies: Floats
    masked: Flags
    strict: Flags
    carried: Flags
    believed: Floats
    cancels: Flags


@dataclass(frozen=True, slots=True)
class Executed:
    """Of every row: instructions of all its rounds, its arithmetic, and how they came about (columns in the order of `_DETAILS`)."""

    body: Integers
    total: Floats
    lanes: Floats
    details: Floats


_DETAILS = (
    "level",
    "lanes",
    "packed",
    "copies",
    "masked",
    "round",
    "believed",
    "rest",
    "vanishes",
    "around",
    "sums",
    "hoisted",
    "constant",
    "strict",
)


def executed(streams: Streams) -> Executed:
    """The rows of all bodies."""
    work = np.array([_work(each) for each in streams.works], dtype=np.float64).reshape(-1, 7)[streams.work]
    rows = rows_of(streams, work[:, 0])
    level = np.logical_and.accumulate(rows.written & (streams.depth[rows.body, None] - 1 > _LEVELS), axis=1).sum(axis=1)
    trips = np.maximum(rows.trips, 1e-3)
    within = np.ones((len(trips), DEPTH + 1))
    within[:, 1:] = np.multiply.accumulate(trips, axis=1)
    copies = pick(within, level)
    body = _arithmetic(work[rows.body], copies, streams.reassociates[rows.body] > 0)
    turn = _trips(rows, streams, level)
    found = _accesses(rows, streams, level, copies)
    plan = _plan(rows, body, found, turn, streams)
    return _counted(rows, streams, body, found, turn, plan, level, within)


@lru_cache(maxsize=1 << 12)
def _work(work: Work) -> tuple[float, ...]:
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


def _arithmetic(work: Floats, copies: Floats, free: Flags) -> _Body:
    instructions = (work[:, 1] - np.where(free, work[:, 2], 0.0)) * copies
    floating, extremes, calls, carries = work[:, 3:7].T > 0
    return _Body(work[:, 0] * copies, instructions, floating, extremes, calls, carries, free)


def _trips(rows: Rows, streams: Streams, level: Integers) -> _Trips:
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
    return _Trips(cases, shares, cases.max(axis=1), single, known | around.any(axis=1))


def _accesses(rows: Rows, streams: Streams, level: Integers, copies: Floats) -> _Accesses:
    at, here = rows.at, level[rows.row]
    steps, size = streams.steps[at], streams.size[at]
    reads, writes = streams.loads[at] > 0, streams.stores[at] > 0
    count, run = streams.members[at].copy(), streams.run[at].copy()
    wide = np.flatnonzero(here > 0)
    count[wide], run[wide] = _different(rows, streams, here, wide).T
    left = (steps != 0) & (here[:, None] <= _LEVELS)
    home = np.where(left.any(axis=1), left.argmax(axis=1), DEPTH)
    step = pick(steps, here)
    gapless = (run * size >= step) | (step == 2 * size)
    kind: Integers = np.where(step == 0, 0, np.where(step <= size, 1, np.where((step <= 8 * size) & gapless, 2, 3)))
    next_to = np.array([_neighbours(each) for each in streams.said], dtype=np.float64)[streams.at[at]]
    again = np.where(reads & ~writes & (kind == 1), next_to, 0.0)
    uses = streams.loads[at] * copies[rows.row] / np.maximum(count, 1.0)
    return _Accesses(count, run, home, step / size, reads, writes, uses, kind, again)


def _different(rows: Rows, streams: Streams, here: Integers, wide: Integers) -> Floats:
    """Of some streams the distinct addresses of the loops written out, and their longest run."""
    at, deepest = rows.at[wide], int(here.max(initial=0))
    each = zip(
        streams.at[at].tolist(),
        here[wide].tolist(),
        streams.steps[at, :deepest].tolist(),
        np.maximum(rows.trips[:, :deepest], 1e-3)[rows.row[wide]].tolist(),
        strict=True,
    )
    found = [addresses(streams.said[said], *steps[:deep], *trips[:deep]) for said, deep, steps, trips in each]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


@lru_cache(maxsize=1 << 12)
def _neighbours(said: Accesses) -> float:
    """Offsets that the next one follows without a gap."""
    places, size = set(said.offsets), said.element * said.lanes
    return float(sum(place + size in places for place in said.offsets))


def _power(limit: Floats) -> Floats:
    """The largest power of two up to this."""
    return 2.0 ** np.floor(np.log2(np.maximum(limit, 1.0)))


def _plan(rows: Rows, body: _Body, found: _Accesses, turn: _Trips, streams: Streams) -> _Plan:
    size = streams.size[rows.at]
    widest = largest(rows.row, size, len(rows.body))
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
    return _Plan(
        np.where(vectors, fit, 1.0),
        np.where(vectors, 1.0, _packed(rows, body, found, full, scalar)),
        copies,
        masked,
        strict,
        carried,
        believed,
        _cancels(rows, found),
    )


def _believed(rows: Rows, found: _Accesses, plain: Floats, fit: Floats) -> Floats:
    """What the compiler thinks that a round costs in vectors."""
    each = _shuffles(COSTS.interleaved, found.factor, fit[rows.row])
    each = each + np.where(found.run > found.factor, COSTS.overlapping, 0.0)
    mixed = found.count * (found.reads * each + found.writes * (each + 0.1))
    far = found.count * (COSTS.strided[0] * found.reads + COSTS.strided[1] * found.writes)
    others = np.where(found.kind == 2, mixed, np.where(found.kind == 3, far, 0.0))
    return plain / np.maximum(fit, 1.0) + rows.per_row(others)


def _shuffles(costs: tuple[tuple[float, float, float], ...], factor: Floats, lanes: Floats) -> Floats:
    """Of every access what a table of interleaved ones says."""
    column = np.where(factor <= 2, 0, np.where(factor <= 4, 1, 2))
    return np.array(costs)[np.where(lanes >= 8, 2, np.where(lanes >= 4, 1, 0)), column]


def _packed(rows: Rows, body: _Body, found: _Accesses, full: Floats, scalar: Floats) -> Floats:
    """How many neighbours that a round stores are packed."""
    stored = most(rows.row, np.where(found.writes, found.run, 1.0), len(full), 1.0)
    pack = _power(np.minimum(stored, full))
    own = pack[rows.row]
    load, store = (np.where(found.run >= own, 1 / own, each) for each in COSTS.unpacked)
    each = np.where(found.kind > 0, found.count * (found.reads * load + found.writes * store), 0.0)
    packs = (pack > 1) & ~body.calls & (body.instructions / pack + rows.per_row(each) < COSTS.packed * scalar)
    return np.where(packs, pack, 1.0)


def _cancels(rows: Rows, found: _Accesses) -> Flags:
    """Whether everything interleaves alike and nothing stands still: then shuffles cancel out."""
    count = len(rows.body)
    some = np.bincount(rows.row, minlength=count) > 0
    alike = ((found.kind == 0) & ~found.writes & (found.count == 1)) | (found.kind == 2) & (found.run == found.factor)
    least = -most(rows.row, np.where(found.kind == 2, -found.factor, -np.inf), count, -np.inf)
    return (
        some
        & (rows.per_row((~alike).astype(np.float64)) == 0)
        & (largest(rows.row, np.where(found.kind == 2, found.factor, 0.0), count) == least)
    )


@dataclass(frozen=True, slots=True)
class _Round:
    """Instructions of a round, and those of them that are done once for all rounds of the loop around."""

    inside: Floats
    hoisted: Floats


def _round(
    rows: Rows, body: _Body, found: _Accesses, turn: _Trips, plan: _Plan, lanes: Floats, packed: Floats, stays: Flags
) -> _Round:
    mine, own = lanes[rows.row], packed[rows.row]
    wide, moving, together = mine > 1, found.kind > 0, found.run >= packed[rows.row]
    shuffled = np.where(plan.cancels[rows.row], 1.0, _shuffles(COSTS.shuffled, found.factor, mine))
    far = found.kind == 3
    load_wide = np.where(found.kind == 2, shuffled, np.where(far, mine * COSTS.gathered, 1.0))
    store_wide = np.where(found.kind == 2, shuffled, np.where(far, mine * COSTS.scattered, 1.0))
    lonely = ~together & (own > 1)
    spread = np.where(lonely & (found.uses < 0.9 * own), COSTS.alone, 0.0)
    load_alone = np.where(together, 1 / own, 1.0) + spread
    store_alone = np.where(together, 1 / own, np.where(own > 1, COSTS.apart, 1.0))
    loads = found.count * found.reads * np.where(wide, load_wide, load_alone)
    stores = found.count * found.writes * np.where(wide, store_wide, store_alone)
    folds = np.where(wide, found.kind == 1, ~lonely) & (found.uses <= 1.01) & found.reads
    folded = np.where(folds, found.count * np.where(wide | ~together, 1.0, 1 / own), 0.0)
    kept = found.reads & found.writes & (found.kind == 2) & wide & moving & ~stays
    part = np.where(kept, 2 * found.count * (shuffled - 1), 0.0)
    inside, out = moving & stays, moving & ~stays
    again = np.where(body.free, COSTS.recurring[1], COSTS.recurring[0]) * rows.per_row(np.where(wide, found.again, 0.0))
    total = body.instructions / packed + again + rows.per_row(part)
    rounds = np.maximum(np.ceil(turn.longest / lanes), 1.0)
    total = total - np.minimum(rows.per_row(np.where(inside, folded, 0.0)), total)
    held = rows.per_row(np.where(out, found.count, 0.0)) * rounds
    spills = COSTS.spilled * np.maximum(held - COSTS.registers, 0.0) / rounds
    total = total + rows.per_row(np.where(inside, loads + stores, 0.0)) + spills
    return _Round(total, rows.per_row(np.where(out, loads + stores - part, 0.0)))


def _counted(
    rows: Rows,
    streams: Streams,
    body: _Body,
    found: _Accesses,
    turn: _Trips,
    plan: _Plan,
    level: Integers,
    within: Floats,
) -> Executed:
    vectors, depth = plan.lanes > 1, streams.depth[rows.body]
    everywhere = np.ones(len(rows.at), dtype=np.bool_)
    size = _round(rows, body, found, turn, plan, plan.lanes, plan.packed, everywhere).inside + 2
    gone = _gone(turn, plan, size)
    left = _left(rows, level, depth)
    below = left < depth
    moves = pick(streams.steps[rows.at], np.minimum(left, DEPTH - 1)[rows.row]) != 0
    stays = ~(gone & below)[rows.row] | moves
    one = np.ones(len(level))
    alone = _round(rows, body, found, turn, plan, one, one, stays)
    mine = _round(rows, body, found, turn, plan, plan.lanes, plan.packed, stays)
    done, hoisted, rest = _by_case(turn, plan, mine, alone, gone, size)
    entries = within[:, -1] / pick(within, level + 1)
    reduced = np.where(vectors & plan.carried, _reduced(rows, found, plan), 0.0)
    entering = np.where(turn.constant, COSTS.enter[0], np.where(vectors, COSTS.enter[1], COSTS.enter[0] + 2))
    around = np.where(below, pick(np.maximum(rows.trips, 1e-3), np.minimum(left, DEPTH - 1)), 1.0)
    total = entries * (done + rest + reduced + np.where(gone, 0.0, entering))
    total = total + np.where(gone, entries / np.maximum(around, 1.0) * hoisted, 0.0)
    outer, held = _outer(rows, streams, found, plan, level, within)
    total = np.where(depth > 0, total + outer + held + 10, 0.0)
    per = np.maximum(total, 1e-9)
    details = [
        level,
        plan.lanes,
        plan.packed,
        plan.copies,
        plan.masked,
        np.log2(mine.inside / pick(within, level) / plan.lanes + 0.01),
        plan.believed,
        rest * entries / per,
        gone,
        held / per,
        np.log2(1 + rows.per_row(np.where(found.reads & found.writes & (found.kind == 0), found.count, 0.0))),
        np.log2(1 + mine.hoisted),
        turn.constant,
        plan.strict,
    ]
    return Executed(rows.body, total, plan.lanes, np.array(details, dtype=np.float64).T)


def _gone(turn: _Trips, plan: _Plan, size: Floats) -> Flags:
    """Whether the loop is written out after vectors were made, or is a single vector."""
    vectors = plan.lanes > 1
    per_round = np.where(vectors, plan.lanes * plan.copies, 1.0)
    rounds = turn.longest / per_round
    rounds = np.where(plan.masked, np.ceil(rounds), rounds)
    whole = ~vectors | plan.masked | (turn.longest % plan.lanes == 0)
    return turn.constant & turn.single & whole & ((rounds <= 1) | (rounds * size * plan.copies < COSTS.written))


def _left(rows: Rows, level: Integers, depth: Integers) -> Integers:
    """The next loop around that goes round."""
    left = level + 1
    for _ in range(DEPTH):
        once = (left < depth - 1) & (pick(rows.trips, np.minimum(left, DEPTH - 1)) == 1)
        if not once.any():
            break
        left = left + once
    return left


def _by_case(
    turn: _Trips, plan: _Plan, mine: _Round, alone: _Round, gone: Flags, size: Floats
) -> tuple[Floats, Floats, Floats]:
    """Of every entry: instructions of rounds, those hoisted, those of rests."""
    lanes, vectors = plan.lanes[:, None], (plan.lanes > 1)[:, None]
    block = lanes * plan.copies[:, None]
    trips, masked = turn.cases, plan.masked[:, None]
    whole = np.floor(trips / block) * block
    left = trips - whole
    single = np.where(vectors & ~masked & (left >= lanes) & (block >= 16), np.floor(left / lanes), 0.0)
    left = np.where(vectors & ~masked, left - single * lanes, 0.0)
    times = np.where(masked, np.ceil(trips / lanes), np.where(vectors, whole / lanes + single, trips))
    rounds = np.where(vectors, whole / block, trips)
    u = np.ones_like(trips)
    limit, code = (
        np.where(vectors, np.maximum(rounds, 1.0), trips),
        np.where(vectors, size[:, None] * plan.copies[:, None], size[:, None] + 2),
    )
    for _ in range(3):
        u = np.where((u * 2 * code <= 150) & (u * 2 <= limit), 2 * u, u)
    control = np.where(masked, times, np.where(gone[:, None], 0.0, COSTS.control * rounds / u))
    done = (turn.shares * (times * mine.inside[:, None] + control)).sum(axis=1)
    hoisted = (turn.shares * times).sum(axis=1) * mine.hoisted
    rest = (turn.shares * left).sum(axis=1) * (alone.inside + COSTS.rest)
    return done, hoisted, rest


def _reduced(rows: Rows, found: _Accesses, plan: _Plan) -> Floats:
    """Instructions that add up the lanes of sums."""
    held = rows.per_row(np.where(found.reads & found.writes & (found.kind == 0), found.count, 0.0))
    return COSTS.reduced * held * (2 * np.log2(plan.lanes) + plan.copies + 2)


def _outer(
    rows: Rows, streams: Streams, found: _Accesses, plan: _Plan, level: Integers, within: Floats
) -> tuple[Floats, Floats]:
    """Instructions of the loops around: their own and those of pointers; and those of accesses that were hoisted there."""
    moving = np.minimum(streams.steps[rows.at], 1.0) > 0
    cells = rows.row[:, None] * DEPTH + _LEVELS
    pointers = sums(cells, moving.astype(np.float64), len(rows.body) * DEPTH).reshape(-1, DEPTH)
    going = (level[:, None] < _LEVELS) & (streams.depth[rows.body, None] > _LEVELS) & ~rows.written & (rows.trips != 1)
    times = within[:, -1:] / within[:, :-1]
    own = (np.where(going, COSTS.turn + COSTS.pointer * pointers, 0.0) * times).sum(axis=1)
    packs = plan.packed[rows.row]
    each = found.count * (found.reads + found.writes.astype(np.float64))
    each = each / np.where((packs > 1) & (found.run >= packs), packs, 1.0)
    outside = np.concatenate([times, np.ones((len(times), 1))], axis=1)
    top = np.where(found.home >= DEPTH, found.count * (found.reads + found.writes.astype(np.float64)), 0.0)
    held = np.where((found.kind == 0) & (found.home < DEPTH), each * outside[rows.row, found.home], top)
    return own, rows.per_row(held)


def executed_names() -> tuple[str, ...]:
    """The columns of `executed_columns`, in order."""
    return (
        *(f"executed {name}" for name in _DETAILS),
        "executed parts",
        "executed instructions",
        "executed in vectors",
    )


def executed_columns(streams: Streams, done: Floats) -> Floats:
    """One row a nest: the row of most instructions in detail, how many there are, and instructions per operation `done` of all."""
    found = executed(streams)
    total = sums(found.body, found.total, streams.bodies)
    parts = np.bincount(found.body, minlength=streams.bodies).astype(np.float64)
    heaviest = _heaviest(found.body, found.total, streams.bodies)
    hot = streams.of[_heaviest(streams.nest, total[streams.of], streams.nests)]
    bodies = np.bincount(streams.nest, minlength=streams.nests)
    vectors = sums(streams.nest, (found.lanes[heaviest] > 1)[streams.of].astype(np.float64), streams.nests)
    per = np.log2(np.maximum(sums(streams.nest, total[streams.of], streams.nests), 1.0)) - done
    return np.column_stack([found.details[heaviest[hot]], parts[hot], per, vectors / bodies])


def _heaviest(cells: Integers, amounts: Floats, count: int) -> Integers:
    """Of each cell the place of its largest amount, the first of several."""
    order = np.lexsort((-np.arange(len(amounts)), amounts, cells))
    last = np.searchsorted(cells[order], np.arange(count), side="right") - 1
    return order[last]

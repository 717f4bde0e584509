"""Instructions that a nest executes, as LLVM leaves it: what `rounds.py` wrote out, `vectors.py` made vectors of; hoisting, rests, loops around.

    for i { for k { for j < 8 { C[i, j] += A[i, k] * B[k, j] } } }     j is written out and packed: per k one load of A, and of B, C in a register

1. A loop of a single vector, or of few rounds, is gone after vectors were made: what does not move with the loop around it is hoisted
   there, as far as there are registers.
2. *Instructions*: arithmetic with the loads that fold into it, shuffles of interleaved accesses, rests of trips, going round and entering.

Counted are instructions, not cycles: no cache and no latency is known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.features.rounds import Rows, rows_of
from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams, pick, sums
from costmodel.features.vectors import (
    COSTS,
    Accessed,
    Body,
    Plan,
    Trips,
    accessed_in_a_round,
    arithmetic_of,
    plan_of,
    shuffles,
    trips_of,
    work_of_body,
)

_LEVELS = np.arange(DEPTH)


@dataclass(frozen=True, slots=True)
class Executed:
    """Of every row: whose it is, instructions of all its rounds, lanes of its vectors, and how they came about (columns in the order of
    `_DETAILS`)."""

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
    work = np.array([work_of_body(each) for each in streams.works], dtype=np.float64).reshape(-1, 7)[streams.work]
    rows = rows_of(streams, work[:, 0])
    level = np.logical_and.accumulate(rows.written & (streams.depth[rows.body, None] - 1 > _LEVELS), axis=1).sum(axis=1)
    trips = np.maximum(rows.trips, 1e-3)
    within = np.ones((len(trips), DEPTH + 1))
    within[:, 1:] = np.multiply.accumulate(trips, axis=1)
    copies = pick(within, level)
    body = arithmetic_of(work[rows.body], copies, streams.reassociates[rows.body] > 0)
    turn = trips_of(rows, streams, level)
    found = accessed_in_a_round(rows, streams, level, copies)
    plan = plan_of(rows, body, found, turn, streams)
    return _counted(rows, streams, body, found, turn, plan, level, within)


@dataclass(frozen=True, slots=True)
class _Round:
    """Instructions of a round, and those of them that are done once for all rounds of the loop around."""

    inside: Floats
    hoisted: Floats


def _round(
    rows: Rows, body: Body, found: Accessed, turn: Trips, plan: Plan, lanes: Floats, packed: Floats, stays: Flags
) -> _Round:
    mine, own = lanes[rows.row], packed[rows.row]
    wide, moving, together = mine > 1, found.kind > 0, found.run >= packed[rows.row]
    shuffled = np.where(plan.cancels[rows.row], 1.0, shuffles(COSTS.shuffled, found.factor, mine))
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
    body: Body,
    found: Accessed,
    turn: Trips,
    plan: Plan,
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


def _gone(turn: Trips, plan: Plan, size: Floats) -> Flags:
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
    turn: Trips, plan: Plan, mine: _Round, alone: _Round, gone: Flags, size: Floats
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


def _reduced(rows: Rows, found: Accessed, plan: Plan) -> Floats:
    """Instructions that add up the lanes of sums."""
    held = rows.per_row(np.where(found.reads & found.writes & (found.kind == 0), found.count, 0.0))
    return COSTS.reduced * held * (2 * np.log2(plan.lanes) + plan.copies + 2)


def _outer(
    rows: Rows, streams: Streams, found: Accessed, plan: Plan, level: Integers, within: Floats
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

"""Instructions that a nest executes, as LLVM leaves it: loops written out (`rounds.py`), vectors (`vectors.py`), packs (`packs.py`); hoisting, rests.

    for i { for k { for j < 8 { C[i, j] += A[i, k] * B[k, j] } } }     j is written out and packed: per k one load of A, and of B, C in a register

1. A loop of a single vector, or of few rounds, is gone after vectors were made: what does not move with the loop around it is hoisted
   there, as far as there are registers.
2. *Instructions*: arithmetic with the loads that fold into it, shuffles of interleaved accesses, rests of trips, going round and entering.

Counted are instructions, not cycles: no cache and no latency is known here. Loops over small arrays, compiled (`costmodel/scalar.py`), body
after body, row after row; what a step finds lies in arrays for the next one (`row.py`).
"""

from __future__ import annotations

import numpy as np

from costmodel.features.believed import ACCESSES
from costmodel.features.counting import COLUMNS, DETAILS, TOTAL, count_row
from costmodel.features.packs import INTERLEAVED, tell_lanes
from costmodel.features.rounds import begin_row, settle, split, split_of, weigh
from costmodel.features.row import (
    FACTS,
    FOUND,
    MEMBERS,
    MOST_ROWS,
    OPERATIONS,
    ROW,
    RUN,
    SAID,
    SAVED,
    SPLITS,
    TRIPS,
    WEIGHTS,
    WITHIN,
    WORK,
    WRITTEN,
)
from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams
from costmodel.features.unrolled import MOST_ADDRESSES, distinct_addresses, offsets_of
from costmodel.features.vectors import (
    TABLES,
    at_least,
    count_work,
    plan,
    tell_accesses,
    tell_trips,
    work_of_body,
)
from costmodel.scalar import native

_ROUND, _SUMS, _HOISTED, _LANES = map(DETAILS.index, ("round", "sums", "hoisted", "lanes"))


def executed_names() -> tuple[str, ...]:
    """The columns of `executed_columns`, in order."""
    return (
        *(f"executed {name}" for name in DETAILS),
        "executed parts",
        "executed instructions",
        "executed in vectors",
    )


def executed_columns(streams: Streams, done: Floats) -> Floats:
    """One row a nest: the row of most instructions in detail, how many there are, and instructions per operation `done` of all."""
    bodies, columns = np.zeros((streams.bodies, COLUMNS)), np.zeros((streams.nests, COLUMNS + 1))
    count = len(streams.body)
    own = (streams.size, streams.loads, streams.stores, streams.members, streams.run)
    _execute(
        streams.bodies,
        streams.begins,
        streams.depth,
        streams.constant,
        streams.trips,
        streams.tiles,
        streams.follows,
        streams.hops,
        _work(streams),
        streams.strides,
        streams.steps,
        np.array(own).T.copy(),
        streams.size,
        *offsets_of(streams, streams.at),
        np.empty(MOST_ADDRESSES),
        TABLES,
        INTERLEAVED,
        np.zeros(count * DEPTH),
        ACCESSES,
        np.zeros(DEPTH, dtype=np.int64),
        np.empty(MOST_ROWS, dtype=np.int64),
        np.empty(WEIGHTS),
        np.empty(2 * MOST_ROWS * ROW),
        np.empty(FACTS),
        np.empty(count),
        np.empty(count),
        np.empty(count * FOUND),
        bodies,
    )
    _of_nests(len(streams.of), streams.nest, streams.of, bodies, columns)
    for column, least in ((_ROUND, 0.01), (_SUMS, 1.0), (_HOISTED, 1.0)):
        columns[:, column] = np.log2(columns[:, column] + least)
    columns[:, TOTAL] = np.log2(np.maximum(columns[:, TOTAL], 1.0)) - done
    return columns


def _work(streams: Streams) -> Floats:
    counted = np.array([work_of_body(each) for each in streams.works], dtype=np.float64).reshape(-1, WORK - 1)
    return np.concatenate([counted[streams.work], streams.reassociates[:, None]], axis=1)


@native
def _execute(
    bodies: int,
    begins: Integers,
    depth: Integers,
    constant: Flags,
    trips: Floats,
    tiles: Floats,
    follows: Flags,
    hops: Flags,
    work: Floats,
    strides: Floats,
    steps: Floats,
    said: Floats,
    size: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    places: Floats,
    tables: Floats,
    interleaved: Floats,
    units: Floats,
    accesses: Floats,
    roots: Integers,
    sides: Integers,
    weights: Floats,
    rows: Floats,
    facts: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    into: Floats,
) -> None:
    """Of every body the row of most instructions, how many rows there are, and the instructions of all."""
    for body in range(bodies):
        begin, end, loops = begins[body], begins[body + 1], depth[body] if depth[body] < DEPTH else DEPTH
        weigh(
            body,
            begin,
            end,
            loops,
            constant,
            trips,
            follows,
            strides,
            work,
            said,
            first,
            several,
            offsets,
            units,
            roots,
            weights,
        )
        begin_row(body, constant, trips, rows)
        most, many, here, turn = -1.0, 1, 0, 0
        while many > 0:
            splitting = 0
            for at in range(many):
                row = (here + at) * ROW
                settle(
                    row,
                    depth[body],
                    float(work[body * WORK + OPERATIONS]),
                    float(work[body * WORK + SAVED]),
                    weights,
                    rows,
                )
                sides[at] = split_of(row, body, depth[body], tiles, weights, rows) if turn < SPLITS else -1
                if sides[at] >= 0:
                    splitting += 1
                else:
                    level = _level(row, depth[body], rows)
                    _multiply(row, rows, facts)
                    for stream in range(begin, end):
                        count[stream] = said[stream * SAID + MEMBERS]
                        run[stream] = said[stream * SAID + RUN]
                        if level > 0:
                            distinct_addresses(
                                stream,
                                level,
                                row + TRIPS,
                                steps,
                                rows,
                                size,
                                first,
                                several,
                                offsets,
                                places,
                                count,
                                run,
                            )
                    count_work(body, level, work, facts)
                    tell_trips(row, body, level, tiles, hops, roots, rows, facts)
                    tell_accesses(
                        begin,
                        end,
                        level,
                        float(facts[WITHIN + level]),
                        steps,
                        said,
                        first,
                        several,
                        offsets,
                        units,
                        roots,
                        count,
                        run,
                        found,
                    )
                    tell_lanes(
                        row,
                        begin,
                        end,
                        level,
                        steps,
                        said,
                        first,
                        several,
                        offsets,
                        interleaved,
                        rows,
                        count,
                        run,
                        found,
                        facts,
                    )
                    plan(body, level, begin, end, work, said, accesses, count, run, found, facts)
                    most = count_row(
                        row,
                        body,
                        begin,
                        end,
                        depth[body],
                        level,
                        work,
                        said,
                        steps,
                        tables,
                        rows,
                        count,
                        run,
                        found,
                        facts,
                        most,
                        into,
                    )
            there, done = MOST_ROWS - here, 0
            for at in range(many):
                if sides[at] >= 0:
                    inner = _inner(sides[at])
                    whole, last = (there + done) * ROW, (there + splitting + done) * ROW
                    split((here + at) * ROW, whole, last, body, inner, sides[at] - inner * DEPTH, tiles, rows)
                    done += 1
            many = 2 * splitting
            here = there
            turn += 1


def _inner(side: int) -> int:
    """The first of two loops that one number says."""
    inner = 0
    while (inner + 1) * DEPTH <= side:
        inner += 1
    return inner


def _level(row: int, depth: int, rows: Floats) -> int:
    """The innermost loop that is left."""
    level = 0
    while level < DEPTH - 1 and level < depth - 1 and rows[row + WRITTEN + level] > 0.0:
        level += 1
    return level


def _multiply(row: int, rows: Floats, facts: Floats) -> None:
    """Of every loop the rounds of all loops inside it."""
    facts[WITHIN] = 1.0
    for loop in range(DEPTH):
        facts[WITHIN + loop + 1] = facts[WITHIN + loop] * at_least(float(rows[row + TRIPS + loop]), 1e-3)


@native
def _of_nests(places: int, nest: Integers, of: Integers, bodies: Floats, columns: Floats) -> None:
    """Of every nest the body of most instructions, instructions of all, and the share of bodies in vectors."""
    at = 0
    while at < places:
        mine, end, total, vectors, most, hot = nest[at], at, 0.0, 0.0, -1.0, of[at]
        while end < places and nest[end if end < places else at] == mine:
            own = of[end] * COLUMNS
            total += bodies[own + TOTAL]
            vectors += 1.0 if bodies[own + _LANES] > 1.0 else 0.0
            hot = of[end] if bodies[own + TOTAL] > most else hot
            most = at_least(float(bodies[own + TOTAL]), most)
            end += 1
        for column in range(COLUMNS):
            columns[mine * (COLUMNS + 1) + column] = bodies[hot * COLUMNS + column]
        columns[mine * (COLUMNS + 1) + TOTAL] = total
        columns[mine * (COLUMNS + 1) + COLUMNS] = vectors / float(end - at)
        at = end

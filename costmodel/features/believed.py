"""What LoopVectorize thinks that a round costs, in so many lanes: by which it chooses lanes, and how many copies.

    for j { C[i, j] += A[j, i] }     eight lanes of f32: two loads and a store for C, an addition, 15 for A's column, 2 for going round

The numbers are those of LLVM 22 for a core with AVX2 (X86TargetTransformInfo.cpp): arithmetic as `opt -passes='print<cost-model>'` prints it;
accesses that do not follow each other as the vectorizer was found to count them in loops of one such access, by the least
`-small-loop-cost` that makes two copies. None was fitted. Functions of the subset (`costmodel/scalar.py`), for `vectors.py`.
"""

from __future__ import annotations

from math import floor

import numpy as np

from costmodel.features.row import (
    AGAIN,
    FACTOR,
    FLOATING,
    FOUND,
    KIND,
    KNOWN,
    LANES,
    LONGEST,
    MASKED,
    MEMBERS,
    READS,
    RUN,
    SAID,
    SINGLE,
    SIZE,
    THINKS,
    THOUGHT,
    WITHIN,
    WRITES,
)
from costmodel.scalar import Floats
from costmodel.tokens.vocabulary import OpClass

VECTOR = 32.0
"""Bytes of a vector."""
GOING = 2.0
"""Of a round: its counter's addition, and the comparison."""
MASKING, MASKED_LOAD, MASKED_STORE, CHOSEN = 1.0, 2.0, 8.0, 2.0
"""Of a mask; of a load and a store by it; of a sum that it chooses from."""
_SMALL, _MOST_COPIES = 20.0, 4.0
"""A loop that costs less is copied for its own sake (LoopVectorize: SmallLoopCost); copies at most (X86: getMaxInterleaveFactor)."""
_REGISTERS = 16.0
_ALONE = (1.0, 1.0, 1.0, 1.0)
_ARITHMETIC = {
    (OpClass.MUL, "i32"): (1.0, 2.0, 2.0, 4.0),
    (OpClass.MUL, "i64"): (2.0, 6.0, 6.0, 12.0),
    (OpClass.DIV, "f32"): (7.0, 7.0, 7.0, 14.0),
    (OpClass.DIV, "f64"): (14.0, 14.0, 28.0, 56.0),
    (OpClass.SQRT, "f32"): (7.0, 7.0, 7.0, 14.0),
    (OpClass.SQRT, "f64"): (14.0, 14.0, 28.0, 56.0),
    (OpClass.MINMAX, "f32"): (2.0, 2.0, 2.0, 2.0),
    (OpClass.MINMAX, "f64"): (2.0, 2.0, 2.0, 4.0),
    (OpClass.MINMAX, "i64"): (1.0, 2.0, 2.0, 4.0),
    (OpClass.SELECT, "f32"): (2.0, 2.0, 2.0, 2.0),
    (OpClass.SELECT, "f64"): (2.0, 2.0, 2.0, 4.0),
    (OpClass.SELECT, "i32"): (1.0, 2.0, 2.0, 2.0),
    (OpClass.SELECT, "i64"): (1.0, 2.0, 2.0, 4.0),
}
"""Of an operation in one, two, four and eight lanes, where it is not one each time."""


def arithmetic(operation: tuple[OpClass, str]) -> tuple[float, float, float, float]:
    """What an operation is thought to cost in one, two, four and eight lanes."""
    return _ARITHMETIC.get(operation, _ALONE)


_NONE = 1e9
_LOADS = (
    *((2, 2, 4), (3, 3, 7), (4, 8, 16), (_NONE,) * 3, (6, 15, 31), (_NONE,) * 3, (_NONE, _NONE, 40)),
    *((2, 4, 8), (1, 5, 10), (6, 8, 20), (_NONE,) * 3, (6, 18, 36), (_NONE,) * 3, (_NONE,) * 3),
)
"""Shuffles that take a group of loads apart, all of them; of accesses of four bytes and of eight, by how many places they have (2 to 8), in
two, four and eight lanes."""
_STORES = (
    *((2, 3, 6), (7, 7, 14), (6, 8, 20), (_NONE,) * 3, (11, 15, 39), (_NONE,) * 3, (_NONE,) * 3),
    *((3, 6, 12), (6, 9, 18), (8, 12, 28), (_NONE,) * 3, (11, 21, 42), (_NONE,) * 3, (_NONE,) * 3),
)
"""Of a full group of stores with its shuffles."""
_LOADED, _STORED, _GROUPED = (3, 7, 15, 4, 8, 17), (5, 12, 25, 6, 13, 27), (3, 7, 15, 5, 9, 19)
"""Of a load and of a store that lie anywhere, of floating-point numbers and of others; and of a store in a full group that has no entry."""
_OF_LOADS, _OF_STORES, _OF_LOADED, _OF_STORED, _OF_GROUPED = 0, 42, 84, 90, 96
ACCESSES = np.array([*np.array(_LOADS).flat, *np.array(_STORES).flat, *_LOADED, *_STORED, *_GROUPED], dtype=np.float64)


def choose_lanes(
    own: int,
    level: int,
    begin: int,
    end: int,
    most: float,
    gaps: float,
    masking: float,
    work: Floats,
    said: Floats,
    accesses: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """In how many lanes, at most so many, a round is thought to cost least, and what it costs (LoopVectorize: isMoreProfitable): of a trip that
    is known all rounds with those that are left over, or all rounds by masks."""
    longest, once = float(facts[LONGEST]), float(facts[THINKS])
    single, by_mask = facts[SINGLE] > 0.0 and facts[KNOWN] > 0.0, facts[MASKED] > 0.0
    lanes, best, wide, tried = 1.0, once, 1, 2.0
    for more in range(1, 4):
        facts[THINKS + more] = once
    while wide <= 3 and tried <= most:
        thought = float(work[own + THOUGHT + wide]) * facts[WITHIN + level]
        floating = float(work[own + FLOATING])
        each = cost_of(begin, end, wide, tried, gaps, floating, thought, said, accesses, count, run, found) + masking
        facts[THINKS + wide] = each
        now, before = of_all_rounds(longest, tried, each, once), of_all_rounds(longest, lanes, best, once)
        filled, least = -floor(-longest / tried) * each, -floor(-longest / lanes) * best
        sooner = (filled < least if by_mask else now < before) if single else each * lanes < best * tried
        lanes, best = tried if sooner else lanes, each if sooner else best
        tried, wide = tried * 2.0, wide + 1
    facts[LANES] = lanes
    return best


def of_all_rounds(trips: float, lanes: float, cost: float, once: float) -> float:
    """What so many trips are thought to cost in so many lanes, and what is left over one by one."""
    rounds = floor(trips / lanes)
    return rounds * cost + (trips - rounds * lanes) * once


def cost_of(
    begin: int,
    end: int,
    wide: int,
    lanes: float,
    gaps: float,
    floating: float,
    operations: float,
    said: Floats,
    accesses: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
) -> float:
    """What a round of so many lanes, two to the power of `wide`, is thought to cost, with operations at that; whether groups of loads may
    have gaps at their ends."""
    total, column = operations + GOING, wide - 1
    other = column if floating > 0.0 else column + 3
    for stream in range(begin, end):
        at, amount, size = stream * FOUND, float(count[stream]), float(said[stream * SAID + SIZE])
        kind, reads, writes = float(found[at + KIND]), float(found[at + READS]), float(found[at + WRITES])
        factor, together = float(found[at + FACTOR]), float(run[stream])
        each = float(accesses[_OF_LOADED + other])
        apart = group_of(wide, lanes, factor, together, size, gaps, each, accesses)
        load = amount * (apart if apart >= 0.0 else each)
        full = (
            factor > 1.0
            and factor <= 8.0
            and together - factor * floor(together / (factor if factor > 0.0 else 1.0)) == 0.0
        )
        entry = float(accesses[_OF_STORES + row_of(factor, size) * 3 + column])
        single = factor * accesses[_OF_GROUPED + other]
        group = entry if entry < single else single
        store = amount * (group / (factor if factor > 0.0 else 1.0) if full else float(accesses[_OF_STORED + other]))
        again = float(found[at + AGAIN]) if lanes * size >= VECTOR else 0.0
        total += again
        plain = amount * (reads + writes)
        far = (
            reads * load
            + writes * store
            + indices(stream, kind, said) * (lanes if apart < 0.0 or writes > 0.0 else 1.0)
        )
        total += plain if kind == 1.0 else (far if kind > 0.0 else 0.0)
    return total


def group_of(
    wide: int, lanes: float, factor: float, together: float, size: float, gaps: float, each: float, accesses: Floats
) -> float:
    """What one of the loads of a group is thought to cost, of so many places of which so many together are loaded; -1: loads one by one cost
    less, or there is no such group."""
    members = together if together < factor else factor
    shuffles = float(accesses[_OF_LOADS + row_of(factor, size) * 3 + wide - 1])
    memory = -floor(-lanes * factor * size / VECTOR)
    all_of_them = memory - floor(-members * shuffles / (factor if factor > 0.0 else 1.0))
    may = factor > 1.0 and factor <= 8.0 and factor == floor(factor) and (gaps > 0.0 or members == factor)
    one = all_of_them / (members if members >= 1.0 else 1.0)
    return one if may and one < each else -1.0


def row_of(factor: float, size: float) -> int:
    """Of accesses in groups of so many places the row of the tables."""
    places = 2
    while places < 8 and float(places) < factor:
        places += 1
    return places - 2 + (7 if size > 4.0 else 0)


def indices(stream: int, kind: float, said: Floats) -> float:
    """Arithmetic for the subscripts of accesses that lie anywhere: a multiplication and an addition where the text has another row."""
    rows = float(said[stream * SAID + MEMBERS]) / at_least_one(float(said[stream * SAID + RUN]))
    return 2.0 * rows if kind == 3.0 else 0.0


def at_least_one(number: float) -> float:
    """The larger of this and one."""
    return number if number > 1.0 else 1.0


def leaves_last(
    begin: int,
    end: int,
    lanes: float,
    floating: float,
    said: Floats,
    accesses: Floats,
    run: Floats,
    found: Floats,
) -> float:
    """Whether the last round is left to scalars: some loads are a group with a gap at its end, which may lie beyond the array
    (InterleaveGroup: requiresScalarEpilogue). Where a row's load is carried on to the next round, the row is one shorter."""
    leaves, wide, tried = 0.0, 1, 2.0
    while wide < 3 and tried < lanes:
        wide, tried = wide + 1, tried * 2.0
    for stream in range(begin, end):
        at, size = stream * FOUND, float(said[stream * SAID + SIZE])
        factor, together = float(found[at + FACTOR]), float(run[stream])
        together = together - 1.0 if found[at + AGAIN] > 0.0 and together > 1.0 else together
        each = float(accesses[_OF_LOADED + (wide - 1 if floating > 0.0 else wide + 2)])
        grouped = group_of(wide, lanes, factor, together, size, 1.0, each, accesses) >= 0.0
        gap = together - factor * floor(together / (factor if factor > 0.0 else 1.0)) != 0.0
        loads = found[at + READS] > 0.0 and found[at + KIND] > 1.0
        leaves = 1.0 if loads and grouped and gap else leaves
    return leaves


def copies_of(
    begin: int,
    end: int,
    lanes: float,
    cost: float,
    operations: float,
    held: float,
    carried: float,
    longest: float,
    count: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """How often a round of vectors is copied (LoopVectorize: selectInterleaveCount), as far as registers for what stands still and what is
    carried on allow; where more stands still than there are registers any number does (LLVM's difference has no sign)."""
    loads, stores, still, again = 0.0, 0.0, 0.0, 0.0
    for stream in range(begin, end):
        at = stream * FOUND
        loads += count[stream] * found[at + READS] if found[at + KIND] > 0.0 else 0.0
        stores += count[stream] * found[at + WRITES] if found[at + KIND] > 0.0 else 0.0
        still += count[stream] if found[at + KIND] == 0.0 and found[at + WRITES] == 0.0 else 0.0
        again += found[at + AGAIN]
    living = held + again + (3.0 if again > 0.0 and operations > 4.0 else 1.0)
    left = _REGISTERS - still - 1.0
    free = power_below(left / living) if left >= 0.0 else _MOST_COPIES
    most, less = power_below(longest / lanes), power_below(longest / lanes / 2.0)
    alike = longest - most * lanes * floor(longest / (most * lanes)) == longest - less * lanes * floor(
        longest / (less * lanes)
    )
    known = facts[KNOWN] > 0.0 and facts[SINGLE] > 0.0
    limit = (most if alike else less) if known else _MOST_COPIES
    limit = limit if limit < free else free
    small = power_below(_SMALL / cost)
    small = small if small < limit else limit
    by_stores = power_below(floor(limit / (stores if stores > 1.0 else 1.0)))
    by_loads = power_below(floor(limit / (loads if loads > 1.0 else 1.0)))
    ports = by_stores if by_stores > by_loads else by_loads
    few = (ports if ports > small else small) if cost < _SMALL else 1.0
    return limit if carried > 0.0 else few


def power_below(limit: float) -> float:
    """The largest power of two up to this, from 1 to the most copies."""
    found = 1.0
    while found * 2.0 <= limit and found < _MOST_COPIES:
        found = found * 2.0
    return found

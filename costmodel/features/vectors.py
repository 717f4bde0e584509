"""Which vectors and packs LLVM makes of the innermost loop that is left, and what such a loop accesses in a round.

    for i { for j { C[i, j] += A[i, k] * B[k, j] } }     vectors of eight along j; along k none, as the sum is strict

1. *Vectors*, unless the loop carries a strict sum: accesses that stand still, follow each other, interleave, or lie anywhere. Few rounds
   give some only where they fill them, or by masks; but that a trip which varies is short LLVM does not know.
2. *Packs* of neighbours that a round stores, where there are no vectors, and in the rounds that are left over.

Rules are LLVM's (LoopVectorize, SLPVectorizer), and so are the costs by which lanes are chosen (`believed.py`); instructions (`Costs`) were
fitted to those that 256 and 216 kernels that do not ship executed, never to times.
Functions of the subset (`costmodel/scalar.py`), for `executed.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor

import numpy as np

from costmodel.features.believed import (
    CHOSEN,
    GOING,
    MASKED_LOAD,
    MASKED_STORE,
    MASKING,
    VECTOR,
    arithmetic,
    choose_lanes,
    copies_of,
    indices,
    leaves_last,
)
from costmodel.features.horizontal import added_up
from costmodel.features.packs import packed as packed_of
from costmodel.features.recurring import breaks_off, carried_on
from costmodel.features.rounds import last_tile, nearest, whole_tile
from costmodel.features.row import (
    AGAIN,
    APART,
    BELIEVED,
    CALLS,
    CANCELS,
    CARRIED,
    CARRIES,
    CASE,
    CASES,
    CODE,
    CONSTANT,
    COPIED,
    COPIES,
    EXTREMES,
    FACTOR,
    FLOATING,
    FOLDED,
    FOLDING,
    FOUND,
    FREE,
    INSTRUCTIONS,
    KIND,
    KNOWN,
    LANES,
    LAST,
    LOADS,
    LONGEST,
    MASKED,
    OPERATIONS,
    PACKED,
    READS,
    ROUND_INSTRUCTIONS,
    ROUND_OPERATIONS,
    SAID,
    SAVED,
    SHARES,
    SINGLE,
    SIZE,
    STORES,
    STRICT,
    THINKS,
    THOUGHT,
    TRIPS,
    USES,
    WIDTH,
    WITHIN,
    WORK,
    WRITES,
    WRITTEN,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Flags, Floats, Integers
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import OpClass, is_float

_FEW = 16.0
"""Rounds below which vectors leave no rest (LoopVectorize: TinyTripCountVectorThreshold)."""
_SCANNED, _MANY = 30.0, 1e9
"""Values that VectorCombine looks at for a vector (vector-combine-max-scan-instrs); more than there are of anything."""
_NO_WORK = (OpClass.LOAD, OpClass.STORE, OpClass.LOOP, OpClass.CONSTANT)
_ADDS = (OpClass.ADD, OpClass.FMA)
_CARRIED = (*_ADDS, OpClass.MINMAX, OpClass.SELECT)
_CALLS = (OpClass.MATH, OpClass.CALL, OpClass.IF)


@dataclass(frozen=True, slots=True)
class Costs:
    """Instructions, where nothing else is said."""

    gathered: float = 1.1
    blended: float = 0.5
    scattered: float = 1.03
    apart: float = 1.5
    """Of a store whose neighbours are not packed."""
    recurring: float = 2.0
    recurring_wide: float = 3.0
    """Of what the next round would load again, in vectors: it is put together of two loads; of eight floating-point numbers by three shuffles."""
    registers: float = 16.0
    spilled: float = 0.154
    moved: float = 1.4
    """Of what is kept over all rounds of a loop that is gone, where registers are too few: of what is read each time that they lack, and of
    every sum, as the allocator moves those around."""
    collected: float = 1.1
    """Of a load that a pack collects from lanes that lie apart."""
    shifted: float = 2.0
    """Of a pack that overlaps with others: LLVM makes some of them of two others."""
    access: float = 3.0
    """Of an access, in what LLVM looks back through."""
    written: float = 85.4
    """Instructions of all rounds of a loop that is gone after vectors were made."""
    enter: float = 14.8
    enter_varying: float = 20.3
    """To enter a loop of vectors with a constant trip, and with another."""
    resume: float = 2.0
    """And for every stream, to go on in vectors with what is left over."""
    turn: float = 1.12
    pointer: float = 0.37
    """Of a round of a loop around, and of every stream that moves with it."""
    control: float = 2.35
    rest: float = 0.246
    rest_varying: float = 1.0
    """Of what is left over one by one: written out where its number is known, and a loop where it is not (one that LLVM made vectors of it
    does not unroll)."""
    reduced: float = 0.772
    function: float = 40.0
    called: float = 24.0
    copied: float = 0.14
    """Of a call of `memcpy`, and of a byte of a long one."""


COSTS = Costs()
SHUFFLED, LOGARITHMS = 0, 9
"""Where in `TABLES` the costs of an interleaved access stand, by lanes (two, four, eight) and by how many interleave (two, up to four, more):
in instructions; then the binary logarithms of numbers of lanes from 1."""
_MOST_LANES = 256
TABLES = np.array(
    [
        *(1.38, 0.8, 0.8, 2.15, 2.8, 4.8, 2.58, 8.0, 12.8),
        *np.log2(np.arange(1, _MOST_LANES + 1)).tolist(),
    ]
)


@lru_cache(maxsize=1 << 12)
def work_of_body(work: Work) -> tuple[float, ...]:
    """Of one iteration: operations, their instructions, those of them that multiply-add saves; then 1 or 0: whether there are floating-point
    ones, extremes or choices among such, calls or branches, and operations by which a loop carries something; then what they are thought to cost
    in one, two, four and eight lanes; loads that they may do, and multiplications."""
    kinds = [(kind, element) for kind, element in work.operations if kind not in _NO_WORK]
    names = [kind for kind, _ in kinds]
    compared = sum(k is OpClass.COMPARE and is_float(element) for k, element in kinds)
    chosen = sum(k is OpClass.SELECT and is_float(element) for k, element in kinds)
    floating = any(is_float(element) for _, element in kinds)
    return (
        float(len(kinds)),
        sum((COSTS.function if k is OpClass.MATH else 30.0 if k is OpClass.CALL else 1.0 for k in names), 0.0)
        - float(min(compared, chosen)),
        float(min(sum(k in _ADDS for k in names), names.count(OpClass.MUL))),
        float(floating),
        float(floating and any(k in (OpClass.MINMAX, OpClass.SELECT) for k in names)),
        float(any(k in _CALLS for k in names)),
        float(any(k in _CARRIED for k in names)),
        *(sum((arithmetic(each)[wide] for each in kinds), 0.0) for wide in range(4)),
        float(folding(names)),
        float(names.count(OpClass.MUL)),
    )


def folding(names: Sequence[OpClass]) -> int:
    """Loads that operations of these kinds may do themselves, one each: sums of products are of registers."""
    products = names.count(OpClass.MUL)
    others = len(names) - products
    return products if others <= products else others


def count_work(body: int, level: int, work: Floats, facts: Floats) -> None:
    """Arithmetic of a round."""
    saved = work[body * WORK + SAVED] if work[body * WORK + FREE] > 0.0 else 0.0
    facts[ROUND_OPERATIONS] = work[body * WORK + OPERATIONS] * facts[WITHIN + level]
    facts[FOLDED] = work[body * WORK + FOLDING] * facts[WITHIN + level]
    facts[ROUND_INSTRUCTIONS] = (work[body * WORK + INSTRUCTIONS] - saved) * facts[WITHIN + level]


def tell_trips(
    row: int, body: int, level: int, tiles: Floats, hops: Flags, roots: Integers, rows: Floats, facts: Floats
) -> None:
    """Trips of the loop that is left: whole tiles and the last one; or, of a triangle, an even spread, or now and then one. Where there are two
    tiles the vectorizer does not know the trip: IndVarSimplify has made the counter of the first a choice of two numbers, and the bound another;
    but of a loop that counts by more than one it leaves the bound (linearFunctionTestReplace)."""
    trip, count = float(rows[row + TRIPS + level]), float(tiles[body * DEPTH + level])
    known = rows[row + CONSTANT + level] > 0.0
    single = known or trip <= 0.0
    last = -1.0 if single else last_tile(trip, count)
    for case in range(CASE):
        spread = nearest(2.0 * trip * (float(case) + 0.5) / float(CASE))
        varies = not single and last < 0.0
        facts[CASES + case] = (spread if spread > 1.0 else 1.0) if varies else 0.0
        facts[SHARES + case] = 1.0 / float(CASE) if varies else 0.0
    if single:
        facts[CASES] = trip if trip > 0.0 else 0.0
        facts[SHARES] = 1.0
    if not single and last < 0.0 and trip < 1.0:
        for case in range(CASE):
            facts[CASES + case] = 1.0 if case == 0 else 0.0
            facts[SHARES + case] = trip if case == 0 else (1.0 - trip) / float(CASE - 1)
    if last >= 0.0:
        facts[CASES] = whole_tile(trip)
        facts[CASES + 1] = last
        facts[SHARES] = 1.0 - 1.0 / count
        facts[SHARES + 1] = 1.0 / count
    longest = 0.0
    for case in range(CASE):
        longest = facts[CASES + case] if facts[CASES + case] > longest else longest
    for loop in range(level + 1, DEPTH):
        out = rows[row + WRITTEN + loop] > 0.0
        written = out and rows[row + CONSTANT + loop] > 0.0
        known = known or (written and roots[loop] == level and rows[row + TRIPS + loop] == count)
        twice = roots[loop] == level and hops[body * DEPTH + level] == 0 and rows[row + TRIPS + loop] == 2.0 and not out
        known = known and not twice
    facts[LONGEST] = longest
    facts[SINGLE] = 1.0 if single else 0.0
    facts[KNOWN] = 1.0 if known else 0.0


def tell_accesses(
    begin: int,
    end: int,
    level: int,
    copies: float,
    steps: Floats,
    said: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    units: Floats,
    roots: Integers,
    count: Floats,
    run: Floats,
    found: Floats,
) -> None:
    """Of every stream what it does in a round, but for the distinct addresses and their longest run, which are known."""
    for stream in range(begin, end):
        own, step, size = stream * SAID, float(steps[stream * DEPTH + level]), float(said[stream * SAID + SIZE])
        gapless = run[stream] * size >= step or step == 2.0 * size
        far = 2.0 if step <= 8.0 * size and gapless else 3.0
        kind = 0.0 if step == 0.0 else (1.0 if step <= size else far)
        reads, writes = said[own + LOADS] > 0.0, said[own + STORES] > 0.0
        at = stream * FOUND
        found[at + FACTOR] = step / size
        found[at + READS] = 1.0 if reads else 0.0
        found[at + WRITES] = 1.0 if writes else 0.0
        found[at + USES] = said[own + LOADS] * copies / (count[stream] if count[stream] > 1.0 else 1.0)
        found[at + KIND] = kind
        found[at + AGAIN] = carried_on(
            stream, level, begin, end, step, copies, steps, said, first, several, offsets, units, roots, run, found
        )


def at_least(number: float, least: float) -> float:
    """The larger of two."""
    return number if number > least else least


def upwards(number: float) -> float:
    """The next whole number."""
    return -floor(-number)


def table_of(first: int, factor: float, lanes: float, tables: Floats) -> float:
    """What a table of interleaved accesses says."""
    column = 0 if factor <= 2.0 else (1 if factor <= 4.0 else 2)
    return tables[first + (6 if lanes >= 8.0 else (3 if lanes >= 4.0 else 0)) + column]


def plan(
    body: int,
    level: int,
    begin: int,
    end: int,
    work: Floats,
    said: Floats,
    accesses: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> None:
    """What the compiler makes of the loop that is left."""
    widest, held, unit, moving, stores, sums, once = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, GOING
    for stream in range(begin, end):
        at = stream * FOUND
        size, kind, writes = float(said[stream * SAID + SIZE]), float(found[at + KIND]), float(found[at + WRITES])
        widest = at_least(size, widest)
        both = count[stream] * (found[at + READS] + writes)
        stands = found[at + READS] * writes > 0.0 and kind == 0.0
        held += 1.0 if stands else 0.0
        sums += count[stream] if stands else 0.0
        unit += both if kind == 1.0 else 0.0
        moving += both if kind > 0.0 else 0.0
        stores += count[stream] if kind == 1.0 and writes > 0.0 else 0.0
        once += indices(stream, kind, said) - found[at + AGAIN]
    full = 1.0 if widest > VECTOR else floor(VECTOR / (widest if widest > 0.0 else 4.0))
    longest, known, fit = float(facts[LONGEST]), facts[KNOWN] > 0.0, full
    while known and fit > 1.0 and fit > longest:
        fit = floor(fit / 2.0)
    own = body * WORK
    carried = held > 0.0 and (longest > 1.0 or facts[SINGLE] <= 0.0) and work[own + CARRIES] > 0.0
    kept = work[own + EXTREMES] > 0.0 or work[own + FREE] <= 0.0
    strict = carried and work[own + FLOATING] > 0.0 and kept
    operations, calls = float(facts[ROUND_OPERATIONS]), work[own + CALLS] > 0.0
    filled = known
    for case in range(CASE):
        filled = filled and facts[CASES + case] % fit == 0.0
    few = known and longest < _FEW
    by_mask = few and not filled and unit == moving
    masking = MASKING + (MASKED_LOAD - 1.0) * (unit - stores) + (MASKED_STORE - 1.0) * stores + CHOSEN * held
    facts[MASKED] = 1.0 if by_mask else 0.0
    facts[THINKS] = work[own + THOUGHT] * facts[WITHIN + level] + moving + once
    best = choose_lanes(
        own,
        level,
        begin,
        end,
        fit * (2.0 if by_mask and fit < full and fit < longest else 1.0),
        0.0 if few else 1.0,
        masking if by_mask else 0.0,
        work,
        said,
        accesses,
        count,
        run,
        found,
        facts,
    )
    broken = breaks_off(begin, end, level, operations, said, count, run, found, facts) > 0.0
    vectors = facts[LANES] > 1.0 and (not few or filled or by_mask) and not strict and not calls and not broken
    lanes = float(facts[LANES]) if vectors else 1.0
    floating, adding = float(work[own + FLOATING]), 1.0 if carried else 0.0
    short = longest < _FEW and (known or facts[SINGLE] > 0.0)
    last = leaves_last(begin, end, lanes, floating, said, accesses, run, found) if vectors and not short else 0.0
    copied = copies_of(begin, end, lanes, best, operations, sums, adding, longest - last, count, found, facts)
    whole = 3 if full >= 8.0 else (2 if full >= 4.0 else 1)
    dear = (float(work[own + THOUGHT + whole]) - float(work[own + OPERATIONS])) * facts[WITHIN + level]
    packing = packed_of(begin, end, full, floating, dear if dear > 0.0 else 0.0, count, run, found, facts)
    alone = packing == 1.0 and floating == 0.0 and not calls
    packing = added_up(begin, end, full, 1.0 if alone else 0.0, packing, count, run, found, facts)
    facts[APART] = 1.0 if calls else packing
    facts[BELIEVED] = best / facts[LANES] / at_least(float(facts[THINKS]), 1e-9)
    facts[LANES] = lanes
    facts[WIDTH] = full
    facts[LAST] = last
    facts[PACKED] = 1.0 if vectors or calls else packing
    facts[COPIES] = copied if vectors and not by_mask else 1.0
    facts[MASKED] = 1.0 if by_mask and vectors else 0.0
    facts[STRICT] = 1.0 if strict else 0.0
    facts[CODE] = operations + moving
    facts[CARRIED] = adding
    facts[CANCELS] = _cancels(begin, end, count, run, found, facts)
    facts[COPIED] = _copied(begin, end, level, operations, said, found)


def _copied(begin: int, end: int, level: int, operations: float, said: Floats, found: Floats) -> float:
    """Bytes of a round of a loop that is a call of `memcpy` (LoopIdiomRecognize): it loads one element and stores it, each next to the last."""
    loads, stores, others = 0.0, 0.0, operations + float(level)
    for stream in range(begin, end):
        own, plain = stream * SAID, found[stream * FOUND + KIND] == 1.0 and found[stream * FOUND + FACTOR] == 1.0
        once = said[own + LOADS] + said[own + STORES] == 1.0 and plain
        loads = float(said[own + SIZE]) if once and said[own + LOADS] == 1.0 else loads
        stores = float(said[own + SIZE]) if once and said[own + STORES] == 1.0 else stores
        others += 0.0 if once else 1.0
    return loads if others == 0.0 and loads == stores and end - begin == 2 else 0.0


def _cancels(begin: int, end: int, count: Floats, run: Floats, found: Floats, facts: Floats) -> float:
    """Whether everything interleaves alike and all lanes have factors in the same order: then shuffles cancel out (VectorCombine:
    foldShuffleToIdentity). Reassociate orders factors by where they are loaded, a value that is loaded again by its first load: what is spread
    to all lanes must come first, and a row that is met again, for another factor, is no plain product that is added up, nor is it multiplied by
    another such row (what is used twice does not move). Where nothing is spread InstCombine does the same without looking at all values."""
    some, alike, factor, first, groups, spread, least = 0.0, 1.0, -1.0, -1.0, 0.0, 1.0, _MANY
    stored, added, spreads, shared = 0.0, 0.0, 0.0, 0.0
    for stream in range(begin, end):
        at = stream * FOUND
        kind, mine = float(found[at + KIND]), float(found[at + FACTOR])
        reads_only = found[at + WRITES] == 0.0
        still = kind == 0.0 and reads_only
        alike = alike if still or (kind == 2.0 and run[stream] == mine) else 0.0
        alike = 0.0 if kind == 2.0 and some > 0.0 and mine != factor else alike
        alike = 0.0 if still and first == 2.0 else alike
        first = kind if first < 0.0 and reads_only else first
        factor = mine if kind == 2.0 else factor
        some = 1.0 if kind == 2.0 else some
        spread = at_least(float(count[stream]), spread) if still else spread
        rows = count[stream] / run[stream] if kind == 2.0 else 0.0
        groups = at_least(rows, groups)
        least = rows if kind == 2.0 and reads_only and rows < least else least
        spreads += 1.0 if still else 0.0
        stored += 0.0 if reads_only else float(count[stream])
        added += 0.0 if reads_only else at_least(float(found[at + USES]), 1.0) * count[stream]
    for stream in range(begin, end):
        at = stream * FOUND
        met = found[at + KIND] == 2.0 and found[at + WRITES] == 0.0 and count[stream] < spread * run[stream]
        shared += 1.0 if met else 0.0
    operations = float(facts[ROUND_OPERATIONS])
    again = spread > 1.0 and (spread > groups or (spread > least and (operations < 3.0 * added or shared > spreads)))
    seen = 2.0 * operations / at_least(stored, 1.0) + 1.0
    return 0.0 if again or (spreads > 0.0 and seen > _SCANNED) else alike * some

"""Instructions of one row, once it is known which vectors it has: rounds, hoisting, rests of trips, loops around.

    count_row(row, body, …)      adds to `into[body]`, and keeps how the instructions came about if no other row has more

1. A loop of a single vector, or of few rounds, is gone after vectors were made: what does not move with the loop around it is hoisted
   there, as far as there are registers.
2. *Instructions*: arithmetic with the loads that fold into it, shuffles of interleaved accesses, rests of trips, going round and entering.

Refuses nothing. Functions of the subset (`costmodel/scalar.py`), for `executed.py`.
"""

from __future__ import annotations

from math import floor

from costmodel.features.believed import VECTOR, of_all_rounds
from costmodel.features.packs import ELSEWHERE, REGISTER, SAME, load_packs, shifted_packs
from costmodel.features.promoted import farther_than, loop_beyond
from costmodel.features.rounds import THRESHOLD
from costmodel.features.row import (
    ACROSS,
    AGAIN,
    APART,
    BELIEVED,
    BYTES,
    CANCELS,
    CARRIED,
    CASE,
    CASES,
    CODE,
    CONSTANT,
    COPIED,
    COPIES,
    DONE,
    ENTERED,
    FACTOR,
    FLOATING,
    FOLDED,
    FOUND,
    HOISTED,
    INSIDE,
    KEPT,
    KIND,
    KNOWN,
    LANES,
    LAST,
    LOADED,
    LONGEST,
    MASKED,
    OUTSIDE,
    OVER,
    PACKED,
    READS,
    RECURS,
    REDUCED,
    RESTS,
    RESUMED,
    ROUND_INSTRUCTIONS,
    ROUNDS,
    SHARES,
    SINGLE,
    STANDING,
    STORED,
    STRICT,
    THINKS,
    TIMES,
    TRIPS,
    USES,
    WIDTH,
    WITHIN,
    WORK,
    WRITES,
    WRITTEN,
)
from costmodel.features.standing import standing
from costmodel.features.streams import DEPTH
from costmodel.features.vectors import COSTS, LOGARITHMS, SHUFFLED, at_least, table_of, upwards
from costmodel.scalar import Floats

DETAILS = (
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
"""How the instructions of a row came about."""
_SCANNED = 100.0
"""Instructions that LLVM looks back through for the load of the round before (MemoryDependenceResults: BlockScanLimit)."""
_REGISTERS = 16.0
"""That hold vectors (AVX2)."""
_EPILOGUE = 16.0
"""Rounds that copies of vectors do at once from which the rest is done in vectors too (LoopVectorize: EpilogueVectorizationMinVF)."""
PARTS, TOTAL = len(DETAILS), len(DETAILS) + 1
"""Besides, of a body: its rows, and the instructions of all."""
COLUMNS = len(DETAILS) + 2


def count_row(
    row: int,
    body: int,
    begin: int,
    end: int,
    depth: int,
    level: int,
    work: Floats,
    said: Floats,
    steps: Floats,
    tables: Floats,
    rows: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
    most: float,
    into: Floats,
) -> float:
    """Add a row's instructions to its body's, and keep how they came about if they are the most; they, or what was the most."""
    lanes, packed, copies = float(facts[LANES]), float(facts[PACKED]), float(facts[COPIES])
    vectors, known = facts[LANES] > 1.0, facts[KNOWN] > 0.0
    shift = COSTS.recurring_wide if facts[WIDTH] >= 8.0 and work[body * WORK + FLOATING] > 0.0 else COSTS.recurring
    facts[STANDING] = standing(body, begin, end, level, work, said, steps, facts)
    _round(begin, end, lanes, packed, -1, -1, 1.0, 1.0, shift, steps, tables, count, run, found, facts)
    size = facts[INSIDE] + 2.0
    gone = _gone(size, facts) > 0.0
    left = _left(row, depth, level, rows)
    below, edge = left < depth, left if left < DEPTH else DEPTH - 1
    stays = edge if gone and below else -1
    around = at_least(float(rows[row + TRIPS + edge]), 1e-3) if below else 1.0
    second = loop_beyond(row, edge, depth, rows, facts) if gone and below else -1
    beyond = at_least(float(rows[row + TRIPS + (second if second >= 0 else 0)]), 1.0)
    _round(
        begin,
        end,
        1.0,
        float(facts[APART]),
        stays,
        second,
        around,
        beyond,
        shift,
        steps,
        tables,
        count,
        run,
        found,
        facts,
    )
    farther = farther_than(row, begin, end, depth, edge, steps, rows, found, facts)
    stays_out = 1.0 - 1.0 / farther
    alone, hoisted_alone = float(facts[INSIDE]), facts[HOISTED] - stays_out * facts[KEPT]
    _round(begin, end, lanes, packed, stays, second, around, beyond, shift, steps, tables, count, run, found, facts)
    inside, hoisted = float(facts[INSIDE]), facts[HOISTED] - stays_out * facts[KEPT]
    _by_case(size, inside, 1.0 if gone else 0.0, facts)
    done, rest = float(facts[ROUNDS]), facts[RESTS] * (alone + (COSTS.rest if known else COSTS.rest_varying))
    entries = facts[WITHIN + DEPTH] / facts[WITHIN + level + 1]
    held, pointers = 0.0, 0.0
    for stream in range(begin, end):
        at = stream * FOUND
        pointers += 1.0 if found[at + KIND] > 0.0 else 0.0
        held += count[stream] if found[at + READS] * found[at + WRITES] > 0.0 and found[at + KIND] == 0.0 else 0.0
    adding = COSTS.reduced * held * (2.0 * _logarithm(lanes, tables) + copies + 2.0)
    reduced = adding if vectors and facts[CARRIED] > 0.0 else 0.0
    share = float(facts[ENTERED])
    varying = COSTS.enter_varying * share + (COSTS.enter + 2.0) * (1.0 - share)
    varying = varying + COSTS.resume * pointers * facts[RESUMED]
    entering = COSTS.enter if known else (varying if vectors else COSTS.enter + 2.0)
    total = entries * (done + rest + reduced * share + (0.0 if gone else entering))
    total = entries * _of_copies(facts) if facts[COPIED] > 0.0 else total
    total = total + (
        entries / at_least(around, 1.0) * (facts[OUTSIDE] * hoisted + facts[RESTS] * hoisted_alone)
        if gone and facts[COPIED] == 0.0
        else 0.0
    )
    again = _stored_again(row, edge, entries, around, rows, facts) if farther <= 1.0 else 0.0
    total += again if gone and below else 0.0
    outer = _outer(row, begin, end, depth, level, steps, rows, facts)
    accesses = _held(begin, end, level, packed, steps, count, run, found, facts)
    total = total + outer + accesses + 10.0 if depth > 0 else 0.0
    own = body * COLUMNS
    into[own + PARTS] += 1.0
    into[own + TOTAL] += total
    if total > most:
        per = at_least(total, 1e-9)
        into[own] = float(level)
        into[own + 1] = lanes
        into[own + 2] = packed
        into[own + 3] = copies
        into[own + 4] = facts[MASKED]
        into[own + 5] = inside / facts[WITHIN + level] / lanes
        into[own + 6] = facts[BELIEVED]
        into[own + 7] = rest * entries / per
        into[own + 8] = 1.0 if gone else 0.0
        into[own + 9] = accesses / per
        into[own + 10] = held
        into[own + 11] = hoisted
        into[own + 12] = 1.0 if known else 0.0
        into[own + 13] = facts[STRICT]
    return total if total > most else most


def _of_copies(facts: Floats) -> float:
    """Instructions of a `memcpy`: a load and a store for every vector, or a call where they are many or their number is not known."""
    total = 0.0
    for case in range(CASE):
        size = facts[COPIED] * facts[CASES + case]
        called = COSTS.called + (COSTS.copied * size if size > 8.0 * VECTOR else 0.0)
        few = facts[KNOWN] > 0.0 and facts[SINGLE] > 0.0 and size <= 8.0 * VECTOR
        total += facts[SHARES + case] * (2.0 * upwards(size / VECTOR) if few else called)
    return total


def _logarithm(lanes: float, tables: Floats) -> float:
    """Binary, of a whole number."""
    at = 0
    while float(at + 1) < lanes:
        at += 1
    return tables[LOGARITHMS + at]


def _round(
    begin: int,
    end: int,
    lanes: float,
    packed: float,
    left: int,
    second: int,
    several: float,
    beyond: float,
    shift: float,
    steps: Floats,
    tables: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> None:
    """Instructions of a round, and those of them that are done once for all rounds of the loop around: of accesses that do not move with the
    loop `left`, if that is one; or, where that is written out in `several` rounds, with the loop `second`, of so many rounds `beyond` it."""
    load_packs(begin, end, packed, count, run, found)
    wide, recurring, parts, held, inside, hoisted, accessed = lanes > 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    folded, again_stored, summed, stored, spread_out, kept_out = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    composed = _composed(begin, end, run, found, facts) if wide else 1.0
    for stream in range(begin, end):
        at, amount = stream * FOUND, float(count[stream])
        kind, reads, writes = float(found[at + KIND]), float(found[at + READS]), float(found[at + WRITES])
        uses, across, loaded = float(found[at + USES]), float(found[at + ACROSS]), float(found[at + LOADED])
        together = across > SAME and across < ELSEWHERE and packed > 1.0
        table = table_of(SHUFFLED, float(found[at + FACTOR]), lanes, tables)
        free_of_them = facts[CANCELS] > 0.0 or (composed > 1.0 and writes > 0.0)
        shuffled = 1.0 if free_of_them else table
        lonely = not together and packed > 1.0
        collected = COSTS.collected if lonely and across == ELSEWHERE else 1.0
        shifts = COSTS.shifted * shifted_packs(stream, packed, count, run, found, facts) if together else 0.0
        step = at_least(found[at + FACTOR] / (composed if writes == 0.0 else 1.0), 1.0)
        blended = step == 3.0 and run[stream] == 1.0 and facts[WIDTH] == 8.0
        gathered = lanes * (COSTS.blended if blended else COSTS.gathered)
        odd = (run[stream] - step * floor(float(run[stream]) / step)) / run[stream] if facts[LAST] == 0.0 else 0.0
        grouped = shuffled + odd * (gathered - shuffled)
        load_wide = grouped if kind == 2.0 else (gathered if kind == 3.0 else 1.0)
        store_wide = shuffled if kind == 2.0 else (lanes * COSTS.scattered if kind == 3.0 else 1.0)
        store_alone = 1.0 / packed if together else (COSTS.apart if packed > 1.0 else 1.0)
        loads = reads * (amount * load_wide if wide else loaded * collected + shifts)
        stores = amount * writes * (store_wide if wide else store_alone)
        foldable = (wide and (kind == 1.0 or facts[CANCELS] > 0.0)) or (not wide and not lonely)
        once = uses if wide else uses * amount / at_least(loaded, 1e-3) / (packed if together else 1.0)
        fills = wide or not together or facts[BYTES] >= REGISTER
        twice = 2.0 - once if wide else (1.0 if once <= 1.01 else 0.0)
        alone = twice if once > 1.0 else 1.0
        folds = foldable and alone > 0.0 and reads > 0.0 and fills
        moves = left < 0 or steps[stream * DEPTH + (left if left >= 0 else 0)] != 0.0
        all_of_them = reads * writes * several * amount * upwards(facts[LONGEST] / lanes)
        fits = all_of_them > 0.0 and all_of_them <= _REGISTERS
        there = fits and moves and second >= 0 and steps[stream * DEPTH + (second if second >= 0 else 0)] == 0.0
        moves = moves and not there
        kept = reads * writes > 0.0 and kind == 2.0 and wide and not moves
        part = 2.0 * amount * (shuffled - 1.0) if kept else 0.0
        far = reads * writes > 0.0 and kind == 3.0 and wide
        stay, out = kind > 0.0 and (moves or far), kind > 0.0 and not moves and not far
        carried = float(found[at + AGAIN]) if wide else 0.0
        recurring += carried
        accessed += amount * (reads + writes)
        parts += part
        single = amount if wide or not together else amount / packed
        lasting = at_least(single - 2.0 * carried, 0.0)
        each = alone * lasting if stay and folds else 0.0
        again_stored += each if writes > 0.0 else 0.0
        folded += each if writes == 0.0 else 0.0
        held += single * (several if there else 1.0) if out else 0.0
        spread_out = 1.0 if kind == 0.0 and writes == 0.0 else spread_out
        summed += single if out and reads * writes > 0.0 else 0.0
        inside += loads + stores if stay else 0.0
        stored += stores if out and not there else 0.0
        hoisted += (loads + stores - part) * (several / beyond if there else 1.0) if out else 0.0
        kept_out += loads + stores - part if out and not there and reads * writes > 0.0 else 0.0
    code = facts[ROUND_INSTRUCTIONS] + COSTS.access * accessed
    seen = _SCANNED / code if code > _SCANNED else 1.0
    again = (shift - 1.0) * recurring * seen
    total = facts[ROUND_INSTRUCTIONS] / packed + again + parts + (0.0 if wide else facts[REDUCED])
    rounds = at_least(upwards(facts[LONGEST] / lanes), 1.0)
    products = facts[STANDING] / packed
    total = total - products
    most = facts[FOLDED] / packed - products
    folded = again_stored + (folded if folded < most else most)
    total = total - (folded if folded < total else total)
    over = at_least(held * rounds + spread_out - COSTS.registers, 0.0) / rounds
    moved = COSTS.moved * summed if over > 0.0 else 0.0
    spills = moved + COSTS.spilled * (over if over < held - summed else held - summed)
    narrow = lanes / facts[WIDTH] if wide and facts[CANCELS] > 0.0 else 1.0
    facts[INSIDE] = (total + inside) * narrow + spills
    facts[HOISTED] = hoisted
    facts[KEPT] = kept_out
    facts[STORED] = stored


def _composed(begin: int, end: int, run: Floats, found: Floats, facts: Floats) -> float:
    """Places of a full group of stores, where they are of what was loaded: shuffles of both are one then, and do not put apart what is put
    together again."""
    places = 1.0
    for stream in range(begin, end):
        at = stream * FOUND
        full = found[at + WRITES] > found[at + READS] and run[stream] == found[at + FACTOR]
        places = float(found[at + FACTOR]) if full and facts[ROUND_INSTRUCTIONS] == 0.0 else places
    return places


def _gone(size: float, facts: Floats) -> float:
    """Whether the loop is written out after vectors were made, or is a single vector."""
    lanes, copies, longest = float(facts[LANES]), float(facts[COPIES]), float(facts[LONGEST])
    vectors, masked = lanes > 1.0, facts[MASKED] > 0.0
    rounds = at_least(longest - facts[LAST], 0.0) / (lanes * copies if vectors else 1.0)
    rounds = upwards(rounds) if masked else floor(rounds)
    few = rounds <= 1.0 or rounds * size * copies < COSTS.written
    return 1.0 if facts[KNOWN] > 0.0 and facts[SINGLE] > 0.0 and few else 0.0


def _stored_again(row: int, edge: int, entries: float, around: float, rows: Floats, facts: Floats) -> float:
    """Stores that are not hoisted out of the loop around, as it is written out too before anything is (LoopUnroll comes before LICM)."""
    lanes, out = float(facts[LANES]), rows[row + WRITTEN + edge] > 0.0
    code = facts[CODE] * upwards(facts[LONGEST] / lanes) + 1.0
    again = entries * (1.0 - 1.0 / at_least(around, 1.0)) * facts[OUTSIDE] * facts[STORED]
    small = rows[row + CONSTANT + edge] > 0.0 and around * code + 2.0 < THRESHOLD
    return again if out or small else 0.0


def _again_in_lanes(over: float, lanes: float, block: float, facts: Floats) -> float:
    """In how many lanes the rounds are done that fill no block of vectors, of which the compiler knows how many or how many at most; 1: in
    none (LoopVectorize: selectEpilogueVectorizationFactor; nor where a load is carried on to the next round)."""
    least = lanes
    for case in range(CASE):
        least = 1.0 if facts[CASES + case] % lanes != 0.0 else least
    some = over if facts[KNOWN] > 0.0 and facts[SINGLE] > 0.0 else block - least
    best, chosen, tried, wide = some * facts[THINKS], 1.0, 2.0, 1
    while tried <= lanes and tried <= some:
        thought = of_all_rounds(some, tried, float(facts[THINKS + wide]), float(facts[THINKS]))
        chosen = tried if thought < best else chosen
        best = thought if thought < best else best
        tried, wide = tried * 2.0, wide + 1
    chosen = chosen if over >= chosen else 1.0
    return chosen if block >= _EPILOGUE and facts[RECURS] == 0.0 else 1.0


def thought_of(lanes: float, facts: Floats) -> float:
    """What a round of so many lanes is thought to cost."""
    at, tried = 0, 1.0
    while at < 3 and tried < lanes:
        at, tried = at + 1, tried * 2.0
    return facts[THINKS + at]


def _left(row: int, depth: int, level: int, rows: Floats) -> int:
    """The next loop around that goes round."""
    left = level + 1
    while (
        left < depth - 1
        and left < level + 1 + DEPTH
        and rows[row + TRIPS + (left if left < DEPTH else DEPTH - 1)] == 1.0
    ):
        left += 1
    return left


def _by_case(size: float, inside: float, gone: float, facts: Floats) -> None:
    """Of every entry: instructions of rounds, rounds whose hoisted ones are done once, and rounds of rests."""
    lanes, copies, masked = float(facts[LANES]), float(facts[COPIES]), facts[MASKED] > 0.0
    vectors, block = lanes > 1.0, lanes * copies
    code = size * copies if vectors else size + 2.0
    entered, resumed = 0.0, 0.0
    for case in range(CASE):
        trips, share = float(facts[CASES + case]), float(facts[SHARES + case])
        whole = floor(at_least(trips - (facts[LAST] if vectors else 0.0), 0.0) / block) * block
        over = trips - whole
        apart = vectors and not masked
        some = at_least(over - facts[LAST], 0.0)
        again = _again_in_lanes(some, lanes, block, facts) if apart else 1.0
        single = floor(some / again) if again > 1.0 else 0.0
        alike = single * thought_of(again, facts) / at_least(thought_of(lanes, facts), 1e-9)
        times = upwards(trips / lanes) if masked else (whole / lanes + alike if vectors else trips)
        rounds = whole / block if vectors else trips
        limit, written = at_least(rounds, 1.0) if vectors else trips, 1.0
        for _ in range(3):
            more = written * 2.0 * code <= 150.0 and written * 2.0 <= limit
            written = written * 2.0 if more else written
        control = times if masked else (0.0 if gone > 0.0 else COSTS.control * rounds / written)
        entered += share if times > 0.0 else 0.0
        resumed += share if single > 0.0 else 0.0
        facts[DONE + case] = share * (times * inside + control)
        facts[TIMES + case] = share * times
        facts[OVER + case] = share * (over - single * again if apart else 0.0)
    facts[ENTERED] = entered
    facts[RESUMED] = resumed
    facts[ROUNDS] = _eight(DONE, facts)
    facts[OUTSIDE] = _eight(TIMES, facts)
    facts[RESTS] = _eight(OVER, facts)


def _eight(at: int, facts: Floats) -> float:
    """The sum of eight numbers."""
    first = (facts[at] + facts[at + 1]) + (facts[at + 2] + facts[at + 3])
    return first + ((facts[at + 4] + facts[at + 5]) + (facts[at + 6] + facts[at + 7]))


def _outer(row: int, begin: int, end: int, depth: int, level: int, steps: Floats, rows: Floats, facts: Floats) -> float:
    """Instructions of the loops around: their own and those of pointers."""
    total, rest = 0.0, 0.0
    for loop in range(DEPTH):
        pointers = 0.0
        for stream in range(begin, end):
            pointers += 1.0 if steps[stream * DEPTH + loop] > 0.0 else 0.0
        stands = rows[row + WRITTEN + loop] == 0.0 and rows[row + TRIPS + loop] != 1.0
        going = loop > level and loop < depth and stands
        own = COSTS.turn + COSTS.pointer * pointers if going else 0.0
        own = own * (facts[WITHIN + DEPTH] / facts[WITHIN + loop])
        if loop < CASE:
            facts[DONE + loop] = own
        else:
            rest = own if loop == CASE else rest
            total = own
    return _eight(DONE, facts) + rest + total


def _held(
    begin: int,
    end: int,
    level: int,
    packed: float,
    steps: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """Instructions of accesses that were hoisted to loops around."""
    held = 0.0
    for stream in range(begin, end):
        at, home = stream * FOUND, DEPTH
        for loop in range(level, DEPTH):
            home = loop if home == DEPTH and steps[stream * DEPTH + loop] != 0.0 else home
        both = count[stream] * (found[at + READS] + found[at + WRITES])
        each = both / (packed if packed > 1.0 and run[stream] >= packed else 1.0)
        times = facts[WITHIN + DEPTH] / facts[WITHIN + (home if home < DEPTH else 0)]
        still = found[at + KIND] == 0.0 and home < DEPTH
        held += each * times if still else (both if home >= DEPTH else 0.0)
    return held

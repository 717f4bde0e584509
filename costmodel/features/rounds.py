"""Which loops LLVM writes out, those around others too: bodies as rows whose loops go round or are gone.

    for it step 8 { for i = it to min(it + 8, 20) { A[i] … } }     a row of i with 8 rounds (twice), and one of i with 4

1. *Written out* is, from the innermost loop, what has a constant trip and few instructions in all rounds together (LLVM's
   LoopFullUnroll: its threshold, what its analysis of few rounds saves). Counted as LLVM does (X86TTIImpl, costs of code size): an access
   in the innermost loop that it moves with, as accesses that stand still are hoisted, a store twice; a multiplication for a counter that
   is scaled, for each round that the text has written out; an addition for a sum of counters; branches, bounds, and guards of loops that
   may have no round.
2. A loop over part of a tile has a constant trip where the loop over the tiles is written out: the body is then two, one of whole tiles
   and one of the last; and what was not written out before may be now.

Refused is nothing: a trip that is not known counts as one that varies. Functions of the subset (`costmodel/scalar.py`), for `executed.py`.
"""

from __future__ import annotations

from math import floor

from costmodel.features.row import (
    ADDING,
    CONSTANT,
    DISTINCT,
    ENTERING,
    FLOATING,
    FREE,
    GONE,
    GUARDED,
    LOADS,
    MEMBERS,
    MULTIPLIES,
    OPERATIONS,
    PRODUCTS,
    ROOTS,
    ROW,
    SAID,
    SAVED,
    SCALING,
    SIZE,
    STORES,
    STORING,
    SUMMED,
    TRIPS,
    WEIGHTS,
    WORK,
    WRITTEN,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Flags, Floats, Integers

THRESHOLD = 150.0
"""Instructions that a loop is written out to at most."""
_STORE = 2.0
"""Instructions of a store whose address is computed."""
_ANALYSED, _BOOST = 10.0, 4.0
"""Rounds that LLVM's analysis of what writing out saves looks at; how much more code a saving may make."""
_CONTROL, _VARIES, _ENTRY = 3.0, 2.0, 1.0
"""Instructions that make a loop go round; that skip one that may have no round; that lead to it."""
_WHOLE, _UNGUARDED, _BOUND = 1.0, 6.0, 7.0
"""Of the bound of a whole tile, and of one that may be cut off: two minima and two sums, and a comparison where it is
guarded."""
_ENDLESS = 1e6
_LEAST_TILE, _NEARLY = 2.0**-9, 1.0 + 6.931e-10
"""The smallest whole tile; how much longer than a power of two a trip may be that was computed as a mean."""


def begin_row(body: int, constant: Flags, trips: Floats, rows: Floats) -> None:
    """The first row of a body, which is the body."""
    for loop in range(DEPTH):
        rows[TRIPS + loop] = trips[body * DEPTH + loop]
        rows[CONSTANT + loop] = 1.0 if constant[body * DEPTH + loop] != 0 else 0.0
        rows[GONE + loop] = 0.0
        rows[WRITTEN + loop] = 0.0


def weigh(
    body: int,
    begin: int,
    end: int,
    loops: int,
    constant: Flags,
    trips: Floats,
    follows: Flags,
    strides: Floats,
    work: Floats,
    said: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    units: Floats,
    roots: Integers,
    weights: Floats,
) -> None:
    """What accesses and subscripts of a body add to the code of each of its loops."""
    own = body * DEPTH
    _find_roots(begin, end, own, loops, follows, strides, roots)
    for at in range(WEIGHTS):
        weights[at] = 0.0
    for loop in range(DEPTH):
        root = roots[loop] if loop < loops else loop
        weights[ROOTS + loop] = float(root)
        if root != loop:
            weights[GUARDED + root] = 1.0 if follows[own + loop - 1] == 0 else 0.0
    for stream in range(begin, end):
        home, members = DEPTH, said[stream * SAID + MEMBERS]
        for loop in range(loops):
            gone = constant[own + loop] != 0 and trips[own + loop] == 1.0 and follows[own + loop] == 0
            step = 0.0 if gone else strides[stream * DEPTH + loop]
            units[stream * DEPTH + loop] = step / _copies(stream, abs(step), first, several, offsets)
            home = loop if loop < home and step != 0.0 else home
        if home < DEPTH:
            reads = 1.0 if said[stream * SAID + LOADS] > 0.0 else 0.0
            stores = said[stream * SAID + STORES]
            writes = stores if home == 0 or stores < members else members
            weights[ENTERING + home] += members * reads + _STORE * writes
            weights[STORING + home] += writes
    _place_products(body, begin, end, loops, units, said, work, weights)
    for loop in range(loops):
        if roots[loop] == loop:
            copies, uses, plain, lines, summed = 1.0, 0.0, 0.0, 0.0, 0.0
            for stream in range(begin, end):
                unit = units[stream * DEPTH + loop]
                if unit != 0.0:
                    partner = _partner(stream, loop, loops, units, roots)
                    scaled = _is_scaled(begin, stream, loop, loops, partner, units, said, roots)
                    mine = strides[stream * DEPTH + loop] / unit
                    if partner < 0:
                        neighbours = abs(unit) == said[stream * SAID + SIZE]
                        uses += said[stream * SAID + MEMBERS] / mine if neighbours else scaled
                        copies = mine if mine > copies else copies
                        plain += scaled
                        lines += scaled * _lines(stream, mine, abs(unit), first, several, offsets)
                    else:
                        summed += 1.0 + scaled
                        weights[SUMMED + partner] = 1.0
            weights[SCALING + loop] = copies - 1.0 + lines if uses > 1.0 else plain
            weights[ADDING + loop] = summed
    for stream in range(begin, end):
        home, moving = DEPTH, 0
        for loop in range(loops):
            moves = units[stream * DEPTH + loop] != 0.0
            home = loop if moves and loop < home else home
            moving += 1 if moves else 0
        if moving > 1 and _is_shared(begin, stream, end, loops, units, said) > 0.0:
            weights[ADDING + home] += said[stream * SAID + MEMBERS]


def _place_products(
    body: int, begin: int, end: int, loops: int, units: Floats, said: Floats, work: Floats, weights: Floats
) -> None:
    """Of sums of products of three or more factors: products of those that do not move with inner loops are computed outside of them, in the
    order of the text, or in any where factors may be regrouped (LICM: hoistMulAddAssociation; Reassociate)."""
    own, factors = body * WORK, 0.0
    for stream in range(begin, end):
        factors += 1.0 if said[stream * SAID + STORES] == 0.0 else 0.0
    sums = work[own + SAVED]
    whole = work[own + MULTIPLIES] == (factors - 1.0) * sums and work[own + OPERATIONS] == factors * sums
    if loops > 0 and factors > 2.0 and sums > 0.0 and whole:
        regroups = work[own + FLOATING] == 0.0 or work[own + FREE] > 0.0
        least, before, outermost = DEPTH, 0, 0
        for stream in range(begin, end):
            if said[stream * SAID + STORES] == 0.0:
                home = loops - 1
                for back in range(loops):
                    home = loops - 1 - back if units[stream * DEPTH + loops - 1 - back] != 0.0 else home
                least = home if home < least else least
                at = home if regroups else least
                weights[PRODUCTS + at] += 1.0 if regroups or before > 0 else 0.0
                outermost = home if home > outermost else outermost
                members = said[stream * SAID + MEMBERS]
                weights[DISTINCT] = members if home > 0 and members > weights[DISTINCT] else weights[DISTINCT]
                before += 1
        weights[PRODUCTS + outermost] -= 1.0 if regroups else 0.0
    weights[DISTINCT] = weights[DISTINCT] if weights[DISTINCT] < sums else sums


def _copies(stream: int, step: float, first: Integers, several: Integers, offsets: Floats) -> float:
    """How many rounds of a loop that moves a stream so far the text has written out: up to eight, by accesses parts of the step away."""
    found, count = 1.0, several[stream]
    if count > 1 and step > 0.0:
        for turn in range(3):
            part = 8.0 if turn == 0 else (4.0 if turn == 1 else 2.0)
            some = 0
            if found == 1.0 and float(count) >= part:
                for at in range(first[stream], first[stream] + count):
                    offset = (offsets[at] - offsets[first[stream]]) * part
                    some += 1 if offset == step or offset == step * (part - 1.0) else 0
                found = part if some == (1 if part == 2.0 else 2) else found
    return found


def _find_roots(begin: int, end: int, own: int, loops: int, follows: Flags, strides: Floats, roots: Integers) -> None:
    """Of every loop the one that it is a loop over tiles of, or itself: that begins where this one is, and moves all streams by the same
    part of what this one does; of several the one that moves them most."""
    for outer in range(loops):
        roots[outer] = outer
    for inner in range(loops):
        least, best = 0.0, -1
        for outer in range(inner + 1, loops):
            alike, some, first = follows[own + inner] != 0 and follows[own + outer] == 0, 0, 0.0
            for stream in range(begin, end):
                mine, other = strides[stream * DEPTH + outer], strides[stream * DEPTH + inner]
                alike = alike and (mine != 0.0) == (other != 0.0)
                if mine != 0.0 and other != 0.0:
                    first = first if some > 0 else mine / other
                    alike = alike and mine / other == first
                    some = 1
            if alike and some > 0 and abs(first) >= 1.0 and (best < 0 or abs(first) < least):
                best, least = outer, abs(first)
        if best >= 0:
            roots[best] = inner


def _lines(stream: int, copies: float, unit: float, first: Integers, several: Integers, offsets: Floats) -> float:
    """How many values of a counter the text has written out, those included that rounds before and after it have too."""
    found = 1.0
    if copies > 1.0:
        for at in range(first[stream], first[stream] + several[stream]):
            found += 1.0 if offsets[at] - offsets[first[stream]] == found * unit else 0.0
    return found


def _partner(stream: int, loop: int, loops: int, units: Floats, roots: Integers) -> int:
    """The independent loop around a loop whose counter is added to its own in a subscript; -1: there is none."""
    found = -1
    step = units[stream * DEPTH + loop]
    for outer in range(loop + 1, loops):
        sums = roots[outer] == outer and roots[loop] == loop and step != 0.0 and units[stream * DEPTH + outer] == step
        found = outer if found < 0 and sums else found
    return found


def _is_shared(begin: int, stream: int, end: int, loops: int, units: Floats, said: Floats) -> float:
    """Whether another stream has the same subscripts in all loops, and none before it: then they are added up once for both, and do
    not go into addresses (InstCombine takes sums apart that have one use)."""
    several, before = 0.0, 0.0
    for other in range(begin, end):
        alike = other != stream
        for loop in range(loops):
            mine = units[stream * DEPTH + loop] / said[stream * SAID + SIZE]
            alike = alike and units[other * DEPTH + loop] / said[other * SAID + SIZE] == mine
        several = 1.0 if alike else several
        before = 1.0 if alike and other < stream else before
    return 1.0 if several > 0.0 and before == 0.0 else 0.0


def _is_scaled(
    begin: int, stream: int, loop: int, loops: int, partner: int, units: Floats, said: Floats, roots: Integers
) -> float:
    """Whether a stream's subscript is a multiple of a loop's counter (or of the sum with its partner), another than those of the streams
    before it."""
    value = abs(units[stream * DEPTH + loop]) / said[stream * SAID + SIZE]
    new = 1.0 if value > 0.0 and value != 1.0 else 0.0
    for other in range(begin, stream):
        if new > 0.0 and abs(units[other * DEPTH + loop]) / said[other * SAID + SIZE] == value:
            new = 0.0 if _partner(other, loop, loops, units, roots) == partner else new
    return new


def settle(row: int, depth: int, operations: float, each: float, weights: Floats, rows: Floats) -> None:
    """Mark the loops of a row that are written out: once loops over whole tiles are, what begins where they stood begins at a constant."""
    going = 1
    while going > 0:
        write_out(row, depth, operations, each, weights, rows)
        going = 0
        for outer in range(depth if depth < DEPTH else DEPTH):
            left = rows[row + GONE + outer] == 0.0 and rows[row + TRIPS + outer] != 1.0
            for inner in range(outer):
                stays = rows[row + WRITTEN + inner] == 0.0 and rows[row + CONSTANT + inner] > 0.0
                if weights[ROOTS + outer] == float(inner) and stays and left and going == 0:
                    rows[row + GONE + outer] = rows[row + WRITTEN + outer]
                    going = 1 if rows[row + WRITTEN + outer] > 0.0 else 0


def write_out(row: int, depth: int, operations: float, each: float, weights: Floats, rows: Floats) -> None:
    """Mark the loops of a row that are written out, from the innermost; `operations` is arithmetic of one iteration, `each` how many sums of
    products it has. What was written out before stays so."""
    code, sums, whole = operations, 0.0, 1
    for loop in range(1, DEPTH):
        code = code - weights[PRODUCTS + loop] * each
    for loop in range(depth if depth < DEPTH else DEPTH):
        trip, constant = rows[row + TRIPS + loop], rows[row + CONSTANT + loop] > 0.0
        once, gone = constant and trip == 1.0, rows[row + GONE + loop] > 0.0
        code = code + weights[ENTERING + loop] + (weights[PRODUCTS + loop] * weights[DISTINCT] if loop > 0 else 0.0)
        adding, scaling = weights[ADDING + loop], weights[SCALING + loop] + _bounds(row, loop, weights, rows)
        begins = _begin(row, loop, depth, weights, rows)
        guarded = _VARIES if not constant or begins * weights[GUARDED + loop] > 0.0 else 0.0
        begins = begins * (1.0 + scaling)
        before = rows[row + WRITTEN + loop] > 0.0
        fits = before or (constant and _fits(code, sums, adding, scaling, begins, trip, whole) > 0.0)
        out = trip * (code - (weights[STORING + loop] if begins == 0.0 else 0.0))
        rolled = code + scaling + _CONTROL
        sums = (sums + adding + begins) * trip if fits else sums + adding
        sums = 0.0 if fits and weights[SUMMED + loop] > 0.0 else sums
        several = trip * code if gone else (out if fits else rolled) + _ENTRY + guarded
        code = code + (guarded + scaling if begins > 0.0 else 0.0) if once else several
        rows[row + WRITTEN + loop] = 1.0 if once or fits or gone else 0.0
        whole = whole if once or fits or gone else 0


def _bounds(row: int, loop: int, weights: Floats, rows: Floats) -> float:
    """Instructions of a loop over tiles for the bound of the loop over one of them."""
    found = 0.0
    for inner in range(loop):
        tile = weights[ROOTS + loop] == float(inner)
        cut = _BOUND if weights[GUARDED + inner] > 0.0 else _UNGUARDED
        found = (_WHOLE if rows[row + CONSTANT + inner] > 0.0 else cut) if tile else found
    return found


def _begin(row: int, loop: int, depth: int, weights: Floats, rows: Floats) -> float:
    """Whether a loop begins where a loop over tiles around it is: then its rounds have no constant counters when it is written out."""
    found = 0.0
    for outer in range(loop + 1, depth if depth < DEPTH else DEPTH):
        left = rows[row + GONE + outer] == 0.0 and rows[row + TRIPS + outer] != 1.0
        found = 1.0 if weights[ROOTS + outer] == float(loop) and left else found
    return found


def _fits(code: float, sums: float, adding: float, scaling: float, begins: float, trip: float, innermost: int) -> float:
    """Whether all rounds together are few instructions, or few enough for what writing them out saves (computeUnrollCount and
    analyzeLoopUnrollCost of LLVM, the latter of few rounds of an innermost loop that begins at a constant, as it looks whether the first
    round is less: what is the same in all rounds it counts once)."""
    size = code + sums + adding + scaling + _CONTROL
    few = trip * (size - 2.0) + 2.0 < THRESHOLD
    out = trip * (code + adding) + sums
    boost = trip * size / (out if out > 1.0 else 1.0)
    boost = boost if boost < _BOOST else _BOOST
    saves = innermost > 0 and begins == 0.0 and trip <= _ANALYSED and out < THRESHOLD * boost
    return 1.0 if few or saves else 0.0


def whole_tile(trip: float) -> float:
    """Rounds of a whole tile, a power of two, by the mean trip of a loop over tiles of which the last is smaller."""
    whole = _LEAST_TILE
    while whole * _NEARLY < trip:
        whole = whole * 2.0
    return whole


def last_tile(trip: float, tiles: float) -> float:
    """Rounds of the last tile; -1 where it is no such loop."""
    some = tiles > 1.0 and tiles < _ENDLESS
    whole, many = whole_tile(trip), tiles if some else 1.0
    last = trip * many - (many - 1.0) * whole
    fits = some and whole > trip and last >= 0.999 and last <= whole
    return nearest(last) if fits else -1.0


def nearest(number: float) -> float:
    """The nearest whole number, of two the even one."""
    down = floor(number)
    rest = number - down
    odd = down - 2.0 * floor(down / 2.0) > 0.5
    return down + 1.0 if rest > 0.5 or (rest == 0.5 and odd) else down


def split_of(row: int, body: int, depth: int, tiles: Floats, weights: Floats, rows: Floats) -> int:
    """The innermost loop of a row that is two once its loop over tiles is written out, and that loop, as one number; -1: there is none."""
    found = -1
    last = depth if depth < DEPTH else DEPTH
    for loop in range(last - 1):
        if found < 0 and rows[row + CONSTANT + loop] == 0.0:
            around, count = -1, tiles[body * DEPTH + loop]
            for outer in range(loop + 1, DEPTH):
                stands = rows[row + CONSTANT + outer] > 0.0 and rows[row + GONE + outer] == 0.0
                tile = weights[ROOTS + outer] == float(loop) and rows[row + TRIPS + outer] == count
                around = outer if around < 0 and stands and tile else around
            if around >= 0:
                out = rows[row + WRITTEN + around] > 0.0
                if out and last_tile(float(rows[row + TRIPS + loop]), float(count)) >= 0.0:
                    found = loop * DEPTH + around
    return found


def split(row: int, whole: int, last: int, body: int, inner: int, outer: int, tiles: Floats, rows: Floats) -> None:
    """A row twice: of whole tiles, and of the last."""
    for at in range(ROW):
        rows[whole + at] = rows[row + at]
        rows[last + at] = rows[row + at]
    trip, count = float(rows[row + TRIPS + inner]), float(tiles[body * DEPTH + inner])
    rows[whole + TRIPS + inner] = whole_tile(trip)
    rows[whole + TRIPS + outer] = count - 1.0
    rows[last + TRIPS + inner] = last_tile(trip, count)
    rows[last + TRIPS + outer] = 1.0
    for side in range(2):
        into = last if side > 0 else whole
        rows[into + CONSTANT + inner] = 1.0
        rows[into + GONE + outer] = 1.0

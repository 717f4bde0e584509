"""Which loops LLVM writes out, those around others too: bodies as rows whose loops go round or are gone.

    for it step 8 { for i = it to min(it + 8, 20) { A[i] … } }     a row of i with 8 rounds (twice), and one of i with 4

1. *Written out* is, from the innermost loop, what has a constant trip and few instructions in all rounds together (LLVM's
   LoopFullUnroll: its threshold, what its analysis of few rounds saves). An access stands in the innermost loop that it moves with, as
   accesses that stand still are hoisted; a subscript of several independent counters costs an addition, a scaled one a multiplication.
2. A loop over part of a tile has a constant trip where the loop over the tiles is written out: the body is then two, one of whole tiles
   and one of the last; and what was not written out before may be now.

Refused is nothing: a trip that is not known counts as one that varies. Functions of the subset (`costmodel/scalar.py`), for `executed.py`.
"""

from __future__ import annotations

from math import floor

from costmodel.features.row import (
    ADDING,
    CONSTANT,
    ENTERING,
    GONE,
    LOADS,
    MEMBERS,
    ROW,
    RUN,
    SAID,
    SCALING,
    SIZE,
    STORES,
    TRIPS,
    WEIGHTS,
    WRITTEN,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Flags, Floats, Integers

THRESHOLD = 162.0
"""Instructions that a loop is written out to at most; this and the weights below were fitted to counts of executed instructions."""
_ADDITION, _MULTIPLICATION = 0.652, 1.12
_ANALYSED, _BOOST = 10.0, 4.0
"""Rounds that LLVM's analysis of what writing out saves looks at; how much more code a saving may make."""
_CONTROL, _BOUND = 3.0, 6.0
"""Instructions that make a loop go round, and those of a bound that is computed."""
_ENDLESS = 1e6
_LEAST_TILE, _NEARLY = 2.0**-9, 1.0 + 6.931e-10
"""The smallest whole tile; how much longer than a power of two a trip may be that was computed as a mean."""


def begin_row(body: int, constant: Flags, trips: Floats, rows: Floats) -> None:
    """The first row of a body, which is the body."""
    for loop in range(DEPTH):
        rows[TRIPS + loop] = trips[body * DEPTH + loop]
        rows[CONSTANT + loop] = 1.0 if constant[body * DEPTH + loop] != 0 else 0.0
        rows[GONE + loop] = 0.0


def weigh(begin: int, end: int, loops: int, strides: Floats, said: Floats, roots: Integers, weights: Floats) -> None:
    """What accesses and subscripts of a body add to the code of each of its loops."""
    _find_roots(begin, end, loops, strides, roots)
    for at in range(WEIGHTS):
        weights[at] = 0.0
    for stream in range(begin, end):
        home = DEPTH
        for loop in range(DEPTH):
            if strides[stream * DEPTH + loop] != 0.0:
                home = loop if loop < home else home
                lines = said[stream * SAID + MEMBERS] / said[stream * SAID + RUN]
                weights[ADDING + loop] += _is_added(stream * DEPTH, loop, loops, strides, roots) * lines
                weights[SCALING + loop] += _is_scaled(begin, stream, loop, strides, said)
        reads = 1.0 if said[stream * SAID + LOADS] > 0.0 else 0.0
        writes = 1.0 if said[stream * SAID + STORES] > 0.0 else 0.0
        if home < DEPTH:
            weights[ENTERING + home] += said[stream * SAID + MEMBERS] * (reads + writes)
    for loop in range(DEPTH):
        weights[ADDING + loop] = _ADDITION * weights[ADDING + loop]
        weights[SCALING + loop] = _MULTIPLICATION * weights[SCALING + loop]


def _find_roots(begin: int, end: int, loops: int, strides: Floats, roots: Integers) -> None:
    """Of every loop the innermost one that it is a loop over tiles of, or itself: it moves all streams by the same multiple."""
    for outer in range(loops):
        roots[outer] = outer
        found = 0
        for inner in range(outer):
            if found == 0 and roots[inner] == inner:
                alike, some, first = 1, 0, 0.0
                for stream in range(begin, end):
                    mine, other = strides[stream * DEPTH + outer], strides[stream * DEPTH + inner]
                    alike = 0 if (mine != 0.0) != (other != 0.0) else alike
                    if mine != 0.0 and other != 0.0:
                        first = first if some > 0 else mine / other
                        alike = alike if mine / other == first else 0
                        some = 1
                if alike > 0 and some > 0 and abs(first) >= 1.0:
                    roots[outer] = inner
                    found = 1


def _is_added(own: int, loop: int, loops: int, strides: Floats, roots: Integers) -> float:
    """Whether a stream that moves with a loop also does with an independent one around it."""
    added = 0.0
    for outer in range(loop + 1, loops):
        added = 1.0 if roots[outer] != roots[loop] and strides[own + outer] != 0.0 else added
    return added


def _is_scaled(begin: int, stream: int, loop: int, strides: Floats, said: Floats) -> float:
    """Whether a stream's subscript is a multiple of a loop's counter, another than those of the streams before it."""
    value = abs(strides[stream * DEPTH + loop]) / said[stream * SAID + SIZE]
    new = 1.0 if value > 0.0 and value != 1.0 else 0.0
    for other in range(begin, stream):
        new = 0.0 if abs(strides[other * DEPTH + loop]) / said[other * SAID + SIZE] == value else new
    return new


def write_out(row: int, depth: int, operations: float, weights: Floats, rows: Floats) -> None:
    """Mark the loops of a row that are written out, from the innermost; `operations` is arithmetic of one iteration."""
    code, whole = operations, 1
    for loop in range(DEPTH):
        rows[row + WRITTEN + loop] = 0.0
    for loop in range(depth if depth < DEPTH else DEPTH):
        trip, constant = rows[row + TRIPS + loop], rows[row + CONSTANT + loop] > 0.0
        code = code + weights[ENTERING + loop]
        scaling = weights[SCALING + loop]
        if rows[row + GONE + loop] > 0.0:
            rows[row + WRITTEN + loop] = 1.0
        else:
            with_adds = code + weights[ADDING + loop]
            once = constant and trip == 1.0
            fits = constant and _fits(with_adds, scaling, trip, whole) > 0.0
            going = with_adds * trip if fits else with_adds + (_CONTROL + scaling + (0.0 if constant else _BOUND))
            code = with_adds if once else going
            rows[row + WRITTEN + loop] = 1.0 if once or fits else 0.0
            whole = whole if once or fits else 0


def _fits(with_adds: float, scaling: float, trip: float, innermost: int) -> float:
    """Whether all rounds together are few instructions, or few enough for what writing them out saves (computeUnrollCount and
    analyzeLoopUnrollCost of LLVM, the latter of few rounds of an innermost loop)."""
    few = trip * (with_adds + scaling + 1.0) + 2.0 < THRESHOLD
    out = trip * with_adds
    boost = trip * (with_adds + scaling + _CONTROL) / (out if out > 1.0 else 1.0)
    boost = boost if boost < _BOOST else _BOOST
    saves = innermost > 0 and trip <= _ANALYSED and out < THRESHOLD * boost
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


def split_of(row: int, body: int, depth: int, tiles: Floats, rows: Floats) -> int:
    """The innermost loop of a row that is two once its loop over tiles is written out, and that loop, as one number; -1: there is none."""
    found = -1
    last = depth if depth < DEPTH else DEPTH
    for loop in range(last - 1):
        if found < 0 and rows[row + CONSTANT + loop] == 0.0:
            around, count = -1, tiles[body * DEPTH + loop]
            for outer in range(loop + 1, DEPTH):
                stands = rows[row + CONSTANT + outer] > 0.0 and rows[row + GONE + outer] == 0.0
                around = outer if around < 0 and stands and rows[row + TRIPS + outer] == count else around
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

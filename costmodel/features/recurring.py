"""Loads that the round before has made already: where GVN carries them on to the next round, and where that keeps a loop from vectors.

    for k { B[k] = A[k] + A[k + 1] }     what is A[k + 1] is the next round's A[k]: one load a round, and in vectors a shuffle of two

GVN replaces such a load by a value that is carried on, where the text has both offsets, a step of the loop apart. LoopVectorize takes that
(`isFixedOrderRecurrence`) if nothing is stored in between: a store can not be put after the load that makes the next value. So rounds
that a text or LLVM has written out several of, each with its store, get no vectors where rows of a stencil are shared among them.

Refuses nothing. Functions of the subset (`costmodel/scalar.py`), for `vectors.py`.
"""

from __future__ import annotations

from costmodel.features.row import (
    AGAIN,
    FACTOR,
    FOUND,
    KIND,
    LOADS,
    MEMBERS,
    RECURS,
    RUN,
    SAID,
    SIZE,
    STORES,
    WITHIN,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Floats, Integers

_SEEN = 180.0
"""Instructions of a round in which a load meets one of the round before: 100 up from the load, 100 up from the end (MemoryDependence's limit
of a scan), with some for subscripts."""


def carried_on(
    stream: int,
    level: int,
    begin: int,
    end: int,
    step: float,
    copies: float,
    steps: Floats,
    said: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    units: Floats,
    roots: Integers,
    run: Floats,
    found: Floats,
) -> float:
    """How many loads of a round the round before has made: one of each row that has two offsets a step apart, as the next one's load is gone
    then; none of rows whose addresses an outer loop moves, if rounds inside are written out, or whose subscript adds up two counters: those are
    different expressions (GVN looks for the address with the counter of the next round in its place, and finds it if the text has it); nor of a
    multiple of the counter, which moves further than what is stored."""
    own = stream * SAID
    outside, summed, scaled = 0.0, 0.0, 0.0
    for loop in range(level + 1, DEPTH):
        far = steps[stream * DEPTH + loop]
        outside = 1.0 if far != 0.0 else outside
        beside = roots[loop] == loop and units[stream * DEPTH + loop] == units[stream * DEPTH + level]
        summed = 1.0 if far > 0.0 and beside else summed
    for other in range(begin, end):
        ahead = steps[other * DEPTH + level] / said[other * SAID + SIZE]
        slower = ahead > 0.0 and ahead < step / said[own + SIZE] and step <= 8.0 * said[own + SIZE]
        scaled = 1.0 if slower and said[other * SAID + STORES] > 0.0 else scaled
    plain = summed == 0.0 and (level == 0 or (outside == 0.0 and run[stream] == said[own + RUN]))
    pairs = _pairs(stream, step, first, several, offsets) if plain and said[own + LOADS] > 0.0 and step > 0.0 else 0.0
    factor = float(found[stream * FOUND + FACTOR])
    between = run[stream] - (factor if found[stream * FOUND + KIND] < 3.0 else 1.0)
    between = between if level == 0 else said[own + RUN] - 1.0
    rows = pairs / (between if between > 1.0 else 1.0)
    rows = rows - (_shared(stream, begin, end, steps, said) if factor > 1.0 else 0.0)
    return (rows if rows > 0.0 and scaled == 0.0 else 0.0) * (1.0 if level == 0 else copies)


def _pairs(stream: int, step: float, first: Integers, several: Integers, offsets: Floats) -> float:
    """Offsets of a stream, in ascending order, that another follows a step behind."""
    found, end = 0.0, first[stream] + several[stream]
    for at in range(first[stream], end):
        after = at
        while after < end and offsets[after if after < end else at] < offsets[at] + step:
            after += 1
        found += 1.0 if after < end and offsets[after if after < end else at] == offsets[at] + step else 0.0
    return found


def _shared(stream: int, begin: int, end: int, steps: Floats, said: Floats) -> float:
    """Rows that a store has subscripts in common with: its buffer has the same shape, so that its address is another expression than those of
    offsets that are not stored at."""
    shared = 0.0
    for other in range(begin, end):
        same = said[other * SAID + STORES] > 0.0
        for loop in range(DEPTH):
            same = same and steps[stream * DEPTH + loop] == steps[other * DEPTH + loop]
        together = float(said[other * SAID + RUN])
        rows = said[other * SAID + MEMBERS] / (together if together > 1.0 else 1.0)
        shared = rows if same else shared
    return shared


def breaks_off(
    begin: int,
    end: int,
    level: int,
    operations: float,
    said: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """Whether what is carried on is needed before a store that stands before the load of its next value; and how many loads are carried on."""
    recurs, near, far, stored, text = 0.0, 0.0, 0.0, 0.0, operations
    for stream in range(begin, end):
        at, own = stream * FOUND, stream * SAID
        kind, again = float(found[at + KIND]), float(found[at + AGAIN])
        copies = float(facts[WITHIN + level])
        stores = said[own + STORES] * copies
        stored += (stores if stores < count[stream] else float(count[stream])) if kind > 0.0 else 0.0
        text += 2.0 * (said[own + LOADS] + said[own + STORES]) if kind > 0.0 else 0.0
        # a rectangle of offsets is loaded row by row before anything is stored
        uneven = said[own + MEMBERS] != said[own + RUN] * again / (copies if level > 0 else 1.0)
        recurs += again
        near += again if kind != 2.0 and uneven else 0.0
        far += again if kind == 2.0 and run[stream] < 2.0 * found[at + FACTOR] else 0.0
    facts[RECURS] = recurs
    return 1.0 if stored > 1.0 and (far > 0.0 or (near > 0.0 and text < _SEEN)) else 0.0

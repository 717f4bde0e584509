"""Which neighbours of written-out rounds LLVM packs, and how every stream moves from one lane of such a pack to the next.

    for j step 4 { s[j] += A[j, k] … s[j + 3] += A[j + 3, k] }     four sums in a pack; of A each lane has a row of its own

1. *Lanes* are along the loop by which the longest run of stores goes on. A stream that does not move with it is spread to all lanes, one
   that moves by its size is loaded as it lies, any other is collected lane by lane.
2. *Packs* are made where arithmetic, stores and loads that lie right save more than what is collected costs (SLPVectorizer: the cost of
   a tree that starts at stores).

Refuses nothing. Functions of the subset (`costmodel/scalar.py`), for `executed.py`.
"""

from __future__ import annotations

from costmodel.features.row import (
    ACROSS,
    FOUND,
    KIND,
    LOADED,
    READS,
    ROUND_INSTRUCTIONS,
    RUN,
    SAID,
    SIZE,
    STORED,
    TRIPS,
    USES,
    WRITES,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Floats

SAME, BESIDE, OVERLAPPING, ELSEWHERE = 0.0, 1.0, 2.0, 3.0
"""Where the next lane of a stream is: one address for all, side by side, so that packs overlap, apart."""
_PACKED, _SCATTERED = 0.999, 1.3
"""Share of the scalar cost below which packs are made; what the compiler thinks of a store whose neighbours lie apart."""


def tell_lanes(
    row: int,
    begin: int,
    end: int,
    level: int,
    steps: Floats,
    said: Floats,
    rows: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> None:
    """Of every stream where its next lane is; the longest run of stores."""
    stored, writer, lane, unrolled = 1.0, -1, -1, 1.0
    for stream in range(begin, end):
        longer = found[stream * FOUND + WRITES] > 0.0 and run[stream] > stored
        stored, writer = float(run[stream]) if longer else stored, stream if longer else writer
    if writer >= 0:
        unrolled = float(said[writer * SAID + RUN])
        for loop in range(DEPTH):
            follows = steps[writer * DEPTH + loop] == unrolled * said[writer * SAID + SIZE]
            lane = loop if lane < 0 and follows and (loop < level or unrolled > 1.0) else lane
    rounds = rows[row + TRIPS + (lane if lane >= 0 else 0)] if lane >= 0 and lane < level else 1.0
    along = unrolled * rounds if lane >= 0 and unrolled * rounds < stored else stored
    for stream in range(begin, end):
        step = steps[stream * DEPTH + (lane if lane >= 0 else 0)] / unrolled
        size, at = float(said[stream * SAID + SIZE]), stream * FOUND
        known = SAME if step == 0.0 else (BESIDE if step == size and run[stream] >= along else ELSEWHERE)
        known = OVERLAPPING if known == BESIDE and _overlaps(stream, writer, lane, level, along, steps, said) > 0.0 else known
        found[at + ACROSS] = known if lane >= 0 else (BESIDE if run[stream] >= stored else ELSEWHERE)
    facts[STORED] = stored


def _overlaps(stream: int, writer: int, lane: int, level: int, along: float, steps: Floats, said: Floats) -> float:
    """Whether a stream has more than one pack for every pack that is stored, less than a pack apart."""
    found = said[stream * SAID + RUN] > said[writer * SAID + RUN]
    for loop in range(level):
        step = float(steps[stream * DEPTH + loop])
        found = found or (loop != lane and step > 0.0 and step < along * said[stream * SAID + SIZE])
    return 1.0 if found else 0.0


def load_packs(begin: int, end: int, pack: float, count: Floats, run: Floats, found: Floats, facts: Floats) -> None:
    """Of every stream how many packs or, where none are loaded, single accesses a round loads."""
    for stream in range(begin, end):
        at, most = stream * FOUND, count[stream] / run[stream] * (run[stream] - pack + 1.0)
        plain, across, every = count[stream] / pack, float(found[at + ACROSS]), found[at + USES] * count[stream] / pack
        shifted = every if every < most else most
        shifted = shifted if shifted > plain else plain
        lies = across == BESIDE or across == OVERLAPPING
        found[at + LOADED] = (shifted if across == OVERLAPPING else plain) if lies and pack > 1.0 else count[stream]


def packed(
    begin: int, end: int, full: float, floating: float, count: Floats, run: Floats, found: Floats, facts: Floats
) -> float:
    """How many neighbours that a round stores are packed."""
    pack = power(facts[STORED] if facts[STORED] < full else full)
    load_packs(begin, end, pack, count, run, found, facts)
    collected = 1.0 + (1.0 - 1.0 / pack if floating > 0.0 else 1.0)
    apart, scalar = facts[ROUND_INSTRUCTIONS] / pack, float(facts[ROUND_INSTRUCTIONS])
    for stream in range(begin, end):
        at = stream * FOUND
        across, reads, writes = found[at + ACROSS], float(found[at + READS]), float(found[at + WRITES])
        lies = across == BESIDE or across == OVERLAPPING
        spread = 1.0 if across == SAME and (found[at + KIND] == 0.0 or floating <= 0.0) else 0.0
        scalar += count[stream] * (reads + writes)
        apart += reads * (found[at + LOADED] * (collected if across == ELSEWHERE else 1.0) + spread * count[stream])
        apart += writes * count[stream] * (1.0 / pack if lies else _SCATTERED)
    return pack if pack > 1.0 and apart < _PACKED * scalar else 1.0


def power(limit: float) -> float:
    """The largest power of two up to this, at least 1."""
    found = 1.0
    while found * 2.0 <= limit:
        found = found * 2.0
    return found

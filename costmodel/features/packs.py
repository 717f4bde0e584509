"""Which neighbours of written-out rounds LLVM packs, and how every stream moves from one lane of such a pack to the next.

    for j step 4 { s[j] += A[j, k] … s[j + 3] += A[j + 3, k] }     four sums in a pack; of A each lane has a row of its own

1. *Lanes* are along the loop by which the longest run of stores goes on; where sums stay in registers and are stored apart, by which the
   longest run of loads does (SLPVectorizer: trees start at stores, then at phis). A stream that does not move with it is spread to all
   lanes, one that moves by its size is loaded as it lies, any other is collected lane by lane.
2. *Packs* are made where arithmetic, stores and loads that lie right save more than collecting costs (SLPVectorizer: the cost of a tree).
   What is left of a run goes into narrower packs.
3. *Rows* that stand inside the lanes (all rows of the first lane, then all rows of the next) get in each other's way where another array is
   addressed by the same sum: alias analysis tells single stores of such sums apart, but not a pack from them, so that a pack that was made
   stays between the stores before and after it (BasicAA: a sum of two variables that has several uses is opaque to it; of two opaque ones
   it knows that they differ, not by how much).

Refuses nothing. Functions of the subset (`costmodel/scalar.py`), for `executed.py`.
"""

from __future__ import annotations

from math import floor

import numpy as np

from costmodel.features.row import (
    ACROSS,
    BETWEEN,
    BREAKS,
    BY_SUMS,
    BYTES,
    FOUND,
    GOES_ON,
    HELD,
    IN_ROWS,
    KIND,
    LOADED,
    LONG,
    MEMBERS,
    READS,
    ROUND_INSTRUCTIONS,
    RUN,
    SAID,
    SIZE,
    STRETCH,
    TRIPS,
    USES,
    WIDTHS,
    WRITES,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Floats, Integers

_MOST_ROWS, _LANES = 16, 5
"""Of the table: rows 1 to 16, lanes 2 to 32, the latter by powers of two."""
REGISTER = 16.0
"""Bytes of the smallest register that an operand in memory fills."""
SAME, BESIDE, OVERLAPPING, ELSEWHERE = 0.0, 1.0, 2.0, 3.0
"""Where the next lane of a stream is: at the same address; at the next one; at the next one, and packs overlap; apart."""
_SHIFTED = 1.75
"""Packs that are loaded beyond what lies side by side, of a run and for every pack that is stored, of which LLVM shuffles the first."""
_PACKED, _SCATTERED, _NARROW = 0.999, 1.3, 1.0 / 3.0
"""Share of the scalar cost below which packs are made; what the compiler thinks of a store whose neighbours lie apart, and how much of what
an operation takes in a whole vector beyond one it takes in half of one or less."""


def interleaved_packs() -> list[float]:
    """By rows, lanes of each and width: stores over stores that are left, where rows stand inside lanes and get in each other's way."""
    lanes, widths = [2 << at for at in range(_LANES)], [2 << at for at in range(WIDTHS)]
    return [_interleaved(rows + 1, many, width) for rows in range(_MOST_ROWS) for many in lanes for width in widths]


def _interleaved(rows: int, lanes: int, width: int) -> float:
    """Row after row, the widest packs first, none across a pack of a row before."""
    ends: set[int] = set()
    left = 0
    for _ in range(rows):
        packed: set[int] = set()
        made: set[int] = set()
        size = width
        while size > 1:
            for first in range(lanes - size + 1):
                pack = set(range(first, first + size))
                if not pack & packed and not (pack - {first}) & ends:
                    packed |= pack
                    made.add(first + size - 1)
                    left += 1
            size //= 2
        left += lanes - len(packed)
        ends |= made
    return rows * lanes / left


INTERLEAVED = np.array(interleaved_packs())


def tell_lanes(
    row: int,
    begin: int,
    end: int,
    level: int,
    steps: Floats,
    said: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    interleaved: Floats,
    rows: Floats,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> None:
    """Of every stream where its next lane is; of the longest run how long it is, how far it goes along the loop of its lanes, what a lane
    takes, and how many rows stand between lanes."""
    writer = _longest(begin, end, WRITES, run, found)
    sums = _kept(begin, end, count, found) if writer < 0 else -1
    reader = _longest(begin, end, READS, run, found) if sums >= 0 else -1
    leader = writer if writer >= 0 else reader
    lane, unrolled, stored, wide, after = -1, 1.0, 1.0, 0.0, 0
    if leader >= 0:  # no look-up where there is no stream: both sides of an expression are computed
        lane = _lane(leader, leader if writer >= 0 else sums, level, steps, said)
    by_sums = writer < 0 and lane >= 0
    own = leader if writer >= 0 or by_sums else begin
    loop = lane if lane >= 0 else 0
    if writer >= 0 or by_sums:
        stored, wide = float(run[own]), float(said[own * SAID + SIZE])
    if lane >= 0:
        unrolled = steps[own * DEPTH + loop] / wide
    along = unrolled * (rows[row + TRIPS + loop] if lane < level else 1.0)
    along = along if lane >= 0 and along < stored else stored
    stored = along if by_sums else stored
    held = stored
    if lane >= 0:
        after = _next_loop(own, lane, level, along, stored, steps, said)
    for stream in range(begin, end):
        step, at = float(steps[stream * DEPTH + loop] / unrolled), stream * FOUND
        size = float(said[stream * SAID + SIZE])
        beside = step == size and run[stream] >= along
        overlapping = beside and _overlaps(stream, own, lane, level, along, steps, said) > 0.0
        known = SAME if step == 0.0 else (ELSEWHERE if not beside else (OVERLAPPING if overlapping else BESIDE))
        on = steps[stream * DEPTH + level] / size
        found[at + GOES_ON] = 1.0 if lane == level and on > 0.0 and on < run[stream] else 0.0
        found[at + ACROSS] = known if lane >= 0 else (BESIDE if run[stream] >= stored else ELSEWHERE)
        breaks = lane >= 0 and step > 0.0 and run[stream] < stored and steps[stream * DEPTH + after] > 0.0
        found[at + BREAKS] = 1.0 if breaks else 0.0
        held = along if breaks else held
    facts[BY_SUMS] = 1.0 if by_sums else 0.0
    facts[STRETCH] = stored
    facts[HELD] = held
    facts[LONG] = along
    facts[BYTES] = wide
    between = writer >= 0 and lane >= 0
    facts[BETWEEN] = 1.0
    if between:
        facts[BETWEEN] = _rows_between(row, begin, end, writer, lane, level, steps, said, first, several, offsets, rows)
    _tell_rows(interleaved, facts)


def _tell_rows(interleaved: Floats, facts: Floats) -> None:
    """By width, what the table of interleaved rows says."""
    rows, lanes, limit = 0, 0, 2.0
    while float(rows) + 2.0 <= facts[BETWEEN] and rows < _MOST_ROWS - 1:
        rows += 1
    while limit * 2.0 <= facts[LONG] and lanes < _LANES - 1:
        lanes += 1
        limit = limit * 2.0
    for width in range(WIDTHS):
        facts[IN_ROWS + width] = interleaved[(rows * _LANES + lanes) * WIDTHS + width]


def _longest(begin: int, end: int, does: int, run: Floats, found: Floats) -> int:
    """The stream of the longest run of what is stored (`WRITES`), or read only and moves; -1 where no run is longer than 1."""
    longest, which = 1.0, -1
    for stream in range(begin, end):
        at = stream * FOUND
        only = does == WRITES or (found[at + WRITES] == 0.0 and found[at + KIND] > 0.0)
        longer = found[at + does] > 0.0 and only and run[stream] > longest
        longest, which = float(run[stream]) if longer else longest, stream if longer else which
    return which


def _kept(begin: int, end: int, count: Floats, found: Floats) -> int:
    """The first stream of several sums that stay in registers; -1 where there is none."""
    which = -1
    for stream in range(begin, end):
        at = stream * FOUND
        stays = found[at + READS] * found[at + WRITES] > 0.0 and found[at + KIND] == 0.0 and count[stream] > 1.0
        which = stream if stays and which < 0 else which
    return which


def _lane(leader: int, mover: int, level: int, steps: Floats, said: Floats) -> int:
    """The loop by which a run goes on least far, written out or in the text; -1 where there is none, or `mover` does not move with it."""
    most = said[leader * SAID + RUN]
    lane, least, bar = -1, most + 1.0, most + 1.0
    for loop in range(DEPTH):
        ahead = steps[leader * DEPTH + loop] / said[leader * SAID + SIZE]
        follows = ahead >= 1.0 and ahead <= most and (loop < level or ahead > 1.0)
        moves = steps[mover * DEPTH + loop] > 0.0
        bar = ahead if follows and not moves and ahead < bar else bar
        nearer = follows and moves and ahead < least
        lane, least = loop if nearer else lane, ahead if nearer else least
    return -1 if bar <= least else lane


def _next_loop(leader: int, lane: int, level: int, along: float, stored: float, steps: Floats, said: Floats) -> int:
    """The loop by which a run goes on where the loop of its lanes ends; that loop itself, or 0, where there is none."""
    after, nearest = lane if lane >= 0 else 0, stored + 1.0
    for loop in range(DEPTH):
        ahead = steps[leader * DEPTH + loop] / said[leader * SAID + SIZE]
        follows = ahead >= along and (loop < level or ahead <= said[leader * SAID + RUN])
        nearer = lane >= 0 and loop != lane and follows and ahead < nearest
        after, nearest = loop if nearer else after, ahead if nearer else nearest
    return after


def _rows_between(
    row: int,
    begin: int,
    end: int,
    writer: int,
    lane: int,
    level: int,
    steps: Floats,
    said: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    rows: Floats,
) -> float:
    """Rows that are stored before the next lane is, where another array is addressed by the same sum; 1 where none is."""
    shared, text = 0.0, said[writer * SAID + MEMBERS] / said[writer * SAID + RUN]
    for stream in range(begin, end):
        alike, moves = 0.0 if stream == writer else 1.0, 0.0
        for loop in range(DEPTH):
            mine, other = steps[writer * DEPTH + loop], steps[stream * DEPTH + loop]
            same = mine * said[stream * SAID + SIZE] == other * said[writer * SAID + SIZE]
            alike = alike if same else 0.0
            moves += 1.0 if mine > 0.0 and loop >= level else 0.0
        shared = 1.0 if alike > 0.0 and moves > 1.0 else shared
    unrolled, own, after, pitch = said[writer * SAID + RUN], first[writer], 0, 0.0
    while text > 1.0 and float(after) < unrolled and after < several[writer] - 1:
        after += 1
        pitch = offsets[own + after] - offsets[own]
    between, inside = 1.0, 1.0 if lane < level and unrolled <= 1.0 else 0.0
    for loop in range(lane):
        step = steps[writer * DEPTH + loop]
        goes = loop < level and unrolled <= 1.0 and step > 0.0
        between = between * (rows[row + TRIPS + loop] if goes else 1.0)
        inside = 1.0 if step == text * pitch else inside
    between = between * (text if inside > 0.0 else 1.0)
    return between if shared > 0.0 else 1.0


def _overlaps(stream: int, writer: int, lane: int, level: int, along: float, steps: Floats, said: Floats) -> float:
    """Whether a stream has more than one pack for every pack that is stored, less than a pack apart."""
    found = said[stream * SAID + RUN] > said[writer * SAID + RUN]
    for loop in range(level):
        step = float(steps[stream * DEPTH + loop])
        found = found or (loop != lane and step > 0.0 and step < along * said[stream * SAID + SIZE])
    return 1.0 if found else 0.0


def load_packs(begin: int, end: int, pack: float, count: Floats, run: Floats, found: Floats) -> None:
    """Of every stream how many packs or, where none are loaded, single accesses a round loads."""
    for stream in range(begin, end):
        at, long = stream * FOUND, float(run[stream] if run[stream] > 1.0 else 1.0)
        most = count[stream] / long * (long - pack + 1.0)
        uneven, short = pack % long != 0.0, long > 1.0 and long < pack
        plain = count[stream] / ((1.0 if uneven else long) if short else pack)
        across, every = float(found[at + ACROSS]), found[at + USES] * count[stream] / pack
        shifted = every if every < most else most
        shifted = shifted if shifted > plain else plain
        lies = across > SAME and across < ELSEWHERE
        found[at + LOADED] = (shifted if across == OVERLAPPING else plain) if lies and pack > 1.0 else count[stream]


def shifted_packs(stream: int, pack: float, count: Floats, run: Floats, found: Floats, facts: Floats) -> float:
    """Packs of a stream that LLVM shuffles, as others that overlap hold their elements: one of every packs that begin in the same one, but
    in the first of a run only where the round before loaded it."""
    at, packs = stream * FOUND, facts[LONG] / pack if facts[LONG] > pack else 1.0
    share = (packs - 1.0 + found[at + GOES_ON]) / packs
    more, most = found[at + LOADED] - count[stream] / pack, _SHIFTED * packs * count[stream] / run[stream]
    return share * (more if more < most else most) if found[at + ACROSS] == OVERLAPPING else 0.0


def packed(
    begin: int,
    end: int,
    full: float,
    floating: float,
    wide: float,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """Accesses of neighbours in a round over those that are left when they are packed; 1 where they are not. Packs of a run that other streams
    do not follow to its end are tried first, then those of a row."""
    stretch, held = float(facts[STRETCH]), float(facts[HELD])
    pack = power(stretch if stretch < full else full)
    pays = _pays(begin, end, pack, stretch, floating, wide, count, run, found, facts) > 0.0
    if held < stretch and not pays:
        stretch, pack = held, power(held if held < full else full)
        pays = _pays(begin, end, pack, stretch, floating, wide, count, run, found, facts) > 0.0
    facts[BYTES] = facts[BYTES] * pack
    width, limit = 0, 2.0
    while limit * 2.0 <= pack and width < WIDTHS - 1:
        width += 1
        limit = limit * 2.0
    lasting = facts[IN_ROWS + width] if facts[BETWEEN] > 1.0 else _by_width(stretch, pack)
    return lasting if pays else 1.0


def _pays(
    begin: int,
    end: int,
    pack: float,
    stretch: float,
    floating: float,
    wide: float,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """Whether packs of so many are thought to cost less than what they are made of."""
    load_packs(begin, end, pack, count, run, found)
    collected = 2.0 - 1.0 / pack if floating > 0.0 else (2.0 + 1.0 / pack if pack > 4.0 else 2.0)
    scalar = float(facts[ROUND_INSTRUCTIONS])
    apart = (scalar + (wide if pack > 4.0 else _NARROW * wide)) / pack
    for stream in range(begin, end):
        at = stream * FOUND
        across, reads, writes = found[at + ACROSS], float(found[at + READS]), float(found[at + WRITES])
        lies = across > SAME and across < ELSEWHERE and facts[BY_SUMS] <= 0.0
        broken = found[at + BREAKS] > 0.0 and stretch > facts[HELD]
        broadcast = 2.0 if floating <= 0.0 else (1.0 if found[at + KIND] == 0.0 else 0.0)
        spread = broadcast if across == SAME else 0.0
        kept = facts[BY_SUMS] > 0.0 and found[at + KIND] == 0.0 and writes > 0.0
        apart += 2.0 * (collected - 1.0) * count[stream] if kept else 0.0
        reads, writes = 0.0 if kept else reads, 0.0 if kept else writes
        scalar += count[stream] * (reads + writes)
        lanes = float(found[at + USES]) if broken else (1.0 if across == ELSEWHERE else 0.0)
        loaded = count[stream] * (1.0 + (collected - 1.0) * lanes) if lanes > 0.0 else float(found[at + LOADED])
        apart += reads * (loaded + spread * count[stream])
        apart += writes * count[stream] * (1.0 / pack if lies else _SCATTERED)
    return 1.0 if pack > 1.0 and apart < _PACKED * scalar else 0.0


def _by_width(stored: float, pack: float) -> float:
    """Stores of a run over those that are left: as many of the widest packs as fit, then narrower ones."""
    rest, left, size = stored, 0.0, pack
    while size > 1.0:
        many = floor(rest / size)
        left += many
        rest = rest - many * size
        size = size / 2.0
    return stored / (left + rest)


def power(limit: float) -> float:
    """The largest power of two up to this, at least 1."""
    found = 1.0
    while found * 2.0 <= limit:
        found = found * 2.0
    return found

"""Rounds of at most so many operations: what whole inner loops access together, and in how many pieces of how many bytes it could be done.

    for k { for j = 0 to 4 { C[j] += A[k] * B[k, j] } }      of at most 32: j whole, 4 of C that stand still, 1 of A, a run of 4 of B

For every rung 2^5, 2^7, 2^9 the innermost loops are taken whole as long as operations and different addresses are no more, of which one that a
loop leaves where it is counts once for all its rounds (and as long as loops make the same rounds every time). Of such a round: distinct
addresses, runs of neighbours among them, how each stream goes on with the loop around (*still*, to the *next* element, *dense*: into a run's
own gap, *far*), the sums that this loop carries. Then how many pieces there are per operation where one piece holds as many elements as fit
16, 32 or 64 bytes: along the loop (`loopwise`), along the runs that are written (`packed`), and one by one (`plain`), a turn of the loop and
an entry into it counted like an operation; `least` of those that the order of sums allows.

No compiler's threshold and no cost is known here: all rungs and all pieces are columns, and what learns from them finds out which count.
Loops over small arrays, compiled (`costmodel/scalar.py`).
"""

from __future__ import annotations

from functools import cache
from math import floor

import numpy as np

from costmodel.features.accessed import Rounds
from costmodel.features.repeated import MOST_ADDRESSES, repeat, write_down
from costmodel.features.streams import DEPTH, Flags, Floats, Integers
from costmodel.scalar import native

RUNGS = (32, 128, 512)
_RUNGS = len(RUNGS)
_FIRST, _SECOND, _THIRD = RUNGS
_PIECES = (16, 32, 64)
_SMALL, _MIDDLE, _LARGE = _PIECES
_STILL, _NEXT, _DENSE, _FAR = range(4)
_MOVES = ("still", "next", "dense", "far")
_SIZES, _HOWS = len(_PIECES), len(_MOVES)
_LITTLE = 2.0**-8
_LEAST = 2.0**-12

_SHAPE = (
    "level",
    "copies",
    "size",
    "trip",
    "trip modulo 4",
    "trip modulo 8",
    "trip around",
    "trip inside",
    "varies",
    "a turn",
    "an entry",
)
_MOVED = (*_MOVES, "longest run", "shortest run", "mean run", "runs")
_TOGETHER = ("share next", "share far", "stores apart", "stores that stand")
_CARRIED = ("sums", "sums beside", "carries", "ordered", "chain", "in step")
_PER_PIECE = ("loopwise by", "packed by", "fits", "packs", "rest of", "least by", "loop first by")
_OF_MOVES, _OF_A_PIECE = len(_MOVED), len(_PER_PIECE)
_MOVES_AT = len(_SHAPE)
_TOGETHER_AT = _MOVES_AT + 2 * _OF_MOVES
_CARRIED_AT = _TOGETHER_AT + len(_TOGETHER)
_PIECES_AT = _CARRIED_AT + len(_CARRIED)
"""Where columns of a rung begin; those of pieces with `plain`."""
_NAMES = (
    *_SHAPE,
    *(f"{name} {each}" for name in ("loads", "stores") for each in _MOVED),
    *_TOGETHER,
    *_CARRIED,
    "plain",
    *(f"{each} {size}" for size in _PIECES for each in _PER_PIECE),
)
COLUMNS = len(_NAMES)
"""Columns of a rung."""
_AS_THEY_ARE = (
    "level",
    "trip modulo 4",
    "trip modulo 8",
    "varies",
    *_TOGETHER,
    "carries",
    "ordered",
    "in step",
    *(f"{each} {size}" for size in _PIECES for each in ("fits", "packs", "rest of")),
)
_LOGARITHMS = np.array([name not in _AS_THEY_ARE for name in _NAMES] * len(RUNGS))
_SUMMED = ("least by", "plain", "loop first by 32")


@cache
def piece_names() -> tuple[str, ...]:
    """The columns, rung by rung."""
    return tuple(f"{name} of {rung}" for rung in RUNGS for name in _NAMES)


@cache
def summed_names() -> tuple[str, ...]:
    """Columns that are means over what is done, of which one of all bodies makes sense: pieces per operation."""
    return tuple(name for name in piece_names() if name.startswith(_SUMMED))


def pieces_of(rounds: Rounds) -> Floats:
    """Columns of every body as they are counted: logarithms are not taken yet."""
    found = np.zeros((len(rounds.depth), len(RUNGS) * COLUMNS))
    accesses = len(rounds.width)
    _pieces(
        len(rounds.depth),
        rounds.depth,
        rounds.trips,
        rounds.constant,
        rounds.work,
        rounds.operations,
        rounds.adds,
        rounds.free,
        rounds.begins,
        rounds.stores,
        rounds.steps,
        rounds.width,
        rounds.shared,
        rounds.first,
        rounds.several,
        rounds.offsets,
        np.empty(MOST_ADDRESSES),
        np.empty(accesses),
        np.empty(accesses),
        np.empty(accesses),
        np.empty(accesses),
        found,
    )
    return found


def logarithms(counted: Floats) -> Floats:
    """What is counted as columns: logarithms of all but of flags, levels and remainders."""
    return np.where(_LOGARITHMS, np.log2(np.maximum(counted, _LEAST)), counted)


@native
def _pieces(
    bodies: int,
    depth: Integers,
    trips: Floats,
    constant: Flags,
    work: Floats,
    operations: Floats,
    adds: Floats,
    free: Floats,
    begins: Integers,
    stores: Floats,
    steps: Floats,
    width: Floats,
    shared: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    places: Floats,
    count: Floats,
    longest: Floats,
    runs: Floats,
    reach: Floats,
    found: Floats,
) -> None:
    """`reach`: bytes from an access's first address to its last."""
    for body in range(bodies):
        begin, end, level, copies = begins[body], begins[body + 1], 0, 1.0
        loops = depth[body] if depth[body] < DEPTH else DEPTH
        for access in range(begin, end):
            write_down(
                access,
                0,
                body * DEPTH,
                steps,
                trips,
                width,
                first,
                several,
                offsets,
                places,
                count,
                longest,
                runs,
                reach,
            )
        for rung in range(_RUNGS):
            into = (body * _RUNGS + rung) * COLUMNS
            most = float(_FIRST if rung == 0 else (_SECOND if rung == 1 else _THIRD))
            going, changed = 1, 1 if rung == 0 else 0
            while going > 0:
                going = 0
                trip = trips[body * DEPTH + level]
                if level < loops - 1 and constant[body * DEPTH + level] != 0 and trip >= 1.0:
                    moving = 0.0
                    for access in range(begin, end):
                        moving += count[access] if steps[access * DEPTH + level] > 0.0 else 0.0
                    if (work[body] * copies + moving) * trip <= most:
                        going, changed = 1, 1
                if going > 0:
                    level += 1
                    copies = copies * floor(float(trip))
                    for access in range(begin, end):
                        if steps[access * DEPTH + level - 1] > 0.0 and trip >= 2.0:
                            repeat(
                                access,
                                level,
                                body * DEPTH,
                                steps,
                                trips,
                                width,
                                first,
                                several,
                                offsets,
                                places,
                                count,
                                longest,
                                runs,
                                reach,
                            )
            if changed > 0:
                tell_shape(body, level, loops, copies, begin, end, operations, trips, constant, count, into, found)
                tell_moves(
                    level,
                    begin,
                    end,
                    copies * operations[body],
                    stores,
                    steps,
                    width,
                    count,
                    longest,
                    runs,
                    into,
                    found,
                )
                tell_sums(
                    level,
                    begin,
                    end,
                    copies * operations[body],
                    copies * adds[body],
                    float(free[body]),
                    steps,
                    shared,
                    count,
                    width,
                    into,
                    found,
                )
                tell_pieces(
                    level, begin, end, copies * operations[body], stores, steps, width, count, longest, into, found
                )
            else:
                for column in range(COLUMNS):
                    found[into + column] = found[into - COLUMNS + column]


def tell_shape(
    body: int,
    level: int,
    loops: int,
    copies: float,
    begin: int,
    end: int,
    operations: Floats,
    trips: Floats,
    constant: Flags,
    count: Floats,
    into: int,
    found: Floats,
) -> None:
    """Of a round: how large it is, and the loops beside it."""
    addresses, whole = 0.0, operations[body] * copies
    for access in range(begin, end):
        addresses += count[access]
    at = body * DEPTH + level
    trip = trips[at]
    found[into] = float(level)
    found[into + 1] = copies
    found[into + 2] = whole + addresses
    found[into + 3] = trip
    found[into + 4] = trip % 4.0
    found[into + 5] = trip % 8.0
    found[into + 6] = trips[at + 1 if level + 1 < DEPTH else at] if level + 1 < loops else 1.0
    found[into + 7] = trips[at - 1 if level > 0 else at] if level > 0 else 1.0
    found[into + 8] = 1.0 if level < loops and constant[at] == 0 else 0.0
    found[into + 9] = 1.0 / whole
    found[into + 10] = 1.0 / (whole * trip)


def move_of(step: float, width: float, longest: float) -> int:
    """How a loop goes on with addresses of which at most so many are without a gap."""
    dense = step <= longest * width or step == 2.0 * width
    return _STILL if step == 0.0 else (_NEXT if step <= width else (_DENSE if dense else _FAR))


def tell_moves(
    level: int,
    begin: int,
    end: int,
    whole: float,
    stores: Floats,
    steps: Floats,
    width: Floats,
    count: Floats,
    longest: Floats,
    runs: Floats,
    into: int,
    found: Floats,
) -> None:
    """Addresses per operation by how they go on, and runs."""
    everything, following, away, apart, standing = 0.0, 0.0, 0.0, 0.0, 0.0
    for stored in range(2):
        place = into + _MOVES_AT + stored * _OF_MOVES
        for column in range(_OF_MOVES):
            found[place + column] = 0.0
        least, most, addresses, parts, moving = 1e9, 1.0, 0.0, 0.0, 0.0
        for access in range(begin, end):
            if stores[access] == float(stored):
                move = move_of(steps[access * DEPTH + level], width[access], longest[access])
                found[place + move] = found[place + move] + count[access] / whole
                most = longest[access] if longest[access] > most else most
                least = longest[access] if longest[access] < least else least
                addresses += count[access]
                parts += count[access] / longest[access]
                moving += runs[access] if move > _STILL else 0.0
                following += count[access] if move == _NEXT else 0.0
                away += count[access] if move == _FAR else 0.0
                apart = 1.0 if stored == 1 and move > _NEXT else apart
                standing = 1.0 if stored == 1 and move == _STILL else standing
        for column in range(_HOWS):
            found[place + column] = found[place + column] + _LITTLE
        found[place + 4] = most
        found[place + 5] = least if addresses > 0.0 else 1.0
        found[place + 6] = addresses / (parts if parts > 0.0 else 1.0) if addresses > 0.0 else 1.0
        found[place + 7] = moving / whole + _LITTLE
        everything += addresses
    everything = everything if everything > 1.0 else 1.0
    found[into + _TOGETHER_AT] = following / everything
    found[into + _TOGETHER_AT + 1] = away / everything
    found[into + _TOGETHER_AT + 2] = apart
    found[into + _TOGETHER_AT + 3] = standing


def tell_sums(
    level: int,
    begin: int,
    end: int,
    whole: float,
    adds: float,
    free: float,
    steps: Floats,
    shared: Floats,
    count: Floats,
    width: Floats,
    into: int,
    found: Floats,
) -> None:
    """Sums that the loop around carries, and how long each one's chain is."""
    sums, together = 0.0, 1.0
    for access in range(begin, end):
        step = steps[access * DEPTH + level]
        sums += shared[access] * count[access] if step == 0.0 else 0.0
        together = 0.0 if step > width[access] else together
    ordered = 1.0 if sums > 0.0 and free == 0.0 else 0.0
    place = into + _CARRIED_AT
    found[place] = sums / whole + _LITTLE
    found[place + 1] = sums if sums > 1.0 else 1.0
    found[place + 2] = 1.0 if sums > 0.0 else 0.0
    found[place + 3] = ordered
    found[place + 4] = (adds / (sums if sums > 0.0 else 1.0) / whole if sums > 0.0 else 0.0) + _LITTLE
    found[place + 5] = together * (1.0 - ordered)


def tell_pieces(
    level: int,
    begin: int,
    end: int,
    whole: float,
    stores: Floats,
    steps: Floats,
    width: Floats,
    count: Floats,
    longest: Floats,
    into: int,
    found: Floats,
) -> None:
    """Pieces per operation, operations and what moves together; after the shape and the sums are told."""
    moving, widest, written, strict = 0.0, 0.0, 1e9, found[into + _CARRIED_AT + 3] > 0.0
    for access in range(begin, end):
        moving += count[access] if steps[access * DEPTH + level] > 0.0 else 0.0
        widest = width[access] if width[access] > widest else widest
        written = longest[access] if stores[access] > 0.0 and longest[access] < written else written
    widest = widest if begin < end else 4.0
    written = written if written < 1e9 else 1.0
    trip, varies = found[into + 3], found[into + 8] > 0.0
    entry = 1.0 / trip
    plain = (whole + moving + 1.0 + entry) / whole
    found[into + _PIECES_AT] = plain
    for piece in range(_SIZES):
        size = float(_SMALL if piece == 0 else (_MIDDLE if piece == 1 else _LARGE))
        elements = floor(size / widest) if widest <= size else 1.0
        fits, pack = elements, 1.0
        while fits > 1.0 and fits > trip and not varies:
            fits = floor(fits / 2.0)
        while pack * 2.0 <= elements and pack * 2.0 <= written:
            pack = pack * 2.0
        rest = 0.0 if varies else trip % fits / trip
        along, narrow = (whole + 1.0) / fits, 0.0
        for access in range(begin, end):
            step = steps[access * DEPTH + level]
            if step > 0.0:
                along += count[access] / (fits if move_of(float(step), width[access], longest[access]) < _FAR else 1.0)
                narrow += count[access] / (pack if longest[access] >= pack else 1.0)
        loopwise = (along + entry) / whole * (1.0 - rest) + rest * plain
        packed = (whole / pack + narrow + 1.0 + entry) / whole
        orderless = fits > 1.0 and not strict
        least = plain if plain < packed else packed
        place = into + _PIECES_AT + 1 + _OF_A_PIECE * piece
        found[place] = loopwise
        found[place + 1] = packed
        found[place + 2] = fits
        found[place + 3] = pack
        found[place + 4] = rest
        found[place + 5] = loopwise if orderless and loopwise < least else least
        found[place + 6] = loopwise if orderless else packed

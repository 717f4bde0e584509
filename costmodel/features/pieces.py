"""Rounds of at most so many operations: what whole inner loops access together, and in how many pieces of how many bytes it could be done.

    for k { for j = 0 to 4 { C[j] += A[k] * B[k, j] } }      of at most 32: j whole, 4 of C that stand still, 1 of A, a run of 4 of B

For every rung 2^5, 2^7, 2^9 the innermost loops are taken whole as long as operations and different addresses are no more, of which one that a
loop leaves where it is counts once for all its rounds (and as long as loops make the same rounds every time). Of such a round: distinct
addresses, runs of neighbours among them, how each stream goes on with the loop around (*still*, to the *next* element, *dense*: into a run's
own gap, *far*), the sums that this loop carries. Then how many pieces there are per operation where one piece holds as many elements as fit
16, 32 or 64 bytes: along the loop (`loopwise`), along the runs that are written (`packed`), and one by one (`plain`), a turn of the loop and
an entry into it counted like an operation; `least` of those that the order of sums allows.

No compiler's threshold and no cost is known here: all rungs and all pieces are columns, and what learns from them finds out which count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.features.phrases import Body, Stream
from costmodel.features.streams import Floats

RUNGS = (32, 128, 512)
_PIECES = (16, 32, 64)
_MOST_ADDRESSES = 2048
_STILL, _NEXT, _DENSE, _FAR = range(4)
_MOVES = ("still", "next", "dense", "far")
_ADDS = {"ADD", "FMA", "MINMAX"}
_LITTLE = 2.0**-8


@dataclass(frozen=True, slots=True)
class Accessed:
    """Loads or stores of one stream in a round: distinct addresses, the longest run of neighbours, runs, and how the loop around moves them."""

    stores: bool
    addresses: int
    longest: int
    runs: int
    move: int
    width: float


@dataclass(frozen=True, slots=True)
class Round:
    """The innermost `level` loops of a body, taken whole: `copies` of it."""

    body: Body
    level: int
    copies: float
    accessed: tuple[Accessed, ...]
    sums: int
    """Addresses that are read and written and that the loop around leaves where they are."""

    @property
    def operations(self) -> float:
        """What it computes."""
        return self.body.operations * self.copies

    @property
    def trip(self) -> float:
        """Rounds of the loop around."""
        return self._trip(self.level)

    def _trip(self, level: int) -> float:
        return self.body.trips[level] if 0 <= level < len(self.body.trips) else 1.0

    @property
    def around(self) -> float:
        """Rounds of the loop around that."""
        return self._trip(self.level + 1)

    @property
    def inside(self) -> float:
        """Rounds of the outermost loop that is taken whole."""
        return self._trip(self.level - 1)

    @property
    def varies(self) -> bool:
        """Whether the loop around does not always make the same rounds."""
        return self.level < len(self.body.varies) and self.body.varies[self.level]

    @property
    def ordered(self) -> bool:
        """Whether the loop around carries sums that must stay in order."""
        return self.sums > 0 and not self.body.reorders


def piece_columns(body: Body) -> dict[str, float]:
    """Columns of every rung."""
    found: dict[str, float] = {}
    columns: dict[str, float] = {}
    last: Round | None = None
    for rung, each in zip(RUNGS, rounds(body), strict=True):
        if each is not last:
            last, columns = each, {**_shape(each), **_moves(each), **_carried(each), **_pieces(each)}
        found |= {f"{name} of {rung}": value for name, value in columns.items()}
    return found


def rounds(body: Body) -> Iterator[Round]:
    """The round of every rung; the same object while no loop more fits."""
    starts = [(np.array(stream.loads), np.array(stream.stores)) for stream in body.streams]
    level, copies = 0, 1.0
    last: Round | None = None
    for rung in RUNGS:
        begin = level
        while level < len(body.trips) - 1 and _whole(body, level) and _size(body, level, copies, starts) <= rung:
            trip = int(body.trips[level])
            starts = [_again(pair, stream, level, trip) for pair, stream in zip(starts, body.streams, strict=True)]
            level, copies = level + 1, copies * trip
        if last is None or level > begin:
            last = _round(body, level, copies, starts)
        yield last


def _whole(body: Body, level: int) -> bool:
    return not body.varies[level] and body.trips[level] >= 1.0


def _size(body: Body, level: int, copies: float, starts: Sequence[tuple[Floats, Floats]]) -> float:
    """Operations and addresses if a loop more is taken whole."""
    moving = sum(
        len(each) for pair, stream in zip(starts, body.streams, strict=True) if stream.steps[level] for each in pair
    )
    return (len(body.work) * copies + moving) * body.trips[level]


def _again(pair: tuple[Floats, Floats], stream: Stream, level: int, trip: int) -> tuple[Floats, Floats]:
    """Addresses of a stream in all rounds of a loop; of very many those of the first."""
    step = stream.steps[level]
    first, second = (
        np.unique((each[None] + step * np.arange(trip)[:, None]).ravel())
        if step and 0 < len(each) * trip <= _MOST_ADDRESSES
        else each
        for each in pair
    )
    return first, second


def _round(body: Body, level: int, copies: float, starts: Sequence[tuple[Floats, Floats]]) -> Round:
    accessed: list[Accessed] = []
    sums = 0
    for pair, stream in zip(starts, body.streams, strict=True):
        step = stream.step(level)
        accessed += [
            _accessed(each, stores, stream.width, step)
            for each, stores in zip(pair, (False, True), strict=True)
            if len(each)
        ]
        if not step:
            sums += len(np.intersect1d(*pair))
    return Round(body, level, copies, tuple(accessed), sums)


def _accessed(starts: Floats, stores: bool, width: float, step: float) -> Accessed:
    ends = np.flatnonzero(np.append(np.diff(starts) != width, True))
    longest = int(np.diff(ends, prepend=-1).max())
    if step == 0:
        move = _STILL
    elif step <= width:
        move = _NEXT
    else:
        move = _DENSE if step <= longest * width or step == 2 * width else _FAR
    return Accessed(stores, len(starts), longest, len(ends), move, width)


def _log(number: float) -> float:
    return math.log2(max(number, 2.0**-12))


def _shape(each: Round) -> dict[str, float]:
    return {
        "level": float(each.level),
        "copies": _log(each.copies),
        "size": _log(each.operations + sum(one.addresses for one in each.accessed)),
        "trip": _log(each.trip),
        "trip modulo 4": each.trip % 4,
        "trip modulo 8": each.trip % 8,
        "trip around": _log(each.around),
        "trip inside": _log(each.inside),
        "varies": float(each.varies),
        "a turn": _log(1 / each.operations),
        "an entry": _log(1 / (each.operations * each.trip)),
    }


def _moves(each: Round) -> dict[str, float]:
    """Addresses per operation by how they go on, and runs."""
    found: dict[str, float] = {}
    everything = max(sum(one.addresses for one in each.accessed), 1)
    for stores, name in ((False, "loads"), (True, "stores")):
        some = [one for one in each.accessed if one.stores is stores]
        for move, how in enumerate(_MOVES):
            amount = sum(one.addresses for one in some if one.move == move)
            found[f"{name} {how}"] = _log(amount / each.operations + _LITTLE)
        found[f"{name} longest run"] = _log(max((one.longest for one in some), default=1))
        found[f"{name} shortest run"] = _log(min((one.longest for one in some), default=1))
        mean = sum(one.addresses for one in some) / max(sum(one.addresses / one.longest for one in some), 1e-9)
        found[f"{name} mean run"] = _log(mean) if some else 0.0
        moving = sum(one.runs for one in some if one.move != _STILL)
        found[f"{name} runs"] = _log(moving / each.operations + _LITTLE)
    for move in (_NEXT, _FAR):
        amount = sum(one.addresses for one in each.accessed if one.move == move)
        found[f"share {_MOVES[move]}"] = amount / everything
    found["stores apart"] = float(any(one.stores and one.move > _NEXT for one in each.accessed))
    found["stores that stand"] = float(any(one.stores and one.move == _STILL for one in each.accessed))
    return found


def _carried(each: Round) -> dict[str, float]:
    """Sums that the loop around carries, and how long each one's chain is."""
    adds = sum(one.word in _ADDS for one in each.body.work) * each.copies
    return {
        "sums": _log(each.sums / each.operations + _LITTLE),
        "sums beside": _log(max(each.sums, 1)),
        "carries": float(each.sums > 0),
        "ordered": float(each.ordered),
        "chain": _log(adds / each.sums / each.operations + _LITTLE) if each.sums else math.log2(_LITTLE),
        "in step": float(not each.ordered and all(one.move <= _NEXT for one in each.accessed)),
    }


def _pieces(each: Round) -> dict[str, float]:
    """Pieces per operation, operations and what moves together."""
    moving = [one for one in each.accessed if one.move != _STILL]
    operations, entry = each.operations, 1.0 / each.trip
    plain = (operations + sum(one.addresses for one in moving) + 1.0 + entry) / operations
    found = {"plain": _log(plain)}
    widest = max((one.width for one in each.accessed), default=4.0)
    written = min((one.longest for one in each.accessed if one.stores), default=1)
    for size in _PIECES:
        elements = max(int(size // widest), 1)
        fits = elements if each.varies else _halved(elements, each.trip)
        pack = 2 ** int(math.log2(min(written, elements)))
        rest = 0.0 if each.varies else (each.trip % fits) / each.trip
        along = (operations + 1.0) / fits + sum(one.addresses / (fits if one.move < _FAR else 1) for one in moving)
        loopwise = (along + entry) / operations * (1.0 - rest) + rest * plain
        narrow = sum(one.addresses / (pack if one.longest >= pack else 1) for one in moving)
        packed = (operations / pack + narrow + 1.0 + entry) / operations
        in_any_order = fits > 1 and not each.ordered
        found |= {
            f"loopwise by {size}": _log(loopwise),
            f"packed by {size}": _log(packed),
            f"fits {size}": float(fits),
            f"packs {size}": float(pack),
            f"rest of {size}": rest,
            f"least by {size}": _log(min(plain, packed, loopwise if in_any_order else plain)),
            f"loop first by {size}": _log(loopwise if in_any_order else packed),
        }
    return found


def _halved(elements: int, trip: float) -> int:
    """The elements of a piece, halved until the loop makes as many rounds."""
    while elements > 1 and elements > trip:
        elements //= 2
    return elements

"""Token streams read: what a body does in a round, at which addresses, under which loops.

    LOOP TRIP NUM 64 BEGIN LOOP TRIP NUM 16 BEGIN LOAD f32 BUF0 DIM0 IV0 SIZE NUM 16 DIM1 IV1 SIZE NUM 64 …

A *phrase* is an operation's word with what follows it up to the next one. LOAD stands under a running product of 64 x 16; in its phrase
each counter moves the address by a running product too, of the sizes of the dimensions further in: here IV0 by 1 element, IV1 by 16.
Accesses of a body that differ only in the number that they start at are one *stream*. Distances are bytes, loops the innermost first.

Only the scheme `running` is read, whose tokens say which accesses share a buffer. Subscripts that are no sums of counters count as a step of
`_UNKNOWN` elements of the innermost loop.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from costmodel.features.streams import DEPTH, Floats
from costmodel.tokens.stream import BUFFERS, Tokens
from costmodel.tokens.vocabulary import OpClass

_UNKNOWN = 512.0
LEAST = 2.0**-6
"""Rounds of a loop at least: averages may be below one."""
_NO_PHRASE = {OpClass.END, OpClass.FUNCTION, OpClass.MODULE}
_NO_WORK = {"LOAD", "STORE", "LOOP", "CONSTANT"}
WORDS = tuple(kind.name for kind in OpClass if kind not in _NO_PHRASE)
_STARTS = {*WORDS, "BEGIN", "END"}
_WIDTHS = {f"{kind}{bits}": max(bits / 8, 1.0) for kind in "fi" for bits in (1, 8, 16, 32, 64, 128)}


@dataclass(slots=True)
class Phrase:
    """An operation and what its words say; `place` counts operations, `uses` are places of the values that it reads."""

    word: str
    place: int
    trips: tuple[float, ...]
    varies: tuple[bool, ...]
    element: str = ""
    width: float = 4.0
    free: bool = False
    uses: list[int] = field(default_factory=list[int])
    buffer: str = ""
    steps: tuple[float, ...] = ()
    offset: float = 0.0
    sizes: tuple[float, ...] = ()

    @property
    def works(self) -> bool:
        """Whether it computes something."""
        return self.word not in _NO_WORK


@dataclass(frozen=True, slots=True)
class Stream:
    """Accesses to one buffer by the same steps; `loads` and `stores` are the different bytes they start at, ascending."""

    buffer: str
    steps: tuple[float, ...]
    width: float
    total: float
    """Bytes of the buffer."""
    loads: tuple[float, ...]
    stores: tuple[float, ...]

    def step(self, level: int) -> float:
        """Bytes that a round of a loop moves the address by, without the sign; 0 where there is no such loop."""
        return abs(self.steps[level]) if level < len(self.steps) else 0.0


@dataclass(frozen=True, slots=True)
class Body:
    """What stands directly in the same loops: operations that compute, streams, and loops around both."""

    trips: tuple[float, ...]
    varies: tuple[bool, ...]
    """Loops that do not always make the same number of rounds."""
    work: tuple[Phrase, ...]
    streams: tuple[Stream, ...]
    accesses: int
    largest: float
    """Elements of the longest dimension that is accessed."""

    @property
    def executions(self) -> float:
        """How often it runs."""
        return math.prod(self.trips)

    @property
    def operations(self) -> float:
        """What one round computes, or writes where it only moves; at least 1."""
        return float(max(len(self.work) or sum(len(each.stores) for each in self.streams), 1))

    @property
    def reorders(self) -> bool:
        """Whether its sums may be taken in any order: whole numbers, or marked so."""
        return any(each.free for each in self.work) or all(each.element[:1] != "f" for each in self.work)


NOTHING = Body((), (), (), (), 0, 1.0)


def padded(rows: Sequence[Sequence[float]], rest: float) -> Floats:
    """One row each, of the innermost `DEPTH` numbers."""
    found = np.full((len(rows), DEPTH), rest)
    for row, each in zip(found, rows, strict=True):
        row[: min(len(each), DEPTH)] = each[:DEPTH]
    return found


def phrases(tokens: Tokens) -> Iterator[Phrase]:
    """The operations of a stream."""
    trips: list[float] = []
    varies: list[bool] = []
    starts = [at for at, word in enumerate(tokens.words) if word in _STARTS]
    place = 0
    for start, end in zip(starts, [*starts[1:], len(tokens.words)], strict=True):
        word = tokens.words[start]
        if word not in WORDS:
            continue
        place += 1
        depth = tokens.depths[start]
        del trips[depth:], varies[depth:]
        phrase = Phrase(word, place, tuple(reversed(trips)), tuple(reversed(varies)))
        inside = range(start + 1, end)
        if word == "LOOP":
            trips.append(max(next((tokens.numbers[at] for at in inside if tokens.words[at] == "NUM"), 1.0), LEAST))
            varies.append("VARIES" in tokens.words[start:end])
        else:
            _say(phrase, tokens, inside)
        yield phrase


def _say(phrase: Phrase, tokens: Tokens, inside: range) -> None:
    """What the words of an operation add: type, marks, values, and from BUF on the address."""
    last = ""
    for at in inside:
        word = tokens.words[at]
        if word in BUFFERS:
            phrase.buffer = word
            _address(phrase, tokens, range(at + 1, inside.stop))
            return
        if not phrase.element and word in _WIDTHS:
            phrase.element, phrase.width = word, _WIDTHS[word]
        elif last == "VEC" and word == "NUM":
            phrase.width *= max(tokens.numbers[at], 1.0)
        elif word[0] == "@":
            phrase.uses.append(phrase.place - int(word[1:]))
        phrase.free = phrase.free or word == "FREE"
        last = word


def _address(phrase: Phrase, tokens: Tokens, inside: range) -> None:
    """Bytes that the address moves by each counter, and what it starts at."""
    steps, scale, offset, last = [0.0] * len(phrase.trips), phrase.width, 0.0, ""
    sizes: list[float] = []
    counter = -1
    for at in inside:
        word, number = tokens.words[at], tokens.numbers[at]
        if word.startswith("DIM"):
            counter = -1
        elif word.startswith("IV"):
            counter = min(int(word[2:]), len(steps) - 1)
            if counter >= 0:
                steps[counter] += scale
        elif word == "NUM" and last == "SIZE":
            scale *= max(number, 1.0)
            sizes.append(number)
        elif word == "NUM" and last == "IDX":
            offset += number * scale
        elif word == "NUM" and counter >= 0:
            steps[counter] += (number - 1) * scale
        elif word == "ANY" and steps:
            steps[0] += _UNKNOWN * phrase.width
        last = word
    phrase.steps, phrase.offset, phrase.sizes = tuple(steps), offset, tuple(sizes)


def bodies(tokens: Tokens) -> list[Body]:
    """The bodies of a stream, in its order; at least one."""
    found: list[list[Phrase]] = []
    open_at: dict[int, list[Phrase]] = {}
    for phrase in phrases(tokens):
        depth = len(phrase.trips)
        for deeper in [each for each in open_at if each > depth]:
            del open_at[deeper]
        if depth not in open_at:
            open_at[depth] = []
            found.append(open_at[depth])
        open_at[depth].append(phrase)
        if phrase.word == "LOOP":
            open_at.pop(depth + 1, None)
    return [_body(each) for each in found if any(phrase.word != "LOOP" for phrase in each)] or [NOTHING]


def _body(found: Sequence[Phrase]) -> Body:
    accesses = [phrase for phrase in found if phrase.buffer]
    alike: dict[tuple[str, tuple[float, ...], tuple[float, ...]], list[Phrase]] = defaultdict(list)
    for phrase in accesses:
        alike[phrase.buffer, phrase.steps, phrase.sizes].append(phrase)
    first = found[0]
    return Body(
        first.trips,
        first.varies,
        tuple(phrase for phrase in found if phrase.works),
        tuple(_stream(each) for each in alike.values()),
        len(accesses),
        max((size for phrase in accesses for size in phrase.sizes), default=1.0),
    )


def _stream(alike: Sequence[Phrase]) -> Stream:
    first = alike[0]
    loads, stores = ({each.offset for each in alike if each.word == word} for word in ("LOAD", "STORE"))
    total = first.width * math.prod(max(size, 1.0) for size in first.sizes)
    return Stream(first.buffer, first.steps, first.width, total, tuple(sorted(loads)), tuple(sorted(stores)))

"""Columns of the token stream alone, by running products: every token weighs as many times as the loops around it go round.

    LOOP TRIP NUM 64 BEGIN LOOP TRIP NUM 16 BEGIN LOAD f32 DIM0 IV0 SIZE NUM 16 DIM1 IV1 SIZE NUM 64 …

LOAD stands under a running product of 64 x 16 = 1024. A *phrase* is an operation's word with what follows it up to the next one; in the
phrase of an access each counter moves the address by a running product too, of the sizes of the dimensions further in (here IV0
by 1, IV1 by 16). From phrases: how often each word runs, how often what kind of step meets which loop (counted from the innermost), and
how many different elements the phrases of a body name in so many inner loops (the product of the trips of the counters that they hold).
Everything is divided by the operations executed, which all schedules of a kernel share.

No cache, no line, no latency and no vector is known here: that is what the hand model (`costmodel/features/locality.py`) brings.
Unknown subscripts count as a step of `_UNKNOWN` elements of the innermost loop. Method: the running products of partial results that
"Why Can't Transformers Learn Multiplication?" (2025) found a network to lack, given as inputs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np

from costmodel.features.streams import Floats
from costmodel.tokens.stream import Tokens
from costmodel.tokens.vocabulary import OpClass

LEVELS = 6
"""Loops, from the innermost, that steps are told apart by."""
_UNKNOWN = 512.0
_LITTLE = 2.0**-12
"""What is added to shares before their logarithm."""
_NO_WORK = {OpClass.LOAD, OpClass.STORE, OpClass.LOOP, OpClass.CONSTANT, OpClass.END, OpClass.FUNCTION, OpClass.MODULE}
_KINDS = ("read", "written", "updated")
_STEPS = ("still", "unit", "short", "long")
_FEW, _SHORT = 1.5, 16.0
_ELEMENTS = ("f32", "f64", "i8", "i32", "i64", "i1")
_OCTAVES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 13.0, 16.0, 20.0)
"""Logarithms of running products, from the inside: what happens while a nest makes so many rounds."""


@dataclass(slots=True)
class Phrase:
    """An operation and what its words say; `trips` of the loops around it, the innermost first."""

    word: str
    trips: tuple[float, ...]
    product: float
    varies: tuple[bool, ...] = ()
    steps: tuple[float, ...] = ()
    offset: float = 0.0
    sizes: tuple[float, ...] = ()
    element: str = ""
    marked: bool = False
    """Sums that may be reordered; a loop that does not always make the same rounds."""
    uses: list[str] = field(default_factory=list[str])


_WORDS = {kind.name: kind for kind in OpClass if kind not in (OpClass.END, OpClass.FUNCTION, OpClass.MODULE)}
_COUNTED = tuple(_WORDS)


def phrases(tokens: Tokens) -> Iterator[Phrase]:
    """The operations of a stream in the distance scheme."""
    trips: list[float] = []
    varies: list[bool] = []
    starts = [at for at, word in enumerate(tokens.words) if word in _WORDS or word in ("BEGIN", "END")]
    for start, end in zip(starts, [*starts[1:], len(tokens.words)], strict=True):
        word = tokens.words[start]
        if word not in _WORDS:
            continue
        depth = tokens.depths[start]
        del trips[depth:], varies[depth:]
        phrase = Phrase(word, tuple(reversed(trips)), math.prod(trips), tuple(reversed(varies)))
        inside = range(start + 1, end)
        if word == "LOOP":
            trip = next((tokens.numbers[at] for at in inside if tokens.words[at] == "NUM"), 1.0)
            trips.append(max(trip, 2.0**-6))
            varies.append(any(tokens.words[at] == "VARIES" for at in inside))
            phrase.steps = (trip,)
        elif word in ("LOAD", "STORE"):
            _address(phrase, tokens, inside)
        phrase.marked = any(tokens.words[at] in ("FREE", "VARIES") for at in inside)
        phrase.element = next((tokens.words[at] for at in inside if tokens.words[at] in _ELEMENTS), "")
        phrase.uses = [each for at in inside if (each := tokens.words[at])[0] == "@" or each in ("ARG", "FAR")]
        yield phrase


def _address(phrase: Phrase, tokens: Tokens, inside: range) -> None:
    """Elements that the address moves by each counter, and what it starts at."""
    steps, scale, offset, last = [0.0] * len(phrase.trips), 1.0, 0.0, ""
    sizes: list[float] = []
    counter = -1
    for at in inside:
        word, number = tokens.words[at], tokens.numbers[at]
        if word.startswith("DIM"):
            counter = -1
        elif word.startswith("IV") and last:
            counter = min(int(word[2:]), len(steps) - 1)
            if counter >= 0:
                steps[counter] += scale
        elif word == "NUM" and last == "SIZE":
            scale *= max(number, 1.0)
            sizes.append(number)
        elif word == "NUM" and last == "IDX":
            offset += number * scale
        elif word == "NUM" and last.startswith("IV") and counter >= 0:
            steps[counter] += (number - 1) * scale
        elif word == "ANY" and steps:
            steps[0] += _UNKNOWN
        last = word
    phrase.steps, phrase.offset, phrase.sizes = tuple(steps), offset, tuple(sizes)


def _step(step: float) -> str:
    size = abs(step)
    return "still" if size == 0 else "unit" if size < _FEW else "short" if size < _SHORT else "long"


@lru_cache(maxsize=1)
def running_names() -> tuple[str, ...]:
    """The columns, in order."""
    names = [f"runs of {word}" for word in _COUNTED]
    names += [f"runs of {word}^{level}" for word in ("LOAD", "STORE", "LOOP", "work") for level in range(LEVELS)]
    names += [f"{kind} {step} at {level}" for kind in _KINDS for step in _STEPS for level in range(LEVELS)]
    names += [f"{kind} {first}, then {second}" for kind in _KINDS for first in _STEPS for second in _STEPS]
    names += [f"{kind} {step} in octave {octave:g}" for kind in _KINDS for step in _STEPS for octave in _OCTAVES[:-1]]
    names += [f"{what} octave {octave:g}" for what in _NAMED for octave in _OCTAVES[1:]]
    names += [f"work in {element}" for element in _ELEMENTS]
    names += [f"varies at {level}" for level in range(LEVELS)]
    names += [f"{what} {level}" for what in _PRODUCTS for level in range(LEVELS)]
    return (*names, *_SINGLE)


_PRODUCTS = (
    "trip of",
    "rounds within",
    "elements within",
    "runs within",
    "elements a round within",
    "runs a round within",
)
_NAMED = ("elements by", "runs by")
_SINGLE = (
    "free sums",
    "operations of the longest body",
    "accesses of the longest body",
    "different accesses of the longest body",
    "largest buffer",
    "all buffers",
    "rounds",
    "bodies",
    "depth",
    "deepest share",
    "used at once",
    "used soon",
    "used later",
    "arguments used",
)


def running(tokens: Tokens) -> list[float]:
    """The columns of one text."""
    found = list(phrases(tokens))
    work = sum(phrase.product for phrase in found if _WORDS[phrase.word] not in _NO_WORK)
    total = max(work, max((phrase.product for phrase in found), default=1.0) * 2.0**-6, 2.0**-6)
    by_body = _bodies(found)
    shares: dict[str, float] = defaultdict(float)
    for phrase in found:
        shares[f"runs of {phrase.word}"] += phrase.product / total
    values = dict[str, float]()
    weights = [sum(p.product for p in body if p.word != "LOOP") for body in by_body]
    whole = max(sum(weights), 2.0**-6)
    for body, weight in zip(by_body, weights, strict=True):
        _of_body(body, total, shares)
        _products(body, weight / whole, values)
    for name in running_names():
        if name in shares:
            values[name] = math.log2(shares[name] + _LITTLE)
    _whole(found, by_body, weights, whole, values)
    nothing = math.log2(_LITTLE)
    return [
        values.get(name, nothing if name.startswith(("runs of", "work in", "free", *_KINDS)) else 0.0)
        for name in running_names()
    ]


def _bodies(found: Sequence[Phrase]) -> list[list[Phrase]]:
    """Phrases that stand directly in the same loops, which is: between the same marks, or with the same trips after a loop ended."""
    bodies: list[list[Phrase]] = []
    open_at: dict[int, list[Phrase]] = {}
    for phrase in found:
        depth = len(phrase.trips)
        for deeper in [each for each in open_at if each > depth]:
            del open_at[deeper]
        if depth not in open_at:
            open_at[depth] = []
            bodies.append(open_at[depth])
        open_at[depth].append(phrase)
        if phrase.word == "LOOP":
            open_at.pop(depth + 1, None)
    return [body for body in bodies if any(phrase.word != "LOOP" for phrase in body)]


def _kinds(body: Sequence[Phrase]) -> list[tuple[Phrase, str]]:
    """Accesses and whether what they name is read, written, or both."""
    written = {(p.steps, p.sizes, p.offset) for p in body if p.word == "STORE"}
    loaded = {(p.steps, p.sizes, p.offset) for p in body if p.word == "LOAD"}
    both = written & loaded
    return [
        (p, "updated" if (p.steps, p.sizes, p.offset) in both else "read" if p.word == "LOAD" else "written")
        for p in body
        if p.word in ("LOAD", "STORE")
    ]


def _of_body(body: Sequence[Phrase], total: float, shares: dict[str, float]) -> None:
    """How often what kind of word and step meets which loop."""
    for phrase in body:
        word = phrase.word if phrase.word in ("LOAD", "STORE", "LOOP") else "work"
        if word == "work" and phrase.word != "CONSTANT":
            shares[f"work in {phrase.element}"] += phrase.product / total
            shares["free sums"] += phrase.marked * phrase.product / total
        for level in range(min(LEVELS, len(phrase.trips) + 1)):
            inner = math.prod(phrase.trips[:level])
            shares[f"runs of {word}^{level}"] += phrase.product / inner / total
    for phrase, kind in _kinds(body):
        steps = [_step(step) for step in phrase.steps[:LEVELS]]
        for level, step in enumerate(steps):
            shares[f"{kind} {step} at {level}"] += phrase.product / total
        for octave, step, part in _octaves(phrase.trips, steps):
            shares[f"{kind} {step} in octave {octave:g}"] += part * phrase.product / total
        if len(steps) > 1:
            shares[f"{kind} {steps[0]}, then {steps[1]}"] += phrase.product / total


def _products(body: Sequence[Phrase], share: float, values: dict[str, float]) -> None:
    """Means over bodies of the logarithms of rounds, of elements named and of runs of neighbours, within so many inner loops."""
    trips = next(phrase.trips for phrase in body if phrase.word != "LOOP")
    groups: dict[tuple[tuple[float, ...], tuple[float, ...]], set[float]] = defaultdict(set)
    for phrase in body:
        if phrase.word in ("LOAD", "STORE"):
            groups[phrase.steps, phrase.sizes].add(phrase.offset)
    varies = next(phrase.varies for phrase in body if phrase.word != "LOOP")
    for level, each in enumerate(varies[:LEVELS]):
        values[f"varies at {level}"] = values.get(f"varies at {level}", 0.0) + share * each
    for level in range(LEVELS):
        inner = trips[: level + 1]
        rounds = math.log2(math.prod(inner)) if inner else 0.0
        elements = sum(len(offsets) * _named(steps, inner, 0.0) for (steps, _), offsets in groups.items())
        runs = sum(_named(steps, inner, _FEW) for steps, _ in groups)
        logs = (
            math.log2(trips[level]) if level < len(trips) else 0.0,
            rounds,
            math.log2(elements + 1),
            math.log2(runs + 1),
            math.log2(elements + 1) - rounds,
            math.log2(runs + 1) - rounds,
        )
        for what, each in zip(_PRODUCTS, logs, strict=True):
            values[f"{what} {level}"] = values.get(f"{what} {level}", 0.0) + share * each
    for octave in _OCTAVES[1:]:
        part = _first(trips, octave)
        elements = sum(len(offsets) * _named(steps, part, 0.0) for (steps, _), offsets in groups.items())
        runs = sum(_named(steps, part, _FEW) for steps, _ in groups)
        for what, each in zip(_NAMED, (elements, runs), strict=True):
            name = f"{what} octave {octave:g}"
            values[name] = values.get(name, 0.0) + share * math.log2(each + 1)


def _first(trips: Sequence[float], octaves: float) -> list[float]:
    """The trips of the first 2 to the so many rounds of a nest."""
    left, found = 2.0**octaves, list[float]()
    for trip in trips:
        found.append(max(min(trip, left), 1.0))
        left /= found[-1]
    return found


def _octaves(trips: Sequence[float], steps: Sequence[str]) -> Iterator[tuple[float, str, float]]:
    """Which steps an access takes in which octaves of the running product, and in which part of each."""
    low = 0.0
    for trip, step in zip(trips, steps, strict=False):
        high = low + math.log2(max(trip, 1.0))
        for start, end in pairwise(_OCTAVES):
            part = min(high, end) - max(low, start)
            if part > 0:
                yield start, step, part / (end - start)
        low = high


def _named(steps: Sequence[float], trips: Sequence[float], above: float) -> float:
    """The product of the trips of those loops that move an address by more than so much."""
    return math.prod(trip for step, trip in zip(steps, trips, strict=False) if abs(step) > above)


def _whole(
    found: Sequence[Phrase],
    bodies: Sequence[Sequence[Phrase]],
    weights: Sequence[float],
    whole: float,
    values: dict[str, float],
) -> None:
    if not bodies:
        return
    longest = bodies[int(np.argmax(weights))]
    accesses = [phrase for phrase in longest if phrase.word in ("LOAD", "STORE")]
    buffers = {
        (p.sizes, p.steps): math.prod(max(s, 1.0) for s in p.sizes) for p in found if p.word in ("LOAD", "STORE")
    }
    sizes = {sizes: amount for (sizes, _), amount in buffers.items()}
    uses = [use for phrase in longest for use in phrase.uses]
    many = max(len(uses), 1)
    values |= {
        "operations of the longest body": math.log2(1 + len(longest) - len(accesses)),
        "accesses of the longest body": math.log2(1 + len(accesses)),
        "different accesses of the longest body": math.log2(1 + len({(p.steps, p.sizes) for p in accesses})),
        "largest buffer": math.log2(1 + max(sizes.values(), default=0.0)),
        "all buffers": math.log2(1 + sum(sizes.values())),
        "rounds": math.log2(1 + max((phrase.product for phrase in found), default=1.0)),
        "bodies": math.log2(len(bodies)),
        "depth": float(max((len(phrase.trips) for phrase in found), default=0)),
        "deepest share": max(weights) / whole,
        "used at once": sum(use == "@1" for use in uses) / many,
        "used soon": sum(use in ("@2", "@3", "@4") for use in uses) / many,
        "used later": sum(use[0] == "@" and use not in ("@1", "@2", "@3", "@4") for use in uses) / many,
        "arguments used": sum(use == "ARG" for use in uses) / many,
    }


def running_matrix(streams: Sequence[Tokens]) -> Floats:
    """One row a text."""
    return np.array([running(each) for each in streams], dtype=np.float64).reshape(-1, len(running_names()))

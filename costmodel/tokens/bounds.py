"""Counted loops: their bounds as text, and how often they go round.

    opened(0, "L1", lowers=[0], uppers=[100 - L0, 16], step=1, outer={"L0": …})    a loop of 16 rounds at most, fewer in the last tile

The counter of a loop runs from 0 by 1: lower bounds and steps go into what its variable stands for. Trip counts are averages where they
vary with outer loops; a bound that is no constant counts as `UNKNOWN_TRIP`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from costmodel.tokens.affine import Map, Sum, parse_expression

UNKNOWN_TRIP = 16.0
_GRID = 4096
"""Places at which a trip count that varies is computed, at most; more counters than fit are sampled by a Kronecker sequence."""
_FEW = 8
"""Tiles that are cut off, at most, where they are counted one by one."""
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)
_BOUND = re.compile(r"\(([^()]*)\)\s*$")
_NAMES = re.compile(r"%[\w$.#-]+")


@dataclass(frozen=True, slots=True)
class Loop:
    """A counted loop: `serial` tells loops of one text apart."""

    serial: int
    trip: float
    known: bool = True
    step: float = 1.0
    constant: bool = False
    """Whether it makes the same number of rounds every time."""

    counter: str = ""
    """The variable that stands for its counter in a `Sum`."""
    tiles: float = 1.0
    """Rounds of the outer loops that its bounds depend on: what a compiler must write out before its trip is a constant."""
    follows: bool = False
    """Whether it begins where counters around it are."""


def opened(
    serial: int, counter: str, lowers: Sequence[Sum], uppers: Sequence[Sum], step: float, outer: Mapping[str, Loop]
) -> tuple[Loop, Sum]:
    """The loop between these bounds (the greatest of the first, the least of the second), and what its variable stands for."""
    moving = next((lower for lower in lowers if lower.terms), lowers[0] if lowers else Sum())
    spans = [upper.plus(lower, -1) for upper in uppers for lower in lowers]
    loop = counted(serial, counter, spans, step, outer, bool(moving.terms))
    return loop, moving.plus(Sum(0, {loop.counter: step}))


def counted(
    serial: int, counter: str, spans: list[Sum], step: float, outer: Mapping[str, Loop], follows: bool = False
) -> Loop:
    """The loop over the least of these spans."""
    if len(spans) == 1 and not spans[0].terms and step > 0:
        return Loop(serial, _steps(spans[0].constant, step), True, step, True, counter, follows=follows)
    trip = _trip(spans, step, outer)
    return Loop(
        serial,
        UNKNOWN_TRIP if trip is None else trip,
        trip is not None,
        step,
        trip is not None and not any(span.terms for span in spans),
        counter,
        _tiles(spans, outer),
        follows,
    )


def cut_off(counter: str, size: float, rest: float, back: float, step: float, outer: Loop) -> Loop:
    """`counted` over a tile that is cut off by an end: of the loop around it, of which each round leaves `back` less of the rest."""
    trip = _mean_steps(((size, 0.0), (rest, back)), (max(1, round(outer.trip)),), step)
    return Loop(0, trip, True, step, False, counter, outer.trip * outer.tiles, True)


def _trip(spans: list[Sum], step: float, outer: Mapping[str, Loop]) -> float | None:
    if not spans or step <= 0:
        return None
    used = {name for span in spans for name in span.terms}
    if not used:
        return _steps(min(span.constant for span in spans), step)
    names = [name for name in outer if name in used]
    if len(names) < len(used):
        return None
    return _average(spans, {name: outer[name].trip for name in names}, step)


def _tiles(spans: list[Sum], outer: Mapping[str, Loop]) -> float:
    around = [outer.get(name) for name in {name for span in spans for name in span.terms}]
    return math.prod(loop.trip * loop.tiles if loop is not None else math.inf for loop in around)


def pretty_bound(text: str, values: Mapping[str, Sum | None], known: Callable[[str], Map | None]) -> list[Sum]:
    """The results of a bound in pretty form: a number, a variable, or a map of variables; `known` reads maps."""
    if "affine_map" not in text and "#" not in text:
        value = values.get(text) if text.startswith("%") else parse_expression(text.strip("()"))
        return [value] if value is not None else []
    chosen, names = _map_and_operands(text)
    return applied(known(chosen), names, values)


def applied(chosen: Map | None, names: Sequence[str], values: Mapping[str, Sum | None]) -> list[Sum]:
    """The results of a map of these variables, as far as they are affine."""
    if chosen is None:
        return []
    return [each for each in chosen.applied([values.get(name) for name in names]) if each is not None]


@lru_cache(maxsize=1 << 14)
def pretty_bounds(text: str) -> tuple[str, str, float]:
    """The texts of the bounds, and the step, of a loop in pretty form."""
    head = text.partition("iter_args")[0].removesuffix("{").strip()
    bounds, _, step = head.partition(" step ")
    lower, _, upper = (
        each.strip().removeprefix("min ").removeprefix("max ").strip()
        for each in bounds.partition("=")[2].partition(" to ")
    )
    return lower, upper, _number(step.split(":")[0].strip().split(" ")[0], 1.0)


@lru_cache(maxsize=1 << 14)
def _map_and_operands(text: str) -> tuple[str, tuple[str, ...]]:
    """The map of a bound, and the names it is applied to."""
    operands = _BOUND.search(text)
    return text[: operands.start()] if operands else text, tuple(_NAMES.findall(text))


def _steps(span: float, step: float) -> float:
    return float(max(0, -(-int(span) // int(step)))) if step >= 1 else 0.0


def _average(spans: list[Sum], trips: dict[str, float], step: float) -> float:
    """The mean number of steps over the counters of the outer loops: all of them where they are few, else an even spread of them."""
    names = sorted(trips, key=lambda name: -trips[name])
    rows = tuple([(span.constant, *[span.terms.get(name, 0.0) for name in names]) for span in spans])
    return _mean_steps(rows, tuple([max(1, round(trips[name])) for name in names]), step)


@lru_cache(maxsize=1 << 12)
def _mean_steps(spans: tuple[tuple[float, ...], ...], counts: tuple[int, ...], step: float) -> float:
    """The same; a span is a constant and a factor for each counter, which runs from 0 to its count."""
    if len(counts) == 1 and len(spans) == 2:
        rounds = _rounds_of_tiles(*spans, counts[0], step)
        if rounds is not None:
            return rounds / counts[0]
    axes = _axes(counts)
    # every counter moves one of the ends at least, so that together they have all places
    ends = [
        sum([axis * factor for axis, factor in zip(axes, span[1:], strict=False) if factor], span[0]) for span in spans
    ]
    least = reduce(np.minimum, ends)
    if not all(map(float.is_integer, map(float, chain.from_iterable(spans)))):
        least = np.floor(least)
    rounds = np.maximum(least if step <= 1 else np.ceil(least / step), 0.0)
    return float(rounds.sum()) / rounds.size


def _rounds_of_tiles(tile: tuple[float, ...], rest: tuple[float, ...], count: int, step: float) -> float | None:
    """Rounds of all tiles of one size, of which those at the end are cut off by what is left; None where it is anything else than that."""
    (size, still), (left, back) = tile, rest
    if still or back >= 0 or count > _GRID or not all(number.is_integer() for number in (size, left, back)):
        return None
    whole = min(count, max(0, int((left - size) // -back) + 1))
    if size < 0 or (size // -back) > _FEW:
        return None
    cut = [left + back * at for at in range(whole, min(count, whole + _FEW + 2))]
    each = [size] * (whole > 0) + [span for span in cut if span > 0]
    rounds = each if step <= 1 else [float(math.ceil(span / step)) for span in each]
    return (rounds[0] * whole if whole else 0.0) + sum(rounds[whole > 0 :])


@lru_cache(maxsize=1 << 8)
def _axes(counts: tuple[int, ...]) -> tuple[NDArray[np.float64], ...]:
    """Places of the counters: an axis each, or one for all of them where they are sampled."""
    if math.prod(counts) <= _GRID:
        return np.ix_(*(np.arange(count, dtype=np.float64) for count in counts))
    return tuple([_sampled(at, count) for at, count in enumerate(counts[: len(_PRIMES)])])


@lru_cache(maxsize=1 << 8)
def _sampled(at: int, count: int) -> NDArray[np.float64]:
    """The places of the counter at this position, where they are sampled: different loops have counters in common."""
    return np.floor(_shares()[at] * count)


@lru_cache(maxsize=1)
def _shares() -> NDArray[np.float64]:
    """A Kronecker sequence: of every counter (as many as there are primes) the shares of its rounds that are sampled."""
    roots: NDArray[np.float64] = np.sqrt(np.array(_PRIMES, dtype=np.float64))
    return np.outer(roots, np.arange(1, _GRID + 1)) % 1.0


def _number(text: str, default: float) -> float:
    try:
        return float(text)
    except ValueError:
        return default

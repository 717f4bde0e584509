"""The heads of pretty affine loops: what a counter stands for, by the text of its header and the counters that this names.

    affine.for %it = 0 to 470 step 16 {                                                            a loop between numbers: 30 rounds
      affine.for %i = affine_map<(d0) -> (d0)>(%it)
                      to min affine_map<(d0) -> (d0 + 16, 470)>(%it) {                             a tile: 15.67 rounds on average

Most headers are one of these two; they are read at a glance, all others by `bounds.py`, which says the same of these. A header that
names no counter has none (None).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from costmodel.tokens.affine import Sum, parse_map
from costmodel.tokens.bounds import Loop, counted, cut_off, opened, pretty_bound, pretty_bounds

_NAME = re.compile(r"%[\w$.-]+")
_PLAIN = re.compile(r"affine\.for %[\w$.-]+ = (\d+) to (\d+)(?: step (\d+))? \{")
_TILE = re.compile(
    r"affine\.for %[\w$.-]+ = affine_map<\(d0\) -> \(d0\)>\((%[\w$.-]+)\)"
    r" to (?:min )?affine_map<\(d0\) -> \(d0 \+ (\d+)(?:, (\d+))?\)>\(\1\)(?: step (\d+))? \{"
)
_MOST_COUNTERS = 1 << 8
"""That one header is remembered as."""


@dataclass(eq=False, slots=True)  # nobody changes it; frozen it takes three times as long to make
class Counter:
    """A loop, and what its variable stands for: a constant, and steps of counters. Both follow from its header and the counters that it
    names."""

    name: str
    loop: Loop
    value: Sum
    constant: float
    steps: tuple[tuple[str, float], ...]


class _Tile(NamedTuple):
    """A loop over a part of what another steps over: from where that stands so many elements, up to an end where there is one."""

    base: str
    size: float
    end: float | None
    step: float


@dataclass(eq=False, slots=True)  # nobody changes it; frozen it takes three times as long to make
class Header:
    """The head of a loop: its counter, the variables that its bounds name, and what it counts where there are none."""

    text: str
    name: str
    others: tuple[str, ...]
    base: str | None
    """The variable that its bounds name, if it is one only."""
    alone: Counter | None
    tile: _Tile | None
    known: dict[Counter | tuple[Counter | None, ...] | None, Counter]
    """Counters that it was found to be, by those of the variables that its bounds name; forgotten together when they are too many."""


@lru_cache(maxsize=1 << 12)
def header_of(text: str) -> Header | None:
    """A header by its text; None where it names no counter."""
    name, *others = _NAME.findall(text) or [""]
    if not name:
        return None
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        lower, upper, step = plain.groups("1")
        return Header(text, name, (), None, _plain(name, float(lower), float(upper), float(step)), None, {})
    if not others:
        return Header(text, name, (), None, _counter(text, name, (), {}), None, {})
    different = tuple(dict.fromkeys(others))
    return Header(text, name, different, others[0] if len(different) == 1 else None, None, _tile(text), {})


def _tile(text: str) -> _Tile | None:
    found = _TILE.fullmatch(text)
    if found is None or ("to min " in text) != (found.group(3) is not None):
        return None
    base, size, end, step = found.groups()
    return _Tile(base, float(size), None if end is None else float(end), float(step or 1))


def named(header: Header, scope: Mapping[str, Counter]) -> Counter:
    """The counter of a loop whose bounds name others."""
    base = header.base
    key = scope.get(base) if base is not None else tuple([scope.get(each) for each in header.others])
    counter = header.known.get(key)
    if counter is None:
        if len(header.known) >= _MOST_COUNTERS:
            header.known.clear()
        tile = header.tile
        around = None if tile is None else scope.get(tile.base)
        if tile is None or around is None or not around.steps or not tile.step:
            counter = _counter(header.text, header.name, header.others, scope)
        else:
            counter = _within(header.name, tile, around.value, scope)
        header.known[key] = counter
    return counter


def _plain(name: str, lower: float, upper: float, step: float) -> Counter:
    """The counter of a loop between two numbers."""
    steps = {name: step} if step else {}
    return Counter(name, counted(0, name, [Sum(upper - lower)], step, {}), Sum(lower, steps), lower, (*steps.items(),))


def _within(name: str, tile: _Tile, start: Sum, scope: Mapping[str, Counter]) -> Counter:
    """The counter of a loop over a tile that begins there."""
    value = Sum(start.constant, {**start.terms, name: tile.step})
    return Counter(name, _over(name, tile, start, scope), value, value.constant, tuple(value.terms.items()))


def _over(name: str, tile: _Tile, start: Sum, scope: Mapping[str, Counter]) -> Loop:
    """The loop over a tile that begins there."""
    if tile.end is None:
        return counted(0, name, [Sum(tile.size)], tile.step, {}, True)
    rest = tile.end - start.constant
    if len(start.terms) == 1 and tile.step > 0:
        ((around, factor),) = start.terms.items()
        if around in scope:
            return cut_off(name, tile.size, rest, -factor, tile.step, scope[around].loop)
    spans = [Sum(tile.size), Sum(rest, {each: -factor for each, factor in start.terms.items()})]
    outer = {each: counter.loop for each, counter in scope.items() if each in start.terms}
    return counted(0, name, spans, tile.step, outer, True)


def _counter(text: str, name: str, others: Sequence[str], scope: Mapping[str, Counter]) -> Counter:
    lower, upper, step = pretty_bounds(text)
    values: dict[str, Sum | None] = {each: scope[each].value for each in others if each in scope}
    lowers, uppers = (pretty_bound(each, values, parse_map) for each in (lower, upper))
    outer = {each: counter.loop for each, counter in scope.items()} if values else {}
    loop, value = opened(0, name, lowers, uppers, step, outer)
    return Counter(name, loop, value, value.constant, tuple(value.terms.items()))

"""Pretty affine nests read by pieces instead of operations: what hundreds of alternatives of one kernel share is read once.

    affine.for %i = 0 to 64                     a piece ends at a brace that opens a loop, and is known by its text
      affine.for %j = 0 to 64 step 4            a counter is known by its header and the counters that this names
        %0 = affine.load %a[%i, %j] : …         a stretch: everything between two headers or ends, however far indented; its accesses
        %5 = affine.load %a[%i, %j + 1] : …     grouped by what of them moves, so that loops are put in once for all neighbours

Reads only what it knows: one function of `affine.for` with inline maps, `affine.load`, `affine.store`, and arithmetic on no index. Anything
else is None, for `nest.py` to read; both give the same bodies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from costmodel.tokens.bounds import Loop
from costmodel.tokens.headers import Counter, Header, header_of, named
from costmodel.tokens.placed import Body, Placed
from costmodel.tokens.stretches import Group, Stretch, stretch_of, united
from costmodel.tokens.summed import NOTHING, Accesses, Doing, Summed, clashes_of, work_of

_CUT = re.compile(r"\n *(affine\.for [^\n]*\{|func\.func [^\n]*\{|module[^\n]*\{|\}|return) *(?=\n|\Z)")
_OPENS = "{\n"
_Path: TypeAlias = tuple[Counter, ...]
"""Counters, innermost first."""


class _Mark(Enum):
    """What stands between stretches and is no loop."""

    FUNCTION = "the head of a function"
    MODULE = "the head of a module"
    END = "}"


_Event: TypeAlias = "Header | Stretch | _Mark"
_Events: TypeAlias = tuple[_Event, ...]
_HEAD: _Events = (_Mark.FUNCTION,)
Met: TypeAlias = "dict[tuple[tuple[Counter, ...] | Stretch, ...], Body | None]"
"""Bodies by the loops and stretches that make them: candidates of one choice have many in common."""


class _Last(NamedTuple):
    """What the last piece of a text says; where that is a stretch and then ends only, the stretch, and how many ends."""

    events: _Events
    inside: Stretch | None
    ends: int


def quick_bodies(text: str, met: Met | None = None) -> tuple[Body, ...] | None:
    """The bodies of a text in its order; None where it holds anything else than this reads. `met`: of the texts before."""
    *pieces, end = text.split(_OPENS)
    opened, last = list(map(_opening, pieces)), _last(end)
    if last is None or None in opened:
        return None
    met = {} if met is None else met
    return _one_body(opened, last, met) or _bodies(_in_order(opened, last), met)


def _in_order(opened: list[Header | _Events | None], last: _Last) -> Iterator[_Event]:
    for events in opened:
        if type(events) is Header:
            yield events
        elif type(events) is tuple:
            yield from events
    yield from last.events


def _one_body(opened: list[Header | _Events | None], last: _Last, met: Met) -> tuple[Body] | None:
    """The body of a function that is loops in each other around one stretch, as most are; None where it is not."""
    stretch = last.inside
    if stretch is None or last.ends != len(opened) or opened[:1] != [_HEAD]:
        return None
    scope = dict[str, Counter]()
    for header in islice(opened, 1, None):
        if type(header) is not Header:
            return None
        scope[header.name] = header.alone or named(header, scope)
    path = (*reversed(scope.values()),)
    if len(path) + 1 != len(opened):
        return None  # a name twice
    key = path, stretch
    body = met.get(key)
    if body is None:
        body = met[key] = _put_together(path, scope, (stretch,))
    return None if body is None else (body,)


class _Level(NamedTuple):
    """What stands in a loop without its inner loops, and its place among the bodies."""

    at: int
    stretches: list[Stretch]


def _bodies(events: Iterable[_Event], met: Met) -> tuple[Body, ...] | None:
    """Event by event; a body is put together when its level ends. None where they make no sense."""
    scope: dict[str, Counter] = {}  # of the open loops, outermost first
    opened: list[str | None] = []  # whose counters they are; None where it is no loop
    levels: list[_Level | None] = []  # what stands in them, if anything
    bodies: list[Body] = []
    functions = 0
    for event in events:
        if type(event) is Header:
            counter = event.alone or named(event, scope)
            name = counter.name
            if name in scope:
                return None  # a name twice: whose is a matter for who reads everything
            scope[name] = counter
            opened.append(name)
            levels.append(None)
        elif event is _Mark.END:
            if not levels:
                return None
            level = levels.pop()
            if level is not None:
                body = _body((*reversed(scope.values()),), scope, level.stretches, met)
                if body is None:
                    return None
                bodies[level.at] = body
            name = opened.pop()
            if name is not None:
                del scope[name]
        elif type(event) is Stretch:
            if not levels:
                return None
            level = levels[-1]
            if level is None:
                levels[-1] = _Level(len(bodies), [event])
                bodies.append(NOTHING)
            else:
                level.stretches.append(event)
        else:
            opened.append(None)
            levels.append(None)
            functions += event is _Mark.FUNCTION
    return tuple(bodies) if functions == 1 and not levels else None


@lru_cache(maxsize=1 << 12)
def _opening(piece: str) -> Header | _Events | None:
    """What a piece of a text says that a brace ended: most often the head of a loop, and nothing before it."""
    before, line, head = piece.rpartition("\n")
    head = head.lstrip(" ")
    if not head.startswith("affine.for "):
        return _cut(piece + "{")
    header = header_of(head + "{")
    if header is None or not line:
        return header
    said = _closing(before) if "}" in before else _cut(before)
    if said is None:
        return None
    return (*said, header) if said else header


@lru_cache(maxsize=1 << 12)
def _last(piece: str) -> _Last | None:
    """What the last piece of a text says."""
    events = _closing(piece)
    if events is None:
        return None
    inside = events[0] if events else None
    if type(inside) is not Stretch or any(event is not _Mark.END for event in events[1:]):
        return _Last(events, None, 0)
    return _Last(events, inside, len(events) - 1)


@lru_cache(maxsize=1 << 12)
def _closing(piece: str) -> _Events | None:
    """What the last piece of a text says, or what stands before the next loop. A stretch before the ends is cut off first: alternatives share
    it, and the ends after it."""
    inner, end, after = piece.partition("}")
    above, _, margin = inner.rpartition("\n")
    if not end or not above or margin.strip(" ") or "{" in above or "return" in above:
        return _cut(piece)
    found = _said(above)
    rest = _events_after(end + after)
    return None if found is None or rest is None else (*found, *rest)


@lru_cache(maxsize=1 << 12)
def _events_after(ends: str) -> _Events | None:
    return _cut(ends)


def _cut(piece: str) -> _Events | None:
    first, *parts = _CUT.split(f"\n{piece}")
    events: list[_Event] = []
    for marker, between in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
        if marker == "}":
            events.append(_Mark.END)
        elif marker.startswith("affine"):
            header = header_of(marker)
            if header is None:
                return None
            events.append(header)
        elif marker and marker != "return":
            events.append(_Mark.FUNCTION if marker.startswith("func") else _Mark.MODULE)
        found = _said(between)
        if found is None:
            return None
        events += found
    return tuple(events)


def _said(between: str) -> tuple[Stretch, ...] | None:
    """The stretch between two marks, if it says anything; None where it is not understood."""
    if not between or between.isspace():
        return ()
    stretch = stretch_of(between)
    if stretch is None:
        return None
    return (stretch,) if stretch.says_something else ()


def _body(path: _Path, scope: dict[str, Counter], stretches: Sequence[Stretch], met: Met) -> Body | None:
    """The body that stretches make under some loops, innermost first; None where a subscript is no counter's."""
    key = (path, *stretches)
    body = met.get(key)
    if body is None:
        body = met[key] = _put_together(path, scope, stretches)
    return body


def _put_together(path: _Path, scope: dict[str, Counter], stretches: Sequence[Stretch]) -> Body | None:
    if len(stretches) == 1 and stretches[0].is_simple:
        return Placed(path, stretches[0]) if stretches[0].names.issubset(scope) else None
    loops = tuple([counter.loop for counter in path])
    return _merged(loops, {name: at for at, name in enumerate(reversed(scope))}, scope, stretches)


def _merged(
    path: tuple[Loop, ...], place: Mapping[str, int], scope: Mapping[str, Counter], stretches: Sequence[Stretch]
) -> Summed | None:
    """The same where patterns may move alike: several stretches, or several patterns of one buffer."""
    found: dict[tuple[str, tuple[float, ...]], list[tuple[Group, float]]] = {}
    for group in chain.from_iterable(stretch.groups for stretch in stretches):
        moved = _moved(group.terms, scope, place)
        if moved is None:
            return None
        steps, first = moved
        found.setdefault((group.base, tuple(steps)), []).append((group, first))
    streams = tuple(_together(members) for members in found.values())
    starts = (min(first + group.first for group, first in members) for members in found.values())
    work = [stretch.doing.work for stretch in stretches]
    doing = Doing(
        work[0] if len(work) == 1 else work_of(tuple(chain.from_iterable(each.operations for each in work))),
        any(stretch.doing.reassociates for stretch in stretches),
        streams,
        clashes_of([base for base, _ in found], streams),
        sum(accesses.loads + accesses.stores for accesses in streams),
        max((1, *(size for members in found.values() for size in members[0][0].shape.sizes))),
    )
    copies = any(len(accesses.offsets) > 1 for accesses in streams) or any(starts)
    return Summed(path, doing, tuple(chain.from_iterable(steps for _, steps in found)), copies)


def _together(members: Sequence[tuple[Group, float]]) -> Accesses:
    """Groups that move alike as one, each from where its variables start it."""
    if len(members) == 1:
        group, _ = members[0]
        return united(group.shape, group.read, group.written)
    read, written = (
        tuple(chain.from_iterable([first + each for each in offsets] for offsets, first in moved))
        for moved in (
            [(each.read, first) for each, first in members],
            [(each.written, first) for each, first in members],
        )
    )
    return united(members[0][0].shape, read, written)


def _moved(
    terms: Sequence[tuple[str, float]], scope: Mapping[str, Counter], place: Mapping[str, int]
) -> tuple[list[float], float] | None:
    """Bytes per step of each loop, and those that the variables of these terms start at."""
    strides, first = [0.0] * len(place), 0.0
    for name, amount in terms:
        counter = scope.get(name)
        if counter is None:
            return None
        first += amount * counter.constant
        for other, step in counter.steps:
            strides[place[other]] += amount * step
    return strides, first

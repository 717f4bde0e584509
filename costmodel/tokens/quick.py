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
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from costmodel.tokens.affine import Sum, parse_map
from costmodel.tokens.bounds import Loop, opened, pretty_bound, pretty_bounds
from costmodel.tokens.stretches import Group, Pattern, Stretch, stretch_of, united
from costmodel.tokens.summed import Accesses, Shifts, Stream, Summed, clashes_of, work_of

_CUT = re.compile(r"\n *(affine\.for [^\n]*\{|func\.func [^\n]*\{|module[^\n]*\{|\}|return) *(?=\n|\Z)")
_OPENS = "{\n"
_NAME = re.compile(r"%[\w$.-]+")
_MOST_COUNTERS = 1 << 12


class _Mark(Enum):
    """What stands between stretches and is no loop."""

    AROUND = "the head of a function or a module"
    END = "}"


@dataclass(frozen=True, eq=False, slots=True)
class _Header:
    """The head of a loop: its counter, and the variables that its bounds name."""

    text: str
    name: str
    others: tuple[str, ...]


_Event: TypeAlias = "_Header | Stretch | _Mark"


@dataclass(frozen=True, eq=False, slots=True)
class _Counter:
    """A loop, and what its variable stands for: a constant, and steps of counters. Both follow from its header and the counters that it
    names."""

    loop: Loop
    value: Sum
    constant: float
    steps: tuple[tuple[str, float], ...]


_COUNTERS: dict[tuple[_Header | _Counter | None, ...], _Counter] = {}
"""All that were met, by header and the counters it names; forgotten together when they are too many."""


@dataclass(slots=True)
class _Level:
    """A loop of the text at hand, or the function around all: what stands in it, without inner loops."""

    path: tuple[Loop, ...]
    name: str = ""
    hidden: _Counter | None = None
    """What its counter's name meant outside."""
    at: int = -1
    """Its place among the bodies."""
    stretches: list[Stretch] = field(default_factory=list[Stretch])


def quick_bodies(text: str) -> tuple[Summed, ...] | None:
    """The bodies of a text in its order; None where it holds anything else than this reads."""
    if text.count("func.func ") != 1:
        return None
    reader = _Reader()
    *opened_by, last = text.split(_OPENS)
    for piece in opened_by:
        events = _events(piece, "{")
        if events is None or not reader.take(events):
            return None
    events = _events(last, "")
    if events is None or not reader.take(events) or reader.stack:
        return None
    return tuple(reader.bodies)


class _Reader:
    """One text, event by event; a body is put together when its level ends."""

    __slots__ = ("bodies", "scope", "stack")

    def __init__(self) -> None:
        self.scope: dict[str, _Counter] = {}
        self.stack: list[_Level] = []
        self.bodies: list[Summed] = []

    def take(self, events: Sequence[_Event]) -> bool:
        """Some events more; whether they make sense."""
        stack = self.stack
        for event in events:
            if type(event) is _Header:
                self._enter(event)
            elif type(event) is Stretch:
                if not stack:
                    return False
                self._add(event)
            elif event is _Mark.AROUND:
                stack.append(_Level(stack[-1].path if stack else ()))
            elif not stack or not self._leave(stack.pop()):
                return False
        return True

    def _enter(self, header: _Header) -> None:
        scope = self.scope
        key = (header, *map(scope.get, header.others))
        counter = _COUNTERS.get(key)
        if counter is None:
            if len(_COUNTERS) >= _MOST_COUNTERS:
                _COUNTERS.clear()
            counter = _COUNTERS[key] = _counter(header, scope)
        around = self.stack[-1].path if self.stack else ()
        self.stack.append(_Level((counter.loop, *around), header.name, scope.get(header.name)))
        scope[header.name] = counter

    def _add(self, stretch: Stretch) -> None:
        level = self.stack[-1]
        if not level.stretches:
            level.at = len(self.bodies)
            self.bodies.append(_UNFINISHED)
        level.stretches.append(stretch)

    def _leave(self, level: _Level) -> bool:
        """The end of a level; whether its accesses are by counters."""
        if level.stretches:
            body = _summed(level.path, self.scope, level.stretches)
            if body is None:
                return False
            self.bodies[level.at] = body
        if level.name:
            del self.scope[level.name]
            if level.hidden is not None:
                self.scope[level.name] = level.hidden
        return True


@lru_cache(maxsize=1 << 12)
def _events(piece: str, brace: str) -> tuple[_Event, ...] | None:
    """What a piece of a text says, in order; `brace` is what ended it. A stretch that ends in braces is cut off first: alternatives share it,
    and the ends after it."""
    inner, end, after = piece.partition("}")
    above, _, margin = inner.rpartition("\n")
    if brace or not end or not above or margin.strip(" ") or "{" in above or "return" in above:
        return _cut(piece + brace)
    found = _said(above)
    rest = _events_after(end + after)
    return None if found is None or rest is None else (*found, *rest)


@lru_cache(maxsize=1 << 12)
def _events_after(ends: str) -> tuple[_Event, ...] | None:
    return _cut(ends)


def _cut(piece: str) -> tuple[_Event, ...] | None:
    first, *parts = _CUT.split(f"\n{piece}")
    events: list[_Event] = []
    for marker, between in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
        if marker == "}":
            events.append(_Mark.END)
        elif marker.startswith("affine"):
            events.append(_header(marker))
        elif marker and marker != "return":
            events.append(_Mark.AROUND)
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


@lru_cache(maxsize=1 << 12)
def _header(text: str) -> _Header:
    name, *others = _NAME.findall(text)
    return _Header(text, name, tuple(dict.fromkeys(others)))


def _counter(header: _Header, scope: dict[str, _Counter]) -> _Counter:
    lower, upper, step = pretty_bounds(header.text)
    values: dict[str, Sum | None] = {each: scope[each].value for each in header.others if each in scope}
    lowers, uppers = (pretty_bound(each, values, parse_map) for each in (lower, upper))
    outer = {name: counter.loop for name, counter in scope.items()} if values else {}
    loop, value = opened(0, header.name, lowers, uppers, step, outer)
    return _Counter(loop, value, value.constant, tuple(value.terms.items()))


_UNFINISHED = Summed((), work_of(()), False, (), 0.0, 0, False, 1)


def _summed(path: tuple[Loop, ...], scope: dict[str, _Counter], stretches: Sequence[Stretch]) -> Summed | None:
    """The body that stretches make under some loops; None where a subscript is no counter's."""
    loops = {loop.counter: at for at, loop in enumerate(path)}
    if len(stretches) > 1 or not stretches[0].is_simple:
        return _merged(path, scope, stretches, loops)
    (stretch,) = stretches
    streams: list[Stream] = []
    copies = stretch.spread
    for pattern, _, _, shifts, accesses in stretch.groups:
        moved = _moved(pattern, scope, loops)
        if moved is None:
            return None
        strides, first = moved
        copies = copies or first + shifts.first != 0
        streams.append(Stream(strides, accesses))
    return Summed(
        path,
        stretch.work,
        stretch.reassociates,
        tuple(streams),
        stretch.clashes,
        stretch.count,
        copies,
        stretch.largest,
    )


def _merged(
    path: tuple[Loop, ...], scope: dict[str, _Counter], stretches: Sequence[Stretch], loops: dict[str, int]
) -> Summed | None:
    """The same where patterns may move alike: several stretches, or several patterns of one buffer."""
    found: dict[tuple[str, tuple[float, ...]], list[tuple[Group, float]]] = {}
    for group in chain.from_iterable(stretch.groups for stretch in stretches):
        moved = _moved(group.pattern, scope, loops)
        if moved is None:
            return None
        strides, first = moved
        found.setdefault((group.pattern.base, strides), []).append((group, first))
    streams: list[Stream] = []
    copies, count, largest = False, 0, 1
    for (_, strides), members in found.items():
        shifts, accesses, first = _together(members)
        copies |= len(shifts.offsets) > 1 or first + shifts.first != 0
        count += shifts.loads + shifts.stores
        largest = max(largest, *members[0][0].pattern.shape.sizes, 1)
        streams.append(Stream(strides, accesses))
    work = [stretch.work for stretch in stretches]
    return Summed(
        path,
        work[0] if len(work) == 1 else work_of(tuple(chain.from_iterable(each.operations for each in work))),
        any(stretch.reassociates for stretch in stretches),
        tuple(streams),
        clashes_of([base for base, _ in found], streams),
        count,
        copies,
        largest,
    )


def _together(members: Sequence[tuple[Group, float]]) -> tuple[Shifts, Accesses, float]:
    """Groups that move alike as one, and where it starts."""
    group, first = members[0]
    if len(members) == 1:
        return group.shifts, group.accesses, first
    read, written = (
        tuple(chain.from_iterable([first + each for each in offsets] for offsets, first in moved))
        for moved in (
            [(each.read, first) for each, first in members],
            [(each.written, first) for each, first in members],
        )
    )
    shifts, accesses = united(group.pattern.shape, read, written)
    return shifts, accesses, 0.0


def _moved(
    pattern: Pattern, scope: dict[str, _Counter], loops: dict[str, int]
) -> tuple[tuple[float, ...], float] | None:
    """Bytes per step of each loop, and those that its variables start at."""
    strides, first = [0.0] * len(loops), 0.0
    for name, amount in pattern.terms:
        counter = scope.get(name)
        if counter is None:
            return None
        first += amount * counter.constant
        for other, step in counter.steps:
            strides[loops[other]] += amount * step
    return tuple(strides), first

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
from typing import NamedTuple, TypeAlias

from costmodel.tokens.affine import Sum, parse_expression, parse_map
from costmodel.tokens.bounds import Loop, opened, pretty_bound, pretty_bounds
from costmodel.tokens.lines import Shape, read_line
from costmodel.tokens.nest import buffer_bytes, factors_of, memory_of
from costmodel.tokens.summed import Accesses, Shifts, Stream, Summed, Work, clashes_of, shifts_of, work_of
from costmodel.tokens.vocabulary import OpClass

_CUT = re.compile(r"\n *(affine\.for [^\n]*\{|func\.func [^\n]*\{|module[^\n]*\{|\}|return) *(?=\n|\Z)")
_OPENS = "{\n"
_OPERATION = re.compile(
    r" *(?:%[\w$.-]+ = )?(?:affine\.(?:load (%.*)|store %[\w$.-]+, (%.*))|((?:arith|math)\.\w+)([^:]*):(.*)|(.*\S.*)|\s*)"
)
_ADDRESS = re.compile(r"(%[\w$.-]+)\[([^\[\]()]*)\] : (memref<[^\n]*>)$")
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


_Key: TypeAlias = tuple[str, tuple[tuple[str, float], ...]]
"""What tells patterns apart: buffer, and bytes that variables move them by."""


class _Pattern(NamedTuple):
    """What accesses have in common that differ by constants only: buffer, type, and bytes that variables move them by."""

    base: str
    shape: Shape
    terms: tuple[tuple[str, float], ...]


class _Group(NamedTuple):
    """Accesses of one pattern; where loads and stores start, in bytes, and the same from the first."""

    pattern: _Pattern
    read: tuple[float, ...]
    written: tuple[float, ...]
    shifts: Shifts
    accesses: Accesses


@dataclass(frozen=True, eq=False, slots=True)
class _Stretch:
    """Operations between two headers or ends: accesses by pattern, in order of their first."""

    work: Work
    reassociates: bool
    groups: tuple[_Group, ...]
    is_simple: bool
    """Whether no two patterns are of one buffer: then each is a stream, whatever the loops."""
    spread: bool
    """Whether some accesses of a pattern do not start where its first does."""
    count: int
    largest: int
    clashes: float

    @property
    def says_something(self) -> bool:
        return bool(self.work.operations or self.groups)


_Event: TypeAlias = "_Header | _Stretch | _Mark"


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
    stretches: list[_Stretch] = field(default_factory=list[_Stretch])


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
            elif type(event) is _Stretch:
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

    def _add(self, stretch: _Stretch) -> None:
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


def _said(between: str) -> tuple[_Stretch, ...] | None:
    """The stretch between two marks, if it says anything; None where it is not understood."""
    if not between or between.isspace():
        return ()
    stretch = _stretch(_undented(between))
    if stretch is None:
        return None
    return (stretch,) if stretch.says_something else ()


def _undented(text: str) -> str:
    """A stretch as it stands at the margin: it is the same under any number of loops."""
    start = text.lstrip("\n")
    margin = len(start) - len(start.lstrip(" "))
    return f"\n{start}".replace("\n" + " " * margin, "\n")


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


@lru_cache(maxsize=1 << 12)
def _stretch(text: str) -> _Stretch | None:
    """A stretch as it stands at the margin."""
    work: list[tuple[OpClass, str]] = []
    reassociates = False
    found: dict[_Key, tuple[_Pattern, list[float], list[float]]] = {}
    for line in text.split("\n"):
        said = _operation(_unnamed(line))
        if said is None:
            return None
        work += said.work
        reassociates |= said.reassociates
        address = said.address
        if address is not None:
            group = found.get(address.key)
            if group is None:
                group = found[address.key] = (address.pattern, [], [])
            group[1 + said.stores].append(address.offset)
    groups = tuple(_group(pattern, tuple(read), tuple(written)) for pattern, read, written in found.values())
    return _Stretch(
        work_of(tuple(work)),
        reassociates,
        groups,
        len({group.pattern.base for group in groups}) == len(groups),
        any(len(group.accesses.offsets) > 1 for group in groups),
        sum(group.accesses.loads + group.accesses.stores for group in groups),
        max((1, *(size for group in groups for size in group.pattern.shape.sizes))),
        float(sum(group.accesses.differ for group in groups)),
    )


def _group(pattern: _Pattern, read: tuple[float, ...], written: tuple[float, ...]) -> _Group:
    shifts = shifts_of(read, written)
    return _Group(pattern, read, written, shifts, _accesses(pattern.shape, shifts))


def _accesses(shape: Shape, shifts: Shifts) -> Accesses:
    element = memory_of((shape,))[2]
    total = buffer_bytes(shape.sizes, element)
    return Accesses(shifts.offsets, element, 1.0, total, shifts.loads, shifts.stores, shifts.differ)


def _unnamed(line: str) -> str:
    """A line without the name of its result and of what it stores, in which lines differ that do the same."""
    name, _, operation = line.partition(" = ")
    if not operation or not name.lstrip(" %").isalnum():
        operation = line
    if operation.startswith("affine.store %"):
        value, comma, rest = operation.partition(", ")
        return f"affine.store %_, {rest}" if comma and value[14:].isalnum() else operation
    return operation


class _Operation(NamedTuple):
    """One line: its work, whether it lets sums be reordered, where it loads or stores."""

    work: tuple[tuple[OpClass, str], ...] = ()
    reassociates: bool = False
    address: _Address | None = None
    stores: bool = False


@lru_cache(maxsize=1 << 14)
def _operation(line: str) -> _Operation | None:
    """What a line does; None for one that is not understood, or that addresses are made of."""
    parts = _OPERATION.fullmatch(line)
    assert parts is not None
    load, store, name, middle, kind, other = parts.groups()
    if name is not None:
        fast = "fast" in middle or "reassoc" in middle
        return _arithmetic(name, kind, middle if fast or name == "arith.constant" else "")
    if other is not None:
        return None
    if load is None and store is None:
        return _Operation()
    address = _address(load or store)
    if address is None:
        return None
    kind = OpClass.LOAD if load else OpClass.STORE
    return _Operation(((kind, address.pattern.shape.element),), False, address, store is not None)


@lru_cache(maxsize=1 << 12)
def _arithmetic(name: str, kind: str, middle: str) -> _Operation | None:
    line = read_line(f"%0 = {name}{middle}:{kind}")
    if line is None or line.is_index or "{" in kind:
        return None
    return _Operation(() if line.kind is OpClass.CONSTANT else (line.work,), line.reassociates)


class _Address(NamedTuple):
    """An access: its pattern and what tells that apart, and the bytes it starts at."""

    key: _Key
    pattern: _Pattern
    offset: float


@lru_cache(maxsize=1 << 14)
def _address(text: str) -> _Address | None:
    """An access by its text; None where it is not affine."""
    parts = _ADDRESS.match(text)
    if parts is None:
        return None
    base, inside, kind = parts.groups()
    shape = _shape(kind)
    if shape is None:
        return None
    scale, offset = memory_of((shape,))[2], 0.0
    found: dict[str, float] = {}
    for subscript, factor in zip(inside.split(",") if inside.strip() else (), factors_of(shape), strict=False):
        index = parse_expression(subscript.strip())
        if index is None:
            return None
        offset += index.constant * factor
        for name, amount in index.terms.items():
            found[name] = found.get(name, 0.0) + amount * factor * scale
    terms = tuple(sorted(found.items()))
    return _Address((base, terms), _Pattern(base, shape, terms), offset * scale)


@lru_cache(maxsize=1 << 12)
def _shape(kind: str) -> Shape | None:
    line = read_line(f"%0 = affine.load %a[0] : {kind}")
    return line.shapes[0] if line is not None and len(line.shapes) == 1 and not line.scalars else None


_UNFINISHED = Summed((), work_of(()), False, (), 0.0, 0, False, 1)


def _summed(path: tuple[Loop, ...], scope: dict[str, _Counter], stretches: Sequence[_Stretch]) -> Summed | None:
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
    path: tuple[Loop, ...], scope: dict[str, _Counter], stretches: Sequence[_Stretch], loops: dict[str, int]
) -> Summed | None:
    """The same where patterns may move alike: several stretches, or several patterns of one buffer."""
    found: dict[tuple[str, tuple[float, ...]], list[tuple[_Group, float]]] = {}
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


def _together(members: Sequence[tuple[_Group, float]]) -> tuple[Shifts, Accesses, float]:
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
    shifts, accesses = _united(group.pattern.shape, read, written)
    return shifts, accesses, 0.0


@lru_cache(maxsize=1 << 12)
def _united(shape: Shape, read: tuple[float, ...], written: tuple[float, ...]) -> tuple[Shifts, Accesses]:
    shifts = shifts_of(read, written)
    return shifts, _accesses(shape, shifts)


def _moved(
    pattern: _Pattern, scope: dict[str, _Counter], loops: dict[str, int]
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

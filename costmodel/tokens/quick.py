"""Pretty affine nests read by stretches instead of operations: what hundreds of alternatives of one kernel share is read once.

    affine.for %i = 0 to 64 {                   a header: places of a tree by header, shared by all texts that begin alike
      affine.for %j = 0 to 64 step 4 {
        %0 = affine.load %a[%i, %j] : …         a stretch: everything between two headers or ends, known by its text; its accesses
        %5 = affine.load %a[%i, %j + 1] : …     grouped by what of them moves, so that a place is put in once for all neighbours

Reads only what it knows: one function of `affine.for` with inline maps, `affine.load`, `affine.store`, and arithmetic on no index. Anything
else is None, for `nest.py` to read; both give the same bodies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeAlias

from costmodel.tokens.affine import Sum, parse_expression, parse_map
from costmodel.tokens.bounds import Loop, opened, pretty_bound, pretty_bounds
from costmodel.tokens.lines import Shape, read_line
from costmodel.tokens.nest import buffer_bytes, factors_of, memory_of
from costmodel.tokens.summed import Shifts, Stream, Summed, Work, clashes_of, shifts_of, work_of
from costmodel.tokens.vocabulary import OpClass

_CUT = re.compile(r"\n *(affine\.for [^\n]*\{|func\.func [^\n]*\{|module[^\n]*\{|\}|return) *(?=\n|\Z)")
_OPERATION = re.compile(
    r"\n *(?:%[\w$.-]+ = )?(?:affine\.(?:load (%[^\n]*)|store %[\w$.-]+, (%[^\n]*))|((?:arith|math)\.\w+)([^:\n]*):([^\n]*)|([^\n]+))"
)
_ADDRESS = re.compile(r"(%[\w$.-]+)\[([^\[\]()]*)\] : (memref<[^\n]*>)$")
_NAME = re.compile(r"%[\w$.-]+")
_MOST_PLACES = 1 << 12


class _Pattern(NamedTuple):
    """What accesses have in common that differ by constants only: buffer, type, and bytes that variables move them by."""

    base: str
    shape: Shape
    terms: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Stretch:
    """Operations between two headers or ends: accesses by pattern, in order of their first."""

    work: Work
    reassociates: bool
    patterns: tuple[tuple[_Pattern, tuple[float, ...], tuple[float, ...]], ...]
    shifts: tuple[Shifts, ...]

    @property
    def says_something(self) -> bool:
        return bool(self.work.operations or self.patterns)


_Key: TypeAlias = "tuple[_Key, ...] | str | None"


class _Counter(NamedTuple):
    """A loop, and what its variable stands for; both follow from its header and those of the loops that it names: its `key`."""

    loop: Loop
    value: Sum
    key: _Key


@dataclass(slots=True)
class _Place:
    """Some loops around, innermost first, and their counters by name."""

    path: tuple[Loop, ...] = ()
    scope: dict[str, _Counter] = field(default_factory=dict[str, "_Counter"])
    inner: dict[str, _Place] = field(default_factory=dict[str, "_Place"])
    bodies: dict[tuple[_Stretch, ...], Summed | None] = field(
        default_factory=dict[tuple[_Stretch, ...], "Summed | None"]
    )


@dataclass(slots=True)
class _Level:
    """A loop of the text at hand, or the function around all: what stands in it, without inner loops."""

    place: _Place
    stretches: list[_Stretch] = field(default_factory=list[_Stretch])


class _Tree:
    """All places seen, forgotten together when they are too many."""

    def __init__(self) -> None:
        self.root, self.count = _Place(), 0
        self.counters: dict[tuple[_Key, ...], _Counter] = {}

    def inner(self, place: _Place, header: str) -> _Place:
        """The place inside one loop more."""
        found = place.inner.get(header)
        if found is None:
            self.count += 1
            found = place.inner[header] = _entered(place, header)
        return found

    def start(self) -> _Place:
        """Outside of all loops."""
        if self.count > _MOST_PLACES:
            self.root, self.count = _Place(), 0
            self.counters.clear()
        return self.root


_TREE = _Tree()


def quick_bodies(text: str) -> tuple[Summed, ...] | None:
    """The bodies of a text in its order; None where it holds anything else than this reads."""
    parts = _CUT.split(f"\n{text}")
    if parts[0].strip() or text.count("func.func ") != 1:
        return None
    stack: list[_Level] = []
    found: list[_Level] = []
    for marker, between in zip(parts[1::2], parts[2::2], strict=True):
        if marker == "}":
            if not stack:
                return None
            stack.pop()
        elif marker != "return":
            place = stack[-1].place if stack else _TREE.start()
            stack.append(_Level(_TREE.inner(place, marker) if marker[0] == "a" else place))
        if between and not between.isspace():
            stretch = _stretch(between) if stack else None
            if stretch is None:
                return None
            if stretch.says_something:
                if not stack[-1].stretches:
                    found.append(stack[-1])
                stack[-1].stretches.append(stretch)
    bodies = [_body(each.place, tuple(each.stretches)) for each in found]
    known = tuple(body for body in bodies if body is not None)
    return known if len(known) == len(bodies) and not stack else None


def _entered(place: _Place, header: str) -> _Place:
    name, others = _named(header)
    key = (header, *(counter.key if (counter := place.scope.get(each)) else None for each in others))
    found = _TREE.counters.get(key)
    if found is None:
        found = _TREE.counters[key] = _counter(key, name, header, place)
    return _Place((found.loop, *place.path), {**place.scope, name: found})


@lru_cache(maxsize=1 << 12)
def _named(header: str) -> tuple[str, tuple[str, ...]]:
    """The counter of a loop, and the variables that its bounds name."""
    name, *others = _NAME.findall(header)
    return name, tuple(dict.fromkeys(others))


def _counter(key: tuple[_Key, ...], name: str, header: str, place: _Place) -> _Counter:
    lower, upper, step = pretty_bounds(header)
    values: dict[str, Sum | None] = {each: counter.value for each, counter in place.scope.items()}
    lowers, uppers = (pretty_bound(each, values, parse_map) for each in (lower, upper))
    loop, value = opened(0, name, lowers, uppers, step, {each: counter.loop for each, counter in place.scope.items()})
    return _Counter(loop, value, key)


@lru_cache(maxsize=1 << 12)
def _stretch(text: str) -> _Stretch | None:
    """A stretch as it stands, however far it is indented."""
    work: list[tuple[OpClass, str]] = []
    reassociates = False
    found: dict[_Pattern, tuple[list[float], list[float]]] = {}
    for load, store, name, middle, kind, other in _OPERATION.findall(text):
        if name:
            fast = "fast" in middle or "reassoc" in middle
            said = _arithmetic(name, kind, middle if fast or name == "arith.constant" else "")
            if said is None:
                return None
            work += said[0]
            reassociates |= said[1]
        elif load or store:
            address = _address(load or store)
            if address is None:
                return None
            pattern, offset, operation = address
            found.setdefault(pattern, ([], []))[bool(store)].append(offset)
            work.append((OpClass.STORE, operation) if store else (OpClass.LOAD, operation))
        elif other.strip():
            return None
    patterns = tuple((pattern, tuple(read), tuple(written)) for pattern, (read, written) in found.items())
    shifts = tuple(shifts_of(read, written) for _, read, written in patterns)
    return _Stretch(work_of(tuple(work)), reassociates, patterns, shifts)


@lru_cache(maxsize=1 << 12)
def _arithmetic(name: str, kind: str, middle: str) -> tuple[tuple[tuple[OpClass, str], ...], bool] | None:
    """What an operation does, and whether it lets sums be reordered; None for one that addresses are made of."""
    line = read_line(f"%0 = {name}{middle}:{kind}")
    if line is None or line.is_index or "{" in kind:
        return None
    return (() if line.kind is OpClass.CONSTANT else (line.work,)), line.reassociates


@lru_cache(maxsize=1 << 14)
def _address(text: str) -> tuple[_Pattern, float, str] | None:
    """The pattern of an access, the bytes it starts at, and its element; None where it is not affine."""
    parts = _ADDRESS.match(text)
    if parts is None:
        return None
    base, inside, kind = parts.groups()
    shape = _shape(kind)
    if shape is None:
        return None
    scale, offset = memory_of((shape,))[2], 0.0
    terms: dict[str, float] = {}
    for subscript, factor in zip(inside.split(",") if inside.strip() else (), factors_of(shape), strict=False):
        index = parse_expression(subscript.strip())
        if index is None:
            return None
        offset += index.constant * factor
        for name, amount in index.terms.items():
            terms[name] = terms.get(name, 0.0) + amount * factor * scale
    return _Pattern(base, shape, tuple(sorted(terms.items()))), offset * scale, shape.element


@lru_cache(maxsize=1 << 12)
def _shape(kind: str) -> Shape | None:
    line = read_line(f"%0 = affine.load %a[0] : {kind}")
    return line.shapes[0] if line is not None and len(line.shapes) == 1 and not line.scalars else None


def _body(place: _Place, stretches: tuple[_Stretch, ...]) -> Summed | None:
    if stretches not in place.bodies:
        place.bodies[stretches] = _summed(place, stretches)
    return place.bodies[stretches]


def _summed(place: _Place, stretches: tuple[_Stretch, ...]) -> Summed | None:
    """The body that stretches make under some loops; None where a subscript is no counter's."""
    loops = {loop.counter: at for at, loop in enumerate(place.path)}
    found: dict[
        tuple[str, tuple[float, ...]], list[tuple[_Pattern, float, tuple[float, ...], tuple[float, ...], Shifts]]
    ]
    found = {}
    for stretch in stretches:
        for (pattern, read, written), shifts in zip(stretch.patterns, stretch.shifts, strict=True):
            moved = _moved(pattern, place, loops)
            if moved is None:
                return None
            strides, first = moved
            found.setdefault((pattern.base, strides), []).append((pattern, first, read, written, shifts))
    streams: list[Stream] = []
    copies, count, largest = False, 0, 1
    for (_, strides), members in found.items():
        pattern, first, _, _, shifts = members[0]
        if len(members) > 1:
            shifts = shifts_of(
                [first + each for _, first, read, _, _ in members for each in read],
                [first + each for _, first, _, written, _ in members for each in written],
            )
            first = 0.0
        copies |= len(shifts.offsets) > 1 or first + shifts.first != 0
        count += shifts.loads + shifts.stores
        largest = max(largest, *pattern.shape.sizes, 1)
        streams.append(_stream(pattern, strides, shifts))
    return Summed(
        place.path,
        _together(stretches),
        any(stretch.reassociates for stretch in stretches),
        tuple(streams),
        clashes_of([base for base, _ in found], streams),
        count,
        copies,
        largest,
    )


def _together(stretches: Sequence[_Stretch]) -> Work:
    if len(stretches) == 1:
        return stretches[0].work
    return work_of(tuple(chain.from_iterable(stretch.work.operations for stretch in stretches)))


def _stream(pattern: _Pattern, strides: tuple[float, ...], shifts: Shifts) -> Stream:
    element = memory_of((pattern.shape,))[2]
    total = buffer_bytes(pattern.shape.sizes, element)
    return Stream(strides, shifts.offsets, element, 1.0, total, shifts.loads, shifts.stores, shifts.differ)


def _moved(pattern: _Pattern, place: _Place, loops: dict[str, int]) -> tuple[tuple[float, ...], float] | None:
    """Bytes per step of each loop, and those that its variables start at."""
    strides, first = [0.0] * len(loops), 0.0
    for name, amount in pattern.terms:
        found = place.scope.get(name)
        if found is None:
            return None
        first += amount * found.value.constant
        for counter, step in found.value.terms.items():
            strides[loops[counter]] += amount * step
    return tuple(strides), first

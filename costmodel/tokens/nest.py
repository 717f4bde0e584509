"""Loop nests as text holds them: counted loops, and accesses whose addresses are affine in the counters.

    affine.for %i = 0 to 64 step 16 { affine.for %j = #map(%i) to #map1(%i) { … affine.load %a[%j, %k] …

gives for the load: bytes per step of every loop around it, whatever the form of the text (pretty, generic, or lowered to `scf`
with index arithmetic). The counter of a loop runs from 0 by 1: lower bounds and steps go into the addresses. Trip counts are
averages where they vary; a bound that is no constant counts as `UNKNOWN_TRIP`. Conditions count as taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, TypeAlias

from costmodel.tokens.affine import Map, Sum, parse_expression, parse_map
from costmodel.tokens.bounds import UNKNOWN_TRIP, Loop, applied, opened, pretty_bound, pretty_bounds
from costmodel.tokens.lines import Line, Shape
from costmodel.tokens.summed import UNKNOWN_STRIDE, Accesses, Doing, Summed, clashes_of, shifts_of, work_of
from costmodel.tokens.vocabulary import OpClass, element_bits

_NO_SHAPE = Shape("memref", (), "f32")


class Access(NamedTuple):
    """A load or store: bytes per step of each loop of its body, innermost first; None where the address is not affine."""

    base: str
    is_store: bool
    element_bytes: float
    lanes: float
    strides: tuple[float, ...] | None
    offset: float
    sizes: tuple[int, ...]
    subscripts: tuple[tuple[float, ...], ...] = ()
    """Of each dimension, elements per step of each loop, innermost first; empty where it is not affine."""
    constants: tuple[float, ...] = ()

    @property
    def total_bytes(self) -> float:
        """The size of the buffer behind it."""
        return buffer_bytes(self.sizes, self.element_bytes)


def buffer_bytes(sizes: Sequence[int], element: float) -> float:
    """The bytes of a buffer; sizes that are not known count as `UNKNOWN_TRIP`."""
    total = element
    for size in sizes:
        total *= size if size > 0 else UNKNOWN_TRIP
    return total


@dataclass(slots=True)
class Body:
    """What runs under one path of loops (innermost first), without what its inner loops hold."""

    path: tuple[Loop, ...]
    work: list[tuple[OpClass, str]] = field(default_factory=list[tuple[OpClass, str]])
    reassociates: bool = False
    """Whether a compiler may add its floating-point numbers up in another order."""
    accesses: list[Access] = field(default_factory=list[Access])

    def summed(self) -> Summed:
        """What columns are computed from."""
        found: dict[tuple[str, tuple[float, ...] | None], list[Access]] = {}
        for access in self.accesses:
            found.setdefault((access.base, access.strides), []).append(access)
        streams = tuple(_stream(accesses) for accesses in found.values())
        doing = Doing(
            work_of(tuple(self.work)),
            self.reassociates,
            streams,
            clashes_of([base for base, _ in found], streams),
            len(self.accesses),
            max((1, *(size for access in self.accesses for size in access.sizes))),
        )
        unknown = (UNKNOWN_STRIDE,) * len(self.path)
        strides = chain.from_iterable(unknown if each is None else each for _, each in found)
        return Summed(self.path, doing, tuple(strides), any(access.offset for access in self.accesses))

    @property
    def executions(self) -> float:
        """How often it runs."""
        total = 1.0
        for loop in self.path:
            total *= max(loop.trip, 0.0)
        return total


@dataclass(frozen=True, slots=True)
class Nest:
    """All bodies of a text, in its order; what each line (by its place) is: a loop, an access, or arithmetic of addresses."""

    bodies: tuple[Body, ...]
    loops: Mapping[int, Loop] = field(default_factory=dict[int, Loop])
    accesses: Mapping[int, Access] = field(default_factory=dict[int, Access])
    addressing: frozenset[int] = frozenset()

    @property
    def iterations(self) -> float:
        """Executions of the body that runs most often; 1 for straight-line code."""
        return max((body.executions for body in self.bodies), default=1.0)


def _stream(members: Sequence[Access]) -> Accesses:
    first = members[0]
    shifts = shifts_of(
        [each.offset for each in members if not each.is_store], [each.offset for each in members if each.is_store]
    )
    return Accesses(
        shifts.offsets,
        first.element_bytes,
        first.lanes,
        first.total_bytes,
        shifts.loads,
        shifts.stores,
        shifts.differ,
        first.strides is not None,
    )


def read_nest(lines: Sequence[Line]) -> Nest:
    """The nest of a text; straight-line code is one body without loops."""
    reader = _Reader()
    for reader.at, line in enumerate(lines):
        reader.take(line)
    bodies = tuple(body for body in reader.bodies if body.work or body.accesses)
    return Nest(bodies, reader.loop_at, reader.access_at, frozenset(reader.addressing))


_FREE = (OpClass.CONSTANT, OpClass.END, OpClass.MODULE, OpClass.FUNCTION, OpClass.INDEX, OpClass.VIEW)
_LOOPS = ("affine.for", "scf.for", "affine.parallel", "scf.parallel", "scf.while", "cf.while")
_MAP_OF = re.compile(
    r"\b(\w+)\s*=\s*(#[\w$.-]+|affine_map<.*?>\s*>|affine_map<\([^)]*\)(?:\[[^\]]*\])?\s*->\s*\(.*?\)>)"
)


_Place: TypeAlias = tuple[str, tuple[tuple[float, ...], ...], tuple[float, ...] | None, float, tuple[float, ...]]
"""Of an address under one path of loops: buffer, elements per step by dimension, bytes per step, offset, constants."""


class _Reader:
    def __init__(self) -> None:
        self.values: dict[str, Sum | None] = {}
        self.several: dict[str, list[Sum]] = {}
        self._placed: dict[tuple[str, tuple[str, ...], Shape], _Place] = {}
        self.shapes: dict[str, Shape] = {}
        self.aliases: dict[str, str] = {}
        self.stack: list[Loop | None] = []
        self.waiting: Sum | None = None
        self.loops: dict[str, Loop] = {}
        self.bodies: list[Body] = []
        self._by_path: dict[tuple[int, ...], Body] = {}
        self._path: tuple[Loop, ...] = ()
        self._place: dict[str, int] = {}
        self._current: Body | None = None
        self.at = 0
        self.loop_at: dict[int, Loop] = {}
        self.access_at: dict[int, Access] = {}
        self.addressing: set[int] = set()

    def take(self, line: Line) -> None:
        """One line more."""
        if line.alias:
            self.aliases[line.alias] = line.text
            return
        if line.is_label:
            self._label(line)
            return
        for _ in range(min(line.closes, len(self.stack))):
            self.stack.pop()
        loop: Loop | None = None
        if line.name:
            if line.opens and line.name in _LOOPS:
                loop = self._open(line)
            else:
                self._operation(line)
        for _ in range(line.opens):
            self.stack.append(loop)
        if line.opens or line.closes:
            self._placed.clear()
            self._path = tuple(each for each in reversed(self.stack) if each is not None)
            self._place = {loop.counter: at for at, loop in enumerate(self._path)}
            self._current = None

    def _label(self, line: Line) -> None:
        if self.waiting is not None and line.arguments:
            self.values[line.arguments[0]] = self.waiting
            self._placed.clear()
        self.waiting = None

    def _body(self) -> Body:
        if self._current is not None:
            return self._current
        key = tuple(loop.serial for loop in self._path)
        body = self._by_path.get(key)
        if body is None:
            body = self._by_path[key] = Body(self._path)
            self.bodies.append(body)
        self._current = body
        return body

    # -- loops

    def _open(self, line: Line) -> Loop:
        lowers, uppers, step = self._bounds(line)
        loop, moving = opened(len(self.loops), f"L{len(self.loops)}", lowers, uppers, step, self.loops)
        self.loop_at[self.at] = loop
        self.loops[loop.counter] = loop
        if line.arguments:
            self.values[line.arguments[0]] = moving
        else:
            self.waiting = moving
        return loop

    def _bounds(self, line: Line) -> tuple[list[Sum], list[Sum], float]:
        """The bounds (the greatest of the first, the least of the second) and the step."""
        if line.name.startswith("affine."):
            return self._generic_affine(line) if line.generic else self._pretty_affine(line)
        if len(line.uses) < 3 or line.name != "scf.for":
            return [], [], 1.0
        lower, upper, step = line.uses[:3]
        step_value = self.values.get(step)
        size = step_value.constant if step_value and not step_value.terms else 1.0
        return self._several(lower), self._several(upper), size

    def _several(self, name: str) -> list[Sum]:
        value = self.values.get(name)
        return self.several.get(name) or ([value] if value is not None else [])

    def _pretty_affine(self, line: Line) -> tuple[list[Sum], list[Sum], float]:
        lower, upper, step = pretty_bounds(line.text)
        return pretty_bound(lower, self.values, self._map), pretty_bound(upper, self.values, self._map), step

    def _generic_affine(self, line: Line) -> tuple[list[Sum], list[Sum], float]:
        maps = dict(_MAP_OF.findall(line.text))
        segments = re.search(r"operandSegmentSizes = array<i32: ([\d, ]+)>", line.text)
        counts = [int(each) for each in segments.group(1).split(",")] if segments else [0, 0, 0]
        below, above = line.uses[: counts[0]], line.uses[counts[0] : counts[0] + counts[1]]
        lowers = applied(self._map(maps.get("lowerBoundMap", "")), below, self.values)
        uppers = applied(self._map(maps.get("upperBoundMap", "")), above, self.values)
        step = re.search(r"\bstep = (\d+)", line.text)
        return lowers, uppers, float(step.group(1)) if step else 1.0

    def _map(self, text: str) -> Map | None:
        text = text.strip()
        if text.startswith("#"):
            text = self.aliases.get(re.split(r"[\s(]", text, maxsplit=1)[0], "")
        return parse_map(text)

    # -- operations

    def _operation(self, line: Line) -> None:
        kind = line.kind
        if kind in (OpClass.LOAD, OpClass.STORE):
            self._access(line, kind)
        elif self._index_arithmetic(line, kind):
            self.addressing.add(self.at)
            return
        elif kind is OpClass.VIEW or kind is OpClass.ALLOC or kind is OpClass.FUNCTION:
            self._remember(line)
        if kind not in _FREE and kind is not OpClass.ALLOC:
            body = self._body()
            body.work.append(line.work)
            body.reassociates |= line.reassociates

    def _remember(self, line: Line) -> None:
        if line.results and line.shapes:
            self.shapes[line.results[0]] = line.shapes[-1]

    def _index_arithmetic(self, line: Line, kind: OpClass) -> bool:
        """Values that addresses and bounds are made of; they cost nothing of their own."""
        if not line.is_index:
            return False
        self._placed.clear()
        result, values = line.results[0], [self.values.get(use) for use in line.uses]
        if kind is OpClass.CONSTANT:
            self.values[result] = Sum(line.numbers[0]) if line.numbers and not line.shapes else None
            return "index" in line.scalars
        if line.name == "affine.apply" or line.name in ("affine.min", "affine.max"):
            self._apply(line, result)
            return True
        if not values or any(value is None for value in values) or "index" not in line.scalars:
            return False
        known = [value for value in values if value is not None]
        return self._arithmetic(line, result, known)

    def _arithmetic(self, line: Line, result: str, values: list[Sum]) -> bool:
        base = line.name.rpartition(".")[2]
        if base.startswith("index_cast"):
            self.values[result] = values[0]
        elif len(values) != 2:
            return False
        elif base in ("addi", "add"):
            self.values[result] = values[0].plus(values[1])
        elif base in ("subi", "sub"):
            self.values[result] = values[0].plus(values[1], -1)
        elif base in ("muli", "mul"):
            self.values[result] = values[0].product(values[1])
        elif base in ("minsi", "minui", "maxsi", "maxui"):
            self.values[result], self.several[result] = values[0], values
        else:
            return False
        return True

    def _apply(self, line: Line, result: str) -> None:
        found = re.search(r"affine_map<.*?\)>|#[\w$.-]+", line.text)
        values = applied(self._map(found.group()) if found else None, line.uses, self.values)
        self.values[result] = values[0] if values else None
        if line.name in ("affine.min", "affine.max") and values:
            self.several[result] = values

    def _access(self, line: Line, kind: OpClass) -> None:
        shape, lanes, scale = memory_of(line.shapes)
        is_store = kind is OpClass.STORE
        place: _Place | None = None
        if line.subscripts is not None:  # neighbours read and write one address many times
            place = self._placed.get((line.base, line.subscripts, shape))
        if place is None:
            base, indexes = self._subscripts(line, is_store)
            place = base, *self._addresses(indexes, shape), tuple(0.0 if i is None else i.constant for i in indexes)
            if line.subscripts is not None:
                self._placed[line.base, line.subscripts, shape] = place
        base, dims, strides, offset, constants = place
        access = Access(base, is_store, scale, lanes, strides, offset, shape.sizes, dims, constants)
        self.access_at[self.at] = access
        self._body().accesses.append(access)

    def _addresses(
        self, indexes: list[Sum | None], shape: Shape
    ) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...] | None, float]:
        """Elements per step of each loop by dimension; bytes per step of each loop, and the bytes it starts at."""
        place, scale = self._place, element_bits(shape.element) / 8
        none = [0.0] * len(place)
        per_loop, offset, dims, known = none.copy(), 0.0, list[tuple[float, ...]](), True
        for index, factor in zip(indexes, factors_of(shape), strict=False):
            if index is None:
                dims.append(())
                known = False
                continue
            row = none.copy()
            offset += index.constant * factor
            for name, amount in index.terms.items():
                at = place.get(name)
                if at is not None:
                    row[at] = amount
                    per_loop[at] += amount * factor * scale
            dims.append(tuple(row))
        return tuple(dims), tuple(per_loop) if known else None, offset * scale

    def _subscripts(self, line: Line, is_store: bool) -> tuple[str, list[Sum | None]]:
        if line.subscripts is not None:
            parsed = [parse_expression(each) for each in line.subscripts]
            return line.base, [each.substituted(self.values) if each is not None else None for each in parsed]
        operands = line.uses[1:] if is_store else line.uses
        if not operands:
            return "", []
        names = operands[1:]
        found = _MAP_OF.search(line.text)
        chosen = self._map(found.group(2)) if found and found.group(1) == "map" else None
        values = [self.values.get(name) for name in names]
        return operands[0], chosen.applied(values) if chosen is not None else values


@lru_cache(maxsize=1 << 12)
def memory_of(shapes: tuple[Shape, ...]) -> tuple[Shape, float, float]:
    """What a load or store accesses, how many elements at once, and the bytes of one."""
    shape = next((each for each in shapes if each.kind != "vector"), _NO_SHAPE)
    vector = next((each for each in shapes if each.kind == "vector"), None)
    lanes = 1.0
    for size in vector.sizes if vector else ():
        lanes *= max(size, 1)
    return shape, lanes, element_bits(shape.element) / 8


@lru_cache(maxsize=1 << 12)
def factors_of(shape: Shape) -> list[float]:
    """Elements per step of each dimension."""
    if shape.strides:
        return [UNKNOWN_TRIP if each is None else float(each) for each in shape.strides]
    factors = [1.0]
    for size in reversed(shape.sizes[1:]):
        factors.append(factors[-1] * (size if size > 0 else UNKNOWN_TRIP))
    return factors[::-1]

"""Loop nests as text holds them: counted loops, and accesses whose addresses are affine in the counters.

    affine.for %i = 0 to 64 step 16 { affine.for %j = #map(%i) to #map1(%i) { … affine.load %a[%j, %k] …

gives for the load: bytes per step of every loop around it, whatever the form of the text (pretty, generic, or lowered to `scf`
with index arithmetic). The counter of a loop runs from 0 by 1: lower bounds and steps go into the addresses. Trip counts are
averages where they vary; a bound that is no constant counts as `UNKNOWN_TRIP`. Conditions count as taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.tokens.affine import Map, Sum, parse_expression, parse_map
from costmodel.tokens.lines import Line, Shape
from costmodel.tokens.vocabulary import OpClass, element_bits

UNKNOWN_TRIP = 16.0
_NO_SHAPE = Shape("memref", (), "f32")


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
        total = self.element_bytes
        for size in self.sizes:
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


def read_nest(lines: Sequence[Line]) -> Nest:
    """The nest of a text; straight-line code is one body without loops."""
    reader = _Reader()
    for reader.at, line in enumerate(lines):
        reader.take(line)
    bodies = tuple(body for body in reader.bodies if body.work or body.accesses)
    return Nest(bodies, reader.loop_at, reader.access_at, frozenset(reader.addressing))


_FREE = (OpClass.CONSTANT, OpClass.END, OpClass.MODULE, OpClass.FUNCTION, OpClass.INDEX, OpClass.VIEW)
_LOOPS = ("affine.for", "scf.for", "affine.parallel", "scf.parallel", "scf.while", "cf.while")
_BOUND = re.compile(r"\(([^()]*)\)\s*$")
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
        self.waiting: Loop | None = None
        self.lowers: dict[int, tuple[Sum, float]] = {}
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
            self._bind(line.arguments[0], self.waiting)
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
        spans = [upper.plus(lower, -1) for upper in uppers for lower in lowers]
        trip = self._trip(spans, step)
        constant = trip is not None and not any(span.terms for span in spans)
        loop = Loop(
            len(self.loops),
            UNKNOWN_TRIP if trip is None else trip,
            trip is not None,
            step,
            constant,
            f"L{len(self.loops)}",
            self._tiles(spans),
        )
        self.loop_at[self.at] = loop
        self.loops[loop.counter] = loop
        moving = next((lower for lower in lowers if lower.terms), lowers[0] if lowers else Sum())
        self.lowers[loop.serial] = (moving, step)
        if line.arguments:
            self._bind(line.arguments[0], loop)
        else:
            self.waiting = loop
        return loop

    def _tiles(self, spans: list[Sum]) -> float:
        outer = [self.loops.get(name) for name in {name for span in spans for name in span.terms}]
        return math.prod(loop.trip * loop.tiles if loop is not None else math.inf for loop in outer)

    def _bind(self, name: str, loop: Loop) -> None:
        lower, step = self.lowers[loop.serial]
        self.values[name] = lower.plus(Sum(0, {loop.counter: step}))

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
        lower, upper, step = _bounds_in(line.text)
        return self._pretty_bound(lower), self._pretty_bound(upper), step

    def _pretty_bound(self, text: str) -> list[Sum]:
        if "affine_map" not in text and "#" not in text:
            value = self.values.get(text) if text.startswith("%") else parse_expression(text.strip("()"))
            return [value] if value is not None else []
        chosen, names = _map_and_operands(text)
        return self._applied(self._map(chosen), names)

    def _generic_affine(self, line: Line) -> tuple[list[Sum], list[Sum], float]:
        maps = dict(_MAP_OF.findall(line.text))
        segments = re.search(r"operandSegmentSizes = array<i32: ([\d, ]+)>", line.text)
        counts = [int(each) for each in segments.group(1).split(",")] if segments else [0, 0, 0]
        below, above = line.uses[: counts[0]], line.uses[counts[0] : counts[0] + counts[1]]
        lowers = self._applied(self._map(maps.get("lowerBoundMap", "")), below)
        uppers = self._applied(self._map(maps.get("upperBoundMap", "")), above)
        step = re.search(r"\bstep = (\d+)", line.text)
        return lowers, uppers, float(step.group(1)) if step else 1.0

    def _map(self, text: str) -> Map | None:
        text = text.strip()
        if text.startswith("#"):
            text = self.aliases.get(re.split(r"[\s(]", text, maxsplit=1)[0], "")
        return parse_map(text)

    def _applied(self, chosen: Map | None, names: Sequence[str]) -> list[Sum]:
        if chosen is None:
            return []
        return [each for each in chosen.applied([self.values.get(name) for name in names]) if each is not None]

    def _trip(self, spans: list[Sum], step: float) -> float | None:
        if not spans or step <= 0:
            return None
        outer = sorted({name for span in spans for name in span.terms})
        if not outer:
            return _steps(min(span.constant for span in spans), step)
        if any(name not in self.loops for name in outer):
            return None
        return _average(spans, {name: self.loops[name].trip for name in outer}, step)

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
        values = self._applied(self._map(found.group()) if found else None, line.uses)
        self.values[result] = values[0] if values else None
        if line.name in ("affine.min", "affine.max") and values:
            self.several[result] = values

    def _access(self, line: Line, kind: OpClass) -> None:
        shape, lanes, scale = _memory(line.shapes)
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
        for index, factor in zip(indexes, _factors(shape), strict=False):
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


@lru_cache(maxsize=1 << 14)
def _bounds_in(text: str) -> tuple[str, str, float]:
    """The bounds and the step of a loop in pretty form."""
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
    return text[: operands.start()] if operands else text, tuple(re.findall(r"%[\w$.#-]+", text))


@lru_cache(maxsize=1 << 12)
def _memory(shapes: tuple[Shape, ...]) -> tuple[Shape, float, float]:
    """What a load or store accesses, how many elements at once, and the bytes of one."""
    shape = next((each for each in shapes if each.kind != "vector"), _NO_SHAPE)
    vector = next((each for each in shapes if each.kind == "vector"), None)
    lanes = 1.0
    for size in vector.sizes if vector else ():
        lanes *= max(size, 1)
    return shape, lanes, element_bits(shape.element) / 8


@lru_cache(maxsize=1 << 12)
def _factors(shape: Shape) -> list[float]:
    """Elements per step of each dimension."""
    if shape.strides:
        return [UNKNOWN_TRIP if each is None else float(each) for each in shape.strides]
    factors = [1.0]
    for size in reversed(shape.sizes[1:]):
        factors.append(factors[-1] * (size if size > 0 else UNKNOWN_TRIP))
    return factors[::-1]


def _steps(span: float, step: float) -> float:
    return float(max(0, -(-int(span) // int(step)))) if step >= 1 else 0.0


def _average(spans: list[Sum], trips: dict[str, float], step: float) -> float:
    """The mean number of steps over the counters of the outer loops: all of them where they are few, else an even spread of them."""
    names = tuple(sorted({name for span in spans for name in span.terms}, key=lambda name: (-trips[name], name)))
    rows = tuple((span.constant, *(span.terms.get(name, 0.0) for name in names)) for span in spans)
    return _mean_steps(rows, tuple(max(1, round(trips[name])) for name in names), step)


@lru_cache(maxsize=1 << 12)
def _mean_steps(spans: tuple[tuple[float, ...], ...], counts: tuple[int, ...], step: float) -> float:
    """The same; a span is a constant and a factor for each counter, which runs from 0 to its count."""
    places = _places(counts)
    least = np.min([span[0] + places @ np.array(span[1 : 1 + places.shape[1]]) for span in spans], axis=0)
    return float(np.maximum(np.ceil(np.floor(least) / max(step, 1.0)), 0.0).mean())


_GRID = 4096
"""Places at which a trip count that varies is computed, at most; more counters than fit are sampled by a Kronecker sequence."""


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)


@lru_cache(maxsize=1 << 8)
def _places(counts: tuple[int, ...]) -> NDArray[np.float64]:
    if math.prod(counts) <= _GRID:
        axes = np.meshgrid(*(np.arange(count, dtype=np.float64) for count in counts), indexing="ij")
        return np.stack([axis.ravel() for axis in axes], axis=1)
    share = (np.arange(1, _GRID + 1)[:, None] * np.sqrt(np.array(_PRIMES[: len(counts)]))) % 1.0
    return np.floor(share * np.array(counts[: len(_PRIMES)]))


def _number(text: str, default: float) -> float:
    try:
        return float(text)
    except ValueError:
        return default

"""A stretch of a pretty affine nest: what operations between two loop headers do, known by its text.

    %0 = affine.load %a[%i, %j] : memref<8x8xf32>            accesses of one *pattern* differ by constants only
    %1 = affine.load %a[%i, %j + 1] : memref<8x8xf32>        (here: `%a`, 32 bytes by %i, 4 by %j; at 0 and 4)
    %2 = arith.addf %0, %1 : f32                             names of results do not matter

Refused (None): what is no `affine.load`, `affine.store` or arithmetic on no index; `quick.py` then leaves the text to `nest.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from costmodel.tokens.affine import parse_expression
from costmodel.tokens.lines import Shape, read_line
from costmodel.tokens.nest import buffer_bytes, factors_of, memory_of
from costmodel.tokens.summed import Accesses, Doing, shifts_of, work_of
from costmodel.tokens.vocabulary import OpClass

_OPERATION = re.compile(
    r" *(?:%[\w$.-]* = )?(?:affine\.(?:load (%.*)|store %[\w$.-]*, (%.*))|((?:arith|math)\.\w+)([^:]*):(.*)|(.*\S.*)|\s*)"
)
_ADDRESS = re.compile(r"(%[\w$.-]+)\[([^\[\]()]*)\] : (memref<[^\n]*>)$")
_MARGIN = re.compile(r"\n*( *)")
_NUMBERED = re.compile(r"%\d+(?![\w$.\[-])")
"""Names that are numbers, but of buffers. A counter that has one is not known by its name then, and the text is left to `nest.py`."""


@dataclass(frozen=True, eq=False, slots=True)
class _Pattern:
    """What accesses have in common that differ by constants only: buffer, and bytes that variables move them by. Equal ones are the same
    object."""

    base: str
    terms: tuple[tuple[str, float], ...]


@lru_cache(maxsize=1 << 12)
def _pattern(base: str, terms: tuple[tuple[str, float], ...]) -> _Pattern:
    return _Pattern(base, terms)


class Group(NamedTuple):
    """Accesses of one pattern: its buffer and type, bytes that variables move it by; where loads and stores start, in bytes."""

    base: str
    shape: Shape
    terms: tuple[tuple[str, float], ...]
    read: tuple[float, ...]
    written: tuple[float, ...]
    first: float
    """The least of those."""


@dataclass(eq=False, slots=True)  # nobody changes it; frozen it takes three times as long to make
class Stretch:
    """Operations between two headers or ends: accesses by pattern, in order of their first."""

    doing: Doing
    """Of a body that holds this stretch only, where no two patterns are of one buffer."""
    groups: tuple[Group, ...]
    is_simple: bool
    """Whether no two patterns are of one buffer: then each is a stream, whatever the loops."""
    spread: bool
    """Whether some accesses of a pattern do not start where its first does."""
    moves: tuple[tuple[tuple[tuple[str, float], ...], float], ...]
    """Of each group the bytes that variables move it by, and where its first access starts."""
    names: frozenset[str]
    """Those variables."""

    @property
    def says_something(self) -> bool:
        return bool(self.groups or self.doing.work.operations)


def stretch_of(text: str) -> Stretch | None:
    """What a stretch says, however far it is indented and its values are numbered; None where it is not understood."""
    return _numbered(_undented(text))


def _undented(text: str) -> str:
    """A stretch as it stands at the margin: it is the same under any number of loops."""
    margin = _MARGIN.match(text)
    assert margin is not None
    return text[margin.end() :].replace(f"\n{margin.group(1)}", "\n")


@lru_cache(maxsize=1 << 11)
def _numbered(text: str) -> Stretch | None:
    """A stretch as it stands at the margin."""
    return _stretch("%".join(_NUMBERED.split(text)))  # a seventh faster than putting it in place of each


@lru_cache(maxsize=1 << 11)
def _stretch(text: str) -> Stretch | None:
    """The same, its values without numbers."""
    lines = list(map(_operation, text.split("\n")))
    known = list(filter(None, lines))
    if len(known) < len(lines):
        return None
    found: dict[_Pattern, _Accessed] = {}
    reassociates = False
    for _, reordered, address, stores in known:
        if address is None:
            reassociates = reassociates or reordered
            continue
        pattern, shape, offset = address
        group = found.get(pattern)
        if group is None:
            group = found[pattern] = (shape, [], [])
        (group[2] if stores else group[1]).append(offset)
    groups = tuple([_group(pattern, accessed) for pattern, accessed in found.items()])
    streams = tuple([united(group.shape, group.read, group.written) for group in groups])
    doing = Doing(
        work_of(tuple(chain.from_iterable(map(_WORK, known)))),
        reassociates,
        streams,
        float(sum([each.differ for each in streams])),
        sum([each.loads + each.stores for each in streams]),
        max([1, *chain.from_iterable([group.shape.sizes for group in groups])]),
    )
    simple = len({group.base for group in groups}) == len(groups)
    moves = tuple([(group.terms, group.first) for group in groups])
    names = frozenset([name for terms, _ in moves for name, _ in terms])
    return Stretch(doing, groups, simple, any(len(each.offsets) > 1 for each in streams), moves, names)


def _group(pattern: _Pattern, accessed: _Accessed) -> Group:
    """Accesses in ascending order: however a loop was written out, the same are the same."""
    shape, read, written = accessed
    read.sort()
    written.sort()
    return Group(pattern.base, shape, pattern.terms, tuple(read), tuple(written), min(read[:1] + written[:1]))


@lru_cache(maxsize=1 << 12)
def united(shape: Shape, read: tuple[float, ...], written: tuple[float, ...]) -> Accesses:
    """What accesses to one buffer that start at these bytes have in common."""
    shifts = shifts_of(read, written)
    element = memory_of((shape,))[2]
    total = buffer_bytes(shape.sizes, element)
    return Accesses(shifts.offsets, element, 1.0, total, shifts.loads, shifts.stores, shifts.differ)


_Address: TypeAlias = tuple[_Pattern, Shape, float]
"""An access: what it has in common with others, its type, and the bytes it starts at."""
_Operation: TypeAlias = tuple[tuple[tuple[OpClass, str], ...], bool, _Address | None, bool]
"""One line: its work, whether it lets sums be reordered, where it loads or stores, whether it stores. No named tuple, which takes longer to
take apart: there are dozens in a stretch."""
_NO_OPERATION: _Operation = ((), False, None, False)
_WORK: Callable[[_Operation], tuple[tuple[OpClass, str], ...]] = itemgetter(0)
_Accessed: TypeAlias = tuple[Shape, list[float], list[float]]
"""Of a pattern the type, and where loads and stores start."""


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
        return _NO_OPERATION
    address = _address(load or store)
    if address is None:
        return None
    kind = OpClass.LOAD if load else OpClass.STORE
    return ((kind, address[1].element),), False, address, store is not None


@lru_cache(maxsize=1 << 12)
def _arithmetic(name: str, kind: str, middle: str) -> _Operation | None:
    line = read_line(f"%0 = {name}{middle}:{kind}")
    if line is None or line.is_index or "{" in kind:
        return None
    return () if line.kind is OpClass.CONSTANT else (line.work,), line.reassociates, None, False


@lru_cache(maxsize=1 << 14)
def _address(text: str) -> _Address | None:
    """An access by its text; None where it is not affine."""
    parts = _ADDRESS.match(text)
    if parts is None:
        return None
    base, inside, kind = parts.groups()
    buffer = _buffer(kind)
    if buffer is None:
        return None
    said = list(map(_subscript, inside.split(","))) if inside.strip() else []
    if None in said:
        return None
    known, offset = list(filter(None, said)), 0.0
    for (constant, _), factor in zip(known, buffer.factors, strict=False):
        offset += constant * factor
    return _moving(base, kind, tuple([terms for _, terms in known])), buffer.shape, offset * buffer.scale


_Terms: TypeAlias = tuple[tuple[str, float], ...]


@lru_cache(maxsize=1 << 12)
def _subscript(text: str) -> tuple[float, _Terms] | None:
    """A subscript in elements: its constant, and what variables add to it; None where it is not affine."""
    index = parse_expression(text.strip())
    return None if index is None else (index.constant, tuple(index.terms.items()))


@lru_cache(maxsize=1 << 12)
def _moving(base: str, kind: str, subscripts: tuple[_Terms, ...]) -> _Pattern:
    """What accesses to a buffer by these subscripts have in common, whatever their constants."""
    buffer, found = _buffer(kind), dict[str, float]()
    assert buffer is not None
    for terms, factor in zip(subscripts, buffer.factors, strict=False):
        for name, amount in terms:
            found[name] = found.get(name, 0.0) + amount * factor * buffer.scale
    return _pattern(base, tuple(sorted(found.items())))


class _Buffer(NamedTuple):
    """A type: elements per step of each dimension, bytes of an element."""

    shape: Shape
    factors: list[float]
    scale: float


@lru_cache(maxsize=1 << 12)
def _buffer(kind: str) -> _Buffer | None:
    line = read_line(f"%0 = affine.load %a[0] : {kind}")
    if line is None or len(line.shapes) != 1 or line.scalars:
        return None
    (shape,) = line.shapes
    return _Buffer(shape, factors_of(shape), memory_of(line.shapes)[2])

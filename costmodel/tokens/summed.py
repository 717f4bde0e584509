"""One body of a nest as columns are computed from it: its loops, its arithmetic, its accesses by stream.

A *stream* is all accesses of a body to one buffer with equal strides (a load and the store of the same element, the neighbours of a
stencil): they touch nearly the same lines. Bodies come from the nest of any text (`nest.py`), or straight from the text of a pretty affine
nest (`quick.py`), and are equal then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from costmodel.tokens.bounds import Loop
from costmodel.tokens.vocabulary import OpClass

Operations: TypeAlias = tuple[tuple[OpClass, str], ...]
UNKNOWN_STRIDE = 4096.0
"""Bytes a step of a loop moves an address that is not affine: a new page, every time."""


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """Operations with the types of their elements, in order. Equal ones are the same object, so that what is computed of one is found
    again at once."""

    operations: Operations


@lru_cache(maxsize=1 << 12)
def work_of(operations: Operations) -> Work:
    """The one object for these operations."""
    return Work(operations)


@dataclass(eq=False, slots=True)  # nobody changes it; frozen it takes three times as long to make
class Accesses:
    """What the accesses of a stream have in common, however they move. The same object wherever the same text says it, so that what is
    computed of it is found again at once."""

    offsets: tuple[float, ...]
    """Distinct, ascending, from the first."""
    element: float
    lanes: float
    total: float
    """Bytes of the buffer."""
    loads: int
    stores: int
    differ: bool
    """Whether it is read and written, at different offsets."""
    known: bool = True
    """Whether the strides are: its addresses are affine."""


@dataclass(eq=False, slots=True)  # nobody changes it; frozen it takes three times as long to make
class Doing:
    """What a body does in a round, wherever its loops take it: the same object wherever the same text says it."""

    work: Work
    reassociates: bool
    streams: tuple[Accesses, ...]
    clashes: float
    """Buffers written at one step or offset and accessed at another."""
    accesses: int
    largest: int
    """The longest dimension of a buffer; 1 where none is known."""


class Summed(NamedTuple):
    """A body: `path` innermost first, `copies` whether some accesses do not start at the buffer's beginning."""

    path: tuple[Loop, ...]
    doing: Doing
    strides: tuple[float, ...]
    """Bytes per step of each loop, innermost first: of the first stream, then of the next."""
    copies: bool

    @property
    def executions(self) -> float:
        """How often it runs."""
        return executions(self.path)

    def summed(self) -> Summed:
        """Itself: not all bodies are yet (`placed.py`)."""
        return self


def executions(path: Sequence[Loop]) -> float:
    """How often runs what stands in these loops."""
    total = 1.0
    for loop in path:
        total *= max(loop.trip, 0.0)
    return total


NOTHING = Summed((), Doing(work_of(()), False, (), 0.0, 0, 1), (), False)
"""The body of a text without operations."""


class Shifts(NamedTuple):
    """Offsets of accesses that move together: distinct ones from the least, the least, counts, whether reads and writes differ."""

    offsets: tuple[float, ...]
    first: float
    loads: int
    stores: int
    differ: bool


def shifts_of(read: Sequence[float], written: Sequence[float]) -> Shifts:
    """The offsets of some loads and some stores."""
    loaded, stored = set(read), set(written)
    places = sorted(loaded | stored)
    shifted = tuple(place - places[0] for place in places)
    return Shifts(shifted, places[0], len(read), len(written), bool(loaded and stored and loaded != stored))


def clashes_of(bases: Sequence[str], streams: Sequence[Accesses]) -> float:
    """How many buffers are written at one step or offset and accessed at another."""
    if len(set(bases)) == len(bases):
        return float(sum(accesses.differ for accesses in streams))
    found: dict[str, list[Accesses]] = {}
    for base, accesses in zip(bases, streams, strict=True):
        found.setdefault(base, []).append(accesses)
    several = [
        (len(each) > 1 and any(s.stores for s in each)) or any(s.differ for s in each) for each in found.values()
    ]
    return float(sum(several))

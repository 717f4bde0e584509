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


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """Operations with the types of their elements, in order. Equal ones are the same object, so that what is computed of one is found
    again at once."""

    operations: Operations


@lru_cache(maxsize=1 << 12)
def work_of(operations: Operations) -> Work:
    """The one object for these operations."""
    return Work(operations)


@dataclass(frozen=True, eq=False, slots=True)
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


class Stream(NamedTuple):
    """Accesses to one buffer with equal strides (bytes per step of each loop, innermost first; None where not affine)."""

    strides: tuple[float, ...] | None
    accesses: Accesses


class Summed(NamedTuple):
    """A body: `path` innermost first, `accesses` how many there are, `copies` whether some do not start at the buffer's beginning."""

    path: tuple[Loop, ...]
    work: Work
    reassociates: bool
    streams: tuple[Stream, ...]
    clashes: float
    """Buffers written at one step or offset and accessed at another."""
    accesses: int
    copies: bool
    largest: int
    """The longest dimension of a buffer; 1 where none is known."""

    @property
    def executions(self) -> float:
        """How often it runs."""
        total = 1.0
        for loop in self.path:
            total *= max(loop.trip, 0.0)
        return total


NOTHING = Summed((), work_of(()), False, (), 0.0, 0, False, 1)
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


def clashes_of(bases: Sequence[str], streams: Sequence[Stream]) -> float:
    """How many buffers are written at one step or offset and accessed at another."""
    if len(set(bases)) == len(bases):
        return float(sum(stream.accesses.differ for stream in streams))
    found: dict[str, list[Accesses]] = {}
    for base, stream in zip(bases, streams, strict=True):
        found.setdefault(base, []).append(stream.accesses)
    several = [
        (len(each) > 1 and any(s.stores for s in each)) or any(s.differ for s in each) for each in found.values()
    ]
    return float(sum(several))

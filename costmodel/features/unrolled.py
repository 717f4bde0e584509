"""One round of the innermost loop that a compiler leaves: short loops inside it written out, equal addresses accessed once.

    for j { for k step 4 { C[i, j] += A[i, k] * B[k, j] … A[i, k + 3] * B[k + 3, j] } }

is, per round of k, one address of C that stands still, four of A in one run, four of B that a row lies between. How much a compiler writes
out was read off LLVM's remarks on 983 loops: operations and distinct accesses that move, times rounds, up to 140 (96 % of its decisions).
A loop over part of a tile has no constant trip until the loops over tiles are written out themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import NamedTuple, TypeAlias

from costmodel.features.streams import UNKNOWN_STRIDE
from costmodel.tokens.nest import Access, Body

UNROLLED = 140.0
"""Operations and distinct accesses that a loop is written out to at most."""
_TILES = 300.0
"""The same for the loops over tiles around it, which make its trip a constant."""
_MOST_ADDRESSES = 1024

Stream: TypeAlias = tuple[tuple[float, ...] | None, tuple[float, ...], float, float, bool, bool, bool]
"""Strides, offsets from the first, bytes of an element, lanes, whether it is loaded, stored, both at different offsets."""


class Group(NamedTuple):
    """Accesses of a round to one buffer with equal steps: bytes from round to round, distinct addresses, the longest run of neighbours."""

    element: float
    step: float
    addresses: int
    run: int
    loads: bool
    stores: bool
    lanes: float

    @property
    def size(self) -> float:
        """Bytes of one access."""
        return self.element * self.lanes

    @property
    def kind(self) -> int:
        """0 stands still, 1 one after the other, 2 interleaved, 3 anything else."""
        if self.step == 0:
            return 0
        if self.step <= self.size:
            return 1
        gapless = self.run * self.size >= self.step or self.step == 2 * self.size
        return 2 if self.step <= self.size * 8 and gapless else 3


@dataclass(frozen=True, slots=True)
class Round:
    """`level` loops are written out, `copies` times the body; `loads` and `stores` are distinct addresses by kind of their group."""

    level: int
    copies: float
    trip: float
    around: float
    constant: bool
    groups: tuple[Group, ...]
    loads: tuple[float, float, float, float]
    stores: tuple[float, float, float, float]

    @property
    def sums(self) -> int:
        """Addresses that are read and written in every round: registers, outside the loop accessed once."""
        return sum(group.addresses for group in self.groups if group.loads and group.stores and group.step == 0)


def streams_of_body(body: Body) -> tuple[tuple[Stream, ...], float]:
    """What a body accesses, and how many buffers it writes at one step or offset and accesses at another."""
    found: dict[tuple[str, tuple[float, ...] | None], list[Access]] = {}
    for access in body.accesses:
        found.setdefault((access.base, access.strides), []).append(access)
    streams = tuple(_stream(strides, accesses) for (_, strides), accesses in found.items())
    bases: dict[str, list[Stream]] = {}
    for (base, _), stream in zip(found, streams, strict=True):
        bases.setdefault(base, []).append(stream)
    clashes = sum(
        (len(each) > 1 and any(stream[5] for stream in each)) or any(stream[6] for stream in each)
        for each in bases.values()
    )
    return streams, float(clashes)


def _stream(strides: tuple[float, ...] | None, accesses: Sequence[Access]) -> Stream:
    read = {access.offset for access in accesses if not access.is_store}
    written = {access.offset for access in accesses if access.is_store}
    offsets = sorted(read | written)
    first = accesses[0]
    differ = bool(written and read and read != written)
    shifted = tuple(offset - offsets[0] for offset in offsets)
    return strides, shifted, first.element_bytes, first.lanes, bool(read), bool(written), differ


def constants(body: Body) -> tuple[bool, ...]:
    """Which loops have constant trips, once the loops over tiles are written out that are small enough for it."""
    size = float(len(body.work) + len(body.accesses))
    return tuple(loop.constant or loop.tiles * size <= _TILES for loop in body.path)


def round_of(
    trips: tuple[float, ...], constant: tuple[bool, ...], streams: Sequence[Stream], operations: float, most: float
) -> Round:
    """The round that is left when loops are written out to at most `most` operations."""
    level = _level(trips, constant, streams, operations, most)
    groups = tuple(_group(stream, trips, level) for stream in streams)
    loads, stores = [0.0] * 4, [0.0] * 4
    for group in groups:
        loads[group.kind] += group.addresses * group.loads
        stores[group.kind] += group.addresses * group.stores
    return Round(
        level,
        prod(trips[:level]),
        trips[level] if trips else 1.0,
        trips[level + 1] if len(trips) > level + 1 else 1.0,
        constant[level] if constant else True,
        groups,
        (loads[0], loads[1], loads[2], loads[3]),
        (stores[0], stores[1], stores[2], stores[3]),
    )


def _level(
    trips: tuple[float, ...], constant: tuple[bool, ...], streams: Sequence[Stream], operations: float, most: float
) -> int:
    level, copies = 0, 1.0
    while level < len(trips) - 1 and constant[level]:
        size = operations * copies + sum(_size(stream, trips, level, copies) for stream in streams)
        if size * trips[level] > most:
            break
        copies *= trips[level]
        level += 1
    return level


def _size(stream: Stream, trips: tuple[float, ...], level: int, copies: float) -> float:
    """Accesses of one round of the loop at `level`; a load that stands still there is taken out of it."""
    strides, offsets, element, _, loads, stores, _ = stream
    if strides is None:
        return len(offsets) * copies * (loads + stores)
    steps = tuple((abs(strides[at]), trips[at]) for at in range(level))
    return _addresses(offsets, steps, element)[0] * (loads + stores - (strides[level] == 0))


def _group(stream: Stream, trips: tuple[float, ...], level: int) -> Group:
    strides, offsets, element, lanes, loads, stores, _ = stream
    if strides is None:
        count = max(1, round(len(offsets) * prod(trips[:level])))
        return Group(element, UNKNOWN_STRIDE, count, 1, loads, stores, lanes)
    steps = tuple((abs(strides[at]), trips[at]) for at in range(level))
    count, run = _addresses(offsets, steps, element * lanes)
    step = abs(strides[level]) if level < len(strides) else 0.0
    return Group(element, step, count, run, loads, stores, lanes)


@lru_cache(maxsize=1 << 13)
def _addresses(offsets: tuple[float, ...], steps: tuple[tuple[float, float], ...], element: float) -> tuple[int, int]:
    """Distinct addresses of a body written out over (stride, trip), and the longest run of them without a gap."""
    spans = [[stride * at for at in range(min(int(trip), 32))] for stride, trip in steps if stride]
    count = len(offsets) * prod(len(span) for span in spans)
    if count > _MOST_ADDRESSES:
        return count, 1
    places = set(offsets)
    for span in spans:
        places = {place + more for place in places for more in span}
    longest = run = 1
    for before, after in pairwise(sorted(places)):
        run = run + 1 if after - before == element else 1
        longest = max(longest, run)
    return len(places), longest

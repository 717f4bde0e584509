"""One round of the innermost loop that a compiler leaves: short loops inside it written out, equal addresses accessed once.

    for j { for k step 4 { C[i, j] += A[i, k] * B[k, j] … A[i, k + 3] * B[k + 3, j] } }

is, per round of k, one address of C that stands still, four of A in one run, four of B that a row lies between. How much a compiler writes
out was read off LLVM's remarks on 983 loops: operations and distinct accesses that move, times rounds, up to 140 (96 % of its decisions).
A loop over part of a tile has no constant trip until the loops over tiles are written out themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Number, Streams, longest_run, most, pick, sums
from costmodel.tokens.summed import UNKNOWN_STRIDE, Accesses

UNROLLED = 140.0
"""Operations and distinct accesses that a loop is written out to at most."""
_TILES = 300.0
"""The same for the loops over tiles around it, which make its trip a constant."""
_MOST_ADDRESSES = 1024


@dataclass(frozen=True, slots=True)
class Rounds:
    """One row a body (`level` … `stores`) and one a stream (`body` … `kind`).

    `level` loops are written out, `copies` times the body; `loads` and `stores` are distinct addresses by kind of their stream: 0 stands
    still, 1 one after the other, 2 interleaved, 3 anything else. A stream moves by `step` bytes from round to round, has so many distinct
    `addresses`, and at most `run` of them without a gap; `size` is bytes of one access.
    """

    level: Integers
    copies: Floats
    trip: Floats
    around: Floats
    constant: Flags
    loads: Floats
    stores: Floats
    moving_loads: Floats
    moving_stores: Floats
    sums: Floats
    """Addresses that are read and written in every round: registers, outside the loop accessed once."""
    body: Integers
    step: Floats
    element: Floats
    size: Floats
    addresses: Floats
    run: Floats
    reads: Floats
    writes: Floats
    kind: Integers

    def total(self, amounts: Floats) -> Floats:
        """Of every body, the sum over its streams."""
        return sums(self.body, amounts, len(self.level))

    def most(self, amounts: Floats, least: float, among: Flags | None = None) -> Floats:
        """Of every body, the largest of its streams (of those among them), at least `least`."""
        chosen = amounts if among is None else np.where(among, amounts, least)
        return most(self.body, chosen, len(self.level), least)


def constants(streams: Streams) -> Flags:
    """Which loops have constant trips, once the loops over tiles are written out that are small enough for it."""
    size = streams.operations + streams.accesses
    return streams.constant | (streams.tiles * size[:, None] <= _TILES)


def rounds_of(streams: Streams, constant: Flags, operations: Floats) -> Rounds:
    """Of every body two rounds: first what is left when loops are written out to at most `UNROLLED` operations, then as written."""
    bodies = 2 * streams.bodies
    plain = np.where(streams.known > 0, streams.run, 1.0)
    count, run = streams.members.copy(), plain.copy()
    level, copies = _levels(streams, constant, operations, count, run)
    level, copies = np.concatenate([level, np.zeros_like(level)]), np.concatenate([copies, np.ones_like(copies)])
    body = np.concatenate([streams.body, streams.body + streams.bodies])
    same = np.array([streams.element, streams.size, streams.known, streams.loads > 0, streams.stores > 0])
    element, size, known, reads, writes = np.concatenate([same, same], axis=1)
    count, run = np.concatenate([count, streams.members]), np.concatenate([run, plain])
    step = np.where(known > 0, pick(_twice(streams.steps), level[body]), UNKNOWN_STRIDE)
    gapless = (run * size >= step) | (step == 2 * size)
    kind: Integers = np.where(step == 0, 0, np.where(step <= size, 1, np.where((step <= size * 8) & gapless, 2, 3)))
    cells = body * 4 + kind
    trips = np.ones((bodies, DEPTH + 1))
    trips[:, :DEPTH] = _twice(np.maximum(streams.trips, 1e-3))
    read, written = count * reads, count * writes
    loads, stores = (sums(cells, each, 4 * bodies).reshape(bodies, 4) for each in (read, written))
    return Rounds(
        level,
        copies,
        pick(trips, level),
        pick(trips, level + 1),
        pick(_twice(constant | (streams.depth == 0)[:, None]), level),
        loads,
        stores,
        loads[:, 1:].sum(axis=1),
        stores[:, 1:].sum(axis=1),
        sums(body, read * writes * (step == 0), bodies),
        body,
        step,
        element,
        size,
        count,
        run,
        reads,
        writes,
        kind,
    )


def _twice(array: NDArray[Number]) -> NDArray[Number]:
    return np.concatenate([array, array])


def _levels(
    streams: Streams, constant: Flags, operations: Floats, count: Floats, run: Floats
) -> tuple[Integers, Floats]:
    """How many loops are written out, and into how many copies; `count` and `run` of streams become those of such a round."""
    level, copies = np.zeros(streams.bodies, dtype=np.int64), np.ones(streams.bodies)
    accessed = (streams.loads > 0).astype(np.float64) + (streams.stores > 0)
    known = streams.known > 0
    for done in range(min(int(streams.depth.max(initial=0)), DEPTH) - 1):
        going = (level == done) & (done < streams.depth - 1) & constant[:, done]
        if not going.any():
            break
        still = streams.strides[:, done] == 0
        each = np.where(known, count * (accessed - still), streams.members * copies[streams.body] * accessed)
        size = operations * copies + streams.per_body(each)
        trip = np.maximum(streams.trips[:, done], 1e-3)
        going &= size * trip <= UNROLLED
        copies = np.where(going, copies * trip, copies)
        level[going] = done + 1
        if not going.any():
            break
        chosen = np.flatnonzero(going[streams.body])
        loops = np.concatenate([streams.steps[chosen, : done + 1], streams.rounds[chosen, : done + 1]], axis=1).tolist()
        found = [
            _addresses(streams.said[at], *each) for at, each in zip(streams.at[chosen].tolist(), loops, strict=True)
        ]
        count[chosen], run[chosen] = np.array(found, dtype=np.float64).reshape(-1, 2).T
        unknown = chosen[~known[chosen]]
        count[unknown] = np.maximum(np.round(streams.members[unknown] * copies[streams.body[unknown]]), 1.0)
        run[unknown] = 1.0
    return level, copies


@lru_cache(maxsize=1 << 13)
def _addresses(said: Accesses, *loops: float) -> tuple[float, float]:
    """Distinct addresses of a body written out over loops, and the longest run of them without a gap; first the strides, then the trips."""
    strides, trips = loops[: len(loops) // 2], loops[len(loops) // 2 :]
    spans = [
        [stride * at for at in range(min(int(trip), 32))] for stride, trip in zip(strides, trips, strict=True) if stride
    ]
    count = len(said.offsets) * prod(len(span) for span in spans)
    if count > _MOST_ADDRESSES:
        return float(count), 1.0
    places = set(said.offsets)
    for span in spans:
        places = {place + more for place in places for more in span}
    return float(len(places)), float(longest_run(tuple(sorted(places)), said.element * said.lanes))

"""One round of the innermost loop that a compiler leaves: short loops inside it written out, equal addresses accessed once.

    for j { for k step 4 { C[i, j] += A[i, k] * B[k, j] … A[i, k + 3] * B[k + 3, j] } }

is, per round of k, one address of C that stands still, four of A in one run, four of B that a row lies between. How much a compiler writes
out was read off LLVM's remarks on 983 loops: operations and distinct accesses that move, times rounds, up to 140 (96 % of its decisions).
A loop over part of a tile has no constant trip until the loops over tiles are written out themselves.

Loops over small arrays, compiled (`costmodel/scalar.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from math import floor

import numpy as np

from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams
from costmodel.scalar import native

UNROLLED = 140.0
"""Operations and distinct accesses that a loop is written out to at most."""
_TILES = 300.0
"""The same for the loops over tiles around it, which make its trip a constant."""
MOST_ADDRESSES = 1024
_LONGEST = 32.0
"""Rounds of a loop whose addresses are counted, at most."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Bodies written out: `level` loops of each, into so many copies; of each stream so many distinct `addresses`, and at most `run` of them
    without a gap."""

    level: Integers
    copies: Floats
    addresses: Floats
    run: Floats


def constants(streams: Streams) -> Flags:
    """Which loops have constant trips, once the loops over tiles are written out that are small enough for it."""
    size = streams.operations + streams.accesses
    return streams.constant | (streams.tiles * size[:, None] <= _TILES)


def as_written(streams: Streams) -> Rounds:
    """Of every body the round that the text has."""
    plain = np.where(streams.known > 0, streams.run, 1.0)
    level, copies = np.zeros(streams.bodies, dtype=np.int64), np.ones(streams.bodies)
    return Rounds(level, copies, streams.members, plain)


def written_out(streams: Streams, constant: Flags, operations: Floats) -> Rounds:
    """Of every body the round that is left when loops are written out to at most `UNROLLED` operations."""
    begin = as_written(streams)
    found = Rounds(begin.level, begin.copies, begin.addresses.copy(), begin.run)
    bodies = (streams.depth, constant, streams.trips, operations)
    each = (streams.steps, streams.known, streams.loads, streams.stores, streams.members, streams.size)
    _write_out(
        streams.bodies,
        streams.begins,
        *bodies,
        *each,
        *offsets_of(streams, streams.at),
        np.empty(MOST_ADDRESSES),
        found.level,
        found.copies,
        found.addresses,
        found.run,
    )
    return found


def offsets_of(streams: Streams, said: Integers) -> tuple[Integers, Integers, Floats]:
    """Of streams by what is said of them: where their offsets begin and how many there are; and the offsets of all."""
    several = np.array([len(each.offsets) for each in streams.said], dtype=np.int64)
    offsets = np.array(list(chain.from_iterable([each.offsets for each in streams.said])), dtype=np.float64)
    return (several.cumsum() - several)[said], several[said], offsets


@native
def _write_out(
    bodies: int,
    begins: Integers,
    depth: Integers,
    constant: Flags,
    trips: Floats,
    operations: Floats,
    steps: Floats,
    known: Floats,
    loads: Floats,
    stores: Floats,
    members: Floats,
    size: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    places: Floats,
    level: Integers,
    copies: Floats,
    addresses: Floats,
    run: Floats,
) -> None:
    for body in range(bodies):
        done = 0
        going = 1
        while going > 0:
            going = 0
            trip = trips[body * DEPTH + done] if trips[body * DEPTH + done] > 1e-3 else 1e-3
            if done < depth[body] - 1 and done < DEPTH - 1 and constant[body * DEPTH + done] != 0:
                moving = 0.0
                for stream in range(begins[body], begins[body + 1]):
                    accessed = (1.0 if loads[stream] > 0.0 else 0.0) + (1.0 if stores[stream] > 0.0 else 0.0)
                    still = 1.0 if steps[stream * DEPTH + done] == 0.0 else 0.0
                    plain = members[stream] * copies[body] * accessed
                    moving += addresses[stream] * (accessed - still) if known[stream] > 0.0 else plain
                if (operations[body] * copies[body] + moving) * trip <= UNROLLED:
                    going = 1
            if going > 0:
                copies[body] *= trip
                done += 1
                for stream in range(begins[body], begins[body + 1]):
                    if known[stream] > 0.0:
                        distinct_addresses(
                            stream,
                            done,
                            body * DEPTH,
                            steps,
                            trips,
                            size,
                            first,
                            several,
                            offsets,
                            places,
                            addresses,
                            run,
                        )
                    else:
                        about = floor(members[stream] * copies[body] + 0.5)
                        addresses[stream] = about if about > 1.0 else 1.0
                        run[stream] = 1.0
        level[body] = done


def distinct_addresses(
    stream: int,
    loops: int,
    around: int,
    steps: Floats,
    rounds: Floats,
    size: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    places: Floats,
    addresses: Floats,
    run: Floats,
) -> None:
    """Distinct addresses of a stream written out over so many loops, whose rounds stand from `around` on; the longest run without a gap."""
    amount = float(several[stream])
    most = amount  # on the way: a loop of no whole round leaves no address of those that were written down before it
    for loop in range(loops):
        if steps[stream * DEPTH + loop] > 0.0:
            trip = floor(float(rounds[around + loop]))
            amount *= trip if trip < _LONGEST else _LONGEST
            most = amount if amount > most else most
    addresses[stream] = amount
    run[stream] = 1.0
    if most <= float(MOST_ADDRESSES):
        count = several[stream]
        for at in range(count):
            places[at] = offsets[first[stream] + at]
        for loop in range(loops):
            stride = steps[stream * DEPTH + loop]
            if stride > 0.0:
                trip = floor(float(rounds[around + loop]))
                trip = trip if trip < _LONGEST else _LONGEST
                turn = 1
                while float(turn) < trip:
                    for at in range(count):
                        places[turn * count + at] = places[at] + stride * float(turn)
                    turn += 1
                count = count * turn if trip >= 1.0 else 0
        sort_ascending(count, places)
        distinct = 1 if count > 0 else 0
        longest = 1
        here = 1
        for at in range(1, count):
            gap = places[at] - places[at - 1]
            if gap > 0.0:
                distinct += 1
                here = here + 1 if gap == size[stream] else 1
                longest = here if here > longest else longest
        addresses[stream] = float(distinct)
        run[stream] = float(longest)


def sort_ascending(count: int, places: Floats) -> None:
    """In place, ascending: by insertion, first of those far apart (Shell 1959; gaps of Ciura 2001)."""
    gap = 132
    while gap > 0:
        for at in range(gap, count):
            place = places[at]
            to = at
            while to >= gap and places[to - gap if to >= gap else 0] > place:
                places[to] = places[to - gap]
                to -= gap
            places[to] = place
        gap = (
            57
            if gap == 132
            else (23 if gap == 57 else (10 if gap == 23 else (4 if gap == 10 else (1 if gap == 4 else 0))))
        )

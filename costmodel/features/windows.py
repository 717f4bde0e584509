"""How much different memory a body names in a window of its running product, in blocks of any size: no cache is known.

    fp(w, g)       blocks of g bytes that w operations in a row name, for w = 2^0, 2^1 … 2^30 and g an element, 64 bytes, 64 x 64 bytes
    new(c, g)      blocks an operation names for the first time, if the last c bytes of blocks are remembered: the slope of fp where fp = c

A window takes loops whole from the innermost on, and part of the next one. Per stream, loops in ascending order of their steps: one that
steps no further than what is already named without a gap (or than a block) lengthens that; another one multiplies it. All is computed from
products of trips and steps that the tokens say. Which blocks and which memories matter is left to what learns from the columns: a ladder by
64 of blocks, from 32 bytes to 16 MB of memories. Ladders span what machines have; no rung is any machine's.

Method: the footprint of a window and its slope, which is the miss ratio of a memory of that size (Xiang, Ding, Luo, Bao, HOTL: a higher
order theory of locality, ASPLOS 2013, section 2), here of a nest and not of a trace.
Loops over small arrays, compiled (`costmodel/scalar.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import floor

import numpy as np

from costmodel.features.accessed import BIT
from costmodel.features.phrases import Body, padded
from costmodel.features.streams import DEPTH, Floats, Integers, Streams
from costmodel.features.unrolled import offsets_of
from costmodel.scalar import native

OCTAVES = 31
_BLOCKS = np.array([1.0, 64.0, 4096.0])
"""Bytes; never less than an element."""
_KINDS = len(_BLOCKS)
_NAMES = ("elements", "blocks", "large blocks")
_LEVELS = 4
_MEMORIES = (range(5, 12), (9, 11, *range(13, 23), 24), range(16, 25, 2))
"""Octaves of bytes that are remembered."""
_BOUNDS = np.array([float(1 << octave) for octaves in _MEMORIES for octave in octaves])
_MANY = np.array([len(octaves) for octaves in _MEMORIES], dtype=np.int64)
_LITTLE = 2.0**-14
_LEAST = 2.0**-12


@cache
def window_names() -> tuple[str, ...]:
    """The columns."""
    names: list[str] = []
    for name, octaves in zip(_NAMES, _MEMORIES, strict=True):
        names += [f"{name} in {level + 1} loops" for level in range(_LEVELS)]
        names += [f"new {name} beyond 2^{octave} bytes" for octave in octaves]
        names.append(f"new {name} once")
    return (*names, "bytes")


@cache
def new_names() -> tuple[str, ...]:
    """Columns that are means over operations, of which one of all bodies makes sense."""
    return tuple(name for name in window_names() if name.startswith("new "))


@dataclass(frozen=True, slots=True)
class Windows:
    """Bodies as windows are computed from them, and their streams."""

    depth: Integers
    trips: Floats
    """(bodies, DEPTH): rounds of loops, the innermost first."""
    operations: Floats
    executions: Floats
    begins: Integers
    """The first stream of each body, and after the last one's the number of streams."""
    steps: Floats
    """(streams, DEPTH): bytes, without the sign."""
    width: Floats
    total: Floats
    first: Integers
    several: Integers
    offsets: Floats
    """Where the addresses of a stream's first round begin in `offsets`, ascending, and how many there are."""


def windows_of(windows: Windows) -> Floats:
    """Columns of every body as they are counted, at least what their logarithms are taken of."""
    found = np.empty((len(windows.depth), len(window_names())))
    _windows(
        len(windows.depth),
        windows.depth,
        windows.trips,
        windows.operations,
        windows.executions,
        windows.begins,
        windows.steps,
        windows.width,
        windows.total,
        windows.first,
        windows.several,
        windows.offsets,
        _BLOCKS,
        _BOUNDS,
        _MANY,
        np.empty(DEPTH * OCTAVES),
        np.zeros(DEPTH, dtype=np.int64),
        np.empty(_KINDS * OCTAVES),
        np.empty(_KINDS * OCTAVES),
        np.empty(OCTAVES),
        np.empty(OCTAVES),
        found,
    )
    return found


def windows_of_streams(streams: Streams, operations: Floats) -> Windows:
    """Of nests of any text; `operations` are those of a round of a body, at least 1."""
    return Windows(
        streams.depth,
        streams.trips,
        operations,
        streams.executions,
        streams.begins,
        streams.steps,
        np.maximum(streams.size, BIT),
        streams.total,
        *offsets_of(streams, streams.at),
    )


def windows_of_bodies(bodies: Sequence[Body]) -> Windows:
    """Of token streams."""
    streams = [stream for body in bodies for stream in body.streams]
    places = [sorted({*stream.loads, *stream.stores}) for stream in streams]
    several = np.array([len(each) for each in places], dtype=np.int64)
    return Windows(
        np.array([min(len(body.trips), DEPTH) for body in bodies], dtype=np.int64),
        padded([body.trips for body in bodies], 1.0),
        np.array([body.operations for body in bodies], dtype=np.float64),
        np.array([body.executions for body in bodies], dtype=np.float64),
        np.concatenate([[0], np.cumsum([len(body.streams) for body in bodies])]).astype(np.int64),
        np.abs(padded([stream.steps for stream in streams], 0.0)),
        np.array([stream.width for stream in streams], dtype=np.float64),
        np.array([stream.total for stream in streams], dtype=np.float64),
        several.cumsum() - several,
        several,
        np.array(list(chain.from_iterable(places)), dtype=np.float64),
    )


@native
def _windows(
    bodies: int,
    depth: Integers,
    trips: Floats,
    operations: Floats,
    executions: Floats,
    begins: Integers,
    steps: Floats,
    width: Floats,
    total: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    blocks: Floats,
    bounds: Floats,
    many: Integers,
    extents: Floats,
    order: Integers,
    named: Floats,
    remembered: Floats,
    run: Floats,
    runs: Floats,
    found: Floats,
) -> None:
    """`named` blocks of all streams together by kind and octave of operations, `remembered` their bytes."""
    columns = 0
    for kind in range(_KINDS):
        columns += many[kind] + _LEVELS + 1
    columns += 1
    for body in range(bodies):
        loops = depth[body] if depth[body] < DEPTH else DEPTH
        take_loops(body, loops, trips, operations, extents)
        for at in range(_KINDS * OCTAVES):
            named[at] = 0.0
            remembered[at] = 0.0
        for stream in range(begins[body], begins[body + 1]):
            in_order(stream, loops, steps, order)
            for kind in range(_KINDS):
                block = blocks[kind] if blocks[kind] > width[stream] else width[stream]
                name_blocks(
                    stream,
                    kind,
                    loops,
                    block,
                    steps,
                    width,
                    total,
                    first,
                    several,
                    offsets,
                    extents,
                    order,
                    run,
                    runs,
                    named,
                    remembered,
                )
        place, bound = body * columns, 0
        for kind in range(_KINDS):
            own, within = kind * OCTAVES, operations[body]
            for level in range(_LEVELS):
                within = within * (trips[body * DEPTH + level] if level < loops else 1.0)
                found[place] = at_least(between(own, within, named), _LEAST)
                place += 1
            for memory in range(many[kind]):
                found[place] = fresh(own, float(bounds[bound + memory]), named, remembered) + _LITTLE
                place += 1
            bound += many[kind]
            found[place] = at_least(float(named[own + OCTAVES - 1]), _LEAST) / at_least(
                operations[body] * executions[body], _LEAST
            )
            place += 1
        found[place] = at_least(float(remembered[OCTAVES - 1]), _LEAST)


def at_least(number: float, least: float) -> float:
    """The larger one."""
    return number if number > least else least


def take_loops(body: int, loops: int, trips: Floats, operations: Floats, extents: Floats) -> None:
    """Rounds of each loop (loop by octave) in windows of so many operations, never less than one whole round of the body."""
    window = 1.0
    for octave in range(OCTAVES):
        left = at_least(window / operations[body], 1.0)
        for loop in range(loops):
            trip = at_least(float(trips[body * DEPTH + loop]), 1.0)
            extent = trip if trip < left else left
            extents[loop * OCTAVES + octave] = extent
            left = left / extent
        window = window * 2.0


def in_order(stream: int, loops: int, steps: Floats, order: Integers) -> None:
    """Loops that move a stream, the shorter steps first, of equal ones the inner one."""
    for loop in range(loops):
        at = loop
        while at > 0 and steps[stream * DEPTH + order[at - 1 if at > 0 else 0]] > steps[stream * DEPTH + loop]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = loop


def name_blocks(
    stream: int,
    kind: int,
    loops: int,
    block: float,
    steps: Floats,
    width: Floats,
    total: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    extents: Floats,
    order: Integers,
    run: Floats,
    runs: Floats,
    named: Floats,
    remembered: Floats,
) -> None:
    """Add the blocks that a stream names in each window: `runs` of `run` bytes. Where accesses of one round start, those that a block or
    more lies between are apart; of them some are met again by a loop that steps to where the next one starts."""
    apart, wide, start = 1.0, 0.0, float(offsets[first[stream]])
    last, group = start, start
    for at in range(1, several[stream]):
        here = float(offsets[first[stream] + at])
        away = here - last > block
        apart += 1.0 if away else 0.0
        wide += 0.0 if away else here - last
        group = here if away else group
        last = here
    wide = wide / apart
    gap = (group - start) / (apart - 1.0) if apart > 1.0 else 0.0
    for octave in range(OCTAVES):
        run[octave] = width[stream] + wide
        runs[octave] = apart
    for place in range(loops):
        loop = order[place]
        step = steps[stream * DEPTH + loop]
        if step > 0.0:
            again = apart > 1.0 and rest_of(gap, at_least(float(step), 1.0)) == 0.0
            for octave in range(OCTAVES):
                extent = extents[loop * OCTAVES + octave]
                if step <= at_least(float(run[octave]), block):
                    run[octave] = run[octave] + step * (extent - 1.0)
                else:
                    met = again and extent > 1.0 and gap < step * extent
                    once = (extent * step + (apart - 1.0) * gap) / at_least(float(extent * step * apart), 1.0)
                    runs[octave] = runs[octave] * extent * (once if met and once < 1.0 else 1.0)
    whole = at_least(total[stream] / block, 1.0) + 1.0
    for octave in range(OCTAVES):
        blocks = runs[octave] * at_least(run[octave] / block, 1.0)
        blocks = blocks if blocks < whole else whole
        named[kind * OCTAVES + octave] = named[kind * OCTAVES + octave] + blocks
        remembered[kind * OCTAVES + octave] = remembered[kind * OCTAVES + octave] + blocks * block


def rest_of(number: float, by: float) -> float:
    """What is left of a number after so many times another one."""
    return number - by * floor(number / by)


def between(own: int, operations: float, named: Floats) -> float:
    """Blocks of a window of so many operations, between those of the two octaves beside it."""
    low, window = 0, 1.0
    while low < OCTAVES - 2 and window * 2.0 <= operations:
        low += 1
        window = window * 2.0
    part = operations / window - 1.0
    part = at_least(part if part < 1.0 else 1.0, 0.0)
    return named[own + low] * (1.0 - part) + named[own + low + 1] * part


def fresh(own: int, least: float, named: Floats, remembered: Floats) -> float:
    """The slope of blocks over operations, where the windows first name more than is remembered; 0 where none does."""
    at, window = 0, 1.0
    while at < OCTAVES - 1 and remembered[own + at] <= least:
        window = window * (2.0 if at > 0 else 1.0)
        at += 1
    beyond = remembered[own + at] > least
    end = at if at > 0 else 1
    slope = (named[own + end] - named[own + end - 1]) / window
    slope = named[own] if at == 0 and own == 0 else slope
    return slope if beyond and slope > 0.0 else 0.0

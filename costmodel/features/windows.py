"""How much different memory a body names in a window of its running product, in blocks of any size: no cache is known.

    fp(w, g)       blocks of g bytes that w operations in a row name, for w = 2^0, 2^1 … 2^30 and g an element, 64 bytes, 64 x 64 bytes
    new(c, g)      blocks an operation names for the first time, if the last c bytes of blocks are remembered: the slope of fp where fp = c

A window takes loops whole from the innermost on, and part of the next one. Per stream, loops in ascending order of their steps: one that
steps no further than what is already named without a gap (or than a block) lengthens that; another one multiplies it. All is computed from
products of trips and steps that the tokens say. Which blocks and which memories matter is left to what learns from the columns: a ladder by
64 of blocks, from 32 bytes to 16 MB of memories. Ladders span what machines have; no rung is any machine's.

Method: the footprint of a window and its slope, which is the miss ratio of a memory of that size (Xiang, Ding, Luo, Bao, HOTL: a higher
order theory of locality, ASPLOS 2013, section 2), here of a nest and not of a trace.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from costmodel.features.phrases import Body, Stream
from costmodel.features.streams import Floats

_OCTAVES = np.arange(31.0)
_BLOCKS = (1.0, 64.0, 4096.0)
"""Bytes; never less than an element."""
_NAMES = ("elements", "blocks", "large blocks")
_LEVELS = 4
_MEMORIES = (range(5, 12), (9, 11, *range(13, 23), 24), range(16, 25, 2))
"""Octaves of bytes that are remembered."""
_LITTLE = 2.0**-14


def window_columns(body: Body) -> dict[str, float]:
    """Logarithms: blocks that whole loops name; new blocks per operation by what is remembered, and if everything is."""
    operations = body.operations
    blocks, sizes = named(body.streams, body.trips, operations) if body.streams else _nothing()
    together = blocks.sum(axis=0)
    remembered = (blocks * sizes[:, None, :]).sum(axis=0)
    found: dict[str, float] = {}
    for kind, name in enumerate(_NAMES):
        column = together[:, kind]
        for level in range(_LEVELS):
            found[f"{name} in {level + 1} loops"] = _log(_between(column, _rounds(body, level)))
        for octave in _MEMORIES[kind]:
            fresh = _fresh(column, remembered[:, kind], 2.0**octave, kind == 0)
            found[f"new {name} beyond 2^{octave} bytes"] = math.log2(fresh + _LITTLE)
        found[f"new {name} once"] = _log(column[-1]) - _log(operations * body.executions)
    found["bytes"] = _log(remembered[-1, 0])
    return found


def _nothing() -> tuple[Floats, Floats]:
    return np.zeros((1, len(_OCTAVES), len(_BLOCKS))), np.ones((1, len(_BLOCKS)))


def _log(number: float) -> float:
    return math.log2(max(number, 2.0**-12))


def _rounds(body: Body, level: int) -> float:
    """Octaves of operations that the innermost loops make together."""
    return math.log2(max(body.operations * math.prod(body.trips[: level + 1]), 1.0))


def _between(column: Floats, octave: float) -> float:
    low = min(int(octave), len(column) - 2)
    part = min(octave - low, 1.0)
    return float(column[low] * (1.0 - part) + column[low + 1] * part)


def _fresh(blocks: Floats, remembered: Floats, least: float, elements: bool) -> float:
    """The slope of blocks over operations, where the windows first name more than is remembered; 0 where none does."""
    beyond = np.flatnonzero(remembered > least)
    if not len(beyond):
        return 0.0
    if elements and beyond[0] == 0:
        return float(blocks[0])
    at = max(int(beyond[0]) - 1, 0)
    return max(float(blocks[at + 1] - blocks[at]) / 2.0**at, 0.0)


def named(streams: Sequence[Stream], trips: Sequence[float], operations: float) -> tuple[Floats, Floats]:
    """Blocks that each stream names in each window (streams, octaves, kinds of blocks), and their bytes (streams, kinds)."""
    extents = _extents(trips, operations)
    steps = np.abs(np.array([stream.steps for stream in streams], dtype=np.float64)).reshape(len(streams), len(trips))
    widths = np.array([stream.width for stream in streams])[:, None]
    sizes = np.maximum(np.array(_BLOCKS), widths)
    shapes = np.array([[_clusters(stream, size) for size in row] for stream, row in zip(streams, sizes, strict=True)])
    apart, width, gap = (shapes[:, None, :, at] for at in range(3))
    block = sizes[:, None, :]
    run = np.repeat(widths[:, None] + width, len(_OCTAVES), axis=1)
    runs = np.repeat(apart, len(_OCTAVES), axis=1)
    every = np.arange(len(streams))
    for loop in np.argsort(steps, axis=1, kind="stable").T:
        step, extent = steps[every, loop][:, None, None], extents[loop][:, :, None]
        near = step <= np.maximum(run, block)
        met = ~near & (apart > 1) & (extent > 1) & (np.mod(gap, np.maximum(step, 1.0)) == 0) & (gap < step * extent)
        once = (extent * step + (apart - 1) * gap) / np.maximum(extent * step * apart, 1.0)
        run = run + np.where(near, step * (extent - 1), 0.0)
        runs = runs * np.where(near, 1.0, extent) * np.where(met, np.minimum(once, 1.0), 1.0)
    totals = np.array([stream.total for stream in streams])[:, None, None]
    return np.minimum(runs * np.maximum(run / block, 1.0), np.maximum(totals / block, 1.0) + 1.0), sizes


def _extents(trips: Sequence[float], operations: float) -> Floats:
    """Rounds of each loop (loops, octaves) in windows of so many operations, never less than one whole round of the body."""
    left = np.maximum(2.0**_OCTAVES / operations, 1.0)
    found = np.ones((len(trips), len(_OCTAVES)))
    for loop, trip in enumerate(trips):
        found[loop] = np.minimum(max(trip, 1.0), left)
        left = left / found[loop]
    return found


def _clusters(stream: Stream, block: float) -> tuple[float, float, float]:
    """Where accesses of one round start: groups that a block or more lies between, their mean width, the mean gap from one to the next."""
    starts = sorted({*stream.loads, *stream.stores})
    firsts, width, last = [starts[0]], 0.0, starts[0]
    for start in starts[1:]:
        if start - last > block:
            firsts.append(start)
        else:
            width += start - last
        last = start
    count = len(firsts)
    return float(count), width / count, (firsts[-1] - firsts[0]) / (count - 1) if count > 1 else 0.0

"""Lines that loops touch, and what caches do not keep of them: steps 1 and 2 of the hand model (`locality.py`), one stream after the other.

    lines, by_stream = …                 2 bodies, 5 streams: (2, 11) and (5, 11), for the innermost 0 … 10 loops
    traffic_of(streams, by_stream, lines, capacities)      (2, 7): lines per iteration from beyond each of seven caches

Loops over small arrays, compiled (`costmodel/scalar.py`).
"""

from __future__ import annotations

import numpy as np

from costmodel.features.streams import DEPTH, LINE, Floats, Integers, Streams
from costmodel.scalar import native

_KEPT = 0.02
"""What is left of the traffic of data that stays in a cache altogether."""


def footprints(streams: Streams) -> Floats:
    """Lines that the innermost l loops touch, l = 0 … DEPTH, for every stream."""
    deepest, count = min(int(streams.depth.max(initial=0)), DEPTH), len(streams.body)
    lines, order = np.empty((count, DEPTH + 1)), np.zeros(DEPTH + 1, dtype=np.int64)
    run, runs = np.empty(DEPTH + 1), np.empty(DEPTH + 1)
    fields = (streams.steps, streams.rounds, streams.size, streams.width, streams.clusters, streams.gap, streams.total)
    _footprints(count, deepest, *fields, order, run, runs, lines)
    return lines


@native
def _footprints(
    count: int,
    deepest: int,
    steps: Floats,
    rounds: Floats,
    size: Floats,
    width: Floats,
    clusters: Floats,
    gap: Floats,
    total: Floats,
    order: Integers,
    run: Floats,
    runs: Floats,
    lines: Floats,
) -> None:
    """`run` bytes without a gap, and `runs` of them: what a loop of a short stride lengthens and one of a long one multiplies, the shorter
    strides first (`order`, from 1). Of `clusters` rows that a loop itself steps to some are met again."""
    for stream in range(count):
        own = stream * DEPTH
        for loop in range(deepest):
            at = loop
            while at > 0 and steps[own + order[at]] > steps[own + loop]:
                order[at + 1] = order[at]
                at -= 1
            order[at + 1] = loop
        apart = clusters[stream]
        for inner in range(deepest + 1):
            run[inner] = size[stream] + width[stream]
            runs[inner] = apart
        for place in range(1, deepest + 1):
            loop = order[place]
            stride = steps[own + loop]
            rounds_here = rounds[own + loop] if rounds[own + loop] > 1.0 else 1.0
            again = 0
            if stride > 0.0:
                for inner in range(deepest + 1):
                    trip = rounds_here if loop < inner else 1.0
                    if stride <= (run[inner] if run[inner] > LINE else LINE):
                        run[inner] += stride * (trip - 1.0)
                    else:
                        runs[inner] *= trip
                        whole = gap[stream] % (stride if stride > 1.0 else 1.0)
                        if trip > 1.0 and apart > 1.0 and whole == 0.0 and gap[stream] < stride * trip:
                            most = trip * stride * apart
                            runs[inner] *= (trip * stride + (apart - 1.0) * gap[stream]) / (most if most > 1.0 else 1.0)
                            again = 1
            apart = 1.0 if again > 0 else apart
        all_lines = total[stream] / LINE if total[stream] / LINE > 1.0 else 1.0
        for inner in range(DEPTH + 1):
            last = inner if inner < deepest else deepest
            touched = runs[last] * (run[last] / LINE if run[last] / LINE > 1.0 else 1.0)
            lines[stream * (DEPTH + 1) + inner] = touched if touched < all_lines + 1.0 else all_lines + 1.0


def traffic_of(streams: Streams, by_stream: Floats, capacities: Floats) -> tuple[Floats, Floats]:
    """Of every body the lines that its streams touch together, by loops; and lines per iteration that come from beyond each of these caches."""
    bodies, caches = streams.bodies, len(capacities)
    lines, traffic = np.zeros((bodies, DEPTH + 1)), np.zeros((bodies, caches))
    fitting = np.empty((bodies, caches), dtype=np.int64)
    counts = (bodies, len(streams.body), caches)
    _traffic(*counts, streams.body, by_stream, streams.rounds_within, capacities, fitting, lines, traffic)
    return lines, traffic


@native
def _traffic(
    bodies: int,
    count: int,
    caches: int,
    body: Integers,
    by_stream: Floats,
    rounds_within: Floats,
    capacities: Floats,
    fitting: Integers,
    lines: Floats,
    traffic: Floats,
) -> None:
    """The innermost loops whose footprint fits keep their data between two rounds of the loop around them, which touches each line once."""
    for stream in range(count):
        for loop in range(DEPTH + 1):
            lines[body[stream] * (DEPTH + 1) + loop] += by_stream[stream * (DEPTH + 1) + loop]
    for at in range(bodies):
        for cache in range(caches):
            fits = 0
            while (
                fits <= DEPTH
                and lines[at * (DEPTH + 1) + (fits if fits < DEPTH else DEPTH)] * LINE <= capacities[cache]
            ):
                fits += 1
            fitting[at * caches + cache] = fits
    for stream in range(count):
        for cache in range(caches):
            fits = fitting[body[stream] * caches + cache]
            level = fits if fits < DEPTH else DEPTH
            traffic[body[stream] * caches + cache] += by_stream[stream * (DEPTH + 1) + level]
    for at in range(bodies):
        for cache in range(caches):
            fits = fitting[at * caches + cache]
            level = fits if fits < DEPTH else DEPTH
            inside = rounds_within[at * DEPTH + (level - 1 if level > 0 else 0)]
            inside = 1.0 if level == 0 or inside < 1.0 else inside
            share = _KEPT if fits > DEPTH else 1.0
            traffic[at * caches + cache] = share * traffic[at * caches + cache] / inside

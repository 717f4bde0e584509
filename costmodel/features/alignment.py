"""Large steps of inner loops, and which powers of two they are whole multiples of: addresses so far apart may meet in one place of a cache.

    for i { for k { … B[k, 0 … 511] of f32 … } }      of k: one large step, 2,048 bytes, aligned to 2^11

Which power matters depends on a machine; here are steps and powers only.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from costmodel.features.streams import DEPTH, Floats, Integers
from costmodel.scalar import native

LEVELS = 3
"""Loops, from the innermost."""
_COLUMNS = 4
_APART, _FAR_APART = 64.0, 1024.0
"""Bytes: steps from which alignment is a column; whose multiples are counted."""
_OCTAVES = 14.0
"""Octaves at most."""


@cache
def alignment_names() -> tuple[str, ...]:
    """The columns, loop by loop."""
    each = ("largest step in", "steps aligned in", "large steps in", "large aligned accesses in")
    return tuple(f"{name} {level}" for level in range(LEVELS) for name in each)


def alignment(begins: Integers, steps: Floats, several: Integers) -> Floats:
    """One row a body: `begins` is its first stream (and the number of streams at the end), `steps` (streams, DEPTH) are bytes without the
    sign, `several` the addresses of a round."""
    found = np.zeros((len(begins) - 1, LEVELS * _COLUMNS))
    _align(len(found), begins, steps, several, found)
    found[:, ::_COLUMNS] = np.log2(found[:, ::_COLUMNS])
    return found


@native
def _align(bodies: int, begins: Integers, steps: Floats, several: Integers, found: Floats) -> None:
    for body in range(bodies):
        for level in range(LEVELS):
            largest, aligned, large, accesses = 1.0, 0.0, 0.0, 0.0
            for stream in range(begins[body], begins[body + 1]):
                step = steps[stream * DEPTH + level]
                if step >= _APART:
                    octaves, power = octaves_of(float(step)), step % _FAR_APART
                    largest = step if step > largest else largest
                    aligned = octaves if octaves > aligned else aligned
                    large += 1.0
                    accesses += float(several[stream]) if step >= _FAR_APART and power == 0.0 else 0.0
            place = (body * LEVELS + level) * _COLUMNS
            found[place] = largest
            found[place + 1] = aligned
            found[place + 2] = large
            found[place + 3] = accesses


def octaves_of(step: float) -> float:
    """How often two divides a number, at most `_OCTAVES` times."""
    octaves, power = 0.0, 2.0
    while octaves < _OCTAVES and step % power == 0.0:
        octaves += 1.0
        power = power * 2.0
    return octaves

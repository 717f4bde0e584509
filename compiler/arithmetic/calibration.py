"""Choosing how a tensor is quantised: the scale by mean squared error, the direction of each weight by the error of the layer's output.

    scale = best_scale(weights, E2M1)                         # clip search; `axis=0` gives one per row
    up = learned_directions(weights, scale, E2M1, inputs)     # which weights go away from zero
    quantised(weights, scale, E2M1, Mode.LEARNED, up)

2408.06995: formats with a bias per tensor are these formats times a scale; q = lo + h (hi - lo) with h in {0, 1} that minimises
||W X - Q X||^2, found by coordinate descent, each weight with its own distance hi - lo.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from compiler.arithmetic.formats import Format, Reals
from compiler.arithmetic.rounding import Mode, neighbours, round_to

Directions = NDArray[np.bool_]
Progress = Callable[[int, int], None]
"""Called with how much is done, of how much."""

CANDIDATES = 64
SMALLEST_CLIP = 0.25
SWEEPS = 12


def _silent(_done: int, _all: int) -> None:
    pass


def quantised(x: Reals, scale: Reals, target: Format, mode: Mode, up: Directions | None = None) -> Reals:
    """The values that stand for `x`: those of the format, times the scale."""
    return scale * round_to(target, x / scale, mode, up=up)


def best_scale(x: Reals, target: Format, axis: int | None = None, progress: Progress = _silent) -> Reals:
    """The scale of least mean squared error among clips from a quarter of the largest magnitude to all of it.

    Its shape broadcasts over `x`: all ones, or with `axis` one scale per index of that dimension.
    """
    others = tuple(at for at in range(x.ndim) if at != axis)
    largest: Reals = np.maximum(np.abs(x).max(others, keepdims=True), np.finfo(np.float64).tiny)
    best: Reals = largest / target.max
    least = np.full(largest.shape, np.inf)
    clips = np.linspace(SMALLEST_CLIP, 1, CANDIDATES)
    for done, clip in enumerate(clips, 1):
        scale = largest * clip / target.max
        error = ((quantised(x, scale, target, Mode.RN) - x) ** 2).mean(others, keepdims=True)
        better = error < least
        best[better], least[better] = scale[better], error[better]
        progress(done, len(clips))
    return best


def learned_directions(
    weights: Reals, scale: Reals, target: Format, inputs: Reals, progress: Progress = _silent
) -> Directions:
    """For each weight [outputs, d], whether it goes away from zero; inputs [d, samples].

    Starts at the nearest values. One weight per output is changed at a time, where that lowers the error; a weight that no sweep over
    all of them changes ends it.
    """
    gram = inputs @ inputs.T
    low, high = (scale * each for each in neighbours(target, weights / scale))
    up = np.abs(high - weights) < np.abs(weights - low)
    error = weights - np.where(up, high, low)
    for sweep in range(SWEEPS):
        changed = False
        for at in range(weights.shape[1]):
            change = np.where(up[:, at], low[:, at] - high[:, at], high[:, at] - low[:, at])
            gain = change**2 * gram[at, at] - 2 * change * (error @ gram[:, at])
            flips = gain < 0
            up[:, at] ^= flips
            error[:, at] -= np.where(flips, change, 0)
            changed |= bool(flips.any())
        progress(sweep + 1, SWEEPS)
        if not changed:
            break
    progress(SWEEPS, SWEEPS)
    return up


def layer_error(weights: Reals, rounded: Reals, inputs: Reals) -> float:
    """||W X - Q X||^2 / ||W X||^2."""
    exact = weights @ inputs
    return float(((rounded @ inputs - exact) ** 2).sum() / (exact**2).sum())

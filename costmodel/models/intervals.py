"""How far a prediction may be off: half widths of intervals that hold nine in ten, from errors on what was held out.

    scale, widths = calibrate(matrix, [near, far], 0.02, seed)      half width of a row: widths[its step of foreignness] x its size

The size of an error is learned from columns (locally weighted conformal prediction: Lei et al. 2018, 5.2). Errors of one kernel's
schedules on one matrix are alike, and so are those of a family: what may be exchanged with what comes next are such groups, not rows.
So the sizes that errors are held against are learned from other groups (cross-conformal: Vovk 2015): a size that was fitted to the very
errors that it is held against makes all of them look small. Of texts that look like home some are taken to be of a family that is
not (`_STRANGERS`: no score tells all of them); the more foreign, the wider, and a step of foreignness that too few groups reached is as
wide as all steps abroad together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.expert import FOREIGN_STEPS, Trust, scale_of

COVERAGE = 0.9
_SIZE = Shape(trees=40, leaves=12, rate=0.1, smallest_leaf=20)
_PARTS = 4
_ROWS = 2500
"""Rows that sizes are learned from, at most: they are a few leaves each."""
_STRANGERS = 0.15
"""What an error of a held-out family counts at home, where one of a held-out kernel counts 1."""
_FEWEST_ROWS, _FEWEST_GROUPS = 30, 4
"""What a step of foreignness needs to have a width of its own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Absolute errors of rows that were held out by group (NaN: no label, or not held out), and how foreign each was."""

    errors: Floats
    scores: Floats
    groups: tuple[str, ...]


def calibrate(
    matrix: Floats, near: Evidence, far: Evidence, floor: float, seed: int
) -> tuple[Booster, tuple[float, ...]]:
    """What learns the size of errors (plus a floor, so that exact predictions are not all there is), and widths by step.

    `near` was held out by kernel, `far` by family; both have a row for each of the matrix.
    """
    count = len(matrix)
    both = _Rows(np.concatenate([matrix, matrix]), np.concatenate([near.errors, far.errors]), floor, seed)
    ratios = np.full(2 * count, np.nan)
    for first, evidence in ((0, near), (count, far)):
        parts = _parts(evidence.groups, seed)
        for part in range(_PARTS):
            inside = np.flatnonzero(parts == part) + first
            if len(inside) and len(inside) < count:
                sizes = scale_of(both.learned(np.tile(parts != part, 2)).predict(both.matrix[inside]))
                ratios[inside] = both.errors[inside] / sizes
    weights = np.repeat([1.0, _STRANGERS], count)
    steps = Trust.step(np.concatenate([near.scores, far.scores]))
    widths = _widths(ratios, weights, steps, np.array([*near.groups, *far.groups]))
    return both.learned(np.ones(2 * count, dtype=np.bool_)), widths


@dataclass(frozen=True, slots=True)
class _Rows:
    matrix: Floats
    errors: Floats
    floor: float
    seed: int

    def learned(self, used: NDArray[np.bool_]) -> Booster:
        """The logarithm of the size of errors, from some rows."""
        found = np.flatnonzero(used & np.isfinite(self.errors))
        if len(found) > _ROWS:
            found = np.sort(np.random.default_rng(self.seed).permutation(found)[:_ROWS])
        labels = np.log(self.errors[found] + self.floor)
        return boost(self.matrix[found], labels, Objective.SQUARED, _SIZE, self.seed)


def _parts(groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Groups dealt to parts."""
    names, places = np.unique(np.array(groups), return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(names)) % _PARTS)[places].astype(np.int64)


def _widths(ratios: Floats, weights: Floats, steps: NDArray[np.int64], names: NDArray[np.str_]) -> tuple[float, ...]:
    known = np.isfinite(ratios)
    if not known.any():
        return (1.0,) * (len(FOREIGN_STEPS) + 1)
    abroad = known & (steps > 0)
    found = [_quantile(ratios, weights, known & (steps == 0))]
    for step in range(1, len(FOREIGN_STEPS) + 1):
        pool = known & (steps >= step)
        if pool.sum() < _FEWEST_ROWS or len(set(names[pool])) < _FEWEST_GROUPS:
            pool = abroad
        found.append(max(found[-1], _quantile(ratios, np.ones(len(ratios)), pool)))
    return tuple(found)


def _quantile(ratios: Floats, weights: Floats, pool: NDArray[np.bool_]) -> float:
    """The ratio that nine in ten (by weight) stay below, one more than there are being above; 0 of nothing."""
    if not pool.any():
        return 0.0
    order = np.argsort(ratios[pool], kind="stable")
    share = np.cumsum(weights[pool][order]) / (weights[pool].sum() * (1 + 1 / pool.sum()))
    return float(ratios[pool][order][min(int(np.searchsorted(share, COVERAGE)), len(order) - 1)])

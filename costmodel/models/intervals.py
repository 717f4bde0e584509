"""How far a prediction may be off: half widths of intervals that hold nine in ten, from errors on what was held out.

    found = calibrate(matrix, [near, far], edges, 0.02, seed)      half width of a row: the larger of its band's and its step's, x its size

The size of an error is learned from columns (locally weighted conformal prediction: Lei et al. 2018, 5.2). Errors of one kernel's
schedules on one matrix are alike, and so are those of a family: what may be exchanged with what comes next are such groups, not rows.
So the sizes that errors are held against are learned from other groups (cross-conformal: Vovk 2015): a size that was fitted to the very
errors that it is held against makes all of them look small. Each band of distances to the nearest kernel that was learned from has
a width of its own (Mondrian: Vovk et al. 2005, 4.5), of rows held out by kernel and some held out by family (`_STRANGERS`): what is near
holds mostly the one, what is far mostly the other. The more foreign besides, the wider; bands and steps that too few groups reached
are as wide as all, or all abroad, together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.expert import FOREIGN_STEPS, Trust, scale_of
from costmodel.models.neighbours import BANDS, band_of

COVERAGE = 0.9
_SIZE = Shape(trees=40, leaves=12, rate=0.1, smallest_leaf=20)
_PARTS = 4
_ROWS = 2500
"""Rows that sizes are learned from, at most: they are a few leaves each."""
_STRANGERS = 0.15
"""What an error of a held-out family counts, where one of a held-out kernel counts 1."""
_FEWEST_ROWS, _FEWEST_GROUPS = 30, 4
"""What a band or a step needs to have a width of its own."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Absolute errors of rows that were held out by group (NaN: no label, or not held out), how foreign each was, and how far."""

    errors: Floats
    scores: Floats
    distances: Floats
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Widths:
    """What learned the size of errors, and half widths in such sizes by band of distances and by step of foreignness."""

    size: Booster
    bands: tuple[float, ...]
    steps: tuple[float, ...]


def calibrate(matrix: Floats, near: Evidence, far: Evidence, edges: Sequence[float], floor: float, seed: int) -> Widths:
    """Intervals for rows like these; sizes get a floor, so that exact predictions are not all there is.

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
    found = _Ratios(ratios, np.repeat([1.0, _STRANGERS], count), np.array([*near.groups, *far.groups]))
    bands = found.by_band(band_of(np.concatenate([near.distances, far.distances]), edges))
    steps = found.by_step(Trust.step(np.concatenate([near.scores, far.scores])))
    return Widths(both.learned(np.ones(2 * count, dtype=np.bool_)), bands, steps)


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


@dataclass(frozen=True, slots=True)
class _Ratios:
    """Errors over their expected sizes (NaN: none), what each counts, and its group."""

    ratios: Floats
    weights: Floats
    names: NDArray[np.str_]

    def by_band(self, bands: NDArray[np.int64]) -> tuple[float, ...]:
        """A width for each band of distances, none less than the one before."""
        known = np.isfinite(self.ratios)
        if not known.any():
            return (1.0,) * BANDS
        pools = (known & (bands == band) for band in range(BANDS))
        return _rising([self._quantile(pool if self._enough(pool) else known, self.weights) for pool in pools])

    def by_step(self, steps: NDArray[np.int64]) -> tuple[float, ...]:
        """The least width at each step of foreignness: 0 at home, abroad what holds all that are so foreign, and more."""
        abroad, found = np.isfinite(self.ratios) & (steps > 0), [0.0]
        for step in range(1, len(FOREIGN_STEPS) + 1):
            pool = abroad & (steps >= step)
            found.append(self._quantile(pool if self._enough(pool) else abroad, np.ones(len(self.ratios))))
        return _rising(found)

    def _enough(self, pool: NDArray[np.bool_]) -> bool:
        return pool.sum() >= _FEWEST_ROWS and len(set(self.names[pool])) >= _FEWEST_GROUPS

    def _quantile(self, pool: NDArray[np.bool_], weights: Floats) -> float:
        """The ratio that nine in ten (by weight) stay below, one more than there are being above; 0 of nothing."""
        if not pool.any():
            return 0.0
        order = np.argsort(self.ratios[pool], kind="stable")
        share = np.cumsum(weights[pool][order]) / (weights[pool].sum() * (1 + 1 / pool.sum()))
        return float(self.ratios[pool][order][min(int(np.searchsorted(share, COVERAGE)), len(order) - 1)])


def _rising(widths: Sequence[float]) -> tuple[float, ...]:
    return tuple(np.maximum.accumulate(np.array(widths)).tolist())

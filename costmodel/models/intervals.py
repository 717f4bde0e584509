"""How far a prediction may be off: half widths of intervals that hold nine in ten, from errors on what was held out.

    found = calibrate(matrix, near, far, edges, 0.02, seed)      half width of a row: width of its band x size of its error, and more abroad

The size of an error is learned from columns (locally weighted conformal prediction: Lei et al. 2018, 5.2). Errors of one kernel's
schedules on one matrix are alike, and so are those of a family: what may be exchanged with what comes next are such groups, not rows.
So the sizes that errors are held against are learned from other groups (cross-conformal: Vovk 2015): a size that was fitted to the very
errors that it is held against makes all of them look small.

Each band of distances to the nearest kernel that was learned from has a width of its own (Mondrian: Vovk et al. 2005, 4.5), by errors on
held-out kernels; of bands of which the nearer would be wider one is made. In the farthest, where most of what is held out by family
lies, sizes of errors are hardly known: there no interval is narrower than it must be to hold nine in ten of both together. What is foreign
besides (`FIRST_ABROAD`) is no narrower than all that was so foreign. What too few groups reached is as wide as all together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.expert import FOREIGN_STEPS, Trust, scale_of
from costmodel.models.neighbours import band_of

COVERAGE = 0.9
_SIZE = Shape(trees=40, leaves=12, rate=0.1, smallest_leaf=20)
_PARTS = 4
_ROWS = 2500
"""Rows that sizes are learned from, at most: they are a few leaves each."""
FIRST_ABROAD = 2
"""The first step of foreignness with a width of its own: a twentieth of new kernels is in the one before, by what 1 means."""
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
    """What learned the size of errors, half widths in such sizes by band of distances (but the farthest) and by step of foreignness.

    `least` is the least half width in the farthest band, which no size makes less.
    """

    size: Booster
    bands: tuple[float, ...]
    least: float
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
    found = _Ratios(both.errors, ratios, np.repeat([False, True], count), np.array([*near.groups, *far.groups]))
    places = band_of(np.concatenate([near.distances, far.distances]), edges)
    bands = found.by_band(places, len(edges))
    least = found.least(places == len(edges), bands[-1]) if edges else 0.0
    steps = found.by_step(Trust.step(np.concatenate([near.scores, far.scores])))
    return Widths(both.learned(np.ones(2 * count, dtype=np.bool_)), bands, least, steps)


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
    """Errors, errors over their expected sizes (NaN: none), which were held out by family, and the group of each."""

    errors: Floats
    ratios: Floats
    strangers: NDArray[np.bool_]
    names: NDArray[np.str_]

    def by_band(self, bands: NDArray[np.int64], farthest: int) -> tuple[float, ...]:
        """A width for each band but the farthest, none less than the one before; one of all where there are no bands."""
        known = np.isfinite(self.ratios)
        if not known.any():
            return (1.0,) * max(1, farthest)
        if not farthest:
            return (_covering(self.ratios[known]),)
        familiar = known & ~self.strangers
        pools = [familiar & (bands == band) for band in range(farthest)]
        whole = familiar if familiar.any() else known
        return _rising([pool if self._enough(pool) else whole for pool in pools], self.ratios)

    def least(self, farthest: NDArray[np.bool_], width: float) -> float:
        """The least half width that holds nine in ten of the farthest band, where others are `width` sizes of error."""
        known = np.isfinite(self.ratios)
        pool = known & farthest
        pool = pool if self._enough(pool) else known
        return _covering(np.where(self.ratios[pool] > width, self.errors[pool], 0.0))

    def by_step(self, steps: NDArray[np.int64]) -> tuple[float, ...]:
        """The least width at each step of foreignness: 0 before `FIRST_ABROAD`, then what holds all that are so foreign, and more."""
        known, found = np.isfinite(self.ratios), [0.0] * FIRST_ABROAD
        for step in range(FIRST_ABROAD, len(FOREIGN_STEPS) + 1):
            pool = known & (steps >= step)
            found.append(max(found[-1], _covering(self.ratios[pool if self._enough(pool) else known & (steps > 0)])))
        return tuple(found)

    def _enough(self, pool: NDArray[np.bool_]) -> bool:
        return pool.sum() >= _FEWEST_ROWS and len(set(self.names[pool])) >= _FEWEST_GROUPS


def _covering(values: Floats) -> float:
    """What nine in ten stay below, one more than there are being above; 0 of nothing."""
    if not len(values):
        return 0.0
    shares = np.arange(1, len(values) + 1) / (len(values) + 1)
    return float(np.sort(values)[min(int(np.searchsorted(shares, COVERAGE)), len(values) - 1)])


def _rising(pools: Sequence[NDArray[np.bool_]], ratios: Floats) -> tuple[float, ...]:
    """The width of each pool, none less than the one before: pools of which the first would be wider are one (isotonic regression)."""
    merged: list[tuple[float, NDArray[np.bool_], int]] = []
    for pool in pools:
        found, count = pool, 1
        while merged and merged[-1][0] > _covering(ratios[found]):
            _, before, more = merged.pop()
            found, count = before | found, count + more
        merged.append((_covering(ratios[found]), found, count))
    return tuple(each for each, _, count in merged for _ in range(count))

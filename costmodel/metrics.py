"""How good a prediction is: of numbers, of choices, of intervals.

Regret of a choice: the chosen variant's cost over the best one's, minus 1; summed up by the geometric mean of the ratios over choices,
because one bad kernel must not hide a hundred good ones, and by the 90th percentile, because it must not be hidden either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.features.streams import Floats, Integers

_APART = 0.05


@dataclass(frozen=True, slots=True)
class Choices:
    """Rows by choice: rows of one group are alternatives. Groups of one are no choice and left out."""

    groups: tuple[Integers, ...]

    @staticmethod
    def of(keys: Sequence[Hashable]) -> Choices:
        """Rows with equal keys, in order of first appearance."""
        found: dict[Hashable, list[int]] = defaultdict(list)
        for row, key in enumerate(keys):
            found[key].append(row)
        return Choices(tuple(np.array(rows, dtype=np.int64) for rows in found.values() if len(rows) > 1))


@dataclass(frozen=True, slots=True)
class ChoiceQuality:
    """Regrets as fractions (0.07 is 7 %), by choice, and how often pairs are told apart."""

    ratios: Floats
    top: int
    pairs: float
    tau: float

    @property
    def mean(self) -> float:
        """Geometric mean of the regret."""
        return float(np.exp(np.log(self.ratios).mean()) - 1) if len(self.ratios) else float("nan")

    def percentile(self, share: float) -> float:
        """The regret that this share of choices stays below."""
        return float(np.quantile(self.ratios, share) - 1) if len(self.ratios) else float("nan")


def choice_quality(costs: Floats, truth: Floats, choices: Choices, top: int = 1) -> ChoiceQuality:
    """What choosing the lowest cost loses against the best; with `top` > 1, the best of so many lowest after measuring them."""
    ratios: list[float] = []
    taus: list[float] = []
    right, total = 0.0, 0
    for rows in choices.groups:
        picked = rows[np.argsort(costs[rows], kind="stable")[:top]]
        ratios.append(float(truth[picked].min() / truth[rows].min()))
        good, apart = _pairs(costs[rows], truth[rows])
        right, total = right + good, total + apart
        if apart:
            taus.append(2 * good / apart - 1)
    pairs = right / total if total else float("nan")
    return ChoiceQuality(np.array(ratios), top, pairs, float(np.mean(taus)) if taus else float("nan"))


def _pairs(costs: Floats, truth: Floats) -> tuple[float, int]:
    """Pairs more than 5 % apart: how many stand in the right order (ties count half), of how many."""
    above, below = np.triu_indices(len(truth), 1)
    difference = np.log(truth[above]) - np.log(truth[below])
    apart = np.abs(difference) > _APART
    said = np.sign(costs[above] - costs[below])[apart] * np.sign(difference[apart])
    return float((said > 0).sum() + 0.5 * (said == 0).sum()), int(apart.sum())


def median_error(predicted: Floats, truth: Floats) -> float:
    """Median of |predicted / truth - 1| (symmetric: of the absolute logarithm, as a fraction)."""
    return float(np.expm1(np.median(np.abs(np.log(predicted) - np.log(truth)))))


def mape(predicted: Floats, truth: Floats) -> float:
    """Mean absolute error over the truth, of rows whose truth is not 0."""
    some = truth != 0
    return float(np.mean(np.abs(predicted[some] - truth[some]) / np.abs(truth[some])))


def rmse_of_range(predicted: Floats, truth: Floats) -> float:
    """Root mean square error over the range of the truth."""
    spread = float(truth.max() - truth.min())
    return float(np.sqrt(np.mean((predicted - truth) ** 2))) / spread if spread else 0.0


def within_one(predicted: Floats, truth: Floats) -> float:
    """Share of rows whose rounded prediction is off by at most one."""
    return float(np.mean(np.abs(np.rint(predicted) - truth) <= 1))


def f1(predicted: Floats, truth: Floats) -> float:
    """F1 of "there are some"."""
    said, true = predicted > 0, truth > 0
    both = float((said & true).sum())
    return 2 * both / max(float(said.sum() + true.sum()), 1.0)


def spearman(predicted: Floats, truth: Floats) -> float:
    """Rank correlation."""
    if len(truth) < 3:
        return float("nan")
    first, second = (np.argsort(np.argsort(each)).astype(np.float64) for each in (predicted, truth))
    return float(np.corrcoef(first, second)[0, 1])


def coverage(low: Floats, high: Floats, truth: Floats) -> float:
    """Share of rows whose interval holds the truth."""
    return float(np.mean((low <= truth) & (truth <= high)))

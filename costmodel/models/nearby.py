"""From few labels of another target: a head's value corrected by what it was off at texts nearby.

    moved, errors = learn(matrix, value, truth)      errors: of each text, as the other ones correct it
    moved.moved(matrix, value)

Kernel ridge regression (a Gaussian process' mean: Rasmussen and Williams 2006, 2.2) of truth - value on the logarithms of columns and on
the value itself: of a few dozen labels smooth corrections make more than trees, which need a dozen texts for every step they take.
Reach, noise and what the value counts are those with the smallest errors on texts that are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats
from costmodel.models.foreign import single

_REACHES = (0.1, 0.3, 1.0, 3.0, 10.0)
_NOISES = (0.01, 0.03, 0.1, 0.3, 1.0)
_OWN = (0.5, 1.0, 2.0, 4.0)
"""What the value may count beside all columns together."""
_FARTHEST = 6.0
_CONSTANT = float(np.float32(1e30))


@dataclass(frozen=True, slots=True)
class Nearby:
    """The correction as one table, of numbers that single precision holds.

    Rows: centres of the columns and of the value, then what is added everywhere; their deviations, then the squared reach; what they
    count, then nothing; of each text that had a label its place, then its weight.
    """

    table: Floats

    def moved(self, matrix: Floats, value: Floats) -> Floats:
        """The other target's value."""
        places = _places(_columns(matrix, value), *self.table[:3, :-1])
        near = np.exp(-_squares(places, self.table[3:, :-1]) / self.table[1, -1])
        return value + self.table[0, -1] + near @ self.table[3:, -1]


@dataclass(frozen=True, slots=True)
class _Fit:
    loss: float
    weights: Floats
    errors: Floats
    reach: float
    counts: Floats
    points: Floats


def learn(
    matrix: Floats,
    value: Floats,
    truth: Floats,
    used: NDArray[np.bool_] | None = None,
    weights: Floats | None = None,
) -> tuple[Nearby, Floats]:
    """The correction of some rows, by some of the columns, and what each is off when the others correct it.

    Columns count by their `weights` in the squared distance, the same each where nothing is said.
    """
    columns = _columns(matrix, value)
    varied = columns.std(axis=0) > 1e-9
    if used is not None:
        varied &= np.append(used, True)
    centre = single(columns.mean(axis=0))
    spread = single(np.where(varied, columns.std(axis=0), _CONSTANT))
    rest = truth - value
    added = float(np.float32(np.median(rest)))
    shares = _shares(varied[:-1], weights)
    fits = [fit for own in _OWN for fit in _fits(columns, centre, spread, np.append(shares, own), rest - added)]
    best = min(fits, key=lambda fit: fit.loss)
    above = [np.append(centre, added), np.append(spread, best.reach), np.append(best.counts, 0.0)]
    return Nearby(single(np.vstack([*above, np.column_stack([best.points, best.weights])]))), best.errors


def _shares(varied: NDArray[np.bool_], weights: Floats | None) -> Floats:
    """What each column counts; the squares of those that vary add up to 1."""
    squares = np.where(varied, 1.0 if weights is None or not weights[varied].any() else weights, 0.0)
    return np.sqrt(squares / max(float(squares.sum()), 1e-9))


def _fits(columns: Floats, centre: Floats, spread: Floats, shares: Floats, rest: Floats) -> list[_Fit]:
    counts = single(shares)
    points = single(_places(columns, centre, spread, counts))
    squares = _squares(points, points)
    apart = squares[squares > 1e-9]
    typical = float(np.median(apart)) if len(apart) else 1.0
    return [
        _left_out(squares, rest, float(np.float32(typical * reach)), noise, counts, points)
        for reach in _REACHES
        for noise in _NOISES
    ]


def _left_out(squares: Floats, rest: Floats, reach: float, noise: float, counts: Floats, points: Floats) -> _Fit:
    """With errors of texts left out, in closed form."""
    inverse = np.linalg.inv(np.exp(-squares / reach) + noise * np.eye(len(rest)))
    weights = inverse @ rest
    errors = weights / np.diag(inverse)
    return _Fit(float(np.abs(errors).mean()), weights, errors, reach, counts, points)


def _columns(matrix: Floats, value: Floats) -> Floats:
    plain = np.nan_to_num(matrix, nan=0.0)
    return np.column_stack([np.sign(plain) * np.log1p(np.abs(plain)), value])


def _places(columns: Floats, centre: Floats, spread: Floats, counts: Floats) -> Floats:
    """Columns in deviations, within so many of what was seen; those that never varied say nothing."""
    varied = spread < _CONSTANT
    deviations = np.clip((columns - centre) / np.where(varied, spread, 1.0), -_FARTHEST, _FARTHEST)
    return np.where(varied, deviations * counts, 0.0)


def _squares(places: Floats, points: Floats) -> Floats:
    inner = places @ points.T
    return np.maximum((places**2).sum(axis=1)[:, None] - 2 * inner + (points**2).sum(axis=1)[None, :], 0.0)

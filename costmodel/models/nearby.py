"""From few labels of another target: a head's value corrected by what it was off at texts nearby.

    moved, errors = learn(matrix, value, truth)      errors: of each text, as the other ones correct it
    moved.moved(matrix, value)
    covariance, noise = expected(matrix, value)      of texts without labels: what to choose by

A Gaussian process' mean (Rasmussen and Williams 2006, 2.2) of truth - value: of a few dozen labels smooth corrections make more than
trees, which need a dozen texts for every step they take. It is a sum of three: a line through the value and the cycles on imagined
machines, a line through shares of work (both of `costmodel/features/work.py`, where the matrix ends with them), and what depends on the
distance in these and in the logarithms of all other columns. What experts for other targets say counts as one imagined machine each.
How much of each, how far it reaches and how much is noise is what makes the labels most likely (5.4.1), with a mild opinion before that
cycles of straight-line code on several cores gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats
from costmodel.features.work import MACHINE_COLUMNS
from costmodel.models.beside import Beside
from costmodel.models.foreign import single

_ROOT, _SHARE, _SIZE = 1.0, 0.3, 0.5
"""What the root of a share of work counts in distances, the share, and the logarithm of all cycles; what sets machines apart counts 1."""
_FARTHEST = 6.0
_CONSTANT = float(np.float32(1e30))
_JITTER = 1e-6


@dataclass(frozen=True, slots=True)
class Nearby:
    """The correction as one table, of numbers that single precision holds.

    Rows: centres of the columns and of the value, then what is added everywhere; their deviations, then twice the squared reach; what
    they count, then whether the value is taken relative to the last column; coefficients of the lines, then how many of the last columns
    are taken as they are; of each text that had a label its place, then its weight.
    """

    table: Floats
    beside: tuple[Beside, ...] = ()

    def moved(self, matrix: Floats, value: Floats) -> Floats:
        """The other target's value."""
        layout = _Layout(int(self.table[3, -1]), bool(self.table[2, -1]), len(self.beside))
        places = _places(_columns(_with_beside(matrix, self.beside), value, layout), *self.table[:3, :-1])
        near = np.exp(-_squares(places, self.table[4:, :-1]) / self.table[1, -1])
        return value + self.table[0, -1] + places @ self.table[3, :-1] + near @ self.table[4:, -1]


@dataclass(frozen=True, slots=True)
class _Belief:
    """The logarithm of a number that is not known: its median, its deviation, in steps that are tried."""

    median: float
    deviation: float

    def at(self, steps: int) -> float:
        return self.median * float(np.exp(steps * _STEP))

    def doubt(self, steps: int) -> float:
        return 0.5 * (steps * _STEP / self.deviation) ** 2


_STEP, _MOST_STEPS = 0.7, 8
Beliefs: TypeAlias = tuple[_Belief, _Belief, _Belief, _Belief, _Belief]
_BELIEFS: Beliefs = (_Belief(0.5, 1.5), _Belief(33.0, 1.0), _Belief(2.0, 1.0), _Belief(1.0, 1.0), _Belief(0.1, 1.5))
"""Of the line through machines, of the one through shares and of what is nearby how much they vary, against how much the corrections
do; of the reach; and of the noise."""


def learn(
    matrix: Floats,
    value: Floats,
    truth: Floats,
    used: NDArray[np.bool_] | None = None,
    weights: Floats | None = None,
    plain: int = 0,
    relative: bool = False,
    beside: tuple[Beside, ...] = (),
) -> tuple[Nearby, Floats]:
    """The correction of some rows, by some of the columns, and what each is off when the others correct it.

    Columns count by their `weights` in the squared distance, the same each where nothing is said; the last `plain` are those of work, to
    whose last one the value, and what is said `beside` it, is `relative` where all are logarithms of cycles (only then is anything).
    """
    layout = _Layout(plain + len(beside), relative, len(beside))
    columns = _columns(_with_beside(matrix, beside), value, layout)
    centre = single(columns.mean(axis=0))
    spread, counts = _scales(columns, layout, used, weights)
    points = single(_places(columns, centre, spread, counts))
    rest = truth - value
    added = float(np.float32(np.median(rest)))
    found = _Process.likeliest(points, layout, rest - added)
    weighed = found.weights
    coefficients = single(found.slopes(weighed))
    above = [
        np.append(centre, added),
        np.append(spread, found.reach),
        np.append(counts, float(layout.relative)),
        np.append(coefficients, float(layout.plain)),
    ]
    table = single(np.vstack([*above, np.column_stack([points, found.nearby * weighed])]))
    return Nearby(table, beside), weighed / np.diag(found.inverse)


def expected(
    matrix: Floats,
    value: Floats,
    used: NDArray[np.bool_] | None = None,
    weights: Floats | None = None,
    plain: int = 0,
    relative: bool = False,
    beside: tuple[Beside, ...] = (),
) -> tuple[Floats, float]:
    """How the corrections of some rows are thought to vary together before any is known, (n, n), and how much is noise."""
    layout = _Layout(plain + len(beside), relative, len(beside))
    columns = _columns(_with_beside(matrix, beside), value, layout)
    points = _places(columns, columns.mean(axis=0), *_scales(columns, layout, used, weights))
    parts = _Parts.of(points, layout, np.ones(len(points)))
    median = [0] * len(_BELIEFS)
    return parts.alike(median), parts.numbers(median)[-1]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns are what: logarithms, roots of shares, shares, cycles on machines with what is said beside, the value.

    The last `plain` of a matrix are shares and cycles; to their last one the value may be relative.
    """

    plain: int
    relative: bool
    beside: int

    @property
    def machines(self) -> int:
        """Columns of cycles."""
        return MACHINE_COLUMNS + self.beside

    @property
    def shares(self) -> int:
        """Columns of shares; as many of their roots."""
        return max(self.plain - self.machines, 0)

    def logs(self, columns: Floats) -> int:
        """How many of the columns are logarithms of the matrix."""
        return columns.shape[1] - 1 - self.plain - self.shares

    def lines(self, points: Floats) -> tuple[slice, slice]:
        """Shares, then cycles and the value."""
        first = self.logs(points) + self.shares
        middle = max(first, points.shape[1] - 1 - self.machines)
        return slice(first, middle), slice(middle, points.shape[1])


def _scales(
    columns: Floats, layout: _Layout, used: NDArray[np.bool_] | None, weights: Floats | None
) -> tuple[Floats, Floats]:
    """What columns are divided by, and what they count then."""
    spread = columns.std(axis=0)
    logs = layout.logs(columns)
    varied = spread[:logs] > 1e-9
    if used is not None:
        varied &= used[:logs]
    squares = np.where(varied, 1.0 if weights is None or not weights[:logs][varied].any() else weights[:logs], 0.0)
    counts = np.ones(len(spread))
    counts[:logs] = np.sqrt(squares / max(float(squares.sum()), 1e-9))
    if layout.plain:
        shares = layout.shares
        counts[logs : logs + shares], counts[logs + shares : logs + 2 * shares], counts[-2] = _ROOT, _SHARE, _SIZE
        spread[logs:-1] = 1.0
    spread[:logs] = np.where(varied, spread[:logs], _CONSTANT)
    spread[-1] = 1.0 if layout.relative else spread[-1] if spread[-1] > 1e-9 else _CONSTANT
    return single(spread), single(counts)


@dataclass(frozen=True)
class _Process:
    """A Gaussian process at its points, with how much of each part."""

    points: Floats
    layout: _Layout
    rest: Floats
    unit: float
    shares: float
    machines: float
    nearby: float
    reach: float
    inverse: Floats

    @property
    def weights(self) -> Floats:
        """Of each text."""
        return self.inverse @ self.rest

    def slopes(self, weights: Floats) -> Floats:
        """Coefficients of the two lines."""
        lines = np.zeros(self.points.shape[1])
        shares, machines = self.layout.lines(self.points)
        lines[shares] = self.shares * (self.points[:, shares].T @ weights)
        lines[machines] = self.machines * (self.points[:, machines].T @ weights)
        return lines

    @staticmethod
    def likeliest(points: Floats, layout: _Layout, rest: Floats) -> _Process:
        """Each number in turn moved a step or two for as long as the labels become more likely."""
        parts = _Parts.of(points, layout, rest)
        steps = [0] * len(_BELIEFS)
        best = parts.unlikely(steps)
        changed = True
        while changed:
            changed = False
            for at in range(len(steps)):
                for change in (-2, -1, 1, 2):
                    tried = [*steps]
                    tried[at] += change
                    if abs(tried[at]) <= _MOST_STEPS and (loss := parts.unlikely(tried)) < best - 1e-6:
                        best, steps, changed = loss, tried, True
        machines, shares, nearby, reach, _ = parts.numbers(steps)
        inverse: Floats = np.asarray(np.linalg.inv(parts.covariance(steps)), dtype=np.float64)
        reach = float(np.float32(2 * reach))
        unit = parts.unit
        return _Process(points, layout, rest, unit, shares * unit, machines * unit, nearby * unit, reach, inverse)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What covariances are sums of."""

    machines: Floats
    shares: Floats
    squares: Floats
    rest: Floats
    unit: float

    @staticmethod
    def of(points: Floats, layout: _Layout, rest: Floats) -> _Parts:
        shares, machines = (points[:, lines] for lines in layout.lines(points))
        unit = max(float(np.mean(rest**2)), 1e-12)
        return _Parts(machines @ machines.T, shares @ shares.T, _squares(points, points), rest, unit)

    def numbers(self, steps: Sequence[int]) -> list[float]:
        return [belief.at(each) for belief, each in zip(_BELIEFS, steps, strict=True)]

    def alike(self, steps: Sequence[int]) -> Floats:
        """Covariances without noise, in units."""
        machines, shares, nearby, reach, _ = self.numbers(steps)
        reach = float(np.float32(2 * reach))
        return machines * self.machines + shares * self.shares + nearby * np.exp(-self.squares / reach)

    def covariance(self, steps: Sequence[int]) -> Floats:
        noise = self.numbers(steps)[-1]
        return self.unit * (self.alike(steps) + (noise + _JITTER) * np.eye(len(self.rest)))

    def unlikely(self, steps: Sequence[int]) -> float:
        """Minus the logarithm of how likely the labels and the numbers are, but for a constant."""
        root = np.linalg.cholesky(self.covariance(steps))
        white = np.linalg.solve(root, self.rest)
        doubt = sum(belief.doubt(each) for belief, each in zip(_BELIEFS, steps, strict=True))
        return float(0.5 * white @ white + np.log(np.diag(root)).sum() + doubt)


def _with_beside(matrix: Floats, beside: Sequence[Beside]) -> Floats:
    """The columns with what is said beside the value, relative to the last one and before it."""
    if not beside:
        return matrix
    said = np.column_stack([each.value(matrix) for each in beside])
    return np.column_stack([matrix[:, :-1], said - matrix[:, -1:], matrix[:, -1:]])


def _columns(matrix: Floats, value: Floats, layout: _Layout) -> Floats:
    whole = np.nan_to_num(matrix, nan=0.0)
    logs, work = whole[:, : whole.shape[1] - layout.plain], whole[:, whole.shape[1] - layout.plain :]
    roots = np.sqrt(work[:, : layout.shares])
    own = value - whole[:, -1] if layout.relative else value
    return np.column_stack([np.sign(logs) * np.log1p(np.abs(logs)), roots, work, own])


def _places(columns: Floats, centre: Floats, spread: Floats, counts: Floats) -> Floats:
    """Columns in deviations, within so many of what was seen; those that never varied say nothing."""
    varied = spread < _CONSTANT
    deviations = np.clip((columns - centre) / np.where(varied, spread, 1.0), -_FARTHEST, _FARTHEST)
    return np.where(varied, deviations * counts, 0.0)


def _squares(places: Floats, points: Floats) -> Floats:
    inner = places @ points.T
    return np.maximum((places**2).sum(axis=1)[:, None] - 2 * inner + (points**2).sum(axis=1)[None, :], 0.0)

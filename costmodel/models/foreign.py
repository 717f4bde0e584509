"""How far a text is from all that a model was fitted to: 0 at home, 1 at the edge of what was seen, more beyond.

Distance to the nearest reference text in a few principal directions of the standardised columns, over the distance that 95 % of held-out
kernels stay within. Columns that never varied get a scale of their own size, so that a feature never seen before counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats

_DIRECTIONS = 16
_REFERENCES = 192
_FARTHEST = 12.0
_ROWS = 64
"""Rows taken at once: with more the products are large enough for a matrix library to call in threads, which cost most where others run."""


@dataclass(frozen=True)
class Foreign:
    """The measure of distance: centre and scale of columns, directions, reference points, and the distance that counts as 1."""

    centre: Floats
    scale: Floats
    directions: Floats
    references: Floats
    edge: float

    @cached_property
    def _squares(self) -> Floats:
        return (self.references**2).sum(axis=1)[None, :]

    def distance(self, matrix: Floats) -> Floats:
        """Distance of each row to its nearest reference."""
        parts = [self._distance(matrix[at : at + _ROWS]) for at in range(0, len(matrix), _ROWS)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _distance(self, matrix: Floats) -> Floats:
        places = self._places(matrix)
        squares = 2 * places @ self.references.T
        np.subtract((places**2).sum(axis=1)[:, None], squares, out=squares)
        squares += self._squares
        return np.sqrt(np.maximum(squares.min(axis=1), 0.0))

    def score(self, matrix: Floats) -> Floats:
        """Distance over the edge."""
        return self.distance(matrix) / self.edge

    def beyond(self, matrix: Floats) -> NDArray[np.bool_]:
        """Which numbers lie a factor of two and three deviations from what was seen (columns are binary logarithms)."""
        # What never varied has a scale of its own size.
        varied = ~np.isclose(self.scale, np.maximum(np.abs(self.centre), 1.0))
        return np.abs(matrix[:, : len(self.centre)] - self.centre) > 1.0 + 3.0 * np.where(varied, self.scale, 0.0)

    def _places(self, matrix: Floats) -> Floats:
        known = matrix[:, : len(self.centre)]  # columns of a correction for another target stand behind them
        missing = np.isnan(known)
        centred = (np.where(missing, 0.0, known) if missing.any() else known) - self.centre
        centred /= self.scale
        np.maximum(centred, -_FARTHEST, out=centred)
        return np.minimum(centred, _FARTHEST, out=centred) @ self.directions


def learn_foreign(matrix: Floats, seed: int) -> Foreign:
    """The measure for rows like these; its edge is their own 95th percentile until `with_edge`."""
    plain: Floats = np.nan_to_num(matrix, nan=0.0)
    centre: Floats = np.asarray(plain.mean(axis=0), dtype=np.float64)
    spread: Floats = np.asarray(plain.std(axis=0), dtype=np.float64)
    scale: Floats = np.where(spread > 1e-9, spread, np.maximum(np.abs(centre), 1.0))
    rows: Floats = np.clip((plain - centre) / scale, -_FARTHEST, _FARTHEST)
    count = max(1, min(_DIRECTIONS, *rows.shape))
    import sklearn.decomposition  # takes longer to load than most predictions altogether

    analysis = cast(Any, sklearn.decomposition).PCA(count, svd_solver="full").fit(rows)
    directions = np.round(np.asarray(analysis.components_, dtype=np.float64).T, 7)
    places: Floats = rows @ directions
    references = np.round(_references(places, seed), 6)
    draft = Foreign(single(centre), single(scale), single(directions), single(references), 1.0)
    return with_edge(draft, draft.distance(matrix))


def single(array: Floats) -> Floats:
    """Numbers that a file of single precision holds exactly."""
    return array.astype(np.float32).astype(np.float64)


def with_edge(foreign: Foreign, distances: Floats) -> Foreign:
    """The same measure, with the edge where 95 % of these distances end."""
    edge = float(np.round(max(np.quantile(distances, 0.95), 1e-6), 9))
    return Foreign(foreign.centre, foreign.scale, foreign.directions, foreign.references, edge)


def _references(places: Floats, seed: int) -> Floats:
    """Points such that every other is near one: greedily the farthest from those chosen (Gonzalez 1985)."""
    distinct = np.unique(np.round(places, 6), axis=0)
    if len(distinct) <= _REFERENCES:
        return distinct
    chosen = np.random.default_rng(seed).permutation(len(distinct))[: 16 * _REFERENCES]
    pool = distinct[np.sort(chosen)]
    picked = [0]
    nearest = ((pool - pool[0]) ** 2).sum(axis=1)
    for _ in range(_REFERENCES - 1):
        picked.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((pool - pool[picked[-1]]) ** 2).sum(axis=1))
    return pool[sorted(picked)]

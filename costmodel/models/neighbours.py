"""How near a text's kernel is to the kernels that were learned from, by what all alternatives of a kernel share.

    found = learn_neighbours(matrix, names, kernels, families, seed)
    found.measure.distance(matrix)      of texts never seen: to the nearest kernel learned from

Errors on a family never seen are larger than on a new kernel of a known one, but the foreign score hardly tells the two apart: it sees
schedules and machines as well, and those are familiar in both. What a kernel's alternatives share, its numbers without the machine's, does. A
row that was held out by kernel is as far as from the nearest other kernel, one held out by family as from the nearest of another family:
so far off texts of each sort will be that are yet to come. Words are left out, as a category is no distance. Of texts whose kernels
share nothing there is no measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats
from costmodel.models.foreign import Foreign, single
from costmodel.shipping import MACHINE

_BANDS = 4
"""Bands of distances, equally full of rows that were held out by kernel and by family."""
_DIRECTIONS = 16
_REFERENCES = 256
_SHARED = 0.1
"""The deviation within kernels, over that between all rows, below which a column is a kernel's own."""
_FARTHEST = 12.0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The measure of distance, and where one band of distances ends and the next begins."""

    measure: Foreign
    edges: tuple[float, ...]

    def bands(self, matrix: Floats) -> NDArray[np.int64]:
        """The band of each row: the higher, the farther."""
        return band_of(self.measure.distance(matrix), self.edges)


@dataclass(frozen=True, slots=True)
class Learned:
    """The neighbours of kernels, and how far each row is from other kernels and from other families (0 where there are none)."""

    neighbours: Neighbours
    near: Floats
    far: Floats


def band_of(distances: Floats, edges: Sequence[float]) -> NDArray[np.int64]:
    """The band of each distance."""
    return np.searchsorted(np.array(edges), distances, side="left").astype(np.int64)


def learn_neighbours(
    matrix: Floats, names: Sequence[str], kernels: Sequence[str], families: Sequence[str], seed: int
) -> Learned | None:
    """The measure for rows of these kernels and families; None where kernels have no number of their own."""
    plain = np.nan_to_num(matrix, nan=0.0)
    _, first, place, counts = np.unique(np.array(kernels), return_index=True, return_inverse=True, return_counts=True)
    centres = np.zeros((len(first), plain.shape[1]))
    np.add.at(centres, place, plain)
    centres /= counts[:, None]
    own = _own(plain, centres[place], names)
    if len(first) < 3 or not own.any():
        return None
    measure, places, chosen = _measure(centres, own, seed)
    family = np.unique(np.array(families), return_inverse=True)[1][first]
    numbers = np.arange(len(first))
    near = _nearest(places, chosen, numbers)[place]
    far = _nearest(places, chosen, family)[place]
    edges = np.quantile(np.concatenate([near, far]), np.arange(1, _BANDS) / _BANDS)
    return Learned(Neighbours(measure, tuple(np.round(edges, 9).tolist())), near, far)


def _own(plain: Floats, centres: Floats, names: Sequence[str]) -> NDArray[np.bool_]:
    """Columns of numbers that hardly differ between alternatives of a kernel, and are not the machine's."""
    within, spread = np.sqrt(((plain - centres) ** 2).mean(axis=0)), plain.std(axis=0)
    own = (spread > 1e-9) & (within < _SHARED * spread)
    for at in map(int, np.flatnonzero(own)):
        own[at] = not names[at].startswith(MACHINE) and len(np.unique(plain[:, at])) > 2
    return own


def _measure(centres: Floats, own: NDArray[np.bool_], seed: int) -> tuple[Foreign, Floats, NDArray[np.int64]]:
    """The measure, the place of every kernel, and which kernels are references: drawn, so that they stand to each other as to new ones."""
    import sklearn.decomposition  # takes longer to load than most predictions altogether

    centre, spread = centres.mean(axis=0), centres.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    rows = np.clip((centres - centre) / scale, -_FARTHEST, _FARTHEST)[:, own]
    count = min(_DIRECTIONS, *rows.shape)
    analysis = cast(Any, sklearn.decomposition).PCA(count, svd_solver="full").fit(rows)
    directions = np.zeros((centres.shape[1], count))
    directions[own] = np.round(np.asarray(analysis.components_, dtype=np.float64).T, 7)
    places = rows @ directions[own]
    chosen = np.sort(np.random.default_rng(seed).permutation(len(places))[:_REFERENCES]).astype(np.int64)
    references = cast(Floats, np.round(places[chosen], 6))
    return Foreign(single(centre), single(scale), single(directions), single(references), 1.0), places, chosen


def _nearest(places: Floats, chosen: NDArray[np.int64], groups: NDArray[np.int64]) -> Floats:
    """Of every kernel, the distance to the nearest reference of another group; 0 where there is none."""
    references = places[chosen]
    squares = (places**2).sum(axis=1)[:, None] - 2 * places @ references.T + (references**2).sum(axis=1)[None, :]
    squares[groups[:, None] == groups[chosen][None, :]] = np.inf
    nearest = squares.min(axis=1)
    return np.where(np.isfinite(nearest), np.sqrt(np.maximum(nearest, 0.0)), 0.0)

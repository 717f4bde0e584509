"""Which texts to label first on a new target: those that between them stand for most others.

    representatives(expert, readings, 52, seed)     rows, one for each of 52 groups of texts that are alike

Texts are grouped by k-means in the columns that an expert of another target reads, each counting as often as that expert's trees ask
for it (which columns matter is much the same on two cores), and of a group the text nearest to its centre is taken. No label is looked at.
"""

from __future__ import annotations

import re
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from costmodel.features.streams import Floats, Integers
from costmodel.models.boosting import Booster
from costmodel.models.expert import Expert
from costmodel.models.head import Head

_FARTHEST = 4.0
_DIRECTIONS = 16
_SPLITS = re.compile(r"^split_feature=(.*)$", re.MULTILINE)


def representatives(expert: Expert, matrix: Floats, count: int, seed: int) -> Integers:
    """Rows of the expert's columns, at most so many, in ascending order."""
    places = _places(matrix, asked(expert.primary, matrix.shape[1]))
    if count >= len(places):
        return np.arange(len(places))
    import sklearn.cluster  # takes longer to import than all else here

    different = min(count, len(np.unique(places, axis=0)))
    means: Any = cast(Any, sklearn.cluster).KMeans(different, n_init=2, random_state=seed).fit(places)
    away: Floats = means.transform(places)
    return np.unique(away.argmin(axis=0)).astype(np.int64)


def asked(head: Head, columns: int) -> Floats:
    """How often the trees of a head ask for each column; 1 each where it has no trees."""
    texts = [booster.text for booster in head.boosters if isinstance(booster, Booster)]
    found = [int(each) for text in texts for line in _SPLITS.findall(text) for each in line.split()]
    counts = np.bincount(np.array(found, dtype=np.int64), minlength=columns)[:columns].astype(np.float64)
    return counts if counts.any() else np.ones(columns)


def _places(matrix: Floats, weights: Floats) -> Floats:
    plain = np.nan_to_num(matrix, nan=0.0)
    columns = np.sign(plain) * np.log1p(np.abs(plain))
    spread = columns.std(axis=0)
    varied: NDArray[np.bool_] = (spread > 1e-9) & (weights > 0)
    if not varied.any():
        return np.zeros((len(matrix), 1))
    deviations = np.clip((columns - columns.mean(axis=0))[:, varied] / spread[varied], -_FARTHEST, _FARTHEST)
    scaled = deviations * np.sqrt(weights[varied] / weights[varied].sum())
    _, _, directions = np.linalg.svd(scaled - scaled.mean(axis=0), full_matrices=False)
    return scaled @ directions[:_DIRECTIONS].T

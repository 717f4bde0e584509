"""Which texts to label first on a new target: those whose labels between them say most of all the others.

    representatives(covariance, noise, 52)     at most 52 rows

How the corrections of texts vary together is known before any of them is (`expected` of `costmodel/models/nearby.py`): with it, how
doubtful every text's correction still is once some are labelled, whatever their labels turn out to be. Text after text is taken whose
label leaves the least doubt in the mean over all (Cohn, Ghahramani and Jordan 1996; of Gaussian processes Seo et al. 2000).
"""

from __future__ import annotations

import re

import numpy as np

from costmodel.features.streams import Floats, Integers
from costmodel.models.boosting import Booster
from costmodel.models.head import Head

_SPLITS = re.compile(r"^split_feature=(.*)$", re.MULTILINE)
_ALIKE = 1e-9


def representatives(covariance: Floats, noise: float, count: int) -> Integers:
    """Rows in ascending order: at most so many, and fewer only where the others are no different.

    `covariance` (n, n) is of the numbers that labels say but for noise, whose variance is `noise`.
    """
    if count >= len(covariance):
        return np.arange(len(covariance))
    left, before = covariance.copy(), np.diag(covariance)
    still, chosen = np.ones(len(left), dtype=np.bool_), list[int]()
    while len(chosen) < count and still.any():
        gain = np.einsum("ij,ij->i", left, left) / (np.diag(left) + noise)
        best = int(np.where(still, gain, -1.0).argmax())
        chosen.append(best)
        still &= before + before[best] - 2 * covariance[best] > _ALIKE * max(float(before.max()), 1.0)
        still[best] = False
        left -= np.outer(left[best], left[best] / (left[best, best] + noise))
    return np.array(sorted(chosen), dtype=np.int64)


def asked(head: Head, columns: int) -> Floats:
    """How often the trees of a head ask for each column; 1 each where it has no trees."""
    texts = [booster.text for booster in head.boosters if isinstance(booster, Booster)]
    found = [int(each) for text in texts for line in _SPLITS.findall(text) for each in line.split()]
    counts = np.bincount(np.array(found, dtype=np.int64), minlength=columns)[:columns].astype(np.float64)
    return counts if counts.any() else np.ones(columns)

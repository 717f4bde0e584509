"""LightGBM's text of a model, read: the decisions and leaves of all its trees as arrays (its gbdt_model_text.cpp and tree.cpp write it).

    read_trees(booster.text).splits           [30, 30, 17, …]: inner nodes of each tree

Refuses (RequestError) what is no trees, and trees of anything else than numbers up to thresholds: categories, missing zeros, linear leaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.features.streams import Floats, Integers
from costmodel.refusals import RequestError

_ZERO, _NAN = 1, 2
"""LightGBM, meta.h, MissingType."""


@dataclass(frozen=True, slots=True)
class Trees:
    """All trees' inner nodes one after the other: whose tree each is of, its place in that, its branches (~ a leaf's place)."""

    columns: int
    splits: Integers
    """Inner nodes of each tree; it has one leaf more."""
    of: Integers
    place: Integers
    threshold: Floats
    column: Integers
    missing_left: Integers
    """Where a missing number goes: 1 left, 0 right, -1 where 0 goes."""
    left: Integers
    right: Integers
    leaf: Floats

    @property
    def before(self) -> Integers:
        """Inner nodes of the trees before each."""
        return self.splits.cumsum() - self.splits

    def depths(self) -> Integers:
        """How deep each tree is."""
        depths, branches = np.minimum(self.splits, 1), np.concatenate([self.left, self.right])
        parents = np.concatenate([np.arange(len(self.of))] * 2)[branches >= 0]
        parent_of = np.full(len(self.of), -1, dtype=np.int64)
        parent_of[self.before[self.of[parents]] + branches[branches >= 0]] = parents
        above = parent_of
        while (above >= 0).any():
            depths[self.of[above >= 0]] += 1
            above = np.where(above >= 0, parent_of[above], -1)
        return depths


def read_trees(text: str) -> Trees:
    """The trees of a booster's text."""
    try:
        return _trees(text)
    except (IndexError, ValueError) as error:
        raise RequestError(f"the model is damaged: {type(error).__name__}: {error}") from None


def _trees(text: str) -> Trees:
    """What the text says; ValueError where that is no trees."""
    said = _fields(text)
    if {*said["num_cat"], *said["is_linear"]} - {"0"}:
        raise ValueError("trees of categories or of linear leaves")
    columns = int(said["max_feature_idx"][0]) + 1
    splits = _whole(said["num_leaves"]) - 1
    of = np.repeat(np.arange(len(splits)), splits)
    place = np.arange(len(of)) - (splits.cumsum() - splits)[of]
    left, right, column, kind = (
        _whole(said[name]) for name in ("left_child", "right_child", "split_feature", "decision_type")
    )
    threshold, leaf = (np.fromstring(" ".join(said[name]), sep=" ") for name in ("threshold", "leaf_value"))
    if {len(each) for each in (left, right, column, kind, threshold)} != {len(of)}:
        raise ValueError("nodes without all that belongs to one")
    branches = np.concatenate([left, right])
    low, high = np.concatenate([place, place]), np.concatenate([splits[of], splits[of]])
    later = np.where(branches < 0, ~branches <= high, (branches > low) & (branches < high))
    if not later.all() or len(leaf) != len(of) + len(splits):
        raise ValueError("branches that are no tree's")
    first = (splits.cumsum() - splits)[np.concatenate([of, of])]
    met = np.where(branches < 0, len(of) + first + np.concatenate([of, of]) + ~branches, first + branches)
    if np.bincount(met, minlength=1).max() > 1:
        raise ValueError("branches that meet")
    return Trees(columns, splits, of, place, threshold, column, _missing(column, kind, columns), left, right, leaf)


def _fields(text: str) -> defaultdict[str, list[str]]:
    """What stands behind each name, tree by tree."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in text.split("\n"):
        name, equal, value = line.partition("=")
        if equal:
            found[name].append(value)
    return found


def _whole(texts: Sequence[str]) -> Integers:
    return np.fromstring(" ".join(texts), dtype=np.int64, sep=" ")


def _missing(column: Integers, kind: Integers, columns: int) -> Integers:
    missing = kind >> 2
    if (kind & 1).any() or (missing == _ZERO).any() or (column < 0).any() or (column >= columns).any():
        raise ValueError("decisions on anything else than numbers")
    return np.where(missing == _NAN, kind >> 1 & 1, -1)

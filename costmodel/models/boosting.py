"""LightGBM behind three functions, deterministic to the byte: same data, same model text.

A booster is kept as its own text, without the lines that prediction does not need; there is no pickle anywhere. What is predicted from that
text is what LightGBM would, to the bit, but not by it (`forest.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import Any

import numpy as np

from costmodel.features.streams import Floats
from costmodel.models.forest import Forest, read_forest, squashed

_MANY_ROWS, _PIECE = 32, 50
"""Of so many rows so many trees are summed at a time: what predictions were fitted and measured with, to the last bit."""
_BINARY = re.compile(r"^objective=binary sigmoid:(\S+)$", re.MULTILINE)


class Objective(Enum):
    """What a booster minimises."""

    SQUARED = "regression"
    ABSOLUTE = "regression_l1"
    HUBER = "huber"
    BINARY = "binary"
    RANK = "lambdarank"
    QUANTILE = "quantile"
    DIFFERENCES = "differences"
    """Squared differences of errors inside a group: what all rows of it share costs nothing, and no tree goes into it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Size and caution of a booster."""

    trees: int = 200
    leaves: int = 31
    rate: float = 0.07
    smallest_leaf: int = 12
    columns: float = 0.6
    ridge: float = 2.0


@dataclass(frozen=True)
class Booster:
    """A fitted booster, as text."""

    text: str

    def __reduce__(self) -> tuple[type[Booster], tuple[str]]:
        """A copy is its text: what was read of that is read again when it is asked."""
        return Booster, (self.text,)

    @property
    def columns(self) -> int:
        """How many columns it was fitted to."""
        return self._forest.columns

    @cached_property
    def _forest(self) -> Forest:
        return read_forest(self.text)

    def predict(self, matrix: Floats) -> Floats:
        """One number a row; columns behind those that it was fitted to are of a correction for another target."""
        forest, steepness = self._forest, self._steepness
        if matrix.shape[1] > forest.columns:
            matrix = np.ascontiguousarray(matrix[:, : forest.columns])
        if len(matrix) == 1:
            raw = forest.one(matrix)
        else:
            several = len(matrix) >= _MANY_ROWS and forest.trees >= 2 * _PIECE and steepness is None
            raw = forest.sums(matrix, _PIECE if several else max(forest.trees, 1))
        return raw if steepness is None else squashed(raw, steepness)

    @cached_property
    def _steepness(self) -> float | None:
        """Of what turns a sum of trees into a probability, if anything does."""
        found = _BINARY.search(self.text)
        return None if found is None else float(found.group(1))

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds to each row's prediction; the last column is what every row starts from.

        Columns beyond those that it was fitted to say nothing.
        """
        model: Any = _library().Booster(model_str=self.text)
        return np.asarray(
            model.predict(matrix, num_threads=1, pred_contrib=True, predict_disable_shape_check=True), dtype=np.float64
        )


@cache
def _library() -> Any:
    """LightGBM, which takes longer to load than most predictions altogether."""
    import lightgbm

    return lightgbm


def boost(
    matrix: Floats,
    labels: Floats,
    objective: Objective,
    shape: Shape,
    seed: int,
    weights: Floats | None = None,
    groups: Sequence[int] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Booster:
    """A booster fitted to rows; `groups` are the lengths of runs of rows that compete (`RANK`, whose labels are grades, `DIFFERENCES`)."""
    differing = objective is Objective.DIFFERENCES
    parameters: dict[str, Any] = {
        "objective": _differences(labels, weights, groups or ()) if differing else objective.value,
        "learning_rate": shape.rate,
        "num_leaves": shape.leaves,
        "min_data_in_leaf": max(1, min(shape.smallest_leaf, len(labels) // 8)),
        "feature_fraction": shape.columns,
        "bagging_fraction": 0.8 if len(labels) > 1 else 1.0,  # of a single row no share is left
        "bagging_freq": 1,
        "lambda_l2": shape.ridge,
        "max_bin": 63,
        "min_data_in_bin": 1,
        "verbosity": -1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        **(extra or {}),
    }
    alone = {"verbosity": -1, "num_threads": 1}  # threads that wait for each other cost most beside other programs
    own: dict[str, Any] = {} if differing else {"weight": weights, "group": groups}
    data = _library().Dataset(matrix, labels, params=alone, free_raw_data=True, **own)
    model = _library().train(parameters, data, num_boost_round=shape.trees)
    return Booster(_compact(model.model_to_string(importance_type="gain")))


def _differences(
    labels: Floats, weights: Floats | None, groups: Sequence[int]
) -> Callable[[Floats, Any], tuple[Floats, Floats]]:
    """Gradients and curvatures of the weighted squares of what errors differ in from their group's weighted mean."""
    each = np.ones(len(labels)) if weights is None else weights
    group = np.repeat(np.arange(len(groups)), groups)
    together = np.bincount(group, each)

    def gradients(said: Floats, _: Any) -> tuple[Floats, Floats]:
        errors = said - labels
        means = np.bincount(group, each * errors) / together
        return each * (errors - means[group]), each

    return gradients


def _compact(text: str) -> str:
    """The model's text without what only training or reporting read, numbers at the precision that matters."""
    head, *trees = text.partition("\nend of trees")[0].split("\nTree=")
    trees = [f"Tree={_UNREAD.sub(_zeros, _PRECISE.sub(_rounded, tree)).rstrip()}\n\n\n" for tree in trees]
    head = re.sub(
        r"^tree_sizes=.*$", f"tree_sizes={' '.join(str(len(tree)) for tree in trees)}", head, flags=re.MULTILINE
    )
    head = re.sub(
        r"^feature_infos=.*$",
        lambda m: (
            f"feature_infos={' '.join('none' if each == 'none' else '[0:1]' for each in m.group().partition('=')[2].split())}"
        ),
        head,
        flags=re.MULTILINE,
    )
    return f"{head.rstrip()}\n\n{''.join(trees)}end of trees\n"


_UNREAD = re.compile(r"^(split_gain|leaf_weight|internal_weight)=(.*)$", re.MULTILINE)
_PRECISE = re.compile(r"^(threshold|leaf_value|internal_value)=(.*)$", re.MULTILINE)


def _zeros(line: re.Match[str]) -> str:
    return f"{line.group(1)}={' '.join('0' for _ in line.group(2).split())}"


def _rounded(line: re.Match[str]) -> str:
    return f"{line.group(1)}={' '.join(f'{float(each):.8g}' for each in line.group(2).split())}"

"""LightGBM behind three functions, deterministic to the byte: same data, same model text.

A booster is kept as its own text, without the lines that prediction does not need; there is no pickle anywhere.
"""

from __future__ import annotations

import ctypes
import re
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, cast

import lightgbm
import numpy as np

from costmodel.features.streams import Floats

_MANY_ROWS, _PIECE = 32, 50
_NORMAL, _RAW, _FLOAT64, _BY_ROWS = 0, 1, 1, 1
"""What to predict, and of what (c_api.h: C_API_PREDICT_NORMAL and _RAW_SCORE, C_API_DTYPE_FLOAT64)."""
_ALONE = b"num_threads=1 verbosity=-1"


class Objective(Enum):
    """What a booster minimises."""

    SQUARED = "regression"
    ABSOLUTE = "regression_l1"
    HUBER = "huber"
    BINARY = "binary"
    RANK = "lambdarank"
    QUANTILE = "quantile"


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

    @cached_property
    def _model(self) -> Any:
        return lightgbm.Booster(model_str=self.text)

    def predict(self, matrix: Floats) -> Floats:
        """One number a row."""
        if len(matrix) == 1:
            return self._single(np.ascontiguousarray(matrix))
        if len(matrix) < _MANY_ROWS or self._trees < 2 * _PIECE or self._squashed:
            return np.asarray(self._model.predict(matrix, num_threads=1), dtype=np.float64).reshape(len(matrix))
        return self._by_pieces(np.ascontiguousarray(matrix))

    @cached_property
    def _single(self) -> Callable[[Floats], Floats]:
        """Of one row: the library keeps what it otherwise sets up at every call, which takes longer than the trees."""
        return _Single(lightgbm.Booster(model_str=self.text))

    @cached_property
    def _trees(self) -> int:
        return self.text.count("\nTree=")

    @cached_property
    def _squashed(self) -> bool:
        """Whether a prediction is something else than the sum of its trees."""
        return "\nobjective=binary" in self.text

    def _by_pieces(self, matrix: Floats) -> Floats:
        """The same for many rows: some trees at a time, which stay in the cache nearest to the core."""
        total = np.zeros(len(matrix))
        for first in range(0, self._trees, _PIECE):
            total += self._some(matrix, first, _PIECE)
        return total

    @cached_property
    def _some(self) -> Callable[[Floats, int, int], Floats]:
        return _Some(self._model)

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds to each row's prediction; the last column is what every row starts from."""
        return np.asarray(self._model.predict(matrix, num_threads=1, pred_contrib=True), dtype=np.float64)


class _Some:
    """The sum of some of the trees (c_api.h, LGBM_BoosterPredictForMat): its Python package takes as long to prepare a call as a few rows."""

    def __init__(self, model: Any) -> None:
        self._model, self._columns = model, int(model.num_feature())
        self._predict: Any = cast(Any, lightgbm.basic)._LIB.LGBM_BoosterPredictForMat

    def __call__(self, matrix: Floats, first: int, count: int) -> Floats:
        """Of rows of 8-byte numbers that lie one after the other."""
        assert matrix.shape[1] == self._columns and matrix.flags.c_contiguous, "rows of other columns"
        found, length = np.empty(len(matrix)), ctypes.c_int64()
        layout = (_FLOAT64, *map(ctypes.c_int32, matrix.shape), _BY_ROWS)
        said = (_RAW, first, count, _ALONE, ctypes.byref(length), ctypes.c_void_p(found.ctypes.data))
        failed = self._predict(self._model._handle, ctypes.c_void_p(matrix.ctypes.data), *layout, *said)
        assert not failed
        assert length.value == len(matrix)
        return found


class _Single:
    """LightGBM's predictor of single rows (c_api.h, LGBM_BoosterPredictForMatSingleRowFast), which its Python package does not offer.

    The model must be its own: other predictions with some of the trees would leave it at those.
    """

    def __init__(self, model: Any) -> None:
        self._model, self._columns = model, int(model.num_feature())
        self._library: Any = cast(Any, lightgbm.basic)._LIB
        self._plan, self._length, self._value = ctypes.c_void_p(), ctypes.c_int64(), ctypes.c_double()
        everything = (_NORMAL, 0, -1, _FLOAT64, self._columns, _ALONE)
        failed = self._library.LGBM_BoosterPredictForMatSingleRowFastInit(
            model._handle, *everything, ctypes.byref(self._plan)
        )
        assert not failed
        weakref.finalize(self, self._library.LGBM_FastConfigFree, self._plan)

    def __call__(self, row: Floats) -> Floats:
        """The prediction of one row of 8-byte numbers."""
        assert row.shape == (1, self._columns), "a row of other columns"
        failed = self._library.LGBM_BoosterPredictForMatSingleRowFast(
            self._plan, ctypes.c_void_p(row.ctypes.data), ctypes.byref(self._length), ctypes.byref(self._value)
        )
        assert not failed
        return np.array([self._value.value])


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
    """A booster fitted to rows; for `RANK`, labels are grades and `groups` the lengths of runs of rows that compete."""
    parameters: dict[str, Any] = {
        "objective": objective.value,
        "learning_rate": shape.rate,
        "num_leaves": shape.leaves,
        "min_data_in_leaf": max(1, min(shape.smallest_leaf, len(labels) // 8)),
        "feature_fraction": shape.columns,
        "bagging_fraction": 0.8,
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
    data = lightgbm.Dataset(matrix, labels, weight=weights, group=groups, params=alone, free_raw_data=True)
    model: lightgbm.Booster = cast(Any, lightgbm).train(parameters, data, num_boost_round=shape.trees)
    return Booster(_compact(model.model_to_string(importance_type="gain")))


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

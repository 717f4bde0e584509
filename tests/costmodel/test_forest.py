"""Trees are summed as LightGBM sums them, to the bit; damaged ones are refused."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pytest

import costmodel
from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.forest import read_forest
from costmodel.refusals import RequestError

_ODD = (0.0, -0.0, 1e-35, -1e-35, 1e-36, 1e-300, -1e-300, 1.0000000180025095e-35, np.inf, -np.inf, np.nan, 1e30)


def _matrix(rows: int, columns: int, seed: int, missing: float = 0.1) -> Floats:
    """Numbers of which many are equal, some are odd."""
    random = np.random.default_rng(seed)
    matrix = np.round(random.normal(size=(rows, columns)), 1)
    odd = random.random(matrix.shape) < missing
    matrix[odd] = random.choice(_ODD, int(odd.sum()))
    return matrix


def _fitted(objective: Objective, trees: int, missing: float, leaves: int = 31) -> tuple[Booster, Floats]:
    matrix = _matrix(400, 9, 3, missing)
    plain = np.nan_to_num(matrix, nan=2.0, posinf=3.0, neginf=-3.0)
    labels = np.sin(plain[:, 0]) + plain[:, 1] * (plain[:, 2] > 0) + 0.1 * plain[:, 3]
    if objective is Objective.BINARY:
        labels = (labels > 0).astype(np.float64)
    return boost(matrix, labels, objective, Shape(trees, leaves, smallest_leaf=3), 5), _matrix(269, 9, 4, 0.2)


def _theirs(booster: Booster) -> Any:
    return lightgbm.Booster(model_str=booster.text)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("objective", [Objective.SQUARED, Objective.BINARY])
def test_few_rows_are_summed_as_lightgbm_does(objective: Objective, missing: float) -> None:
    booster, matrix = _fitted(objective, 60, missing)
    theirs = np.asarray(_theirs(booster).predict(matrix))
    assert np.array_equal(np.concatenate([booster.predict(matrix[at : at + 1]) for at in range(60)]), theirs[:60])
    for count in (2, 7, 8, 31):
        assert np.array_equal(booster.predict(matrix[:count]), theirs[:count])


def test_many_rows_are_sums_of_sums_of_fifty_trees() -> None:
    booster, matrix = _fitted(Objective.SQUARED, 130, 0.2)
    theirs = _theirs(booster)
    parts = [theirs.predict(matrix, start_iteration=at, num_iteration=50) for at in (0, 50, 100)]
    assert np.array_equal(booster.predict(matrix), parts[0] + parts[1] + parts[2])


def test_many_rows_of_few_trees_and_columns_in_another_order_in_memory() -> None:
    booster, matrix = _fitted(Objective.SQUARED, 13, 0.2)
    assert np.array_equal(booster.predict(np.asfortranarray(matrix)), np.asarray(_theirs(booster).predict(matrix)))
    assert booster.predict(matrix[:0]).shape == (0,)


def test_trees_of_one_leaf() -> None:
    matrix = _matrix(50, 3, 1)
    booster = boost(matrix, np.full(50, 7.5), Objective.SQUARED, Shape(4), 1)
    assert np.array_equal(booster.predict(matrix), np.asarray(_theirs(booster).predict(matrix)))
    assert np.array_equal(booster.predict(matrix[:1]), np.asarray(_theirs(booster).predict(matrix[:1])))


def test_shipped_trees_give_what_lightgbm_gives() -> None:
    expert = costmodel.load().expert([], "cpu-x86")
    booster = expert.primary.boosters[0]
    assert isinstance(booster, Booster)
    matrix = _matrix(9, len(expert.encoder.names), 8) * 8
    assert np.array_equal(booster.predict(matrix), np.asarray(_theirs(booster).predict(matrix)))


def _pickled(each: Any) -> Any:
    return pickle.loads(pickle.dumps(each))


@pytest.mark.parametrize("copied", [copy.deepcopy, _pickled])
def test_copies_are_whole(copied: Callable[[Any], Any]) -> None:
    """What is copied after a prediction predicts the same whatever becomes of the original: its arrays are overwritten here."""
    booster, matrix = _fitted(Objective.SQUARED, 60, 0.2)
    expected = booster.predict(matrix)
    assert vars(copied(booster)) == {"text": booster.text}
    assert np.array_equal(copied(booster).predict(matrix), expected)
    forest = read_forest(booster.text)
    again = copied(forest)
    for array in (forest.nodes, forest.plain, forest.values, forest.roots):
        array[:] = np.zeros((), array.dtype)
    assert np.array_equal(again.sums(matrix, 100), expected)
    assert np.array_equal(again.one(matrix[:1]), booster.predict(matrix[:1]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("left_child=", "left_child=0 "),
        ("left_child=", "left_child=99999 "),
        ("split_feature=", "split_feature=9 "),
        ("decision_type=", "decision_type=1 "),
        ("decision_type=", "decision_type=6 "),
        ("num_cat=0", "num_cat=1"),
        ("num_leaves=", "num_leaves=1"),
        ("max_feature_idx=8", "max_feature_idx=2"),
    ],
)
def test_what_is_no_tree_is_refused(before: str, after: str) -> None:
    booster, _ = _fitted(Objective.SQUARED, 3, 0.0, 5)
    name, _, rest = booster.text.partition(before)
    keeps = after.endswith(" ")  # one number is replaced by another
    damaged = name + after + (rest.split(" ", 1)[1] if keeps else rest)
    with pytest.raises(RequestError, match="the model is damaged"):
        read_forest(damaged)


def test_a_single_row_is_fitted() -> None:
    """Of few labels a single one may say that anything is spilled."""
    found = boost(np.ones((1, 3)), np.array([3.0]), Objective.SQUARED, Shape(trees=3), 1)
    assert found.predict(np.zeros((2, 3))).tolist() == [3.0, 3.0]

"""Corrections of a value by what it was off nearby: better than none, honest about themselves, the same from a file."""

from __future__ import annotations

import numpy as np

from costmodel.features.streams import Floats
from costmodel.models.nearby import Nearby, learn


def texts(random: np.random.Generator, count: int) -> tuple[Floats, Floats, Floats]:
    """Columns, what an old model says, and a truth that bends away from it."""
    matrix = random.uniform(0, 30, size=(count, 5))
    matrix[:, 4] = np.nan
    value = np.log1p(matrix[:, 0]) + 0.1 * random.normal(size=count)
    return matrix, value, 1.3 * value + 0.4 * np.log1p(matrix[:, 1]) + 0.5


def test_a_smooth_difference_is_learned_from_forty_labels() -> None:
    random = np.random.default_rng(3)
    moved, left_out = learn(*texts(random, 40))
    matrix, value, truth = texts(random, 300)
    errors = np.abs(moved.moved(matrix, value) - truth)
    assert errors.mean() < 0.4 * np.abs(value + np.median(truth - value) - truth).mean()
    assert 0.5 < errors.mean() / np.abs(left_out).mean() < 2


def test_far_from_all_labels_the_value_is_moved_by_what_is_common() -> None:
    random = np.random.default_rng(4)
    moved, _ = learn(*texts(random, 40))
    far = moved.moved(np.full((1, 5), 1e12), np.array([2.0]))
    assert abs(far[0] - 2.0) < 6


def test_a_file_of_single_precision_holds_it() -> None:
    moved, _ = learn(*texts(np.random.default_rng(5), 12))
    again = Nearby(moved.table.astype(np.float32).astype(np.float64))
    matrix, value, _ = texts(np.random.default_rng(6), 20)
    assert np.array_equal(again.moved(matrix, value), moved.moved(matrix, value))


def test_texts_that_are_all_alike_are_moved_by_their_median() -> None:
    moved, errors = learn(np.ones((9, 3)), np.ones(9), np.full(9, 4.0))
    assert np.allclose(moved.moved(np.ones((2, 3)), np.ones(2)), 4.0)
    assert np.allclose(errors, 0.0)


def test_columns_that_are_not_used_do_not_matter() -> None:
    matrix, value, truth = texts(np.random.default_rng(7), 20)
    moved, _ = learn(matrix, value, truth, np.array([True, True, False, True, True]))
    changed = matrix.copy()
    changed[:, 2] = 9.0
    assert np.array_equal(moved.moved(changed, value), moved.moved(matrix, value))


def test_columns_that_count_nothing_do_not_matter() -> None:
    matrix, value, truth = texts(np.random.default_rng(8), 20)
    weights = np.array([3.0, 1.0, 0.0, 2.0, 1.0])
    moved, _ = learn(matrix, value, truth, weights=weights)
    changed = matrix.copy()
    changed[:, 2] = 9.0
    assert np.allclose(moved.moved(changed, value), moved.moved(matrix, value))
    assert not np.allclose(moved.moved(matrix, value), learn(matrix, value, truth)[0].moved(matrix, value))

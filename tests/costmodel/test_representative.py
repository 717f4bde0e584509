"""Which texts to label: one of each kind, what says most of the others first, and the best there is for small numbers."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import loop_texts
import numpy as np
import pytest

from costmodel.dataset import Dataset
from costmodel.features.streams import Floats
from costmodel.models.boosting import Shape
from costmodel.models.expert import Expert
from costmodel.models.nearby import expected
from costmodel.models.table import Options
from costmodel.representative import asked, representatives
from costmodel.training import fit
from costmodel.transfer import to_label


def doubt(covariance: Floats, noise: float, rows: list[int]) -> float:
    """The mean variance that labels of some rows leave."""
    inside = covariance[np.ix_(rows, rows)] + noise * np.eye(len(rows))
    said = covariance[rows].T @ np.linalg.solve(inside, covariance[rows])
    return float(np.diag(covariance - said).mean())


def texts(count: int, seed: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    return random.uniform(0, 30, size=(count, 4)), random.normal(size=count)


def rows_of(covariance: Floats, noise: float, count: int) -> list[int]:
    return [int(row) for row in representatives(covariance, noise, count)]


def test_each_one_leaves_the_least_doubt() -> None:
    """Told by inverting the covariances of all that was chosen, which the choice itself never does."""
    covariance, noise = expected(*texts(25, 1))
    for count in (1, 2, 3, 6):
        chosen = rows_of(covariance, noise, count)
        fewer = rows_of(covariance, noise, count - 1)
        assert set(fewer) < set(chosen)
        least = min(doubt(covariance, noise, [*fewer, row]) for row in range(25) if row not in fewer)
        assert doubt(covariance, noise, chosen) == pytest.approx(least)
    best = min(doubt(covariance, noise, list(rows)) for rows in combinations(range(25), 3))
    assert doubt(covariance, noise, rows_of(covariance, noise, 3)) < 1.1 * best


def test_one_of_every_kind() -> None:
    """Four kinds of rows, far apart: one row of each."""
    random = np.random.default_rng(1)
    kinds = np.repeat(np.arange(4), 10)
    matrix = 10.0 ** (2 * kinds[:, None]) * random.uniform(0.9, 1.1, (40, 1))
    chosen = representatives(*expected(matrix, np.zeros(40)), 4)
    assert sorted(kinds[chosen]) == [0, 1, 2, 3]


def test_all_alike_or_fewer_than_asked_for() -> None:
    assert representatives(*expected(np.ones((9, 2)), np.ones(9)), 3).tolist() == [0]
    assert representatives(*expected(np.ones((3, 2)), np.ones(3)), 3).tolist() == [0, 1, 2]
    matrix, value = texts(5, 2)
    pairs = representatives(*expected(np.repeat(matrix, 2, axis=0), np.repeat(value, 2)), 7)
    assert (pairs // 2).tolist() == [0, 1, 2, 3, 4]


@pytest.fixture(scope="module")
def expert() -> Expert:
    quick = Options(shape=Shape(trees=20), nests=Shape(trees=20), calibrate=False)
    return fit(Dataset(tuple(loop_texts.samples(4))), quick).experts[0]


def test_columns_that_no_tree_asks_for_do_not_count(expert: Expert) -> None:
    weights = asked(expert.primary, len(expert.encoder.names))
    assert weights.max() > 0 and weights.min() == 0
    matrix = np.random.default_rng(2).uniform(0, 9, size=(30, len(weights)))
    other = matrix.copy()
    other[:, weights == 0] = 3.0
    value = np.zeros(30)
    covariance, noise = expected(matrix, value, weights=weights)
    assert np.allclose(covariance, expected(other, value, weights=weights)[0])
    assert not np.allclose(covariance, expected(other, value)[0])
    assert len(representatives(covariance, noise, 5)) == 5


def test_of_very_many_kernels_some_are_looked_at(expert: Expert, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = [replace(each, kernel=f"{each.kernel} {at}") for at, each in enumerate(loop_texts.samples(4))]
    monkeypatch.setattr("costmodel.transfer._MOST", 10)
    chosen = {seed: to_label(expert, samples, 6, seed) for seed in (1, 2)}
    assert chosen[1] == to_label(expert, samples[::-1], 6, 1)
    assert all(len(names) == 6 for names in chosen.values())
    assert chosen[1] != chosen[2]
    assert len(to_label(expert, samples, 15)) == 15

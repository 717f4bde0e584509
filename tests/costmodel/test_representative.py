"""The texts that stand for most others: one of each kind, by the columns that count."""

from __future__ import annotations

import loop_texts
import numpy as np
import pytest

from costmodel.dataset import Dataset
from costmodel.models.boosting import Shape
from costmodel.models.expert import Expert
from costmodel.models.fitting import Options
from costmodel.representative import asked, representatives
from costmodel.training import fit


@pytest.fixture(scope="module")
def expert() -> Expert:
    quick = Options(shape=Shape(trees=20), nests=Shape(trees=20), calibrate=False)
    return fit(Dataset(tuple(loop_texts.samples(4))), quick).experts[0]


def test_one_of_every_cluster(expert: Expert) -> None:
    """Four kinds of rows, apart in a column that the expert asks for: one row of each."""
    columns = len(expert.encoder.names)
    weights = asked(expert.primary, columns)
    random = np.random.default_rng(1)
    matrix = np.zeros((40, columns))
    kinds = np.repeat(np.arange(4), 10)
    matrix[:, int(weights.argmax())] = 10.0 ** (2 * kinds) * random.uniform(0.9, 1.1, 40)
    chosen = representatives(expert, matrix, 4, 1)
    assert sorted(kinds[chosen]) == [0, 1, 2, 3]


def test_columns_that_no_tree_asks_for_do_not_count(expert: Expert) -> None:
    weights = asked(expert.primary, len(expert.encoder.names))
    assert weights.max() > 0 and weights.min() == 0
    matrix = np.random.default_rng(2).uniform(0, 9, size=(30, len(weights)))
    other = matrix.copy()
    other[:, weights == 0] = 3.0
    assert np.array_equal(representatives(expert, matrix, 5, 1), representatives(expert, other, 5, 1))


def test_all_alike_or_fewer_than_asked_for(expert: Expert) -> None:
    columns = len(expert.encoder.names)
    assert len(representatives(expert, np.ones((9, columns)), 3, 1)) >= 1
    assert representatives(expert, np.ones((3, columns)), 3, 1).tolist() == [0, 1, 2]

"""Products on whole arrays say what the plain definitions say."""

from typing import Any

import numpy as np
import pytest

from runtime import products
from runtime.reference import Semiring, difference, spgemm
from runtime.sparse import generators
from runtime.sparse.containers import Csr

PAIRS = {
    "uniform": (generators.uniform(40, 30, 3, seed=1), generators.uniform(30, 50, 4, seed=2)),
    "empty": (generators.empty(3, 4), generators.empty(4, 2)),
    "no rows": (generators.empty(0, 4), generators.empty(4, 2)),
    "dense row": (generators.dense_row(20), generators.dense_column(20)),
}


@pytest.mark.parametrize("chunk", [1, 100, products.CHUNK])
@pytest.mark.parametrize("semiring", Semiring)
@pytest.mark.parametrize("pair", PAIRS)
def test_any_semiring(pair: str, semiring: Semiring, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "CHUNK", chunk)
    a, b = PAIRS[pair]
    found, wanted = products.product(a, b, semiring), spgemm(a, b, semiring)
    found = Csr(found.shape, found.row_pointers, found.indices, found.values.astype(wanted.values.dtype))
    assert difference(found, wanted) is None


@pytest.mark.parametrize("complement", [False, True])
def test_masks(complement: bool) -> None:
    a, mask = generators.uniform(20, 20, 4, seed=3), generators.uniform(20, 20, 4, seed=4)
    dense = a.to_scipy().toarray() * ((mask.to_scipy().toarray() != 0) != complement)
    assert np.array_equal(products.keep(a, mask, complement).to_scipy().toarray(), dense)


def test_sums() -> None:
    a, b = generators.uniform(20, 20, 4, seed=3), generators.uniform(20, 20, 4, seed=4)
    found = products.add(a, b, Semiring.PLUS_TIMES)
    assert np.allclose(found.to_scipy().toarray(), (a.to_scipy() + b.to_scipy()).toarray())
    shortest = products.add(a, b, Semiring.MIN_PLUS).to_scipy().toarray()
    both = (a.to_scipy().toarray() != 0) & (b.to_scipy().toarray() != 0)
    assert np.array_equal(shortest[both], np.minimum(a.to_scipy().toarray(), b.to_scipy().toarray())[both])


@pytest.mark.parametrize("kind", [np.float64, np.int32])
def test_dense_products(kind: Any) -> None:
    a = generators.uniform(20, 30, 4, seed=3)
    a = Csr(a.shape, a.row_pointers, a.indices, np.ceil(a.values * 5).astype(kind))
    x: Any = np.arange(60).reshape(30, 2).astype(kind)
    assert np.allclose(products.dense_product(a, x, Semiring.PLUS_TIMES), a.to_scipy() @ x)
    found = products.dense_product(a, x[:, 0], Semiring.MIN_PLUS)
    dense = a.to_scipy().toarray()
    for row in range(20):
        columns = np.flatnonzero(dense[row])
        least = (
            (dense[row, columns] + x[columns, 0]).min()
            if columns.size
            else products.nothing(Semiring.MIN_PLUS, x.dtype)
        )
        assert found[row] == least

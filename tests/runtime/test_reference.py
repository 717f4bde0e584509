"""The reference kernels against a second opinion."""

from __future__ import annotations

import numpy as np
import pytest

from runtime import reference
from runtime.reference import Semiring
from runtime.sparse import generators
from runtime.sparse.containers import Csr

A, B = generators.rmat(6, 200), generators.uniform(64, 64, 3, seed=5)


def _dense(m: Csr) -> np.ndarray:
    return m.to_scipy().toarray()


def test_plus_times_equals_the_dense_product() -> None:
    product = reference.spgemm(A, B)
    assert np.allclose(_dense(product), _dense(A) @ _dense(B), rtol=1e-12)


def test_the_pattern_is_structural() -> None:
    """Terms that cancel leave an explicit zero, which SciPy alone would drop."""
    a = Csr((1, 2), np.array([0, 2]), np.array([0, 1]), np.array([1.0, -1.0]))
    b = Csr((2, 1), np.array([0, 1, 2]), np.array([0, 0]), np.array([1.0, 1.0]))
    product = reference.spgemm(a, b)
    assert (product.nnz, product.values.tolist()) == (1, [0.0])


@pytest.mark.parametrize("semiring", Semiring)
def test_semirings_entry_by_entry(semiring: Semiring) -> None:
    product = reference.spgemm(A, B, semiring)
    left, right = A.to_scipy(), B.to_scipy()
    rows = np.repeat(np.arange(64), product.row_lengths)
    for i, j, value in list(zip(rows, product.indices, product.values, strict=True))[::17]:
        common = np.intersect1d(left[[i]].indices, right[:, [j]].tocoo().row)
        terms = [semiring.multiply(float(left[i, k]), float(right[k, j])) for k in common]
        total = terms[0]
        for term in terms[1:]:
            total = semiring.add(total, term)
        assert value == pytest.approx(total, rel=1e-12)


def test_mask_restricts_the_pattern() -> None:
    product, masked = reference.spgemm(A, B), reference.spgemm(A, B, mask=A)
    assert np.array_equal(_dense(masked), np.where(_dense(A) != 0, _dense(product), 0))


def test_sddmm_and_spmv() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.random((64, 5)), rng.random((5, 64))
    assert np.allclose(_dense(reference.sddmm(A, x, y)), _dense(A) * (x @ y))
    assert np.allclose(reference.spmv(A, x[:, 0]), _dense(A) @ x[:, 0])
    assert np.allclose(reference.spmm(A, x), _dense(A) @ x)


def test_difference_names_the_first_place() -> None:
    assert reference.difference(A, A) is None
    wrong = Csr(A.shape, A.row_pointers, A.indices, A.values * np.where(np.arange(A.nnz) == 5, 1 + 1e-9, 1))
    found = reference.difference(wrong, A)
    assert found is not None and found.reason.startswith("entry 5 is ")
    assert reference.difference(wrong, A, relative=1e-8) is None
    other = reference.difference(B, A)
    assert other is not None and "entries, expected" in other.reason

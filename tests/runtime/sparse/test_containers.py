"""Containers check what they hold and lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from runtime.faults import MatrixError
from runtime.sparse import generators
from runtime.sparse.containers import Csr, Dcsr, multiplications


def _csr(pointers: list[int], indices: list[int], shape: tuple[int, int] = (2, 4)) -> Csr:
    return Csr(shape, np.array(pointers), np.array(indices), np.ones(len(indices)))


@pytest.mark.parametrize(
    ("pointers", "indices", "reason"),
    [
        ([0, 2], [0, 1], "row pointers do not fit"),
        ([0, 2, 1], [0, 1], "row pointers decrease"),
        ([0, 1, 3], [0, 1], "disagree"),
        ([0, 1, 2], [0, 4], "out of range"),
        ([0, 2, 2], [1, 1], "not sorted or holds an entry twice"),
        ([0, 2, 2], [2, 1], "not sorted or holds an entry twice"),
    ],
)
def test_refuses(pointers: list[int], indices: list[int], reason: str) -> None:
    with pytest.raises(MatrixError, match=reason):
        _csr(pointers, indices)


def test_a_row_may_start_below_the_end_of_the_one_before() -> None:
    assert _csr([0, 2, 3], [2, 3, 0]).nnz == 3


def test_duplicates_are_refused_not_summed() -> None:
    twice = scipy.sparse.coo_matrix(([1.0, 2.0], ([3, 3], [1, 1])), shape=(4, 4))
    with pytest.raises(MatrixError, match=r"entry \(3, 1\) is stored twice"):
        Csr.of(twice)


def test_index_types() -> None:
    wide = scipy.sparse.csr_array((1, 40_000))
    with pytest.raises(MatrixError, match="40000 columns do not fit int16 indices"):
        Csr.of(wide, np.int16)
    assert Csr.of(wide, np.int64).indices.dtype == np.int64


def test_transpose_and_dcsr_round_trip() -> None:
    a = generators.rmat(7, 100)
    assert (a.transpose().to_scipy().toarray() == a.to_scipy().toarray().T).all()
    d = Dcsr.of(a)
    assert (d.rows == np.flatnonzero(a.row_lengths)).all()
    back = d.to_csr()
    assert np.array_equal(back.row_pointers, a.row_pointers)


def test_multiplications_counts_the_inner_loop() -> None:
    a, b = generators.rmat(5, 60), generators.uniform(32, 32, 2)
    expected = sum(int(b.row_lengths[k]) for k in a.indices)
    assert multiplications(a, b) == expected


def test_to_scipy_copies_neither_indices_nor_values() -> None:
    matrix = generators.rmat(8, 1000)
    found = matrix.to_scipy()
    assert found.indices.dtype == found.indptr.dtype == np.int32
    assert np.shares_memory(found.indices, matrix.indices) and np.shares_memory(found.data, matrix.values)

"""Compressed matrices as plain arrays, checked once: sorted, in range, no duplicates.

`Csr` holds rows; a CSC matrix is the `Csr` of its transpose, and `Dcsr` keeps only rows with entries.

    Csr.of(scipy_matrix).row_pointers

Refused with MatrixError: duplicate entries, indices out of range, unsorted rows, sizes that the index type
cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from runtime.faults import MatrixError
from runtime.sparse.libraries import scipy_sparse


def as_scipy(shape: tuple[int, int], pointers: NDArray[Any], indices: NDArray[Any], values: NDArray[Any]) -> Any:
    """A SciPy array of the same indices and values: it would copy indices that are narrower than pointers."""
    if indices.size <= np.iinfo(indices.dtype).max:
        pointers = pointers.astype(indices.dtype, copy=False)
    return scipy_sparse.csr_array((values, indices, pointers), shape=shape)


@dataclass(frozen=True, slots=True)
class Csr:
    """Compressed sparse rows; `indices` are sorted and distinct in each row."""

    shape: tuple[int, int]
    row_pointers: NDArray[Any]
    indices: NDArray[Any]
    values: NDArray[Any]

    def __post_init__(self) -> None:
        _check(self)

    @staticmethod
    def of(matrix: Any, index_type: DTypeLike = np.int32) -> Csr:
        """From any SciPy sparse matrix or array; COO input with duplicates is refused, not summed."""
        if matrix.format == "coo":
            matrix = _from_coo(matrix)
        csr = scipy_sparse.csr_array(matrix, copy=True)
        csr.sort_indices()
        return Csr(
            (int(csr.shape[0]), int(csr.shape[1])),
            csr.indptr.astype(np.int64),
            _narrow(csr.indices, index_type, csr.shape[1]),
            csr.data,
        )

    @property
    def nnz(self) -> int:
        """Stored entries."""
        return int(self.indices.size)

    @property
    def row_lengths(self) -> NDArray[np.int64]:
        """Entries per row."""
        return np.diff(self.row_pointers)

    def to_scipy(self) -> Any:
        """The same as a SciPy array."""
        return as_scipy(self.shape, self.row_pointers, self.indices, self.values)

    def transpose(self) -> Csr:
        """Rows become columns; also what a CSC container stores."""
        return Csr.of(self.to_scipy().T.tocsr(), self.indices.dtype)

    def bytes_stored(self) -> int:
        """Bytes of all three arrays."""
        return self.row_pointers.nbytes + self.indices.nbytes + self.values.nbytes


@dataclass(frozen=True, slots=True)
class Dcsr:
    """Doubly compressed: `rows` are those that have entries, in order."""

    shape: tuple[int, int]
    rows: NDArray[Any]
    row_pointers: NDArray[Any]
    indices: NDArray[Any]
    values: NDArray[Any]

    @staticmethod
    def of(matrix: Csr) -> Dcsr:
        """Drop the empty rows."""
        lengths = matrix.row_lengths
        rows = np.flatnonzero(lengths).astype(matrix.indices.dtype)
        pointers = np.concatenate(([0], np.cumsum(lengths[rows]))).astype(np.int64)
        return Dcsr(matrix.shape, rows, pointers, matrix.indices, matrix.values)

    def to_csr(self) -> Csr:
        """Put the empty rows back."""
        lengths = np.zeros(self.shape[0], np.int64)
        lengths[self.rows] = np.diff(self.row_pointers)
        pointers = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        return Csr(self.shape, pointers, self.indices, self.values)


def multiplications(a: Csr, b: Csr) -> int:
    """Multiply-adds of the product a * b."""
    return int(b.row_lengths[a.indices].sum())


def _from_coo(matrix: Any) -> Any:
    keys = matrix.row.astype(np.int64) * max(int(matrix.shape[1]), 1) + matrix.col
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if twice.size:
        at = order[twice[0]]
        raise MatrixError(f"matrix: error: entry ({int(matrix.row[at])}, {int(matrix.col[at])}) is stored twice")
    return matrix.tocsr()


def _narrow(indices: NDArray[Any], index_type: DTypeLike, columns: int) -> NDArray[Any]:
    kind = np.dtype(index_type)
    if columns > 1 << (8 * kind.itemsize - 1):
        raise MatrixError(f"matrix: error: {columns} columns do not fit {kind.name} indices")
    return indices.astype(kind)


def _check(m: Csr) -> None:
    pointers, indices = m.row_pointers, m.indices
    _require(pointers.size == m.shape[0] + 1 and pointers[0] == 0, "row pointers do not fit the number of rows")
    _require(bool((np.diff(pointers) >= 0).all()), "row pointers decrease")
    _require(int(pointers[-1]) == indices.size == m.values.size, "row pointers, indices and values disagree")
    inside = indices.size == 0 or (int(indices.min()) >= 0 and int(indices.max()) < m.shape[1])
    _require(inside, "a column index is out of range")
    starts = np.zeros(indices.size + 1, bool)
    starts[pointers] = True
    rising = np.diff(indices) > 0
    _require(bool((rising | starts[1:-1]).all()), "a row is not sorted or holds an entry twice")


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise MatrixError(f"matrix: error: {reason}")

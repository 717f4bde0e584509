"""What the kernels must compute: SciPy where it can, plain Python for the other semirings.

The pattern of a product is structural: every position that some multiply-add touches, whatever the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.sparse.containers import Csr
from runtime.sparse.libraries import scipy_sparse


class Semiring(Enum):
    """Addition and multiplication of a product."""

    PLUS_TIMES = "plus-times"
    MIN_PLUS = "min-plus"
    OR_AND = "or-and"
    PLUS_PAIR = "plus-pair"

    @property
    def add(self) -> Callable[[float, float], float]:
        """Combines two contributions to one entry."""
        return {"plus-times": _plus, "min-plus": min, "or-and": max, "plus-pair": _plus}[self.value]

    @property
    def multiply(self) -> Callable[[float, float], float]:
        """The contribution of one pair of entries."""
        return _MULTIPLY[self]


def _plus(x: float, y: float) -> float:
    return x + y


_MULTIPLY: dict[Semiring, Callable[[float, float], float]] = {
    Semiring.PLUS_TIMES: lambda x, y: x * y,
    Semiring.MIN_PLUS: lambda x, y: x + y,
    Semiring.OR_AND: lambda x, y: float(x != 0 and y != 0),
    Semiring.PLUS_PAIR: lambda _x, _y: 1.0,
}


def spgemm(a: Csr, b: Csr, semiring: Semiring = Semiring.PLUS_TIMES, mask: Csr | None = None) -> Csr:
    """a * b, restricted to the mask's pattern when there is one."""
    product = _plus_times(a, b) if semiring is Semiring.PLUS_TIMES else _plain(a, b, semiring)
    return _restrict(product, mask) if mask else product


def _plus_times(a: Csr, b: Csr) -> Csr:
    """SciPy's values on the structural pattern: SciPy itself drops sums that happen to be zero."""
    pattern = scipy_sparse.csr_array(_ones(a) @ _ones(b))
    pattern.sort_indices()
    values = scipy_sparse.csr_array(a.to_scipy() @ b.to_scipy())
    values.sort_indices()
    found = Csr.of(pattern, a.indices.dtype)
    product = np.zeros(found.nnz, values.dtype)
    product[np.searchsorted(_keys(found), _keys(Csr.of(values, a.indices.dtype)))] = values.data
    return Csr(found.shape, found.row_pointers, found.indices, product)


def _ones(m: Csr) -> Any:
    return scipy_sparse.csr_array((np.ones(m.nnz, np.int64), m.indices, m.row_pointers), shape=m.shape)


def _plain(a: Csr, b: Csr, semiring: Semiring) -> Csr:
    rows = [_row(a, b, i, semiring) for i in range(a.shape[0])]
    pointers = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    entries = [entry for row in rows for entry in sorted(row.items())]
    indices = np.array([j for j, _ in entries], a.indices.dtype)
    return Csr((a.shape[0], b.shape[1]), pointers, indices, np.array([v for _, v in entries], np.float64))


def _row(a: Csr, b: Csr, i: int, semiring: Semiring) -> dict[int, float]:
    add, multiply = semiring.add, semiring.multiply
    row: dict[int, float] = {}
    for p in range(int(a.row_pointers[i]), int(a.row_pointers[i + 1])):
        x, k = float(a.values[p]), int(a.indices[p])
        for q in range(int(b.row_pointers[k]), int(b.row_pointers[k + 1])):
            j, value = int(b.indices[q]), multiply(x, float(b.values[q]))
            row[j] = add(row[j], value) if j in row else value
    return row


def _restrict(product: Csr, mask: Csr) -> Csr:
    kept = scipy_sparse.csr_array(product.to_scipy())
    keys = _keys(product)
    keep = np.isin(keys, _keys(mask))
    rows = keys[keep] // max(product.shape[1], 1)
    data = (kept.data[keep], (rows, product.indices[keep]))
    return Csr.of(scipy_sparse.coo_array(data, shape=product.shape).tocsr(), product.indices.dtype)


def _keys(m: Csr) -> NDArray[np.int64]:
    rows = np.repeat(np.arange(m.shape[0], dtype=np.int64), m.row_lengths)
    return rows * max(m.shape[1], 1) + m.indices


def spmv(a: Csr, x: NDArray[Any]) -> NDArray[Any]:
    """a * x."""
    return a.to_scipy() @ x


def spmm(a: Csr, x: NDArray[Any]) -> NDArray[Any]:
    """a * x for a dense matrix x."""
    return a.to_scipy() @ x


def sddmm(mask: Csr, x: NDArray[Any], y: NDArray[Any]) -> Csr:
    """mask ∘ (x * y): the dense product sampled at the mask's entries and scaled by them."""
    rows = np.repeat(np.arange(mask.shape[0]), mask.row_lengths)
    values = mask.values * np.einsum("ij,ij->i", x[rows], y[:, mask.indices].T)
    return Csr(mask.shape, mask.row_pointers, mask.indices, values)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two matrices disagree."""

    reason: str


def difference(found: Csr, expected: Csr, relative: float = 1e-12) -> Difference | None:
    """Exact pattern, values to a relative error; None when equal."""
    if found.shape != expected.shape:
        return Difference(f"shape {found.shape}, expected {expected.shape}")
    if not np.array_equal(found.row_pointers, expected.row_pointers):
        row = int(np.flatnonzero(np.diff(found.row_pointers) != np.diff(expected.row_pointers))[0])
        lengths = int(found.row_lengths[row]), int(expected.row_lengths[row])
        return Difference(f"row {row} has {lengths[0]} entries, expected {lengths[1]}")
    return _entry_difference(found, expected, relative)


def _entry_difference(found: Csr, expected: Csr, relative: float) -> Difference | None:
    wrong = np.flatnonzero(found.indices != expected.indices)
    if wrong.size:
        at = int(wrong[0])
        return Difference(f"entry {at} is in column {found.indices[at]}, expected {expected.indices[at]}")
    close = np.isclose(found.values, expected.values, rtol=relative, atol=0, equal_nan=True)
    if close.all():
        return None
    at = int(np.flatnonzero(~close)[0])
    return Difference(f"entry {at} is {found.values[at]}, expected {expected.values[at]}")

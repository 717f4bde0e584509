"""Data descriptors from matrices: sizes, degrees, how the work is spread over rows, an estimate of the result.

    measure(operands)        # DataDescriptor(rows=16384, …)

One pass over A and the row lengths of B, plus, for the entries of a product, the exact count on a sample of rows scaled
to all by the multiply-adds: the sample is fixed, so the same operands give the same descriptor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import Kind
from compiler.targets.operands import Operands
from runtime.sparse.containers import Csr

SAMPLE_FMAS = 200_000
"""Multiply-adds that the sample of rows may take to count."""


def measure(operands: Operands) -> DataDescriptor:
    """What there is to know of the operands of a run."""
    a, b = operands.a, operands.b
    lengths, fmas = a.row_lengths, _row_fmas(operands)
    lengths_b = b.row_lengths if b is not None else np.zeros(1, np.int64)
    return DataDescriptor(
        rows=a.shape[0],
        inner=a.shape[1],
        columns=operands.shape[1] if len(operands.shape) > 1 else 1,
        nnz_a=a.nnz,
        nnz_b=b.nnz if b is not None else _dense_size(operands),
        nnz_c=_result_entries(operands, fmas),
        fmas=int(fmas.sum()),
        **_moments("", lengths),
        **_moments("_b", lengths_b),
        max_row_fmas=int(fmas.max(initial=0)),
        bandwidth=_bandwidth(a),
        span=_span(a, b) if b is not None else 0,
        **_histogram(fmas),
    )


def multiply_adds(operands: Operands) -> int:
    """Of the whole kernel."""
    return int(_row_fmas(operands).sum())


def row_fmas(a: Csr, b: Csr) -> NDArray[np.int64]:
    """Multiply-adds of each row of a * b."""
    sums = np.concatenate(([0], np.cumsum(b.row_lengths[a.indices], dtype=np.int64)))
    return np.diff(sums[a.row_pointers])


def _row_fmas(operands: Operands) -> NDArray[np.int64]:
    if operands.b is not None:
        return row_fmas(operands.a, operands.b)
    x = operands.x
    assert x is not None
    width = x.shape[1] if x.ndim == 2 else 1
    return operands.a.row_lengths * width


def _dense_size(operands: Operands) -> int:
    return sum(each.size for each in (operands.x, operands.y) if each is not None)


def _moments(suffix: str, lengths: NDArray[np.int64]) -> dict[str, Any]:
    if not lengths.size:
        return {}
    mean, deviation = float(lengths.mean()), float(lengths.std())
    return {
        f"mean_row{suffix}": round(mean, 3),
        f"deviation_row{suffix}": round(deviation, 3),
        f"max_row{suffix}": int(lengths.max()),
    }


def _bandwidth(a: Csr) -> int:
    rows = np.repeat(np.arange(a.shape[0], dtype=np.int64), a.row_lengths)
    return int(np.abs(rows - a.indices).max(initial=0))


def _span(a: Csr, b: Csr) -> int:
    """Over rows of a * b: from the leftmost first to the rightmost last entry of the rows of B that meet, both counted."""
    some, rows = b.row_lengths > 0, a.row_lengths > 0
    if not some.any() or not rows.any():
        return 0
    first, last = (np.full(b.shape[0], none, np.int64) for none in (b.shape[1], -1))
    first[some] = np.minimum.reduceat(b.indices, b.row_pointers[:-1][some])
    last[some] = np.maximum.reduceat(b.indices, b.row_pointers[:-1][some])
    starts = a.row_pointers[:-1][rows]
    low, high = np.minimum.reduceat(first[a.indices], starts), np.maximum.reduceat(last[a.indices], starts)
    return int(np.maximum(high - low + 1, 0).sum())


def _histogram(fmas: NDArray[np.int64]) -> dict[str, Any]:
    """Rows and their multiply-adds by powers of two: class 0 has none, class k from 2**(k-1) to 2**k - 1."""
    classes = np.ceil(np.log2(fmas + 1)).astype(np.int64)
    rows = np.bincount(classes)
    work = np.bincount(classes, weights=fmas)
    return {"row_fmas": tuple(map(int, rows)), "work_fmas": tuple(map(int, work))}


def _result_entries(operands: Operands, fmas: NDArray[np.int64]) -> int:
    if operands.form.kind is not Kind.SPGEMM:
        return operands.a.nnz if operands.form.kind is Kind.SDDMM else int(np.prod(operands.shape))
    assert operands.b is not None
    total = int(fmas.sum())
    if total == 0:
        return 0
    chosen = _sample(fmas)
    counted = _entries(operands.a, operands.b, chosen)
    return max(1, round(counted * total / max(int(fmas[chosen].sum()), 1)))


def _sample(fmas: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows spread evenly over those with work, together under the limit (at least one)."""
    rows = np.flatnonzero(fmas)
    stride = max(1, -(-int(fmas.sum()) // SAMPLE_FMAS))
    chosen = rows[stride // 2 :: stride] if rows.size > stride else rows[:1]
    within = np.cumsum(fmas[chosen]) <= 4 * SAMPLE_FMAS
    within[0] = True
    return chosen[within]


def _entries(a: Csr, b: Csr, rows: NDArray[np.int64]) -> int:
    """Entries of the product in these rows, counted."""
    left = a.to_scipy()[rows]
    left.data = np.ones(left.data.size, np.int64)
    right = b.to_scipy()
    right.data = np.ones(right.data.size, np.int64)
    return int((left @ right).nnz)

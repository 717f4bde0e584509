"""What products must be, computed on whole arrays: every kernel form, semiring and element type.

    product(a, b, Semiring.MIN_PLUS)      # equal to runtime.reference.spgemm, entry for entry

Independent of every lowering: all contributions are listed, sorted by row and column, and reduced. Rows are taken in
chunks, so that a product of any size needs little more memory than its result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.reference import Semiring
from runtime.sparse.containers import Csr

Array = NDArray[Any]
CHUNK = 1 << 22
"""Contributions that are listed at a time."""

_REDUCE: dict[Semiring, Any] = {
    Semiring.PLUS_TIMES: np.add,
    Semiring.MIN_PLUS: np.minimum,
    Semiring.OR_AND: np.logical_or,
    Semiring.PLUS_PAIR: np.add,
}


def multiply(semiring: Semiring, x: Array, y: Array) -> Array:
    """The contributions of pairs of entries, in the type of the entries."""
    match semiring:
        case Semiring.PLUS_TIMES:
            return x * y
        case Semiring.MIN_PLUS:
            return x + y
        case Semiring.OR_AND:
            return np.logical_and(x, y)
        case Semiring.PLUS_PAIR:
            return np.ones_like(x)


def product(a: Csr, b: Csr, semiring: Semiring, progress: Callable[[str], object] = lambda _: None) -> Csr:
    """a ⊗ b, the pattern structural."""
    fmas = np.concatenate(([0], np.cumsum(b.row_lengths[a.indices], dtype=np.int64)))[a.row_pointers]
    parts: list[tuple[Array, Array, Array]] = []
    start, rows = 0, a.shape[0]
    while start < rows:
        end = max(start + 1, int(np.searchsorted(fmas, fmas[start] + CHUNK, side="right")) - 1)
        parts.append(_rows(a, b, start, min(end, rows), semiring))
        start = min(end, rows)
        progress(f"row {start:,} of {rows:,}")
    kind = multiply(semiring, a.values[:0], b.values[:0]).dtype
    lengths = np.concatenate([np.zeros(1, np.int64), *(part[0] for part in parts)])
    indices = np.concatenate([np.zeros(0, a.indices.dtype), *(part[1] for part in parts)])
    values = np.concatenate([np.zeros(0, kind), *(part[2] for part in parts)])
    return Csr((rows, b.shape[1]), np.cumsum(lengths), indices.astype(a.indices.dtype), values)


def _rows(a: Csr, b: Csr, start: int, end: int, semiring: Semiring) -> tuple[Array, Array, Array]:
    """Lengths, columns and values of some rows of the product."""
    low, high = int(a.row_pointers[start]), int(a.row_pointers[end])
    row = np.repeat(np.arange(end - start), np.diff(a.row_pointers[start : end + 1]))
    chosen = a.indices[low:high]
    count = b.row_lengths[chosen]
    first = np.cumsum(count) - count
    within = np.arange(int(count.sum())) - np.repeat(first, count)
    at = np.repeat(b.row_pointers[chosen], count) + within
    values = multiply(semiring, np.repeat(a.values[low:high], count), b.values[at])
    return _combined(np.repeat(row, count), b.indices[at], values, end - start, semiring)


def _combined(row: Array, column: Array, values: Array, rows: int, semiring: Semiring) -> tuple[Array, Array, Array]:
    """Contributions to one entry become one; rows come out in order."""
    order = np.lexsort((column, row))
    row, column, values = row[order], column[order], values[order]
    new = np.ones(row.size, bool)
    new[1:] = (np.diff(row) != 0) | (np.diff(column) != 0)
    starts = np.flatnonzero(new)
    combined = _REDUCE[semiring].reduceat(values, starts) if starts.size else values
    return np.bincount(row[starts], minlength=rows), column[starts], combined.astype(values.dtype)


def add(one: Csr, other: Csr, semiring: Semiring) -> Csr:
    """one ⊕ other, on the union of the patterns."""
    row = np.concatenate([np.repeat(np.arange(m.shape[0]), m.row_lengths) for m in (one, other)])
    column, values = np.concatenate([one.indices, other.indices]), np.concatenate([one.values, other.values])
    lengths, columns, combined = _combined(row, column, values, one.shape[0], semiring)
    return Csr(one.shape, np.concatenate(([0], np.cumsum(lengths))), columns, combined)


def keep(matrix: Csr, mask: Csr, complement: bool) -> Csr:
    """The entries where the mask has one, or where it has none."""
    width = max(matrix.shape[1], 1)
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), matrix.row_lengths)
    masked = np.repeat(np.arange(mask.shape[0], dtype=np.int64), mask.row_lengths) * width + mask.indices
    kept = np.isin(row * width + matrix.indices, masked, invert=complement)
    lengths = np.bincount(row[kept], minlength=matrix.shape[0])
    pointers = np.concatenate(([0], np.cumsum(lengths)))
    return Csr(matrix.shape, pointers, matrix.indices[kept], matrix.values[kept])


def dense_product(a: Csr, x: Array, semiring: Semiring) -> Array:
    """a ⊗ x for a dense vector or matrix; a row without entries gives the ⊕ of nothing."""
    columns = x.reshape(x.shape[0], -1)
    row = np.repeat(np.arange(a.shape[0]), a.row_lengths)
    result = np.full((a.shape[0], columns.shape[1]), nothing(semiring, x.dtype))
    with np.errstate(over="ignore"):
        terms = multiply(semiring, np.repeat(a.values[:, None], columns.shape[1], 1), columns[a.indices])
        _REDUCE[semiring].at(result, row, terms)
    return result.reshape(a.shape[0], *x.shape[1:])


def nothing(semiring: Semiring, kind: np.dtype[Any]) -> Any:
    """The ⊕ of no contribution, in a type."""
    if semiring is not Semiring.MIN_PLUS:
        return kind.type(0)
    return kind.type(np.inf) if kind.kind == "f" else np.iinfo(kind).max

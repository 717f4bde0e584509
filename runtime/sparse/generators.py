"""Matrices by rule, each with a seed: the same arguments give the same matrix, entry for entry.

Values are uniform in [0.5, 1.5), so that no sum of products cancels to zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.faults import MatrixError
from runtime.sparse.containers import Csr
from runtime.sparse.libraries import scipy_sparse


def _assemble(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int], seed: int) -> Csr:
    """Distinct positions, with values; positions given twice count once."""
    keys = np.unique(rows.astype(np.int64) * shape[1] + columns)
    values = np.random.default_rng(seed).uniform(0.5, 1.5, keys.size)
    return Csr.of(scipy_sparse.coo_array((values, (keys // shape[1], keys % shape[1])), shape=shape).tocsr())


def rmat(
    scale: int,
    edges: int,
    *,
    a: float = 0.57,
    b: float = 0.19,
    c: float = 0.19,
    seed: int = 1,
    permute: bool = False,
) -> Csr:
    """R-MAT graph of 2**scale vertices (Chakrabarti et al. 2004); duplicate edges are dropped."""
    if not (a > 0 and b >= 0 and c >= 0 and a + b + c <= 1):
        raise MatrixError(f"rmat: error: probabilities {a}, {b}, {c} do not sum to at most 1")
    rng = np.random.default_rng(seed)
    rows, columns = np.zeros(edges, np.int64), np.zeros(edges, np.int64)
    for _ in range(scale):
        draw = rng.random(edges)
        down = draw >= a + b
        right = ((draw >= a) & (draw < a + b)) | (draw >= a + b + c)
        rows, columns = 2 * rows + down, 2 * columns + right
    if permute:
        names = rng.permutation(1 << scale)
        rows, columns = names[rows], names[columns]
    return _assemble(rows, columns, (1 << scale, 1 << scale), seed)


def smash16k(permute: bool = False) -> Csr:
    """The mild R-MAT with the shape of the matrix that SMASH was published on (16K rows, about 254K entries)."""
    return rmat(14, 262_144, a=0.49, b=0.11, c=0.11, seed=1, permute=permute)


def poisson2d(side: int, seed: int = 1, permute: bool = False) -> Csr:
    """Five-point stencil on a square grid; points in order, or by names that say nothing of where they are."""
    return _renamed(_stencil(side, 2, seed), seed) if permute else _stencil(side, 2, seed)


def poisson3d(side: int, seed: int = 1) -> Csr:
    """Seven-point stencil on a cubic grid."""
    return _stencil(side, 3, seed)


def _stencil(side: int, dimensions: int, seed: int) -> Csr:
    size = int(side**dimensions)
    cell = np.arange(size)
    rows, columns = [cell], [cell]
    for axis in range(dimensions):
        step = int(side**axis)
        inside = cell[(cell // step) % side < side - 1]
        rows += [inside, inside + step]
        columns += [inside + step, inside]
    return _assemble(np.concatenate(rows), np.concatenate(columns), (size, size), seed)


def _renamed(a: Csr, seed: int) -> Csr:
    names = np.random.default_rng(seed).permutation(a.shape[0])
    rows = np.repeat(np.arange(a.shape[0], dtype=np.int64), a.row_lengths)
    return _assemble(names[rows], names[a.indices], a.shape, seed)


def small_world(size: int, half_width: int, far: float, seed: int = 1) -> Csr:
    """A band, and about `far` entries in each row anywhere (after Watts and Strogatz 1998)."""
    rng = np.random.default_rng(seed)
    near = banded(size, half_width)
    rows = np.repeat(np.arange(size), near.row_lengths)
    count = round(size * far)
    ends = [rng.integers(0, size, count) for _ in range(2)]
    return _assemble(np.concatenate((rows, ends[0])), np.concatenate((near.indices, ends[1])), near.shape, seed)


def banded(size: int, half_width: int, seed: int = 1) -> Csr:
    """Every entry with |row - column| <= half_width."""
    cell = np.repeat(np.arange(size), 2 * half_width + 1)
    columns = cell + np.tile(np.arange(-half_width, half_width + 1), size)
    inside = (columns >= 0) & (columns < size)
    return _assemble(cell[inside], columns[inside], (size, size), seed)


def uniform(rows: int, columns: int, per_row: float, seed: int = 1) -> Csr:
    """About `per_row` entries in each row, anywhere."""
    rng = np.random.default_rng(seed)
    count = round(rows * per_row)
    return _assemble(rng.integers(0, rows, count), rng.integers(0, columns, count), (rows, columns), seed)


def block_diagonal(blocks: int, block_size: int, seed: int = 1) -> Csr:
    """Dense blocks on the diagonal."""
    size = blocks * block_size
    cell = np.repeat(np.arange(size), block_size)
    columns = cell // block_size * block_size + np.tile(np.arange(block_size), size)
    return _assemble(cell, columns, (size, size), seed)


def power_law(size: int, edges: int, exponent: float = 2.1, seed: int = 1) -> Csr:
    """Row and column popularity falls as rank ** (-1 / (exponent - 1)), names shuffled."""
    rng = np.random.default_rng(seed)
    weights = np.arange(1, size + 1) ** (-1 / (exponent - 1))
    weights /= weights.sum()
    ends = [rng.permutation(size)[rng.choice(size, edges, p=weights)] for _ in range(2)]
    return _assemble(ends[0], ends[1], (size, size), seed)


def dense_row(size: int, seed: int = 1) -> Csr:
    """The diagonal and one full row."""
    cell = np.arange(size)
    return _assemble(np.concatenate((cell, np.zeros_like(cell))), np.concatenate((cell, cell)), (size, size), seed)


def dense_column(size: int, seed: int = 1) -> Csr:
    """The diagonal and one full column."""
    return dense_row(size, seed).transpose()


def empty(rows: int, columns: int) -> Csr:
    """No entry."""
    return _assemble(np.zeros(0, np.int64), np.zeros(0, np.int64), (rows, max(columns, 1)), 1)


SUITE: dict[str, Callable[[], Csr]] = {
    "rmat10": lambda: rmat(10, 8192),
    "rmat10-permuted": lambda: rmat(10, 8192, permute=True),
    "rmat12": lambda: rmat(12, 32768),
    "rmat12-mild": lambda: rmat(12, 65536, a=0.49, b=0.11, c=0.11),
    "poisson2d-64": lambda: poisson2d(64),
    "poisson2d-128": lambda: poisson2d(128),
    "poisson3d-16": lambda: poisson3d(16),
    "poisson3d-24": lambda: poisson3d(24),
    "banded-4096-8": lambda: banded(4096, 8),
    "banded-1024-32": lambda: banded(1024, 32),
    "uniform-4096-8": lambda: uniform(4096, 4096, 8),
    "uniform-wide": lambda: uniform(2048, 2048, 32),
    "blocks-64x32": lambda: block_diagonal(64, 32),
    "blocks-256x8": lambda: block_diagonal(256, 8),
    "power-law-4096": lambda: power_law(4096, 32768),
}
"""Fifteen generated matrices of the sizes that a simulation bears."""

"""Generators give the shapes they promise, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from runtime.faults import MatrixError
from runtime.reference import difference
from runtime.sparse import generators as g
from runtime.sparse.containers import multiplications


@pytest.mark.parametrize("name", g.SUITE)
def test_suite_is_reproducible(name: str) -> None:
    one, two = g.SUITE[name](), g.SUITE[name]()
    assert difference(one, two, 0) is None
    assert one.nnz > 1000


def test_stencils() -> None:
    two, three = g.poisson2d(10), g.poisson3d(6)
    assert two.nnz == 5 * 100 - 4 * 10
    assert three.nnz == 7 * 216 - 6 * 36
    for m in (two, three):
        pattern = (m.to_scipy().toarray() != 0).astype(int)
        assert (pattern == pattern.T).all()


def test_a_shuffled_mesh_is_the_mesh_with_other_names() -> None:
    plain, shuffled = g.poisson2d(10), g.poisson2d(10, permute=True)
    assert sorted(plain.row_lengths) == sorted(shuffled.row_lengths)
    assert list(plain.row_lengths) != list(shuffled.row_lengths)
    pattern = (shuffled.to_scipy().toarray() != 0).astype(int)
    assert (pattern == pattern.T).all() and pattern.diagonal().all()


def test_a_small_world_is_a_band_and_a_little_more() -> None:
    near, world = g.banded(300, 2), g.small_world(300, 2, 0.5)
    assert near.nnz < world.nnz <= near.nnz + 150
    inside = near.to_scipy().multiply(world.to_scipy() != 0)
    assert inside.nnz == near.nnz


def test_banded_and_blocks() -> None:
    band = g.banded(20, 3).to_scipy().tocoo()
    assert (abs(band.row - band.col) <= 3).all()
    assert band.nnz == 20 * 7 - 2 * (3 + 2 + 1)
    block = g.block_diagonal(3, 4).to_scipy().tocoo()
    assert (block.row // 4 == block.col // 4).all()
    assert block.nnz == 48


def test_dense_row_and_column() -> None:
    assert g.dense_row(9).row_lengths.tolist() == [9] + [1] * 8
    assert np.array_equal(g.dense_column(9).to_scipy().toarray(), g.dense_row(9).to_scipy().toarray().T)


def test_power_law_is_skewed_and_uniform_is_not() -> None:
    skewed, flat = g.power_law(1000, 8000), g.uniform(1000, 1000, 8)
    assert skewed.row_lengths.max() > 5 * flat.row_lengths.max()


def test_smash16k_has_the_published_shape() -> None:
    """Published: 254,211 entries; the product has 5,174,841 entries at a compression factor of 1.23."""
    m = g.smash16k()
    assert m.shape == (16384, 16384)
    assert m.nnz == pytest.approx(254_211, rel=0.02)
    assert multiplications(m, m) == pytest.approx(5_174_841 * 1.23, rel=0.02)


def test_permutation_only_renames() -> None:
    plain, named = g.rmat(8, 1000), g.rmat(8, 1000, permute=True)
    assert sorted(plain.row_lengths) == sorted(named.row_lengths)
    assert multiplications(plain, plain) == multiplications(named, named)


def test_empty_and_bad() -> None:
    assert g.empty(3, 5).nnz == 0
    with pytest.raises(MatrixError, match="do not sum to at most 1"):
        g.rmat(4, 10, a=0.9, b=0.1, c=0.1)

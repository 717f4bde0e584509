"""Look-up products are the products."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.arithmetic.lookup import Nibbles, nibbles_of, product, repeated_share, subsets_of, tables_of, weights_of


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("group", [1, 2, 4, 8])
def test_exact(bits: int, group: int) -> None:
    rng = np.random.default_rng(bits)
    weights = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), (33, 64))
    x = rng.integers(-128, 128, 64)
    subsets = subsets_of(weights, bits, group)
    assert np.array_equal(product(tables_of(x, group), subsets), weights @ x)
    assert np.array_equal(weights_of(subsets, group), weights)


def test_tables_hold_the_sums_of_subsets() -> None:
    assert tables_of(np.array([1, 10, 100]), 3).tolist() == [[0, 1, 10, 11, 100, 101, 110, 111]]


def test_how_often_a_pattern_repeats() -> None:
    """SAIL saves 13.8 % with them; what is saved depends on how many activations are zero or small."""
    rng = np.random.default_rng(3)
    gaussian = np.clip(rng.normal(0, 32, 1 << 16).round(), -128, 127)
    relu = np.maximum(gaussian, 0)
    assert repeated_share(relu, 8, 4) >= 0.138
    assert 0.15 < repeated_share(gaussian, 8, 4) < repeated_share(relu, 8, 4)
    assert repeated_share(gaussian, 8, 8) < repeated_share(gaussian, 8, 4)


def test_codes_for_shuffles_lie_as_they_are_said_to() -> None:
    outputs, inputs, how = 40, 36, Nibbles(3, 2)
    weights = np.random.default_rng(4).integers(-4, 4, (outputs, inputs))
    found = nibbles_of(weights, how)
    assert found.size == how.length(outputs, inputs) == 2 * 3 * 3 * 2 * 32
    subsets = subsets_of(np.where(weights < 0, weights + 8, weights) - 4, 3, 4)  # of the bits as they are
    blocks = found.reshape(2, 3, 3, 2, 32)
    for output in range(outputs):
        place = output % 8 * 4 + output % 32 // 8
        assert place % 4 * 8 + place // 4 == output % 32
        for group in range(inputs // 4):
            codes = blocks[output // 32, group // 4, :, group // 2 % 2, place] >> 4 * (group % 2) & 0xF
            assert np.array_equal(codes, subsets[:, output, group])

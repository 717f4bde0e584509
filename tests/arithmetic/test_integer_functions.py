"""The integer functions: ours within their errors, the published ones at the errors that were published or measured."""

from __future__ import annotations

from fractions import Fraction
from math import erf, isqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from compiler.arithmetic.dyadic import Dyadic, requantised
from compiler.arithmetic.integer_functions import (
    SOFTMAX_SHIFT,
    ExpQuadratic,
    GeluQuadratic,
    exp_shift,
    layer_norm_exact,
    layer_norm_shift,
    newton_root,
    norm_factor,
    rounded_mean,
    shift_gelu,
    shift_gelu_base,
    shift_norm_factor,
    shiftmax,
    shiftmax_factor,
    softmax_factor,
    softmax_quadratic,
    square_root,
)
from compiler.arithmetic.rounding import Mode
from compiler.arithmetic.words import Lanes

Reals = NDArray[np.float64]
SCALES = [Fraction(2, 127), Fraction(1, 16), Fraction(4, 127), Fraction(8, 127), Fraction(16, 127)]


def logits() -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(-127, 128, (500, 197))


def exact_softmax(x: NDArray[np.int64], scale: Fraction) -> Reals:
    powers = np.exp((x - x.max(1, keepdims=True)) * float(scale))
    return powers / powers.sum(1, keepdims=True)


def exact_gelu(x: NDArray[Any]) -> Reals:
    return np.array([each * (1 + erf(each / 2**0.5)) / 2 for each in x])


@pytest.mark.parametrize("scale", SCALES)
def test_softmax(scale: Fraction) -> None:
    x = logits()
    distance = Lanes.of(x - x.max(1, keepdims=True))
    exact = exact_softmax(x, scale)
    ours = ExpQuadratic.of(scale)(distance)
    total = Lanes(ours.array.sum(1, keepdims=True))
    assert abs(softmax_quadratic(ours, softmax_factor(total)).array / 2**15 - exact).max() <= 1e-3
    published = exp_shift(distance, scale, SOFTMAX_SHIFT)
    result = shiftmax(published, shiftmax_factor(Lanes(published.array.sum(1, keepdims=True))), 8).array / 2**7
    assert 5e-3 < abs(result - exact).max() < 0.08
    assert abs(result - exact).mean() < 3e-3
    assert (published.array.argmax(1) == exact.argmax(1)).all()


def test_gelu() -> None:
    scale, x = Fraction(6, 127), np.arange(-127, 128)
    exact = exact_gelu(x * float(scale))
    ours = GeluQuadratic.of(scale)(Lanes.of(x)).array * float(scale) / 2**15
    assert abs(ours - exact).max() <= 0.001
    largest = Lanes.of([127])
    published = shift_gelu(Lanes.of(x), largest, shift_gelu_base(largest, scale), scale, 8).array * float(scale) / 2**7
    assert abs(published - exact).max() == pytest.approx(0.23, abs=0.01)


@pytest.mark.parametrize("bits", [8, 12, 15])
def test_gelu_of_finer_inputs(bits: int) -> None:
    scale = Fraction(6, 1 << bits)
    x = np.arange(-(1 << bits), (1 << bits) + 1)
    ours = GeluQuadratic.of(scale)(Lanes.of(x)).array * float(scale) / 2**15
    assert abs(ours - exact_gelu(x * float(scale))).max() <= 0.001


@pytest.mark.parametrize("width", [64, 192])
def test_layer_norm(width: int) -> None:
    x = np.random.default_rng(1).normal(3, 20, (300, width)).round().astype(np.int64)
    exact = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    y = Lanes.of(width * x - x.sum(1, keepdims=True))
    ours = layer_norm_exact(y, norm_factor(Lanes((y.array**2).sum(1, keepdims=True)))).array * width**0.5 / 2**15
    assert abs(ours - exact).max() < 1e-3
    near = Lanes.of(x) - rounded_mean(Lanes(x.sum(1, keepdims=True)), width)
    root = newton_root(Lanes((near.array**2).sum(1, keepdims=True)))
    published = layer_norm_shift(near, shift_norm_factor(root)).array * width**0.5 / 2**30
    assert 0.02 < abs(published - exact).max() < 0.15


def test_layer_norm_of_equal_inputs() -> None:
    zero = Lanes.of([0])
    assert layer_norm_exact(zero, norm_factor(zero)).array.tolist() == [0]
    assert layer_norm_shift(zero, shift_norm_factor(newton_root(zero))).array.tolist() == [0]


@given(st.integers(0, 2**62 - 1))
def test_square_root(n: int) -> None:
    at = isqrt(n)
    inputs = np.array([n, at**2, max(at**2 - 1, 0)])
    assert square_root(Lanes.of(inputs)).array.tolist() == [isqrt(int(each)) for each in inputs]


@given(st.integers(-(2**31), 2**31), st.integers(1, 1000))
def test_rounded_mean(total: int, count: int) -> None:
    assert rounded_mean(Lanes.of([total]), count).array[0] == (2 * total + count) // (2 * count)


RATIOS = st.fractions(Fraction(1, 2**20), Fraction(1, 2))


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1), RATIOS, st.integers(0, 2**64 - 1))
def test_requantisation_is_exact(acc: list[int], ratio: Fraction, random: int) -> None:
    dyadic = Dyadic.near(ratio, 31)
    exact = [each * dyadic.value for each in acc]
    clamp = Fraction(2) ** 40
    draw = Lanes(np.full(len(acc), random, np.uint64).view(np.int64))
    for mode, expected in {
        Mode.RN: [round(each) for each in exact],
        Mode.RZ: [int(each) for each in exact],
        Mode.SR: [each // 1 + (random < int(each % 1 * 2**64)) for each in exact],
    }.items():
        stream = draw if mode is Mode.SR else None
        result = requantised(Lanes.of(acc), dyadic, mode, -int(clamp), int(clamp), stream)
        assert result.array.tolist() == expected, mode


@given(st.fractions(Fraction(1, 10**6), 10**6), st.integers(2, 40))
def test_a_dyadic_number_is_near(value: Fraction, bits: int) -> None:
    it = Dyadic.near(value, bits)
    assert it.mantissa.bit_length() == bits
    assert abs(it.value / value - 1) <= Fraction(1, 2**bits)


def mismatch(bits: int) -> float:
    """The share of int8 results that a mantissa of so many bits gets wrong, against the exact ratio."""
    rng = np.random.default_rng(2)
    acc, ratio = (
        rng.integers(-(2**31), 2**31, 20000),
        Fraction(1, 2**15) * Fraction(rng.integers(1, 2**20).item(), 2**20),
    )
    exact = np.array([round(int(each) * ratio) for each in acc])
    ours = requantised(Lanes.of(acc), Dyadic.near(ratio, bits), Mode.RN, -(2**31), 2**31 - 1).array
    return float((ours != exact).mean())


def test_a_mantissa_of_31_bits_is_nearly_always_right() -> None:
    assert mismatch(31) <= 5e-3
    assert mismatch(15) >= 0.04


def test_a_clamp_holds() -> None:
    assert requantised(Lanes.of([2**30, -(2**30)]), Dyadic(1, 3), Mode.RN, -128, 127).array.tolist() == [127, -128]
    assert requantised(Lanes.of([3, -100]), Dyadic(1, -2), Mode.RN, -128, 127).array.tolist() == [12, -128]

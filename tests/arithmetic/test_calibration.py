"""Calibration: the published signal-to-noise ratios, and learned rounding on layers and inputs that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from compiler.arithmetic.calibration import best_scale, layer_error, learned_directions, quantised
from compiler.arithmetic.formats import E2M1, E4M3FN, E5M2, Format
from compiler.arithmetic.rounding import Mode

Reals = NDArray[np.float64]


def decibels(x: Reals, target: Format) -> float:
    error = quantised(x, best_scale(x, target), target, Mode.RN) - x
    return float(10 * np.log10((x**2).mean() / (error**2).mean()))


@pytest.mark.parametrize(
    ("target", "gaussian", "laplace"), [(E4M3FN, 31.6, 31.6), (E5M2, 25.6, 25.6), (E2M1, 18.9, 17.4)]
)
def test_the_published_ratios(target: Format, gaussian: float, laplace: float) -> None:
    rng = np.random.default_rng(0)
    assert decibels(rng.normal(size=50000), target) == pytest.approx(gaussian, abs=0.2)
    assert decibels(rng.laplace(size=50000), target) == pytest.approx(laplace, abs=0.4)


def test_a_scale_per_channel_is_no_worse() -> None:
    weights = np.random.default_rng(1).normal(size=(8, 64)) * np.logspace(0, 3, 8)[:, None]
    whole, each = best_scale(weights, E2M1), best_scale(weights, E2M1, axis=0)
    assert (whole.shape, each.shape) == ((1, 1), (8, 1))
    errors = [
        ((quantised(weights, scale, E2M1, Mode.RN) - weights) ** 2 / weights.var(1, keepdims=True)).mean()
        for scale in (whole, each)
    ]
    assert errors[1] < 0.1 * errors[0]


def activations(rng: np.random.Generator, mixing: Reals, samples: int) -> Reals:
    """What a layer with ReLU gives: fewer causes than activations, none negative."""
    return np.maximum(mixing @ rng.normal(size=(mixing.shape[1], samples)), 0)


@pytest.mark.parametrize("axis", [None, 0], ids=["tensor", "channel"])
@pytest.mark.parametrize(("width", "outputs"), [(64, 64), (96, 64), (128, 128), (128, 32), (192, 64), (256, 64)])
def test_learned_rounding_halves_the_error_of_a_layer(width: int, outputs: int, axis: int | None) -> None:
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(outputs, width)) / width**0.5
    mixing = rng.normal(size=(width, width // 4))
    seen, held_out = activations(rng, mixing, 1024), activations(rng, mixing, 1024)
    scale = best_scale(weights, E2M1, axis)
    reports: list[int] = []
    up = learned_directions(weights, scale, E2M1, seen, lambda done, _: reports.append(done))
    nearest = layer_error(weights, quantised(weights, scale, E2M1, Mode.RN), held_out)
    learned = layer_error(weights, quantised(weights, scale, E2M1, Mode.LEARNED, up), held_out)
    assert learned <= 0.55 * nearest
    assert reports == sorted(reports)


def test_weights_of_the_format_stay() -> None:
    weights = np.array([[0.5, -6.0, 1.5, 0.0]])
    one = np.ones((1, 1))
    up = learned_directions(weights, one, E2M1, np.eye(4))
    assert np.array_equal(quantised(weights, one, E2M1, Mode.LEARNED, up), weights)

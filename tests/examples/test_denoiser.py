"""The diffusion model of examples/arithmetic: the same for the same seed, and its layers the same on every target."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arithmetic_kernels import EACH

from compiler.arithmetic.rounding import Mode

EXAMPLES = Path(__file__).parents[2] / "examples" / "arithmetic"


@pytest.fixture
def denoiser(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])
    return import_module("denoiser")


@pytest.mark.usefixtures("denoiser")
def test_learning_is_the_same_for_the_same_seed() -> None:
    diffusion: Any = import_module("diffusion")
    size = diffusion.Size(8, 3)
    one, again, other = (diffusion.train(diffusion.digits(), size, seed) for seed in (1, 1, 2))
    for a, b, c in zip(one.weights, again.weights, other.weights, strict=True):
        assert np.array_equal(a, b) and not np.array_equal(a, c)


@pytest.mark.parametrize("target", EACH)
def test_layers_have_the_interpreters_bits(target: str, denoiser: Any) -> None:
    rng = np.random.default_rng(1)
    weights, inputs, bias = rng.normal(size=(9, 12)), rng.normal(size=(5000, 12)), rng.normal(size=(7, 9))
    grid = denoiser.grid_of(weights, inputs, denoiser.FORMATS["fp4"])
    layer = denoiser.quantise(weights, inputs, grid, Mode.LEARNED)
    found, expected = (denoiser.layers_of([layer], 7, each)(0, inputs[:7], bias) for each in (target, ""))
    assert np.array_equal(found, expected)
    exact = inputs[:7] @ weights.T + bias
    assert np.linalg.norm(found - exact) < 0.3 * np.linalg.norm(exact)


def test_the_distance_of_images(denoiser: Any) -> None:
    images = np.random.default_rng(2).normal(size=(500, 64))
    assert denoiser.sliced_distance(images, images[::-1]) == pytest.approx(0, abs=1e-15)  # BLAS rounds by the row
    assert denoiser.sliced_distance(images, images + 1) == pytest.approx((2 / np.pi) ** 0.5, rel=0.1)

"""A small diffusion model of handwritten digits: trained here in seconds, with NumPy alone.

    images = digits()                                     # 1797 images of 8 x 8, numbers from -1 to 1
    model = train(images, Size(width=128, steps=1500), seed=1, progress=silent)
    made = sample(model, rng.normal(size=(10, 64)), steps=20)

An image x and noise n mix as cos(t) x + sin(t) n, with t from 0 (the image) to pi / 2 (noise). The network is given the mixture and t, and
says the mixture's velocity cos(t) n - sin(t) x; a step of sampling turns the mixture by an angle (Salimans & Ho 2022, 2202.00512,
appendix D). Linear layers with ReLU between; t comes in as sines and cosines beside the first layer's bias. Adam, whose step falls to zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

Array = NDArray[np.float64]
Layer = Callable[[int, Array, Array], Array]
"""Number of a layer, its inputs [samples, inputs], its biases [samples, outputs]: its outputs."""
Progress = Callable[[str], None]

PIXELS = 64
WAVES = 8
BATCH = 256
STEP = 2e-3
NOISE = pi / 2


@dataclass(frozen=True, slots=True)
class Size:
    """How wide the hidden layers are, and how long the network learns."""

    width: int
    steps: int


@dataclass(frozen=True, slots=True)
class Model:
    """Weights [outputs, inputs] and biases of the layers; what the sines and cosines of t are multiplied with."""

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    time: Array

    def exact(self, at: int, x: Array, bias: Array) -> Array:
        """A layer in doubles."""
        return x @ self.weights[at].T + bias


def silent(_: str) -> None:
    pass


def digits() -> Array:
    return load_digits().data / 8 - 1


def waves(t: Array) -> Array:
    """[samples] to [samples, 16]."""
    angles = t[:, None] * np.arange(1, WAVES + 1, dtype=t.dtype)
    return np.concatenate([np.sin(angles), np.cos(angles)], 1)


def velocity(model: Model, x: Array, t: Array, layer: Layer | None = None) -> list[Array]:
    """What each layer is given, and at the end the velocity; `layer` computes the layers, in doubles without it."""
    layer, held = layer or model.exact, [x]
    for at, bias in enumerate(model.biases):
        beside = np.broadcast_to(bias, (len(x), len(bias)))
        y = layer(at, held[-1], beside + waves(t) @ model.time if at == 0 else beside)
        held.append(np.maximum(y, 0) if at + 1 < len(model.biases) else y)
    return held


def sample(
    model: Model,
    noise: Array,
    steps: int,
    layer: Layer | None = None,
    keep: Callable[[Sequence[Array]], None] | None = None,
) -> Array:
    """Noise turned into images; `keep` is shown what the layers are given in each step."""
    x, turn = noise, NOISE / steps
    for at in range(steps):
        *inputs, v = velocity(model, x, np.full(len(x), NOISE - at * turn), layer)
        if keep:
            keep(inputs)
        x = np.cos(turn) * x - np.sin(turn) * v
    return np.clip(x, -1, 1)


# --- learning ------------------------------------------------------------------------------------------------------------------


def train(images: Array, size: Size, seed: int, progress: Progress = silent) -> Model:
    """The network after `size.steps` steps: the same for the same seed."""
    rng = np.random.default_rng(seed)
    model, adam = _as(np.float32, _untrained(rng, size.width)), _Adam()
    for step in range(1, size.steps + 1):
        x, n = images[rng.integers(0, len(images), BATCH)], rng.normal(size=(BATCH, PIXELS))
        mixed = (each.astype(np.float32) for each in (x, n, rng.uniform(0, NOISE, BATCH)))
        model = adam.after(model, _slopes(model, *mixed), step, size.steps)
        if step % 50 == 0:
            progress(f"step {step} of {size.steps}")
    return _as(np.float64, model)


def _as(kind: type[np.floating[Any]], model: Model) -> Model:
    """The same numbers in another format: learning takes half the time in singles."""
    weights, biases = (tuple(each.astype(kind) for each in part) for part in (model.weights, model.biases))
    return Model(weights, biases, model.time.astype(kind))


def _untrained(rng: np.random.Generator, width: int) -> Model:
    sizes = [(width, PIXELS), (width, width), (PIXELS, width)]
    *inner, last = (rng.normal(size=each) * (2 / each[1]) ** 0.5 for each in sizes)
    weights = (*inner, last / 10)
    return Model(weights, tuple(np.zeros(outputs) for outputs, _ in sizes), rng.normal(size=(2 * WAVES, width)) / 4)


def _slopes(model: Model, x: Array, n: Array, t: Array) -> list[Array]:
    """Of the mean squared error of the velocity, in the order of `_numbers`."""
    image, noise = np.cos(t)[:, None], np.sin(t)[:, None]
    *inputs, found = velocity(model, image * x + noise * n, t)
    error = (found - (image * n - noise * x)) * (2 / len(x))
    weights: list[Array] = []
    biases: list[Array] = []
    for at in reversed(range(len(inputs))):
        weights.insert(0, error.T @ inputs[at])
        biases.insert(0, error.sum(0))
        if at > 0:
            error = (error @ model.weights[at]) * (inputs[at] > 0)
    return [*weights, *biases, waves(t).T @ error]


def _numbers(model: Model) -> list[Array]:
    return [*model.weights, *model.biases, model.time]


class _Adam:
    """Kingma & Ba 2015 (1412.6980), with decays 0.9 and 0.99; the step falls with a cosine."""

    def __init__(self) -> None:
        self.mean: list[Array] = []
        self.square: list[Array] = []

    def after(self, model: Model, slopes: list[Array], step: int, steps: int) -> Model:
        """The model one step later."""
        if step == 1:
            self.mean, self.square = [0 * each for each in slopes], [0 * each for each in slopes]
        self.mean = [0.9 * old + 0.1 * new for old, new in zip(self.mean, slopes, strict=True)]
        self.square = [0.99 * old + 0.01 * new**2 for old, new in zip(self.square, slopes, strict=True)]
        size = STEP * (1 + cos(pi * step / steps)) / 2 * (1 - 0.99**step) ** 0.5 / (1 - 0.9**step)
        moments = zip(_numbers(model), self.mean, self.square, strict=True)
        *layers, time = [it - size * mean / (square**0.5 + 1e-8) for it, mean, square in moments]
        half = len(layers) // 2
        return Model(tuple(layers[:half]), tuple(layers[half:]), time)

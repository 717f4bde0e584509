"""A small diffusion model at 8 and at 4 bits: trained here, quantised, and judged by what it draws.

    python examples/arithmetic/denoiser.py --target cpu --picture digits.png

Weights have a scale per output, activations one per layer; both are found by least squared error on what the layers are given in a run in
doubles, and for 8 bits so is the format (e4m3fn or e5m2). Weights are rounded to nearest, or as learned from the error of the layer's
output. `distance` is the sliced Wasserstein distance of the images to the digits that were learned from, `ratio` what it is of that of the
same noise in doubles; `other noise` shows how much chance is in it. `error` is that of the three layers' outputs, on inputs not learned from.

The layers run as `linear.mlir`, with other sizes and formats put in: interpreted, or compiled by `--target`, which gives the same bits.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from diffusion import PIXELS, Array, Layer, Model, Size, digits, sample, train
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from compiler import arithmetic_kernels
from compiler.arithmetic.calibration import best_scale, layer_error, learned_directions, quantised
from compiler.arithmetic.formats import NAMED
from compiler.arithmetic.rounding import Mode, round_to
from compiler.cli.progress import Progress
from compiler.interpreter.evaluate import evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context

KERNEL = Path(__file__).parent / "linear.mlir"
FORMATS = {"fp8": ("e4m3fn", "e5m2"), "fp4": ("e2m1",)}
DIRECTIONS = 500
SEEN, JUDGED, SCALED = 4096, 2048, 512
"""Samples of activations: what rounding is learned from, what it is judged on, what scales are found on."""


@dataclass(frozen=True, slots=True)
class Quantised:
    """A layer: weights as numbers of their format [outputs, inputs], scales [outputs, 1] and of what comes in."""

    weights: Array
    scale: Array
    format: str
    inputs_scale: float
    inputs_format: str
    error: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    numbers: str
    rounding: str
    formats: tuple[str, ...]
    distance: float
    ratio: float
    errors: tuple[float, ...]


# --- quantising ----------------------------------------------------------------------------------------------------------------


def quantise(weights: Array, inputs: Array, formats: Sequence[str], mode: Mode) -> Quantised:
    """A layer, from its weights and samples [samples, inputs] of what it is given."""
    came, comes = _suited(inputs[:SCALED], formats)
    name, scale = _suited(weights, formats, 0)
    seen, judged = inputs[:SEEN].T, inputs[SEEN : SEEN + JUDGED].T
    up = learned_directions(weights, scale, NAMED[name], seen) if mode is Mode.LEARNED else None
    held = round_to(NAMED[name], weights / scale, mode, up=up)
    return Quantised(held, scale, name, float(comes[0, 0]), came, layer_error(weights, scale * held, judged))


def _suited(x: Array, formats: Sequence[str], axis: int | None = None) -> tuple[str, Array]:
    """The format and scale of least squared error."""
    scales = {name: best_scale(x, NAMED[name], axis) for name in formats}

    def error(name: str) -> float:
        return float(((quantised(x, scales[name], NAMED[name], Mode.RN) - x) ** 2).sum())

    best = min(formats, key=error)
    return best, scales[best]


def activations(model: Model, rng: np.random.Generator, steps: int) -> list[Array]:
    """What each layer is given in a run in doubles, in an order of chance."""
    kept: list[Sequence[Array]] = []
    count = -(-(SEEN + JUDGED) // steps)
    sample(model, rng.normal(size=(count, PIXELS)), steps, keep=kept.append)
    order = rng.permutation(count * steps)
    return [np.concatenate(each)[order] for each in zip(*kept, strict=True)]


# --- running -------------------------------------------------------------------------------------------------------------------

Kernel = Callable[..., Any]


def kernel(samples: int, layer: Quantised, target: str) -> Kernel:
    """`linear.mlir` for the sizes and formats of a layer."""
    outputs, inputs = layer.weights.shape
    text = KERNEL.read_text().replace("24x40x", f"{samples}x{inputs}x").replace("24x56x", f"{samples}x{outputs}x")
    text = (
        text.replace("56x40x", f"{outputs}x{inputs}x").replace("e2m1", "weights").replace("e4m3fn", layer.inputs_format)
    )
    text = text.replace("<weights>", f"<{layer.format}>")
    if target:
        return arithmetic_kernels.compile(text, target, "serial" if target == "cpu" else None)
    module = from_text(text, str(KERNEL), new_context())
    return lambda *operands: evaluate(module, "linear", *operands)[0]


def layers_of(layers: Sequence[Quantised], samples: int, target: str) -> Layer:
    """The layers of a model, as sampling wants them."""
    kernels = [kernel(samples, each, target) for each in layers]

    def run(at: int, x: Array, bias: Array) -> NDArray[Any]:
        it, shape = layers[at], bias.shape
        back = np.broadcast_to(it.inputs_scale * it.scale.T, shape)
        return kernels[at](x, np.full(x.shape, it.inputs_scale), it.weights, back, bias)

    return run


# --- measuring -----------------------------------------------------------------------------------------------------------------


def sliced_distance(one: Array, other: Array) -> float:
    """The mean Wasserstein distance of what two sets of images are along directions of chance."""
    directions = np.random.default_rng(0).normal(size=(PIXELS, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    along = zip((one @ directions).T, (other @ directions).T, strict=True)
    return float(np.mean([wasserstein_distance(a, b) for a, b in along]))


@dataclass(frozen=True, slots=True)
class How:
    """How many images are drawn, in how many steps, and what computes the layers: a target of kcc, or "" for the interpreter."""

    count: int
    steps: int
    target: str


def measure(
    model: Model, images: Array, how: How, seed: int, progress: Progress
) -> tuple[list[Line], dict[str, Array]]:
    """The table, and the images by line."""
    rng = np.random.default_rng(seed)
    noises = rng.normal(size=(2, how.count, PIXELS))
    made = {
        f"doubles {word}".strip(): sample(model, noise, how.steps)
        for word, noise in zip(["", "other noise"], noises, strict=True)
    }
    exact = sliced_distance(made["doubles"], images)
    lines = [Line("doubles", "", (), exact, 1.0, ())]
    other = sliced_distance(made["doubles other noise"], images)
    lines.append(Line("doubles", "other noise", (), other, other / exact, ()))
    given = activations(model, rng, how.steps)
    for numbers, formats in FORMATS.items():
        for rounding, mode in (("nearest", Mode.RN), ("learned", Mode.LEARNED)):
            name = f"{numbers} {rounding}"
            progress.stage(f"quantising to {name}")
            layers = [quantise(*each, formats, mode) for each in zip(model.weights, given, strict=True)]
            progress.stage(f"drawing at {name}")
            made[name] = sample(model, noises[0], how.steps, layers_of(layers, how.count, how.target))
            found = sliced_distance(made[name], images)
            chosen = tuple(
                dict.fromkeys(each.format for each in layers) | dict.fromkeys(each.inputs_format for each in layers)
            )
            lines.append(Line(numbers, rounding, chosen, found, found / exact, tuple(each.error for each in layers)))
    return lines, made


def table(lines: Sequence[Line]) -> str:
    text = f"{'':8}{'rounding':12}{'formats':14}{'distance':>8} {'ratio':>6}  error\n"
    for it in lines:
        errors = " ".join(f"{each:.1e}" for each in it.errors)
        row = f"{it.numbers:8}{it.rounding:12}{','.join(it.formats):14}{it.distance:8.4f} {it.ratio:6.3f}  {errors}"
        text += row.rstrip() + "\n"
    return text


def draw(images: Array, made: dict[str, Array], file: Path, columns: int = 16) -> None:
    """Digits that were learned from, and those drawn from the same noise, a row each."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    rows = {"digits": images, **{name: each for name, each in made.items() if "other" not in name}}
    figure, axes = plt.subplots(len(rows), 1, figsize=(columns * 0.7, len(rows) * 0.9), layout="constrained")
    for axis, (name, each) in zip(axes, rows.items(), strict=True):
        strip = np.pad(each[:columns].reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)), constant_values=1)
        axis.imshow(np.concatenate(list(strip), 1), cmap="gray_r", vmin=-1, vmax=1)
        axis.set(xticks=[], yticks=[])
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
    figure.savefig(file)


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.picture and find_spec("matplotlib") is None:
        parser.error("--picture needs matplotlib: install `splitwood[plot]`")
    images, how = digits(), How(arguments.count, arguments.steps, arguments.target)
    with Progress("denoiser") as progress:
        progress.stage("training")
        model = train(images, Size(arguments.width, arguments.train), arguments.seed, progress)
        progress.stage("drawing in doubles")
        lines, made = measure(model, images, how, arguments.seed, progress)
    sys.stdout.write(json.dumps([asdict(each) for each in lines]) + "\n" if arguments.json else table(lines))
    if arguments.picture:
        draw(images, made, arguments.picture)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(description="A small diffusion model at 8 and 4 bits, against doubles.")
    number = partial(parser.add_argument, type=_positive)
    number("--width", default=192, help="of the hidden layers (%(default)s)")
    number("--train", default=4000, help="steps of learning (%(default)s)")
    number("--count", default=1797, help="images that are drawn (%(default)s)")
    number("--steps", default=20, help="from noise to image (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of everything (%(default)s)")
    parser.add_argument("--target", choices=["cpu", "rust", "piuma"], default="", help="compile the layers for it")
    parser.add_argument("--json", action="store_true", help="the table, for programs")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw digits of each line")
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    main()

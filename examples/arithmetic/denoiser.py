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
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from diffusion import PIXELS, Array, Layer, Model, Size, digits, sample, train
from threadpoolctl import threadpool_limits

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
DIRECTIONS, QUANTILES = 500, 1000
SEEN, JUDGED, SCALED = 4096, 2048, 256
"""Samples of activations: what rounding is learned from, what it is judged on, what scales are found on."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Of a layer: formats, scales of the weights [outputs, 1], the scale of what comes in."""

    format: str
    scale: Array
    inputs_format: str
    inputs_scale: float


@dataclass(frozen=True, slots=True)
class Quantised:
    """A layer: weights as numbers of their format [outputs, inputs], and its error on inputs that were not learned from."""

    weights: Array
    grid: Grid
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


def grid_of(weights: Array, inputs: Array, formats: Sequence[str]) -> Grid:
    """From a layer's weights and samples [samples, inputs] of what it is given."""
    came, of_inputs = _suited(inputs[:SCALED], formats)
    return Grid(*_suited(weights, formats, 0), came, float(of_inputs[0, 0]))


def quantise(weights: Array, inputs: Array, grid: Grid, mode: Mode) -> Quantised:
    """The layer with its weights rounded."""
    target, seen, judged = NAMED[grid.format], inputs[:SEEN].T, inputs[SEEN : SEEN + JUDGED].T
    up = learned_directions(weights, grid.scale, target, seen) if mode is Mode.LEARNED else None
    held = round_to(target, weights / grid.scale, mode, up=up)
    return Quantised(held, grid, layer_error(weights, grid.scale * held, judged))


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


Kernel = Callable[..., Array]

# --- running -------------------------------------------------------------------------------------------------------------------


def kernel_of(samples: int, layer: Quantised) -> str:
    """`linear.mlir` for the sizes and formats of a layer."""
    outputs, inputs = layer.weights.shape
    new = {
        "24x40x": f"{samples}x{inputs}x",
        "24x56x": f"{samples}x{outputs}x",
        "56x40x": f"{outputs}x{inputs}x",
        "<e2m1>": f"<{layer.grid.format}>",
        "<e4m3fn>": f"<{layer.grid.inputs_format}>",
    }
    return re.sub("|".join(new), lambda old: new[old[0]], KERNEL.read_text())


@cache
def compiled(text: str, target: str) -> Kernel:
    """A kernel to call."""
    if target:
        return arithmetic_kernels.compile(text, target, "serial" if target == "cpu" else None)
    module = from_text(text, str(KERNEL), new_context())
    return lambda *operands: evaluate(module, "linear", *operands)[0]


def layers_of(layers: Sequence[Quantised], samples: int, target: str) -> Layer:
    """The layers of a model, as sampling wants them."""
    kernels = [compiled(kernel_of(samples, each), target) for each in layers]

    def run(at: int, x: Array, bias: Array) -> Array:
        it = layers[at]
        back = np.broadcast_to(it.grid.inputs_scale * it.grid.scale.T, bias.shape)
        return kernels[at](x, np.full(x.shape, it.grid.inputs_scale), it.weights, back, bias)

    return run


# --- measuring -----------------------------------------------------------------------------------------------------------------


def sliced_distance(one: Array, other: Array) -> float:
    """The mean Wasserstein distance of two sets of images along directions of chance: that of their quantiles."""
    directions = np.random.default_rng(0).normal(size=(PIXELS, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    at = (np.arange(QUANTILES) + 0.5) / QUANTILES
    a, b = (np.sort(each @ directions, 0)[(at * len(each)).astype(np.int64)] for each in (one, other))
    return float(np.abs(a - b).mean())


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
    noise, other = rng.normal(size=(2, how.count, PIXELS))
    made = {"doubles": sample(model, noise, how.steps)}
    exact = sliced_distance(made["doubles"], images)
    chance = sliced_distance(sample(model, other, how.steps), images)
    lines = [Line("doubles", "", (), exact, 1.0, ()), Line("doubles", "other noise", (), chance, chance / exact, ())]
    given = activations(model, rng, how.steps)
    for numbers, formats in FORMATS.items():
        progress.stage(f"scales of {numbers}")
        parts = [(*each, grid_of(*each, formats)) for each in zip(model.weights, given, strict=True)]
        for rounding, mode in (("nearest", Mode.RN), ("learned", Mode.LEARNED)):
            progress.stage(f"drawing at {numbers} {rounding}")
            layers = [quantise(*each, mode) for each in parts]
            images_made = sample(model, noise, how.steps, layers_of(layers, how.count, how.target))
            made[f"{numbers} {rounding}"] = images_made
            found = sliced_distance(images_made, images)
            errors = tuple(each.error for each in layers)
            lines.append(Line(numbers, rounding, _names(layers), found, found / exact, errors))
    return lines, made


def _names(layers: Sequence[Quantised]) -> tuple[str, ...]:
    """The formats of a model, each once."""
    return tuple(dict.fromkeys(name for each in layers for name in (each.grid.format, each.grid.inputs_format)))


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

    rows = {"digits": images, **made}
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
    with Progress("denoiser") as progress, threadpool_limits(1):  # products this small gain nothing from more threads
        progress.stage("training")
        model = train(images, Size(arguments.width, arguments.train), arguments.seed, progress)
        progress.stage("drawing in doubles")
        lines, made = measure(model, images, how, arguments.seed, progress)
    sys.stdout.write(json.dumps([asdict(each) for each in lines]) + "\n" if arguments.json else table(lines))
    if arguments.picture:
        draw(images, made, arguments.picture)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(description="A small diffusion model at 8 and 4 bits, against doubles.")
    number = partial(parser.add_argument, type=_positive, metavar="N")
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
        raise ArgumentTypeError(f"{text} is less than 1")
    return number


if __name__ == "__main__":
    main()

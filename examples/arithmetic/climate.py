"""Simulations at reduced precision: the attractor of Lorenz-63, heat in a column, shallow water; nearest against stochastic rounding.

    python examples/arithmetic/climate.py lorenz --bits 10,8,6 --picture lorenz.png

Each line of the table is a rounding; `distance` is the Wasserstein distance of what the run visits to a run in doubles, `doubles` that of a
second run in doubles from other initial values: what sampling alone makes of it. (Heat: the error of the mean temperature.)
The kernels are the .mlir files beside this one, with other bits, modes and seeds put in. `--target` compiles them instead of interpreting
them, which gives the same bits and makes long runs possible:

    python examples/arithmetic/climate.py lorenz --target cpu --trajectories 1 --steps 2000000 --bits 8,6 --seeds 5
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler import arithmetic_kernels
from compiler.cli.progress import Progress
from compiler.interpreter.evaluate import evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context

Array = NDArray[np.float64]
HERE = Path(__file__).parent
DOUBLE = 52


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    model: str
    bits: int
    rounding: str
    seed: int
    distance: float


@dataclass(frozen=True, slots=True)
class How:
    """How long, how many at once, and what computes it: a target of kcc, or "" for the interpreter."""

    steps: int
    target: str = ""
    trajectories: int = 2000
    samples: int = 120


Advance = Callable[..., Any]


def kernel(model: str, bits: int, rounding: str, seed: int, how: How) -> Advance:
    """The kernel of a model, with other bits, mode and seed: from state, first and last step to the state after."""
    file = HERE / f"{model}.mlir"
    text = re.sub(
        r"<11, \d+, 1023, ieee>", "<fp64>" if bits == DOUBLE else f"<11, {bits}, 1023, ieee>", file.read_text()
    )
    new = rf"<sr, stream \1 of {seed}>" if rounding == "sr" else "<rn>"
    text = re.sub(r"<sr, stream (\d+) of 1>", new, text).replace("<2000x", f"<{how.trajectories}x")
    if how.target:
        program = arithmetic_kernels.compile(text, how.target, "serial" if how.target == "cpu" else None)
        return lambda *operands: program.run(*operands).result.tensors
    module = from_text(text, str(file), new_context())
    return lambda *operands: evaluate(module, "advance", *operands)


def run(model: str, bits: int, rounding: str, seed: int, how: How) -> list[Array]:
    """The first field of the state, now and then in the last two thirds of a run."""
    advance, state = kernel(model, bits, rounding, seed, how), start(model, seed, how)
    kept: list[Array] = []
    every = max(how.steps // how.samples, 1)
    for first in range(0, how.steps, every):
        state = advance(*state, first, min(first + every, how.steps))
        if 3 * first >= how.steps:
            kept.append(state[0])
    return kept


def start(model: str, seed: int, how: How) -> list[Array]:
    """The state that a run starts with."""
    rng = np.random.default_rng(seed)
    return _lorenz(rng, how.trajectories) if model == "lorenz" else START[model](rng)


def _lorenz(rng: np.random.Generator, count: int) -> list[Array]:
    return [np.round(rng.normal(0, 8, count)), np.round(rng.normal(0, 8, count)), np.round(rng.normal(25, 5, count))]


def _heat(_rng: np.random.Generator) -> list[Array]:
    column = np.zeros((16, 50))
    column[:, [0, -1]] = 1
    return [column]


def _water(rng: np.random.Generator) -> list[Array]:
    waves = np.fft.fftfreq(32) ** 2
    keep = np.exp(-150 * (waves[:, None] + waves))
    fields = [np.fft.ifft2(np.fft.fft2(rng.normal(size=(32, 32))) * keep).real for _ in range(3)]
    h, u, v = (np.round((each - each.mean()) / each.std() * 102) / 1024 for each in fields)
    return [1 + h, u, v]


START = {"heat": _heat, "water": _water}
STEPS = {"lorenz": 1200, "heat": 4000, "water": 900}


def distance(model: str, one: list[Array], other: list[Array]) -> float:
    if model == "heat":
        return float(one[-1].mean() - other[-1].mean())
    # Of samples equally many, Wasserstein's is the mean distance in order: `scipy.stats` would take longer to start than a run.
    return float(np.abs(np.sort(one, axis=None) - np.sort(other, axis=None)).mean())


def measure(model: str, bits: Sequence[int], seeds: int, how: How) -> list[Line]:
    reference = run(model, DOUBLE, "rn", 1000, how)
    cases = [(DOUBLE, "rn", seed) for seed in range(1, seeds + 1) if model != "heat"]
    cases += [(each, mode, seed) for each in bits for mode in ("rn", "sr") for seed in range(1, seeds + 1)]
    lines: list[Line] = []
    with Progress("climate") as progress:
        for at, (each, mode, seed) in enumerate(cases, 1):
            progress.stage(f"{model}, run {at} of {len(cases)}")
            found = distance(model, run(model, each, mode, seed, how), reference)
            lines.append(Line(model, each, mode if each < DOUBLE else "doubles", seed, found))
    return lines


def table(lines: Sequence[Line]) -> str:
    """Mean and largest of the seeds, by bits and rounding."""
    text = f"{'bits':>6} {'rounding':>9} {'distance':>10} {'largest':>9}\n"
    for bits, rounding in dict.fromkeys((each.bits, each.rounding) for each in lines):
        found = np.abs([each.distance for each in lines if (each.bits, each.rounding) == (bits, rounding)])
        text += f"{bits:6} {rounding:>9} {found.mean():10.4f} {found.max():9.4f}\n"
    return text


def draw(model: str, lines: Sequence[Line], bits: Sequence[int], how: How, file: Path) -> None:
    """The last state at the fewest bits, by rounding, and the error against the bits."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 4, figsize=(15, 4))
    fewest = min(bits)
    for axis, (width, mode) in zip(axes, [(DOUBLE, "rn"), (fewest, "rn"), (fewest, "sr")], strict=False):
        advance = kernel(model, width, mode, 1, how)
        _draw_state(axis, model, advance(*start(model, 1, how), 0, how.steps))
        axis.set_title("doubles" if width == DOUBLE else f"{width} bits, {mode}")
    for mode in ("rn", "sr"):
        means = [np.mean([abs(it.distance) for it in lines if (it.bits, it.rounding) == (each, mode)]) for each in bits]
        axes[3].semilogy(bits, np.maximum(means, 1e-6), "o-", label=mode)
    if doubles := [each.distance for each in lines if each.rounding == "doubles"]:
        axes[3].axhline(float(np.mean(doubles)), color="grey", label="doubles")
    axes[3].set(xlabel="bits after the leading one", xticks=bits, title="error against bits")
    axes[3].legend()
    figure.tight_layout()
    figure.savefig(file)


def _draw_state(axis: Any, model: str, state: list[Array]) -> None:
    match model:
        case "lorenz":
            axis.plot(state[0], state[2], ",")
        case "heat":
            axis.plot(state[0].T, linewidth=0.5)
        case _:
            axis.imshow(state[0], vmin=0.7, vmax=1.3)


def main(argv: Sequence[str] | None = None) -> None:
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.picture and find_spec("matplotlib") is None:
        parser.error("--picture needs matplotlib: install `splitwood[plot]`")
    bits = [int(each) for each in arguments.bits.split(",")]
    samples = 120 if arguments.trajectories > 100 else 10000
    how = How(arguments.steps or STEPS[arguments.model], arguments.target, arguments.trajectories, samples)
    lines = measure(arguments.model, bits, arguments.seeds, how)
    sys.stdout.write(json.dumps([asdict(each) for each in lines]) + "\n" if arguments.json else table(lines))
    if arguments.picture:
        draw(arguments.model, lines, bits, how, arguments.picture)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(description="Simulations at reduced precision, against doubles.")
    parser.add_argument("model", choices=["lorenz", *START])
    parser.add_argument("--bits", default="10,8", help="bits after the leading one (%(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each kind (%(default)s)")
    parser.add_argument("--steps", type=int, help="time steps of a run")
    parser.add_argument("--target", choices=["cpu", "rust", "piuma"], default="", help="compile the kernel for it")
    parser.add_argument("--trajectories", type=int, default=2000, help="of Lorenz-63, at once (%(default)s)")
    parser.add_argument("--json", action="store_true", help="every run, for programs")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the states, and the error against the bits")
    return parser


if __name__ == "__main__":
    main()

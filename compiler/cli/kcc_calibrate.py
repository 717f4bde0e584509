"""The command `kcc calibrate`: which small format suits a tensor of weights, and with what scale and rounding.

    kcc calibrate weights.npy --inputs activations.npy --format e2m1 --per-channel -o weights.npz

For every format the clip is searched by mean squared error; with inputs, the rounding of each weight is learned on three quarters of
them and judged on the rest: where it is no better there than the nearest values, these are kept, with a warning. `-o` writes codes,
scale and directions of one format; `--plot` draws the error against the bits.
"""

from __future__ import annotations

import io
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.arithmetic.calibration import best_scale, layer_error, learned_directions, quantised
from compiler.arithmetic.formats import NAMED, Format, Reals
from compiler.arithmetic.rounding import Mode, round_to
from compiler.cli.exits import finish, warn
from compiler.cli.files import FileTexts, write_bytes, write_output
from compiler.cli.kcc_calibrate_plot import error_against_bits
from compiler.cli.progress import Progress
from compiler.codes import Code
from compiler.diagnostics import Diagnostic, Severity, refusal
from compiler.source_text import reason

PROGRAM = "kcc calibrate"
FORMATS = [name for name, each in NAMED.items() if each.width <= 16 and each.holds_zero]


@dataclass(frozen=True, slots=True)
class Row:
    """One format. Errors are relative, squared; those of the layer's output are there if inputs are."""

    format: str
    bits: int
    decibels: float
    nearest: float | None
    learned: float | None


@dataclass(frozen=True, slots=True)
class Quantisation:
    """What `-o` writes."""

    codes: NDArray[np.uint64]
    scale: Reals
    up: NDArray[np.bool_]


def main(argv: Sequence[str]) -> int:
    parser = _parser()
    arguments = parser.parse_args(argv)
    arguments.format = arguments.format or ["e2m1", "e4m3fn", "e5m2", "bf16", "fp16"]
    if arguments.output and len(arguments.format) != 1:
        parser.error("-o keeps one format: name it with --format")
    sources = FileTexts()
    return finish(PROGRAM, lambda: _calibrate(arguments), sources, traceback=arguments.traceback)


def _calibrate(arguments: Namespace) -> None:
    weights = _read(arguments.weights)
    inputs = _read(arguments.inputs) if arguments.inputs else None
    if inputs is not None and (inputs.shape[0] != weights.shape[1] or inputs.shape[1] < 4):
        message = f"weights {_size(weights)} need inputs of {weights.shape[1]} rows and at least 4 columns, not {_size(inputs)}"
        raise refusal(Code.OPERAND_SHAPE, None, message, help="a column of the inputs is one sample of activations")
    rows: list[Row] = []
    warnings: list[Diagnostic] = []
    with Progress(PROGRAM) as progress:
        for name in arguments.format:
            progress.stage(name)
            row, found = _suit(name, weights, inputs, 0 if arguments.per_channel else None, progress)
            rows.append(row)
            if row.learned is not None and row.nearest is not None and row.learned > row.nearest:
                warnings.append(_too_few(name, inputs))
            if arguments.output:
                _save(arguments.output, found)
    warn(warnings, {})
    write_output(None, json.dumps([asdict(each) for each in rows]) + "\n" if arguments.json else _table(rows))
    if arguments.plot:
        error_against_bits(arguments.plot, rows)  # last: a picture that cannot be drawn costs nobody the numbers


def _suit(
    name: str, weights: Reals, inputs: Reals | None, axis: int | None, progress: Progress
) -> tuple[Row, Quantisation]:
    """How well a format does."""
    target = NAMED[name]
    scale = best_scale(weights, target, axis, lambda done, of: progress(f"clip {done} of {of}"))
    nearest = quantised(weights, scale, target, Mode.RN)
    error = float(((nearest - weights) ** 2).sum() / max(float((weights**2).sum()), 1e-300))
    up = np.abs(nearest) > np.abs(weights)
    errors: tuple[float | None, float | None] = (None, None)
    if inputs is not None:
        seen = inputs.shape[1] * 3 // 4
        held_out = inputs[:, seen:]
        up = learned_directions(
            weights, scale, target, inputs[:, :seen], lambda done, of: progress(f"sweep {done} of {of}")
        )
        learned = quantised(weights, scale, target, Mode.LEARNED, up)
        errors = layer_error(weights, nearest, held_out), layer_error(weights, learned, held_out)
        if errors[1] > errors[0]:
            up = np.abs(nearest) > np.abs(weights)
    codes = target.encode(round_to(target, weights / scale, Mode.LEARNED, up=up))
    row = Row(name, target.width, round(-10 * float(np.log10(max(error, 1e-30))), 2), *errors)
    return row, Quantisation(codes.astype(_storage(target)), scale, up)


def _too_few(name: str, inputs: Reals | None) -> Diagnostic:
    assert inputs is not None
    seen = inputs.shape[1] * 3 // 4
    message = f"{name}: the rounding learned on {seen} samples of {inputs.shape[0]} inputs is worse on the others: nearest values are kept"
    help = "give more samples than there are inputs"
    return Diagnostic(Code.FEW_SAMPLES, message, None, help=help, severity=Severity.WARNING)


def _storage(target: Format) -> str:
    return "u1" if target.width <= 8 else "u2"


def _read(file: str) -> Reals:
    """A matrix of numbers from a .npy file."""
    try:
        found: NDArray[Any] = np.asarray(np.load(file, allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise refusal(Code.INPUT_UNREADABLE, None, f"cannot read `{file}`: {reason(error)}") from None
        message = f"{file}: not an array in .npy format"
        raise refusal(Code.MATRIX, None, message, help="numpy.save writes such files") from None
    if found.dtype.kind not in "fiu" or found.ndim != 2 or not found.size:
        raise refusal(Code.MATRIX, None, f"{file} holds no matrix of numbers", help="a .npy file of two dimensions")
    matrix = found.astype(np.float64)
    if not np.isfinite(matrix).all():
        raise refusal(Code.OPERAND_VALUE, None, f"{file} holds infinities or NaNs", help="leave those samples out")
    return matrix


def _size(matrix: Reals) -> str:
    return "x".join(map(str, matrix.shape))


def _save(file: str, found: Quantisation) -> None:
    out = io.BytesIO()
    np.savez(out, codes=found.codes, scale=found.scale, up=found.up)
    write_bytes(file, out.getvalue())


def _table(rows: Sequence[Row]) -> str:
    text = f"{'format':>8} {'bits':>4} {'dB':>7} {'layer, nearest':>15} {'layer, learned':>15}\n"
    for row in rows:
        errors = "".join(f" {'' if each is None else f'{each:.3e}':>15}" for each in (row.nearest, row.learned))
        text += f"{row.format:>8} {row.bits:4} {row.decibels:7.2f}{errors}".rstrip() + "\n"
    return text


def _parser() -> ArgumentParser:
    parser = ArgumentParser(PROGRAM, description="Find format, scale and rounding for weights.", allow_abbrev=False)
    parser.add_argument("weights", metavar="weights.npy", help="a matrix: outputs by inputs")
    parser.add_argument("--inputs", metavar="FILE", help="activations, inputs by samples: learn the rounding on them")
    parser.add_argument(
        "--format", action="append", choices=FORMATS, metavar="NAME", help=f"try this one only: {', '.join(FORMATS)}"
    )
    parser.add_argument("--per-channel", action="store_true", help="a scale for each output, not one for all")
    parser.add_argument("-o", dest="output", metavar="FILE", help="write codes, scale and directions (.npz)")
    parser.add_argument("--plot", metavar="FILE", help="draw the error against the bits")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--traceback", action="store_true", help="show the whole of an internal error")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

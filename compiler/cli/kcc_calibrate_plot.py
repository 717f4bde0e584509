"""The picture of `kcc calibrate`: error against bits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Protocol

from compiler.cli.files import write_bytes
from compiler.codes import Code
from compiler.diagnostics import refusal


class Measured(Protocol):
    """A format, and how well it did."""

    @property
    def format(self) -> str: ...
    @property
    def bits(self) -> int: ...
    @property
    def decibels(self) -> float: ...
    @property
    def nearest(self) -> float | None: ...
    @property
    def learned(self) -> float | None: ...


def error_against_bits(file: str, rows: Sequence[Measured]) -> None:
    """Relative squared error of the weights and, where it was measured, of the layer's output; a PNG."""
    try:
        import matplotlib
    except ImportError:
        help = "install `splitwood[plot]`"
        raise refusal(
            Code.OUTPUT_UNWRITABLE, None, "--plot needs matplotlib, which is not installed", help=help
        ) from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    plots: Any = pyplot
    figure, axes = plots.subplots(figsize=(6, 4), layout="constrained")
    bits = [row.bits for row in rows]
    axes.semilogy(bits, [10 ** (-row.decibels / 10) for row in rows], "o", label="weights")
    for name in ("nearest", "learned"):
        if all(getattr(row, name) is not None for row in rows):
            axes.semilogy(bits, [max(getattr(row, name), 1e-16) for row in rows], "x", label=f"layer, {name}")
    for row in rows:
        axes.annotate(row.format, (row.bits, 10 ** (-row.decibels / 10)), xytext=(5, 5), textcoords="offset points")
    axes.margins(0.15)  # room for the names
    axes.set(xlabel="bits of a weight", ylabel="relative squared error")
    axes.legend()
    out = io.BytesIO()
    figure.savefig(out, format="png")
    plots.close(figure)
    write_bytes(file, out.getvalue())

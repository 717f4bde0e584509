"""Drawings of a run and of sweeps, with matplotlib (the `plot` extra).

`draw_run` puts a run on the roofline of its machine beside the histogram of its threads' utilisation;
`draw_curve` is for sweeps such as latency tolerance and thread scaling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from runtime.faults import ConfigurationError
from runtime.machine import Machine
from runtime.simulate import Outcome


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise ConfigurationError("--plot: error: matplotlib is not installed; install `splitwood[plot]`") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def picture_kinds() -> list[str]:
    """What pictures can be: `png`, `svg`, …"""
    _pyplot()
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    return sorted(FigureCanvasAgg.get_supported_filetypes())


def draw_run(path: Path, m: Machine, outcome: Outcome) -> None:
    """Roofline and thread utilisation side by side."""
    _save(_run(m, outcome), path)


def run_picture(m: Machine, outcome: Outcome, kind: str) -> bytes:
    """The same as the contents of a file."""
    picture = BytesIO()
    _run(m, outcome).savefig(picture, format=kind)
    return picture.getvalue()


def _run(m: Machine, outcome: Outcome) -> Any:
    pyplot = _pyplot()
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    _roofline(left, m, outcome)
    counts = outcome.counters.histogram()
    right.bar([i / len(counts) for i in range(len(counts))], counts, width=0.9 / len(counts), align="edge")
    right.set(xlabel="share of its life in which the thread could issue", ylabel="threads", title="thread utilisation")
    return figure


def _roofline(axes: Any, m: Machine, outcome: Outcome) -> None:
    c = outcome.counters
    bandwidth, peak = m.dram_bytes_per_cycle * m.blocks, m.pipelines * m.blocks
    intensity = c.instructions / max(c.dram_bytes, 1)
    grid = sorted([*(2.0**e for e in range(-8, 9)), peak / bandwidth])
    axes.loglog(grid, [min(peak, x * bandwidth) for x in grid], label="machine")
    axes.loglog([intensity], [c.ipc], "o", label=f"this run, {c.cycles:,} cycles")
    axes.set(xlabel="instructions per DRAM byte", ylabel="instructions per cycle", title="roofline")
    axes.legend()


def draw_curve(
    path: Path, title: str, x_label: str, y_label: str, curves: Mapping[str, Sequence[tuple[float, float]]]
) -> None:
    """Named curves on logarithmic x."""
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for name, points in curves.items():
        axes.plot([x for x, _ in points], [y for _, y in points], "o-", label=name)
    axes.set_xscale("log", base=2)
    axes.set(xlabel=x_label, ylabel=y_label, title=title)
    axes.legend()
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: error: {error}") from None

"""Drawings of an evaluation (the `plot` extra): regret of every model by split, and of ours by family."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.evaluate import OURS, Evaluation
from costmodel.refusals import RequestError


def draw(path: Path, found: Evaluation) -> None:
    """Bars of regret by model and split, and below them by family against the hand model; the format is the file's ending."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RequestError("--plot needs matplotlib: pip install 'splitwood[plot]'") from None
    figure: Any = Figure(figsize=(10, 7), layout="constrained")
    above, below = figure.subplots(2)
    _by_model(above, found)
    _by_family(below, found)
    part = path.with_name(f".{path.name}")
    try:
        figure.savefig(part, format=path.suffix.removeprefix(".") or "png")
        os.replace(part, path)
    except (OSError, ValueError) as error:
        part.unlink(missing_ok=True)
        raise RequestError(f"--plot {path}: {error}") from None


def _by_model(axes: Any, found: Evaluation) -> None:
    rows = [row for row in found.rows if row.model and row.model != "oracle"]
    groups = sorted({(row.expert, row.split.value) for row in rows})
    models = list(dict.fromkeys(row.model for row in rows))
    models.sort(key=lambda model: model != OURS)
    width = 0.8 / max(len(models), 1)
    for at, model in enumerate(models):
        heights = [
            100
            * float(
                np.mean(
                    [r.figures["regret"] for r in rows if (r.expert, r.split.value, r.model) == (*group, model)]
                    or [0.0]
                )
            )
            for group in groups
        ]
        axes.bar(np.arange(len(groups)) + at * width, heights, width, label=model)
    axes.set_xticks(np.arange(len(groups)) + 0.4 - width / 2, [f"{expert}\nby {split}" for expert, split in groups])
    axes.set_yscale("symlog", linthresh=5)
    axes.set_ylabel("regret, %")
    axes.legend(fontsize="small", ncols=3)


def _by_family(axes: Any, found: Evaluation) -> None:
    names = sorted({row.model for row in found.families})
    for offset, model in ((-0.2, OURS), (0.2, "hand")):
        heights = [
            100 * float(np.mean([r.figures.get(model, 0.0) for r in found.families if r.model == name]))
            for name in names
        ]
        axes.bar(np.arange(len(names)) + offset, heights, 0.4, label=model)
    axes.set_xticks(np.arange(len(names)), names, rotation=40, ha="right")
    axes.set_ylabel("regret, %")
    axes.set_title("each family held out in turn")
    axes.legend(fontsize="small")

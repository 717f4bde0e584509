"""Tables for people and JSON lines for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np

from costmodel.evaluate import OURS, Evaluation, Row
from costmodel.explain import Explanation
from costmodel.model import CostModel, Estimate
from costmodel.models.expert import FOREIGN_STEPS, Expert
from costmodel.transfer import FewShot

_PERCENT = ("regret", "p90", "top 3", "top 3 p90", "pairs", "median error", "mape", "coverage", "rmse", "within one")


def fit_table(model: CostModel) -> str:
    """What a fitted model is made of."""
    lines: list[tuple[str, ...]] = [
        ("expert", "samples", "families", "columns", "predicts", "trusted when foreign", "ranker", "second look")
    ]
    for expert in model.experts:
        lines.append(_expert_line(expert))
    return _aligned(lines)


def _expert_line(expert: Expert) -> tuple[str, ...]:
    shares = " ".join(f"{share:.0%}" for share in expert.trust.shares)
    heads = ", ".join(head.label for head in expert.heads)
    columns = str(len(expert.encoder.names))
    return (
        expert.name,
        str(expert.samples),
        str(len(expert.families)),
        columns,
        heads,
        shares,
        f"{expert.rank_weight:g}",
        f"LLVM for {expert.second.core.name}" if expert.second is not None else "none",
    )


def estimate_lines(estimates: Iterable[Estimate]) -> list[str]:
    """One line a label."""
    return [
        f"  {each.label:13} {each.value:12.5g}   90 %: {each.low:.4g} to {each.high:.4g}   foreign {each.foreign:.4g}{foreign_note(each)}"
        for each in estimates
    ]


def foreign_note(estimate: Estimate) -> str:
    """What to think of a prediction far from home."""
    return "  (unlike all that the model learned from)" if estimate.foreign > FOREIGN_STEPS[-1] else ""


def explanation_lines(name: str, found: Explanation) -> list[str]:
    """The estimate, what it starts from, and a line a reason."""
    each = found.estimate
    start = f"; the {found.base[0]} model alone says {found.base[1]:.4g}" if found.base else ""
    lines = [
        f"{name}: {each.label} {each.value:.4g} (90 %: {each.low:.4g} to {each.high:.4g}, foreign {each.foreign:.4g}){start}{foreign_note(each)}"
    ]
    for reason in found.reasons:
        effect = f"x {reason.effect:5.2f}" if found.is_factor else f"{reason.effect:+7.2f}"
        lines.append(f"  {effect}  {reason.column} = {reason.value:.4g}")
    if found.is_factor and found.base and found.base[1] > 0:
        shown = found.base[1] * math.prod(reason.effect for reason in found.reasons)
        lines.append(f"  x {each.value / shown:5.2f}  all that is not named here")
    return lines


def few_shot_table(found: Sequence[FewShot]) -> str:
    """A line a label; the last column is what the floor is about."""
    lines: list[tuple[str, ...]] = [("mean error of", "moved", "few alone", "all labels", "moved / all")]
    lines += [
        (f.label, f"{f.moved:.1%}", f"{f.alone:.1%}", f"{f.full:.1%}", f"{f.moved / f.full:.2f}" if f.full else "")
        for f in found
    ]
    return _aligned(lines)


def evaluation_table(found: Evaluation, worst: int) -> str:
    """All rows, seeds averaged; then families and the worst picks."""
    parts: list[str] = []
    for expert, split in sorted({(row.expert, row.split.value) for row in found.rows}):
        rows = [row for row in found.rows if (row.expert, row.split.value) == (expert, split)]
        seeds = len({row.seed for row in rows})
        parts.append(f"{expert}, held out by {split}" + (f" ({seeds} seeds)" if seeds > 1 else ""))
        parts += [_rows_table(rows), ""]
    if found.families:
        parts += ["regret on each family held out", _family_table(found.families), ""]
    if worst and found.picks:
        parts.append("worst picks")
        lines: list[tuple[str, ...]] = [("times best", "split", "kernel", "chosen", "best")]
        lines += [(f"{p.ratio:.2f}", p.split.value, p.kernel, p.chosen, p.best) for p in found.picks[:worst]]
        parts.append(_aligned(lines))
    return "\n".join(parts).rstrip()


def _rows_table(rows: Sequence[Row]) -> str:
    tables: list[str] = []
    choosing = [row for row in rows if row.model]
    for group in (choosing, [row for row in rows if not row.model]):
        names = list(dict.fromkeys(name for row in group for name in row.figures))
        if not names:
            continue
        keys = list(dict.fromkeys((row.label, row.model) for row in group))
        keys.sort(key=lambda key: key[1] != OURS)
        lines: list[tuple[str, ...]] = [("chosen by" if group is choosing else "label", *names)]
        for label, model in keys:
            same = [row.figures for row in group if (row.label, row.model) == (label, model)]
            lines.append((model or label, *(_figure(name, [f[name] for f in same if name in f]) for name in names)))
        tables.append(_aligned(lines))
    return "\n".join(tables)


def _figure(name: str, values: Sequence[float]) -> str:
    if not values:
        return ""
    value = float(np.mean(values))
    if name in _PERCENT:
        return f"{100 * value:.1f} %"
    return f"{value:.3f}" if value < 100 and value != int(value) else f"{value:.0f}"


def _family_table(rows: Sequence[Row]) -> str:
    lines: list[tuple[str, ...]] = [("family", OURS, "hand")]
    for expert, family in dict.fromkeys((row.expert, row.model) for row in rows):
        same = [row.figures for row in rows if (row.expert, row.model) == (expert, family)]
        lines.append(
            (f"{expert} {family}", *(_figure("regret", [f[m] for f in same if m in f]) for m in (OURS, "hand")))
        )
    return _aligned(lines)


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def evaluation_json(found: Evaluation) -> str:
    """One JSON object a line: rows, families and picks."""
    lines = [{"kind": "row", **asdict(row), "split": row.split.value} for row in found.rows]
    lines += [{"kind": "family", **asdict(row), "split": row.split.value} for row in found.families]
    lines += [{"kind": "pick", **asdict(pick), "split": pick.split.value} for pick in found.picks]
    return "\n".join(json.dumps(line, sort_keys=True) for line in lines)

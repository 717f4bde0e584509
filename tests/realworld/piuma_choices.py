"""How good the learned model is on products it never saw: matrices, families, machines held out; machines beyond the range.

    python tests/realworld/piuma_choices.py piuma.jsonl.gz [--outside outside.jsonl.gz] [--folds 4] [--seeds 1]

A line for each split: median error of the cycles; regret of the first choice, its 90th percentile, regret of the best of the first
three; regret of the analytical model. Then against the best static schedule: the kind of schedule (accumulator, dataflow, hash,
what is resident, in panels or not) that is best on the whole of what is tested, on each choice the first of that kind that is legal,
or the first legal schedule: geometric mean of its cycles over ours, and the 95th percentile of ours over its.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from costmodel.dataset import read
from costmodel.features.streams import Floats
from costmodel.metrics import Choices, choice_quality, median_error
from costmodel.models.fitting import fit_table
from costmodel.models.table import Options, Table, table_of
from costmodel.sample import Sample
from costmodel.splits import Split, folds

REGULAR = ("banded", "blocks", "poisson2d", "poisson3d", "dense-row")
"""Families whose seed makes values, not structure."""
SPLITS = (Split.MATRIX, Split.FAMILY, Split.CONFIGURATION)


def held_out(table: Table, split: Split, count: int, seed: int) -> tuple[Floats, Floats]:
    """Predicted cycles and costs of every row, by a model that saw nothing of its group; families are dealt to folds."""
    value, costs = np.full((2, len(table.samples)), np.nan)
    for rows in _dealt([rows for _, rows in folds(table.samples, split, count, seed)], count):
        value[rows], costs[rows] = predicted(table.only(~rows), table.only(rows), seed)
    return value, costs


def _dealt(parts: Sequence[NDArray[np.bool_]], count: int) -> Iterator[NDArray[np.bool_]]:
    for at in range(min(count, len(parts))):
        yield np.any(np.array(parts[at::count]), axis=0)


def predicted(seen: Table, unseen: Table, seed: int) -> tuple[Floats, Floats]:
    """Cycles of rows, as a model predicts them that was fitted to others, and the costs that kcc chooses by."""
    expert = fit_table(seen, Options(seed=seed, calibrate=False))
    encoded = expert.encoder.encode(unseen.readings)
    value = expert.predict(expert.primary, encoded, unseen.analytical).value
    return value, expert.costs(encoded, unseen.analytical)


def kind(sample: Sample) -> str:
    """The schedule without its sizes."""
    return ", ".join(re.findall(r"(?:accumulator|dataflow|hash|work|resident|panels) = \w+", sample.variant))


def static_picks(samples: Sequence[Sample], truth: Floats, choices: Choices) -> tuple[str, NDArray[np.int64]]:
    """The best kind, and the row that it stands for in each choice."""
    picks: dict[str, list[int]] = defaultdict(list)
    kinds = sorted({kind(sample) for sample in samples})
    for rows in choices.groups:
        first = {kind(samples[at]): at for at in map(int, rows[::-1])}
        for each in kinds:
            picks[each].append(first.get(each, int(rows[0])))
    best = min(kinds, key=lambda each: float(np.log(truth[picks[each]]).sum()))
    return best, np.array(picks[best])


def report(name: str, table: Table, value: Floats, costs: Floats) -> None:
    truth, choices = table.labels["cycles"], Choices.of(table.choices)
    assert table.analytical is not None
    first, third = choice_quality(costs, truth, choices), choice_quality(costs, truth, choices, 3)
    analytical = choice_quality(table.analytical, truth, choices)
    static, rows = static_picks(table.samples, truth, choices)
    ours = np.array([group[np.argmin(costs[group])] for group in choices.groups])
    over = np.log(truth[rows]) - np.log(truth[ours])
    print(
        f"{name:26} {len(truth):6} runs {len(first.ratios):5} choices  error {median_error(value, truth):6.1%}"
        f" (analytical {median_error(np.exp(table.analytical), truth):6.1%})  regret {first.mean:5.2%} (90 % below"
        f" {first.percentile(0.9):5.1%}, three {third.mean:5.2%}, analytical {analytical.mean:5.2%})"
        f"  static {np.exp(over.mean()):.2f}x, ours over it at most {np.exp(np.quantile(-over, 0.95)):.2f}x of 95 % ({static})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--outside", type=Path)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    table = _table(read(options.data).samples)
    for seed in range(1, options.seeds + 1):
        for split in SPLITS:
            report(f"{split.value} held out, seed {seed}", table, *held_out(table, split, options.folds, seed))
        if options.outside:
            beyond = _table(read([options.outside]).samples)
            report(f"beyond the range, seed {seed}", beyond, *predicted(table, beyond, seed))


def _table(samples: Sequence[Sample]) -> Table:
    return table_of([replace(_named(each), labels={"cycles": each.labels["cycles"]}) for each in samples])


def _named(sample: Sample) -> Sample:
    """Matrices that differ only in their values are one: otherwise what is held out would have been seen."""
    same = sample.family in REGULAR
    return replace(sample, kernel=re.sub(r",seed=\d+", "", sample.kernel)) if same else sample


if __name__ == "__main__":
    main()

"""`costmodel evaluate`: hold out whole groups, refit on the rest, and say how good the numbers and the choices are, beside every rival.

Rows are predicted exactly once per split and seed, by a model that saw nothing of their group; regrets and errors are over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from costmodel.dataset import Dataset
from costmodel.features.encoder import SEQUENCES, Encoder, Group
from costmodel.features.streams import Floats, Integers
from costmodel.looking.choices import Looks
from costmodel.metrics import (
    Choices,
    choice_quality,
    coverage,
    f1,
    mape,
    median_error,
    rmse_of_range,
    spearman,
    within_one,
)
from costmodel.models import rivals
from costmodel.models.expert import Expert
from costmodel.models.fitting import fit_table
from costmodel.models.head import KINDS, PRIMARY, Kind
from costmodel.models.neural.network import NetworkKind
from costmodel.models.table import Options, Table, table_of
from costmodel.refusals import RequestError
from costmodel.shipping import ABROAD, MACHINE
from costmodel.splits import Split, folds
from costmodel.tokens.stream import Scheme

OURS = "costmodel"
ONE_PROCESS = "one process"


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate; empty `sources` means all there are samples of."""

    splits: tuple[Split, ...] = tuple(Split)
    sources: tuple[str, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    networks: tuple[NetworkKind, ...] = ()
    """Also these, of the tokens of each scheme (of `running`, where none is named)."""
    seeds: int = 1
    folds: int = 4
    looks: int = 0
    """Of every choice the best so many are looked at a second time, where the model can."""
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: figures by name; fractions throughout (0.07 is 7 %)."""

    expert: str
    split: Split
    seed: int
    label: str
    model: str
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Pick:
    """One choice of ours: what was chosen, what would have been best, and the ratio of their costs."""

    expert: str
    split: Split
    kernel: str
    chosen: str
    best: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All rows, all of our picks (worst first), and regrets by family of ours and the hand model's."""

    rows: tuple[Row, ...]
    picks: tuple[Pick, ...]
    families: tuple[Row, ...]


def evaluate(data: Dataset, request: Request, progress: Callable[[str], None] = lambda _: None) -> Evaluation:
    """The evaluation that a request asks for."""
    rows: list[Row] = []
    picks: list[Pick] = []
    families: list[Row] = []
    looks = Looks(request.looks, progress)
    request = replace(request, options=replace(request.options, second=request.looks > 0))
    for source, target in data.experts:
        name = f"{source}/{target}"
        if request.sources and not {source, name} & set(request.sources):
            continue
        table = table_of(data.of(source, target).samples)
        for split in request.splits:
            for seed in range(request.options.seed, request.options.seed + request.seeds):
                done = _one(
                    name,
                    table,
                    split,
                    seed,
                    request,
                    looks,
                    lambda what, where=f"{name} by {split.value}": progress(f"{where}: {what}"),
                )
                if done is not None:
                    rows += done.rows
                    picks += done.picks
                    families += done.families
    if not rows:
        raise RequestError("nothing to evaluate: no split holds anything out of these samples")
    return Evaluation(tuple(rows), tuple(sorted(picks, key=lambda pick: -pick.ratio)), tuple(families))


@dataclass(slots=True)
class _Held:
    """Predictions of held-out rows: costs by model, and of ours values and intervals by label."""

    costs: dict[str, Floats]
    values: dict[str, Floats]
    low: dict[str, Floats]
    high: dict[str, Floats]
    tested: Floats
    abroad: Floats
    """A foreign score, infinite where the machine is unlike any: whom the guard does not trust."""


def _one(
    name: str,
    table: Table,
    split: Split,
    seed: int,
    request: Request,
    looks: Looks,
    progress: Callable[[str], None],
) -> Evaluation | None:
    parts = list(folds(table.samples, split, request.folds, seed))
    if not parts:
        return None
    count = len(table.samples)
    low, value, high = ({label: np.full(count, np.nan) for label in table.labels} for _ in range(3))
    held = _Held({}, value, low, high, np.zeros(count), np.zeros(count))
    primary = next((label for label in PRIMARY if label in table.labels), None)
    for part, rows in parts:
        progress(part)
        _fold(table, ~rows, rows, replace(request.options, seed=seed), held, primary, request, looks)
    if primary is not None:
        _whole(table, held, seed, primary)
        if table.analytical is not None and request.options.calibrate:  # no score means anything before
            held.costs["guarded"] = _guarded(table, held)
    return _summed(name, table, split, seed, held, primary, request.options.calibrate)


def _fold(
    table: Table,
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    options: Options,
    held: _Held,
    primary: str | None,
    request: Request,
    looks: Looks,
) -> None:
    seen, unseen = table.only(train), table.only(test)
    expert = fit_table(seen, options)
    encoded = expert.encoder.encode(unseen.readings)
    analytical = unseen.analytical if expert.uses_analytical else None
    held.tested[test] = 1
    held.abroad[test] = abroad(expert, encoded.matrix)
    for head in expert.heads:
        found = expert.predict(head, encoded, analytical)
        held.values[head.label][test], held.low[head.label][test], held.high[head.label][test] = (
            found.value,
            found.low,
            found.high,
        )
    if primary is None or primary not in seen.labels:
        return
    ours = expert.costs(encoded, analytical)
    held.costs.setdefault(OURS, np.full(len(test), np.nan))[test] = ours
    if looks.most and expert.second is not None:
        texts, choices = [sample.text for sample in unseen.samples], Choices.of(unseen.choices).groups
        again = looks.costs(expert, texts, encoded, ours, choices)
        held.costs.setdefault(f"{OURS}, {looks.most} looks", np.full(len(test), np.nan))[test] = again
    usable = np.isfinite(seen.labels[primary])
    some = [reading for reading, use in zip(seen.readings, usable, strict=True) if use]
    grams = rivals.by_grams(some, seen.labels[primary][usable], unseen.readings)
    held.costs.setdefault("n-gram", np.full(len(test), np.nan))[test] = grams
    for scheme in request.schemes:
        costs = tokens_alone(seen, unseen, scheme, options)
        held.costs.setdefault(f"tokens: {scheme.value}", np.full(len(test), np.nan))[test] = costs
    for kind in request.networks:
        for scheme in request.schemes or (Scheme.RUNNING,):
            costs = by_network(seen, unseen, kind, scheme, options)
            held.costs.setdefault(f"{kind.value}: {scheme.value}", np.full(len(test), np.nan))[test] = costs


def tokens_alone(seen: Table, unseen: Table, scheme: Scheme, options: Options) -> Floats:
    """Costs by a model of tokens alone: no hand model; what it learns is how alternatives of a choice compare."""
    ranker = replace(options.nest_ranker, trees=3 * options.nest_ranker.trees // 2, leaves=47, columns=0.2)
    options = replace(options, nest_ranker=ranker)  # it alone has to make do with columns that each say little
    return _costs(seen, unseen, replace(options, groups=(Group(scheme.value),), centred=True, calibrate=False))


def by_network(seen: Table, unseen: Table, kind: NetworkKind, scheme: Scheme, options: Options) -> Floats:
    """Costs by a network that reads the tokens in their order."""
    group = next(each for each, of in SEQUENCES.items() if of is scheme)
    return _costs(seen, unseen, replace(options, groups=(group,), network=kind, centred=True, calibrate=False))


def _costs(seen: Table, unseen: Table, options: Options) -> Floats:
    primary = next(label for label in PRIMARY if label in seen.labels)
    expert = fit_table(replace(seen, labels={primary: seen.labels[primary]}), options)  # other heads choose nothing
    return expert.costs(expert.encoder.encode(unseen.readings), unseen.analytical if expert.uses_analytical else None)


def _whole(table: Table, held: _Held, seed: int, primary: str) -> None:
    held.costs["random"] = rivals.by_lot(len(table.samples), seed)
    held.costs["default order"] = rivals.by_order(table.choices)
    held.costs["op count"] = rivals.by_count(table.readings)
    held.costs["hand"] = rivals.by_hand(table.readings)
    if table.analytical is not None:
        held.costs["analytical"] = table.analytical
    held.costs["oracle"] = table.labels[primary]
    again = np.array(
        [_again(sample.repeats.get(primary, ()), sample.labels.get(primary, np.nan)) for sample in table.samples]
    )
    if np.isfinite(again).all():
        held.costs["noise floor"] = again


def _guarded(table: Table, held: _Held) -> Floats:
    """What a compiler does: ours, but where a choice is abroad, what came with the samples."""
    assert table.analytical is not None
    costs = held.costs[OURS].copy()
    for rows in Choices.of(table.choices).groups:
        if np.median(held.abroad[rows]) > ABROAD:
            costs[rows] = table.analytical[rows]
    return costs


def abroad(expert: Expert, matrix: Floats) -> Floats:
    """The foreign score of each row, infinite where a number of the machine lies beyond what the expert saw."""
    beyond = expert.foreign.beyond(matrix)
    of_machine = np.array([name.startswith(MACHINE) for name in expert.encoder.names[: beyond.shape[1]]])
    return np.where(beyond[:, of_machine].any(axis=1), np.inf, expert.foreign.score(matrix))


def _again(repeats: Sequence[float], label: float) -> float:
    """A measurement that is not the label itself: the last but best one."""
    others = sorted(repeats)
    return others[1] if len(others) > 1 else (np.nan if not others else label)


def _summed(
    name: str, table: Table, split: Split, seed: int, held: _Held, primary: str | None, intervals: bool
) -> Evaluation:
    rows: list[Row] = []
    picks: list[Pick] = []
    families: list[Row] = []
    if primary is not None:
        usable = np.flatnonzero((held.tested > 0) & np.isfinite(table.labels[primary]))
        truth = table.labels[primary][usable]
        choices = Choices.of([table.choices[at] for at in map(int, usable)])
        for model, costs in held.costs.items() if choices.groups else ():
            rows.append(Row(name, split, seed, primary, model, _choice_figures(costs[usable], truth, choices)))
        if choices.groups and (figures := _by_one_process(table, usable, primary, choices)):
            rows.append(Row(name, split, seed, primary, ONE_PROCESS, figures))
        picks = _picks(name, table, split, held.costs[OURS][usable], truth, usable, choices)
        if split is Split.FAMILY:
            families = _by_family(name, table, seed, held, usable, primary)
    for label in table.labels:
        figures = _figures(label, table, held)
        kept = {name: each for name, each in figures.items() if intervals or name not in ("coverage", "width")}
        rows.append(Row(name, split, seed, label, "", kept))
    return Evaluation(tuple(rows), tuple(picks), tuple(families))


def _by_one_process(table: Table, usable: Integers, primary: str, choices: Choices) -> dict[str, float]:
    """What chance has in regrets: chosen by what one process measured and judged by the others, meaned over which one; {} without repeats."""
    repeats = [tuple(table.samples[at].repeats.get(primary, ())) for at in map(int, usable)]
    least = min(map(len, repeats))
    if least < 2:
        return {}
    found: list[dict[str, float]] = []
    for one in range(least):
        costs = np.array([each[one] for each in repeats])
        truth = np.array([min(*each[:one], *each[one + 1 :], np.inf) for each in repeats])
        found.append(_choice_figures(costs, truth, choices))
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


def _choice_figures(costs: Floats, truth: Floats, choices: Choices) -> dict[str, float]:
    first, third = choice_quality(costs, truth, choices), choice_quality(costs, truth, choices, 3)
    return {
        "choices": float(len(first.ratios)),
        "regret": first.mean,
        "p90": first.percentile(0.9),
        "top 3": third.mean,
        "top 3 p90": third.percentile(0.9),
        "pairs": first.pairs,
        "tau": first.tau,
    }


def _picks(
    name: str,
    table: Table,
    split: Split,
    costs: Floats,
    truth: Floats,
    usable: Integers,
    choices: Choices,
) -> list[Pick]:
    picks: list[Pick] = []
    for rows in choices.groups:
        chosen, best = int(rows[np.argmin(costs[rows])]), int(rows[np.argmin(truth[rows])])
        ours, other = table.samples[int(usable[chosen])], table.samples[int(usable[best])]
        picks.append(Pick(name, split, ours.kernel, ours.variant, other.variant, float(truth[chosen] / truth[best])))
    return picks


def _by_family(
    name: str,
    table: Table,
    seed: int,
    held: _Held,
    usable: Integers,
    primary: str,
) -> list[Row]:
    rows: list[Row] = []
    for family in sorted({table.samples[at].family for at in map(int, usable)}):
        members = [at for at in map(int, usable) if table.samples[at].family == family]
        inside, choices = np.array(members), Choices.of([table.choices[at] for at in members])
        if not choices.groups:
            continue
        truth = table.labels[primary][inside]
        figures = {
            model: choice_quality(held.costs[model][inside], truth, choices).mean
            for model in (OURS, "hand")
            if model in held.costs
        }
        rows.append(Row(name, Split.FAMILY, seed, primary, family, figures))
    return rows


def _figures(label: str, table: Table, held: _Held) -> dict[str, float]:
    truth, value = table.labels[label], held.values[label]
    usable = np.isfinite(truth) & np.isfinite(value)
    truth, value = truth[usable], value[usable]
    if not len(truth):
        return {}
    figures = {
        "rows": float(len(truth)),
        "coverage": coverage(held.low[label][usable], held.high[label][usable], truth),
    }
    match KINDS[label]:
        case Kind.LOG:
            width = float(np.median(held.high[label][usable] / np.maximum(held.low[label][usable], 1e-300)))
            figures |= {
                "median error": median_error(value, truth),
                "mape": mape(value, truth),
                "spearman": spearman(value, truth),
                "width": width,
            }
        case Kind.COUNT:
            figures |= {
                "rmse": rmse_of_range(value, truth),
                "within one": within_one(value, truth),
                "mape": mape(value, truth),
            }
        case Kind.HURDLE:
            figures |= {"f1": f1(value, truth), "rmse": rmse_of_range(value, truth)}
        case Kind.SHARE:
            figures |= {"rmse": rmse_of_range(value, truth)}
    return figures


def encoder_for(scheme: Scheme, table: Table) -> Encoder:
    """The columns of a scheme for a table's texts."""
    return Encoder.fitted(table.readings, (Group(scheme.value),))

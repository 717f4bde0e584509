"""From samples to an expert.

1. Columns, and one fit of every head on all samples: that is the model.
2. Held out by kernel and by family: the same again on the rest, so that intervals, trust and the ranker's weight are decided by errors
   on what was not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from costmodel.features.encoder import Encoded, Encoder, Group
from costmodel.features.streams import Floats
from costmodel.looking.cores import core_of
from costmodel.metrics import Choices, choice_quality
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.expert import FOREIGN_STEPS, Expert, Trust
from costmodel.models.foreign import learn_foreign, with_edge
from costmodel.models.head import PRIMARY, Base, Head, Kind, Learner, base_of, fit_head, fitted_scale, with_analytical
from costmodel.models.intervals import COVERAGE, Evidence, Widths, calibrate
from costmodel.models.neighbours import Learned, learn_neighbours
from costmodel.models.neural.learning import learner
from costmodel.models.second import COUNT, MADE_UP, Second, told
from costmodel.models.table import Options, Table, groups_for, in_parallel, quicker, rows_of
from costmodel.splits import Split, folds, group, kernels

_LEAST = 8
"""Samples below which nothing is held out: widths are then those of the fit itself, tripled."""
_FEW = range(500, 5001)
_FOLDS, _FOLDS_OF_FEW = (3, 4), (8, 5)
"""Folds of kernels and most of families that calibration holds out: few samples fitted to two thirds of them err much more
than fitted to all (and of very few no width is worth the time)."""
_CONTENDERS, _NEST_CONTENDERS = 8, 20
"""How many of the first a ranker puts in order: of schedules whose costs are counted, and of those of nests."""
RANK_WEIGHT = 0.15
"""What the ranker's score adds where no held-out kernels decide it."""


_GRADES, _AN_OCTAVE = 32, 16
"""Grades of a ranker, and how many a factor of two takes away: alternatives 4 % apart are not equal."""


def fit_table(table: Table, options: Options, progress: Callable[[str], None] = lambda _: None) -> Expert:
    """The expert of a table."""
    usual = (Group.SEQUENCE,) if options.network is not None else groups_for(table.readings)
    encoder = Encoder.fitted(table.readings, options.groups or usual)
    encoded = encoder.encode(table.readings)
    everything = np.ones(len(table.samples), dtype=np.bool_)
    draft = fit_part(table, encoder, encoded, everything, options, progress)
    if options.second:
        draft = replace(draft, second=_second(table, encoder, encoded, options, progress))
    if not options.calibrate or len(set(table.choices)) < _LEAST:
        return draft
    return _calibrated(draft, table, encoded, options, progress)


def fit_part(
    table: Table,
    encoder: Encoder,
    encoded: Encoded,
    rows: NDArray[np.bool_],
    options: Options,
    progress: Callable[[str], None] = lambda _: None,
) -> Expert:
    """An expert fitted to some rows, without calibration: it trusts itself everywhere."""
    usable = {label: rows & np.isfinite(values) for label, values in table.labels.items()}
    known = [label for label in table.labels if usable[label].any()]
    progress(", ".join(known))
    primary = next((label for label in PRIMARY if label in table.labels), None)
    with ThreadPoolExecutor(max_workers=1) as beside:
        ranked = primary is not None and options.network is None
        ranking = beside.submit(_ranker, table, encoded, rows, primary, options) if primary and ranked else None
        by = boost if options.network is None else learner(options.network, len(encoder.grams) + 2, options.course)
        heads = in_parallel(
            [lambda label=label: _head(label, table, encoded, usable[label], options, by) for label in known]
        )
        ranker = ranking.result() if ranking is not None else None
    foreign = learn_foreign(encoded.matrix[rows, : encoder.measured], options.seed)
    widths = {head.label: (_own_width(head, table, encoded, rows),) * (len(FOREIGN_STEPS) + 1) for head in heads}
    families = tuple(sorted({sample.family for sample, chosen in zip(table.samples, rows, strict=True) if chosen}))
    first = table.samples[0]
    offsets = {head.label: _offset(head, table, encoded, rows) for head in heads}
    trust = Trust((1.0,) * (len(FOREIGN_STEPS) + 1), widths, offsets)
    return Expert(
        first.source,
        first.target,
        encoder,
        tuple(heads),
        {},
        ranker,
        RANK_WEIGHT,
        foreign,
        trust,
        table.analytical is not None,
        int(rows.sum()),
        families,
    )


def _second(
    table: Table, encoder: Encoder, encoded: Encoded, options: Options, progress: Callable[[str], None]
) -> Second | None:
    """What is fitted to times and counts of instructions together; None where not all is known that it needs."""
    label, core = next((each for each in PRIMARY if each in table.labels), None), core_of(table.samples)
    if label is None or core is None or COUNT not in table.labels or MADE_UP not in encoder.names:
        return None
    usable = np.isfinite(table.labels[label]) & np.isfinite(table.labels[COUNT])
    if not usable.any() or table.analytical is not None:
        return None
    progress("a second look")
    seen = table.only(usable)
    everything = np.ones(len(seen.samples), dtype=np.bool_)
    inside = told(rows_of(encoded, usable), encoder.names, seen.labels[COUNT])
    options = replace(options, nests=quicker(options.nests), nest_ranker=quicker(options.nest_ranker))
    with ThreadPoolExecutor(max_workers=1) as beside:
        ranking = beside.submit(_ranker, seen, inside, everything, label, options)
        head = _head(label, seen, inside, everything, options, boost)
        return Second(core, head, ranking.result())


def _head(label: str, table: Table, encoded: Encoded, rows: NDArray[np.bool_], options: Options, by: Learner) -> Head:
    is_primary = label in PRIMARY
    analytical = table.analytical[rows] if table.analytical is not None else None
    base = _base(label, encoded, analytical, options)
    labels = table.labels[label][rows]
    if is_primary and options.centred:
        choices = [table.choices[at] for at in np.flatnonzero(rows)]
        best = _best(choices, labels)
        inside = rows_of(encoded, rows)
        return fit_head(
            label,
            labels / best,
            inside,
            analytical,
            Base.NOTHING,
            _grown(options.nests, len(labels)),
            options.seed,
            best / labels + _LEAST_WEIGHT,
            _within(choices) if options.network is None else by,
        )
    if not is_primary or base is Base.NOTHING:
        shape = options.shape if is_primary else options.side
        return fit_head(label, labels, rows_of(encoded, rows), analytical, base, shape, options.seed, None, by)
    shape = options.shape if base is Base.ANALYTICAL else _grown(options.nests, len(labels))
    weights = _weights(labels, [table.choices[at] for at in np.flatnonzero(rows)])
    return fit_head(label, labels, rows_of(encoded, rows), analytical, base, shape, options.seed, weights, by)


_ROWS_A_LEAF, _LEAVES = 280, 31
"""Rows for which a tree of nests has a leaf more, and the leaves that it may have at any rate."""


def _grown(shape: Shape, rows: int) -> Shape:
    """Trees as large as so many rows fill: of few rows larger ones only cost time."""
    return replace(shape, leaves=min(shape.leaves, max(_LEAVES, rows // _ROWS_A_LEAF)))


def _within(choices: Sequence[tuple[str, ...]]) -> Learner:
    """Boosters of what alternatives differ in: rows of a choice are put beside each other."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, key in enumerate(choices):
        found[key].append(row)
    order = np.concatenate([np.array(rows) for rows in found.values()])
    lengths = [len(rows) for rows in found.values()]

    def fit(
        matrix: Floats, labels: Floats, _: Objective, shape: Shape, seed: int, weights: Floats | None = None, /
    ) -> Booster:
        each = None if weights is None else weights[order]
        return boost(matrix[order], labels[order], Objective.DIFFERENCES, shape, seed, each, lengths)

    return fit


_LEAST_WEIGHT = 0.05


def _weights(labels: Floats, choices: Sequence[tuple[str, ...]]) -> Floats:
    """What an alternative counts: the best of a choice 1, one that takes twice as long half. A choice is made among the good ones."""
    return _best(choices, labels) / labels + _LEAST_WEIGHT


def _best(choices: Sequence[tuple[str, ...]], labels: Floats) -> Floats:
    """Of every alternative, the least label among those of its choice."""
    best: dict[tuple[str, ...], float] = {}
    for key, label in zip(choices, labels.tolist(), strict=True):
        best[key] = min(best.get(key, label), label)
    return np.array([best[key] for key in choices])


def _base(label: str, encoded: Encoded, analytical: Floats | None, options: Options) -> Base:
    if options.base is not None:
        return options.base
    looping = _looping(encoded)
    if analytical is not None and (label in PRIMARY or not looping):
        return Base.ANALYTICAL
    if label not in PRIMARY:
        return Base.ITERATIONS if looping else Base.NOTHING
    alone = options.network is not None  # of the text alone: no hand model
    return Base.NOTHING if not looping else Base.ITERATIONS if alone else Base.HAND


def _looping(encoded: Encoded) -> bool:
    """Whether most texts are loop nests."""
    return bool((encoded.iterations > 0).mean() > 0.5)


def _ranker(table: Table, encoded: Encoded, rows: NDArray[np.bool_], label: str, options: Options) -> Booster | None:
    usable = np.flatnonzero(rows & np.isfinite(table.labels[label]))
    choices = Choices.of([table.choices[at] for at in usable])
    if not choices.groups:
        return None
    order = np.concatenate([usable[group] for group in choices.groups])
    nests = table.analytical is None and _looping(encoded)
    grades = np.concatenate([_grades(table.labels[label][usable[group]]) for group in choices.groups])
    matrix = with_analytical(encoded, table.analytical)[order]
    lengths = [len(group) for group in choices.groups]
    gains = {
        "label_gain": [float(2 ** (4 * grade / _AN_OCTAVE) - 1) for grade in range(_GRADES)],
        "lambdarank_truncation_level": _NEST_CONTENDERS if nests else _CONTENDERS,
    }
    shape = options.nest_ranker if nests else options.ranker
    return boost(matrix, grades, Objective.RANK, shape, options.seed, groups=lengths, extra=gains)


def _grades(labels: Floats) -> Floats:
    """The best of a choice gets the highest grade."""
    return np.clip(_GRADES - 1 - np.rint(_AN_OCTAVE * np.log2(labels / labels.min())), 0, _GRADES - 1)


def _own_width(head: Head, table: Table, encoded: Encoded, rows: NDArray[np.bool_]) -> float:
    usable = rows & np.isfinite(table.labels[head.label])
    analytical = table.analytical[usable] if table.analytical is not None else None
    rest = fitted_scale(head.kind, table.labels[head.label][usable]) - head.value(rows_of(encoded, usable), analytical)
    return 3 * float(np.quantile(np.abs(rest), COVERAGE))


def _offset(head: Head, table: Table, encoded: Encoded, rows: NDArray[np.bool_]) -> float:
    """What the base of a head lacks to be in the unit of its label."""
    if head.kind is not Kind.LOG or head.base not in (Base.ANALYTICAL, Base.HAND):
        return 0.0
    usable = rows & np.isfinite(table.labels[head.label])
    analytical = table.analytical[usable] if table.analytical is not None else None
    base = base_of(head.base, rows_of(encoded, usable), analytical)
    return float(np.median(fitted_scale(head.kind, table.labels[head.label][usable]) - base))


@dataclass(slots=True)
class _Held:
    """What held-out rows showed: foreign scores, and by label errors and sizes; of the primary head also its base."""

    split: Split
    scores: Floats
    values: dict[str, Floats]
    bases: Floats
    said: Floats


def _held_out(split: Split, table: Table, encoder: Encoder, encoded: Encoded, options: Options) -> _Held:
    count = len(table.samples)
    held = _Held(
        split,
        np.full(count, np.nan),
        {name: np.full(count, np.nan) for name in table.labels},
        np.zeros(count),
        np.zeros(count),
    )
    parts = list(_folds(split, table, options))
    course = replace(options.course, epochs=max(1, options.course.epochs // 2))
    options = replace(
        options,
        side=quicker(options.side),
        nests=quicker(options.nests),
        nest_ranker=quicker(options.nest_ranker),
        course=course,
    )
    fitted = in_parallel([lambda rows=rows: fit_part(table, encoder, encoded, ~rows, options) for rows in parts])
    for rows, part in zip(parts, fitted, strict=True):
        inside, analytical = rows_of(encoded, rows), table.analytical[rows] if table.analytical is not None else None
        held.scores[rows] = part.foreign.distance(inside.matrix)
        for head in part.heads:
            held.values[head.label][rows] = head.value(inside, analytical)
        held.bases[rows] = base_of(part.primary.base, inside, analytical)
        if part.ranker is not None:
            held.said[rows] = part.ranker.predict(with_analytical(inside, analytical))
    return held


def _folds(split: Split, table: Table, options: Options) -> Iterator[NDArray[np.bool_]]:
    """Folds of calibration: families, where there are many, several at a time."""
    kernels, families = _FOLDS_OF_FEW if len(table.samples) in _FEW else _FOLDS
    found = [rows for _, rows in folds(table.samples, split, kernels, options.seed)]
    most = families if split is Split.FAMILY else kernels
    merged: list[NDArray[np.bool_]] = [
        np.zeros(len(table.samples), dtype=np.bool_) for _ in range(min(most, len(found)))
    ]
    for at, rows in enumerate(found):
        merged[at % len(merged)] |= rows
    yield from merged


def _calibrated(
    draft: Expert, table: Table, encoded: Encoded, options: Options, progress: Callable[[str], None]
) -> Expert:
    progress("held-out kernels")
    near = _held_out(Split.KERNEL, table, draft.encoder, encoded, options)
    progress("held-out families")
    far = _held_out(Split.FAMILY, table, draft.encoder, encoded, options)
    foreign = with_edge(draft.foreign, near.scores[np.isfinite(near.scores)])
    for held in (near, far):
        held.scores /= foreign.edge
    draft = replace(draft, trust=replace(draft.trust, shares=_shares(draft, table, far)))
    families = [sample.family for sample in table.samples]
    measured, names = draft.encoder.measured, draft.encoder.names
    numbers = encoded.matrix[:, :measured]
    learned = learn_neighbours(numbers, names[:measured], kernels(table.samples), families, options.seed)
    intervals = in_parallel(
        [lambda h=h: _interval(draft, h, table, encoded, near, far, learned, options.seed) for h in draft.heads]
    )
    found = {head.label: widths for head, widths in zip(draft.heads, intervals, strict=True)}
    return replace(
        draft,
        foreign=foreign,
        scales={label: widths.size for label, widths in found.items()},
        rank_weight=_rank_weight(draft, table, near, far),
        trust=replace(
            draft.trust,
            widths={label: widths.steps for label, widths in found.items()},
            bands={label: widths.bands for label, widths in found.items()},
            least={label: widths.least for label, widths in found.items()},
        ),
        neighbours=learned.neighbours if learned is not None else None,
    )


def _interval(
    draft: Expert,
    head: Head,
    table: Table,
    encoded: Encoded,
    near: _Held,
    far: _Held,
    learned: Learned | None,
    seed: int,
) -> Widths:
    """The size of a head's errors, and widths of its intervals."""
    alike = np.zeros(len(table.samples))
    distances, edges = (alike, alike), ()
    if learned is not None:
        distances, edges = (learned.near, learned.far), learned.neighbours.edges
    at_home, abroad = (
        _evidence(draft, head, table, held, away) for held, away in zip((near, far), distances, strict=True)
    )
    matrix = with_analytical(encoded, table.analytical)
    return calibrate(matrix, at_home, abroad, edges, least_width(head.kind), seed)


def least_width(kind: Kind) -> float:
    """What half of an interval is at least, on the scale that a head is fitted on."""
    return 0.02 if kind is Kind.LOG else 0.05


def _evidence(draft: Expert, head: Head, table: Table, held: _Held, distances: Floats) -> Evidence:
    """Errors of a head on held-out rows, with as much of its correction as is trusted there."""
    value = held.values[head.label]
    if head.kind is Kind.LOG and head.base is draft.primary.base and head.base in (Base.ANALYTICAL, Base.HAND):
        base = held.bases + draft.trust.offsets[head.label]
        value = base + np.array(draft.trust.shares)[Trust.step(held.scores)] * (value - base)
    errors = np.abs(fitted_scale(head.kind, table.labels[head.label]) - value)
    return Evidence(errors, held.scores, distances, tuple(group(sample, held.split) for sample in table.samples))


def _shares(draft: Expert, table: Table, far: _Held) -> tuple[float, ...]:
    """How much of the correction is worth having at each step: what would have chosen best among held-out families."""
    head = draft.primary
    steps = len(FOREIGN_STEPS) + 1
    if head.base not in (Base.ANALYTICAL, Base.HAND):
        return (1.0,) * steps
    truth, value = table.labels[head.label], far.values[head.label]
    shares = [1.0]
    for step in range(1, steps):
        rows = np.flatnonzero(np.isfinite(value) & (Trust.step(far.scores) >= step))
        choices = Choices.of([table.choices[at] for at in rows])
        if len(choices.groups) < 5:
            shares.append(shares[-1])
            continue
        losses = {
            share: choice_quality(far.bases[rows] + share * (value[rows] - far.bases[rows]), truth[rows], choices).mean
            for share in (1.0, 0.75, 0.5, 0.25, 0.0)
            if share <= shares[-1]
        }
        shares.append(min(losses, key=lambda share: (round(losses[share], 4), -share)))
    return tuple(shares)


def _rank_weight(draft: Expert, table: Table, near: _Held, far: _Held) -> float:
    """How much the ranker's score adds to the primary head's logarithm: what chooses best among held-out kernels and families.

    Of weights that choose alike the one nearest to what is taken unseen.
    """
    if draft.ranker is None:
        return 0.0
    truth = table.labels[draft.primary.label]
    losses: dict[float, float] = {}
    for weight in (0.0, 0.05, 0.1, 0.2, 0.3):
        loss = 0.0
        for held in (near, far):
            rows = np.flatnonzero(np.isfinite(held.values[draft.primary.label]))
            choices = Choices.of([table.choices[at] for at in rows])
            costs = held.values[draft.primary.label] - weight * held.said
            loss += choice_quality(costs[rows], truth[rows], choices).mean if choices.groups else 0.0
        losses[weight] = loss
    return min(losses, key=lambda weight: (round(losses[weight], 4), abs(weight - RANK_WEIGHT)))

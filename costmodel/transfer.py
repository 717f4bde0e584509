"""`costmodel transfer`: a model for a new target from few of its labels and an expert for another target.

    costmodel transfer few.jsonl.gz --from blocks/skylake --model m.costmodel -o new.costmodel

The old expert's predictions are what the new heads correct: what two cores have in common is not learned again. A head is corrected by
a straight line and small trees or by what it was off at texts nearby (`costmodel/models/nearby.py`), whichever errs less on labels that
are left out; the same errors make its intervals. Which few texts to label is chosen before (`to_label`, `--choose`). With 5 % of a
core's labels this is measured against fitting on all of them (`few_shot`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from costmodel.features.encoder import Encoded, Encoder, Group
from costmodel.features.streams import Floats
from costmodel.features.work import work_names
from costmodel.metrics import mape
from costmodel.model import CostModel
from costmodel.models.boosting import Objective, Shape, boost
from costmodel.models.expert import FOREIGN_STEPS, Expert
from costmodel.models.fitting import Options, Table, fit_table, table_of
from costmodel.models.head import Head, Kind, Shift, fitted_scale, natural, with_analytical
from costmodel.models.intervals import COVERAGE
from costmodel.models.nearby import expected, learn
from costmodel.refusals import RequestError
from costmodel.representative import asked, representatives
from costmodel.sample import Sample
from costmodel.splits import Split, folds

_LEAST = 8
_PARTS = 5
_MOST = 2000
"""Kernels that those to label are chosen among: what is computed grows with the square."""
_SMALL = Shape(trees=60, leaves=6, rate=0.08, smallest_leaf=4, columns=0.5, ridge=5.0)


def transfer(model: CostModel, source: str, samples: Sequence[Sample], seed: int = 1) -> CostModel:
    """The model with an expert for the samples' target added (or replaced), made from the expert named `source`."""
    _one_target(samples)
    if len(samples) < _LEAST:
        raise RequestError(f"{len(samples)} samples are too few to move a model; at least {_LEAST} are needed")
    old = model.expert([sample.text for sample in samples[:4]], source)
    new = moved(old, table_of(samples), np.ones(len(samples), dtype=np.bool_), seed)
    kept = tuple(expert for expert in model.experts if expert.name != new.name)
    return CostModel((*kept, new))


def _one_target(samples: Sequence[Sample]) -> None:
    targets = {(sample.source, sample.target) for sample in samples}
    if len(targets) != 1:
        raise RequestError(f"the samples are of {len(targets)} targets, one is needed")


def moved(old: Expert, table: Table, rows: NDArray[np.bool_], seed: int) -> Expert:
    """The old expert corrected by some rows of a table of the new target."""
    few = table.only(rows)
    encoder = _wider(old)
    seen = _Seen.of(encoder, few, old.uses_analytical)
    heads: list[Head] = []
    widths: dict[str, tuple[float, ...]] = {}
    for head in old.heads:
        labels = few.labels.get(head.label)
        if labels is None:
            continue
        usable = np.isfinite(labels)
        head = replace(head, shift=None)  # an expert that was moved itself is moved anew
        truth = fitted_scale(head.kind, labels[usable])
        shifted, errors = _corrected(head, seen.matrix[usable], seen.before(head)[usable], truth, seen, seed)
        heads.append(shifted)
        width = float(np.quantile(np.abs(errors), min(1.0, COVERAGE * (1 + 1 / len(errors)))))
        widths[head.label] = tuple(width * wider for wider in (1.0, *FOREIGN_STEPS))
    if not heads:
        raise RequestError(f"{old.name} predicts none of the labels {', '.join(few.labels)}")
    first = few.samples[0]
    trust = replace(old.trust, widths=widths, bands={}, least={}, shares=(1.0,) * len(old.trust.shares))
    families = tuple(sorted({sample.family for sample in few.samples}))
    return replace(
        old,
        source=first.source,
        target=first.target,
        encoder=encoder,
        heads=tuple(heads),
        scales={},
        trust=trust,
        samples=len(few.samples),
        families=families,
        neighbours=None,
    )


def _wider(old: Expert) -> Encoder:
    """The old columns and, of straight-line code, what its work is made of: last, where the old trees do not look."""
    groups = old.encoder.groups
    if Group.STRAIGHT not in groups or Group.WORK in groups or old.uses_analytical:
        return old.encoder
    return replace(old.encoder, groups=(*groups, Group.WORK))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a correction sees of texts, by row.

    What is nearby is said by the analysed columns, as often as the old head's trees ask for each: counts of runs of tokens are too
    many for a few dozen labels. The last `work` columns are of straight-line code's work.
    """

    encoded: Encoded
    analytical: Floats | None
    matrix: Floats
    analysed: NDArray[np.bool_]
    work: int

    @staticmethod
    def of(encoder: Encoder, table: Table, uses_analytical: bool) -> _Seen:
        """The texts of a table."""
        encoded = encoder.encode(table.readings)
        analytical = table.analytical if uses_analytical else None
        matrix = with_analytical(encoded, analytical)
        analysed = np.ones(matrix.shape[1], dtype=np.bool_)
        analysed[: len(encoder.names)] = [name not in encoder.grams for name in encoder.names]
        return _Seen(encoded, analytical, matrix, analysed, len(work_names()) if Group.WORK in encoder.groups else 0)

    def before(self, head: Head) -> Floats:
        """What a head that was not moved says, on the scale it is fitted on."""
        return head.value(self.encoded, self.analytical)

    def columns(self, head: Head) -> tuple[NDArray[np.bool_], Floats, int, bool]:
        """How a head's corrections depend on columns: which, how much each counts, how many are work, what is relative to the last."""
        return self.analysed, asked(head, self.matrix.shape[1]), self.work, self.work > 0 and head.kind is Kind.LOG


def _corrected(
    head: Head, matrix: Floats, before: Floats, truth: Floats, seen: _Seen, seed: int
) -> tuple[Head, Floats]:
    """The head corrected in the better of two ways, and errors of labels that were left out."""
    if head.kind is Kind.HURDLE:
        return head, truth - before
    near, near_errors = learn(matrix, before, truth, *seen.columns(head))
    tree_errors = _left_out(matrix, before, truth, seed)
    if np.abs(near_errors).mean() <= np.abs(tree_errors).mean():
        return replace(head, shift=near), near_errors
    return replace(head, shift=_shift(matrix, before, truth, seed)), tree_errors


def _left_out(matrix: Floats, before: Floats, truth: Floats, seed: int) -> Floats:
    errors = np.zeros(len(truth))
    parts = np.random.default_rng(seed).permutation(len(truth)) % _PARTS
    for part in range(_PARTS):
        inside = parts == part
        shift = _shift(matrix[~inside], before[~inside], truth[~inside], seed)
        errors[inside] = truth[inside] - shift.moved(matrix[inside], before[inside])
    return errors


def _shift(matrix: Floats, before: Floats, truth: Floats, seed: int) -> Shift:
    """A straight line through (before, truth), and small trees for what the line leaves."""
    slope, offset = _line(before, truth)
    rest = truth - (slope * before + offset)
    return Shift(slope, offset, boost(np.column_stack([matrix, before]), rest, Objective.SQUARED, _SMALL, seed))


def _line(before: Floats, truth: Floats) -> tuple[float, float]:
    """Least squares, drawn to slope 1 where there are few points."""
    centred, pull = before - before.mean(), 2.0
    slope = float((centred @ (truth - truth.mean()) + pull) / (centred @ centred + pull))
    return slope, float(truth.mean() - slope * before.mean())


@dataclass(frozen=True, slots=True)
class FewShot:
    """Errors of one label on held-out kernels: moved with few labels, fitted to the few alone, fitted to all that is not held out."""

    label: str
    moved: float
    alone: float
    full: float


def few_shot(
    old: Expert, samples: Sequence[Sample], share: float, seed: int = 1, home: Sequence[Sample] = ()
) -> list[FewShot]:
    """What moving an expert is worth: a quarter of the kernels held out, this share of the labels used, those that `to_label` names.

    With samples of the expert's own target (`home`) it is fitted anew without the texts that are tested: as it is it may have seen them.
    """
    _one_target(samples)
    if not 0 < share < 1:
        raise RequestError(f"a share of {share:g} of the labels is none; it must lie between 0 and 1")
    table = table_of(samples)
    test = next((rows for _, rows in folds(samples, Split.KERNEL, 4, seed)), None)
    if test is None:
        raise RequestError("nothing can be held out of one kernel")
    plain = Options(seed=seed, calibrate=False)
    if home:
        tested = {sample.text for sample, held in zip(samples, test, strict=True) if held}
        old = fit_table(table_of([sample for sample in home if sample.text not in tested]), plain)
    few = _few(old, table, ~test, share, seed)
    if few.sum() < _LEAST:
        raise RequestError(f"{share:.0%} of the labels are {int(few.sum())} samples; at least {_LEAST} are needed")
    experts = moved(old, table, few, seed), fit_table(table.only(few), plain), fit_table(table.only(~test), plain)
    found: list[FewShot] = []
    for head in experts[0].heads:
        truth = table.only(test).labels[head.label]
        errors = [_error(expert, head.label, table.only(test), truth) for expert in experts]
        found.append(FewShot(head.label, *errors))
    return found


def to_label(old: Expert, samples: Sequence[Sample], count: int, seed: int = 1) -> list[str]:
    """The kernels that a new target is to be labelled on first: of each one text counts, the same in whatever order; no label does.

    Of more than `_MOST` kernels so many are looked at, which the seed draws.
    """
    first: dict[str, Sample] = {}
    for sample in sorted(samples, key=lambda sample: (sample.kernel, sample.text)):
        first.setdefault(sample.kernel, sample)
    names = list(first)
    looked_at = max(_MOST, count)
    if len(names) > looked_at:
        names = sorted(Random(seed).sample(names, looked_at))
    seen = _Seen.of(_wider(old), table_of([first[name] for name in names]), old.uses_analytical)
    head = replace(old.primary, shift=None)
    covariance, noise = expected(seen.matrix, seen.before(head), *seen.columns(head))
    return [names[row] for row in representatives(covariance, noise, count)]


def _few(old: Expert, table: Table, rows: NDArray[np.bool_], share: float, seed: int) -> NDArray[np.bool_]:
    """The share of all kernels that says most, of those in `rows`."""
    inside = [sample for sample, use in zip(table.samples, rows, strict=True) if use]
    count = max(1, round(share * len({sample.kernel for sample in table.samples})))
    chosen = set(to_label(old, inside, count, seed))
    return np.array([sample.kernel in chosen for sample in table.samples])


def _error(expert: Expert, label: str, test: Table, truth: Floats) -> float:
    head = expert.head(label)
    if head is None:
        return float("nan")
    encoded = expert.encoder.encode(test.readings)
    value = natural(head.kind, head.value(encoded, test.analytical if expert.uses_analytical else None))
    return mape(value, truth)

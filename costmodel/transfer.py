"""`costmodel transfer`: a model for a new target from few of its labels and an expert for another target.

    costmodel transfer few.jsonl.gz --from blocks/skylake --model m.costmodel -o new.costmodel

The old expert's predictions are what the new heads correct: what two cores have in common is not learned again. A head is corrected by
a straight line and small trees or by what it was off at texts nearby (`costmodel/models/nearby.py`), whichever errs less on labels that
are left out; the same errors make its intervals. Of straight-line code it is also seen what the model's experts for third targets say.
Which few texts to label is chosen before (`to_label`, `--choose`). With 5 % of a core's labels this is measured against fitting on all
of them (`few_shot`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from costmodel.features.encoder import GRAMS, Encoded, Encoder, Group
from costmodel.features.streams import Floats
from costmodel.features.work import work_names
from costmodel.metrics import mape
from costmodel.model import CostModel
from costmodel.models.beside import Beside
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.expert import FOREIGN_STEPS, Expert
from costmodel.models.fitting import fit_table, least_width
from costmodel.models.head import KINDS, Base, Head, Kind, Shift, fitted_scale, natural, with_analytical
from costmodel.models.intervals import COVERAGE
from costmodel.models.nearby import expected, learn
from costmodel.models.table import Options, Table, table_of
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
    others = others_of(model, old, samples[0])
    new = moved(old, table_of(samples), np.ones(len(samples), dtype=np.bool_), seed, others)
    kept = tuple(expert for expert in model.experts if expert.name != new.name)
    return CostModel((*kept, new))


def _one_target(samples: Sequence[Sample]) -> None:
    targets = {(sample.source, sample.target) for sample in samples}
    if len(targets) != 1:
        raise RequestError(f"the samples are of {len(targets)} targets, one is needed")


def others_of(model: CostModel, old: Expert, new: Sample) -> list[Expert]:
    """Whom a correction of the old expert for a new sample's target may ask as well: those fitted to third targets, of code like its own.

    Their trees were fitted as the old expert's were: to the same columns but for runs of tokens, which are those that their texts have.
    """
    targets = {old.target, new.target}
    third = [other for other in model.experts if other.target not in targets and other.source == old.source]
    return _askable(old, third)


def _askable(old: Expert, others: Sequence[Expert]) -> list[Expert]:
    groups = _without_work(old)
    if Group.STRAIGHT not in groups or old.uses_analytical or {*groups[:-1]} & GRAMS:
        return []
    return [
        other
        for other in others
        if other.encoder.groups == groups
        and not other.uses_analytical
        and all(head.shift is None for head in other.heads)
        and other.primary.boosters != old.primary.boosters
    ]


def _logarithms(expert: Expert) -> dict[str, Booster]:
    """Trees that say logarithms and start from nothing, by label: of cycles, of instructions."""
    return {
        head.label: trees
        for head in expert.heads
        if head.kind is Kind.LOG and head.base is Base.NOTHING and isinstance(trees := head.boosters[0], Booster)
    }


def _without_work(expert: Expert) -> tuple[Group, ...]:
    return tuple(group for group in expert.encoder.groups if group is not Group.WORK)


def moved(old: Expert, table: Table, rows: NDArray[np.bool_], seed: int, others: Sequence[Expert] = ()) -> Expert:
    """The old expert corrected by some rows of a table of the new target, and by what others say (those of `others_of`)."""
    few = table.only(rows)
    encoder = _wider(old, others)
    seen = _Seen.of(encoder, few, old, others)
    heads: list[Head] = []
    widths: dict[str, tuple[float, ...]] = {}
    for head in old.heads:
        labels = few.labels.get(head.label)
        if labels is None:
            continue
        usable = np.isfinite(labels)
        if usable.sum() < 2:  # nothing is left to learn from once one is left out
            continue
        head = replace(head, shift=None)  # an expert that was moved itself is moved anew
        truth = fitted_scale(head.kind, labels[usable])
        shifted, errors = _corrected(head, seen.matrix[usable], seen.before(head)[usable], truth, seen, seed)
        heads.append(shifted)
        width = max(
            float(np.quantile(np.abs(errors), min(1.0, COVERAGE * (1 + 1 / len(errors))))), least_width(head.kind)
        )
        widths[head.label] = tuple(width * wider for wider in (1.0, *FOREIGN_STEPS))
    if not heads:
        raise RequestError(f"{old.name} predicts none of the labels {', '.join(few.labels)} that two samples have")
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
        second=None,
    )


def _wider(old: Expert, others: Sequence[Expert]) -> Encoder:
    """The old columns and, of straight-line code, other experts' runs of tokens and what its work is made of.

    These are last, where the old trees do not look.
    """
    groups = _without_work(old)
    if Group.STRAIGHT not in groups or old.uses_analytical:
        return old.encoder
    more = {gram for other in others for gram in other.encoder.grams} - {*old.encoder.grams}
    return replace(old.encoder, groups=(*groups, Group.WORK), grams=(*old.encoder.grams, *sorted(more)))


def _beside(old: Expert, others: Sequence[Expert], encoder: Encoder) -> tuple[Beside, ...]:
    """What other experts say of the texts of a wider encoder, and the old one of other labels than the primary."""
    found: list[Beside] = []
    for expert in (old, *others):
        grams = expert.encoder.grams
        shared = len(replace(expert.encoder, groups=_without_work(expert)).names) - len(grams)
        at = {gram: shared + place for place, gram in enumerate(encoder.grams)}
        places = (*range(shared), *(at[gram] for gram in grams))
        for label, trees in _logarithms(expert).items():
            if expert is not old or label != old.primary.label:
                found.append(Beside(trees, places))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a correction sees of texts, by row.

    What is nearby is said by the analysed columns, as often as the old head's trees ask for each: counts of runs of tokens are too
    many for a few dozen labels. The last `work` columns are of straight-line code's work. What is said beside it is for the primary label
    alone.
    """

    encoded: Encoded
    analytical: Floats | None
    matrix: Floats
    analysed: NDArray[np.bool_]
    work: int
    primary: str
    beside: tuple[Beside, ...]

    @staticmethod
    def of(encoder: Encoder, table: Table, old: Expert, others: Sequence[Expert]) -> _Seen:
        """The texts of a table."""
        encoded = encoder.encode(table.readings)
        analytical = table.analytical if old.uses_analytical else None
        matrix = with_analytical(encoded, analytical)
        analysed = np.ones(matrix.shape[1], dtype=np.bool_)
        analysed[: len(encoder.names)] = [name not in encoder.grams for name in encoder.names]
        work = len(work_names()) if Group.WORK in encoder.groups else 0
        beside = _beside(old, others, encoder) if work else ()
        return _Seen(encoded, analytical, matrix, analysed, work, old.primary.label, beside)

    def before(self, head: Head) -> Floats:
        """What a head that was not moved says, on the scale it is fitted on."""
        return head.value(self.encoded, self.analytical)

    def columns(self, head: Head) -> tuple[NDArray[np.bool_], Floats, int, bool, tuple[Beside, ...]]:
        """How a head's corrections depend on columns: which, how much each counts, how many are work, whether the value is relative to
        the last one; and what others say."""
        relative = self.work > 0 and head.kind is Kind.LOG
        beside = self.beside if relative and head.label == self.primary else ()
        return self.analysed, asked(head, self.matrix.shape[1]), self.work, relative, beside


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
    old: Expert,
    samples: Sequence[Sample],
    share: float,
    seed: int = 1,
    home: Sequence[Sample] = (),
    others: Sequence[Expert] = (),
) -> list[FewShot]:
    """What moving an expert is worth: a quarter of the kernels held out, this share of the labels used, those that `to_label` names.

    Experts that have samples of their own targets (`home`) are fitted anew without the texts that are tested: as they are they may have
    seen them.
    """
    _one_target(samples)
    if not 0 < share < 1:
        raise RequestError(f"a share of {share:g} of the labels is none; it must lie between 0 and 1")
    table = table_of(samples)
    test = held_out(samples, seed)
    plain = Options(seed=seed, calibrate=False, second=False)
    own = untested(samples, test, home)
    others = [fit_table(_logarithmic(table_of(own[e.name])), plain) if e.name in own else e for e in others]
    old = fit_table(table_of(own[old.name]), plain) if old.name in own else old
    others = _askable(old, others)
    few = _few(old, table, ~test, share, seed, others)
    if few.sum() < _LEAST:
        raise RequestError(f"{share:.0%} of the labels are {int(few.sum())} samples; at least {_LEAST} are needed")
    experts = (
        moved(old, table, few, seed, others),
        fit_table(table.only(few), plain),
        fit_table(table.only(~test), plain),
    )
    found: list[FewShot] = []
    for head in experts[0].heads:
        truth = table.only(test).labels[head.label]
        errors = [_error(expert, head.label, table.only(test), truth) for expert in experts]
        found.append(FewShot(head.label, *errors))
    return found


def untested(samples: Sequence[Sample], test: NDArray[np.bool_], home: Sequence[Sample]) -> dict[str, list[Sample]]:
    """By expert the samples at home whose texts are not tested, where they are enough to fit one to."""
    tested = {sample.text for sample, held in zip(samples, test, strict=True) if held}
    own: dict[str, list[Sample]] = {}
    for sample in home:
        if sample.text not in tested:
            own.setdefault(f"{sample.source}/{sample.target}", []).append(sample)
    return {name: each for name, each in own.items() if len(each) >= _LEAST}


def held_out(samples: Sequence[Sample], seed: int) -> NDArray[np.bool_]:
    """The quarter of the kernels that a check tests."""
    test = next((rows for _, rows in folds(samples, Split.KERNEL, 4, seed)), None)
    if test is None:
        raise RequestError("nothing can be held out of one kernel")
    return test


def _logarithmic(table: Table) -> Table:
    """Only the labels that others are asked about."""
    return replace(table, labels={label: each for label, each in table.labels.items() if KINDS[label] is Kind.LOG})


def to_label(
    old: Expert, samples: Sequence[Sample], count: int, seed: int = 1, others: Sequence[Expert] = ()
) -> list[str]:
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
    seen = _Seen.of(_wider(old, others), table_of([first[name] for name in names]), old, others)
    head = replace(old.primary, shift=None)
    covariance, noise = expected(seen.matrix, seen.before(head), *seen.columns(head))
    return [names[row] for row in representatives(covariance, noise, count)]


def _few(
    old: Expert, table: Table, rows: NDArray[np.bool_], share: float, seed: int, others: Sequence[Expert]
) -> NDArray[np.bool_]:
    """The share of all kernels that says most, of those in `rows`."""
    inside = [sample for sample, use in zip(table.samples, rows, strict=True) if use]
    count = max(1, round(share * len({sample.kernel for sample in table.samples})))
    chosen = set(to_label(old, inside, count, seed, others))
    return np.array([sample.kernel in chosen for sample in table.samples])


def _error(expert: Expert, label: str, test: Table, truth: Floats) -> float:
    head = expert.head(label)
    if head is None:
        return float("nan")
    encoded = expert.encoder.encode(test.readings)
    value = natural(head.kind, head.value(encoded, test.analytical if expert.uses_analytical else None))
    return mape(value, truth)

"""The model as its users hold it: texts in, numbers out; a choice between texts; no sample, no training.

    model = costmodel.load()                                    the default that ships
    model.predict([text], "seconds")[0].value                   5.1e-04
    model.cost([text_a, text_b])                                the lower the better

An expert is chosen by its target; where that is not said, nests go to one of nests and straight-line code to one of that, and of these to the
one that they are least foreign to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np

from costmodel.features.encoder import Encoded, Group, readings_of
from costmodel.features.streams import Floats
from costmodel.looking.choices import compared, shortlist
from costmodel.looking.counts import counts
from costmodel.models.expert import Expert, Prediction
from costmodel.models.head import PRIMARY
from costmodel.refusals import RequestError
from costmodel.uninterrupted import uninterrupted


class Estimate(NamedTuple):
    """One text's prediction: `low` to `high` holds the truth nine times in ten; `foreign` above 1 means: unlike all it learned from."""

    label: str
    value: float
    low: float
    high: float
    foreign: float


class Count(NamedTuple):
    """What a second look found: the label that choices are made by, and instructions executed."""

    value: float
    instructions: float


class Looked(NamedTuple):
    """Indices of alternatives, the cheapest first; what was found of those that were looked at a second time, or whom of them that failed at."""

    order: list[int]
    found: dict[int, Count]
    uncounted: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class CostModel:
    """Experts, each for one source and target."""

    experts: tuple[Expert, ...]

    def expert(self, texts: Sequence[str], target: str | None = None) -> Expert:
        """Whom to ask: by target (or source/target), else the one that knows texts like these best."""
        if not self.experts:
            raise RequestError("the model has no experts")
        fitting = [e for e in self.experts if target is None or target in (e.target, e.name, e.source)]
        if not fitting:
            known = ", ".join(expert.name for expert in self.experts)
            raise RequestError(f"the model knows nothing of target `{target}`; it knows {known}")
        if len(fitting) == 1:
            return fitting[0]
        readings = readings_of(texts[:16])
        looping = sum(reading.loops for reading in readings) * 2 > len(readings)
        # scores of experts that look at other columns cannot be compared: nests are not straight-line code
        strange = Group.STRAIGHT if looping else Group.STRUCTURE
        alike = [expert for expert in fitting if strange not in expert.encoder.groups]
        fitting = alike or fitting
        scores = [float(np.median(e.foreign.score(e.encoder.encode(readings).matrix))) for e in fitting]
        return fitting[int(np.argmin(scores))]

    def predict(
        self,
        texts: Sequence[str],
        label: str | None = None,
        *,
        target: str | None = None,
        analytical: Sequence[float] | None = None,
    ) -> list[Estimate]:
        """Predictions of a label (by default what choices are made by), in its unit; none of no texts."""
        if not texts:
            return []
        expert = self.expert(texts, target)
        head = expert.primary if label is None else expert.head(label)
        if head is None:
            known = ", ".join(each.label for each in expert.heads)
            raise RequestError(f"{expert.name} does not predict `{label}`; it predicts {known}")
        with uninterrupted():
            encoded, said = encoded_for(expert, texts, analytical)
            found = expert.predict(head, encoded, said)
            return _estimates(found)

    def judge(self, texts: Sequence[str], target: str | None = None) -> tuple[list[Estimate], list[float]]:
        """Alternatives: what each costs by itself, and costs to choose by, which say of the cheapest what it costs by itself."""
        if not texts:
            return [], []
        expert = self.expert(texts, target)
        with uninterrupted():
            encoded, said = encoded_for(expert, texts, None)
            found, costs = expert.judge(encoded, said)
        best = int(np.argmin(costs))
        values = found.value[best] * np.exp(np.minimum(costs - costs[best], 600.0))
        return _estimates(found), values.tolist()

    def look(
        self,
        texts: Sequence[str],
        looks: int,
        target: str | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Looked:
        """The order of alternatives, the best `looks` of them compared again: LLVM compiles them, and the model is told how many
        instructions each executes. Nothing is told where one of them holds what cannot be counted."""
        if not texts:
            return Looked([], {})
        expert = self._chooser(texts, target)
        with uninterrupted():
            encoded, said = encoded_for(expert, texts, None)
            found = expert.costs(encoded, said)
        order = list(map(int, shortlist(found, np.arange(len(texts)), len(texts))))
        first = order[: max(0, looks)]
        if expert.second is None or len(first) < 2:
            return Looked(order, {})
        counted = counts([texts[at] for at in first], expert.second.core, progress)
        anew = compared(expert, encoded, np.array(first), counted)
        if anew is None:
            return Looked(order, {}, [at for at, count in zip(first, counted, strict=True) if count is None])
        values, costs = anew
        places = sorted(range(len(first)), key=lambda at: (costs[at], first[at]))
        known = {
            at: Count(value, count or 0.0) for at, value, count in zip(first, values.tolist(), counted, strict=True)
        }
        return Looked([*(first[at] for at in places), *order[len(first) :]], known)

    def cost(
        self, texts: Sequence[str], *, target: str | None = None, analytical: Sequence[float] | None = None
    ) -> list[float]:
        """What to order alternatives by: natural logarithms of cost, comparable within one call."""
        if not texts:
            return []
        expert = self._chooser(texts, target)
        with uninterrupted():
            return expert.costs(*encoded_for(expert, texts, analytical)).tolist()

    def _chooser(self, texts: Sequence[str], target: str | None) -> Expert:
        """Whom to ask for a choice."""
        expert = self.expert(texts, target)
        if expert.primary.label not in PRIMARY:
            raise RequestError(
                f"{expert.name} predicts no time to choose by, only {', '.join(h.label for h in expert.heads)}"
            )
        return expert


def numbers_beyond(expert: Expert, text: str, prefix: str) -> list[str]:
    """Numbers in a text's attributes, of names that begin so, that lie a factor of two and three deviations from what was learned from."""
    far = expert.foreign.beyond(expert.encoder.encode(readings_of([text])).matrix)[0]
    return [name for name, out in zip(expert.encoder.names, far, strict=False) if out and name.startswith(prefix)]


def encoded_for(
    expert: Expert, texts: Sequence[str], analytical: Sequence[float] | None
) -> tuple[Encoded, Floats | None]:
    """The expert's columns of some texts, and the logarithms of what analysis says of them (NaN where nothing is said).

    Where it is not given, it is what the texts themselves say: the number `analytical` in an attribute.
    """
    readings = readings_of(texts)
    encoded = expert.encoder.encode(readings)
    if not expert.uses_analytical:
        return encoded, None
    if analytical is None:
        analytical = [reading.described[0].get("analytical", np.nan) for reading in readings]
    return encoded, np.log(np.maximum(np.asarray(analytical, dtype=np.float64), 1e-300))


def _estimates(found: Prediction) -> list[Estimate]:
    columns = (each.tolist() for each in (found.value, found.low, found.high, found.foreign))
    return list(map(Estimate, repeat(found.label), *columns))

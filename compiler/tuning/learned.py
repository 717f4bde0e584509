"""The learned tier: a model that was fitted to simulated runs judges, unless it says itself that it should not.

    cost = Learned(costmodel.load(), "piuma")
    cost.judge(texts)            # cycles for each candidate, or the analytical model's, and why

The model sees the canonical text with what analysis says of it (`annotate.py`), and corrects that. Where the candidates are further from
all that it was fitted to than `FOREIGN`, or the machine lies beyond what it saw, the analytical choice stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf, nextafter
from statistics import median
from typing import TYPE_CHECKING

from xdsl.context import Context

from compiler.pipelines import new_context
from compiler.tuning.analytical import TRAFFIC, Analytical, bound_lines, estimate, total
from compiler.tuning.annotate import annotated, annotated_candidate
from compiler.tuning.choose import Cost, Judgement
from compiler.tuning.describe import described
from costmodel import load
from costmodel.shipping import ABROAD, MACHINE, shipped_model

if TYPE_CHECKING:
    from costmodel.model import CostModel

FOREIGN = ABROAD
"""Of the model's own score, which is 1 at the edge of what it was fitted to."""
ANALYTICAL = "the analytical model"
TIE = 1.04
"""Alternatives so close to the cheapest are as good: then the first listed is taken, which keeps most of B near."""
WORTH_OF_BYTES = 0.2
"""Costs count as much more as this power of the bytes that are moved: twice as many must save an eighth of the cycles. Other blocks share
the memory, and the model expects more of moving bytes than they give."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A `Cost` by a model's expert for a target."""

    model: CostModel
    target: str
    _context: Context = field(default_factory=new_context)

    def judge(self, texts: Sequence[str]) -> Judgement:
        read = [described(text, self._context) for text in texts]
        bounds = [estimate(each) for each in read]
        annotations = [
            (annotated(text, each, found), total(found)) for text, each, found in zip(texts, read, bounds, strict=True)
        ]
        return guarded(self.model, self.target, annotations, [dict(each.bounds).get(TRAFFIC, 0.0) for each in bounds])

    def explain(self, text: str) -> Sequence[str]:
        whole, cost = annotated_candidate(text, self._context)
        (found,) = self.model.predict([whole], target=self.target)
        bounds = estimate(described(text, self._context))
        return [
            f"{'learned model':18} {found.value:>14,.4g} {bounds.unit}, nine times in ten {found.low:,.4g} to {found.high:,.4g}"
            f" (foreign {found.foreign:.1f})",
            f"{ANALYTICAL.removeprefix('the '):18} {cost:>14,.4g} {bounds.unit}",
            *bound_lines(bounds),
        ]


def guarded(
    model: CostModel, target: str, annotations: Sequence[tuple[str, float]], traffic: Sequence[float] = ()
) -> Judgement:
    """A model's costs of texts with what analysis says, or, where they are foreign to it, those of the analysis.

    `traffic`: what each moves to and from memory, in any unit, to decide between what costs the same.
    """
    analytical = [cost for _, cost in annotations]
    found, costs = model.judge([text for text, _ in annotations], target)
    score = median(each.foreign for each in found)
    if score > FOREIGN:
        remark = f"the learned model knows nothing like it (foreign {score:.1f}, at most {FOREIGN})"
        return Judgement(analytical, ANALYTICAL, (remark,))
    if beyond := _beyond(model, target, annotations[0][0]):
        remark = f"the learned model knows no machine like this one ({', '.join(beyond)})"
        return Judgement(analytical, ANALYTICAL, (remark,))
    return Judgement(_settled(costs, traffic or [1.0] * len(costs)), "the learned model")


def _settled(costs: Sequence[float], traffic: Sequence[float]) -> list[float]:
    """The costs, the one that is chosen below all others."""
    charged = [cost * max(moved, 1.0) ** WORTH_OF_BYTES for cost, moved in zip(costs, traffic, strict=True)]
    least = min(charged)
    chosen = next(at for at, cost in enumerate(charged) if cost <= TIE * least)
    beside = nextafter(costs[chosen], inf)
    return [cost if at == chosen else max(cost, beside) for at, cost in enumerate(costs)]


def _beyond(model: CostModel, target: str, text: str) -> list[str]:
    """Fields of the machine that lie beyond what the model was fitted to."""
    from costmodel.model import numbers_beyond  # LightGBM takes long to import: only a choice needs it

    return [each.removeprefix(MACHINE) for each in numbers_beyond(model.expert([text], target), text, MACHINE)]


@dataclass(frozen=True, slots=True)
class Shipped:
    """The same by the model that ships for a target, which is read when the first choice is to be made."""

    target: str

    def judge(self, texts: Sequence[str]) -> Judgement:
        return _shipped(self.target).judge(texts)

    def explain(self, text: str) -> Sequence[str]:
        return _shipped(self.target).explain(text)


@cache
def _shipped(target: str) -> Learned:
    path = shipped_model(target)
    assert path is not None
    return Learned(load(path), target)


def default_cost(target: str) -> Cost:
    """Who chooses for a target when nobody is named: a learned model that ships, or bounds."""
    return Shipped(target) if shipped_model(target) is not None else Analytical()

"""The learned tier: a model that was fitted to simulated runs judges, unless it says itself that it should not.

    cost = Learned(costmodel.load(), "piuma")
    cost.judge(texts)            # cycles for each candidate, or the analytical model's, and why

The model sees the canonical text with what analysis says of it (`annotate.py`), and corrects that. Where the candidates are further from
all that it was fitted to than `FOREIGN`, or the machine lies beyond what it saw, the analytical choice stands. Of what costs about the
same, the bytes that are moved decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf, nextafter
from statistics import median
from typing import TYPE_CHECKING

from xdsl.context import Context

from compiler.pipelines import new_context
from compiler.tuning.analytical import TRAFFIC, Analytical, bound_lines, estimate, total
from compiler.tuning.annotate import annotated
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
class Said:
    """What analysis says of a candidate."""

    text: str
    """The candidate's, with that."""
    cost: float
    unit: str = "cycles"
    lines: Sequence[str] = ()
    """What the cost consists of, for people."""
    traffic: float = 1.0
    """What it moves to and from memory, in any unit."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The tier that a model corrects, and gives way to: its name, and how it reads a canonical text."""

    name: str
    read: Callable[[str, Context], Said]


def _said_of_product(text: str, context: Context) -> Said:
    candidate = described(text, context)
    found = estimate(candidate)
    traffic = dict(found.bounds).get(TRAFFIC, 0.0)
    return Said(annotated(text, candidate, found), total(found), found.unit, bound_lines(found), traffic)


PRODUCTS = Analysis(ANALYTICAL, _said_of_product)


@dataclass(frozen=True, slots=True)
class Learned:
    """A `Cost` by a model's expert of that name."""

    model: CostModel
    expert: str
    analysis: Analysis = PRODUCTS
    _context: Context = field(default_factory=new_context)

    def judge(self, texts: Sequence[str]) -> Judgement:
        return guarded(self.model, self.expert, [self._read(text) for text in texts], self.analysis.name)

    def explain(self, text: str) -> Sequence[str]:
        said = self._read(text)
        (found,) = self.model.predict([said.text], target=self.expert)
        return [
            f"{'learned model':18} {found.value:>14,.4g} {said.unit}, nine times in ten {found.low:,.4g} to {found.high:,.4g}"
            f" (foreign {found.foreign:.1f})",
            f"{self.analysis.name.removeprefix('the '):18} {said.cost:>14,.4g} {said.unit}",
            *said.lines,
        ]

    def _read(self, text: str) -> Said:
        return self.analysis.read(text, self._context)


def guarded(model: CostModel, expert: str, candidates: Sequence[Said], analyst: str = ANALYTICAL) -> Judgement:
    """A model's costs, or, where the candidates are foreign to it, those of the analysis."""
    analytical = [each.cost for each in candidates]
    found, costs = model.judge([each.text for each in candidates], expert)
    score = median(each.foreign for each in found)
    if score > FOREIGN:
        remark = f"the learned model knows nothing like it (foreign {score:.1f}, at most {FOREIGN})"
        return Judgement(analytical, analyst, (remark,))
    if beyond := _beyond(model, expert, candidates[0].text):
        remark = f"the learned model knows no machine like this one ({', '.join(beyond)})"
        return Judgement(analytical, analyst, (remark,))
    return Judgement(_settled(costs, [each.traffic for each in candidates]), "the learned model")


def _settled(costs: Sequence[float], traffic: Sequence[float]) -> list[float]:
    """The costs, the one that is chosen below all others."""
    charged = [cost * max(moved, 1.0) ** WORTH_OF_BYTES for cost, moved in zip(costs, traffic, strict=True)]
    least = min(charged)
    chosen = next(at for at, cost in enumerate(charged) if cost <= TIE * least)
    beside = nextafter(costs[chosen], inf)
    return [cost if at == chosen else max(cost, beside) for at, cost in enumerate(costs)]


def _beyond(model: CostModel, expert: str, text: str) -> list[str]:
    """Fields of the machine that lie beyond what the model was fitted to."""
    from costmodel.model import numbers_beyond  # LightGBM takes long to import: only a choice needs it

    return [each.removeprefix(MACHINE) for each in numbers_beyond(model.expert([text], expert), text, MACHINE)]


@dataclass(frozen=True, slots=True)
class Shipped:
    """The same by the model that ships for an expert, which is read when the first choice is to be made."""

    expert: str
    analysis: Analysis = PRODUCTS

    def judge(self, texts: Sequence[str]) -> Judgement:
        return _shipped(self.expert, self.analysis).judge(texts)

    def explain(self, text: str) -> Sequence[str]:
        return _shipped(self.expert, self.analysis).explain(text)


@cache
def _shipped(expert: str, analysis: Analysis) -> Learned:
    path = shipped_model(expert)
    assert path is not None
    return Learned(load(path), expert, analysis)


def default_cost(target: str) -> Cost:
    """Who chooses for a target when nobody is named: a learned model that ships, or bounds."""
    return Shipped(target) if shipped_model(target) is not None else Analytical()

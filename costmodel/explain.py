"""Why a prediction is what it is: the base it starts from, and the columns that move it most.

ikj.mlir (loops/cpu-x86): 5.1e-04 seconds, the hand model alone says 3.9e-04
  x 1.31  lines past 32K = -2.1
  x 0.88  lanes = 8
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.features.encoder import readings_of
from costmodel.model import CostModel, Estimate, encoded_for
from costmodel.models.head import Base, Kind, base_of, with_analytical
from costmodel.models.neural.network import Network
from costmodel.refusals import RequestError

_MOST = 8


@dataclass(frozen=True, slots=True)
class Reason:
    """A column, its value, and what it does: a factor for logarithmic heads, an amount added for others."""

    column: str
    value: float
    effect: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """One text's estimate, what it starts from (None where nothing is known beforehand), and the strongest reasons."""

    estimate: Estimate
    base: tuple[str, float] | None
    is_factor: bool
    reasons: tuple[Reason, ...]


def explain(
    model: CostModel, texts: Sequence[str], target: str | None = None, analytical: Sequence[float] | None = None
) -> list[Explanation]:
    """The reasons behind the primary label of each text (contributions by SHAP values of the trees)."""
    expert = model.expert(texts, target)
    head = expert.primary
    encoded, said = encoded_for(expert, texts, analytical)
    estimates = model.predict(texts, target=expert.name, analytical=analytical)
    if isinstance(first := head.boosters[0], Network):
        raise RequestError(f"{expert.name} is a network ({first.kind.value}): only trees say which columns move them")
    parts = first.contributions(with_analytical(encoded, said))
    names = [*expert.encoder.names, "analytical", "analytical per iteration"]
    offset = expert.trust.offsets[head.label]
    base = np.exp(base_of(head.base, encoded, said) + offset) if head.base in (Base.HAND, Base.ANALYTICAL) else None
    matrix = with_analytical(encoded, said)
    found: list[Explanation] = []
    for row in range(len(readings_of(texts))):
        strongest = sorted(range(parts.shape[1] - 1), key=lambda at, row=row: (-abs(parts[row, at]), at))[:_MOST]
        reasons = [
            Reason(names[at], float(matrix[row, at]), _effect(head.kind, float(parts[row, at])))
            for at in strongest
            if parts[row, at]
        ]
        start = (head.base.value, float(base[row])) if base is not None else None
        found.append(Explanation(estimates[row], start, head.kind is Kind.LOG, tuple(reasons)))
    return found


def _effect(kind: Kind, part: float) -> float:
    return float(np.exp(part)) if kind is Kind.LOG else part

"""The choice of a schedule: every candidate as text, a cost for each, the cheapest.

    choice = choose(kernel, target, data, Analytical())
    choice.chosen.schedule, choice.runner_up, choice.why

Ties go to the candidate that the target lists first, so the same input gives the same choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.frontends.kernel.read import Kernel
from compiler.targets.target import Target
from compiler.tuning.describe import canonical_text
from compiler.tuning.schedules import differences


class Cost(Protocol):
    """What candidates cost, told from their canonical text alone."""

    @property
    def name(self) -> str:
        """Who judges, as messages name it."""
        ...

    def cost(self, texts: Sequence[str]) -> Sequence[float]:
        """One number per text; less is better, only the order counts."""
        ...

    def explain(self, text: str) -> Sequence[str]:
        """What the cost of a text consists of, one line each; may be nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """One schedule with its text and its cost."""

    schedule: Schedule
    text: str
    cost: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The cheapest candidate, the second, how many there were, and who judged."""

    chosen: Candidate
    runner_up: Candidate | None
    candidates: int
    judge: str
    bounds: tuple[str, ...]

    @property
    def why(self) -> str:
        """What the chosen schedule does otherwise than the runner-up, and what that saves."""
        if self.runner_up is None:
            return "no other schedule is legal here"
        other, chosen = self.runner_up.cost, self.chosen.cost
        saved = f"{1 - chosen / other:.1%} less" if 0 < chosen < other < math.inf else "no less, and it is listed first"
        changed = ", ".join(differences(self.chosen.schedule, self.runner_up.schedule))
        return f"with {changed} it costs {saved}"


def choose(kernel: Kernel, target: Target, data: DataDescriptor, cost: Cost) -> Choice:
    """The best of the schedules that the target has for such a kernel and such data."""
    machine = target.describe()
    schedules = list(target.schedules(kernel.form, data))
    if not schedules:
        reason = target.objection(kernel.form) or "none of its schedules is legal for these operands"
        raise refusal(Code.KERNEL_FORM, kernel.span, f"{target.name} does not compute this kernel: {reason}")
    texts = [canonical_text(kernel, each, data, machine) for each in schedules]
    costs = [value if not math.isnan(value) else math.inf for value in cost.cost(texts)]
    ranked = sorted(range(len(costs)), key=lambda at: (costs[at], at))
    first, *rest = (Candidate(schedules[at], texts[at], costs[at]) for at in ranked[:2])
    return Choice(first, rest[0] if rest else None, len(costs), cost.name, tuple(cost.explain(first.text)))

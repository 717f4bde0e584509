"""The choice of a schedule: every candidate as text, a cost for each, the cheapest.

    choice = choose(kernel, target, data, Analytical())
    choice.chosen.schedule, choice.runner_up, choice.why

Ties go to the candidate that the target lists first, so the same input gives the same choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from compiler.codes import Code
from compiler.diagnostics import Span, refusal
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.frontends.kernel.read import Kernel
from compiler.targets.target import Target
from compiler.tuning.describe import canonical_text
from compiler.tuning.schedules import differences


@dataclass(frozen=True, slots=True)
class Judgement:
    """A cost for each candidate; who judged, as messages name it; what there is to say about that."""

    costs: Sequence[float]
    """Less is better, only the order counts."""
    judge: str
    remarks: tuple[str, ...] = ()


class Cost(Protocol):
    """What candidates cost, told from their canonical text alone."""

    def judge(self, texts: Sequence[str]) -> Judgement:
        """The candidates of one choice."""
        ...

    def explain(self, text: str) -> Sequence[str]:
        """What the cost of a text consists of, one line each; may be nothing."""
        ...


@dataclass(frozen=True, slots=True)
class FirstListed:
    """A `Cost` that knows nothing: the target's first candidate it is."""

    def judge(self, texts: Sequence[str]) -> Judgement:
        return Judgement([0.0] * len(texts), "their order alone")

    def explain(self, text: str) -> Sequence[str]:
        return ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One schedule with its text and its cost."""

    schedule: Schedule
    text: str
    cost: float


@dataclass(frozen=True, slots=True)
class Choice:
    """All candidates, the cheapest first, who judged, and what is known of the cheapest's cost."""

    ranked: tuple[Candidate, ...]
    judge: str
    remarks: tuple[str, ...]
    bounds: tuple[str, ...]

    @property
    def chosen(self) -> Candidate:
        """The cheapest."""
        return self.ranked[0]

    @property
    def runner_up(self) -> Candidate | None:
        """The second, if there was a choice."""
        return self.ranked[1] if len(self.ranked) > 1 else None

    @property
    def candidates(self) -> int:
        """How many there were."""
        return len(self.ranked)

    @property
    def why(self) -> str:
        """What the chosen schedule does otherwise than the runner-up, and what that saves."""
        if self.runner_up is None:
            return "no other schedule is legal here"
        other, chosen = self.runner_up.cost, self.chosen.cost
        is_less = 0 < chosen < 0.9995 * other < math.inf
        saved = f"{1 - chosen / other:.1%} less" if is_less else "no less, but moves fewer bytes or is listed first"
        changed = ", ".join(differences(self.chosen.schedule, self.runner_up.schedule))
        return f"with {changed} it costs {saved}"


def tried(choice: Choice | None, most: int, place: Span | None) -> list[Any]:
    """The schedules of a choice that are worth a try; a kernel that names its schedule leaves no choice, which is refused."""
    if choice is None:
        message = "the kernel names its schedule, so there is nothing to try"
        raise refusal(Code.SCHEDULE_ILLEGAL, place, message, help="run it without trying, or take the schedule out")
    return [each.schedule for each in choice.ranked[:most]]


def choose(kernel: Kernel, target: Target, data: DataDescriptor, cost: Cost) -> Choice:
    """The best of the schedules that the target has for such a kernel and such data."""
    machine = target.describe()
    schedules = list(target.schedules(kernel.form, data))
    if not schedules:
        reason = target.objection(kernel.form) or "none of its schedules is legal for these operands"
        raise refusal(Code.KERNEL_FORM, kernel.span, f"{target.name} does not compute this kernel: {reason}")
    texts = [canonical_text(kernel, each, data, machine) for each in schedules]
    return judged(schedules, texts, cost)


def judged(schedules: Sequence[Schedule], texts: Sequence[str], cost: Cost) -> Choice:
    """The candidates in the order of what they cost; at least one."""
    found = cost.judge(texts)
    costs = [value if not math.isnan(value) else math.inf for value in found.costs]
    order = sorted(range(len(costs)), key=lambda at: (costs[at], at))
    ranked = tuple(Candidate(schedules[at], texts[at], costs[at]) for at in order)
    return Choice(ranked, found.judge, found.remarks, tuple(cost.explain(ranked[0].text)))

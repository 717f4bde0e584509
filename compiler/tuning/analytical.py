"""The analytical tier: what a schedule must cost at least, from bounds on each resource.

    Analytical().cost([text])          # cycles, or seconds for the machine at hand
    Analytical().explain(text)         # "issue slots 12,345 cycles", …

It reads the canonical text and evaluates the estimate of the schedule's target: a few divisions per candidate. Resources
overlap, so the cost is the largest bound; a little of the others decides between candidates that are bound alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never, cast

from xdsl.context import Context

from compiler.dialects.schedules.cpu import CpuSchedule
from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.dialects.schedules.rust import RustSchedule
from compiler.pipelines import new_context
from compiler.tuning.choose import Judgement
from compiler.tuning.describe import Described, described
from compiler.tuning.estimates import cpu, piuma
from compiler.tuning.estimates.estimate import Estimate

TRAFFIC = "DRAM bandwidth"
"""The bound that is in proportion to the bytes that a schedule moves."""
_OTHERS = 0.05
"""How much of the bounds that are not the largest counts."""


class Analytical:
    """A `Cost` from bounds."""

    def __init__(self) -> None:
        self._context: Context = new_context()

    def judge(self, texts: Sequence[str]) -> Judgement:
        return Judgement(self.cost(texts), "the analytical model")

    def cost(self, texts: Sequence[str]) -> Sequence[float]:
        """Cycles, or seconds."""
        return [total(estimate(described(text, self._context))) for text in texts]

    def explain(self, text: str) -> Sequence[str]:
        return bound_lines(estimate(described(text, self._context)))


def bound_lines(found: Estimate) -> list[str]:
    """Each bound, for people."""
    return [f"{resource:18} {amount:>14,.4g} {found.unit}" for resource, amount in found.bounds]


def total(found: Estimate) -> float:
    """One number for all bounds."""
    amounts = [amount for _, amount in found.bounds]
    return max(amounts) + _OTHERS * (sum(amounts) - max(amounts))


def estimate(candidate: Described) -> Estimate:
    """The bounds of a candidate, the tightest first."""
    schedule = cast(PiumaSchedule | CpuSchedule | RustSchedule, candidate.schedule)
    match schedule:
        case PiumaSchedule():
            return piuma.estimate(schedule, candidate)
        case CpuSchedule():
            return cpu.estimate(schedule, candidate)
        case RustSchedule():
            return cpu.estimate(schedule.as_cpu, candidate)
        case _:
            assert_never(schedule)

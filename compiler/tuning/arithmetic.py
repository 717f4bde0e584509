"""Choosing the schedule of an arithmetic kernel: candidates as text, judged by cost, the cheapest taken.

    choose_arithmetic(kernel, target, ArithmeticAnalytical()).chosen.schedule

The canonical text is the kernel itself with the schedule on its function and the machine's description. `ArithmeticAnalytical` counts
instructions from the text alone; the learned tier (`learned.py`) sees the same text with what the counts say of it. Where candidates or
machine are foreign to the model, the counts judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.ir import Attribute

from compiler.dialects.machine_spec import MODULE_ATTRIBUTE, numbers_of
from compiler.dialects.schedules.arithmetic import ATTRIBUTE as SCHEDULE
from compiler.dialects.schedules.arithmetic import (
    ArithmeticSchedule,
    ArithmeticScheduleAttr,
    PiumaArithmetic,
    set_schedule,
)
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.ir_text import attribute_text, from_text, to_text
from compiler.pipelines import new_context
from compiler.targets.arithmetic.target import ArithmeticTarget
from compiler.tuning.choose import Choice, Cost, Judgement, judged
from compiler.tuning.estimates.arithmetic import Phase, cycles_of, phases_of, turns_of
from compiler.tuning.learned import Analysis, Learned, Said, Shipped
from costmodel.shipping import shipped_model

if TYPE_CHECKING:
    from costmodel.model import CostModel

ATTRIBUTE = "qarith.analytical"
COUNTS = "instruction counts"
_OPENING = "builtin.module attributes {"
_SCHEDULE = re.compile(rf"\b{re.escape(SCHEDULE)} = (#{re.escape(SCHEDULE)}<[^<>]*>)")
_NO_SCHEDULE = "unit"


def model_target(target: str) -> str:
    """What models call a target where it runs arithmetic kernels: costs of sparse ones are other numbers, from other texts."""
    return f"{target}-arithmetic"


def canonical_text(kernel: ArithmeticKernel, schedule: ArithmeticSchedule, machine: Attribute) -> str:
    """What a cost is told: the kernel with its schedule, and the machine; no names."""
    module = kernel.module.clone()
    set_schedule(arithmetic_in(module, "").function, schedule)
    module.attributes[MODULE_ATTRIBUTE] = machine
    return to_text(module)


def choose_arithmetic(kernel: ArithmeticKernel, target: ArithmeticTarget, cost: Cost) -> Choice:
    """The best of the schedules that the target has for the kernel."""
    machine = target.describe()
    schedules = list(target.schedules(kernel))
    return judged(schedules, canonical_texts(kernel, schedules, machine), cost)


def canonical_texts(kernel: ArithmeticKernel, schedules: Sequence[ArithmeticSchedule], machine: Attribute) -> list[str]:
    """Those of several schedules: the kernel, which may hold long lists of numbers, is written once."""
    if not schedules:
        return []
    first = canonical_text(kernel, schedules[0], machine)
    before, _, after = _around_schedule(first)
    return [first, *(f"{before}{attribute_text(ArithmeticScheduleAttr(each))}{after}" for each in schedules[1:])]


def _around_schedule(text: str) -> tuple[str, str, str]:
    """What stands before a canonical text's schedule, the schedule, and what stands after it."""
    found = list(_SCHEDULE.finditer(text))
    assert len(found) == 1, "a kernel has one schedule"
    start, end = found[0].span(1)
    return text[:start], text[start:end], text[end:]


@dataclass(frozen=True, slots=True)
class Counted:
    """A candidate's text, read: its phases with what each costs."""

    schedule: ArithmeticSchedule
    phases: Sequence[tuple[Phase, float]]

    @property
    def cost(self) -> float:
        return sum(cost for _, cost in self.phases)


def counted(text: str, context: Context) -> Counted:
    """What a canonical text says."""
    before, said, after = _around_schedule(text)
    kernel, machine = _kernel(f"{before}{_NO_SCHEDULE}{after}")
    attribute = from_text(f"{_OPENING}{SCHEDULE} = {said}}} {{\n}}\n", "<candidate>", context).attributes[SCHEDULE]
    assert isinstance(attribute, ArithmeticScheduleAttr)
    schedule = attribute.data
    return Counted(schedule, [(each, cycles_of(each, schedule, machine)) for each in phases_of(kernel, schedule)])


@lru_cache(maxsize=1)
def _kernel(text: str) -> tuple[ArithmeticKernel, Mapping[str, float]]:
    """The kernel of a canonical text without its schedule, which candidates share, and its machine."""
    module = from_text(text, "<candidate>", new_context())
    return arithmetic_in(module, "<candidate>"), numbers_of(module.attributes[MODULE_ATTRIBUTE])


def annotated(text: str, context: Context) -> tuple[str, float]:
    """A canonical text with the numbers that a learned cost starts from, and the counted cost."""
    said = _said(text, context)
    return said.text, said.cost


def _said(text: str, context: Context) -> Said:
    found = counted(text, context)
    cost = max(found.cost, 1.0)
    numbers = {"analytical": cost} | _numbers(found, cost)
    inside = ", ".join(f"{name} = {value:.6e} : f64" for name, value in numbers.items())
    assert text.startswith(_OPENING)
    whole = f"{_OPENING}{ATTRIBUTE} = {{{inside}}}, {text.removeprefix(_OPENING)}"
    return Said(whole, cost, lines=_phase_lines(found))


def _numbers(found: Counted, cost: float) -> dict[str, float]:
    """Each kind of phase: its share of the cost, its instructions, and what its threads are like."""
    numbers: dict[str, float] = {}
    for phase, spent in found.phases:
        kind = phase.kind.replace("-", "_")
        numbers[f"work.{kind}"] = numbers.get(f"work.{kind}", 0.0) + spent / cost
        if isinstance(found.schedule, PiumaArithmetic):
            turns = turns_of(phase, found.schedule)
            numbers[f"turns.{kind}"] = turns
            numbers[f"filled.{kind}"] = phase.rounds / (turns * found.schedule.threads)
            numbers[f"length.{kind}"] = phase.instructions
            numbers[f"sums.{kind}"] = phase.sums
    return numbers


@dataclass(frozen=True, slots=True)
class ArithmeticAnalytical:
    """Instructions of each phase, by the threads that there are and what they wait for."""

    _context: Context = field(default_factory=new_context)

    def judge(self, texts: Sequence[str]) -> Judgement:
        return Judgement([counted(each, self._context).cost for each in texts], COUNTS)

    def explain(self, text: str) -> Sequence[str]:
        return _phase_lines(counted(text, self._context))


def _phase_lines(found: Counted) -> list[str]:
    return [
        f"{phase.kind:18} {spent:>14,.4g} for {phase.rounds:,} rounds of {phase.instructions:,.0f} instructions"
        for phase, spent in found.phases
    ]


_ANALYSIS = Analysis(COUNTS, _said)


def learned_arithmetic_cost(model: CostModel, target: str) -> Learned:
    """A `Cost` by a model's expert for arithmetic kernels on a target."""
    return Learned(model, model_target(target), _ANALYSIS)


def default_arithmetic_cost(target: str) -> Cost:
    """Who chooses when nobody is named: the model that ships for the target, if there is one; else counted instructions."""
    expert = model_target(target)
    return Shipped(expert, _ANALYSIS) if shipped_model(expert) is not None else ArithmeticAnalytical()

"""Arithmetic kernels from Python: compile once, call on arrays.

    import compiler.arithmetic_kernels as kernels

    advance = kernels.compile("examples/arithmetic/lorenz.mlir", "cpu")
    x, y, z = advance(x, y, z, 0, 100)                 # integers for operands of type index
    run = advance.run(x, y, z, 0, 100)                 # and what it took
    run.result.seconds, run.schedule

A tensor of floats is given and taken as float64, one of integers or quantised numbers as int64. Results are those of the reference
interpreter (`compiler/interpreter/`), bit for bit; `verify` holds a run against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.codes import Code
from compiler.diagnostics import InternalError, Span, refusal
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.interpreter.evaluate import checked_operands, evaluate
from compiler.ir_text import from_text
from compiler.pipelines import new_context, stage
from compiler.source_text import read_source
from compiler.targets.arithmetic.native import ArithmeticCpu, ArithmeticRust
from compiler.targets.arithmetic.piuma import ArithmeticPiuma
from compiler.targets.arithmetic.target import ArithmeticTarget, Compiled, Result, compiled_for
from compiler.targets.names import TargetName
from compiler.targets.registry import ONE_BLOCK
from compiler.targets.target import Progress
from compiler.tuning.arithmetic import choose_arithmetic, default_arithmetic_cost
from compiler.tuning.choose import Choice, Cost, tried
from compiler.tuning.schedules import parse_over
from runtime.machine import Machine

Array = NDArray[Any]

TARGETS: dict[str, Callable[[Machine], ArithmeticTarget]] = {
    TargetName.PIUMA: ArithmeticPiuma,
    TargetName.CPU: lambda _machine: ArithmeticCpu(),
    TargetName.RUST: lambda _machine: ArithmeticRust(),
}
"""As those of sparse kernels."""


def target_of(name: str, machine: Machine = ONE_BLOCK) -> ArithmeticTarget:
    """The target of that name."""
    if name not in TARGETS:
        raise refusal(Code.KERNEL_FORM, None, f"there is no target `{name}`, only {', '.join(TARGETS)}")
    return TARGETS[name](machine)


def compile(  # noqa: A001 - it is what it is called in every language
    kernel: str | Path,
    target: str | ArithmeticTarget = "piuma",
    schedule: str | ArithmeticSchedule | None = None,
) -> ArithmeticProgram:
    """A kernel, by the path of its file or as text, as something to call. Raises CompileError where it is refused."""
    chosen = target_of(target) if isinstance(target, str) else target
    if isinstance(schedule, str):
        schedule = parse_over(schedule, chosen.name, chosen.default(), chosen.named())
    is_text = isinstance(kernel, str) and "\n" in kernel
    text, file = (str(kernel), "<kernel>") if is_text else (read_source(str(kernel)), str(kernel))
    return ArithmeticProgram(arithmetic_in(from_text(text, file, new_context()), file), chosen, schedule)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what came out, of which operands, how, and how the schedule was chosen."""

    result: Result
    operands: Sequence[Array | int]
    compiled: Compiled
    choice: Choice | None

    @property
    def schedule(self) -> ArithmeticSchedule:
        return self.compiled.schedule


@dataclass(slots=True)
class ArithmeticProgram:
    """A kernel for a target. `schedule` None means: chosen by `cost`, once, since the sizes are the kernel's own."""

    kernel: ArithmeticKernel
    target: ArithmeticTarget
    schedule: ArithmeticSchedule | None = None
    cost: Cost | None = None
    """None: the one that judges for the target (`default_arithmetic_cost`)."""
    print_after: Sequence[str] = ()
    show: Callable[[str], object] = print
    schedule_place: Span | None = None
    """Where the schedule was asked for, if not in the kernel."""
    _compiled: dict[ArithmeticSchedule, Compiled] = field(default_factory=dict[ArithmeticSchedule, Compiled])
    _choice: Choice | None = None

    def __post_init__(self) -> None:
        self.schedule = self.schedule or self.kernel.schedule
        if self.schedule is None:
            return
        place = self.schedule_place or self.kernel.span
        if self.schedule.target != self.target.name:
            message = f"the schedule is one for {self.schedule.target}, but the target is {self.target.name}"
            raise refusal(Code.SCHEDULE_ILLEGAL, place, message)
        if (objection := self.target.legal(self.schedule, self.kernel)) is not None:
            raise refusal(objection.code, place, f"the schedule {objection.reason}")

    def __call__(self, *operands: Array | int) -> Any:
        """The kernel's result on operands: one array, or as many as it gives."""
        found = self.run(*operands).result.tensors
        return found[0] if len(found) == 1 else tuple(found)

    def run(self, *operands: Array | int, progress: Progress = lambda _: None) -> Run:
        """The same with all that is known of the run."""
        held = checked_operands(self.kernel.function, operands)
        schedule, choice = self.decide()
        return self._run(schedule, choice, held, progress)

    def tune(self, *operands: Array | int, most: int, progress: Progress = lambda _: None) -> list[Run]:
        """Runs of the `most` candidates that should be fastest, in the order of their cost; the fastest is the one to take."""
        held = checked_operands(self.kernel.function, operands)
        _, choice = self.decide()
        return [self._run(each, choice, held, progress) for each in tried(choice, most, self.kernel.span)]

    def _run(
        self, schedule: ArithmeticSchedule, choice: Choice | None, held: Sequence[Array | int], progress: Progress
    ) -> Run:
        compiled = self.compiled(schedule)
        with stage(f"running on {self.target.name}"):
            result = self.target.run(compiled, held, progress)
        return Run(result, held, compiled, choice)

    def decide(self) -> tuple[ArithmeticSchedule, Choice | None]:
        """The schedule that was asked for, or the cheapest."""
        if self.schedule is not None:
            return self.schedule, None
        if self._choice is None:
            with stage("choosing a schedule"):
                cost = self.cost or default_arithmetic_cost(self.target.name)
                self._choice = choose_arithmetic(self.kernel, self.target, cost)
        chosen: Any = self._choice.chosen.schedule
        return chosen, self._choice

    def compiled(self, schedule: ArithmeticSchedule) -> Compiled:
        """The kernel lowered with a schedule."""
        if schedule not in self._compiled:
            self._compiled[schedule] = compiled_for(self.target, self.kernel, schedule, self.print_after, self.show)
        return self._compiled[schedule]


def verify(run: Run) -> None:
    """Hold a run's results against the reference interpreter's; a wrong one is our fault, an InternalError."""
    kernel = run.compiled.kernel
    for at, (found, expected) in enumerate(
        zip(run.result.tensors, evaluate(kernel.module, kernel.name, *run.operands), strict=True)
    ):
        wrong = np.flatnonzero(_bits(found) != _bits(expected))
        if wrong.size:
            first = int(wrong[0])
            said = f"element {first + 1} of result {at + 1} is {found.flat[first]}, not {expected.flat[first]}"
            raise InternalError("verification", None, ArithmeticError(f"the result is wrong: {said}"))


def _bits(x: Array) -> NDArray[np.int64]:
    """The bits of the elements; all NaNs are one."""
    if x.dtype != np.float64:
        return x.reshape(-1).astype(np.int64)
    return np.where(np.isnan(x), np.nan, x).reshape(-1).view(np.int64)

"""Kernels from Python: compile once, call on SciPy matrices.

    import compiler.kernels as kernels

    product = kernels.compile("examples/kernels/spgemm.mlir")          # a path, or the text itself
    c = product(a, b)                                                  # a scipy.sparse.csr_array
    run = product.run(a, b)                                            # and what it took
    run.result.cycles, run.schedule, run.choice.why

Without a schedule one is chosen for the operands of each call, and each is lowered once; `tune` runs the best few. Errors are `CompileError`: what
is wrong with a kernel, a schedule or operands, as data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from compiler.codes import Code
from compiler.diagnostics import InternalError, Span, refusal
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.frontends.kernel.read import Kernel, read_kernel
from compiler.pipelines import new_context, stage
from compiler.source_text import read_source
from compiler.targets import memory
from compiler.targets.expected import check_integers, disagreement, expected, result_bytes
from compiler.targets.lowering import lower
from compiler.targets.measure import measure
from compiler.targets.operands import Operands
from compiler.targets.registry import target_of
from compiler.targets.target import Compiled, Progress, Result, Target
from compiler.tuning.choose import Choice, Cost, choose, tried
from compiler.tuning.learned import default_cost
from compiler.tuning.schedules import parse_schedule
from runtime.sparse.containers import Csr

_CALLS, _ENOUGH_SECONDS = 5, 0.5
"""How often a run that takes seconds is timed: until there is enough of both, or of one."""


def compile(  # noqa: A001 - it is what it is called in every language
    kernel: str | Path,
    target: str | Target = "piuma",
    schedule: str | Schedule | None = None,
    cost: Cost | None = None,
) -> Program:
    """A kernel as something to call. Raises CompileError where the kernel or the schedule is refused."""
    chosen = target_of(target) if isinstance(target, str) else target
    if isinstance(schedule, str):
        schedule = parse_schedule(schedule, chosen)
    return Program(load(kernel), chosen, schedule, cost or default_cost(chosen.name))


def load(kernel: str | Path) -> Kernel:
    """The kernel of a file, or of a text (which has more than one line)."""
    if isinstance(kernel, str) and "\n" in kernel:
        return read_kernel(kernel, "<kernel>", new_context())
    return read_kernel(read_source(str(kernel)), str(kernel), new_context())


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what came out, of which operands, how they were described, which schedule, and how it was chosen."""

    result: Result
    operands: Operands
    data: DataDescriptor
    compiled: Compiled
    choice: Choice | None
    calls: int = 1
    """How many calls the seconds are the least of."""

    @property
    def schedule(self) -> Schedule:
        return self.compiled.schedule


@dataclass(slots=True)
class Program:
    """A kernel for a target. `schedule` None means: chosen for the operands of each call by `cost`."""

    kernel: Kernel
    target: Target
    schedule: Schedule | None
    cost: Cost
    print_after: Collection[str] = ()
    show: Callable[[str], object] = print
    schedule_place: Span | None = None
    """Where the schedule was asked for, if not in the kernel."""
    _compiled: dict[Schedule, Compiled] = field(default_factory=dict[Schedule, Compiled])

    def __post_init__(self) -> None:
        check_form(self.kernel, self.target)
        self.schedule = self.schedule or _scheduled(self.kernel)
        if self.schedule is not None:
            self._check(None)

    def __call__(self, *given: Any) -> Any:
        """The kernel's result on operands: SciPy matrices and arrays in, a SciPy array or an array out."""
        matrix = self.run(*given).result.matrix
        return matrix.to_scipy() if isinstance(matrix, Csr) else matrix

    def run(self, *given: Any, progress: Progress = lambda _: None) -> Run:
        """The same with all that is known of the run."""
        return self.run_operands(self.operands(given), progress)

    def operands(self, given: Sequence[Any]) -> Operands:
        """Operands from the arguments of the user's function."""
        count = max(self.kernel.binding) + 1
        spread = [given[at] for at in self.kernel.binding] if len(given) == count else given
        return Operands.of(self.kernel.form, spread)

    def run_operands(self, operands: Operands, progress: Progress = lambda _: None) -> Run:
        """Run on operands that have been checked already."""
        data = self._measured(operands)
        return self._run(*self.decide(data), operands, data, progress)

    def tune(self, *given: Any, most: int, progress: Progress = lambda _: None) -> list[Run]:
        """Runs of the `most` candidates that should be fastest, in the order of their cost; the fastest is the one to take."""
        operands = self.operands(given)
        data = self._measured(operands)
        _, choice = self.decide(data)
        schedules = tried(choice, most, self.kernel.span)
        return [self.again(self._run(each, choice, operands, data, progress), progress) for each in schedules]

    def again(self, run: Run, progress: Progress = lambda _: None) -> Run:
        """The run with the least seconds of a few more calls: the first also loads code and finds memory. Cycles do not vary."""
        taken = [] if run.result.seconds is None else [run.result.seconds]
        needed = self.target.bytes_needed(run.schedule, self.kernel.form, run.data)
        if not taken or not memory.fits(2 * needed):
            return run
        while len(taken) < _CALLS and sum(taken) < _ENOUGH_SECONDS:
            taken.append(self.target.run(run.compiled, run.operands, progress).cost)
        return replace(run, result=replace(run.result, seconds=min(taken)), calls=len(taken))

    def _measured(self, operands: Operands) -> DataDescriptor:
        """What there is to know of the operands, once they are known to be computable."""
        check_integers(operands)
        memory.require(result_bytes(operands), "the result")
        return measure(operands)

    def _run(
        self, schedule: Schedule, choice: Choice | None, operands: Operands, data: DataDescriptor, progress: Progress
    ) -> Run:
        compiled = self.compiled(schedule)
        memory.require(self.target.bytes_needed(schedule, self.kernel.form, data), f"this run on {self.target.name}")
        with stage(f"running on {self.target.name}"):
            result = self.target.run(compiled, operands, progress)
        return Run(result, operands, data, compiled, choice)

    def decide(self, data: DataDescriptor) -> tuple[Schedule, Choice | None]:
        """The schedule for such operands: the one that was asked for, if it is legal, or the cheapest."""
        if self.schedule is not None:
            self._check(data)
            return self.schedule, None
        with stage("choosing a schedule"):
            choice = choose(self.kernel, self.target, data, self.cost)
        return choice.chosen.schedule, choice

    def _check(self, data: DataDescriptor | None) -> None:
        assert self.schedule is not None
        check_schedule(self.kernel, self.target, self.schedule, data, self.schedule_place)

    def compiled(self, schedule: Schedule) -> Compiled:
        """The kernel lowered with a schedule."""
        if schedule not in self._compiled:
            self._compiled[schedule] = lower(self.kernel, self.target, schedule, self.print_after, self.show)
        return self._compiled[schedule]


def verify(done: Run, progress: Progress = lambda _: None) -> None:
    """Compare a result with SciPy's; a wrong one is our fault, an InternalError."""
    wrong = disagreement(done.result.matrix, expected(done.operands, progress), done.operands)
    if wrong is not None:
        raise InternalError("verification", None, ArithmeticError(f"the result is wrong: {wrong}"))


def check_form(kernel: Kernel, target: Target) -> None:
    """Refuse a kernel that the target cannot compute with any schedule."""
    if (reason := target.objection(kernel.form)) is not None:
        raise refusal(Code.KERNEL_FORM, kernel.span, f"{target.name} does not compute this kernel: {reason}")


def check_schedule(
    kernel: Kernel, target: Target, schedule: Schedule, data: DataDescriptor | None, place: Span | None = None
) -> None:
    """Refuse a schedule of another target, or one that the target objects to."""
    place = place or kernel.span
    if schedule.target != target.name:
        message = f"the schedule is one for {schedule.target}, but the target is {target.name}"
        raise refusal(Code.SCHEDULE_ILLEGAL, place, message)
    if (objection := target.legal(schedule, kernel.form, data)) is not None:
        raise refusal(objection.code, place, f"the schedule {objection.reason}")


def _scheduled(kernel: Kernel) -> Schedule | None:
    """The schedule that the file itself asks for."""
    return kernel.op.schedule.data if kernel.op.schedule is not None else None

"""What a target of arithmetic kernels is, and what a run of one gives.

    compiled = compiled_for(target, kernel, schedule)
    run = target.run(compiled, arrays_of(kernel, operands))

As for sparse kernels (`compiler/targets/target.py`), a target says which schedules there are and which are legal; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, set_schedule
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.passes.qarith_to_loops.buffers import Buffer, buffers_of
from compiler.pipelines import Pass, new_context, run, stage
from compiler.targets.names import Emits
from compiler.targets.target import Objection, Progress

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A kernel lowered for a target."""

    kernel: ArithmeticKernel
    schedule: ArithmeticSchedule
    module: ModuleOp
    """After the last pass."""
    text: str
    buffers: tuple[Buffer, ...]
    """What it takes."""


@dataclass(frozen=True, slots=True)
class Result:
    """The tensors that a kernel gives: int64 of integers, float64 of floats. A simulated target counts `cycles`."""

    tensors: Sequence[Array]
    cycles: int | None = None
    seconds: float | None = None
    counters: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def cost(self) -> float:
        """What schedules of one target are compared by."""
        found = self.cycles if self.cycles is not None else self.seconds
        assert found is not None
        return float(found)


class ArithmeticTarget(Protocol):
    """One machine that arithmetic kernels are compiled for."""

    @property
    def name(self) -> str: ...

    @property
    def emits(self) -> Emits: ...

    def default(self) -> ArithmeticSchedule:
        """What a schedule changes that does not say everything."""
        ...

    def named(self) -> Mapping[str, ArithmeticSchedule]:
        """Schedules by the names that `--schedule` takes."""
        ...

    def describe(self) -> Attribute:
        """The machine as tokens of the canonical text: a `#dlti.target_system_spec`."""
        ...

    def schedules(self, kernel: ArithmeticKernel) -> Sequence[ArithmeticSchedule]:
        """The candidates, all legal, in an order that never changes, none twice."""
        ...

    def legal(self, schedule: ArithmeticSchedule, kernel: ArithmeticKernel) -> Objection | None:
        """Why a schedule cannot be used here; None when it can."""
        ...

    def passes(self) -> Sequence[Pass]:
        """From a module with one scheduled kernel to what `emit` prints."""
        ...

    def emit(self, module: ModuleOp) -> str: ...

    def run(self, compiled: Compiled, operands: Sequence[Array | int], progress: Progress) -> Result:
        """Compute. The operands are as `evaluate` takes them, and have been checked."""
        ...


def compiled_for(
    target: ArithmeticTarget,
    kernel: ArithmeticKernel,
    schedule: ArithmeticSchedule,
    print_after: Sequence[str] = (),
    show: Callable[[str], object] = print,
    *,
    verify: bool = True,
) -> Compiled:
    """The kernel with that schedule, through all passes of the target, and as text; `verify`: checked after each."""
    module = kernel.module.clone()
    scheduled = arithmetic_in(module, "")
    set_schedule(scheduled.function, schedule)
    run(target.passes(), new_context(), module, verify=verify, print_after=print_after, show=show)
    with stage("emit"):
        return Compiled(kernel, schedule, module, target.emit(module), tuple(buffers_of(module)))

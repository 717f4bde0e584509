"""What a target is: a list of passes, a printer, schedules with their rules, and a way to run what was printed.

    class Piuma:                                        # a frozen dataclass: the machine configuration is its field
        name, emits = "piuma", Emits.ASM
        def passes(self): return KERNEL_TO_PIUMA
        …

    compiled = compile_for(target, module, schedule)    # in compiler/kernels.py
    result = target.run(compiled, operands, progress)

A target decides nothing about schedules: it says which there are (`schedules`, `named`), which are legal and how much
memory a run takes; `tuning` chooses, passes obey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.codes import Code
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.pipelines import Pass
from compiler.targets.names import Emits
from compiler.targets.operands import Operands
from runtime.sparse.containers import Csr


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a schedule cannot be used, to stand after "the schedule": "needs 5 MiB of scratchpad, but a block has 4"."""

    reason: str
    does_not_fit: bool = False
    """It would be legal with more space."""

    @property
    def code(self) -> Code:
        return Code.SCHEDULE_SPACE if self.does_not_fit else Code.SCHEDULE_ILLEGAL


@dataclass(frozen=True, slots=True)
class Compiled:
    """A kernel lowered for a target: its form, its schedule, the module after the last pass, and its text."""

    form: KernelForm
    schedule: Schedule
    module: ModuleOp
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave. A simulated target counts `cycles`; one that runs natively takes `seconds`."""

    matrix: Csr | NDArray[Any]
    """Sorted CSR for a sparse result, whatever format the kernel names; an array for a dense one."""
    cycles: int | None = None
    seconds: float | None = None
    rows_sorted: bool = True
    """False where the target left rows in any order and the host sorted them (outside cycles and seconds)."""
    counters: Mapping[str, float] = field(default_factory=dict[str, float])
    """What else was counted, by name: instructions, dram_bytes, ipc, …"""

    @property
    def cost(self) -> float:
        """What schedules of one target are compared by."""
        found = self.cycles if self.cycles is not None else self.seconds
        assert found is not None
        return float(found)


Progress = Callable[[str], object]
"""Told now and then how far a run is ("12.4 Mcycles"); may raise KeyboardInterrupt."""


class Target(Protocol):
    """One machine that kernels are compiled for."""

    @property
    def name(self) -> str:
        """As in `--target`, and first in a schedule attribute."""
        ...

    @property
    def emits(self) -> Emits: ...

    def objection(self, form: KernelForm) -> str | None:
        """Why no schedule of this target computes such a kernel; None when one does."""
        ...

    def schedules(self, form: KernelForm, data: DataDescriptor) -> Iterable[Schedule]:
        """The candidates for these operands, all legal, in an order that never changes, none twice."""
        ...

    def named(self) -> Mapping[str, Schedule]:
        """Schedules by the names that `--schedule` takes."""
        ...

    def legal(self, schedule: Schedule, form: KernelForm, data: DataDescriptor | None) -> Objection | None:
        """Why a schedule cannot be used here; None when it can. Without data, only what holds for any operands."""
        ...

    def describe(self) -> Attribute:
        """The machine as tokens of the canonical text: a `#dlti.target_system_spec`."""
        ...

    def passes(self) -> Sequence[Pass]:
        """From a module with one scheduled kernel to what `emit` prints."""
        ...

    def emit(self, module: ModuleOp) -> str:
        """The text of a lowered module."""
        ...

    def bytes_needed(self, schedule: Schedule, form: KernelForm, data: DataDescriptor) -> int:
        """Memory of this computer that a run takes beyond the operands themselves, at most."""
        ...

    def run(self, compiled: Compiled, operands: Operands, progress: Progress) -> Result:
        """Compute. The operands fit the form and each other, and memory has been asked for."""
        ...

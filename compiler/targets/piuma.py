"""The PIUMA-style machine as a target: kernels become assembly and run on its simulator.

    Piuma(Machine(blocks=1)).run(compiled, operands, progress).cycles

The host places operands and room to work in DRAM, launches every thread of the schedule, and reads C: rows whose entries
stand in order of arrival, which it sorts outside the measured cycles. Everything else happens on the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, ModuleOp, StringAttr, f64, i64
from xdsl.dialects.dlti import TargetDeviceSpecAttr, TargetSystemSpecAttr
from xdsl.ir import Attribute

from compiler.dialects.schedules.piuma import NAMED, SPREAD, PiumaSchedule
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.emit.piuma_asm import emit
from compiler.passes.loops_to_piuma.allocate_registers import AllocateRegisters
from compiler.pipelines import KERNEL_TO_PIUMA, Pass
from compiler.targets.build_cache import built
from compiler.targets.names import Emits
from compiler.targets.operands import Operands
from compiler.targets.piuma_legality import form_objection, objection_to
from compiler.targets.piuma_placement import Placement
from compiler.targets.piuma_tokens import token_schedules
from compiler.targets.target import Compiled, Objection, Progress, Result
from runtime.assembly import assemble
from runtime.compiled import Compiled as FastProgram
from runtime.counters import Counters
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.program import Program
from runtime.simulate import Outcome, Recording, Tier, simulate


@dataclass(frozen=True, slots=True)
class Piuma:
    """The machine in one configuration."""

    machine: Machine = field(default_factory=lambda: Machine(blocks=1))
    tier: Tier = Tier.COMPILED
    level: int | None = None
    """Of optimisation, for a compiled simulator; None: as high as the length of a run is worth."""
    watch: Callable[[Outcome, Recording], None] | None = None
    """Is told of each run and of what happened during it."""

    @property
    def name(self) -> str:
        return "piuma"

    @property
    def emits(self) -> Emits:
        return Emits.ASM

    def objection(self, form: KernelForm) -> str | None:
        return form_objection(form)

    def named(self) -> Mapping[str, Schedule]:
        return {name: self._fitted(schedule) for name, schedule in NAMED.items()}

    def schedules(self, form: KernelForm, data: DataDescriptor) -> Iterable[Schedule]:
        fitted = [self._fitted(each) for each in (*NAMED.values(), *SPREAD)]
        legal = (each for each in fitted if self.legal(each, form, data) is None)
        return list(dict.fromkeys((*legal, *token_schedules(form, data, self.machine))))

    def legal(self, schedule: Schedule, form: KernelForm, data: DataDescriptor | None) -> Objection | None:
        assert isinstance(schedule, PiumaSchedule)
        return objection_to(schedule, form, data, self.machine)

    def describe(self) -> Attribute:
        entries = {each.name: _token(getattr(self.machine, each.name)) for each in fields(self.machine)}
        device = TargetDeviceSpecAttr({StringAttr(name): value for name, value in entries.items()})
        return TargetSystemSpecAttr({StringAttr("piuma"): device})

    def passes(self) -> Sequence[Pass]:
        allocate = AllocateRegisters(self.machine.spad_bytes)
        return [allocate if isinstance(each, AllocateRegisters) else each for each in KERNEL_TO_PIUMA]

    def emit(self, module: ModuleOp) -> str:
        return emit(module)

    def bytes_needed(self, schedule: Schedule, form: KernelForm, data: DataDescriptor) -> int:
        entries = data.fmas * (form.index_width // 8 + 8)
        return data.nnz_a * 16 + data.nnz_b * 16 + 3 * entries + self.machine.blocks * self.machine.spad_bytes

    def run(self, compiled: Compiled, operands: Operands, progress: Progress) -> Result:
        outcome, placement = self.simulate(compiled, operands, progress)
        counters = counted(outcome.counters)
        return Result(placement.result(), cycles=outcome.counters.cycles, rows_sorted=False, counters=counters)

    def simulate(self, compiled: Compiled, operands: Operands, progress: Progress) -> tuple[Outcome, Placement]:
        """The run itself, with all its counters, and where its data lie."""
        schedule = compiled.schedule
        assert isinstance(schedule, PiumaSchedule)
        program = assembled(compiled.text)
        placement = Placement.of(compiled.form, schedule, self.machine, program, operands)

        def told(cycle: int, instructions: int) -> None:
            progress(f"{cycle / 1e6:.1f} Mcycles, {instructions / 1e6:.0f} M instructions")

        how = placement.launch
        fast = (
            _simulator(compiled.text, self.machine, replace(how, arguments=()), self.level)
            if self.tier is Tier.COMPILED
            else None
        )
        recording = Recording() if self.watch else None
        outcome = simulate(
            program, placement.memory, how, tier=self.tier, compiled=fast, recording=recording, progress=told
        )
        if self.watch and recording:
            self.watch(outcome, recording)
        return outcome, placement

    def _fitted(self, schedule: PiumaSchedule) -> PiumaSchedule:
        """With as many threads and blocks as this machine has."""
        return replace(schedule, threads=min(schedule.threads, self.machine.block_threads), blocks=self.machine.blocks)


@lru_cache(maxsize=16)
def assembled(text: str) -> Program:
    """A program; a kernel is run many times."""
    return assemble(text, "kernel.s")


@lru_cache(maxsize=16)
def _simulator(text: str, machine: Machine, how: Launch, level: int | None) -> FastProgram:
    """The simulator compiled with a program, which takes longer than many a run."""
    return FastProgram(assembled(text), machine, how, level=level, keep=_kept)


def _kept(made_from: Sequence[str], make: Callable[[], bytes]) -> bytes:
    """What was compiled for the same before, or is now."""

    def write(folder: Path) -> Path:
        place = folder / "code"
        place.write_bytes(make())
        return place

    return built(made_from, ".o", write).read_bytes()


def counted(c: Counters) -> dict[str, float]:
    """What a summary tells of a run, by name."""
    return {
        "instructions": c.instructions,
        "ipc": c.ipc,
        "issue_utilisation": c.issue_utilisation,
        "dram_bytes": c.dram_bytes,
        "dram_utilisation": c.dram_utilisation,
    }


def _token(value: float) -> Attribute:
    number: Any = IntegerAttr(value, i64) if isinstance(value, int) else FloatAttr(value, f64)
    return number

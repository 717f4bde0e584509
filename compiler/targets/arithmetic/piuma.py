"""The PIUMA-style machine as a target of arithmetic kernels: assembly for the threads of one block, run on the simulator.

    ArithmeticPiuma(Machine(blocks=1)).run(compiled, operands, progress).cycles

The host places operands, constants and room in DRAM, launches the schedule's threads and reads the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, PiumaArithmetic, Product, Tables
from compiler.emit.piuma_asm import emit
from compiler.frontends.kernel.arithmetic import ArithmeticKernel
from compiler.passes.kernel_to_piuma.scratchpad import STACKS
from compiler.passes.loops_to_piuma.allocate_registers import AllocateRegisters
from compiler.passes.qarith_to_loops.buffers import Role
from compiler.passes.qarith_to_loops.lower_arithmetic import LowerArithmetic
from compiler.passes.qarith_to_loops.tables import layout_of
from compiler.pipelines import ARITHMETIC_TO_PIUMA, Pass
from compiler.targets.arithmetic.alternatives import DEALS, candidates, lookups_of, named_from, objection_to
from compiler.targets.arithmetic.arrays import Array, array_of, dtype_of, tensors
from compiler.targets.arithmetic.target import Compiled, Result
from compiler.targets.names import Emits
from compiler.targets.piuma import Piuma, assembled, counted
from compiler.targets.target import Objection, Progress
from runtime.compiled import Compiled as FastProgram
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.simulate import Outcome, Tier, simulate


@dataclass(frozen=True, slots=True)
class ArithmeticPiuma:
    """One block of the machine."""

    machine: Machine = field(default_factory=lambda: Machine(blocks=1))
    tier: Tier = Tier.COMPILED

    @property
    def name(self) -> str:
        return "piuma"

    @property
    def emits(self) -> Emits:
        return Emits.ASM

    def default(self) -> ArithmeticSchedule:
        return PiumaArithmetic(threads=min(64, self.machine.block_threads))

    def named(self) -> Mapping[str, ArithmeticSchedule]:
        return named_from(self.default())

    def describe(self) -> Attribute:
        return Piuma(self.machine).describe()

    def schedules(self, kernel: ArithmeticKernel) -> Sequence[ArithmeticSchedule]:
        """Ways to compute products; then several rounds in a row for a thread, and fewer threads."""
        default = self.default()
        assert isinstance(default, PiumaArithmetic)
        far = [replace(default, tables=Tables.MEMORY)] if lookups_of(kernel) else []
        ways = [each for each in candidates((default, *far), kernel) if not _is_far_for_nothing(each)]
        dealt = [replace(default, deal=each) for each in DEALS]
        fewer = [replace(default, threads=default.threads // part) for part in (2, 4) if default.threads // part >= 4]
        return [each for each in dict.fromkeys([*ways, *dealt, *fewer]) if self.legal(each, kernel) is None]

    def legal(self, schedule: ArithmeticSchedule, kernel: ArithmeticKernel) -> Objection | None:
        assert isinstance(schedule, PiumaArithmetic)
        if schedule.threads > self.machine.block_threads:
            return Objection(f"wants {schedule.threads} threads, but a block has {self.machine.block_threads}")
        return objection_to(schedule, kernel) or self._space_objection(schedule, kernel)

    def _space_objection(self, schedule: PiumaArithmetic, kernel: ArithmeticKernel) -> Objection | None:
        room = self.machine.spad_bytes - STACKS
        needed = sum(layout_of(op, schedule).bytes for op in lookups_of(kernel))
        if schedule.product is Product.MULTIPLY or schedule.tables is Tables.MEMORY or needed <= room:
            return None
        return Objection(f"needs {needed:,} bytes of scratchpad for tables, but there are {room:,}", True)

    def passes(self) -> Sequence[Pass]:
        size = self.machine.spad_bytes
        fitted: dict[type, Pass] = {LowerArithmetic: LowerArithmetic(size), AllocateRegisters: AllocateRegisters(size)}
        return [fitted.get(type(each), each) for each in ARITHMETIC_TO_PIUMA]

    def emit(self, module: ModuleOp) -> str:
        return emit(module)

    def run(self, compiled: Compiled, operands: Sequence[Array | int], progress: Progress) -> Result:
        outcome, found = self.simulate(compiled, operands, progress)
        counters = outcome.counters
        return Result(tensors(compiled, found), cycles=counters.cycles, counters=counted(counters))

    def simulate(
        self, compiled: Compiled, operands: Sequence[Array | int], progress: Progress
    ) -> tuple[Outcome, dict[str, Array]]:
        """The run itself with all its counters, and the results by parameter."""
        assert isinstance(compiled.schedule, PiumaArithmetic)
        program, buffers = assembled(compiled.text), compiled.buffers
        size = sum(max(each.length, 1) * dtype_of(each.container).itemsize for each in buffers if each.is_array)
        memory = Memory(self.machine, -(-(size + 128 * (len(buffers) + 2)) // 4096) * 4096)
        memory.load(program)
        words: list[int] = []
        for each in buffers:
            if each.role in (Role.RESULT, Role.ROOM):
                words.append(memory.allocate(each.length * dtype_of(each.container).itemsize))
            else:
                given = array_of(each, operands)
                words.append(given if isinstance(given, int) else memory.place(given))
        block = memory.place(np.array(words, np.int64))
        how = Launch(threads=compiled.schedule.threads, blocks=1, arguments=(block,))

        def told(cycle: int, instructions: int) -> None:
            progress(f"{cycle / 1e6:.1f} Mcycles, {instructions / 1e6:.0f} M instructions")

        fast = _simulator(compiled.text, self.machine, replace(how, arguments=())) if self._is_fast else None
        outcome = simulate(program, memory, how, tier=self.tier, compiled=fast, progress=told)
        found = {
            each.name: memory.array(at, dtype_of(each.container), each.length).copy()
            for each, at in zip(buffers, words, strict=True)
            if each.role is Role.RESULT
        }
        return outcome, found

    @property
    def _is_fast(self) -> bool:
        return self.tier is Tier.COMPILED


def _is_far_for_nothing(schedule: ArithmeticSchedule) -> bool:
    """Where tables would be does not matter to multiplications."""
    assert isinstance(schedule, PiumaArithmetic)
    return schedule.product is Product.MULTIPLY and schedule.tables is Tables.MEMORY


@lru_cache(maxsize=16)
def _simulator(text: str, machine: Machine, how: Launch) -> FastProgram:
    """The simulator compiled with a program, which takes longer than many a run."""
    return FastProgram(assembled(text), machine, how)

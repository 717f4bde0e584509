"""The fast tier: the model and the program compiled together, equal to the oracle to the cycle.

`Compiled(program, machine, *launches)` is the code, reusable for any memory of that machine and any launch with
the same entries; `.start(memory, how)` a run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.faults import FaultKind
from runtime.jit.engine import Code
from runtime.jit.module import ENTRY, build
from runtime.jit.scheduler import FINISHED, RUNNING
from runtime.jit.wheel import NEVER
from runtime.launch import Launch, start
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.model.constants import Constants
from runtime.model.intrinsics import OracleState
from runtime.model.resources import fault
from runtime.model.state import REGISTER_COUNT, State
from runtime.program import Program

QUICK, THOROUGH = 0, 1
"""Levels of optimisation: the first compiles in a fifth of the time, what the second makes runs twice as fast, and no faster at higher ones."""
LONG_RUN = 10_000_000
"""Instructions after which a run is worth the second: half a second of the first."""


class Compiled:
    """A program compiled for a machine, at one level of optimisation, or quickly and then, for what takes long, thoroughly."""

    def __init__(self, program: Program, machine: Machine, *launches: Launch, level: int | None = None) -> None:
        for how in launches:
            how.check(machine, program)
        self.program, self.machine = program, machine
        self.k = Constants.of(machine)
        started = [thread for how in launches for thread in how.slots(machine)]
        entries = {(program.labels[entry], self.is_single(slot)) for slot, _, entry in started}
        self.module = build(program, machine, entries)
        self.code = Code(self.module.text, ENTRY, QUICK if level is None else level)
        self._is_final = level is not None

    def optimise(self) -> None:
        """Compile again for a long run, which goes on where it stands: all that it knows is in its state."""
        if not self._is_final:
            self.code, self._is_final = Code(self.module.text, ENTRY, THOROUGH), True

    def is_single(self, slot: int) -> bool:
        """The thread slot belongs to a single-threaded pipeline."""
        return slot // self.k.stride % self.k.pipes_per_block >= self.k.pipelines

    def start(self, memory: Memory, how: Launch) -> CompiledRun:
        """A machine about to run the program."""
        return CompiledRun(self, memory, how)


class _Recorder:
    """Takes the wakes of the launch, before there is a scheduler to take them."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    def wake(self, t: int, when: int) -> None:
        self.threads.append(t)

    def wake_engine(self, e: int, when: int) -> None:
        raise AssertionError("no engine runs at launch")

    def entry_of(self, address: int) -> int:
        raise AssertionError("no spawn at launch")

    def observe(self, event: int, t: int, a: int, b: int) -> None:
        pass


class CompiledRun:
    """One run; the same interface as the oracle's."""

    def __init__(self, compiled: Compiled, memory: Memory, how: Launch) -> None:
        self.compiled, self.memory, self.k = compiled, memory, compiled.k
        module = compiled.module
        self.buffer: NDArray[np.int64] = np.zeros(module.state_size, np.int64)
        self._launch(how)
        self.array("memory_base")[0] = memory.bytes.ctypes.data
        self.array("engine_at")[:] = self.array("engine_next")[:] = NEVER
        self.state: Any = self

    def __getattr__(self, name: str) -> NDArray[np.int64]:
        if name not in self.compiled.module.lengths:
            raise AttributeError(name)
        return self.array(name)

    def array(self, name: str) -> NDArray[np.int64]:
        """An array of the state, live; registers are a copy."""
        place = self.compiled.module.places[name]
        found = self.buffer[place : place + self.compiled.module.lengths[name]]
        return self._registers(found) if name == "regs" else found

    def _registers(self, found: NDArray[np.int64]) -> NDArray[np.int64]:
        """A copy, by number: the code keeps them in places of its own."""
        return found.reshape(-1, REGISTER_COUNT)[:, self.compiled.module.pieces.register_places].ravel()

    def _launch(self, how: Launch) -> None:
        s, recorder = OracleState(self.k), _Recorder()
        s.tier = recorder
        start(self.k, s, how, self.compiled.program, self.memory, lambda index: index)
        for name in State.__annotations__:
            self.array(name)[:] = getattr(s, name)
        self._place_registers(s.regs)
        numbers = self.compiled.module.pieces.numbers
        for t in recorder.threads:
            assert (s.pc[t], self.compiled.is_single(t)) in numbers, "compiled for other launches"
            self.pc[t] = numbers[s.pc[t], self.compiled.is_single(t)]
            self._put_at_start(t)

    def _place_registers(self, registers: list[int]) -> None:
        module = self.compiled.module
        first = module.places["regs"]
        placed = self.buffer[first : first + module.lengths["regs"]].reshape(-1, REGISTER_COUNT)
        placed[:, module.pieces.register_places] = np.array(registers, np.int64).reshape(-1, REGISTER_COUNT)

    def _put_at_start(self, t: int) -> None:
        pipe, slot = divmod(t, self.k.stride)
        bit = pipe * self.compiled.module.field + slot
        self.ready_words[bit >> 6] |= np.int64(_signed_bit(bit & 63))

    def advance(self, until: int) -> bool:
        """Simulate the cycles before `until`; True when nothing is left to do."""
        status = self.compiled.code.call(self.buffer.ctypes.data, until)
        if status == RUNNING:
            if int(self.retired.sum()) > LONG_RUN:
                self.compiled.optimise()
            return False
        if status == FINISHED and self.live[0] > 0:
            self._deadlock()
        return True

    def next_instruction(self, t: int) -> int:
        """Where a thread stands; its register operations run ahead of their cycle."""
        return next(pc for (pc, _), n in self.compiled.module.pieces.numbers.items() if n == self.pc[t])

    def _deadlock(self) -> None:
        waiting = np.flatnonzero(self.wait_kind)
        first = int(waiting[np.argmin(self.wait_seq[waiting])])
        fault(self.k, self.state, FaultKind.DEADLOCK, first, int(self.wait_pc[first]), 0, int(self.clock[0]))

    @property
    def executed(self) -> list[int]:
        """How often each instruction ran."""
        counts = [0] * len(self.compiled.program.instructions)
        place = self.compiled.module.places["path_count"]
        for leaf, times in zip(self.compiled.module.pieces.leaves, self.buffer[place:].tolist(), strict=True):
            for pc in leaf:
                counts[pc] += times
        return counts


def _signed_bit(position: int) -> int:
    return -(1 << 63) if position == 63 else 1 << position

"""The fast tier: the model and the program compiled together, equal to the oracle to the cycle.

`Compiled(program, machine, *launches)` is the code, reusable for any memory of that machine and any launch with
the same entries; `.start(memory, how)` a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.faults import FaultKind
from runtime.jit.engine import Code, compiler_and_processor, object_code
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
"""Levels of optimisation: the first compiles in a ninth of the time, what the second makes runs twice as fast, and no faster at higher ones."""
LONG_RUN = 2_000_000
"""Calls of pieces after which a run is worth the second: a fifth of a second of the first."""
RARE = 512
"""A piece called less than once in so many calls stays as it is: most do, and they take most of the compiler's time."""
STALE = 6
"""Compile again when more than one in so many calls goes to pieces that had been rare."""

Keep = Callable[[Sequence[str], Callable[[], bytes]], bytes]
"""`keep(made_from, make)`: what `make()` made of this once, or makes now."""


class Compiled:
    """A program compiled for a machine, at one level of optimisation, or quickly and then, what a long run calls often, thoroughly.

    `keep` remembers what was compiled thoroughly from one process to the next.
    """

    def __init__(
        self, program: Program, machine: Machine, *launches: Launch, level: int | None = None, keep: Keep | None = None
    ) -> None:
        for how in launches:
            how.check(machine, program)
        self.program, self.machine = program, machine
        self.k = Constants.of(machine)
        started = [thread for how in launches for thread in how.slots(machine)]
        entries = {(program.labels[entry], self.is_single(slot)) for slot, _, entry in started}
        self.module = build(program, machine, entries)
        self.code = Code(object_code(self.module.whole(), QUICK if level is None else level), ENTRY)
        self._often = Often(len(self.module.texts)) if level is None else None
        self._keep = keep or _make_anew

    def look(self, run: CompiledRun) -> None:
        """Between two parts of a run: compile what it calls often once more, if it is long.

        It goes on in the better code where it stands, since all that it knows is in its state.
        """
        if self._often and self._often.changes(run.calls()):
            entry = f"{ENTRY}{self._often.times}"
            text = self.module.part(self._often.pieces, entry)
            made_from = [text, str(THOROUGH), *compiler_and_processor()]
            self.code.add(self._keep(made_from, lambda: object_code(text, THOROUGH)), entry)

    def is_single(self, slot: int) -> bool:
        """The thread slot belongs to a single-threaded pipeline."""
        return slot // self.k.stride % self.k.pipes_per_block >= self.k.pipelines

    def start(self, memory: Memory, how: Launch) -> CompiledRun:
        """A machine about to run the program."""
        return CompiledRun(self, memory, how)


def _make_anew(made_from: Sequence[str], make: Callable[[], bytes]) -> bytes:
    return make()


class Often:
    """Which pieces are called so often that they are worth compiling thoroughly."""

    def __init__(self, count: int) -> None:
        self.pieces: set[int] = set()
        self.times = 0
        """How often they have changed."""
        self._before = np.zeros(count, np.int64)
        self._wait = LONG_RUN

    def changes(self, calls: NDArray[np.int64]) -> bool:
        """Given the calls of each piece in a run so far: there are enough of others to take these too."""
        is_another_run = bool((calls < self._before).any())
        lately = calls if is_another_run else calls - self._before
        total = int(lately.sum())
        if total < self._wait:
            return False
        self._before = calls
        rare = total - int(lately[list(self.pieces)].sum())
        if rare * STALE <= total:
            return False
        self.pieces |= {int(i) for i in np.flatnonzero(lately * RARE > total)}
        self.times += 1
        self._wait *= 4
        return True


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
            self.compiled.look(self)
            return False
        if status == FINISHED and self.live[0] > 0:
            self._deadlock()
        return True

    def calls(self) -> NDArray[np.int64]:
        """How often each piece ran."""
        module = self.compiled.module
        counts = self.buffer[module.places["path_count"] :]
        return np.bincount(module.pieces.owners, counts, len(module.texts)).astype(np.int64)

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

"""Running a program: choose the tier, advance in intervals, turn a stop into an outcome or a diagnostic.

outcome = simulate(assemble(text), memory, Launch(threads=16))
outcome.counters.cycles
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from runtime.compiled import Compiled
from runtime.counters import Counters, Run, last_cycle
from runtime.faults import Fault, FaultKind, SimulationFault
from runtime.launch import Launch
from runtime.memory import Memory
from runtime.model.constants import (
    LOG_CAPACITY,
    WAIT_COLLECTIVE,
    WAIT_DMA,
    WAIT_JOIN,
    WAIT_POP,
    WAIT_PUSH,
    Constants,
)
from runtime.oracle import Observer, Oracle
from runtime.program import Program

INTERVAL = 1 << 22
"""Cycles between two looks at the clock: a fraction of a second."""


class Tier(Enum):
    """Which simulator runs; they agree to the cycle."""

    COMPILED = "compiled"
    ORACLE = "oracle"


@dataclass(frozen=True, slots=True)
class Sample:
    """Running totals at a cycle."""

    cycle: int
    instructions: int
    dram_bytes: int
    bank_cycles: int
    live: int


LogEntry = tuple[int, int, int, int]
"""Kind, start, end (or value), who: see `runtime.model.constants`."""


@dataclass(slots=True)
class Recording:
    """What a run leaves for `runtime.trace`: samples every `interval` cycles and the log."""

    interval: int = 10_000
    samples: list[Sample] = field(default_factory=list[Sample])
    log: list[LogEntry] = field(default_factory=list[LogEntry])
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that ended as it should."""

    program: Program
    counters: Counters
    profile: tuple[int, ...]
    """How often each instruction ran."""
    memory: Memory

    def executions(self, label: str) -> int:
        """How often the instruction at a label ran: probes, multiply-adds, rows, as the program names them."""
        return self.profile[self.program.labels[label]]


def simulate(
    program: Program,
    memory: Memory,
    how: Launch | None = None,
    *,
    tier: Tier = Tier.COMPILED,
    compiled: Compiled | None = None,
    max_cycles: int = 1 << 40,
    observer: Observer | None = None,
    recording: Recording | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Run to the end.

    `compiled` saves compiling again; `observer` needs the oracle; `progress(cycle, instructions)` is called
    every few million cycles, and a KeyboardInterrupt is seen then too.  SimulationFault for an illegal program.
    """
    assert observer is None or tier is Tier.ORACLE
    how = how or Launch()
    run = _prepare(program, memory, how, tier, compiled, observer)
    run.state.log_on[0] = int(recording is not None)
    _advance(run, max_cycles, recording, progress)
    _raise_fault(run, program)
    return Outcome(program, Counters.of(run, program), tuple(run.executed), memory)


def _prepare(
    program: Program, memory: Memory, how: Launch, tier: Tier, compiled: Compiled | None, observer: Observer | None
) -> Run:
    if tier is Tier.ORACLE:
        return Oracle(program, Constants.of(memory.machine), memory, how, observer)
    compiled = compiled or Compiled(program, memory.machine, how)
    return compiled.start(memory, how)


def _advance(
    run: Run, max_cycles: int, recording: Recording | None, progress: Callable[[int, int], None] | None
) -> None:
    step = recording.interval if recording else INTERVAL
    until, done = 0, False
    while not done and until < max_cycles:
        until = min(until + step, max_cycles)
        done = run.advance(until)
        if recording:
            _record(run, recording, until if not done else last_cycle(run.state))
        if progress and not done:
            progress(until, int(sum(run.state.retired)))
    if not done:
        run.state.fault[:5] = [FaultKind.CYCLE_LIMIT, until, *_some_thread(run), 0]


def _some_thread(run: Run) -> tuple[int, int]:
    live = next(t for t in range(len(run.state.status)) if run.state.status[t] == 1)
    return live, run.next_instruction(live)


def _record(run: Run, recording: Recording, cycle: int) -> None:
    s = run.state
    totals = (sum(map(int, s.retired)), sum(map(int, s.dram_bytes)), sum(map(int, s.bank_busy)))
    recording.samples.append(Sample(cycle, *totals, int(s.live[0])))
    count = int(s.log_count[0])
    flat = [int(v) for v in s.log[: 4 * count]]
    recording.log += [(flat[i], flat[i + 1], flat[i + 2], flat[i + 3]) for i in range(0, 4 * count, 4)]
    recording.dropped += int(s.log_dropped[0])
    s.log_count[0] = s.log_dropped[0] = 0
    assert count <= LOG_CAPACITY


def _raise_fault(run: Run, program: Program) -> None:
    kind, cycle, thread, pc, value = (int(v) for v in run.state.fault[:5])
    if kind == FaultKind.NONE:
        return
    fault = Fault(FaultKind(kind), cycle, thread, pc, value)
    details = _waiting(run.state, program) if fault.kind is FaultKind.DEADLOCK else ()
    raise SimulationFault(fault, program.instructions[pc].render(), program.place(pc), details)


_WAITS = {
    WAIT_DMA: "transfer with ticket {}",
    WAIT_POP: "an entry in queue {}",
    WAIT_PUSH: "room in queue {}",
    WAIT_COLLECTIVE: "the collective of scope {}",
    WAIT_JOIN: "thread {} to end",
}


def _waiting(s: Any, program: Program, limit: int = 8) -> tuple[str, ...]:
    waiting = [t for t in range(len(s.wait_kind)) if s.wait_kind[t]]
    lines = [_waiting_line(s, program, t) for t in waiting[:limit]]
    return (*lines, f"... and {len(waiting) - limit} more") if len(waiting) > limit else tuple(lines)


def _waiting_line(s: Any, program: Program, t: int) -> str:
    what = _WAITS[int(s.wait_kind[t])].format(int(s.wait_key[t]))
    pc = int(s.wait_pc[t])
    since = int(s.wait_since[t])
    return f"thread {t} waits for {what} since cycle {since} at `{program.instructions[pc].render()}` ({program.place(pc)})"

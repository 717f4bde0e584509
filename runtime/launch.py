"""Which threads start, where, and with what in their argument registers; the same for every tier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runtime.faults import ConfigurationError
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.model.constants import Constants
from runtime.model.state import REGISTER_COUNT, State
from runtime.model.threads import launch as launch_thread
from runtime.program import Program


@dataclass(frozen=True, slots=True)
class Launch:
    """A single-program start: every launched thread begins at `entry` with `arguments` in a0, a1, ...

    `threads` multi-threaded slots per block (None: all) are taken round the pipelines, so that four
    threads on four pipelines do not share one.  `singles` threads per block start at `single_entry` on
    single-threaded pipelines and rank after the block's others.
    """

    entry: str = "main"
    threads: int | None = None
    singles: int = 0
    single_entry: str | None = None
    blocks: int | None = None
    arguments: tuple[int, ...] = ()

    def slots(self, m: Machine) -> list[tuple[int, int, str]]:
        """Thread slot, rank in its block, and entry of every launched thread, in order of rank."""
        chosen: list[tuple[int, int, str]] = []
        count = m.block_threads if self.threads is None else self.threads
        for block in range(m.blocks if self.blocks is None else self.blocks):
            first = block * m.pipes_per_block * m.threads
            chosen += [(first + _slot(m, i), i, self.entry) for i in range(count)]
            single = self.single_entry or self.entry
            chosen += [(first + (m.pipelines + i) * m.threads, count + i, single) for i in range(self.singles)]
        return chosen

    def check(self, m: Machine, program: Program) -> None:
        """Refuse what the machine or the program does not have."""
        _require(self.threads is None or 0 <= self.threads <= m.block_threads, f"{self.threads} threads per block")
        _require(0 <= self.singles <= m.single_pipelines, f"{self.singles} single-threaded pipelines per block")
        _require(self.blocks is None or 1 <= self.blocks <= m.blocks, f"{self.blocks} blocks")
        _require(bool(self.threads is None or self.threads or self.singles), "no thread")
        _require(len(self.arguments) <= 8, f"{len(self.arguments)} arguments")
        for name in {self.entry, self.single_entry or self.entry}:
            if name not in program.labels:
                raise ConfigurationError(f"{program.path}: error: there is no entry label `{name}`")


def _slot(m: Machine, rank: int) -> int:
    return rank % m.pipelines * m.threads + rank // m.pipelines


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ConfigurationError(f"launch: error: {what} cannot be started on this machine")


def start(
    k: Constants, s: State, how: Launch, program: Program, memory: Memory, position: Callable[[int], int]
) -> None:
    """Fill the state of a machine at rest; `position` maps an instruction index to the tier's own `pc`."""
    m = memory.machine
    how.check(m, program)
    s.dram_size[0] = memory.dram_bytes
    s.net_delay[:] = [m.network_delay(a, b) for a in range(m.blocks) for b in range(m.blocks)]
    chosen = how.slots(m)
    s.nthreads[0] = len(chosen)
    s.block_threads[0] = (m.block_threads if how.threads is None else how.threads) + how.singles
    for slot, rank, entry in chosen:
        launch_thread(k, s, slot, position(program.labels[entry]), 0, rank, 0)
        at = slot * REGISTER_COUNT + 10
        s.regs[at : at + len(how.arguments)] = how.arguments

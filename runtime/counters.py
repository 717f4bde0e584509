"""What a finished run says about itself: every number counted, none estimated.

`Counters.of(run, program)` reads the state of either tier.  `report()` is for people, `as_dict()` for
`--json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from runtime.isa import Unit
from runtime.memory import Memory
from runtime.model.constants import ENDED, TICK, TRAFFIC
from runtime.program import Program


class Run(Protocol):
    """What both tiers offer once they are advanced."""

    memory: Memory
    state: Any

    @property
    def executed(self) -> list[int]:
        """How often each instruction ran."""
        ...

    def advance(self, until: int) -> bool:
        """Simulate the cycles before `until`; True at the end."""
        ...

    def next_instruction(self, t: int) -> int:
        """Index of the instruction at which a thread stands, as far as it has been executed."""
        ...


@dataclass(frozen=True, slots=True)
class Traffic:
    """One class of accesses to one kind of memory."""

    accesses: int
    bytes: int
    mean_latency: float


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread that ran."""

    slot: int
    instructions: int
    cycles: int
    memory_wait: int
    """Cycles between the issue of a memory instruction and the next (multi-threaded pipelines)."""
    blocked: int
    """Cycles waiting for another thread or an engine."""

    @property
    def utilisation(self) -> float:
        """Share of its life in which the thread could issue, had its pipeline let it."""
        return 1 - (self.memory_wait + self.blocked) / max(self.cycles, 1)


@dataclass(frozen=True, slots=True)
class Counters:
    """A run in numbers; utilisations are shares of the machine's peak over the whole run."""

    cycles: int
    seconds: float
    instructions: int
    ipc: float
    by_unit: dict[str, int]
    issue_utilisation: float
    dram: dict[str, Traffic]
    dram_bytes: int
    dram_utilisation: float
    dram_in_flight: float
    scratchpad: dict[str, Traffic]
    bank_utilisation: float
    busiest_bank: float
    port_utilisation: float
    remote_accesses: int
    l1_hits: int
    l1_misses: int
    dma_transfers: int
    dma_elements: int
    collectives: int
    threads: tuple[Thread, ...]

    @staticmethod
    def of(run: Run, program: Program) -> Counters:
        """Collect from a run that has ended."""
        s, m = run.state, run.memory.machine
        cycles = last_cycle(s)
        threads = _threads(s)
        instructions = sum(t.instructions for t in threads)
        pipes = {t.slot // m.threads for t in threads}
        dram, scratchpad = _traffic(s, "dram"), _traffic(s, "spad")
        return Counters(
            cycles=cycles,
            seconds=cycles / (m.clock_ghz * 1e9),
            instructions=instructions,
            ipc=instructions / max(cycles, 1),
            by_unit=_by_unit(run, program),
            issue_utilisation=_share(instructions, len(pipes), cycles),
            dram=dram,
            dram_bytes=_total(s.dram_bytes),
            dram_utilisation=_share(_total(s.channel_busy) / TICK, m.blocks * m.dram_channels, cycles),
            dram_in_flight=_total(s.dram_time) / max(cycles, 1),
            scratchpad=scratchpad,
            bank_utilisation=_share(_total(s.bank_busy), m.blocks * m.spad_banks, cycles),
            busiest_bank=_share(max(_list(s.bank_busy)), 1, cycles),
            port_utilisation=_share(_total(s.port_busy) / TICK, m.blocks, cycles),
            remote_accesses=_total(s.remote_count),
            l1_hits=_total(s.l1_hits),
            l1_misses=_total(s.l1_misses),
            dma_transfers=_total(s.dma_issued),
            dma_elements=_total(s.dma_elements),
            collectives=_total(s.collective_total),
            threads=threads,
        )

    @property
    def l1_hit_rate(self) -> float:
        """Hits over cached reads of DRAM."""
        return self.l1_hits / max(self.l1_hits + self.l1_misses, 1)

    def histogram(self, bins: int = 10) -> list[int]:
        """Threads by their utilisation, in equal bins from 0 to 1."""
        counts = [0] * bins
        for t in self.threads:
            counts[min(bins - 1, max(0, int(bins * t.utilisation)))] += 1
        return counts

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "l1_hit_rate": self.l1_hit_rate, "thread_histogram": self.histogram()}

    def report(self, work: int = 0) -> str:
        """A table for a terminal; `work` adds instructions and bytes per unit of work."""
        rows = [
            ("cycles", f"{self.cycles:,}  ({self.seconds * 1e6:,.3f} us)"),
            ("instructions", f"{self.instructions:,}  ({self.ipc:.2f} per cycle, {self.issue_utilisation:.0%} of issue)"),
            ("DRAM", f"{self.dram_bytes:,} bytes  ({self.dram_utilisation:.0%} of bandwidth)"),
            ("scratchpad banks", f"{self.bank_utilisation:.0%} busy, the busiest {self.busiest_bank:.0%}"),
            ("L1", f"{self.l1_hit_rate:.0%} hits of {self.l1_hits + self.l1_misses:,} cached reads"),
            ("DMA", f"{self.dma_transfers:,} transfers, {self.dma_elements:,} elements"),
            ("threads", f"{len(self.threads)}, waiting for memory {self._waiting('memory_wait'):.0%}, "
             f"for each other {self._waiting('blocked'):.0%}"),
        ]  # fmt: skip
        if self.remote_accesses:
            rows.append(("network", f"{self.remote_accesses:,} accesses, ports {self.port_utilisation:.0%} busy"))
        if work:
            rows.append(
                ("per unit of work", f"{self.instructions / work:.2f} instructions, {self.dram_bytes / work:.2f} bytes")
            )
        return "\n".join(f"{name:18} {text}" for name, text in rows)

    def _waiting(self, name: str) -> float:
        total = sum(t.cycles for t in self.threads)
        return sum(getattr(t, name) for t in self.threads) / max(total, 1)


def last_cycle(s: Any) -> int:
    """First cycle in which the machine is quiet: threads ended, stores and transfers in memory."""
    return max(*_list(s.ended), *_list(s.store_done), *_list(s.dma_latest), _list(s.clock)[0])


def _list(array: Sequence[int]) -> list[int]:
    return [int(v) for v in array]


def _total(array: Sequence[int]) -> int:
    return sum(_list(array))


def _share(amount: float, units: int, cycles: int) -> float:
    return amount / (max(units, 1) * max(cycles, 1))


def _by_unit(run: Run, program: Program) -> dict[str, int]:
    counts = dict.fromkeys((unit.name.lower() for unit in Unit), 0)
    for ins, times in zip(program.instructions, run.executed, strict=True):
        counts[ins.spec.unit.name.lower()] += times
    return {name: n for name, n in counts.items() if n}


def _traffic(s: Any, memory: str) -> dict[str, Traffic]:
    counts, times = _list(getattr(s, f"{memory}_count")), _list(getattr(s, f"{memory}_time"))
    moved = _list(s.dram_bytes) if memory == "dram" else [8 * n for n in counts]
    return {TRAFFIC[i]: Traffic(n, moved[i], times[i] / n) for i, n in enumerate(counts) if n}


def _threads(s: Any) -> tuple[Thread, ...]:
    status, retired = _list(s.status), _list(s.retired)
    started, ended = _list(s.started), _list(s.ended)
    waits, blocked = _list(s.memory_wait), _list(s.blocked)
    now = _list(s.clock)[0]
    rows = enumerate(zip(status, retired, started, ended, waits, blocked, strict=True))
    return tuple(
        Thread(slot, instructions, (end if state == ENDED else now) - start, wait, block)
        for slot, (state, instructions, start, end, wait, block) in rows
        if state
    )

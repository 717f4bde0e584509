"""The analytical tier: how fast a kernel could be on a machine, from a handful of counts, in microseconds.

Each resource gives a lower bound on the cycles; the largest is the roofline.  `Work` comes from a
compiler's estimate, from `spgemm_work`, or from the counters of a run (`Work.of`), where the bounds must
stay below the simulated cycles: a test holds them to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.counters import Counters
from runtime.machine import Machine


@dataclass(frozen=True, slots=True)
class Work:
    """What a kernel asks of the machine, over all threads."""

    instructions: float = 0
    dram_bytes: float = 0
    bank_cycles: float = 0
    """Scratchpad accesses, an atomic counting `spad_atomic_cycles`."""
    memory_wait: float = 0
    """Latencies that a thread sits out, one after the other, in cycles."""
    port_bytes: float = 0
    threads: int = 0
    """Threads of the multi-threaded pipelines that share the work; 0 means all."""

    @staticmethod
    def of(counters: Counters, m: Machine) -> Work:
        """The work that a run turned out to be."""
        cycles = counters.cycles
        return Work(
            instructions=counters.instructions,
            dram_bytes=counters.dram_bytes,
            bank_cycles=counters.bank_utilisation * cycles * m.blocks * m.spad_banks,
            memory_wait=sum(t.memory_wait for t in counters.threads),
            port_bytes=counters.port_utilisation * cycles * m.blocks * m.port_bytes_per_cycle,
            threads=len(counters.threads),
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """At least `cycles`, because of `resource`."""

    resource: str
    cycles: float


def bounds(m: Machine, work: Work) -> tuple[Bound, ...]:
    """Every bound, the tightest first."""
    threads = work.threads or m.blocks * m.block_threads
    issue = _issue_rate(m, threads)
    rows = (
        Bound("issue slots", work.instructions / issue),
        Bound("DRAM bandwidth", work.dram_bytes / (m.dram_bytes_per_cycle * m.blocks)),
        Bound("scratchpad banks", work.bank_cycles / (m.spad_banks * m.blocks)),
        Bound("memory latency", work.memory_wait / threads),
        Bound("network ports", work.port_bytes / (m.port_bytes_per_cycle * m.blocks)),
    )
    return tuple(sorted(rows, key=lambda b: -b.cycles))


def _issue_rate(m: Machine, threads: int) -> float:
    """Instructions per cycle that so many threads can issue, counting single-threaded pipelines as one each."""
    multi = min(threads, m.blocks * m.block_threads)
    rest = threads - multi
    return min(m.blocks * m.pipelines, multi / min(m.pipeline_depth, m.threads)) + rest


def roofline(m: Machine, work: Work) -> float:
    """Cycles below which no schedule of this work can come."""
    return bounds(m, work)[0].cycles


@dataclass(frozen=True, slots=True)
class SpgemmShape:
    """The sizes that decide a sparse product: stored entries of A, B and C, and multiply-adds."""

    nnz_a: int
    nnz_b: int
    nnz_c: int
    fmas: int

    @property
    def compression(self) -> float:
        """Multiply-adds per entry of the result."""
        return self.fmas / max(self.nnz_c, 1)

    def compulsory_bytes(self, entry: int = 12) -> int:
        """Each matrix over the memory interface once; `entry` is value plus index."""
        return entry * (self.nnz_a + self.nnz_b + self.nnz_c)

    def gustavson_bytes(self, entry: int = 12) -> int:
        """The same, reading a row of B for every entry of A that selects it."""
        return entry * (self.nnz_a + self.fmas + self.nnz_c)


def spgemm_work(shape: SpgemmShape, per_fma: float, bank_cycles_per_fma: float = 2, reuse: bool = False) -> Work:
    """Row-wise SpGEMM: instructions and scratchpad cycles per multiply-add are the schedule's."""
    moved = shape.compulsory_bytes() if reuse else shape.gustavson_bytes()
    return Work(
        instructions=per_fma * shape.fmas,
        dram_bytes=moved,
        bank_cycles=bank_cycles_per_fma * shape.fmas,
    )


def render(found: tuple[Bound, ...], cycles: int = 0) -> str:
    """One line per bound; with `cycles`, how close the run came."""
    lines = [
        f"{b.resource:18} {b.cycles:>14,.0f} cycles" + (f"  {b.cycles / cycles:5.0%}" if cycles else "") for b in found
    ]
    return "\n".join(lines)

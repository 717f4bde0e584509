"""Schedules for safe Rust: those for C that need no threads.

RustSchedule(summary=True).as_cpu          # the loops are the same
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule, Phases
from compiler.dialects.schedules.mechanism import bounded
from compiler.dialects.schedules.schedule import Schedule


@dataclass(frozen=True, slots=True)
class RustSchedule(Schedule):
    """A lowering of a product to Rust; the fields mean what they mean for C."""

    target: ClassVar[str] = "rust"

    accumulator: Accumulator = Accumulator.WINDOW
    tiny: int = bounded(16, 0, 32)
    repeat: int = bounded(64, 0, 256)
    words: bool = False
    together: bool = False
    summary: bool = False
    chunk_log2: int = bounded(0, 0, 30)
    prefetch: int = bounded(8, 0, 64)
    """How many entries of A ahead the first entries of rows of B are read: safe Rust cannot fetch without reading."""
    phases: Phases = Phases.ONE

    @property
    def as_cpu(self) -> CpuSchedule:
        """The loops of one thread that this stands for."""
        return CpuSchedule(**asdict(self), threads=1)


NAMED: dict[str, RustSchedule] = {
    "window": RustSchedule(),
    "words": RustSchedule(words=True),
    "together": RustSchedule(words=True, together=True),
    "summary": RustSchedule(summary=True),
    "hash": RustSchedule(accumulator=Accumulator.HASH, summary=True),
    "chunks": RustSchedule(chunk_log2=15),
    "two-phase": RustSchedule(phases=Phases.TWO),
}
"""Schedules by the names that `--schedule` takes."""

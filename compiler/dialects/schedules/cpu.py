"""Schedules for this computer: C with OpenMP.

CpuSchedule(accumulator=Accumulator.WINDOW, words=True, threads=2)

Every row of the result is made by the cheapest of a few ways that its size allows; the schedule says which ways there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from compiler.dialects.schedules.mechanism import bounded
from compiler.dialects.schedules.schedule import Schedule


class Accumulator(StrEnum):
    """Where the contributions to one entry meet, in rows that are not tiny."""

    WINDOW = "window"
    """An array with a place for each column, and a bitmap of the columns that occur."""
    HASH = "hash"
    """A table of the row's size, and the bitmap: for matrices so wide that the array leaves the cache."""


class Phases(StrEnum):
    """How room for the result is found."""

    ONE = "one"
    """Room for every multiply-add; what is not used is given back."""
    TWO = "two"
    """The entries are counted first."""


@dataclass(frozen=True, slots=True)
class CpuSchedule(Schedule):
    """A lowering of a product to C."""

    target: ClassVar[str] = "cpu"

    accumulator: Accumulator = Accumulator.WINDOW
    tiny: int = bounded(16, 0, 32)
    """Rows of up to so many multiply-adds are sorted by counting, without branches. 0, 8, 16 or 32."""
    repeat: int = bounded(64, 0, 256)
    """Rows of up to so many multiply-adds that repeat the row before, shifted, take its places."""
    words: bool = False
    """Patterns of B are packed into words of 64 columns first: pays where a row's columns stand close together."""
    together: bool = False
    """Rows of A that follow one another with the same columns, up to four, are made together: B is read once for them."""
    summary: bool = False
    """A second bitmap tells the words of the first that are in use: pays in rows that are sparse in a wide range."""
    chunk_log2: int = bounded(0, 0, 30)
    """Columns are taken in chunks of 2**chunk_log2; 0: all at once."""
    prefetch: int = bounded(8, 0, 64)
    """How many entries of A ahead the rows of B are fetched."""
    phases: Phases = Phases.ONE
    threads: int = bounded(2, 1, 64)
    """1 emits no OpenMP."""


NAMED: dict[str, CpuSchedule] = {
    "window": CpuSchedule(),
    "words": CpuSchedule(words=True),
    "together": CpuSchedule(words=True, together=True),
    "summary": CpuSchedule(summary=True),
    "hash": CpuSchedule(accumulator=Accumulator.HASH, summary=True),
    "chunks": CpuSchedule(chunk_log2=15),
    "two-phase": CpuSchedule(phases=Phases.TWO),
    "serial": CpuSchedule(threads=1),
}
"""Schedules by the names that `--schedule` takes."""

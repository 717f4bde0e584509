"""Schedules for the PIUMA-style machine; SMASH V1, V2 and V3 (arXiv 2105.14156) are three of them.

SMASH_V3 == PiumaSchedule(hash=Hash.LOW_BITS, work=Work.TOKENS, write_back=WriteBack.DMA, double_buffer=True)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from compiler.dialects.schedules.mechanism import bounded
from compiler.dialects.schedules.schedule import Schedule


class Dataflow(StrEnum):
    """Which loop is outermost."""

    ROW_WISE = "row_wise"
    """Gustavson: a row of the result from the rows of B that a row of A names."""
    INNER = "inner"
    """An entry of the result from a row of A and a column of B."""
    OUTER = "outer"
    """Partial products from a column of A and a row of B, merged afterwards."""


class Accumulator(StrEnum):
    """How the contributions to one entry meet."""

    HASH = "hash"
    """A table in the scratchpad, entered by atomics."""
    HEAP = "heap"
    """Sorted lists, merged by one thread through a heap."""
    SORT = "sort"
    """A list of all products: expanded, sorted, compressed."""
    REGISTER = "register"
    """Entry by entry."""
    WINDOW = "window"
    """A dense window of columns for each thread, filled by scaled scatters of the DMA engines."""
    PRIVATE_HASH = "private_hash"
    """A small table for each thread, entered by nobody else."""


class Hash(StrEnum):
    """Where a column's search in the table begins."""

    HIGH_BITS = "high_bits"
    LOW_BITS = "low_bits"
    MULTIPLICATIVE = "multiplicative"


class Work(StrEnum):
    """Who computes which pieces of the work."""

    STATIC = "static"
    TOKENS = "tokens"
    """A thread that is idle takes the next piece."""


class WriteBack(StrEnum):
    """Who moves finished rows to memory."""

    THREADS = "threads"
    DMA = "dma"


class Resident(StrEnum):
    """What of B is copied into the scratchpad beforehand, beside the starts of its rows."""

    NONE = "none"
    INDICES = "indices"
    ALL = "all"


class Stream(StrEnum):
    """What is read through the L1 rather than word by word."""

    A = "a"
    B = "b"
    POINTERS = "pointers"


@dataclass(frozen=True, slots=True)
class PiumaSchedule(Schedule):
    """A lowering of a product to the machine."""

    target: ClassVar[str] = "piuma"

    dataflow: Dataflow = Dataflow.ROW_WISE
    accumulator: Accumulator = Accumulator.HASH
    hash: Hash = Hash.MULTIPLICATIVE
    hash_seed: int = bounded(1, 0, 1 << 31)
    window_log2: int = bounded(16, 6, 24)
    """Slots of a window's table, as a power of two."""
    slack_log2: int = bounded(1, 0, 6)
    """Slots for each entry that a window may have, as a power of two: searches are short in a table with room."""
    work: Work = Work.TOKENS
    piece_log2: int = bounded(2, 0, 12)
    """Entries of A that a thread takes at a time, as a power of two."""
    heap_lists: int = bounded(1024, 1, 1 << 16)
    """Lists that the heap of a thread holds: entries of a row of A."""
    write_back: WriteBack = WriteBack.THREADS
    double_buffer: bool = False
    window_columns: int = bounded(4096, 256, 1 << 19)
    """Columns of a thread's dense window, a multiple of 256."""
    panels: bool = False
    """Columns beyond the window are computed panel by panel."""
    list_entries: int = bounded(256, 64, 1 << 16)
    """Columns listed between two write-backs."""
    resident: Resident = Resident.ALL
    hash_products: int = bounded(0, 0, 1 << 15)
    """Products of a row that a thread's own table has room for; 0: it has none."""
    cached: frozenset[Stream] = frozenset()
    threads: int = bounded(64, 1, 1024)
    """Per block."""
    blocks: int = bounded(1, 1, 64)


_L1 = frozenset(Stream)
SMASH_V1 = PiumaSchedule(hash=Hash.HIGH_BITS, window_log2=16, slack_log2=3, work=Work.STATIC, piece_log2=4, cached=_L1)
"""A thread's piece is about a row of A; the hash keeps neighbours together."""
SMASH_V2 = replace(SMASH_V1, hash=Hash.LOW_BITS, window_log2=15, slack_log2=2, work=Work.TOKENS, piece_log2=2)
"""The same windows; half the slots, since threads look at every slot to write back."""
SMASH_V3 = replace(SMASH_V2, window_log2=16, slack_log2=3, write_back=WriteBack.DMA, double_buffer=True)
"""The same windows; no slot is looked at, so that there may be more of them."""

INNER = PiumaSchedule(Dataflow.INNER, Accumulator.REGISTER, cached=_L1)
OUTER = PiumaSchedule(Dataflow.OUTER, Accumulator.HEAP, heap_lists=1536, cached=_L1)
HEAP = PiumaSchedule(Dataflow.ROW_WISE, Accumulator.HEAP, heap_lists=1536, cached=_L1)
ROWS = PiumaSchedule(Dataflow.ROW_WISE, Accumulator.REGISTER, cached=_L1)
"""For products with dense operands."""
ESC = PiumaSchedule(Dataflow.ROW_WISE, Accumulator.SORT, cached=_L1)

NAMED: dict[str, PiumaSchedule] = {
    "smash-v1": SMASH_V1,
    "smash-v2": SMASH_V2,
    "smash-v3": SMASH_V3,
    "inner": INNER,
    "outer": OUTER,
    "heap": HEAP,
    "esc": ESC,
    "rows": ROWS,
}
"""Schedules by the names that `--schedule` takes."""

SPREAD = tuple(replace(each, hash=Hash.MULTIPLICATIVE) for each in (SMASH_V2, SMASH_V3))
"""SMASH with a hash under which neighbours do not cluster: low bits take up to twenty times as long where they do."""

"""Rows by tokens on the PIUMA-style machine (`compiler/passes/kernel_to_piuma/by_tokens.py`): instructions and bytes, counted.

The numbers are instructions of the lowered loops, from profiles of runs:

    a row             its token, its pointers, its place in C, the moves out
    an entry of A     reading it, finding the row of B, starting transfers; again for every panel that the row touches
    a bitmap group    four words counted and listed; a word that is not empty is cleared
    an entry of C     one turn of the list loop

Where few threads have wide windows it is a thread's own time that counts: it issues once in `pipeline_depth`, and waits for
the scratchpad at every word of its bitmap, for B's rows, and for the transfers of every piece of the list.

How far apart a row's columns lie is not known; columns drawn at random from the band that C can have leave a gap of one
part at each end, so that f products span `(f - 1) / (f + 1)` of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.dialects.schedules.piuma import Accumulator, PiumaSchedule, Resident
from compiler.dialects.spgemm_data import DataDescriptor
from runtime import bounds as tier
from runtime.machine import Machine

_ROW, _PANEL = 75.0, 25.0
_ENTRY_OF_A, _MARK, _ADD = 18.0, 15.0, 14.0
_GROUP, _WORD, _ENTRY_OF_C = 27.0, 3.0, 6.0
_WAIT_ROW, _WAIT_PIECE, _WAIT_ENTRY_OF_A, _WAIT_FAR, _WAIT_WORD = 300.0, 400.0, 50.0, 200.0, 14.0
"""Cycles of a thread: a row's token, pointers and place; the transfers of a piece; starts of a row of B, and its first and
last index where those are in memory; reading a word of the bitmap twice."""
_PIECE = 64
"""Entries that a list has, on average, beyond those that make it full."""
_GROUP_COLUMNS = 256
_PRODUCT, _NEW, _HASH_ENTRY = 17.0, 8.0, 12.0
_BEAT = 8
"""Elements of a beat of an indexed transfer."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows that are alike: how many, their products and entries each, and how far those lie apart."""

    count: float
    products: float
    entries: float
    span: float


def work_of(schedule: PiumaSchedule, data: DataDescriptor, machine: Machine) -> tier.Work:
    """What the schedule asks of the machine."""
    window = schedule.accumulator is Accumulator.WINDOW
    instructions = _window(schedule, data) if window else _table(data)
    return tier.Work(
        instructions=instructions,
        dram_bytes=_bytes(schedule, data, window),
        bank_cycles=(6.0 if window else 5.0) * data.fmas + 6.0 * data.nnz_c,
        threads=schedule.threads,
    )


def transfers(data: DataDescriptor, machine: Machine) -> float:
    """Cycles of the block's DMA engines: each row of B twice, each row of C three times, in whole beats."""
    rows_of_b = data.fmas / _BEAT + data.nnz_a / 2
    beats = 2 * rows_of_b + 3 * (data.nnz_c / _BEAT + data.rows / 2)
    return beats * machine.dma_beat / machine.dma_engines


def heaviest_row(schedule: PiumaSchedule, data: DataDescriptor, machine: Machine) -> float:
    """Cycles of one thread, which issues once in `pipeline_depth`."""
    entries = data.max_row_fmas / max(data.compression, 1.0)
    table = schedule.accumulator is Accumulator.PRIVATE_HASH
    instructions = _PRODUCT * data.max_row_fmas + _NEW * entries if table else _ENTRY_OF_C * entries
    return instructions * machine.pipeline_depth


def longest_thread(schedule: PiumaSchedule, data: DataDescriptor, machine: Machine) -> float:
    """Cycles of a thread that does its share of the rows and meets nobody."""
    if schedule.accumulator is not Accumulator.WINDOW:
        return 0.0
    far = _WAIT_FAR if schedule.resident is Resident.NONE else 0.0
    length = data.mean_row_b or 1.0
    waits = 0.0
    for row in _rows(data):
        pieces = 1 + row.entries / (schedule.list_entries + _PIECE)
        reads = (_WAIT_ENTRY_OF_A + far) * row.products / length
        waits += row.count * (_WAIT_ROW + _WAIT_PIECE * pieces + reads + _WAIT_WORD * (row.span / 64 + 1))
    return (_window(schedule, data) * machine.pipeline_depth + waits) / schedule.threads


def _window(schedule: PiumaSchedule, data: DataDescriptor) -> float:
    panels = -(-data.columns // schedule.window_columns) if schedule.panels else 1
    length = data.mean_row_b or 1.0
    return sum(each.count * _window_row(schedule, each, panels, length) for each in _rows(data))


def _window_row(schedule: PiumaSchedule, row: _Rows, panels: int, length: float) -> float:
    groups = row.span / _GROUP_COLUMNS + 1
    touched = min(panels, 1 + row.span / schedule.window_columns)
    per_entry = _MARK + _ADD * touched if schedule.panels else _ENTRY_OF_A
    words = min(4 * groups, row.entries)
    listed = _GROUP * groups + _WORD * words + _ENTRY_OF_C * row.entries
    return _ROW + _PANEL * touched + per_entry * row.products / length + listed


def _table(data: DataDescriptor) -> float:
    return _PRODUCT * data.fmas + _NEW * data.nnz_c + _HASH_ENTRY * data.nnz_a + _ROW * data.rows


def _rows(data: DataDescriptor) -> Iterator[_Rows]:
    band = min(data.columns, 4 * data.bandwidth + 1)
    compression = max(data.compression, 1.0)
    for count, work in zip(data.row_fmas, data.work_fmas, strict=True):
        if count:
            products = work / count
            span = band * max(products - 1, 0) / (products + 1)
            yield _Rows(count, products, products / compression, span)


def _bytes(schedule: PiumaSchedule, data: DataDescriptor, window: bool) -> float:
    """Traffic of memory; indices that stay there are read for the bitmap and for the window."""
    match schedule.resident:
        case Resident.ALL:
            b = 12.0 * data.nnz_b
        case Resident.INDICES:
            b = 4.0 * data.nnz_b + 8.0 * data.fmas
        case Resident.NONE:
            b = (16.0 if window else 12.0) * data.fmas
    return b + 12.0 * (data.nnz_a + data.nnz_c) + 24.0 * data.rows + 8.0 * data.inner

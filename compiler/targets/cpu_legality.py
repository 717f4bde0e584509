"""Which schedules for this computer apply to which kernels.

objection_to(CpuSchedule(words=True), masked_form, None).reason        # "packs patterns of B, which a mask takes apart"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule, Phases
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.targets.target import Objection

TINY = (0, 8, 16, 32)


def objection_to(schedule: CpuSchedule, form: KernelForm, data: DataDescriptor | None) -> Objection | None:
    """Why a schedule does not apply."""
    del data  # what fits depends on no size
    reason = next(_reasons(schedule, form), None)
    return Objection(reason) if reason else None


def _reasons(schedule: CpuSchedule, form: KernelForm) -> Iterator[str]:
    if schedule.tiny not in TINY:
        yield f"calls rows of {schedule.tiny} multiply-adds tiny; it can be {', '.join(map(str, TINY))}"
    if form.kind is not Kind.SPGEMM:
        if replace(schedule, threads=1, prefetch=8) != CpuSchedule(threads=1):
            yield f"says how sparse rows are added up, but {form.kind} has none; only `threads` applies"
        return
    if schedule.words and form.mask is not Mask.NONE:
        yield "packs patterns of B, which a mask takes apart"
    if schedule.together:
        yield from _together_reasons(schedule, form)
    if schedule.chunk_log2:
        yield from _chunked_reasons(schedule, form)


def _together_reasons(schedule: CpuSchedule, form: KernelForm) -> Iterator[str]:
    if not schedule.words:
        yield "makes rows together, whose patterns come packed (`words`)"
    if schedule.accumulator is Accumulator.HASH or schedule.chunk_log2:
        yield "makes rows together in a window of all columns"
    if form.mask is not Mask.NONE or form.accumulate:
        yield "makes rows together, which neither a mask nor an accumulate operand tells alike"


def _chunked_reasons(schedule: CpuSchedule, form: KernelForm) -> Iterator[str]:
    if schedule.chunk_log2 < 6:
        yield f"takes columns in chunks of {1 << schedule.chunk_log2}, but a word of the bitmap has 64"
    if schedule.accumulator is Accumulator.HASH:
        yield "adds up chunks by hash; chunks are for a window"
    if schedule.summary:
        yield "keeps a summary of a chunk's bitmap, which is short enough"
    if schedule.words and schedule.phases is Phases.ONE:
        yield "packs patterns of B, but chunks use them only to count, in two phases"
    if form.mask is not Mask.NONE or form.accumulate:
        yield "takes columns in chunks, which neither a mask nor an accumulate operand can be"

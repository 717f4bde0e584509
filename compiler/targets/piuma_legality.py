"""Which schedules the machine can compute which kernels with, and why not."""

from __future__ import annotations

from compiler.dialects.schedules.piuma import Accumulator, Dataflow, PiumaSchedule, WriteBack
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.dialects.spgemm_types import Element
from compiler.passes.kernel_to_piuma import dense_fragments, heap_merge, scattered_table
from compiler.passes.kernel_to_piuma.scratchpad import STACKS, Plan
from compiler.targets.piuma_tokens import BY_TOKENS, tokens_objection
from compiler.targets.target import Objection
from runtime.machine import Machine


def form_objection(form: KernelForm) -> str | None:
    """Why no schedule computes such a kernel: every form has one."""
    return None


def objection_to(s: PiumaSchedule, form: KernelForm, data: DataDescriptor | None, machine: Machine) -> Objection | None:
    """Why a schedule cannot be used; None when it can."""
    if objection := _form_objection(s, form) or _pair_objection(s) or _machine_objection(s, machine):
        return objection
    if s.accumulator in BY_TOKENS:
        return tokens_objection(s, form, data, machine)
    return _write_back_objection(s, form) or _space_objection(s, form, data, machine)


def _machine_objection(s: PiumaSchedule, machine: Machine) -> Objection | None:
    if s.blocks > machine.blocks:
        return Objection(f"wants {s.blocks} blocks, but the machine has {machine.blocks}")
    if s.threads > machine.block_threads:
        return Objection(f"wants {s.threads} threads per block, but a block has {machine.block_threads}")
    return None


def _write_back_objection(s: PiumaSchedule, form: KernelForm) -> Objection | None:
    if s.write_back is WriteBack.DMA and form.element not in (Element.F64, Element.I64):
        return Objection(
            f"writes back by DMA, which moves sums of 8 bytes; {form.element} must be converted by threads"
        )
    if s.double_buffer and s.write_back is not WriteBack.DMA:
        return Objection("has two buffers, but threads write back: nothing would overlap")
    return None


def capacity_and_plan(s: PiumaSchedule, form: KernelForm) -> tuple[int, Plan]:
    """Entries that a single row may have, and the scratchpad."""
    plan = Plan()
    match s.dataflow, s.accumulator:
        case Dataflow.ROW_WISE, Accumulator.HASH:
            if s.write_back is WriteBack.DMA:
                width = form.index_width // 8
                return dense_fragments.Layout.take(plan, s, width).row_capacity, plan
            return scattered_table.Layout.take(plan, s).row_capacity, plan
        case ((Dataflow.ROW_WISE | Dataflow.OUTER), Accumulator.HEAP):
            plan.take(heap_merge.LIST_BYTES * s.heap_lists * s.threads)
        case _:
            pass
    return UNBOUNDED, plan


UNBOUNDED = 1 << 62
"""Rows that are computed in memory."""

PAIRS = {(Dataflow.ROW_WISE, each) for each in Accumulator if each is not Accumulator.REGISTER} | {
    (Dataflow.OUTER, Accumulator.HEAP),
    (Dataflow.INNER, Accumulator.REGISTER),
    (Dataflow.ROW_WISE, Accumulator.REGISTER),
}
"""Dataflows and the accumulators that go with them."""


def _form_objection(s: PiumaSchedule, form: KernelForm) -> Objection | None:
    """Why this schedule does not compute such a kernel."""
    if form.kind is not Kind.SPGEMM:
        plain = s.dataflow is Dataflow.ROW_WISE and s.accumulator is Accumulator.REGISTER
        return None if plain else Objection(f"wants {s.accumulator}, but {form.kind} keeps its sums in registers")
    if s.accumulator is not Accumulator.HASH and (form.mask is not Mask.NONE or form.accumulate):
        what = "masks" if form.mask is not Mask.NONE else "matrix to add to"
        return Objection(f"wants {s.accumulator}, which knows no {what}")
    if s.dataflow is Dataflow.ROW_WISE and s.accumulator is Accumulator.REGISTER:
        return Objection("keeps sums in registers, which a product of two sparse matrices cannot row by row")
    return None


def _pair_objection(s: PiumaSchedule) -> Objection | None:
    if (s.dataflow, s.accumulator) not in PAIRS:
        return Objection(f"wants {s.dataflow} with {s.accumulator}, which do not go together")
    if s.accumulator is not Accumulator.HASH and (s.write_back is WriteBack.DMA or s.double_buffer):
        return Objection(f"has no window that {s.accumulator} could write back by DMA")
    return None


def _space_objection(
    s: PiumaSchedule, form: KernelForm, data: DataDescriptor | None, machine: Machine
) -> Objection | None:
    capacity, plan = capacity_and_plan(s, form)
    if not plan.fits(machine.spad_bytes):
        free = machine.spad_bytes - STACKS
        return Objection(f"needs {plan.used} bytes of scratchpad, but a block has {free}", does_not_fit=True)
    if data and s.accumulator is Accumulator.HEAP and data.max_row > s.heap_lists:
        reason = f"merges {s.heap_lists} lists at a time, but a row of A has {data.max_row} entries"
        return Objection(reason, does_not_fit=True)
    widest = min(data.max_row_fmas, data.columns) if data else 0
    if widest > capacity:
        reason = f"holds {capacity} entries of C at a time, but a row may have {widest}"
        return Objection(reason, does_not_fit=True)
    return None

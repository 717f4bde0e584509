"""`lower-to-loops`: a kernel with a schedule for this computer becomes functions of the loop language.

    func.func @product(%a, %b) { spgemm.spgemm … schedule(#spgemm.schedule<cpu, …>) }
        becomes   func.func @plan(…), @multiply(…) and the private functions of single rows

Operands are plain arrays by then: CSR, transposes resolved. The schedule is obeyed, never changed; what it does not allow
has been refused before (`compiler/targets/cpu.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from compiler.dialects.schedules.cpu import CpuSchedule
from compiler.dialects.schedules.rust import RustSchedule
from compiler.dialects.spgemm_kernel import KernelForm, Kind
from compiler.dialects.spgemm_scheduled import scheduled_kernel
from compiler.passes.kernel_to_c.dense import write_sddmm, write_spmm, write_spmv
from compiler.passes.kernel_to_c.product import write_product
from compiler.passes.kernel_to_c.rows import Kernel
from compiler.passes.loops.build import LoopBuilder


@dataclass(frozen=True, slots=True)
class LowerToLoops:
    """Kernel to loops, for a CPU: C, or Rust."""

    name: ClassVar[str] = "lower-to-loops"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        kernel, schedule = scheduled_kernel(op, CpuSchedule, RustSchedule)
        before = list(op.ops)
        builder = LoopBuilder(op.body.block, kernel.location)
        _write(
            Kernel(builder, KernelForm.of(kernel), schedule.as_cpu if isinstance(schedule, RustSchedule) else schedule)
        )
        for each in before:
            each.detach()
            each.erase()


def _write(kernel: Kernel) -> None:
    match kernel.form.kind:
        case Kind.SPGEMM:
            write_product(kernel)
        case Kind.SPMM:
            write_spmm(kernel)
        case Kind.SPMV:
            write_spmv(kernel)
        case Kind.SDDMM:
            write_sddmm(kernel)

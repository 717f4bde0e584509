"""kernel-to-piuma: a sparse kernel with a schedule becomes a function of loops on the machine.

    %c = spgemm.spgemm %a, %b schedule(#spgemm.schedule<piuma, hash = low_bits, …>) : …

        func.func @main(%rows: index, …, %a_pointers: memref<?xi64, #piuma.memory<…>>, …) { … scf, arith, memref, piuma … }

The schedule alone decides which lowering it is; all of them count, form windows, compute and write back on the device.
What a schedule cannot compute is the target's legality check to say; here it is an assertion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp

from compiler.dialects.schedules.piuma import Accumulator, Dataflow, PiumaSchedule, WriteBack
from compiler.dialects.spgemm import KernelOp
from compiler.dialects.spgemm_kernel import KernelForm, Kind
from compiler.dialects.spgemm_scheduled import scheduled_kernel
from compiler.passes.kernel_to_piuma import (
    by_tokens,
    dense_fragments,
    dense_products,
    expand_sort_compress,
    heap_rows,
    inner_product,
    outer_merge,
    scattered_table,
)
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.kernel_to_piuma.parameters import parameters_of
from compiler.passes.kernel_to_piuma.symbolic import count_and_sum


@dataclass(frozen=True)
class LowerKernel:
    """The one kernel of a module."""

    name: ClassVar[str] = "kernel-to-piuma"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        kernel, schedule = scheduled_kernel(op, PiumaSchedule)
        function = kernel.parent_op()
        assert isinstance(function, func.FuncOp)
        _build(op, kernel, schedule)
        function.detach()
        function.erase()


def _build(module: ModuleOp, kernel: KernelOp, schedule: PiumaSchedule) -> None:
    form = KernelForm.of(kernel)
    b = MachineBuilder(module.body.block, kernel.location)
    kinds = parameters_of(form, schedule)
    with b.function("main", kinds) as values:
        k = Kernel.of(b, form, schedule, dict(zip(kinds, values, strict=True)))
        if form.kind is Kind.SPGEMM:
            _dispatch(k)
        else:
            dense_products.build(k)
        b.fence()


def _dispatch(k: Kernel) -> None:
    """The lowering that the schedule names."""
    match k.schedule.dataflow, k.schedule.accumulator:
        case Dataflow.ROW_WISE, Accumulator.HASH:
            count_and_sum(k)
            (dense_fragments if k.schedule.write_back is WriteBack.DMA else scattered_table).build(k)
        case Dataflow.ROW_WISE, (Accumulator.WINDOW | Accumulator.PRIVATE_HASH):
            by_tokens.build(k)
        case Dataflow.ROW_WISE, Accumulator.HEAP:
            heap_rows.build(k)
        case Dataflow.ROW_WISE, Accumulator.SORT:
            expand_sort_compress.build(k)
        case Dataflow.OUTER, Accumulator.HEAP:
            outer_merge.build(k)
        case Dataflow.INNER, Accumulator.REGISTER:
            inner_product.build(k)
        case dataflow, accumulator:
            raise AssertionError(f"no lowering for {dataflow} with {accumulator}")

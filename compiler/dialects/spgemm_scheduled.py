"""The kernel that a lowering pass starts from: the one of its module, with a schedule of the pass's own target.

    kernel, schedule = scheduled_kernel(module, PiumaSchedule)

`kcc` sets the schedule before the passes run; text given to `splitwood-opt` may lack it. Refused: no kernel or several,
no schedule, one of another target.
"""

from __future__ import annotations

from typing import TypeVar

from xdsl.dialects.builtin import ModuleOp

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm import KernelOp, kernels_of
from compiler.locations import span_of

ScheduleT = TypeVar("ScheduleT", bound=Schedule)


def scheduled_kernel(module: ModuleOp, *kinds: type[ScheduleT]) -> tuple[KernelOp, ScheduleT]:
    """The kernel of `module` and its schedule, of one of `kinds`. Raises CompileError."""
    kernels = list(kernels_of(module))
    if len(kernels) != 1:
        place = span_of(kernels[1] if kernels else module)
        raise refusal(Code.KERNEL_COUNT, place, f"this pass lowers one kernel, here are {len(kernels)}")
    (kernel,) = kernels
    schedule = kernel.schedule.data if kernel.schedule is not None else None
    if not isinstance(schedule, kinds):
        wanted = " or ".join(f"`{kind.target}`" for kind in kinds)
        raise refusal(
            Code.SCHEDULE_ILLEGAL,
            span_of(kernel),
            f"the kernel has no schedule for {wanted}",
            help="`kcc --emit=mlir` writes one into the kernel",
        )
    return kernel, schedule

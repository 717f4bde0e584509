"""A kernel with a schedule, through all passes of a target, and as text.

    compiled = lower(kernel, Piuma(), SMASH_V3)

The kernel itself stays as it is. Nothing is decided here: passes obey the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.dialects.schedules.schedule import Schedule
from compiler.frontends.kernel.read import Kernel, kernel_of
from compiler.pipelines import new_context, run, stage
from compiler.targets.target import Compiled, Target


def lower(
    kernel: Kernel,
    target: Target,
    schedule: Schedule,
    print_after: Collection[str] = (),
    show: Callable[[str], object] = print,
    *,
    verify: bool = True,
) -> Compiled:
    """The kernel with that schedule, lowered; `verify` checks the module after every pass."""
    scheduled = kernel_of(kernel.module.clone())
    scheduled.op.schedule = ScheduleAttr(schedule)
    run(target.passes(), new_context(), scheduled.module, verify=verify, print_after=print_after, show=show)
    with stage("emit"):
        return Compiled(kernel.form, schedule, scheduled.module, target.emit(scheduled.module))

"""The canonical text of a candidate: kernel, schedule, data and machine, and nothing else.

    text = canonical_text(kernel, schedule, data, target.describe())
    described(text).schedule == schedule

    builtin.module attributes {dlti.target_system_spec = …} {
      func.func @kernel(%0: …, %1: …) -> … {
        %2 = spgemm.spgemm %0, %1 schedule(#spgemm.schedule<…>) {data = #spgemm.data<…>} : … -> …

The same candidate has the same text, whatever the file called its function and values; sizes that the types leave open
stand in the data. This is what costs are estimated from and what models learn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute

from compiler.dialects.machine_spec import MODULE_ATTRIBUTE, numbers_of
from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm import KernelOp, kernels_of
from compiler.dialects.spgemm_data import DataAttr, DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.frontends.kernel.read import Kernel
from compiler.ir_text import from_text, to_text

DATA_ATTRIBUTE = "data"


@dataclass(frozen=True, slots=True)
class Described:
    """What a canonical text says."""

    form: KernelForm
    schedule: Schedule
    data: DataDescriptor
    machine: Mapping[str, float]


def canonical_text(kernel: Kernel, schedule: Schedule, data: DataDescriptor, machine: Attribute) -> str:
    """The text of one candidate."""
    module = kernel.module.clone()
    module.attributes[MODULE_ATTRIBUTE] = machine
    for op in module.walk():
        for value in (*op.results, *(argument for region in op.regions for argument in region.block.args)):
            value.name_hint = None
        if isinstance(op, func.FuncOp):
            op.sym_name = StringAttr("kernel")
        if isinstance(op, KernelOp):
            op.schedule = ScheduleAttr(schedule)
            op.attributes[DATA_ATTRIBUTE] = DataAttr(data)
    return to_text(module)


def described(text: str, context: Context) -> Described:
    """What a canonical text says, as data."""
    module = from_text(text, "candidate", context)
    (op,) = kernels_of(module)
    data = op.attributes[DATA_ATTRIBUTE]
    assert isinstance(data, DataAttr)
    assert op.schedule is not None
    return Described(KernelForm.of(op), op.schedule.data, data.data, numbers_of(module.attributes[MODULE_ATTRIBUTE]))

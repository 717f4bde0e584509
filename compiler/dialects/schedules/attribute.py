"""Schedules as attributes: `#spgemm.schedule<piuma, dataflow = row_wise, accumulator = hash, …>`.

    ScheduleAttr(PiumaSchedule(accumulator=Accumulator.DENSE)).data        # the dataclass, both ways

The target comes first and decides which fields there are.
"""

from __future__ import annotations

from xdsl.ir import Data
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from compiler.dialects.schedules.cpu import CpuSchedule
from compiler.dialects.schedules.mechanism import parse_targeted, targeted_text
from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.dialects.schedules.rust import RustSchedule
from compiler.dialects.schedules.schedule import Schedule

SCHEDULES: dict[str, type[Schedule]] = {each.target: each for each in (PiumaSchedule, CpuSchedule, RustSchedule)}
"""The schedule class of each target."""


@irdl_attr_definition
class ScheduleAttr(Data[Schedule]):
    """A schedule, set once by `tuning` or by hand; lowering passes obey it."""

    name = "spgemm.schedule"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Schedule:
        return parse_targeted(parser, SCHEDULES)

    def print_parameter(self, printer: Printer) -> None:
        printer.print_string(targeted_text(self.data.target, self.data))

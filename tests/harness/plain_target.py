"""A target for tests of what stands around targets: it computes with array code and makes up its cycles.

It takes the schedules of the simulated machine, so that schedules, choices and reports can be tried without a lowering.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.machine_spec import machine_spec
from compiler.dialects.schedules.piuma import NAMED, Hash, PiumaSchedule, Work
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.ir_text import to_text
from compiler.pipelines import Pass
from compiler.targets.expected import expected
from compiler.targets.names import Emits
from compiler.targets.operands import Operands
from compiler.targets.target import Compiled, Objection, Progress, Result


@dataclass(frozen=True)
class PlainTarget:
    name: str = "piuma"
    emits: Emits = Emits.ASM
    largest_window: int = 20

    def objection(self, form: KernelForm) -> str | None:
        return None if form.index_width == 32 else "it has 32-bit indices only"

    def schedules(self, form: KernelForm, data: DataDescriptor) -> Iterable[Schedule]:
        made = [replace(PiumaSchedule(), hash=h, work=w) for h, w in product(Hash, Work)]
        return [each for each in made if self.legal(each, form, data) is None]

    def named(self) -> Mapping[str, Schedule]:
        return NAMED

    def legal(self, schedule: Schedule, form: KernelForm, data: DataDescriptor | None) -> Objection | None:
        assert isinstance(schedule, PiumaSchedule)
        if schedule.window_log2 > self.largest_window:
            return Objection(f"needs 2**{schedule.window_log2} slots of scratchpad", does_not_fit=True)
        if schedule.threads > 64:
            return Objection(f"wants {schedule.threads} threads, but a block has 64")
        return None

    def describe(self) -> Attribute:
        return machine_spec("piuma", {"blocks": 1, "dram_bytes_per_cycle": 25.6})

    def passes(self) -> Sequence[Pass]:
        return ()

    def emit(self, module: ModuleOp) -> str:
        return f"# assembly of\n{to_text(module)}"

    def bytes_needed(self, schedule: Schedule, form: KernelForm, data: DataDescriptor) -> int:
        return 16 * data.fmas

    def run(self, compiled: Compiled, operands: Operands, progress: Progress) -> Result:
        progress("halfway")
        schedule = compiled.schedule
        assert isinstance(schedule, PiumaSchedule)
        cycles = 1000 * (1 + list(Hash).index(schedule.hash)) + schedule.window_log2
        counters = {"instructions": 5000.0, "ipc": 1.5, "dram_bytes": 4096.0, "dram_utilisation": 0.5}
        return Result(expected(operands), cycles=cycles, rows_sorted=False, counters=counters)

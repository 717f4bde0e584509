"""This computer as a target: kernels become C with OpenMP, compiled by its C compiler and called in this process.

    Cpu(threads=2).run(compiled, operands, progress).seconds

Seconds are those of the compiled functions and of the memory they fill, from operands in their plain form to the arrays of
the result: planning, packing, counting and the product itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.machine_spec import machine_spec
from compiler.dialects.schedules.cpu import NAMED, Accumulator, CpuSchedule, Phases
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm, Kind
from compiler.emit.c.module import emit
from compiler.passes.kernel_to_c.rows_together import LANES
from compiler.pipelines import KERNEL_TO_C, Pass
from compiler.targets import c_library
from compiler.targets.c_library import Library, Signature, signature
from compiler.targets.cpu_legality import objection_to
from compiler.targets.cpu_product import ROOM, Product
from compiler.targets.names import Emits
from compiler.targets.native_runs import run_dense, run_product
from compiler.targets.operands import Operands
from compiler.targets.target import Compiled, Objection, Progress, Result

CHUNK_LOG2 = 15
"""Chunks whose sums fill half of a common second-level cache."""


def threads_available() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Cpu:
    """The computer that this runs on."""

    threads: int = field(default_factory=threads_available)

    @property
    def name(self) -> str:
        return "cpu"

    @property
    def emits(self) -> Emits:
        return Emits.C

    def objection(self, form: KernelForm) -> str | None:
        return None

    def named(self) -> Mapping[str, Schedule]:
        most = min(self.threads, 64)
        return {
            name: schedule if schedule.threads == 1 else replace(schedule, threads=most)
            for name, schedule in NAMED.items()
        }

    def schedules(self, form: KernelForm, data: DataDescriptor) -> Iterable[Schedule]:
        distinct = dict.fromkeys(self._candidates(form))
        return [each for each in distinct if self.legal(each, form, data) is None]

    def _candidates(self, form: KernelForm) -> Iterator[CpuSchedule]:
        for threads in dict.fromkeys((min(self.threads, 64), 1)):
            yield CpuSchedule(threads=threads)
            if form.kind is not Kind.SPGEMM:
                continue
            for phases, prefetch in product(Phases, (CpuSchedule().prefetch, 0)):
                plain = CpuSchedule(phases=phases, threads=threads, prefetch=prefetch)
                yield plain
                yield replace(plain, words=True, together=True)
                yield replace(plain, words=True)
                yield replace(plain, summary=True)
                yield replace(plain, accumulator=Accumulator.HASH, summary=True)
                yield replace(plain, chunk_log2=CHUNK_LOG2)

    def legal(self, schedule: Schedule, form: KernelForm, data: DataDescriptor | None) -> Objection | None:
        assert isinstance(schedule, CpuSchedule)
        return objection_to(schedule, form, data)

    def describe(self) -> Attribute:
        return machine_spec("cpu", {"threads": self.threads})

    def passes(self) -> Sequence[Pass]:
        return KERNEL_TO_C

    def emit(self, module: ModuleOp) -> str:
        return emit(module)

    def bytes_needed(self, schedule: Schedule, form: KernelForm, data: DataDescriptor) -> int:
        assert isinstance(schedule, CpuSchedule)
        return bytes_needed(schedule, form, data)

    def run(self, compiled: Compiled, operands: Operands, progress: Progress) -> Result:
        assert isinstance(compiled.schedule, CpuSchedule)
        if compiled.form.kind is Kind.SPGEMM:
            return run_product(prepared(compiled), operands)
        return run_dense(_library(compiled.text, signature(compiled.module), c_library.FLAGS), operands)


def bytes_needed(schedule: CpuSchedule, form: KernelForm, data: DataDescriptor) -> int:
    """Beyond the operands: the result with room, and workspaces."""
    if form.kind is not Kind.SPGEMM:
        return 8 * data.rows
    entry = form.index_width // 8 + 8
    most = min(data.fmas + data.nnz_c, data.rows * data.columns)
    result = entry * (2 * data.nnz_c if schedule.phases is Phases.TWO else most)
    rooms = schedule.threads * entry * min(most, ROOM) if schedule.threads > 1 else 0
    window = 12 + (8 * LANES if schedule.together else 0)
    packed = (16 + form.index_width // 8) * data.nnz_b if schedule.words else 0
    return result + rooms + packed + 16 * data.rows + schedule.threads * window * data.columns


def prepared(compiled: Compiled) -> Product:
    """A compiled product in this process, with its workspaces; the same for the same text."""
    assert isinstance(compiled.schedule, CpuSchedule)
    return _product(compiled.text, signature(compiled.module), compiled.form, compiled.schedule, c_library.FLAGS)


@lru_cache(maxsize=64)
def _product(
    text: str, functions: Signature, form: KernelForm, schedule: CpuSchedule, flags: tuple[str, ...]
) -> Product:
    return Product(_library(text, functions, flags), form, schedule)


@lru_cache(maxsize=64)
def _library(text: str, functions: Signature, flags: tuple[str, ...]) -> Library:
    return Library.of(functions, text, flags)

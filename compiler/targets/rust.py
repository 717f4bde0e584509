"""Safe Rust as a target: the loops of one thread, with slices for arrays, compiled by rustc and called in this process.

    Rust().run(compiled, operands, progress).seconds

What is emitted forbids `unsafe` and stands alone. Memory and seconds are as for C (`cpu.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.machine_spec import machine_spec
from compiler.dialects.schedules.cpu import Accumulator, Phases
from compiler.dialects.schedules.rust import NAMED, RustSchedule
from compiler.dialects.schedules.schedule import Schedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm, Kind
from compiler.emit.rust import emit
from compiler.pipelines import KERNEL_TO_RUST, Pass
from compiler.targets import rust_library
from compiler.targets.cpu import CHUNK_LOG2, bytes_needed
from compiler.targets.cpu_legality import objection_to
from compiler.targets.cpu_product import Product
from compiler.targets.names import Emits
from compiler.targets.native_runs import run_dense, run_product
from compiler.targets.operands import Operands
from compiler.targets.rust_library import RustLibrary, Signature, signature
from compiler.targets.target import Compiled, Objection, Progress, Result


@dataclass(frozen=True, slots=True)
class Rust:
    """One thread of the computer that this runs on, through rustc."""

    @property
    def name(self) -> str:
        return "rust"

    @property
    def emits(self) -> Emits:
        return Emits.RUST

    def objection(self, form: KernelForm) -> str | None:
        return None

    def named(self) -> Mapping[str, Schedule]:
        return NAMED

    def schedules(self, form: KernelForm, data: DataDescriptor) -> Iterable[Schedule]:
        return [each for each in _candidates() if self.legal(each, form, data) is None]

    def legal(self, schedule: Schedule, form: KernelForm, data: DataDescriptor | None) -> Objection | None:
        assert isinstance(schedule, RustSchedule)
        return objection_to(schedule.as_cpu, form, data)

    def describe(self) -> Attribute:
        return machine_spec("rust", {"threads": 1})

    def passes(self) -> Sequence[Pass]:
        return KERNEL_TO_RUST

    def emit(self, module: ModuleOp) -> str:
        return emit(module)

    def bytes_needed(self, schedule: Schedule, form: KernelForm, data: DataDescriptor) -> int:
        assert isinstance(schedule, RustSchedule)
        return bytes_needed(schedule.as_cpu, form, data)

    def run(self, compiled: Compiled, operands: Operands, progress: Progress) -> Result:
        if compiled.form.kind is Kind.SPGEMM:
            return run_product(prepared(compiled), operands)
        return run_dense(_library(compiled.text, signature(compiled.module), rust_library.FLAGS), operands)


def prepared(compiled: Compiled) -> Product:
    """A compiled product in this process, with its workspaces; the same for the same text."""
    assert isinstance(compiled.schedule, RustSchedule)
    return _product(compiled.text, signature(compiled.module), compiled.form, compiled.schedule, rust_library.FLAGS)


def _candidates() -> Iterator[RustSchedule]:
    yield RustSchedule()
    for phases, prefetch in product(Phases, (RustSchedule().prefetch, 0)):
        plain = RustSchedule(phases=phases, prefetch=prefetch)
        if plain != RustSchedule():
            yield plain
        yield replace(plain, words=True, together=True)
        yield replace(plain, words=True)
        yield replace(plain, summary=True)
        yield replace(plain, accumulator=Accumulator.HASH, summary=True)
        yield replace(plain, chunk_log2=CHUNK_LOG2)


@lru_cache(maxsize=64)
def _product(
    text: str, functions: Signature, form: KernelForm, schedule: RustSchedule, flags: tuple[str, ...]
) -> Product:
    return Product(_library(text, functions, flags), form, schedule.as_cpu)


@lru_cache(maxsize=64)
def _library(text: str, functions: Signature, flags: tuple[str, ...]) -> RustLibrary:
    return RustLibrary.of(functions, text, flags)

"""This computer as a target of arithmetic kernels: C with OpenMP, or safe Rust of one thread, called in this process.

    ArithmeticCpu(threads=2).run(compiled, operands, progress).seconds

Multiplications and additions are not fused in C: every operation of a kernel rounds by itself, as `arith` says. Seconds are those of the
compiled function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.machine_spec import machine_spec
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, CpuArithmetic, RustArithmetic
from compiler.emit.c.module import emit as emit_c
from compiler.emit.rust import emit as emit_rust
from compiler.frontends.kernel.arithmetic import ArithmeticKernel
from compiler.pipelines import ARITHMETIC_TO_C, ARITHMETIC_TO_RUST, Pass
from compiler.targets import c_library, rust_library
from compiler.targets.arithmetic.alternatives import candidates, named_from, objection_to
from compiler.targets.arithmetic.arrays import Array, array_of, tensors
from compiler.targets.arithmetic.target import Compiled, Result
from compiler.targets.cpu import threads_available
from compiler.targets.cpu_product import Functions
from compiler.targets.names import Emits
from compiler.targets.target import Objection, Progress


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled kernel with all that it takes."""

    library: Functions
    arrays: Mapping[str, Array | int]
    """By the names of its parameters; results are written into them."""

    def __call__(self) -> float:
        """Compute; the seconds that it took."""
        started = perf_counter()
        self.library.call("compute", self.arrays)
        return perf_counter() - started


@dataclass(frozen=True, slots=True)
class ArithmeticCpu:
    """C with OpenMP."""

    threads: int = field(default_factory=threads_available)
    shuffle_bytes: int | None = None
    """That an instruction shuffles, 32, 16 or 0; None: as the C compiler says."""

    @property
    def name(self) -> str:
        return "cpu"

    @property
    def emits(self) -> Emits:
        return Emits.C

    def default(self) -> ArithmeticSchedule:
        return CpuArithmetic(threads=min(self.threads, 64))

    def named(self) -> Mapping[str, ArithmeticSchedule]:
        shuffle = CpuArithmetic(threads=min(self.threads, 64), shuffled=True)
        return named_from(self.default()) | {"serial": CpuArithmetic(threads=1), "shuffle": shuffle}

    def describe(self) -> Attribute:
        shuffled = c_library.shuffle_bytes() if self.shuffle_bytes is None else self.shuffle_bytes
        return machine_spec("cpu", {"threads": self.threads, "shuffle_bytes": shuffled})

    def schedules(self, kernel: ArithmeticKernel) -> Sequence[ArithmeticSchedule]:
        return candidates((self.default(), CpuArithmetic(threads=1)), kernel)

    def legal(self, schedule: ArithmeticSchedule, kernel: ArithmeticKernel) -> Objection | None:
        return objection_to(schedule, kernel)

    def passes(self) -> Sequence[Pass]:
        return ARITHMETIC_TO_C

    def emit(self, module: ModuleOp) -> str:
        return emit_c(module)

    def run(self, compiled: Compiled, operands: Sequence[Array | int], progress: Progress) -> Result:
        return _run(self.prepared(compiled, operands), compiled)

    def prepared(self, compiled: Compiled, operands: Sequence[Array | int]) -> Prepared:
        """Operands laid out as the kernel takes them, once for many calls."""
        return _prepared(_c(compiled, c_library.FLAGS), compiled, operands)


@dataclass(frozen=True, slots=True)
class ArithmeticRust:
    """Safe Rust, one thread."""

    @property
    def name(self) -> str:
        return "rust"

    @property
    def emits(self) -> Emits:
        return Emits.RUST

    def default(self) -> ArithmeticSchedule:
        return RustArithmetic()

    def named(self) -> Mapping[str, ArithmeticSchedule]:
        return named_from(self.default())

    def describe(self) -> Attribute:
        return machine_spec("rust", {"threads": 1})

    def schedules(self, kernel: ArithmeticKernel) -> Sequence[ArithmeticSchedule]:
        return candidates((self.default(),), kernel)

    def legal(self, schedule: ArithmeticSchedule, kernel: ArithmeticKernel) -> Objection | None:
        return objection_to(schedule, kernel)

    def passes(self) -> Sequence[Pass]:
        return ARITHMETIC_TO_RUST

    def emit(self, module: ModuleOp) -> str:
        return emit_rust(module)

    def run(self, compiled: Compiled, operands: Sequence[Array | int], progress: Progress) -> Result:
        return _run(_prepared(_rust(compiled, rust_library.FLAGS), compiled, operands), compiled)


def _prepared(library: Functions, compiled: Compiled, operands: Sequence[Array | int]) -> Prepared:
    return Prepared(library, {each.name: array_of(each, operands) for each in compiled.buffers})


def _run(prepared: Prepared, compiled: Compiled) -> Result:
    seconds = prepared()
    arrays = {name: each for name, each in prepared.arrays.items() if isinstance(each, np.ndarray)}
    return Result(tensors(compiled, arrays), seconds=seconds)


@lru_cache(maxsize=64)
def _c(compiled: Compiled, flags: tuple[str, ...]) -> Functions:
    return c_library.Library.of(c_library.signature(compiled.module), compiled.text, flags)


@lru_cache(maxsize=64)
def _rust(compiled: Compiled, flags: tuple[str, ...]) -> Functions:
    return rust_library.RustLibrary.of(rust_library.signature(compiled.module), compiled.text, flags)

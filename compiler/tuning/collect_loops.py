"""The source of labels `loops`: loop nests, the ways to run them, native time and executed instructions on this machine.

    costmodel collect loops -o loops.jsonl.gz

A task is one kernel; its samples are its variants. Every variant is compiled by LLVM, checked to compute what the others compute, timed
in at least three processes, and run once under callgrind. Flags: `collapsed` where the optimizer left fewer instructions than the
statements need even as vectors, `memory-function` where it called memcpy or memset instead, `unsteady` where processes differ by more than
4 %; where they differ by more than 10 % there is no sample. A variant that computes something else than the default is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from math import isclose, isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from compiler.tuning.llvm_tools import missing_tools, versions
from compiler.tuning.loops.build import (
    TOOLS,
    calls_memory_functions,
    llvm_ir,
    measuring_program,
    missing_linker,
    optimized,
    shared_object,
    this_machine,
)
from compiler.tuning.loops.callgrind import callgrind_version, count_instructions, missing_callgrind
from compiler.tuning.loops.families import families
from compiler.tuning.loops.kernels import Element, Kernel, draw_kernels, instance
from compiler.tuning.loops.schedules import Variant, draw_variants
from compiler.tuning.loops.text import kernel_text
from compiler.tuning.loops.timing import Timing, checksums, measure_command, time_variants
from costmodel.collector import Options, Task
from costmodel.sample import Json, Sample

KERNELS = 14
"""Kernels of a family."""
VARIANTS = 36
"""Variants of a kernel, at most."""
WIDEST_VECTOR = 32
"""Bytes of the widest vector that LLVM makes for this machine's core."""
TARGET = "cpu-x86"


@dataclass(frozen=True, slots=True)
class Loops:
    """The collector; stateless."""

    source: str = "loops"
    timed: bool = True

    def missing(self) -> str | None:
        return missing_tools(TOOLS) or missing_linker() or missing_callgrind()

    def tasks(self, options: Options) -> Sequence[Task]:
        chosen = [name for name in families() if not options.families or name in options.families]
        drawn = [draw_kernels(families()[name], KERNELS, options.seed) for name in chosen]
        turns = [kernel for turn in zip_longest(*drawn) for kernel in turn if kernel is not None]
        return [_task(kernel, options.seed) for kernel in turns[: options.limit]]

    def run(self, task: Task) -> Sequence[Sample]:
        kernel, seed = _kernel(task.spec), cast(int, task.spec["seed"])
        return measure_kernel(kernel, draw_variants(kernel, VARIANTS, seed), seed)


COLLECTOR = Loops()


def _task(kernel: Kernel, seed: int) -> Task:
    spec = {
        "family": kernel.family,
        "form": kernel.form,
        "element": kernel.element.value,
        "extents": dict(kernel.extents),
        "seed": seed,
    }
    return Task(f"{seed}/{kernel.id}", spec)


def _kernel(spec: Mapping[str, Json]) -> Kernel:
    form = next(form for form in families()[cast(str, spec["family"])] if form.name == spec["form"])
    return instance(form, Element(spec["element"]), cast(Mapping[str, int], spec["extents"]))


def measure_kernel(kernel: Kernel, variants: Sequence[Variant], seed: int) -> list[Sample]:
    """The samples of a kernel; ToolFailure when a tool refuses, AssertionError when two variants compute different things."""
    mlir = "".join(kernel_text(kernel, variant, f"v{position}") for position, variant in enumerate(variants))
    triple, core = this_machine()
    ir = optimized(llvm_ir(mlir), triple, core)
    with TemporaryDirectory() as name:
        folder = Path(name)
        library, program = shared_object(ir, triple, core, folder), measuring_program(folder)
        _check_equal(kernel, variants, checksums(program, library, kernel, len(variants)))
        timings = time_variants(program, library, kernel, len(variants))
        instructions = count_instructions(
            measure_command(program, library, kernel, range(len(variants)), "once", 1), folder
        )
    memory_functions, fewest = calls_memory_functions(ir), fewest_instructions(kernel)
    flags = [
        _flags(timing, instructions[f"v{position}"] < fewest, memory_functions[f"v{position}"])
        for position, timing in enumerate(timings)
    ]
    return [
        _sample(kernel, variant, timing, instructions[f"v{position}"], flags[position], seed)
        for position, (variant, timing) in enumerate(zip(variants, timings, strict=True))
        if not timing.useless
    ]


def _check_equal(kernel: Kernel, variants: Sequence[Variant], sums: Sequence[float]) -> None:
    for variant, each in zip(variants, sums, strict=True):
        same = isfinite(each) and isclose(each, sums[0], rel_tol=1e-3, abs_tol=1e-2)
        assert same, f"{kernel.id}: {variant} computes {each}, the default {sums[0]}"


def _sample(
    kernel: Kernel, variant: Variant, timing: Timing, instructions: int, flags: tuple[str, ...], seed: int
) -> Sample:
    return Sample(
        source="loops",
        target=TARGET,
        family=kernel.family,
        kernel=kernel.id,
        variant=str(variant),
        text=kernel_text(kernel, variant),
        labels={"seconds": timing.best, "instructions": instructions},
        config={"core": this_machine()[1]},
        repeats={"seconds": timing.undisturbed()},
        tools=_versions(),
        flags=flags,
        seed=seed,
    )


@cache
def _versions() -> Mapping[str, str]:
    return {**versions(TOOLS), "valgrind": callgrind_version()}


def fewest_instructions(kernel: Kernel) -> float:
    """What is left of the statements when each is one vector instruction: fewer means that the optimizer left some out."""
    return kernel.executions() * kernel.element.bytes / WIDEST_VECTOR


def _flags(timing: Timing, collapsed: bool, memory_function: bool) -> tuple[str, ...]:
    named = {"collapsed": collapsed, "memory-function": memory_function, "unsteady": not timing.agreed}
    return tuple(name for name, holds in named.items() if holds)

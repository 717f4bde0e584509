"""Compiled variants compute what the statement says, and their labels are what the tools report (skipped without LLVM 22, cc, valgrind)."""

import platform
import re
import subprocess
from itertools import product
from math import exp, sqrt
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from compiler.tuning.collect_loops import COLLECTOR, fewest_instructions, measure_kernel
from compiler.tuning.llvm_tools import ToolFailure, run_tool
from compiler.tuning.loops.build import (
    calls_memory_functions,
    llvm_ir,
    measuring_program,
    optimized,
    shared_object,
    this_machine,
)
from compiler.tuning.loops.callgrind import read_costs
from compiler.tuning.loops.families import families
from compiler.tuning.loops.kernels import Element, Form, Kernel, instance
from compiler.tuning.loops.schedules import draw_variants
from compiler.tuning.loops.text import kernel_text
from compiler.tuning.loops.timing import Timing, checksums
from costmodel.collector import Options

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"

needs_tools = pytest.mark.skipif(COLLECTOR.missing() is not None, reason=f"needs {COLLECTOR.missing()}")

TINY = {3: 7, 4: 5, 5: 4, 6: 3}
"""Number of iterators to extent."""


def checksum_by_the_statement(kernel: Kernel, lines: tuple[str, ...]) -> float:
    """What `measure.c` prints for a kernel of doubles, had it run the statements as Python reads them."""
    arrays = filled(kernel)
    for nest, line in zip(kernel.nests, lines, strict=True):
        statement = compile(line.partition(": ")[2], line, "exec")
        for point in product(*(range(kernel.extents[name]) for name in nest.iterators)):
            at = dict(zip(nest.iterators, point, strict=True))
            if all(limit.at(at) >= 0 for limit in nest.limits):
                exec(statement, {"max": max, "exp": exp, "sqrt": sqrt, **arrays, **at})
    return sum(value * (i % 127 + 1) for array in arrays.values() for i, value in enumerate(array.ravel().tolist()))


def filled(kernel: Kernel) -> dict[str, Array]:
    """The data that `measure.c` starts from."""
    state = 1
    arrays: dict[str, Array] = {}
    for name, shape in kernel.arrays().items():
        values = np.zeros(int(np.prod(shape)))
        for position in range(values.size):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            values[position] = ((state >> 33) % 2**32) % 5 - 2
        arrays[name] = values.reshape(shape)
    return arrays


@needs_tools
@pytest.mark.parametrize("family", families())
def test_compiled_variants_compute_what_the_statement_says(family: str, tmp_path: Path) -> None:
    form = families()[family][-1]
    names = [size.split("=")[0] for size in form.sizes.split()]
    extents = {name: TINY.get(len(names), 8) for name in names}
    kernel = instance(form, Element.F64, extents)
    variants = draw_variants(kernel, 8, 1)
    text = "".join(kernel_text(kernel, variant, f"v{position}") for position, variant in enumerate(variants))
    triple, core = this_machine()
    library = shared_object(optimized(llvm_ir(text), triple, core), triple, core, tmp_path)
    sums = checksums(measuring_program(tmp_path), library, kernel, len(variants))
    assert sums == pytest.approx([checksum_by_the_statement(kernel, form.nests)] * len(variants), rel=1e-9)


@needs_tools
@pytest.mark.skipif(platform.machine() != "x86_64", reason="links for x86")
def test_nothing_is_compiled_that_valgrind_cannot_run(tmp_path: Path) -> None:
    """Whatever x86 the test runs on: for a core with AVX-512 its registers (zmm, k1 to k7) must stay unused."""
    kernel = instance(families()["elementwise"][0], Element.F32, {"i": 64, "j": 64})
    text = kernel_text(kernel, draw_variants(kernel, 1, 1)[0], "v0")
    triple = "x86_64-pc-linux-gnu"
    ir = optimized(llvm_ir(text), triple, "znver4")
    shared_object(ir, triple, "znver4", tmp_path)
    listing = subprocess.run(
        ["objdump", "-d", tmp_path / "kernel.o"], capture_output=True, text=True, check=True
    ).stdout
    assert "ymm" in listing and not re.search(r"%(zmm|k[1-7])", listing)


@pytest.fixture
def however_unsteady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where much else runs no variant may be timed steadily enough to keep; here it is kept, whatever its times."""

    def all_of_them(timing: Timing) -> tuple[float, ...]:
        return timing.seconds

    monkeypatch.setattr(Timing, "useless", False)
    monkeypatch.setattr(Timing, "undisturbed", all_of_them)


@needs_tools
@pytest.mark.usefixtures("however_unsteady")
def test_a_kernel_gives_a_labelled_sample_a_variant() -> None:
    kernel = instance(
        Form("matmul", "nn", ("i j k: C[i, j] += A[i, k] * B[k, j]",), ""), Element.F32, {"i": 24, "j": 24, "k": 24}
    )
    samples = measure_kernel(kernel, draw_variants(kernel, 4, 1), 1)
    assert len({each.variant for each in samples}) == len(samples) == 4
    for sample in samples:
        assert sample.kernel == "matmul/nn-f32-24x24x24"
        assert len(sample.repeats["seconds"]) >= 1
        assert sample.labels["seconds"] == min(sample.repeats["seconds"])
        assert 1e-7 < sample.labels["seconds"] < 1e-3
        assert sample.labels["instructions"] > fewest_instructions(kernel)
        assert "collapsed" not in sample.flags
        assert sample.tools["mlir-opt"].startswith("22.")


@needs_tools
@pytest.mark.usefixtures("however_unsteady")
def test_what_the_optimizer_leaves_out_is_flagged() -> None:
    kernel = instance(Form("t", "dead", ("i k: y[i] = x[i]",), ""), Element.F32, {"i": 64, "k": 500})
    (sample,) = measure_kernel(kernel, draw_variants(kernel, 1, 1), 1)
    assert "collapsed" in sample.flags


@needs_tools
def test_a_tool_that_refuses_says_why() -> None:
    with pytest.raises(ToolFailure, match="mlir-opt"):
        run_tool("mlir-opt", stdin="func.func @f( {")


@needs_tools
def test_the_measuring_program_refuses_a_wrong_call(tmp_path: Path) -> None:
    program = measuring_program(tmp_path)
    assert subprocess.run([str(program)], check=False).returncode == 2
    missing = [str(program), str(tmp_path / "none.so"), "time", "1", "1", "0", "0", "f", "64"]
    assert subprocess.run(missing, check=False).returncode == 3


def test_tasks_are_the_same_for_the_same_options() -> None:
    tasks = COLLECTOR.tasks(Options(limit=25))
    assert tasks == COLLECTOR.tasks(Options(limit=25))
    assert len({task.key for task in tasks}) == 25
    assert {str(task.spec["family"]) for task in tasks} == set(families())
    assert {str(task.spec["family"]) for task in COLLECTOR.tasks(Options(families=("ttm",)))} == {"ttm"}


def test_calls_that_replace_loops_are_found() -> None:
    copies = "define void @v0() {\n  call void @llvm.memcpy.p0.p0.i64(ptr %0, ptr %1, i64 8, i1 false)\n}\n"
    assert calls_memory_functions(copies + "define void @v1() {\n  ret void\n}\n") == {"v0": True, "v1": False}


def test_costs_of_called_functions_count() -> None:
    report = "fn=(1) v0\n0 10\ncfn=(2) expf\ncalls=3 67\n0 21\n0 5\nfn=(2)\n67 21\nfn=(3) v1\n+1 7\n"
    assert read_costs(report) == {"v0": 36, "expf": 21, "v1": 7}


def test_disturbed_processes_do_not_count_while_there_are_others() -> None:
    timing = Timing().with_process(1.0, True).with_process(2.0, False)
    assert timing.best == 2.0
    assert not timing.agreed
    assert timing.with_process(2.05, False).agreed
    assert not timing.with_process(2.15, False).agreed
    assert not timing.with_process(2.15, False).useless
    assert timing.with_process(2.25, False).useless
    assert Timing().with_process(1.0, True).best == 1.0

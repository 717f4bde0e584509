"""This computer as a target: what applies, what is refused, and that nothing leaks."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from cpu_kernels import HERE, compiled, needs_cc

import compiler.kernels as kernels
from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule, Phases
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.targets import c_library, cpu_product
from compiler.targets.cpu import prepared
from compiler.targets.cpu_product import compressed
from compiler.targets.measure import measure
from compiler.targets.operands import Operands
from runtime import reference
from runtime.sparse import generators
from runtime.sparse.containers import Csr

KIND = "!spgemm.matrix<csr, ?x?xf64, i32>"
PRODUCT = f"""
func.func @product(%a: {KIND}, %b: {KIND}) -> {KIND} {{
  %c = spgemm.spgemm %a, %b : {KIND}, {KIND} -> {KIND}
  func.return %c : {KIND}
}}
"""


@pytest.mark.parametrize(
    ("schedule", "form", "reason"),
    [
        (CpuSchedule(tiny=5), KernelForm(), "5 multiply-adds"),
        (CpuSchedule(words=True), KernelForm(mask=Mask.STRUCTURAL), "mask"),
        (CpuSchedule(together=True), KernelForm(), "packed"),
        (CpuSchedule(words=True, together=True, accumulator=Accumulator.HASH), KernelForm(), "all columns"),
        (CpuSchedule(words=True, together=True), KernelForm(accumulate=True), "accumulate"),
        (CpuSchedule(chunk_log2=3), KernelForm(), "64"),
        (CpuSchedule(chunk_log2=9, summary=True), KernelForm(), "short enough"),
        (CpuSchedule(chunk_log2=9, words=True), KernelForm(), "two phases"),
        (CpuSchedule(chunk_log2=9, accumulator=Accumulator.HASH), KernelForm(), "by hash"),
        (CpuSchedule(chunk_log2=9), KernelForm(accumulate=True), "accumulate"),
        (CpuSchedule(words=True), KernelForm(Kind.SPMV), "only `threads`"),
    ],
)
def test_schedules_that_do_not_apply(schedule: CpuSchedule, form: KernelForm, reason: str) -> None:
    found = HERE.legal(schedule, form, None)
    assert found is not None and reason in found.reason


def test_candidates_are_legal_and_distinct() -> None:
    a = generators.rmat(6, 200)
    for form in (KernelForm(), KernelForm(mask=Mask.COMPLEMENT), KernelForm(accumulate=True)):
        data = measure(Operands.of(KernelForm(), [a, a]))
        found = list(HERE.schedules(form, data))
        assert len(set(found)) == len(found) > 4
        assert all(HERE.legal(each, form, data) is None for each in found)


@needs_cc
def test_a_schedule_is_chosen_for_the_operands() -> None:
    a, clustered = generators.rmat(9, 3000), generators.banded(2000, 20)
    program = kernels.compile(PRODUCT, HERE)
    run = program.run(clustered, clustered)
    assert isinstance(run.schedule, CpuSchedule) and run.schedule.words and not run.schedule.prefetch
    run = program.run(a, a)
    assert isinstance(run.schedule, CpuSchedule) and not run.schedule.words
    found: Any = run.result.matrix
    assert run.result.seconds is not None and found.nnz == reference.spgemm(a, a).nnz


def test_without_a_compiler_there_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    c_library.compiler.cache_clear()
    kernel = compiled(PRODUCT, CpuSchedule(prefetch=63))
    with pytest.raises(CompileError) as caught:
        prepared(kernel)
    assert caught.value.diagnostics[0].code is Code.NO_C_COMPILER
    monkeypatch.undo()
    c_library.compiler.cache_clear()


@needs_cc
@pytest.mark.parametrize(
    "schedule", [CpuSchedule(words=True, summary=True), CpuSchedule(threads=1, phases=Phases.TWO, chunk_log2=8)]
)
def test_the_c_has_no_warnings(schedule: CpuSchedule, tmp_path: Path) -> None:
    source = tmp_path / "kernel.c"
    source.write_text(compiled(PRODUCT, schedule).text)
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fopenmp", "-c", "-o", str(tmp_path / "kernel.o")]
    subprocess.run(["cc", *flags, str(source)], check=True)


@needs_cc
@pytest.mark.parametrize("name", ["rmat10", "poisson3d-16"])
def test_results_do_not_depend_on_the_number_of_threads(name: str) -> None:
    """To the last bit, whichever thread makes a row, and in whatever order blocks are done."""
    plain = generators.SUITE[name]()
    a = compressed(Csr(plain.shape, plain.row_pointers, plain.indices, np.random.default_rng(1).random(plain.nnz)))
    alone = prepared(compiled(PRODUCT, CpuSchedule(threads=1)))(a, a)
    for threads in (2, 3) if name == "rmat10" else (3,):
        shared = prepared(compiled(PRODUCT, CpuSchedule(threads=threads)))
        for _ in range(3):
            assert all(np.array_equal(one, other) for one, other in zip(alone, shared(a, a), strict=True))


def of_nodes(seed: int) -> Csr:
    """The unknowns of a node, up to nine of them, have rows of one pattern; some nodes have none."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 10, 60)
    nodes = rng.random((60, 60)) < 0.1
    nodes[rng.integers(0, 60, 6)] = 0
    pattern = np.repeat(np.repeat(nodes, sizes, axis=0), sizes, axis=1)
    sparse: Any = scipy.sparse
    return Csr.of(sparse.csr_array(pattern * rng.random(pattern.shape)))


@needs_cc
@pytest.mark.parametrize("few", [{}, {"tiny": 0, "repeat": 0, "phases": Phases.TWO}])
def test_rows_made_together_are_what_they_are_alone(few: dict[str, Any]) -> None:
    """To the last bit, on one thread and on three."""
    a = compressed(of_nodes(1))
    alone = prepared(compiled(PRODUCT, CpuSchedule(threads=1, words=True, **few)))(a, a)
    for threads in (1, 3):
        together = prepared(compiled(PRODUCT, CpuSchedule(threads=threads, words=True, together=True, **few)))
        for _ in range(2):
            assert all(np.array_equal(one, other) for one, other in zip(alone, together(a, a), strict=True))


@needs_cc
def test_a_full_room_waits_for_the_blocks_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for no more than the block at hand: every block is put in its place before its thread makes another."""
    a = compressed(generators.rmat(10, 12_000))
    alone = prepared(compiled(PRODUCT, CpuSchedule(threads=1)))(a, a)
    monkeypatch.setattr(cpu_product, "ROOM", 0)
    monkeypatch.setattr(cpu_product, "BLOCK_WORK", 500)
    shared = prepared(compiled(PRODUCT, CpuSchedule(threads=2)))(a, a)
    assert all(np.array_equal(one, other) for one, other in zip(alone[:2], shared[:2], strict=True))


@needs_cc
def test_nothing_leaks() -> None:
    a = compressed(generators.rmat(10, 12_000))
    product = prepared(compiled(PRODUCT, CpuSchedule()))
    result_bytes = sum(each.nbytes for each in product(a, a))
    for _ in range(20):
        product(a, a)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        product(a, a)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 20 * result_bytes

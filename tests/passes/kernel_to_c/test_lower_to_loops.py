"""Every schedule and every kernel form computes what the reference says, on every shape of matrix, sorted."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from cpu_kernels import assert_equal, compiled, computed, needs_cc
from sparse_kernels import MATRICES, dense_text, restricted, small, text

from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule, Phases
from compiler.targets.target import Compiled
from runtime import reference
from runtime.sparse import generators
from runtime.sparse.containers import Csr

pytestmark = pytest.mark.usefixtures("in_a_hurry")
SCHEDULES = {
    "window": CpuSchedule(),
    "no-tiny": CpuSchedule(tiny=0, prefetch=0),
    "tiny-32": CpuSchedule(tiny=32),
    "never-repeated": CpuSchedule(repeat=0),
    "long-repeated": CpuSchedule(repeat=256, tiny=0, threads=1),
    "words": CpuSchedule(words=True),
    "summary": CpuSchedule(summary=True),
    "words-summary": CpuSchedule(words=True, summary=True),
    "hash": CpuSchedule(accumulator=Accumulator.HASH, summary=True),
    "chunks": CpuSchedule(chunk_log2=7),
    "two-phase": CpuSchedule(phases=Phases.TWO),
    "two-phase-words": CpuSchedule(phases=Phases.TWO, words=True),
    "two-phase-chunks": CpuSchedule(phases=Phases.TWO, words=True, chunk_log2=6),
    "serial": CpuSchedule(threads=1),
    "serial-two-phase": CpuSchedule(threads=1, phases=Phases.TWO, accumulator=Accumulator.HASH),
    "four-threads": CpuSchedule(threads=4, words=True, together=True),
}


@cache
def product(schedule: CpuSchedule, kernel_text: str) -> Compiled:
    return compiled(kernel_text, schedule)


@needs_cc
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("name", SCHEDULES)
def test_products_equal_the_reference(name: str, matrix: str) -> None:
    a = MATRICES[matrix]()
    b = a if a.shape[0] == a.shape[1] else a.transpose()
    assert_equal(computed(product(SCHEDULES[name], text()), [a, b]).matrix, reference.spgemm(a, b))


@needs_cc
@pytest.mark.parametrize("name", SCHEDULES)
def test_rectangular_operands(name: str) -> None:
    kernel = product(SCHEDULES[name], text())
    shapes = [(1, 30, 7), (30, 1, 30), (7, 100, 1000), (200, 3, 1)]
    for rows, inner, columns in shapes:
        a, b = generators.uniform(rows, inner, 2), generators.uniform(inner, columns, 9)
        assert_equal(computed(kernel, [a, b]).matrix, reference.spgemm(a, b))


ELEMENTS = {"f64": 1e-12, "f32": 1e-5, "i64": 0, "i32": 0, "i16": 0, "i8": 0}
SAMPLE = [SCHEDULES[name] for name in ("window", "hash")]


@needs_cc
@pytest.mark.parametrize("semiring", ["plus_times", "min_plus", "plus_pair"])
@pytest.mark.parametrize("element", ELEMENTS)
def test_semirings_and_elements(element: str, semiring: str) -> None:
    a, b = small(element, 1), small(element, 2)
    expected = reference.spgemm(a, b, reference.Semiring(semiring.replace("_", "-")))
    for schedule in SAMPLE:
        kernel = product(schedule, text(element, clauses=f"semiring({semiring})"))
        found: Any = computed(kernel, [a, b]).matrix
        assert found.values.dtype == a.values.dtype
        assert_equal(found, expected, ELEMENTS[element])


@needs_cc
def test_reachability_over_truth_values() -> None:
    a, b = small("i1", 1), small("i1", 2)
    for schedule in SAMPLE:
        found = computed(product(schedule, text("i1", clauses="semiring(or_and)")), [a, b]).matrix
        assert_equal(found, reference.spgemm(a, b, reference.Semiring.OR_AND))


@needs_cc
def test_wide_indices() -> None:
    a = generators.rmat(7, 500)
    for name in ("words-summary", "hash", "two-phase-chunks"):
        found: Any = computed(product(SCHEDULES[name], text(index="i64")), [a, a]).matrix
        assert found.indices.dtype == np.int64
        assert_equal(found, reference.spgemm(a, a))


@needs_cc
@pytest.mark.parametrize("word", ["", "complement "])
def test_masks(word: str) -> None:
    a, mask = generators.rmat(7, 700), generators.uniform(128, 128, 9, seed=5)
    whole = reference.spgemm(a, a)
    wanted = restricted(whole, mask, inside=not word)
    for schedule in (SCHEDULES[name] for name in ("window", "hash", "two-phase")):
        kernel = product(schedule, text(clauses=f"mask({word}%m)", more=1))
        assert_equal(computed(kernel, [a, a, mask]).matrix, wanted)


@needs_cc
def test_accumulation() -> None:
    a, mask, more = generators.rmat(7, 700), generators.uniform(128, 128, 9, seed=5), generators.banded(128, 2)
    product_there = reference.spgemm(a, a)
    everywhere = Csr.of(product_there.to_scipy() + more.to_scipy())
    masked = Csr.of(restricted(product_there, mask, inside=True).to_scipy() + more.to_scipy())
    for schedule in (SCHEDULES[name] for name in ("tiny-32", "hash", "two-phase")):
        plain = text(clauses="accumulate(%m)", more=1)
        assert_equal(computed(product(schedule, plain), [a, a, more]).matrix, everywhere)
        both = text(clauses="mask(%m) accumulate(%d)", more=2)
        assert_equal(computed(product(schedule, both), [a, a, mask, more]).matrix, masked)


@needs_cc
@pytest.mark.parametrize("threads", [1, 2])
def test_products_with_dense_operands(threads: int) -> None:
    a = generators.uniform(50, 40, 5)
    numbers = np.random.default_rng(1)
    x, left, right = numbers.random((40, 6)), numbers.random((50, 7)), numbers.random((7, 40))
    schedule, plain = CpuSchedule(threads=threads), a.to_scipy()
    vector: Any = computed(compiled(dense_text("spmv"), schedule), [a, x[:, 0]]).matrix
    assert np.allclose(vector, plain @ x[:, 0], rtol=1e-12)
    matrix: Any = computed(compiled(dense_text("spmm"), schedule), [a, x]).matrix
    assert np.allclose(matrix, plain @ x, rtol=1e-12)
    sampled: Any = computed(compiled(dense_text("sddmm"), schedule), [a, left, right]).matrix
    assert np.allclose(sampled.to_scipy().toarray(), plain.toarray() * (left @ right), rtol=1e-12)


STENCILS = {
    "poisson2d": lambda: generators.poisson2d(23),
    "poisson3d": lambda: generators.poisson3d(8),
    "band": lambda: generators.banded(300, 4),
    "blocks": lambda: generators.block_diagonal(40, 5),
}


@needs_cc
@pytest.mark.parametrize("stencil", STENCILS)
@pytest.mark.parametrize("name", ["window", "long-repeated", "two-phase", "hash", "chunks", "words"])
def test_rows_that_repeat(name: str, stencil: str) -> None:
    """Patterns that go on, break off and come back, and values that do not repeat; after them another matrix."""
    a = STENCILS[stencil]()
    values = np.random.default_rng(3).uniform(1, 2, a.nnz)
    keep = np.random.default_rng(4).uniform(size=a.nnz) > 0.002
    rows = np.repeat(np.arange(a.shape[0]), a.row_lengths)[keep]
    torn = Csr(a.shape, np.searchsorted(rows, np.arange(a.shape[0] + 1)), a.indices[keep], values[keep])
    for each in (Csr(a.shape, a.row_pointers, a.indices, values), torn, a.transpose()):
        kernel = product(SCHEDULES[name], text())
        assert_equal(computed(kernel, [each, each]).matrix, reference.spgemm(each, each))

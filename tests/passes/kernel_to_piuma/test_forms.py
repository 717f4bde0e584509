"""Forms of kernels on the machine: semirings, element and index types, masks, accumulation, dense operands, several blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from piuma_kernels import SMALL, compiled, computed, product_text

from compiler.dialects.schedules.piuma import HEAP, INNER, NAMED, ROWS, SMASH_V1, SMASH_V3
from compiler.targets.expected import disagreement, expected
from compiler.targets.operands import Operands, numpy_type
from compiler.targets.piuma import Piuma
from compiler.targets.target import Compiled
from runtime.machine import Machine
from runtime.sparse import generators
from runtime.sparse.containers import Csr

SMALL_WINDOWS = {"window_log2": 8, "heap_lists": 64}


def agree(kernel: Compiled, given: list[Any], target: Piuma = SMALL) -> None:
    operands = Operands.of(kernel.form, given)
    found = disagreement(computed(kernel, given, target).matrix, expected(operands), operands)
    assert found is None, found


def whole(matrix: Csr, kernel: Compiled) -> Csr:
    """The matrix with small values of the kernel's element type."""
    kind = numpy_type(kernel.form.element)
    values = (np.arange(matrix.nnz) % 3 + (0 if kind == np.bool_ else 1)).astype(kind)
    return Csr(matrix.shape, matrix.row_pointers, matrix.indices, values)


@pytest.mark.parametrize(
    ("name", "semiring"),
    [
        ("smash-v1", "min_plus"),
        ("smash-v3", "plus_pair"),
        ("heap", "plus_pair"),
        ("esc", "min_plus"),
        ("outer", "min_plus"),
        ("inner", "plus_pair"),
    ],
)
def test_semirings(name: str, semiring: str) -> None:
    kernel = compiled(product_text(semiring=semiring), replace(NAMED[name], **SMALL_WINDOWS))
    a = generators.rmat(5, 90)
    agree(kernel, [a, a])


@pytest.mark.parametrize(
    ("schedule", "element", "index", "semiring"),
    [
        (SMASH_V1, "f32", "i32", ""),
        (SMASH_V3, "i64", "i64", ""),
        (SMASH_V1, "i32", "i32", "min_plus"),
        (HEAP, "i16", "i32", ""),
        (SMASH_V1, "i8", "i64", "plus_pair"),
        (HEAP, "i1", "i32", "or_and"),
        (SMASH_V1, "i1", "i64", "or_and"),
    ],
)
def test_element_and_index_types(schedule: Any, element: str, index: str, semiring: str) -> None:
    kernel = compiled(product_text(element, index, semiring), replace(schedule, **SMALL_WINDOWS))
    a = whole(generators.uniform(20, 20, 2), kernel)
    agree(kernel, [a, a])


def masked_text(clause: str) -> str:
    kind = "!spgemm.matrix<csr, ?x?xf64, i32>"
    return f"""
func.func @product(%a: {kind}, %b: {kind}, %m: {kind}) -> {kind} {{
  %c = spgemm.spgemm %a, %b {clause} : {kind}, {kind}, {kind} -> {kind}
  func.return %c : {kind}
}}
"""


@pytest.mark.parametrize("clause", ["mask(%m)", "mask(complement %m)", "accumulate(%m)"])
@pytest.mark.parametrize("schedule", [SMASH_V1, SMASH_V3], ids=["smash-v1", "smash-v3"])
def test_masks_and_accumulation(schedule: Any, clause: str) -> None:
    kernel = compiled(masked_text(clause), replace(schedule, **SMALL_WINDOWS))
    agree(kernel, [generators.rmat(5, 90), generators.rmat(5, 90, seed=2), generators.uniform(32, 32, 6)])


def dense_text(kind: str, element: str = "f64", semiring: str = "") -> str:
    a, matrix = f"!spgemm.matrix<csr, ?x?x{element}, i32>", f"tensor<?x?x{element}>"
    clause = f" semiring({semiring})" if semiring else ""
    match kind:
        case "spmv":
            return f"""
func.func @f(%a: {a}, %x: tensor<?x{element}>) -> tensor<?x{element}> {{
  %y = spgemm.spmv %a, %x{clause} : {a}, tensor<?x{element}> -> tensor<?x{element}>
  func.return %y : tensor<?x{element}>
}}
"""
        case "spmm":
            return f"""
func.func @f(%a: {a}, %x: {matrix}) -> {matrix} {{
  %y = spgemm.spmm %a, %x{clause} : {a}, {matrix} -> {matrix}
  func.return %y : {matrix}
}}
"""
        case _:
            return f"""
func.func @f(%s: {a}, %x: {matrix}, %y: {matrix}) -> {a} {{
  %c = spgemm.sddmm %s, %x, %y : {a}, {matrix}, {matrix} -> {a}
  func.return %c : {a}
}}
"""


@pytest.mark.parametrize(
    ("kind", "element", "semiring"), [("spmv", "i32", ""), ("spmv", "i16", "min_plus"), ("spmm", "f64", "min_plus")]
)
def test_dense_operands(kind: str, element: str, semiring: str) -> None:
    kernel = compiled(dense_text(kind, element, semiring), ROWS)
    a = whole(generators.uniform(17, 11, 2), kernel)
    shape = (11,) if kind == "spmv" else (11, 5)
    agree(kernel, [a, (np.arange(np.prod(shape)) % 5 + 1).reshape(shape).astype(a.values.dtype)])


def test_sampled_dense_product() -> None:
    random = np.random.default_rng(1)
    agree(
        compiled(dense_text("sddmm"), ROWS),
        [generators.uniform(9, 14, 3), random.random((9, 6)), random.random((6, 14))],
    )


@pytest.mark.parametrize(("name", "blocks"), [("smash-v1", 2), ("smash-v3", 8), ("heap", 2), ("outer", 4)])
def test_several_blocks(name: str, blocks: int) -> None:
    target = Piuma(Machine(blocks=blocks, pipelines=2, threads=4))
    kernel = compiled(product_text(), replace(NAMED[name], **SMALL_WINDOWS), target)
    a = generators.rmat(6, 200)
    agree(kernel, [a, a], target)


def test_what_a_schedule_cannot_compute_it_says() -> None:
    target = Piuma()
    form = compiled(product_text("f32"), SMASH_V1).form
    assert "DMA" in str(target.legal(SMASH_V3, form, None))
    assert "together" in str(target.legal(replace(INNER, accumulator=HEAP.accumulator), form, None))
    assert target.legal(replace(SMASH_V1, window_log2=20), form, None).does_not_fit  # pyright: ignore
    assert "threads" in str(target.legal(replace(SMASH_V1, threads=128), form, None))

"""Operands of a run: whatever they come as, a target gets one plain form, or the user a reason."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse

from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.dialects.spgemm_types import Element
from compiler.targets import memory
from compiler.targets.measure import measure
from compiler.targets.operands import Operands, numpy_type, result_of
from runtime.reference import spgemm
from runtime.sparse import generators
from runtime.sparse.containers import Csr

sparse: Any = scipy.sparse
FORM = KernelForm()
A, B = generators.uniform(6, 8, 2, seed=1), generators.uniform(8, 5, 2, seed=2)


def code_of(form: KernelForm, *given: Any) -> Code:
    with pytest.raises(CompileError) as caught:
        Operands.of(form, given)
    (found,) = caught.value.diagnostics
    return found.code


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "dok", "bsr", "lil"])
def test_any_scipy_format_is_taken(kind: str) -> None:
    operands = Operands.of(FORM, [A.to_scipy().asformat(kind), B])
    assert np.array_equal(operands.a.to_scipy().toarray(), A.to_scipy().toarray())


def test_transposes_are_resolved() -> None:
    form = KernelForm(transpose_a=True, transpose_b=True)
    operands = Operands.of(form, [A.transpose(), B.transpose()])
    assert operands.b is not None
    assert operands.shape == (6, 5)
    assert np.array_equal(operands.a.indices, A.indices)
    assert np.array_equal(operands.b.values, B.values)


@pytest.mark.parametrize("element", Element)
def test_values_are_of_the_kernels_type(element: Element) -> None:
    ones = Csr(A.shape, A.row_pointers, A.indices, np.ones(A.nnz))
    operands = Operands.of(KernelForm(Kind.SPMV, element=element), [ones, np.ones(8)])
    assert operands.a.values.dtype == numpy_type(element)
    assert operands.x is not None
    assert operands.x.dtype == numpy_type(element)


@pytest.mark.parametrize("width", [32, 64])
def test_indices_are_of_the_kernels_type(width: int) -> None:
    assert Operands.of(KernelForm(index_width=width), [A, B]).a.indices.dtype.itemsize * 8 == width


def test_a_mask_may_hold_anything() -> None:
    mask = Csr((6, 5), np.arange(7), np.zeros(6, np.int32), np.full(6, 0.5))
    operands = Operands.of(KernelForm(element=Element.F32, mask=Mask.STRUCTURAL), [A, B, mask])
    assert operands.mask is not None
    assert operands.mask.values.dtype == np.float64


@pytest.mark.parametrize(
    ("form", "given", "code"),
    [
        (FORM, [A], Code.OPERAND_COUNT),
        (FORM, [A, A], Code.OPERAND_SHAPE),
        (FORM, [A, np.ones((8, 5))], Code.OPERAND_SHAPE),
        (KernelForm(mask=Mask.STRUCTURAL), [A, B, A], Code.OPERAND_SHAPE),
        (KernelForm(accumulate=True), [A, B, B], Code.OPERAND_SHAPE),
        (KernelForm(Kind.SPMV), [A, np.ones(7)], Code.OPERAND_SHAPE),
        (KernelForm(Kind.SPMV), [A, np.ones((8, 1))], Code.OPERAND_SHAPE),
        (KernelForm(Kind.SDDMM), [A, np.ones((6, 3)), np.ones((2, 8))], Code.OPERAND_SHAPE),
        (KernelForm(Kind.SDDMM), [A, np.ones((6, 3)), np.ones((3, 9))], Code.OPERAND_SHAPE),
        (KernelForm(element=Element.I32), [A, B], Code.OPERAND_VALUE),
        (KernelForm(element=Element.F32), [A.to_scipy() * 1e300, B], Code.OPERAND_VALUE),
        (FORM, [A, sparse.csr_array((8, 1 << 40))], Code.INDEX_OVERFLOW),
        (FORM, [A, sparse.coo_array((np.ones(2), ([0, 0], [1, 1])), shape=(8, 5))], Code.MATRIX),
    ],
)
def test_what_is_refused(form: KernelForm, given: list[Any], code: Code) -> None:
    assert code_of(form, *given) is code


def test_more_memory_than_there_is_is_refused() -> None:
    free = memory.available()
    if free is None:
        pytest.skip("this system does not say how much memory is available")
    memory.require(free // 2, "half of it")
    with pytest.raises(CompileError) as caught:
        memory.require(free, "the product")
    (found,) = caught.value.diagnostics
    assert found.code is Code.MEMORY
    assert found.message.startswith("the product may take ")


@pytest.mark.parametrize("name", ["rmat10", "poisson3d-16", "banded-1024-32", "blocks-64x32", "power-law-4096"])
def test_measures_are_those_of_the_product(name: str) -> None:
    a = generators.SUITE[name]()
    found = measure(Operands.of(FORM, [a, a]))
    product = spgemm(a, a)
    fmas = int(a.row_lengths[a.indices].sum())
    assert (found.rows, found.nnz_a, found.fmas) == (a.shape[0], a.nnz, fmas)
    assert abs(found.nnz_c - product.nnz) < 0.15 * product.nnz
    assert sum(found.row_fmas) == found.rows
    assert sum(found.work_fmas) == found.fmas
    assert found.max_row == a.row_lengths.max()
    starts, ends = product.row_pointers[:-1], product.row_pointers[1:]
    some = ends > starts
    assert found.span == (product.indices[ends[some] - 1] - product.indices[starts[some]] + 1).sum()
    assert all(
        w == 0 or r << (k - 1) <= w < r << k
        for k, (r, w) in enumerate(zip(found.row_fmas, found.work_fmas, strict=True))
        if k
    )


def test_nothing_can_be_measured_too() -> None:
    none = generators.empty(3, 3)
    found = measure(Operands.of(FORM, [none, none]))
    assert (found.fmas, found.nnz_c, found.max_row, found.span, found.row_fmas) == (0, 0, 0, 0, (3,))
    assert measure(Operands.of(FORM, [generators.empty(0, 3), none])).rows == 0


def test_rows_left_in_any_order_are_sorted() -> None:
    found = result_of((2, 4), np.array([0, 3, 4]), np.array([3, 0, 2, 1]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert found.indices.tolist() == [0, 2, 3, 1]
    assert found.values.tolist() == [2.0, 3.0, 1.0, 4.0]

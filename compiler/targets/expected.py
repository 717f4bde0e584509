"""What a run must give, told by SciPy or by plain array code; and the comparison.

    disagreement(result, expected(operands), operands)       # None, or where and how they differ

Patterns are compared exactly. Values may differ by 1e-12 (for f32, 1e-5) of the sum of the magnitudes that were added:
each order of additions rounds otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects.spgemm_kernel import Kind, Mask
from compiler.dialects.spgemm_types import Element
from compiler.dialects.spgemm_types import Semiring as SemiringName
from compiler.targets.operands import Operands
from compiler.targets.target import Progress
from runtime import products, reference
from runtime.reference import Semiring
from runtime.sparse.containers import Csr, multiplications

Array = NDArray[Any]

_TOLERANCE = {Element.F64: 1e-12, Element.F32: 1e-5}


def expected(operands: Operands, progress: Progress = lambda _: None) -> Csr | Array:
    """The result by other means than any lowering of ours."""
    form, a, x, y = operands.form, operands.a, operands.x, operands.y
    semiring = semiring_of(form.semiring)
    if operands.b is not None:
        return _product(operands, operands.b, semiring, progress)
    assert x is not None
    if form.kind is Kind.SDDMM:
        assert y is not None
        return reference.sddmm(a, x, y)
    if semiring is Semiring.PLUS_TIMES:
        return reference.spmv(a, x)
    return products.dense_product(a, x, semiring)


def semiring_of(semiring: SemiringName) -> Semiring:
    """The runtime's name for a semiring."""
    return Semiring[semiring.name]


def _product(operands: Operands, b: Csr, semiring: Semiring, progress: Progress) -> Csr:
    found = _whole_product(operands, b, semiring, progress)
    if operands.mask is not None:
        found = products.keep(found, operands.mask, operands.form.mask is Mask.COMPLEMENT)
    if operands.accumulate is not None:
        found = products.add(operands.accumulate, found, semiring)
    return found


def _whole_product(operands: Operands, b: Csr, semiring: Semiring, progress: Progress) -> Csr:
    if semiring is Semiring.PLUS_TIMES and operands.form.element.is_float:
        return reference.spgemm(operands.a, b)  # SciPy: by far the quickest
    return products.product(operands.a, b, semiring, progress)


def disagreement(result: Csr | Array, wanted: Csr | Array, operands: Operands) -> str | None:
    """The first place where a result is wrong."""
    tolerance = _TOLERANCE.get(operands.form.element, 0.0)
    if isinstance(wanted, Csr) and isinstance(result, Csr):
        if result.values.dtype != wanted.values.dtype:
            return f"values are {result.values.dtype}, expected {wanted.values.dtype}"
        found = reference.difference(result, wanted, tolerance)
        if found is None:
            return None
        same = np.array_equal(result.row_pointers, wanted.row_pointers)
        if not same or not np.array_equal(result.indices, wanted.indices) or tolerance == 0:
            return found.reason
        return _beyond(result.values, wanted.values, operands, tolerance)
    assert isinstance(result, np.ndarray)
    assert isinstance(wanted, np.ndarray)
    if result.shape != wanted.shape:
        return f"shape {result.shape}, expected {wanted.shape}"
    return _beyond(result, wanted, operands, tolerance)


def _beyond(result: Array, wanted: Array, operands: Operands, tolerance: float) -> str | None:
    """The first value that is further off than rounding explains."""
    close = np.isclose(result, wanted, rtol=tolerance, atol=0, equal_nan=True)
    if not close.all() and tolerance:
        added = expected(_magnitudes(operands))
        size = added.values if isinstance(added, Csr) else added
        with np.errstate(invalid="ignore"):
            close |= np.abs(result - wanted) <= tolerance * size
    if close.all():
        return None
    at = tuple(int(each[0]) for each in np.nonzero(~close))
    return f"entry {at[0] if len(at) == 1 else at} is {result[at]}, expected {wanted[at]}"


def _magnitudes(operands: Operands) -> Operands:
    """The same operands without signs: their product bounds what rounding can do."""

    def bare(value: Any) -> Any:
        return replace(value, values=np.abs(value.values)) if isinstance(value, Csr) else np.abs(value)

    names = ("a", "b", "x", "y", "accumulate")
    return replace(operands, **{n: bare(v) for n in names if (v := getattr(operands, n)) is not None})


def check_integers(operands: Operands) -> None:
    """Refuse a product of integers that may leave its type; a sum that cannot is told from the operands' magnitudes."""
    element = operands.form.element
    if element.is_float or element is Element.I1:
        return
    largest = int(np.iinfo(f"int{element.value[1:]}").max)
    if _largest_sum(operands) <= largest:
        return
    worst = expected(_as_float(_magnitudes(operands)))
    reached = float(np.max(worst.values if isinstance(worst, Csr) else worst, initial=0.0))
    if reached > largest:
        message = f"a sum of products may reach {reached:.6g}, but {element} ends at {largest}"
        raise refusal(Code.RESULT_OVERFLOW, None, message, help="use a wider element type in the kernel")


def _largest_sum(operands: Operands) -> int:
    """No result is larger: the largest magnitudes, as often as a row of A has entries, and what is accumulated."""
    terms = int(operands.a.row_lengths.max(initial=0))
    if operands.form.kind is Kind.SDDMM and operands.x is not None:
        terms = operands.x.shape[1]
    a = _largest(operands.a.values)
    others = [
        _largest(v.values if isinstance(v, Csr) else v) for v in (operands.b, operands.x, operands.y) if v is not None
    ]
    d = _largest(operands.accumulate.values) if operands.accumulate is not None else 0
    match operands.form.semiring:
        case SemiringName.PLUS_PAIR:
            return terms + d
        case SemiringName.MIN_PLUS:
            return a + others[0]
        case _:
            product = a
            for each in others:
                product *= each
            return terms * product + d


def _largest(values: Array) -> int:
    return max((abs(int(values.min())), abs(int(values.max())))) if values.size else 0


def _as_float(operands: Operands) -> Operands:
    def floating(value: Any) -> Any:
        if isinstance(value, Csr):
            return replace(value, values=value.values.astype(np.float64))
        return value.astype(np.float64)

    names = ("a", "b", "x", "y", "accumulate")
    changed = {n: floating(v) for n in names if (v := getattr(operands, n)) is not None}
    return replace(operands, form=replace(operands.form, element=Element.F64), **changed)


def result_bytes(operands: Operands) -> int:
    """Memory that the result takes, at most (each multiply-add an entry of its own)."""
    width = operands.form.index_width // 8 + operands.a.values.dtype.itemsize
    if operands.b is None:
        entries = operands.a.nnz if operands.form.kind is Kind.SDDMM else int(np.prod(operands.shape))
        return entries * width
    entries = multiplications(operands.a, operands.b)
    if operands.mask is not None and operands.form.mask is Mask.STRUCTURAL:
        entries = min(entries, operands.mask.nnz)
    if operands.accumulate is not None:
        entries += operands.accumulate.nnz
    full = operands.shape[0] * operands.shape[1]
    return min(entries, full) * width + 8 * (operands.shape[0] + 1)

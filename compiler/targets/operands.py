"""The operands of a run, checked against the kernel and against each other, and put into one plain form.

    operands = Operands.of(form, [scipy_matrix, scipy_matrix])
    operands.a.row_pointers, operands.a.indices, operands.a.values      # CSR, transposes resolved, the form's own types

Whatever formats and transposes a kernel names, a target gets sorted CSR and row-major arrays of the kernel's element and
index type; a lowering that wants columns asks for `csc()` of one. Refused: the wrong number of operands, sizes that do
not fit the kernel or each other, values that the element type does not hold, sizes beyond the index type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.dialects.spgemm_types import Element
from runtime.faults import MatrixError
from runtime.sparse.containers import Csr
from runtime.sparse.libraries import scipy_sparse

Array = NDArray[Any]

_TYPES: dict[Element, Any] = {
    Element.F64: np.float64,
    Element.F32: np.float32,
    Element.I64: np.int64,
    Element.I32: np.int32,
    Element.I16: np.int16,
    Element.I8: np.int8,
    Element.I1: np.bool_,
}


def numpy_type(element: Element) -> np.dtype[Any]:
    """The NumPy type of an element."""
    return np.dtype(_TYPES[element])


@dataclass(frozen=True, slots=True)
class Operands:
    """The operands of one run. Of `b`, `x`, `y`, those that the kind of kernel has."""

    form: KernelForm
    a: Csr
    """Of an sddmm, the matrix that is sampled at."""
    b: Csr | None = None
    x: Array | None = None
    y: Array | None = None
    mask: Csr | None = None
    accumulate: Csr | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the result."""
        if self.b is not None:
            return self.a.shape[0], self.b.shape[1]
        if self.form.kind is Kind.SDDMM or self.x is None:
            return self.a.shape
        return (self.a.shape[0], *self.x.shape[1:])

    @staticmethod
    def of(form: KernelForm, given: Sequence[Any]) -> Operands:
        """From what a user gives, in the order of the kernel's operands: `Csr`, SciPy matrices, dense arrays."""
        if len(given) != form.operand_count:
            names = ", ".join(names_of(form))
            message = f"the kernel takes {form.operand_count} operands ({names}), but {len(given)} are given"
            raise refusal(Code.OPERAND_COUNT, None, message)
        by_name = dict(zip(names_of(form), given, strict=True))
        taken = {name: _taken(name, value, form) for name, value in by_name.items()}
        operands = _named(form, taken)
        _check_shapes(operands)
        return operands

    def matrices(self) -> Iterator[Csr]:
        """The sparse ones."""
        return (each for each in (self.a, self.b, self.mask, self.accumulate) if each is not None)

    def bytes_stored(self) -> int:
        """Memory that they take."""
        dense = sum(each.nbytes for each in (self.x, self.y) if each is not None)
        return dense + sum(each.bytes_stored() for each in self.matrices())


def names_of(form: KernelForm) -> tuple[str, ...]:
    """The kernel's operands by the names that messages use, in order."""
    match form.kind:
        case Kind.SPGEMM:
            masked = ("mask",) if form.mask is not Mask.NONE else ()
            return ("A", "B", *masked, *(("accumulate",) if form.accumulate else ()))
        case Kind.SPMM:
            return "A", "X"
        case Kind.SPMV:
            return "A", "x"
        case Kind.SDDMM:
            return "S", "X", "Y"


def is_dense(form: KernelForm, name: str) -> bool:
    """Whether the operand of that name is an array."""
    return form.kind is not Kind.SPGEMM and name in ("x", "X", "Y")


def result_of(shape: tuple[int, int], pointers: Array, indices: Array, values: Array) -> Csr:
    """A result whose rows may stand in any order, as a sorted matrix; SciPy sorts rows far faster than NumPy sorts entries."""
    given = scipy_sparse.csr_array((values, indices, pointers), shape=shape, copy=True)
    given.has_sorted_indices = False
    given.sort_indices()
    return Csr(shape, pointers.astype(np.int64), given.indices.astype(indices.dtype, copy=False), given.data)


def _named(form: KernelForm, taken: dict[str, Any]) -> Operands:
    a = cast(Csr, taken.get("A", taken.get("S")))
    b = taken.get("B")
    a = a.transpose() if form.transpose_a else a
    b = b.transpose() if b is not None and form.transpose_b else b
    x = taken.get("x", taken.get("X"))
    return Operands(form, a, b, x, taken.get("Y"), taken.get("mask"), taken.get("accumulate"))


def _taken(name: str, value: Any, form: KernelForm) -> Any:
    """An operand with the kernel's own types."""
    if is_dense(form, name):
        rank = 1 if name == "x" else 2
        array = np.asarray(value)
        if array.ndim != rank:
            raise refusal(Code.OPERAND_SHAPE, None, f"{name} must be dense, of {rank} dimensions")
        return np.ascontiguousarray(_fitted(name, array, form.element))
    if isinstance(value, np.ndarray):
        raise refusal(Code.OPERAND_SHAPE, None, f"{name} must be a sparse matrix, but a dense array is given")
    matrix = value if isinstance(value, Csr) else _from_scipy(name, value, form)
    index_type = np.int32 if form.index_width == 32 else np.int64
    if matrix.shape[1] > np.iinfo(index_type).max or matrix.shape[0] > np.iinfo(index_type).max:
        raise _too_wide(name, matrix.shape, form)
    values = matrix.values if name == "mask" else _fitted(name, matrix.values, form.element)
    return Csr(matrix.shape, matrix.row_pointers, matrix.indices.astype(index_type, copy=False), values)


def _from_scipy(name: str, value: Any, form: KernelForm) -> Csr:
    if max(value.shape) > np.iinfo(np.int64 if form.index_width == 64 else np.int32).max:
        raise _too_wide(name, value.shape, form)
    try:
        return Csr.of(value, np.int64 if form.index_width == 64 else np.int32)
    except MatrixError as error:
        raise refusal(Code.MATRIX, None, f"{name}: {str(error).removeprefix('matrix: error: ')}") from None


def _too_wide(name: str, shape: tuple[int, int], form: KernelForm) -> CompileError:
    message = f"{name} is {shape[0]} x {shape[1]}, which indices of {form.index_width} bits cannot number"
    return refusal(Code.INDEX_OVERFLOW, None, message, help="write i64 for the index type in the kernel")


def _fitted(name: str, values: Array, element: Element) -> Array:
    """The values in the element's type; refused when that changes them."""
    kind = numpy_type(element)
    if values.dtype == kind:
        return values
    with np.errstate(all="ignore"):
        fitted = values.astype(kind)
        same = fitted == values if not element.is_float else np.isfinite(fitted) == np.isfinite(values)
    if element is not Element.I1 and not bool(np.all(same)):
        wrong = values[np.flatnonzero(~same.reshape(-1))[0]] if values.ndim == 1 else values[~same][0]
        message = f"{name} holds {wrong}, which {element} does not"
        raise refusal(Code.OPERAND_VALUE, None, message, help="change the element type of the kernel")
    return fitted


def _check_shapes(operands: Operands) -> None:
    a, b, x, y = operands.a, operands.b, operands.x, operands.y
    if operands.form.kind is Kind.SDDMM and x is not None and y is not None:
        _require(x.shape[1] == y.shape[0], f"X has {x.shape[1]} columns, but Y has {y.shape[0]} rows")
        product = (int(x.shape[0]), int(y.shape[1]))
        _require(product == a.shape, f"S is {_text(a.shape)}, but X * Y is {_text(product)}")
        return
    name, rows = ("B", b.shape[0]) if b is not None else ("X", x.shape[0] if x is not None else 0)
    _require(a.shape[1] == rows, f"A has {a.shape[1]} columns, but {name} has {rows} rows")
    for name, other in (("the mask", operands.mask), ("the accumulate operand", operands.accumulate)):
        if other is not None:
            fits = other.shape == operands.shape
            _require(fits, f"{name} is {_text(other.shape)}, but the product is {_text(operands.shape)}")


def _text(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise refusal(Code.OPERAND_SHAPE, None, message)

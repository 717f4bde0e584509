"""The `spgemm` dialect: products with sparse matrices, at the level of the mathematics.

    %c = spgemm.spgemm %a, transposed %b semiring(min_plus) mask(complement %m) accumulate(%d) : A, B, M, D -> C

        C = D ⊕ (A ⊗ Bᵀ), the product only where M has no entry

    %y = spgemm.spmm %a, %x : !spgemm.matrix<csr, ?x?xf64, i32>, tensor<?x?xf64> -> tensor<?x?xf64>
    %y = spgemm.spmv %a, %x : …, tensor<?xf64> -> tensor<?xf64>
    %c = spgemm.sddmm %s, %x, %y : …                                   S ∘ (X · Y), sampled where S has entries

`⊕` and `⊗` are those of the semiring, `plus_times` unless another is named. A mask counts by its pattern, never by its
values; the pattern of a result is structural: every position that a pair of entries contributes to, whatever comes out.
How the product is computed is not said here but in a schedule (`schedule(#spgemm.schedule<…>)`), which `tuning` chooses
and lowering passes obey. Refused by the verifier: shapes that do not fit, mixed element types or index widths, a
semiring that is not defined over the elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from xdsl.dialects.builtin import TensorType, UnitAttr
from xdsl.ir import Attribute, Dialect, SSAValue
from xdsl.irdl import (
    AnyAttr,
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from compiler.dialects.schedules.attribute import ScheduleAttr
from compiler.dialects.spgemm_data import DataAttr
from compiler.dialects.spgemm_syntax import Clauses, parse_clauses, print_clauses
from compiler.dialects.spgemm_types import DYNAMIC, Element, MatrixType, Semiring, SemiringAttr

Shape = tuple[int, ...]
AnyTensor = TensorType[Attribute]


class KernelOp(IRDLOperation):
    """What all kernels have in common: a schedule, and a syntax of operands and clauses."""

    CLAUSES: ClassVar[Clauses]

    schedule = opt_prop_def(ScheduleAttr)
    result = result_def(AnyAttr())

    def print(self, printer: Printer) -> None:
        print_clauses(printer, self, self.CLAUSES)

    @classmethod
    def parse(cls, parser: Parser) -> KernelOp:
        return parse_clauses(parser, cls, cls.CLAUSES)


@irdl_op_definition
class SpgemmOp(KernelOp):
    """Sparse times sparse."""

    name = "spgemm.spgemm"
    CLAUSES: ClassVar[Clauses] = Clauses(
        operands=("a", "b"), transposed=("a", "b"), semiring=True, mask=True, accumulate=True
    )

    a = operand_def(MatrixType)
    b = operand_def(MatrixType)
    mask = opt_operand_def(MatrixType)
    accumulate = opt_operand_def(MatrixType)
    semiring = prop_def(SemiringAttr)
    transpose_a = opt_prop_def(UnitAttr)
    transpose_b = opt_prop_def(UnitAttr)
    complement = opt_prop_def(UnitAttr)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)

    def verify_(self) -> None:
        a, b, c = _matrix("A", self.a), _matrix("B", self.b), _matrix("the result", self.result)
        left, right = _turned(a.shape, self.transpose_a), _turned(b.shape, self.transpose_b)
        _require_product(left, right, c.shape)
        _require_alike({"A": a, "B": b, "the result": c})
        _require_semiring(self.semiring.data, a.element)
        self._verify_mask(c)
        if self.accumulate is not None:
            d = _matrix("the accumulate operand", self.accumulate)
            _require_same_shape("the accumulate operand", d.shape, c.shape)
            _require_alike({"A": a, "the accumulate operand": d})

    def _verify_mask(self, c: MatrixType) -> None:
        if self.mask is None:
            _require(self.complement is None, "a complement needs a mask")
            return
        mask = _matrix("the mask", self.mask)
        _require_same_shape("the mask", mask.shape, c.shape)
        _require_one_width({"the result": c, "the mask": mask})


@irdl_op_definition
class SpmmOp(KernelOp):
    """Sparse times dense matrix."""

    name = "spgemm.spmm"
    CLAUSES: ClassVar[Clauses] = Clauses(operands=("a", "x"), transposed=("a",), semiring=True)

    a = operand_def(MatrixType)
    x = operand_def(AnyTensor)
    semiring = prop_def(SemiringAttr)
    transpose_a = opt_prop_def(UnitAttr)

    def verify_(self) -> None:
        a = _matrix("A", self.a)
        x, y = _dense("X", self.x, 2, a.element), _dense("the result", self.result, 2, a.element)
        _require_product(_turned(a.shape, self.transpose_a), x, y, "X")
        _require_semiring(self.semiring.data, a.element)


@irdl_op_definition
class SpmvOp(KernelOp):
    """Sparse matrix times vector."""

    name = "spgemm.spmv"
    CLAUSES: ClassVar[Clauses] = Clauses(operands=("a", "x"), transposed=("a",), semiring=True)

    a = operand_def(MatrixType)
    x = operand_def(AnyTensor)
    semiring = prop_def(SemiringAttr)
    transpose_a = opt_prop_def(UnitAttr)

    def verify_(self) -> None:
        a = _matrix("A", self.a)
        x, y = _dense("x", self.x, 1, a.element), _dense("the result", self.result, 1, a.element)
        _require_product(_turned(a.shape, self.transpose_a), (*x, 1), (*y, 1), "x")
        _require_semiring(self.semiring.data, a.element)


@irdl_op_definition
class SddmmOp(KernelOp):
    """A dense product, sampled at the entries of a sparse matrix and scaled by them."""

    name = "spgemm.sddmm"
    CLAUSES: ClassVar[Clauses] = Clauses(operands=("sample", "x", "y"))

    sample = operand_def(MatrixType)
    x = operand_def(AnyTensor)
    y = operand_def(AnyTensor)

    def verify_(self) -> None:
        s, c = _matrix("S", self.sample), _matrix("the result", self.result)
        x, y = _dense("X", self.x, 2, s.element), _dense("Y", self.y, 2, s.element)
        _require_product(x, y, s.shape, "Y", "X", "S")
        _require_same_shape("the result", c.shape, s.shape)
        _require_alike({"S": s, "the result": c})
        _require_semiring(Semiring.PLUS_TIMES, s.element)


def _matrix(name: str, value: SSAValue) -> MatrixType:
    if isinstance(value.type, MatrixType):
        return value.type
    raise VerifyException(f"{name} must be a sparse matrix, but is {value.type}")


def _dense(name: str, value: SSAValue, rank: int, element: Element) -> Shape:
    """The shape of a dense operand."""
    kind = value.type
    if not isa(kind, AnyTensor) or len(kind.get_shape()) != rank or kind.encoding != _NO_ENCODING:
        raise VerifyException(f"{name} must be a dense tensor of {rank} dimensions, but is {kind}")
    found = kind.get_element_type()
    _require(found == element.type, f"the matrix holds {element}, but {name} holds {found}")
    return kind.get_shape()


_NO_ENCODING: Attribute = TensorType(Element.F64.type, [1]).encoding


def _turned(shape: tuple[int, int], transposed: UnitAttr | None) -> tuple[int, int]:
    rows, columns = shape
    return (columns, rows) if transposed is not None else shape


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise VerifyException(message)


def _agree(one: int, other: int) -> bool:
    return DYNAMIC in (one, other) or one == other


def _require_product(
    left: Shape, right: Shape, result: Shape, b: str = "B", a: str = "A", c: str = "the result"
) -> None:
    """The sizes are those of a product of matrices."""
    _require(_agree(left[1], right[0]), f"{a} has {left[1]} columns, but {b} has {right[0]} rows")
    _require(_agree(left[0], result[0]), f"{a} has {left[0]} rows, but {c} has {result[0]}")
    _require(_agree(right[1], result[1]), f"{b} has {right[1]} columns, but {c} has {result[1]}")


def _require_same_shape(name: str, shape: Shape, result: Shape) -> None:
    fits = all(_agree(one, other) for one, other in zip(shape, result, strict=True))
    _require(fits, f"{name} is {_text(shape)}, but the product is {_text(result)}")


def _text(shape: Shape) -> str:
    return "x".join("?" if size == DYNAMIC else str(size) for size in shape)


def _require_alike(matrices: dict[str, MatrixType]) -> None:
    """One element type, one index width."""
    _require_one_width(matrices)
    (first, one), *others = matrices.items()
    for name, other in others:
        _require(one.element is other.element, f"{first} holds {one.element}, but {name} holds {other.element}")


def _require_one_width(matrices: dict[str, MatrixType]) -> None:
    (first, one), *others = matrices.items()
    for name, other in others:
        message = f"{first} has {one.index_type} indices, but {name} has {other.index_type}"
        _require(one.index_width == other.index_width, message)


def _require_semiring(semiring: Semiring, element: Element) -> None:
    if reason := semiring.objection(element):
        raise VerifyException(reason)


KERNEL_OPS: tuple[type[KernelOp], ...] = (SpgemmOp, SpmmOp, SpmvOp, SddmmOp)

Spgemm = Dialect("spgemm", [*KERNEL_OPS], [MatrixType, SemiringAttr, ScheduleAttr, DataAttr])


def kernels_of(module: IRDLOperation) -> Iterator[KernelOp]:
    """The kernels of a module, in order."""
    return (op for op in module.walk() if isinstance(op, KernelOp))

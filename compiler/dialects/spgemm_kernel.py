"""A kernel's form as plain data: what schedules, costs and targets ask about a kernel op.

KernelForm.of(op)      # KernelForm(kind=SPGEMM, semiring=PLUS_TIMES, element=F64, …)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compiler.dialects.spgemm import KernelOp, SddmmOp, SpgemmOp, SpmmOp, SpmvOp
from compiler.dialects.spgemm_types import Element, Format, MatrixType, Semiring


class Kind(StrEnum):
    """Which product."""

    SPGEMM = "spgemm"
    SPMM = "spmm"
    SPMV = "spmv"
    SDDMM = "sddmm"


class Mask(StrEnum):
    """Where a product is wanted."""

    NONE = "none"
    STRUCTURAL = "structural"
    """Where the mask has an entry, whatever its value."""
    COMPLEMENT = "complement"


@dataclass(frozen=True, slots=True)
class KernelForm:
    """Everything about a kernel but its operands' sizes and values."""

    kind: Kind = Kind.SPGEMM
    semiring: Semiring = Semiring.PLUS_TIMES
    element: Element = Element.F64
    index_width: int = 32
    mask: Mask = Mask.NONE
    accumulate: bool = False
    transpose_a: bool = False
    transpose_b: bool = False
    format_a: Format = Format.CSR
    format_b: Format = Format.CSR
    """CSR for a dense operand, where it says nothing."""
    format_c: Format = Format.CSR

    @property
    def operand_count(self) -> int:
        """How many operands a run needs, mask and accumulate operand included."""
        own = 3 if self.kind is Kind.SDDMM else 2
        return own + (self.mask is not Mask.NONE) + self.accumulate

    @staticmethod
    def of(op: KernelOp) -> KernelForm:
        """The form of a verified kernel."""
        match op:
            case SpgemmOp():
                return _spgemm(op)
            case SpmmOp() | SpmvOp():
                kind = Kind.SPMM if isinstance(op, SpmmOp) else Kind.SPMV
                a = _matrix(op.a.type)
                turned = op.transpose_a is not None
                return KernelForm(
                    kind, op.semiring.data, a.element, a.index_width, transpose_a=turned, format_a=a.format
                )
            case SddmmOp():
                s, c = _matrix(op.sample.type), _matrix(op.result.type)
                return KernelForm(
                    Kind.SDDMM, Semiring.PLUS_TIMES, s.element, s.index_width, format_a=s.format, format_c=c.format
                )
            case _:
                raise AssertionError(f"{op.name} is no kernel")


def _spgemm(op: SpgemmOp) -> KernelForm:
    a, b, c = _matrix(op.a.type), _matrix(op.b.type), _matrix(op.result.type)
    return KernelForm(
        Kind.SPGEMM,
        op.semiring.data,
        a.element,
        a.index_width,
        _mask(op),
        op.accumulate is not None,
        op.transpose_a is not None,
        op.transpose_b is not None,
        a.format,
        b.format,
        c.format,
    )


def _mask(op: SpgemmOp) -> Mask:
    if op.mask is None:
        return Mask.NONE
    return Mask.STRUCTURAL if op.complement is None else Mask.COMPLEMENT


def _matrix(kind: object) -> MatrixType:
    assert isinstance(kind, MatrixType)
    return kind

"""MLIR's own spelling of a sparse product as a kernel of ours, so that one file goes through both compilers.

    %c = linalg.matmul ins(%a, %b : tensor<?x?xf64, #CSR>, tensor<?x?xf64, #CSR>)
                       outs(%empty : tensor<?x?xf64, #CSR>) -> tensor<?x?xf64, #CSR>
    becomes
    %c = spgemm.spgemm %a, %b : !spgemm.matrix<csr, ?x?xf64, i64>, …

`linalg.matmul` adds to what `outs` holds: an empty tensor adds nothing, an argument of the function is the kernel's
accumulate operand. Coordinates have the width that the encoding says; MLIR's default is 64 bits. Refused: dense operands,
formats that no kernel takes, transposed indexing maps.
"""

from __future__ import annotations

from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr
from xdsl.dialects.linalg.ops import MatmulOp
from xdsl.dialects.tensor import EmptyOp
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import Rewriter

from compiler.codes import Code
from compiler.diagnostics import CompileError, refusal
from compiler.dialects.sparse_tensor import matrix_type
from compiler.dialects.spgemm import SpgemmOp
from compiler.dialects.spgemm_types import MatrixType, Semiring, SemiringAttr
from compiler.locations import span_of


def is_product(op: Operation) -> bool:
    """Whether an op is MLIR's product of matrices."""
    return isinstance(op, MatmulOp)


def as_kernel(op: Operation) -> SpgemmOp:
    """The same product as a kernel, in the place of the op."""
    assert isinstance(op, MatmulOp)
    if op.indexing_maps != _IN_ORDER:
        raise refusal(Code.KERNEL_FORM, span_of(op), "only the default indexing maps are taken", help=_TRANSPOSED)
    a, b = op.inputs
    accumulate = _accumulated(op)
    result = _matrix(op, op.results[0], "the result")
    operands = {"A": a, "B": b, **({"the accumulate operand": accumulate} if accumulate else {})}
    for name, value in operands.items():
        _retype(value, _matrix(op, value, name))
    a, b = op.inputs
    accumulate = _accumulated(op)
    made = SpgemmOp.build(
        operands=[a, b, [], [] if accumulate is None else [accumulate]],
        result_types=[result],
        properties={"semiring": SemiringAttr(Semiring.PLUS_TIMES)},
    )
    made.location = op.location
    Rewriter.replace_op(op, made)
    made.verify()
    return made


_IN_ORDER = ArrayAttr(
    [
        AffineMapAttr(AffineMap.from_callable(lambda i, _, k: (i, k))),
        AffineMapAttr(AffineMap.from_callable(lambda _, j, k: (k, j))),
        AffineMapAttr(AffineMap.from_callable(lambda i, j, _: (i, j))),
    ]
)
_TRANSPOSED = "`spgemm.spgemm transposed %a, %b` multiplies with a transpose"


def _accumulated(op: MatmulOp) -> SSAValue | None:
    """What the product is added to, if anything."""
    (out,) = op.outputs
    if isinstance(out, BlockArgument):
        return out
    if isinstance(out.owner, EmptyOp):
        return None
    raise refusal(Code.KERNEL_FORM, span_of(op), "`outs` must be `tensor.empty` or an argument of the function")


def _matrix(op: Operation, value: SSAValue, name: str) -> MatrixType:
    if isinstance(value.type, MatrixType):  # A * A: the argument has its new type already
        return value.type
    if (found := matrix_type(value.type)) is not None:
        return found
    raise _no_matrix(op, name, value)


def _no_matrix(op: Operation, name: str, value: SSAValue) -> CompileError:
    message = f"{name} is no matrix that a kernel takes, but {value.type}"
    help = "a tensor of two dimensions with `#sparse_tensor.encoding` for CSR, CSC or DCSR; `spgemm.spmm` has a dense operand"
    return refusal(Code.KERNEL_FORM, span_of(op), message, help=help)


def _retype(value: SSAValue, kind: MatrixType) -> None:
    if value.type != kind:
        Rewriter.replace_value_with_new_type(value, kind)

"""Kernels that are legal but surely not meant: each would run, and give its author nothing or something else.

func.func @k(%a: A, %b: B) -> A { %c = spgemm.spgemm %a, %b : … ; return %a : A }      the product is thrown away
"""

from __future__ import annotations

from xdsl.dialects import func
from xdsl.ir import Operation, SSAValue

from compiler.codes import Code
from compiler.diagnostics import CompileError, Label, refusal
from compiler.dialects.spgemm_types import MatrixType
from compiler.locations import span_of


def check_meaning(function: func.FuncOp, kernel: Operation) -> None:
    """Refuse what is surely not meant by a function around a kernel."""
    _check_result(function, kernel)
    for at, argument in enumerate(function.body.block.args):
        if argument.first_use is None:
            raise _surely_wrong(kernel, f"argument {at + 1}, {_name(argument)}, is not used by the kernel")
    for value in (*kernel.operands, *kernel.results):
        if isinstance(value.type, MatrixType) and 0 in value.type.shape:
            raise _surely_wrong(kernel, f"{value.type} has no entry, whatever the operands hold")


def _check_result(function: func.FuncOp, kernel: Operation) -> None:
    leave = function.body.block.last_op
    assert isinstance(leave, func.ReturnOp)
    if list(leave.arguments) == list(kernel.results):
        return
    place = span_of(leave)
    labels = (Label(place, "this is returned"),) if place else ()
    raise _surely_wrong(kernel, "the function does not return what the kernel computes, and nothing else", labels)


def _surely_wrong(kernel: Operation, message: str, labels: tuple[Label, ...] = ()) -> CompileError:
    return refusal(Code.KERNEL_SURELY_WRONG, span_of(kernel), message, labels=labels)


def _name(value: SSAValue) -> str:
    return f"`%{value.name_hint}`" if value.name_hint else "which has no name"

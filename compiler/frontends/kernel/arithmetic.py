"""From .mlir text to an arithmetic kernel: a function of `qarith` ops on tensors that everything after may rely on.

    module = from_text(text, "gemv.mlir", context)
    if is_arithmetic(module):
        kernel = arithmetic_in(module, "gemv.mlir")

Of the module's functions one is called by no other: that is the kernel; its operands are tensors of known sizes and indices, it gives
tensors. Refused: any number of such functions but one, recursion, ops that have no place in a kernel, tensors without an element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import IndexType, ModuleOp, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.utils.exceptions import VerifyException

from compiler.codes import Code
from compiler.diagnostics import CompileError, Span, refusal
from compiler.dialects.qarith import Qarith
from compiler.dialects.qarith_ops import element, shape_of, text
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, schedule_of
from compiler.locations import span_of

_FLOATS = (arith.AddfOp, arith.SubfOp, arith.MulfOp, arith.DivfOp, arith.NegfOp)
_INDICES = (arith.AddiOp, arith.MuliOp)
_CONTROL = (func.CallOp, func.ReturnOp, scf.ForOp, scf.YieldOp, arith.ConstantOp)
_OPS = tuple(Qarith.operations)


@dataclass(frozen=True, slots=True)
class ArithmeticKernel:
    """A kernel as it was written, with the functions it calls."""

    module: ModuleOp
    function: func.FuncOp

    @property
    def name(self) -> str:
        return self.function.sym_name.data

    @property
    def span(self) -> Span | None:
        return span_of(self.function)

    @property
    def schedule(self) -> ArithmeticSchedule | None:
        """The schedule that the file itself asks for."""
        return schedule_of(self.function)

    def operand_names(self) -> list[str]:
        """The names of the operands, as the function writes them."""
        arguments = self.function.body.block.args
        return [each.name_hint or f"operand {at + 1}" for at, each in enumerate(arguments)]


def is_arithmetic(module: ModuleOp) -> bool:
    """Whether the module computes with `qarith` ops; what else is wrong with it is said later."""
    return any(isinstance(op, _OPS) for op in module.walk())


def arithmetic_in(module: ModuleOp, file: str) -> ArithmeticKernel:
    """The kernel of a module. Raises CompileError where there is none, or it cannot be computed."""
    functions = {op.sym_name.data: op for op in module.ops if isinstance(op, func.FuncOp)}
    for op in module.ops:
        if not isinstance(op, func.FuncOp):
            raise refusal(Code.KERNEL_OPERATION, span_of(op), f"`{op.name}` stands outside of a function")
    kernel = _kernel(functions, file)
    for op in module.walk():
        _check_op(op)
    _check_signature(kernel)
    return ArithmeticKernel(module, kernel)


def _kernel(functions: Mapping[str, func.FuncOp], file: str) -> func.FuncOp:
    """The function that no other calls."""
    calls = {name: _called(op) for name, op in functions.items()}
    try:
        tuple(TopologicalSorter(calls).static_order())
    except CycleError as error:
        name = error.args[1][0]
        message = f"`{name}` calls itself, over {' and '.join(f'`{each}`' for each in error.args[1][1:])}"
        raise refusal(Code.KERNEL_OPERATION, span_of(functions[name]), message) from None
    called = {each for names in calls.values() for each in names}
    found = [op for name, op in functions.items() if name not in called]
    if len(found) != 1:
        place = span_of(found[1]) if found else Span(file, 1)
        message = f"a kernel is the one function that no other calls, but here are {len(found)}"
        raise refusal(Code.KERNEL_COUNT, place, message)
    return found[0]


def _called(function: func.FuncOp) -> set[str]:
    return {op.callee.string_value() for op in function.walk() if isinstance(op, func.CallOp)}


def _check_op(op: Operation) -> None:
    """An op that the lowerings know, on what they know."""
    match op:
        case ModuleOp():
            return
        case func.FuncOp():
            if not op.body.blocks:
                raise refusal(Code.UNDECLARED, span_of(op), f"`{op.sym_name.data}` is declared, but has no body")
            return
        case arith.AddiOp() | arith.MuliOp() if not isinstance(op.result.type, IndexType):
            raise _no_place(op)
        case _ if not isinstance(op, (*_OPS, *_FLOATS, *_INDICES, *_CONTROL)):
            raise _no_place(op)
        case _:
            pass
    for value in (*op.operands, *op.results):
        _check_value(op, value)


def _no_place(op: Operation) -> CompileError:
    help = "it takes qarith, arith on tensors of f64 and on indices, scf.for and func.call"
    return refusal(Code.KERNEL_OPERATION, span_of(op), f"`{op.name}` has no place in an arithmetic kernel", help=help)


def _check_value(op: Operation, value: SSAValue) -> None:
    if isinstance(value.type, IndexType):
        if isinstance(op, scf.YieldOp) or (isinstance(op, func.CallOp) and value in op.results):
            raise refusal(Code.KERNEL_OPERATION, span_of(op), "a loop and a call give tensors alone, no index")
        return
    if not isinstance(value.type, TensorType):
        message = f"a value of type {value.type}: kernels compute with tensors, and with indices"
        raise refusal(Code.KERNEL_OPERATION, span_of(op), message)
    try:
        element(value)
        empty = 0 in shape_of(value)
    except VerifyException as error:
        raise refusal(Code.KERNEL_OPERATION, span_of(op), str(error)) from None
    if empty:
        raise refusal(Code.KERNEL_SURELY_WRONG, span_of(op), f"a tensor {text(shape_of(value))} has no element")


def _check_signature(kernel: func.FuncOp) -> None:
    leave = kernel.body.block.last_op
    assert isinstance(leave, func.ReturnOp)
    if not leave.arguments or any(isinstance(each.type, IndexType) for each in leave.arguments):
        raise refusal(Code.KERNEL_SURELY_WRONG, span_of(leave), "a kernel gives tensors, at least one")
    for each in kernel.body.block.args:
        _check_value(kernel, each)

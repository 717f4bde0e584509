"""Calls made before the parameters of the function were known.

    int f();  int g(void) { return f(1); }  int f(char c) { … }        the 1 was passed as an `int`; now it is converted to `char`

C calls it undefined when the promoted argument does not have the parameter's type; compilers convert, and so do we, as long as
number stands for number and pointer for pointer.
"""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.scopes import FunctionName
from compiler.locations import span_of


def settle_early_calls(cx: Lowering) -> None:
    """Give the calls noted in `early_callees` the argument types that the functions turned out to have."""
    if not cx.early_callees:
        return
    for item in cx.items:
        for op in item.walk():
            if isinstance(op, minic.CallOp | minic.CallStmtOp) and op.callee.data in cx.early_callees:
                _settle(op, cx.early_callees[op.callee.data])


def _settle(op: minic.CallOp | minic.CallStmtOp, callee: FunctionName) -> None:
    ctype = callee.ctype
    if not ctype.prototyped:
        return
    if len(op.args) != len(ctype.params):
        message = f"`{callee.name}` takes {len(ctype.params)} argument(s), and this call gives {len(op.args)}"
        raise refusal(Code.ARGUMENT_COUNT, span_of(op), message)
    op.operands = [_converted(op, arg, param) for arg, param in zip(op.args, ctype.params, strict=True)]


def _converted(call: Operation, arg: SSAValue, param: c.CType) -> SSAValue:
    if arg.type == param.ir:
        return arg
    if isinstance(arg.type, PtrType) != isinstance(param, c.Pointer) or isinstance(param, c.Struct):
        raise refusal(Code.TYPE_MISMATCH, span_of(call), f"an argument is passed as `{param}` and has another type")
    tree = arg.owner
    assert isinstance(tree, Operation) and tree.parent is not None
    cast = minic.CastOp.create(operands=(arg,), result_types=(param.plain.ir,), location=call.location)
    tree.parent.insert_op_after(cast, tree)
    return cast.results[0]

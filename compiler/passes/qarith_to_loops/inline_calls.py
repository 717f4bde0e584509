"""`inline-calls`: a kernel that calls other functions of its module gets their bodies; the others go.

    func.func @field(%x) { … }   func.func @advance(%x) { %d = func.call @field(%x) … }      becomes      func.func @advance(%x) { … }

Input: a module in which one function is called by nobody, the kernel, and none calls itself, however indirectly (the front end has
seen to it). Output: that function alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue


@dataclass(frozen=True, slots=True)
class InlineCalls:
    """One function is left."""

    name: ClassVar[str] = "inline-calls"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = {each.sym_name.data: each for each in op.ops if isinstance(each, func.FuncOp)}
        called = {each.callee.string_value() for each in op.walk() if isinstance(each, func.CallOp)}
        (kernel,) = (each for name, each in functions.items() if name not in called)
        while calls := [each for each in kernel.walk() if isinstance(each, func.CallOp)]:
            for call in calls:
                _inline(call, functions[call.callee.string_value()])
        for each in functions.values():
            if each is not kernel:
                each.detach()
                each.erase()


def _inline(call: func.CallOp, callee: func.FuncOp) -> None:
    block = call.parent
    assert block is not None
    values: dict[SSAValue, SSAValue] = dict(zip(callee.body.block.args, call.arguments, strict=True))
    for op in callee.body.block.ops:
        if isinstance(op, func.ReturnOp):
            results = [values.get(each, each) for each in op.arguments]
            for old, new in zip(call.res, results, strict=True):
                old.replace_all_uses_with(new)
            break
        copy = op.clone(values)
        copy.location = call.location
        for inner in copy.walk():
            inner.location = call.location
        block.insert_op_before(copy, call)
    call.detach()
    call.erase()

"""`drop-unused-parameters`: parameters that a function does not use, and the arguments for them.

    func.func private @copied_row(%row, %first, …)      %row is used nowhere       @copied_row(%first, …)

After lowering, because a row's function gets all that a row may need. Callers may lose uses by it, so this goes on until
nothing changes. Pure ops that nothing uses go as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import Operation
from xdsl.traits import Pure

from compiler.dialects import cpu


@dataclass(frozen=True, slots=True)
class DropUnusedParameters:
    """Signatures as small as they can be."""

    name: ClassVar[str] = "drop-unused-parameters"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        while _drop_ops(op) | _drop_parameters(op):
            pass


def _drop_ops(module: ModuleOp) -> bool:
    dead = [op for op in module.walk(reverse=True) if _needless(op)]
    for op in dead:
        op.detach()
        op.erase()
    return bool(dead)


def _needless(op: Operation) -> bool:
    free = op.has_trait(Pure) or isinstance(op, memref.LoadOp | cpu.RestOp | cpu.ThreadOp | arith.ConstantOp)
    return free and bool(op.results) and not any(each.uses for each in op.results)


def _drop_parameters(module: ModuleOp) -> bool:
    changed = False
    calls = [op for op in module.walk() if isinstance(op, func.CallOp)]
    for function in (op for op in module.ops if isinstance(op, func.FuncOp)):
        unused = {each.index for each in function.body.block.args if not each.uses}
        if not unused:
            continue
        changed = True
        _shrink(function, unused)
        for call in calls:
            if call.callee.string_value() == function.sym_name.data:
                call.operands = [each for at, each in enumerate(call.operands) if at not in unused]
    return changed


def _shrink(function: func.FuncOp, unused: set[int]) -> None:
    block = function.body.block
    for argument in [each for each in block.args if each.index in unused]:
        block.erase_arg(argument)
    kinds = [each.type for each in block.args]
    function.function_type = FunctionType.from_lists(kinds, list(function.function_type.outputs))

"""lower-to-rv64: structured loops become basic blocks of the machine's instructions, on registers without names.

    func.func @main(%x: memref<?xf64>, %n: index) {                 piuma.routine @main {
      scf.for %i = %zero to %n step %one {                          ^entry(%a0: !riscv.reg<a0>, %zero: !riscv.reg<zero>):
        %v = memref.load %x[%i] …                                     %x = "ld" (%a0) [0];  %n = "ld" (%a0) [8]
        …                                                           ^body(%i):
      }                                                               "sh3add" (%i, %x);  "fld" … ;  …
      return                                                          "addi" (%i) [1];  branch "blt" ^body, ^done

Here ends structure: what follows sees instructions only. The parameters of a kernel stand in a block of 8-byte words whose
address a0 has. Refused by assertion: a function that gives results, calls, ops that the machine has no instruction for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import AnyFloat, ModuleOp, f32

from compiler.passes.loops_to_piuma.code import Code
from compiler.passes.loops_to_piuma.drop_dead import drop_dead
from compiler.passes.loops_to_piuma.select_control import halt, select_block
from compiler.passes.loops_to_piuma.selection import Selection


@dataclass(frozen=True)
class LowerToRv64:
    """Every function becomes a routine."""

    name: ClassVar[str] = "lower-to-rv64"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in [each for each in op.body.block.ops if isinstance(each, func.FuncOp)]:
            _lower(function, op)


def _lower(function: func.FuncOp, module: ModuleOp) -> None:
    assert not function.function_type.outputs.data, "a kernel of the machine gives no result"
    code = Code(function.location)
    s = Selection(code)
    for position, argument in enumerate(function.body.block.args):
        kind: Any = argument.type
        load = ("flw" if kind == f32 else "fld") if isinstance(kind, AnyFloat) else "ld"
        s.bind(argument, code.once(load, [code.parameters], 8 * position))
    select_block(s, [each for each in function.body.block.ops if not isinstance(each, func.ReturnOp)])
    halt(s)
    routine = code.finish(function.sym_name.data)
    routine.location = function.location
    drop_dead(routine)
    module.body.block.insert_op_before(routine, function)
    function.detach()
    function.erase()

"""`loops-to-rust`: functions of the loop language become functions of the rust dialect.

    func.func @plan(%rows: index, %a_pointers: memref<?xi64>, …)        pub fn plan(rows: usize, a_pointers: &[u64], …)

Input: loops of one thread. Output: safe Rust that says the same, with no `mut` and no type written; the clean-up passes
follow. Arrays are slices, so what C would read outside of them is a panic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block

from compiler.analysis.loop_writes import written_parameters
from compiler.dialects.rust_build import Builder
from compiler.passes.kernel_to_rust.function import Function


@dataclass(frozen=True, slots=True)
class LoopsToRust:
    """Loops to rust."""

    name: ClassVar[str] = "loops-to-rust"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = [each for each in op.ops if isinstance(each, func.FuncOp)]
        written = written_parameters(functions)
        made = Block()
        for each in functions:
            Function(Builder(made, each.location), each, written).write()
        for each in list(op.ops):
            each.detach()
            each.erase()
        for each in list(made.ops):
            each.detach()
            op.body.block.add_op(each)

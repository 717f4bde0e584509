"""Pass `lower-to-rust`: minic becomes the rust dialect, item by item.

Input: minic without overlapping arguments (`specialise-aliases`). Output: rust in which every C construct has its exact counterpart, plain
rather than pretty: `let`s without values, no `mut`, explicit `return`s. The clean-up passes after it change looks, never meaning.

Why here: it is the one place where analyses meet decisions. Every pointer has a path, every parameter a shape; from here on there are no
pointers any more.

Refuses, with the line: what a pointer cannot be shown to do safely, library functions without a counterpart, types that Rust cannot share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block

from compiler.analysis.program import program_of
from compiler.diagnostics import CompileError, Diagnostic
from compiler.dialects import minic
from compiler.dialects.rust_build import Builder
from compiler.passes.c_to_rust.lower.context import Analyses
from compiler.passes.c_to_rust.lower.items import lower_item, name_items, outline


def _ignore(analyses: Analyses) -> None:
    """Nobody asked."""


@dataclass(frozen=True, slots=True)
class LowerToRust:
    """The pass. `done` is given the analyses behind the result: the report is made of them. Functions named in `elsewhere` another process
    lowers: an outline stands for each."""

    name: ClassVar[str] = "lower-to-rust"
    done: Callable[[Analyses], None] = field(default=_ignore, compare=False)
    elsewhere: frozenset[str] = frozenset()

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        analyses = Analyses(program_of(op))
        name_items(analyses)
        made = Block()
        builder = Builder(made, op.location)
        refused: list[Diagnostic] = []
        for item in op.body.block.ops:
            if isinstance(item, minic.CommentOp):
                builder.location = item.location
                builder.comment(item.text.data)
                continue
            if isinstance(item, minic.FuncOp) and item.sym_name.data in self.elsewhere:
                outline(item, analyses, builder)
                continue
            try:
                lower_item(item, analyses, builder)
            except CompileError as error:
                refused.extend(each for each in error.diagnostics if each not in refused)
        if refused:
            raise CompileError(*refused)
        self.done(analyses)
        _replace_body(op, made)


def _replace_body(module: ModuleOp, made: Block) -> None:
    module.body.detach_block(module.body.block)
    module.body.add_block(made)

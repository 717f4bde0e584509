"""simplify-statements: statements in the form that a Rust programmer (and clippy) would choose.

    loop { if !(i < n) { break; } a[i] = a[i] ^ k; continue; } return 1;        while i < n { a[i] ^= k; } 1

Input and output: rust. One walk, inner blocks first; the rules are in `control/`, by subject, each of them exact. Unreachable
statements, needless jumps, labels, blocks and `return`s go; conditions and branches are put the short way; `loop`s that
test first become `while`s, those that run once become blocks.
Why here: after `simplify-expressions`, which decides conditions; before the passes that look for loops over slices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation

from compiler.analysis.rust_trees import blocks_of
from compiler.dialects import rust
from compiler.passes.c_to_rust.control import assignments, branches, loops, tails
from compiler.passes.c_to_rust.editing import functions

Rule = Callable[[Any], bool]

RULES: Mapping[type[Operation], tuple[Rule, ...]] = {
    rust.IfOp: (branches.simplify_if,),
    rust.MatchOp: (branches.simplify_match,),
    rust.LoopOp: (loops.simplify_label, loops.simplify_loop),
    rust.WhileOp: (loops.simplify_label, loops.simplify_while),
    rust.ForOp: (loops.simplify_label, loops.simplify_for),
    rust.BlockOp: (loops.simplify_block,),
    rust.AssignOp: (assignments.simplify_assign,),
    rust.ExprOp: (assignments.simplify_expr,),
}


@dataclass(frozen=True, slots=True)
class SimplifyStatements:
    name: ClassVar[str] = "simplify-statements"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for function in functions(op):
            tails.finish_function(function)
            simplify_block(function.body.block)
            tails.finish_function(function)


def simplify_block(block: Block) -> None:
    """Simplify the statements of a block, from the last to the first."""
    tails.drop_unreachable(block)
    at = block.last_op
    while at is not None:
        at = _simplify(block, at)
    tails.drop_unreachable(block)
    tails.return_let(block)


def _simplify(block: Block, op: Operation) -> Operation | None:
    """Simplify one op; the one to go on with: what now stands where it stood, until nothing changes, then what is before."""
    if op.regions:
        body = loops.body_of(op)
        if body is not None:
            tails.drop_loop_tail(op, body)
        for inner in blocks_of(op):
            simplify_block(inner)
    following = op.next_op
    for rule in RULES.get(type(op), ()):
        if rule(op):
            return following.prev_op if following is not None else block.last_op
    return op.prev_op

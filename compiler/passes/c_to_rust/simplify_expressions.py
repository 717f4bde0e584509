"""simplify-expressions: every expression in the form that a Rust programmer (and clippy) would choose.

    ((a as i32) ^ (b as i32)) as u8        a ^ b
    (x << 7) | (x >> 25)                   x.rotate_left(7)

Input and output: rust. One walk, operands before what uses them, blocks inside an expression before it; the rules are in
`folds/`, by subject, each of them exact. Where an operand disappears, it has no effect.
Why here: first of the clean-up passes; what it drops may leave variables unused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import blocks_of, is_binding
from compiler.dialects import rust
from compiler.dialects.walking import ops_at
from compiler.passes.c_to_rust.editing import erase_unused
from compiler.passes.c_to_rust.folds import (
    arithmetic,
    casts,
    comparisons,
    floats,
    identities,
    orderings,
    printing,
    references,
    shifts,
)

Rule = Callable[[Operation], SSAValue | None]

RULES: Mapping[type[Operation], tuple[Rule, ...]] = {
    rust.BinaryOp: (
        orderings.fold_ordering,
        floats.fold_same_floats,
        identities.fold_identity,
        identities.fold_logic,
        comparisons.fold_comparison,
        comparisons.fold_contains,
        shifts.fold_rotation,
        arithmetic.fold_division,
        arithmetic.fold_subtraction,
        arithmetic.fold_negation,
    ),
    rust.UnaryOp: (comparisons.fold_not, casts.fold_literal_sign),
    rust.CastOp: (casts.fold_cast,),
    rust.MethodOp: (
        references.fold_receiver,
        identities.fold_wrapping_identity,
        shifts.fold_wrapping_rotation,
        arithmetic.fold_literal_receiver,
        arithmetic.fold_wrapping_negation,
    ),
    rust.DerefOp: (references.fold_deref,),
    rust.RefOp: (references.fold_reference,),
    rust.MacroOp: (printing.fold_printed_text,),
    rust.IfOp: (arithmetic.fold_choice,),
    rust.MatchOp: (arithmetic.fold_choice,),
}


@dataclass(frozen=True, slots=True)
class SimplifyExpressions:
    name: ClassVar[str] = "simplify-expressions"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        simplify_block(op.body.block)


def simplify_block(block: Block) -> None:
    """Apply the rules to every expression in a block and in the blocks inside."""
    for op in ops_at(block):
        if op.regions:
            for inner in blocks_of(op):
                simplify_block(inner)
        rules = RULES.get(type(op))
        if rules is not None and op.parent is not None:
            _simplify(op, rules)


def _simplify(op: Operation, rules: tuple[Rule, ...] | None) -> None:
    """Apply rules at one op until none does anything."""
    while rules is not None and op.results:
        for rule in rules:
            new = rule(op)
            if new is not None:
                break
        else:
            return
        _replace(op, new)
        if is_binding(new):
            return
        assert isinstance(new.owner, Operation)
        op = new.owner
        rules = RULES.get(type(op))


def _replace(op: Operation, new: SSAValue) -> None:
    op.results[0].replace_all_uses_with(new)
    erase_unused(op.results[0])

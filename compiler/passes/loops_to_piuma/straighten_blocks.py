"""straighten-blocks: a block that only jumps on is jumped over; a block with one way in, by a jump, joins the block before;
a jump to a few instructions and a branch becomes those instructions and the branch.

    ^a: … branch ^b, ^c     ^b: jump ^d          ^a: … branch ^d, ^c
    ^a: … jump ^latch                            ^a: … addi i, i, 1; branch "blt" ^body, ^done

After register allocation, when edges pass nothing that needs work.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, SSAValue

from compiler.dialects.piuma.isa import BranchOp, JumpOp, RoutineOp


@dataclass(frozen=True)
class StraightenBlocks:
    """Fewer jumps."""

    name: ClassVar[str] = "straighten-blocks"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for routine in [each for each in op.body.block.ops if isinstance(each, RoutineOp)]:
            _jump_over(routine)
            _join(routine)
            _repeat_latches(routine)


def _jump_over(routine: RoutineOp) -> None:
    for block in list(routine.body.blocks)[1:]:
        jump = block.last_op
        if isinstance(jump, JumpOp) and block.first_op is jump and jump.target is not block:
            for pred in block.predecessors():
                _redirect(pred, block, jump)
            jump.detach()
            jump.erase()
            routine.body.erase_block(block, safe_erase=False)


def _redirect(pred: Block, block: Block, jump: JumpOp) -> None:
    """Let a predecessor pass what the jump would have passed."""
    op = pred.last_op

    def through(values: list[SSAValue]) -> list[SSAValue]:
        known: dict[SSAValue, SSAValue] = dict(zip(block.args, values, strict=True))
        return [known.get(each, each) for each in jump.arguments]

    if isinstance(op, JumpOp):
        new: JumpOp | BranchOp = JumpOp(operands=[through(list(op.arguments))], successors=[jump.target])
    else:
        assert isinstance(op, BranchOp)
        taken, following = list(op.taken_arguments), list(op.next_arguments)
        new = BranchOp(
            operands=[
                list(op.sources),
                through(taken) if op.taken is block else taken,
                through(following) if op.next is block else following,
            ],
            successors=[
                jump.target if op.taken is block else op.taken,
                jump.target if op.next is block else op.next,
            ],
            properties={"mnemonic": op.mnemonic},
        )
    new.location = op.location
    op.detach()
    op.drop_all_references()
    pred.add_op(new)


def _join(routine: RoutineOp) -> None:
    for block in list(routine.body.blocks):
        while isinstance(jump := block.last_op, JumpOp) and _is_only_way(block, jump.target, routine):
            target = jump.target
            for argument, value in zip(target.args, list(jump.arguments), strict=True):
                argument.replace_all_uses_with(value)
            jump.detach()
            jump.erase()
            for op in list(target.ops):
                op.detach()
                block.add_op(op)
            routine.body.erase_block(target, safe_erase=False)


def _is_only_way(block: Block, target: Block, routine: RoutineOp) -> bool:
    return target is not block and target is not routine.body.blocks[0] and list(target.predecessors()) == [block]


LATCH = 3
"""Instructions that are worth repeating to save a jump for each iteration."""


def _repeat_latches(routine: RoutineOp) -> None:
    blocks = list(routine.body.blocks)
    following = dict(pairwise(blocks))
    for block in blocks:
        jump = block.last_op
        if isinstance(jump, JumpOp) and jump.target is not following.get(block) and _is_latch(jump.target):
            _repeat(block, jump)


def _is_latch(block: Block) -> bool:
    """Few instructions and a branch, whose results leave only by its edges."""
    ops = list(block.ops)
    inside = set(ops)
    return (
        len(ops) <= LATCH + 1
        and isinstance(block.last_op, BranchOp)
        and all(use.operation in inside for op in ops for result in op.results for use in result.uses)
        and all(use.operation in inside for argument in block.args for use in argument.uses)
    )


def _repeat(block: Block, jump: JumpOp) -> None:
    """The latch's ops in place of the jump to it."""
    known: dict[SSAValue, SSAValue] = dict(zip(jump.target.args, jump.arguments, strict=True))
    target = jump.target
    jump.detach()
    jump.erase()
    for op in target.ops:
        copy = op.clone(known)
        copy.location = op.location
        block.add_op(copy)

"""straighten-blocks: a block that only jumps on is jumped over; a block with one way in, by a jump, joins the block before.

    ^a: … branch ^b, ^c     ^b: jump ^d          ^a: … branch ^d, ^c

After register allocation, when edges pass nothing that needs work.
"""

from __future__ import annotations

from dataclasses import dataclass
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

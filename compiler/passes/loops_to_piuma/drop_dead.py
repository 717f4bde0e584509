"""What instruction selection computed and nobody reads: address parts that were folded, values of dead phis."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.piuma.isa import ISA, BranchOp, InstructionOp, JumpOp, RoutineOp, Unit
from compiler.passes.loops_to_piuma.code import PURE


def drop_dead(routine: RoutineOp) -> None:
    """Erase instructions without effect whose results are never read, and the block arguments that only they fed."""
    live = _live_values(routine)
    for block in routine.body.blocks:
        if block is not routine.body.blocks[0]:
            _drop_arguments(block, live)
    for block in reversed(list(routine.body.blocks)):  # what is read stands before what reads it
        for op in reversed(list(block.ops)):
            if isinstance(op, InstructionOp) and _is_removable(op) and op.destination[0] not in live:
                op.detach()
                op.erase()


def _is_removable(op: InstructionOp) -> bool:
    """A load has no effect either: the timing of one that nobody waits for is not what a program means."""
    unit = ISA[op.mnemonic.data].unit
    return bool(op.destination) and (unit in PURE or unit is Unit.LOAD)


def _live_values(routine: RoutineOp) -> set[SSAValue]:
    feeds = edges_into(routine)
    work: list[SSAValue] = []
    for op in routine.body.walk():
        if isinstance(op, BranchOp):
            work += op.sources
        elif isinstance(op, InstructionOp) and not _is_removable(op):
            work += op.operands
    live: set[SSAValue] = set()
    while work:
        value = work.pop()
        if value in live:
            continue
        live.add(value)
        owner = value.owner
        work += feeds.get(value, ()) if isinstance(owner, Block) else owner.operands
    return live


def edges_into(routine: RoutineOp) -> dict[SSAValue, list[SSAValue]]:
    """For every block argument the values that edges pass to it."""
    feeds: dict[SSAValue, list[SSAValue]] = {}
    for block in routine.body.blocks:
        for target, values in edges_of(block.last_op):
            for argument, value in zip(target.args, values, strict=True):
                feeds.setdefault(argument, []).append(value)
    return feeds


def edges_of(op: Operation | None) -> list[tuple[Block, list[SSAValue]]]:
    """Where a terminator goes, and what it passes."""
    match op:
        case BranchOp():
            return [(op.taken, list(op.taken_arguments)), (op.next, list(op.next_arguments))]
        case JumpOp():
            return [(op.target, list(op.arguments))]
        case _:
            return []


def _drop_arguments(block: Block, live: set[SSAValue]) -> None:
    dead = [position for position, each in enumerate(block.args) if each not in live]
    if not dead:
        return
    for op in [pred.last_op for pred in block.predecessors()]:
        match op:
            case BranchOp():
                taken = _without(op.taken_arguments, dead) if op.taken is block else list(op.taken_arguments)
                following = _without(op.next_arguments, dead) if op.next is block else list(op.next_arguments)
                _replace(
                    op,
                    BranchOp(
                        operands=[list(op.sources), taken, following],
                        successors=[op.taken, op.next],
                        properties={"mnemonic": op.mnemonic},
                    ),
                )
            case JumpOp():
                _replace(op, JumpOp(operands=[_without(op.arguments, dead)], successors=[op.target]))
            case _:
                raise AssertionError("a predecessor that goes nowhere")
    for position in reversed(dead):
        block.erase_arg(block.args[position], safe_erase=False)


def _without(values: Sequence[SSAValue], dead: list[int]) -> list[SSAValue]:
    return [each for position, each in enumerate(values) if position not in dead]


def _replace(old: Operation, new: Operation) -> None:
    new.location = old.location
    block = old.parent
    assert block is not None
    old.detach()
    old.drop_all_references()
    block.add_op(new)

"""What an edge passes, put where its block expects it: moves in parallel, in an order that loses nothing.

    ^a: jump ^b(%x : s1, %y : s2)   ^b(%p : s2, %q : s1)        mv tp, s1;  mv s1, s2;  mv s2, tp

Moves stand at the end of the block where they disturb neither the branch nor its other way; else on the edge, in a block
of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdsl.dialects.riscv.registers import FloatRegisterType, IntRegisterType, RISCVRegisterType
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.piuma.isa import BranchOp, InstructionOp, JumpOp, RoutineOp, instruction
from compiler.passes.loops_to_piuma.drop_dead import edges_of
from compiler.passes.loops_to_piuma.spilling import set_type

Register = RISCVRegisterType
_SCRATCH: dict[type[Register], Register] = {
    IntRegisterType: IntRegisterType.from_name("tp"),
    FloatRegisterType: FloatRegisterType.from_name("ft11"),
}


def place_moves(routine: RoutineOp, live_in: dict[Block, set[Register]]) -> None:
    """Make every edge of an allocated routine pass values in the registers of its block's arguments."""
    for block in list(routine.body.blocks):
        terminator = block.last_op
        if isinstance(terminator, JumpOp):
            _set_arguments(terminator, 0, _moved(block, terminator, terminator.target, list(terminator.arguments)))
        elif isinstance(terminator, BranchOp):
            _branch(routine, block, terminator, live_in)


def _branch(routine: RoutineOp, block: Block, branch: BranchOp, live_in: dict[Block, set[Register]]) -> None:
    edges = edges_of(branch)
    for position, (target, values) in enumerate(edges):
        filled = {each[0] for each in _moves(target, values)}
        if not filled:
            continue
        other = edges[1 - position]
        kept = {_register(each) for each in (*branch.sources, *other[1], *other[0].args)} | live_in[other[0]]
        start = len(branch.sources) + (len(branch.taken_arguments) if position else 0)
        if other[0] is not target and not kept & filled:
            _set_arguments(branch, start, _moved(block, branch, target, values))
        else:
            _split(routine, block, branch, position, target, values)
            return


def _register(value: SSAValue) -> Register:
    assert isinstance(value.type, Register)
    return value.type


def _set_arguments(op: Operation, start: int, values: Sequence[SSAValue]) -> None:
    for position, value in enumerate(values, start):
        op.operands[position] = value


def _split(
    routine: RoutineOp, block: Block, branch: BranchOp, position: int, target: Block, values: list[SSAValue]
) -> None:
    """A block on the edge, printed right after the branch."""
    between = Block()
    jump = JumpOp(operands=[values], successors=[target])
    jump.location = branch.location
    between.add_op(jump)
    routine.body.insert_block_after(between, block)
    taken, following = list(branch.taken_arguments), list(branch.next_arguments)
    new = BranchOp(
        operands=[list(branch.sources), [] if position == 0 else taken, following if position == 0 else []],
        successors=[between, branch.next] if position == 0 else [branch.taken, between],
        properties={"mnemonic": branch.mnemonic},
    )
    new.location = branch.location
    branch.detach()
    branch.drop_all_references()
    block.add_op(new)
    _set_arguments(jump, 0, _moved(between, jump, target, values))
    if position == 0 and _moves(new.next, following):
        _finish_other(routine, block, new)


def _finish_other(routine: RoutineOp, block: Block, branch: BranchOp) -> None:
    """The first edge was split; the second needs moves too."""
    _split(routine, block, branch, 1, branch.next, list(branch.next_arguments))


Move = tuple[Register, Register, SSAValue]


def _moves(target: Block, values: Sequence[SSAValue]) -> list[Move]:
    """Register to fill, register to read, value."""
    pairs = [(_register(arg), _register(value), value) for arg, value in zip(target.args, values, strict=True)]
    return [each for each in pairs if each[0] != each[1]]


def _moved(block: Block, before: Operation, target: Block, values: list[SSAValue]) -> list[SSAValue]:
    """Insert the moves; the values as they then stand."""
    pending = _moves(target, values)
    where: dict[Register, SSAValue] = {}
    while pending:
        reads = [source for _, source, _ in pending]
        ready = next((each for each in pending if each[0] not in reads), None)
        if ready is not None:
            pending.remove(ready)
            where[ready[0]] = _move(block, before, ready[2], ready[0])
            continue
        _, source, value = pending[0]
        scratch = _SCRATCH[type(source)]
        saved = _move(block, before, value, scratch)
        pending = [(t, scratch if s == source else s, saved if s == source else v) for t, s, v in pending]
    return [where.get(_register(arg), value) for arg, value in zip(target.args, values, strict=True)]


def _move(block: Block, before: Operation, value: SSAValue, register: Register) -> SSAValue:
    op = _copy(value)
    op.location = before.location
    block.insert_op_before(op, before)
    set_type(op.destination[0], register)
    return op.destination[0]


def _copy(value: SSAValue) -> InstructionOp:
    kind: Any = value.type
    if isinstance(kind, FloatRegisterType):
        return instruction("fsgnj.d", [value, value])
    return instruction("addi", [value], 0)

"""Values that get no register: computed again where they are read, or kept in the thread's part of the scratchpad.

    li, la, a rank, a parameter                 made again before every instruction that reads it
    anything else                               `sd v, 8(sp)` where it is made, `ld t, 8(sp)` before each use

The stack of a thread lies at the upper end of the block's scratchpad; its size stands on the routine.
"""

from __future__ import annotations

from xdsl.dialects.riscv import Registers
from xdsl.ir import Block, Operation, OpResult, SSAValue

from compiler.dialects.piuma.isa import InstructionOp, RoutineOp, instruction
from compiler.passes.loops_to_piuma.drop_dead import edges_of
from compiler.passes.loops_to_piuma.liveness import is_fixed

RANK_PREFIXES = ("piuma.tid", "piuma.ntid", "piuma.btid", "piuma.nbtid", "piuma.block", "piuma.nblocks")


def is_repeatable(value: SSAValue) -> bool:
    """Costs one instruction to make again, anywhere, with the same outcome."""
    op = value.owner
    if not isinstance(op, InstructionOp) or op.mnemonic.data not in ("li", "la", "ld", "fld", "flw", *RANK_PREFIXES):
        return False
    return all(is_fixed(each) and each.type == Registers.A0 for each in op.sources)


class Spiller:
    """Moves values out of registers; the temporaries it makes must stay in them."""

    def __init__(self, routine: RoutineOp) -> None:
        self.routine = routine
        self.temporaries: set[SSAValue] = set()
        self.slots = 0
        self._stack: SSAValue | None = None

    def spill(self, value: SSAValue) -> None:
        """Rewrite every use of a value, and its definition."""
        if is_repeatable(value):
            self._repeat(value)
        else:
            self._keep(value)

    def _repeat(self, value: SSAValue) -> None:
        op = value.owner
        assert isinstance(op, InstructionOp)
        for user in _users(value):
            again = InstructionOp(
                operands=[list(op.sources)],
                result_types=[[value.type]],
                properties=dict(op.properties),
            )
            self._replace_in(user, value, again)
        op.detach()
        op.erase()

    def _keep(self, value: SSAValue) -> None:
        slot, stack = 8 * self.slots, self._stack_pointer()
        self.slots += 1
        floating = value.type.name == "riscv.freg"
        for user in _users(value):
            self._replace_in(user, value, instruction("fld" if floating else "ld", [stack], slot))
        store = instruction("fsd" if floating else "sd", [stack, value], slot)
        owner = value.owner
        first = owner.first_op if isinstance(owner, Block) else owner
        store.location = first.location if first else self.routine.location
        block = owner if isinstance(owner, Block) else owner.parent
        assert block is not None
        if isinstance(owner, Block):
            assert first is not None
            block.insert_op_before(store, first)
        else:
            block.insert_op_after(store, owner)
        self.temporaries.add(value)

    def _replace_in(self, user: Operation, value: SSAValue, made: InstructionOp) -> None:
        made.location = user.location
        block = user.parent
        assert block is not None
        block.insert_op_before(made, user)
        fresh = made.destination[0]
        for position, operand in enumerate(user.operands):
            if operand is value:
                user.operands[position] = fresh
        self.temporaries.add(fresh)

    def _stack_pointer(self) -> SSAValue:
        """`sp`, set at the start; how far apart the threads' parts are is known only at the end (`finish`)."""
        if self._stack is None:
            entry = self.routine.body.blocks[0]
            first = entry.first_op
            assert first is not None
            make = instruction("piuma.btid")
            size = instruction("li", (), 0)
            offset = instruction("mul", [make.destination[0], size.destination[0]])
            base = instruction("li", (), 0)
            top = instruction("sub", [base.destination[0], offset.destination[0]])
            self._patch = (size, base)
            for op in (make, size, offset, base, top):
                op.location = self.routine.location
                entry.insert_op_before(op, first)
            set_type(top.destination[0], Registers.SP)
            self._stack = top.destination[0]
        return self._stack

    def finish(self, top: int) -> int:
        """Place the stacks below `top`; bytes of one."""
        size = -(-8 * self.slots // 64) * 64
        if self._stack is not None:
            for op, number in zip(self._patch, (size, top - size), strict=True):
                op.properties.update(instruction("li", (), number).properties)
        return size


def _users(value: SSAValue) -> list[Operation]:
    return list(dict.fromkeys(use.operation for use in value.uses))


def set_type(value: SSAValue, register: object) -> None:
    """Name the register of a value."""
    value._type = register  # pyright: ignore


__all__ = ["OpResult", "Spiller", "edges_of", "is_repeatable", "set_type"]

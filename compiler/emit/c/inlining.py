"""Which ops of a block are printed inside the expression that uses them, and which get a name.

    %x = memref.load %values[%q]        used once, nothing is written in between:      sums[j] += a * values[q];
    %k = memref.load %indices[%p]       used three times:                              const int64_t k = indices[p];

A load moves to where its value is used, so nothing may be written on the way. What a loop tests every time round, and what
an op's text names twice, has a name.
"""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.dialects import arith, func, memref, scf
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects import cpu
from compiler.emit.c.expressions import EVALUATE_TWICE, PRINTERS


def inlined(blocks: Iterable[Block]) -> set[Operation]:
    """The ops of these blocks that need no statement."""
    found: set[Operation] = set()
    for block in blocks:
        _inline_block(block, found)
    return found


def _inline_block(block: Block, found: set[Operation]) -> None:
    ops = list(block.ops)
    position = {op: at for at, op in enumerate(ops)}
    writes = [at for at, op in enumerate(ops) if _writes(op)]
    lands: dict[Operation, int] = {}
    for op in reversed(ops):
        user = _only_user(op)
        if isinstance(op, arith.ConstantOp):
            found.add(op)
        elif user is not None and user in position:
            at = lands.get(user, position[user])
            if not _reads(op) or not any(position[op] < each < at for each in writes):
                lands[op] = at
                found.add(op)


def _only_user(op: Operation) -> Operation | None:
    """Where an op's text would stand, if it has one place and may stand there."""
    if type(op) not in PRINTERS or len(op.results) != 1:
        return None
    uses = list(op.results[0].uses)
    if len(uses) != 1:
        return None
    user, operand = uses[0].operation, uses[0].index
    tested_often = isinstance(user, scf.ForOp) and operand in (1, 2)
    return None if tested_often or isinstance(user, EVALUATE_TWICE) else user


def _reads(op: Operation) -> bool:
    return isinstance(op, memref.LoadOp)


def _writes(op: Operation) -> bool:
    return bool(op.regions) or isinstance(op, memref.StoreOp | func.CallOp | cpu.ClaimOp)


def loads_in(value: SSAValue, found: set[Operation]) -> bool:
    """Whether the text of a value reads memory."""
    owner = value.owner
    if not isinstance(owner, Operation) or owner not in found:
        return False
    return _reads(owner) or any(loads_in(each, found) for each in owner.operands)

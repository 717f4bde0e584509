"""Which ops of the loop language stand inside the expression that uses them, and which get a name; and what blocks give.

    %x = memref.load %values[%q]        used once, nothing is written in between:      sums[j] += a * values[q];
    %k = memref.load %indices[%p]       used three times:                              const int64_t k = indices[p];

A load moves to where its value is used, so nothing may be written on the way. What a loop tests every time round, and what
the printed language needs the name of, has a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from xdsl.dialects import arith, func, memref, scf, vector
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from compiler.dialects import cpu

Kinds = Collection[type[Operation]]


def inlined(function: func.FuncOp, expressions: Kinds, of_names: Kinds = ()) -> set[Operation]:
    """The ops of a function that need no statement: `expressions` can do without, but the operands of `of_names` cannot."""
    found: set[Operation] = set()
    for block in _blocks(function):
        _inline_block(block, found, expressions, tuple(of_names))
    return found


def ended_by(block: Block) -> Sequence[SSAValue]:
    """What a block yields."""
    end = block.last_op
    assert end is not None
    return list(end.operands)


def _blocks(op: func.FuncOp) -> Iterable[Block]:
    yield from op.body.blocks
    for inner in op.walk():
        if inner is not op:
            for region in inner.regions:
                yield from region.blocks


def _inline_block(
    block: Block, found: set[Operation], expressions: Kinds, of_names: tuple[type[Operation], ...]
) -> None:
    ops = list(block.ops)
    position = {op: at for at, op in enumerate(ops)}
    writes = [at for at, op in enumerate(ops) if _writes(op)]
    lands: dict[Operation, int] = {}
    for op in reversed(ops):
        user = _only_user(op, of_names) if type(op) in expressions else None
        if isinstance(op, arith.ConstantOp):
            found.add(op)
        elif user is not None and user in position:
            at = lands.get(user, position[user])
            if not _reads(op) or not any(position[op] < each < at for each in writes):
                lands[op] = at
                found.add(op)


def _only_user(op: Operation, of_names: tuple[type[Operation], ...]) -> Operation | None:
    """Where an op's text would stand, if it has one place and may stand there."""
    if len(op.results) != 1:
        return None
    uses = list(op.results[0].uses)
    if len(uses) != 1:
        return None
    user, operand = uses[0].operation, uses[0].index
    tested_often = isinstance(user, scf.ForOp) and operand in (1, 2)
    return None if tested_often or isinstance(user, of_names) else user


def _reads(op: Operation) -> bool:
    return isinstance(op, memref.LoadOp | vector.LoadOp | cpu.LookUpOp)


def _writes(op: Operation) -> bool:
    return bool(op.regions) or isinstance(op, memref.StoreOp | vector.StoreOp | func.CallOp | cpu.PublishOp)


def continues_variable(start: SSAValue, loop: Operation) -> bool:
    """Whether a loop may go on with the variable that `start` is: one of the block that the loop stands in, read by nothing but the loop.

    Such are the values that a loop around it carries, and the results of loops before it in the same block.
    """
    if not start.has_one_use():
        return False
    if isinstance(start, BlockArgument):
        return start.block is loop.parent and _is_carried(start, start.block)
    return isinstance(start.owner, scf.ForOp | scf.WhileOp) and start.owner.parent is loop.parent


def _is_carried(argument: BlockArgument, block: Block) -> bool:
    around = block.parent_op()
    return isinstance(around, scf.WhileOp) or (isinstance(around, scf.ForOp) and argument.index > 0)

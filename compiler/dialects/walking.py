"""Every op of a piece of IR, in the order of the text.

    ops_inside(function.body.block)          all ops of a function

What `walk` of xDSL gives, but as a list: one loop instead of a generator for each op (most passes look at every op of a function, some
more than once, so that this is a tenth of a translation's time), and safe to change the IR by.
"""

# pyright: reportPrivateUsage=false
# `next_op` is a property; the links behind it are followed some hundred times for each line of C.

from __future__ import annotations

from xdsl.ir import Block, Operation, Region


def ops_at(block: Block) -> list[Operation]:
    """The ops that stand in a block itself."""
    found: list[Operation] = []
    op = block._first_op
    while op is not None:
        found.append(op)
        op = op._next_op
    return found


def ops_inside(block: Block) -> list[Operation]:
    """All ops of a block and of the blocks inside it."""
    found: list[Operation] = []
    _collect(block, found)
    return found


def ops_of(op: Operation) -> list[Operation]:
    """An op and all ops inside it."""
    found = [op]
    for region in op.regions:
        for block in region.blocks:
            _collect(block, found)
    return found


def ops_backwards(op: Operation) -> list[Operation]:
    """An op and all ops inside it: of two in one block the later one first, each before what is inside it."""
    found = [op]
    for region in reversed(op.regions):
        _collect_backwards(region, found)
    return found


def _collect(block: Block, found: list[Operation]) -> None:
    op = block._first_op
    while op is not None:
        found.append(op)
        if op.regions:
            for region in op.regions:
                inner = region._first_block
                while inner is not None:
                    _collect(inner, found)
                    inner = inner._next_block
        op = op._next_op


def _collect_backwards(region: Region, found: list[Operation]) -> None:
    block = region.last_block
    while block is not None:
        op = block._last_op
        while op is not None:
            found.append(op)
            if op.regions:
                for inner in reversed(op.regions):
                    _collect_backwards(inner, found)
            op = op._prev_op
        block = block._prev_block

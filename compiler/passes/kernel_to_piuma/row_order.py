"""Rows that are computed in any order and stand in C in theirs: one pass, no counting of the whole product beforehand.

A row's position in C is the sum of the lengths of all rows before it. One entry, `row << 40 | position`, goes round the
block's queues: queue `row % QUEUES` holds it while its row's turn is. Who has counted a row pops the entry, adds the
row's length and pushes it on for the next row; who pops another's entry puts it back. A thread that waits for its turn
issues nothing, and as long as rows are counted before they are computed, the turn comes round fast.

    start_order(k)                                one thread, once
    position = place_row(k, row, length)          also writes where the row, and after the last one C, begins and ends

Refused by `legal`: results of 2**40 entries or more, and matrices of 2**23 rows or more.
"""

from __future__ import annotations

from xdsl.dialects.builtin import i1, i64

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.loops.values import INDEX, Value

QUEUES = 16
"""Of a block; a power of two."""
POSITION_BITS = 40


def start_order(k: Kernel) -> None:
    """Row 0 stands at position 0; an empty C ends there."""
    k.b.store(0, k["block_rows"], 0)
    k.b.store(0, k["block_ends"], 0)
    k.b.queue_push(0, k.b.constant(0, i64))


def place_row(k: Kernel, row: Value, length: Value) -> Value:
    """The row's first position in C, as soon as all rows before it are counted."""
    b = k.b
    entry = _await_turn(k, row)
    position = (entry & ((1 << POSITION_BITS) - 1)).to(INDEX)
    after = row + 1
    b.queue_push(after & QUEUES - 1, entry + length.to(i64) + (1 << POSITION_BITS))
    b.store(position, k["c_starts"], row)
    with b.if_(after.eq(k["rows"])):
        b.store(position + length, k["block_ends"], 0)
    return position


def _await_turn(k: Kernel, row: Value) -> Value:
    b = k.b
    queue, mine = row & QUEUES - 1, row.to(i64)
    with b.loop(mine) as turn:
        entry = b.queue_pop(queue)
        with b.if_((entry >> POSITION_BITS).eq(mine)) as found:
            found.gives(b.constant(0, i1), entry)
        with found.otherwise():
            b.queue_push(queue, entry)
            found.gives(1, entry)
        turn.again_while(*found.results)
    return turn.results[0]

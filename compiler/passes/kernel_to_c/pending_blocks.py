"""Blocks of rows that several threads make, each put in its place as soon as the entries before it are counted.

    made in the thread's room  ->  counts[block] published  ->  every block before it counted?  ->  copied to its place

A block's place is the sum of all counts before it, so the result does not depend on the threads, and each thread finds the
sums by itself: there is no lock, and no turn to wait for. Blocks whose place is not known yet stay in the room while their
thread makes others. Only a thread whose room is full waits, for blocks that others have begun, and lets them run meanwhile.
What is left in the rooms is copied when all blocks are made.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import i64

from compiler.dialects import cpu
from compiler.passes.kernel_to_c.rows import Kernel, Parameters, named
from compiler.passes.loops.build import array
from compiler.passes.loops.values import INDEX, Value

PLACED, MADE, USED, TAKEN, KNOWN, BASE, LEDGER = range(7)
"""A thread's ledger: how many of its blocks are in place, how many it has made; the entries in its room, those of them that are in
place already; a block whose place is known, that place; then the numbers of its blocks, in order."""

SHARED: Parameters = {"counts": array(i64), "room_limit": INDEX}
"""One more than the entries of each block, zero while they are not known; entries with which a room may begin another block."""


def own(kernel: Kernel) -> Parameters:
    """What each thread has."""
    return {"ledger": array(i64), "room_indices": kernel.indices, "room_values": array(kernel.ring.type)}


def write_place_blocks(kernel: Kernel) -> None:
    """`place_blocks`: put the thread's blocks in place, as far as places are known; the entries that its room holds then."""
    b = kernel.b
    with kernel.function("place_blocks", *_parts(kernel), gives=INDEX) as v:
        made = named("made_blocks", b.load_index(v.ledger, MADE))
        with b.loop(*(b.load_index(v.ledger, each) for each in (PLACED, TAKEN, KNOWN, BASE))) as loop:
            at, taken, known, base = _named(loop.state)
            block = named("block", b.load_index(v.ledger, at + LEDGER))
            known, base = _advanced(kernel, v, block, known, base)
            loop.while_(known.eq(block) & (at < made), at, taken, known, base)
            at, taken, known, base = _named(loop.state)
            block = named("block", b.load_index(v.ledger, at + LEDGER))
            count = named("count", b.load_index(v.counts, block) - 1)
            _copy(kernel, v, block, taken, count, base)
            loop.next(at + 1, taken + count, known, base)
        at, taken, known, base = loop.results
        none_left = at.eq(made)
        left = named("left", none_left.select(b.index(0), b.load_index(v.ledger, USED)))
        b.store(at, v.ledger, PLACED)
        b.store(none_left.select(b.index(0), taken), v.ledger, TAKEN)
        b.store(known, v.ledger, KNOWN)
        b.store(base, v.ledger, BASE)
        b.store(left, v.ledger, USED)
        b.return_(left)


def keep_block(kernel: Kernel, mine: Any, block: Value, made: Value) -> None:
    """A block of so many entries has been made in the room: tell the others, and put in place what can be."""
    b = kernel.b
    b.write_all(cpu.PublishOp((made + 1).to(i64).ssa, mine.counts.ssa, block.ssa))
    blocks = named("blocks_before", b.load_index(mine.ledger, MADE))
    b.store(block, mine.ledger, blocks + LEDGER)
    b.store(blocks + 1, mine.ledger, MADE)
    b.store(b.load_index(mine.ledger, USED) + made, mine.ledger, USED)
    with b.loop(place_blocks(kernel, mine)) as loop:
        named("left", loop.state[0])
        loop.while_(loop.state[0] > mine.room_limit)
        b.write_all(cpu.LetOthersOp())
        loop.next(place_blocks(kernel, mine))


def place_blocks(kernel: Kernel, mine: Any) -> Value:
    """Call it."""
    return kernel.call("place_blocks", _parts(kernel), mine, "left")


def _parts(kernel: Kernel) -> tuple[Parameters, ...]:
    sizes = {"rows": INDEX, "block_rows": INDEX}
    result = {"c_pointers": array(i64), "c_indices": kernel.indices, "c_values": array(kernel.ring.type)}
    return sizes, SHARED, own(kernel), result


def _named(values: Any) -> Any:
    return [named(name, each) for name, each in zip(("at", "taken", "known", "base"), values, strict=True)]


def _advanced(kernel: Kernel, v: Any, block: Value, known: Value, base: Value) -> tuple[Value, Value]:
    """The last block up to `block` whose place is known, and the place."""
    b = kernel.b
    with b.loop(known, base) as loop:
        known, base = named("known", loop.state[0]), named("base", loop.state[1])
        with b.if_(known < block) as choice:
            choice.gives(b.write(cpu.ObserveOp(v.counts.ssa, known.ssa)).to(INDEX))
        with choice.otherwise():
            choice.gives(0)
        count = named("count", choice.results[0])
        loop.while_(count.ne(0), known, base + count)
        known, base = loop.state
        loop.next(known + 1, base - 1)
    return loop.results[0], loop.results[1]


def _copy(kernel: Kernel, v: Any, block: Value, taken: Value, count: Value, base: Value) -> None:
    b = kernel.b
    for source, target in ((v.room_indices, v.c_indices), (v.room_values, v.c_values)):
        source, target = kernel.rest(source, taken, "source"), kernel.rest(target, base, "target")
        with b.range(0, count) as i:
            b.store(b.load(source, i.index), target, i.index)
    start = named("row_start", block * v.block_rows)
    end = named("row_end", named("after", start + v.block_rows).minimum(v.rows))
    with b.range(start, end) as rows:
        b.store(b.load_index(v.c_pointers, rows.index + 1) + base, v.c_pointers, rows.index + 1)

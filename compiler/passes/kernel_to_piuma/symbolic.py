"""The symbolic phase: how many entries each row of C can have, summed up, and how rows are dealt out.

    bounds[i] = sum over the rows before i of min(multiply-adds of the row, columns)        bounds[rows] = all

Rows are counted by all threads in turn; sums are formed in two steps, each thread over its own piece. `bounds` sizes the
windows, divides the rows among blocks, and is where each block's part of C begins.
"""

from __future__ import annotations

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.loops.values import Value


def count_and_sum(k: Kernel) -> None:
    """Fill `bounds`; all threads of the machine leave together."""
    _count(k)
    k.b.fence()
    k.b.barrier("all")
    _sum(k)
    k.b.fence()
    k.b.barrier("all")


def _count(k: Kernel) -> None:
    """bounds[i + 1] = the bound of row i."""
    b, a = k.b, k.operand("a")
    pointers = k.operand("b").pointers
    with b.range(b.rank("thread"), k["rows"], b.rank("threads")) as rows:
        first, last = (b.load_index(a.pointers, rows.index + step) for step in (0, 1))
        with b.range(first, last, carry=(b.index(0),)) as loop:
            (total,) = loop.state
            inner = b.load_index(a.indices, loop.index)
            length = b.load_index(pointers, inner + 1) - b.load_index(pointers, inner)
            loop.next(total + length)
        b.store(loop.results[0].minimum(k["columns"]), k["bounds"], rows.index + 1)


def _sum(k: Kernel) -> None:
    """Prefix sums in place."""
    b, rows, bounds, partials = k.b, k["rows"], k["bounds"], k["partials"]
    me, threads = b.rank("thread"), b.rank("threads")
    piece = (rows + threads - 1) // threads
    first = (me * piece).minimum(rows)
    last = (first + piece).minimum(rows)
    with b.range(first, last, carry=(b.index(0),)) as loop:
        loop.next(loop.state[0] + b.load_index(bounds, loop.index + 1))
    b.store(loop.results[0], partials, me)
    b.fence()
    b.barrier("all")
    with b.range(0, me, carry=(b.index(0),)) as before:
        before.next(before.state[0] + b.load_index(partials, before.index))
    with b.range(first, last, carry=before.results) as loop:
        total = loop.state[0] + b.load_index(bounds, loop.index + 1)
        b.store(total, bounds, loop.index + 1)
        loop.next(total)
    with b.if_(me.eq(0)):
        b.store(0, bounds, 0)


def first_beyond(k: Kernel, low: Value, high: Value, limit: Value) -> Value:
    """The last row r of low..high with bounds[r] <= limit; `low` must be one."""
    b = k.b
    with b.loop(low, high) as loop:
        at, end = loop.state
        loop.while_(at < end)
        at, end = loop.state
        middle = (at + end + 1) >> 1
        with b.if_(b.load_index(k["bounds"], middle) <= limit) as choice:
            choice.gives(middle, end)
        with choice.otherwise():
            choice.gives(at, middle - 1)
        loop.next(*choice.results)
    return loop.results[0]


def rows_of_block(k: Kernel) -> tuple[Value, Value]:
    """The rows of this block: about as many bounds as every other's."""
    b, rows = k.b, k["rows"]
    block, blocks = b.rank("block"), b.rank("blocks")
    total = b.load_index(k["bounds"], rows)
    first = first_beyond(k, b.index(0), rows, total * block // blocks)
    end = first_beyond(k, b.index(0), rows, total * (block + 1) // blocks)
    first = block.eq(0).select(b.index(0), first)
    return first, (block + 1).eq(blocks).select(rows, end)

"""The symbolic phase: how many entries each row of C can have, summed up, and how rows are dealt out.

    bounds[i] = sum over the rows before i of min(multiply-adds of the row, columns)        bounds[rows] = all

Rows are counted by all threads in turn; sums are formed in two steps, each thread over its own piece. `bounds` sizes the
windows, divides the rows among blocks, and is where each block's part of C begins.
"""

from __future__ import annotations

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.loops.values import Value


def count_and_sum(k: Kernel, *, by_columns: bool = True) -> None:
    """Fill `bounds`; without `by_columns`, with all multiply-adds. All threads of the machine leave together."""
    _count(k, by_columns)
    k.b.fence()
    k.b.barrier("all")
    sum_up(k, k["bounds"])


def _count(k: Kernel, by_columns: bool) -> None:
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
        total = loop.results[0] + _accumulated(k, rows.index)
        b.store(total.minimum(k["columns"]) if by_columns else total, k["bounds"], rows.index + 1)


def _accumulated(k: Kernel, row: Value) -> Value:
    """Entries of the row that the product is added to."""
    if not k.form.accumulate:
        return k.b.index(0)
    pointers = k.operand("d").pointers
    return k.b.load_index(pointers, row + 1) - k.b.load_index(pointers, row)


def count_columns_and_sum(k: Kernel) -> None:
    """`bounds` in multiply-adds and `list_bounds` in entries of A, which comes by columns; `fills` and `lists` to 0."""
    b, a = k.b, k.operand("a")
    pointers = k.operand("b").pointers
    me, threads = b.rank("thread"), b.rank("threads")
    with b.range(me, k["rows"], threads) as rows:
        for name, shift in (("bounds", 1), ("list_bounds", 1), ("fills", 0), ("lists", 0)):
            b.store(0, k[name], rows.index + shift)
    b.fence()
    b.barrier("all")
    with b.range(me, k["inner"], threads) as inner:
        length = b.load_index(pointers, inner.index + 1) - b.load_index(pointers, inner.index)
        with b.if_(length > 0), k.entries(a, inner.index) as p:
            row = b.load_index(a.indices, p)
            b.reduce("add", k["bounds"], row + 1, length)
            b.reduce("add", k["list_bounds"], row + 1, 1)
    b.fence()
    b.barrier("all")
    sum_up(k, k["bounds"])
    sum_up(k, k["list_bounds"])


def full_rows(k: Kernel) -> None:
    """`bounds` where every row may be full."""
    b = k.b
    with b.range(b.rank("thread"), k["rows"] + 1, b.rank("threads")) as rows:
        b.store(rows.index * k["columns"], k["bounds"], rows.index)
    b.fence()
    b.barrier("all")


def sum_up(k: Kernel, counts: Value) -> None:
    """Prefix sums of counts[1..rows] in place, counts[0] = 0, by all threads; they leave together."""
    b, rows, partials = k.b, k["rows"], k["partials"]
    me, threads = b.rank("thread"), b.rank("threads")
    piece = (rows + threads - 1) // threads
    first = (me * piece).minimum(rows)
    last = (first + piece).minimum(rows)
    with b.range(first, last, carry=(b.index(0),)) as loop:
        loop.next(loop.state[0] + b.load_index(counts, loop.index + 1))
    b.store(loop.results[0], partials, me)
    b.fence()
    b.barrier("all")
    with b.range(0, me, carry=(b.index(0),)) as before:
        before.next(before.state[0] + b.load_index(partials, before.index))
    with b.range(first, last, carry=before.results) as loop:
        total = loop.state[0] + b.load_index(counts, loop.index + 1)
        b.store(total, counts, loop.index + 1)
        loop.next(total)
    with b.if_(me.eq(0)):
        b.store(0, counts, 0)
    b.fence()
    b.barrier("all")


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

"""Rows that one thread computes by itself: first where they surely fit, then, when all lengths are known, into C.

    offsets[i]      where row i may begin in the `t` arrays: the sum of multiply-adds before it
    lengths[i + 1]  its entries; summed up, lengths[i] is where it begins in C

Rows are dealt out over the whole machine: by rank, or by a token in memory.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from compiler.dialects.schedules.piuma import Work
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.symbolic import sum_up
from compiler.passes.loops.build import element_of
from compiler.passes.loops.values import Value


def meet_all(k: Kernel) -> None:
    """All threads of the machine; what they wrote before is there after."""
    k.b.fence()
    k.b.barrier("all")


@contextmanager
def rows_in_turn(k: Kernel, count: Value, token: int = 0) -> Generator[Value]:
    """Numbers below `count`, divided among all threads; `tokens[token]` must be 0 before any thread comes here."""
    b = k.b
    if k.schedule.work is Work.STATIC:
        with b.range(b.rank("thread"), count, b.rank("threads")) as loop:
            yield loop.index
        return
    with b.loop(count.like(0)) as loop:
        row = b.atomic("add", k["tokens"], token, 1).to(count.type)
        loop.while_(row < count, row)
        (row,) = loop.state
        yield row
        loop.next(row)


def clear_tokens(k: Kernel) -> None:
    """Before the first `meet_all`."""
    with k.b.if_(k.b.rank("thread").eq(0)):
        for token in range(4):
            k.b.store(0, k["tokens"], token)


def gather_rows(k: Kernel) -> None:
    """From the `t` arrays into C; all threads."""
    b = k.b
    sum_up(k, k["lengths"])
    starts, offsets = k["lengths"], k["bounds"]
    with b.range(b.rank("thread"), k["rows"], b.rank("threads")) as rows:
        start, after = b.load_index(starts, rows.index), b.load_index(starts, rows.index + 1)
        b.store(start, k["c_starts"], rows.index)
        _copy(k, b.load_index(offsets, rows.index), start, after - start)
    with b.if_(b.rank("thread").eq(0)):
        b.store(b.load(starts, k["rows"]), k["block_ends"], 0)
        b.store(0, k["block_rows"], 0)
        with b.range(1, b.rank("blocks")) as blocks:
            b.store(k["rows"], k["block_rows"], blocks.index)


def _copy(k: Kernel, source: Value, to: Value, count: Value) -> None:
    """By the DMA engine where elements need no conversion."""
    b = k.b
    if element_of(k["t_values"]) == element_of(k["c_values"]):
        with b.if_(count > 0):
            b.dma_copy(b.view(k["c_indices"], to), b.view(k["t_indices"], source), count)
            b.wait(b.dma_copy(b.view(k["c_values"], to), b.view(k["t_values"], source), count))
        return
    with b.range(0, count) as loop:
        b.store(b.load(k["t_indices"], source + loop.index), k["c_indices"], to + loop.index)
        k.store_entry(k["c_values"], to + loop.index, b.load(k["t_values"], source + loop.index))


def append(k: Kernel, at: Value, column: Value, total: Value) -> None:
    """An entry of a row."""
    k.b.store(column, k["t_indices"], at)
    k.b.store(total, k["t_values"], at)


def finish_row(k: Kernel, row: Value, length: Value) -> None:
    """Its number of entries."""
    k.b.store(length, k["lengths"], row + 1)

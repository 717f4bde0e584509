"""Windows: runs of rows whose entries surely fit the scratchpad, one after another, and where their rows go in C.

    for each window [first, last):       reset;  numeric phase;  place rows;  write back

A window has at most WINDOW_ROWS rows, and more than `capacity` possible entries only if it is a single row.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from xdsl.dialects.builtin import i64

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.scratchpad import WINDOW_ROWS, Common
from compiler.passes.kernel_to_piuma.symbolic import first_beyond, rows_of_block
from compiler.passes.loops.build import Loop
from compiler.passes.loops.values import Value


@dataclass(frozen=True, slots=True)
class Window:
    """Rows first to last, and what windows hand on to the next one."""

    first: Value
    last: Value
    number: Value
    end: Value
    """Of the block's rows."""
    loop: Loop

    @property
    def carried(self) -> tuple[Value, ...]:
        """What the lowering carries from window to window."""
        return self.loop.state[2:]


@contextmanager
def windows(k: Kernel, common: Common, capacity: int, carry: tuple[Value, ...] = ()) -> Generator[Window]:
    """The block's windows; the body ends in `next_window`. All threads meet at the start of each."""
    b = k.b
    first, end = rows_of_block(k)
    cursor, ends = k.spad(common.cursor, i64), k.spad(common.window_end, i64)
    with k.alone():
        start = b.load_index(k["bounds"], first)
        b.store(start, cursor, 0)
        b.store(first, k["block_rows"], b.rank("block"))
        b.store(_end_of(k, first, end, capacity), ends, 0)
    with b.loop(first, b.index(0), *carry) as loop:
        loop.while_(loop.state[0] < end)
        k.meet()
        first = loop.state[0]
        last = b.load_index(ends, 0)
        yield Window(first, last, loop.state[1], end, loop)
        assert loop.after is not None
    k.meet()
    with k.alone():
        b.store(b.load(cursor, 0), k["block_ends"], b.rank("block"))


def next_window(k: Kernel, window: Window, common: Common, capacity: int, *carry: Value) -> None:
    """One thread finds the next window's end; all go on. The last thing in the body of `windows`."""
    b = k.b
    k.meet()
    with k.alone(), b.if_(window.last < window.end):
        b.store(_end_of(k, window.last, window.end, capacity), k.spad(common.window_end, i64), 0)
    window.loop.next(window.last, window.number + 1, *carry)


def _end_of(k: Kernel, first: Value, end: Value, capacity: int) -> Value:
    b = k.b
    limit = b.load_index(k["bounds"], first) + capacity
    last = first_beyond(k, first, (first + WINDOW_ROWS).minimum(end), limit)
    return last.maximum((first + 1).minimum(end))


def reset_counts(k: Kernel, window: Window, common: Common) -> None:
    """Counts of the window's rows to 0, the token back; the threads have yet to meet."""
    b = k.b
    counts = k.spad(common.counts, i64)
    with b.range(k.me, window.last - window.first, k.threads) as loop:
        b.store(0, counts, loop.index)
    with k.alone():
        b.store(0, k.spad(common.token, i64), 0)


def place_rows(k: Kernel, window: Window, common: Common) -> None:
    """places[r] = c_starts[first + r] = where the row goes, from the counts; all threads meet before and within."""
    b = k.b
    counts, places, partials = (k.spad(at, i64) for at in (common.counts, common.places, common.partials))
    cursor = k.spad(common.cursor, i64)
    rows = window.last - window.first
    piece = (rows + k.threads - 1) // k.threads
    first = (k.me * piece).minimum(rows)
    last = (first + piece).minimum(rows)
    with b.range(first, last, carry=(b.index(0),)) as loop:
        loop.next(loop.state[0] + b.load_index(counts, loop.index))
    b.store(loop.results[0], partials, k.me)
    k.meet()
    with b.range(0, k.me, carry=(b.load_index(cursor, 0),)) as before:
        before.next(before.state[0] + b.load_index(partials, before.index))
    with b.range(first, last, carry=before.results) as loop:
        (at,) = loop.state
        b.store(at, places, loop.index)
        b.store(at, k["c_starts"], window.first + loop.index)
        loop.next(at + b.load_index(counts, loop.index))
    k.meet()
    with b.if_(k.me.eq(k.threads - 1)):
        b.store(loop.results[0], cursor, 0)

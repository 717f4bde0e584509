"""Rows of a wide matrix, chunk by chunk of columns, so that the sums stay in cache (MAGNUS, ICS 2025).

    cursors of A's entries at the start of their rows of B
    for each chunk: every cursor runs to the chunk's end, into sums and bits of the chunk's size; they are read off

Rows of B are sorted, so each entry is read once. Chunks are in order, and so is the row.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import i64

from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.kernel_to_c.window_rows import WORD, Row
from compiler.passes.loops.values import INDEX, Value


def write_chunked_row(kernel: Kernel) -> None:
    """`chunked_row`; the row's entries."""
    b = kernel.b
    size = 1 << kernel.schedule.chunk_log2
    with kernel.function("chunked_row", kernel.row, kernel.window, kernel.out, gives=INDEX) as v:
        with b.range(v.first, v.last) as p:
            named("p", p.index)
            k = b.load_index(v.a_indices, p.index)
            b.store(b.load(v.b_pointers, k), v.cursors, p.index - v.first)
        with b.range(0, v.columns, size, carry=(b.index(0),)) as chunks:
            (count,) = chunks.state
            base = named("base", chunks.index)
            named("count", count)
            _fill(kernel, v, base, named("chunk_end", base + size))
            rest = _Rest(v, kernel, count)
            row = Row(kernel, rest, summary=False, mask=None)
            words = row.words_between(b.index(0), b.index(size >> WORD))
            chunks.next(count + row.read_off(words, base))
        b.return_(*chunks.results)


class _Rest:
    """The function's values, with the output from where the chunk's part begins."""

    def __init__(self, v: Any, kernel: Kernel, count: Value) -> None:
        self._v = v
        self.out_indices = kernel.rest(v.out_indices, count, "chunk_indices")
        self.out_values = kernel.rest(v.out_values, count, "chunk_values")

    def __getattr__(self, name: str) -> Value:
        return getattr(self._v, name)


def _fill(kernel: Kernel, v: Any, base: Value, chunk_end: Value) -> None:
    b, ring = kernel.b, kernel.ring
    with b.range(v.first, v.last) as p:
        named("p", p.index)
        x = named("x", b.load(v.a_values, p.index))
        k = named("k", b.load_index(v.a_indices, p.index))
        end = named("end", b.load_index(v.b_pointers, k + 1))
        start = named("q", b.load_index(v.cursors, p.index - v.first))
        with b.loop(start) as loop:
            (q,) = loop.state
            named("q", q)
            inside = _inside(kernel, v, q, end, chunk_end)
            loop.while_(inside)
            (q,) = loop.state
            column = named("j", b.load_index(v.b_indices, q) - base)
            value = ring.multiply(x, b.load(v.b_values, q))
            b.store(ring.add(b.load(v.sums, column), value), v.sums, column)
            word = named("word", column.shift_right_signed(WORD))
            bit = b.constant(1, i64) << (column & 63).to(i64)
            b.store(b.load(v.bits, word) | bit, v.bits, word)
            loop.next(q + 1)
        b.store(loop.results[0], v.cursors, p.index - v.first)


def _inside(kernel: Kernel, v: Any, q: Value, end: Value, chunk_end: Value) -> Value:
    """Whether the cursor stands at an entry of the chunk."""
    b = kernel.b
    with b.if_(q < end) as choice:
        choice.gives(b.load_index(v.b_indices, q) < chunk_end)
    with choice.otherwise():
        choice.gives(0)
    return named("inside", choice.results[0])

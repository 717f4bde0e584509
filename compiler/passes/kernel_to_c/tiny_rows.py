"""Rows of few multiply-adds: all products side by side, each put where as many others have a smaller column.

    columns 7 2 7 4   ranks 2 0 2 1   slots 2:x 4:x 7:x+x   then the empty slots are squeezed out

The ranks are counts of comparisons, size * size of them without a branch, which compilers turn into vector code; equal
columns have equal ranks, so their products meet.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import IntegerType

from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.loops.values import INDEX, Value


def tiny_sizes(most: int) -> tuple[int, ...]:
    """The sizes of rows that have a function of their own."""
    return tuple(size for size in (8, 16, 32) if size <= most)


def write_tiny_row(kernel: Kernel, size: int) -> None:
    """`tiny_row_<size>`: a row of up to `size` products; its entries."""
    b, ring = kernel.b, kernel.ring
    number = IntegerType(kernel.form.index_width)
    with kernel.function(f"tiny_row_{size}", kernel.row, kernel.out, gives=INDEX) as v:
        keys, ranks = named("keys", b.local(number, size)), named("ranks", b.local(number, size))
        slots, used = named("slots", b.local(number, size)), named("used", b.local(number, size))
        products, sums = named("products", b.local(ring.type, size)), named("sums", b.local(ring.type, size))
        with b.range(0, size) as i:
            b.store((1 << number.width.data - 1) - 1, keys, i.index)
            b.store(0, ranks, i.index)
            b.store(0, used, i.index)
            b.store(0, slots, i.index)
            b.store(ring.zero(b), sums, i.index)
        count = _gather(kernel, v, keys, products)
        with b.range(0, count) as j:
            named("j", j.index)
            key = named("key", b.load(keys, j.index))
            with b.range(0, size) as i:
                smaller = (key < b.load(keys, i.index)).unsigned_to(number)
                b.store(b.load(ranks, i.index) + smaller, ranks, i.index)
        with b.range(0, count) as i:
            rank = named("rank", b.load_index(ranks, i.index))
            b.store(b.load(keys, i.index), slots, rank)
            b.store(ring.add(b.load(sums, rank), b.load(products, i.index)), sums, rank)
            b.store(1, used, rank)
        with b.range(0, count, carry=(b.index(0),)) as loop:
            (entries,) = loop.state
            named("entries", entries)
            b.store(b.load(slots, loop.index), v.out_indices, entries)
            b.store(b.load(sums, loop.index), v.out_values, entries)
            loop.next(entries + b.load_index(used, loop.index))
        b.return_(*loop.results)


def _gather(kernel: Kernel, v: Any, keys: Value, products: Value) -> Value:
    """Lay the products out; how many there are."""
    b, ring = kernel.b, kernel.ring
    start = b.index(0)
    if kernel.form.accumulate:
        d_first, d_last = kernel.bounds(v.d_pointers, v.row, ("d_first", "d_last"))
        with b.range(d_first, d_last) as q:
            named("q", q.index)
            b.store(b.load(v.d_indices, q.index), keys, q.index - d_first)
            b.store(b.load(v.d_values, q.index), products, q.index - d_first)
        start = d_last - d_first
    with b.range(v.first, v.last, carry=(start,)) as outer:
        named("p", outer.index)
        named("count", outer.state[0])
        x = named("x", b.load(v.a_values, outer.index))
        low, high = kernel.bounds(v.b_pointers, named("k", b.load_index(v.a_indices, outer.index)))
        with b.range(low, high, carry=outer.state) as inner:
            (count,) = inner.state
            named("q", inner.index)
            named("count", count)
            b.store(b.load(v.b_indices, inner.index), keys, count)
            b.store(ring.multiply(x, b.load(v.b_values, inner.index)), products, count)
            inner.next(count + 1)
        outer.next(*inner.results)
    return outer.results[0]


def write_copied_row(kernel: Kernel) -> None:
    """`copied_row`: A has one entry, so the row is a row of B, scaled."""
    b, ring = kernel.b, kernel.ring
    with kernel.function("copied_row", kernel.row, kernel.out, gives=INDEX) as v:
        x = named("x", b.load(v.a_values, v.first))
        low, high = kernel.bounds(v.b_pointers, named("k", b.load_index(v.a_indices, v.first)))
        with b.range(low, high) as q:
            named("q", q.index)
            b.store(b.load(v.b_indices, q.index), v.out_indices, q.index - low)
            b.store(ring.multiply(x, b.load(v.b_values, q.index)), v.out_values, q.index - low)
        b.return_(high - low)

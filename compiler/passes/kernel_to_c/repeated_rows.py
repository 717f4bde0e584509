"""Rows that repeat the one before, shifted: a stencil's, a band's. Where its products went is remembered.

    keys 3 4 5 4 5 6  places 0 1 2 1 2 3  columns 3 4 5 6      a row of keys 7 8 9 8 9 10 has the same places, columns 7 8 9 10

Worth a look are rows whose entries in A begin and end where those of the row before do, shifted; all products' columns decide.
A row that differs is made as any other, and remembered. Where that happens often, rows are looked at seldom. Each block of rows
begins anew, so results are the same to the last bit whatever the number of threads.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import IntegerType

from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.loops.values import INDEX, Value

LANES = 8
"""Products are laid out, compared and written so many at a time, past the end of what there is."""
SELDOM, PATIENCE = 16, 64
"""Where rows do not repeat one of so many is looked at; after one that did, until so many did not."""


def write_repeated_row(kernel: Kernel) -> None:
    """`repeated_row`: a row of up to `repeat` products; 0 where it does not repeat."""
    b, number = kernel.b, IntegerType(kernel.form.index_width)
    with kernel.function("repeated_row", kernel.row, kernel.window, kernel.out, gives=INDEX) as v:
        size = kernel.schedule.repeat + LANES
        keys, products = named("keys", b.local(number, size)), named("products", b.local(kernel.ring.type, size))
        _lay_out(kernel, v, keys, products)
        shift = named("shift", b.load(keys, 0) - b.load(v.kept_keys, 0))
        with b.if_(v.work.eq(b.load_index(v.kept_counts, 0))) as choice:
            choice.gives(_differs(kernel, v, keys, shift))
        with choice.otherwise():
            choice.gives(b.constant(1, number))
        with b.if_(named("differs", choice.results[0]).eq(0)) as again:
            again.gives(_as_before(kernel, v, products, shift))
        with again.otherwise():
            again.gives(b.index(0))
        b.return_(named("entries", again.results[0]))


def write_remembered_row(kernel: Kernel) -> None:
    """`remembered_row`: keep where the products of a row went, which has been made; its entries."""
    b, kept = kernel.b, {"made": INDEX}
    with kernel.function("remembered_row", kernel.row, kernel.window, kernel.out, kept, gives=INDEX) as v:
        with b.range(0, v.made) as i:
            column = named("column", b.load_index(v.out_indices, i.index))
            b.store(column, v.kept_columns, i.index)
            b.store(i.index, v.positions, column)
        with b.range(v.first, v.last, carry=(b.index(0),)) as loop:
            (at,) = loop.state
            named("p", loop.index)
            named("count", at)
            low, high = kernel.bounds(v.b_pointers, named("k", b.load_index(v.a_indices, loop.index)))
            with b.range(low, high) as q:
                to = named("to", at + (named("q", q.index) - low))
                column = named("column", b.load_index(v.b_indices, q.index))
                b.store(column, v.kept_keys, to)
                b.store(b.load(v.positions, column), v.kept_places, to)
            loop.next(at + (high - low))
        b.store(v.work, v.kept_counts, 0)
        b.store(v.made, v.kept_counts, 1)
        b.store(b.load_index(v.kept_counts, 2).maximum(1) - 1, v.kept_counts, 2)
        b.return_(v.made)


def forget_rows(kernel: Kernel, v: Any) -> None:
    """At the start of a block: what came before depends on the threads, and sums by place round otherwise than sums by column."""
    if kernel.repeats:
        kernel.b.store(0, v.kept_counts, 0)
        kernel.b.store(2, v.kept_counts, 2)


def may_repeat(kernel: Kernel, v: Any) -> Value:
    """Whether the row is small but not empty, as long as the one before, and shifted alike at both ends."""
    b = kernel.b
    due = (b.load_index(v.kept_counts, 2) > 0) | (v.row & (SELDOM - 1)).eq(0)
    with b.if_(due & (v.work > 0) & (v.work <= kernel.schedule.repeat) & (v.row > 0)) as choice:
        before = named("before", b.load_index(v.a_pointers, v.row - 1))
        with b.if_((v.first - before).eq(v.last - v.first)) as alike:
            front = b.load(v.a_indices, v.first) - b.load(v.a_indices, before)
            back = b.load(v.a_indices, v.last - 1) - b.load(v.a_indices, v.first - 1)
            alike.gives(front.eq(back))
        with alike.otherwise():
            alike.gives(0)
        choice.gives(alike.results[0])
    with choice.otherwise():
        choice.gives(0)
    return named("may_repeat", choice.results[0])


def _lay_out(kernel: Kernel, v: Any, keys: Value, products: Value) -> None:
    """All products, row of B after row of B; whole vectors of them where B has so much left."""
    b, ring = kernel.b, kernel.ring
    with b.range(v.first, v.last, carry=(b.index(0),)) as loop:
        (at,) = loop.state
        named("p", loop.index)
        named("count", at)
        x = named("x", b.load(v.a_values, loop.index))
        low, high = kernel.bounds(v.b_pointers, named("k", b.load_index(v.a_indices, loop.index)))
        with b.if_(high + LANES <= v.nnz_b) as choice, b.range(low, high, LANES) as q:
            source, target = named("q", q.index), named("to", at + (q.index - low))
            with b.range(0, LANES) as t:
                b.store(b.load(v.b_indices, source + t.index), keys, target + t.index)
            values, room = kernel.rest(v.b_values, source, "values"), kernel.rest(products, target, "room")
            with b.range(0, LANES) as t:
                b.store(ring.multiply(x, b.load(values, t.index)), room, t.index)
        with choice.otherwise(), b.range(low, high) as q:
            source, target = named("q", q.index), named("to", at + (q.index - low))
            b.store(b.load(v.b_indices, source), keys, target)
            b.store(ring.multiply(x, b.load(v.b_values, source)), products, target)
        loop.next(at + (high - low))


def _differs(kernel: Kernel, v: Any, keys: Value, shift: Value) -> Value:
    """Zero where every column is the one remembered, shifted."""
    b = kernel.b
    kept, after = kernel.rest(v.kept_keys, v.work, "kept"), kernel.rest(keys, v.work, "after")
    with b.range(0, LANES) as t:
        b.store(b.load(kept, t.index) + shift, after, t.index)
    with b.range(0, whole(v.work), carry=(shift.like(0),)) as i:
        (found,) = i.state
        named("found", found)
        i.next(found | ((b.load(keys, i.index) - b.load(v.kept_keys, i.index)) ^ shift))
    return i.results[0]


def whole(count: Value) -> Value:
    """So many in whole vectors."""
    return (count + (LANES - 1)) & -LANES


def _as_before(kernel: Kernel, v: Any, products: Value, shift: Value) -> Value:
    b, ring = kernel.b, kernel.ring
    b.store(PATIENCE, v.kept_counts, 2)
    entries = named("known", b.load_index(v.kept_counts, 1))
    end = named("end", whole(entries))
    with b.range(0, end) as i:
        b.store(b.load(v.kept_columns, i.index) + shift, v.out_indices, i.index)
    with b.range(0, end) as i:
        b.store(ring.zero(b), v.out_values, i.index)
    with b.range(0, v.work) as i:
        place = named("place", b.load_index(v.kept_places, i.index))
        b.store(ring.add(b.load(v.out_values, place), b.load(products, i.index)), v.out_values, place)
    return entries

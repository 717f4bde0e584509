"""SMASH V3: the table holds a tag and where its entry lies in dense arrays, which the DMA engines carry out.

    numeric      a new tag takes the next place of its row in the dense arrays and publishes it beside the tag, by an atomic
                 that others poll with atomics: plain accesses would race; sums are added to the dense array
    write back   two transfers for every row, while the next window computes into the other pair of arrays;
                 the table is cleared by a transfer

A row's piece of the dense arrays begins at its bound, so that rows do not mix; entries stand in order of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import IntegerType, i64

from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.passes.kernel_to_piuma.hash_tables import Hasher, enter
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.masks import wanted
from compiler.passes.kernel_to_piuma.scratchpad import Common, Plan
from compiler.passes.kernel_to_piuma.windows import Window, next_window, place_rows, reset_counts, windows
from compiler.passes.loops.values import INDEX, Value


@dataclass(frozen=True, slots=True)
class Layout:
    """The scratchpad of this lowering."""

    common: Common
    tags: int
    seats: int
    """Of every tag where its entry lies, plus 1."""
    columns: int
    sums: int
    bits: int
    slack: int
    index_bytes: int
    buffers: int

    @property
    def capacity(self) -> int:
        """Entries of a window: what the slack leaves of the slots."""
        return min(1 << self.bits - self.slack, self.row_capacity)

    @property
    def row_capacity(self) -> int:
        """Entries of a row that has a window to itself, and of a dense array."""
        return _longest_row(self.bits)

    @staticmethod
    def take(plan: Plan, s: PiumaSchedule, index_bytes: int) -> Layout:
        """Place it."""
        bits, capacity = s.window_log2, _longest_row(s.window_log2)
        buffers = 2 if s.double_buffer else 1
        common, tags, seats = Common.take(plan, s.threads), plan.take(8 << bits), plan.take(8 << bits)
        columns, sums = plan.take(buffers * index_bytes * capacity), plan.take(buffers * 8 * capacity)
        return Layout(common, tags, seats, columns, sums, bits, s.slack_log2, index_bytes, buffers)


def _longest_row(bits: int) -> int:
    """Five eighths of the slots: with as much, tables, two pairs of arrays and the rest fit a scratchpad."""
    return 5 << bits - 3


@dataclass(frozen=True, slots=True)
class Arrays:
    """The dense arrays of one window."""

    columns: Value
    sums: Value


def build(k: Kernel) -> None:
    """The numeric phase and all after it."""
    s = k.schedule
    layout = Layout.take(Plan(), s, k.form.index_width // 8)
    k.b.wait(_clear(k, layout))
    with windows(k, layout.common, layout.capacity, (k.b.constant(0, i64),)) as window:
        (ticket,) = window.carried
        reset_counts(k, window, layout.common)
        k.meet()
        arrays = _arrays(k, layout, window)
        _accumulate(k, window, layout, arrays)
        k.b.wait(ticket)
        k.meet()
        cleared = _clear(k, layout)
        place_rows(k, window, layout.common)
        ticket = _write_back(k, window, layout, arrays, cleared)
        k.b.wait(cleared if s.double_buffer else ticket)
        next_window(k, window, layout.common, layout.capacity, ticket)
    k.b.wait(window.loop.results[2])


def _clear(k: Kernel, layout: Layout) -> Value:
    """Each thread its piece of the table, tags and seats being neighbours; the ticket."""
    words = 2 << layout.bits
    piece = (k.threads + (words - 1)) // k.threads
    first = (k.me * piece).minimum(words)
    count = (first + piece).minimum(words) - first
    return k.b.dma_init(k.b.view(k.spad(layout.tags, i64), first), 0, count)


def _arrays(k: Kernel, layout: Layout, window: Window) -> Arrays:
    """Windows take the pairs in turn."""
    columns = k.spad(layout.columns, IntegerType(8 * layout.index_bytes))
    sums = k.spad(layout.sums, k.algebra.sum_type)
    if layout.buffers == 1:
        return Arrays(columns, sums)
    at = (window.number & 1) * layout.row_capacity
    return Arrays(k.b.view(columns, at), k.b.view(sums, at))


def _accumulate(k: Kernel, window: Window, layout: Layout, arrays: Arrays) -> None:
    b, a, other = k.b, k.operand("a"), k.operand("b")
    hasher = Hasher.of(k, window, layout.bits)
    token = k.spad(layout.common.token, i64)
    origin = b.load_index(k["bounds"], window.first)
    with k.shared_entries(window.first, window.last, token) as (row, p):
        local = row - window.first
        base = hasher.first_tag(local)
        start = b.load_index(k["bounds"], row) - origin
        factor = k.value(a.values, p)
        with k.entries(other, b.load_index(a.indices, p)) as q:
            product = k.algebra.multiply(b, factor, k.value(other.values, q))
            column = b.load_index(other.indices, q)
            with wanted(k, row, column):
                _add(k, layout, arrays, hasher, base + column, column, (local, start), product)
    if k.form.accumulate:
        d = k.operand("d")
        with k.accumulated_entries(window.first, window.last) as (row, p):
            local = row - window.first
            start = b.load_index(k["bounds"], row) - origin
            column = b.load_index(d.indices, p)
            value = k.algebra.widened(b.load(d.values, p))
            _add(k, layout, arrays, hasher, hasher.first_tag(local) + column, column, (local, start), value)


def _add(
    k: Kernel,
    layout: Layout,
    arrays: Arrays,
    hasher: Hasher,
    tag: Value,
    column: Value,
    row: tuple[Value, Value],
    product: Value,
) -> None:
    b = k.b
    counts = k.spad(layout.common.counts, i64)
    tags, seats = k.spad(layout.tags, i64), k.spad(layout.seats, i64)
    local, start = row

    def new(slot: Value) -> list[Value]:
        place = b.atomic("add", counts, local, 1).to(INDEX) + start
        b.store(column, arrays.columns, place)
        b.store(product, arrays.sums, place)
        b.reduce("or", seats, slot, place + 1)
        return []

    def found(slot: Value) -> list[Value]:
        with b.loop(b.index(0)) as spin:
            seat = b.atomic("or", seats, slot, 0).to(INDEX)
            spin.again_while(seat.eq(0), seat)
        b.reduce(k.algebra.atomic, arrays.sums, spin.results[0] - 1, product)
        return []

    enter(k, tags, hasher, tag, new, found)


def _write_back(k: Kernel, window: Window, layout: Layout, arrays: Arrays, ticket: Value) -> Value:
    b = k.b
    counts, places = k.spad(layout.common.counts, i64), k.spad(layout.common.places, i64)
    origin = b.load_index(k["bounds"], window.first)
    with b.range(k.me, window.last - window.first, k.threads, carry=(ticket,)) as loop:
        local = loop.index
        count = b.load_index(counts, local)
        with b.if_(count.eq(0)) as choice:
            choice.gives(loop.state[0])
        with choice.otherwise():
            start = b.load_index(k["bounds"], window.first + local) - origin
            to = b.load_index(places, local)
            b.dma_copy(b.view(k["c_indices"], to), b.view(arrays.columns, start), count)
            choice.gives(b.dma_copy(b.view(k["c_values"], to), b.view(arrays.sums, start), count))
        loop.next(*choice.results)
    return loop.results[0]

"""SMASH V1 and V2: sums lie in the table itself, and threads carry them out.

    numeric      tag by compare and swap, sum by an atomic add beside it; a new tag counts for its row
    write back   every slot is looked at; an entry takes the next place of its row, and its slot is emptied

The schedule says who takes which rows and how the table is searched; V1 and V2 differ in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import i64

from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.passes.kernel_to_piuma.hash_tables import Hasher, enter
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.masks import wanted
from compiler.passes.kernel_to_piuma.scratchpad import Common, Plan
from compiler.passes.kernel_to_piuma.windows import Window, next_window, place_rows, reset_counts, windows
from compiler.passes.loops.values import Value


@dataclass(frozen=True, slots=True)
class Layout:
    """The scratchpad of this lowering."""

    common: Common
    tags: int
    sums: int
    bits: int
    slack: int

    @property
    def capacity(self) -> int:
        """Entries of a window: what the slack leaves of the slots."""
        return min(1 << self.bits - self.slack, self.row_capacity)

    @property
    def row_capacity(self) -> int:
        """Entries of a row that has a window to itself: searches get long, but end."""
        return (1 << self.bits) - (1 << self.bits - 3)

    @staticmethod
    def take(plan: Plan, s: PiumaSchedule) -> Layout:
        """Place it."""
        tags, sums = plan.take(8 << s.window_log2), plan.take(8 << s.window_log2)
        return Layout(Common.take(plan, s.threads), tags, sums, s.window_log2, s.slack_log2)


def build(k: Kernel) -> None:
    """The numeric phase and all after it."""
    layout = Layout.take(Plan(), k.schedule)
    tags, sums = k.spad(layout.tags, i64), k.spad(layout.sums, k.algebra.sum_type)
    _clear(k, layout, tags, sums)
    with windows(k, layout.common, layout.capacity) as window:
        reset_counts(k, window, layout.common)
        k.meet()
        hasher = Hasher.of(k, window, layout.bits)
        _accumulate(k, window, layout, hasher)
        k.meet()
        place_rows(k, window, layout.common)
        k.meet()
        _write_back(k, layout, hasher)
        next_window(k, window, layout.common, layout.capacity)


def _clear(k: Kernel, layout: Layout, tags: Value, sums: Value) -> None:
    with k.b.range(k.me, 1 << layout.bits, k.threads) as loop:
        k.b.store(0, tags, loop.index)
        k.b.store(k.algebra.identity, sums, loop.index)


def _accumulate(k: Kernel, window: Window, layout: Layout, hasher: Hasher) -> None:
    b, a, other = k.b, k.operand("a"), k.operand("b")
    token = k.spad(layout.common.token, i64)
    with k.shared_entries(window.first, window.last, token) as (row, p):
        base = hasher.first_tag(row - window.first)
        factor = k.value(a.values, p)
        with k.entries(other, b.load_index(a.indices, p)) as q:
            product = k.algebra.multiply(b, factor, k.value(other.values, q))
            column = b.load_index(other.indices, q)
            with wanted(k, row, column):
                _add(k, layout, hasher, base + column, row - window.first, product)
    if k.form.accumulate:
        d = k.operand("d")
        with k.accumulated_entries(window.first, window.last) as (row, p):
            local = row - window.first
            tag = hasher.first_tag(local) + b.load_index(d.indices, p)
            _add(k, layout, hasher, tag, local, k.algebra.widened(b.load(d.values, p)))


def _add(k: Kernel, layout: Layout, hasher: Hasher, tag: Value, local: Value, product: Value) -> None:
    b = k.b
    tags, sums = k.spad(layout.tags, i64), k.spad(layout.sums, k.algebra.sum_type)
    counts = k.spad(layout.common.counts, i64)

    def counted(row: Value) -> list[Value]:
        b.reduce("add", counts, row, 1)
        return []

    (slot,) = enter(k, tags, hasher, tag, lambda _: counted(local), lambda _: [])
    b.reduce(k.algebra.atomic, sums, slot, product)


def _write_back(k: Kernel, layout: Layout, hasher: Hasher) -> None:
    b = k.b
    tags, sums = k.spad(layout.tags, i64), k.spad(layout.sums, k.algebra.sum_type)
    places = k.spad(layout.common.places, i64)
    with b.range(k.me, 1 << layout.bits, k.threads) as slots:
        slot = slots.index
        tag = b.load_index(tags, slot)
        with b.if_(tag.ne(0)):
            row, column = hasher.row_and_column(tag)
            place = b.atomic("add", places, row, 1)
            b.store(column, k["c_indices"], place)
            k.store_entry(k["c_values"], place, b.load(sums, slot))
            b.store(0, tags, slot)
            b.store(k.algebra.identity, sums, slot)

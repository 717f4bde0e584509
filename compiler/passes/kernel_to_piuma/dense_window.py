"""Row-wise products in a dense window of the scratchpad, filled and emptied by the DMA engines.

    for each row i of A, taken as tokens:
        mark       for (k, x) in A[i]:  bitmap[columns of B[k]] = 1                       DMA, set bits
        count      the ones between the first and the last marked word                    cpop
        place      position of the row in C                                               see row_order.py
        for each panel of columns that has a mark:
            add    for (k, x) in A[i]:  window[columns of B[k]] += x * values of B[k]     DMA, scaled scatter
            list   the marked columns, and clear their words                              ctz
            leave  C.values = window[list], C.indices = list, window[list] = 0            DMA: gather, copy, scatter

No probe and no atomic is issued by a thread; what it issues for a multiply-add is its share of two transfers, and for an
entry of C a turn of the `list` loop. Each thread has a window of its own, so threads meet only in `place`. With one panel
(`panels = false`) marking and adding go through A together. Rows of C come out sorted.

Semirings: plus_times and min_plus on f64; the window holds the semiring's zero, infinity for min_plus.
Refused by `legal`: everything else; windows that do not fit beside what of B is resident.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import f64, i32, i64

from compiler.dialects.schedules.piuma import PiumaSchedule
from compiler.dialects.spgemm_types import Semiring
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.kernel_to_piuma.resident_rows import ResidentRows
from compiler.passes.kernel_to_piuma.row_order import place_row
from compiler.passes.loops.values import INDEX, Value

COMBINE = {Semiring.PLUS_TIMES: "plustimes", Semiring.MIN_PLUS: "minplus"}
"""The semirings that transfers compute in."""
GROUP = 4
"""Bitmap words looked at between two branches."""
FAR = 1 << 40


@dataclass(frozen=True, slots=True)
class Window:
    """What one thread computes in."""

    values: Value
    bitmap: Value
    columns: Value
    """The list of a piece of a row."""
    zeros: Value
    """As many as a list may be long, shared by the block."""


@dataclass(frozen=True, slots=True)
class DenseWindow:
    """One kernel while it is written."""

    k: Kernel
    rows: ResidentRows
    window: Window

    @property
    def b(self) -> MachineBuilder:
        return self.k.b

    @property
    def schedule(self) -> PiumaSchedule:
        return self.k.schedule

    def row(self, i: Value) -> None:
        """All of the algorithm above for one row."""
        b = self.b
        start, end = (b.load_index(self.k["a_pointers"], i + step) for step in (0, 1))
        first, last = self._mark(start, end)
        low = (first >> 6) & -GROUP
        high = (last.shift_right_signed(6) | (GROUP - 1)) + 1
        position = place_row(self.k, i, self._count(low, high))
        if not self.schedule.panels:
            self._collect(self.window.values, low, high, position)
            return
        words = self.schedule.window_columns // 64
        with b.loop(low, position) as panel:
            word, position = panel.state
            panel.while_(word < high)
            word, position = panel.state
            number = word // words
            origin = b.view(self.window.values, number * -self.schedule.window_columns)
            limit = ((number + 1) * words).minimum(high)
            self._add(start, end, number, origin)
            panel.next(limit, self._collect(origin, word, limit, position))

    def _mark(self, start: Value, end: Value) -> tuple[Value, Value]:
        """First and last column of the row; all its columns are set in the bitmap."""
        b, rows = self.b, self.rows
        with b.range(start, end, carry=(b.index(FAR), b.index(-1), b.constant(0, i64))) as entry:
            first, last, ticket = entry.state
            low, high = rows.whole(b.load_index(self.k["a_indices"], entry.index))
            with b.if_(low < high) as some:
                columns, count = b.view(rows.indices, low), high - low
                done = b.dma_set_bits(self.window.bitmap, columns, count)
                if not self.schedule.panels:
                    done = self._scatter(self.window.values, entry.index, low, count)
                lowest, highest = b.load_index(rows.indices, low), b.load_index(rows.indices, high - 1)
                some.gives(first.minimum(lowest), last.maximum(highest), done)
            with some.otherwise():
                some.gives(first, last, ticket)
            entry.next(*some.results)
        first, last, ticket = entry.results
        b.wait(ticket)
        return first, last

    def _add(self, start: Value, end: Value, panel: Value, origin: Value) -> None:
        """The row's products in one panel."""
        b = self.b
        rows = self.rows.panel(panel)
        with b.range(start, end, carry=(b.constant(0, i64),)) as entry:
            (ticket,) = entry.state
            low, high = rows.whole(b.load_index(self.k["a_indices"], entry.index))
            with b.if_(low < high) as some:
                some.gives(self._scatter(origin, entry.index, low, high - low))
            with some.otherwise():
                some.gives(ticket)
            entry.next(*some.results)
        b.wait(entry.results[0])

    def _scatter(self, origin: Value, entry: Value, low: Value, count: Value) -> Value:
        b, rows = self.b, self.rows
        factor = b.load(self.k["a_values"], entry)
        combine = COMBINE[self.k.form.semiring]
        return b.dma_scaled(combine, origin, b.view(rows.indices, low), b.view(rows.values, low), count, factor)

    def _count(self, low: Value, high: Value) -> Value:
        b, bitmap = self.b, self.window.bitmap
        with b.range(low, high, GROUP, carry=(b.index(0),)) as group:
            (total,) = group.state
            for each in range(GROUP):
                total = total + b.load(bitmap, group.index + each).population().to(INDEX)
            group.next(total)
        return group.results[0]

    def _collect(self, origin: Value, low: Value, high: Value, position: Value) -> Value:
        """List and leave, piece by piece; the position after the last entry."""
        b = self.b
        with b.loop(low, position) as piece:
            word, position = piece.state
            word, count = self._list(word, high)
            self._leave(origin, count, position)
            piece.again_while(word < high, word, position + count)
        return piece.results[1]

    def _list(self, low: Value, high: Value) -> tuple[Value, Value]:
        """The marked columns from word `low` on, until the list is full; the next word, and how many there are."""
        b, bitmap, columns = self.b, self.window.bitmap, self.window.columns
        full = b.address(columns) + 4 * self.schedule.list_entries
        with b.loop(low, columns) as group:
            word, tail = group.state
            with b.if_(word < high) as more:
                more.gives(b.address(tail) < full)
            with more.otherwise():
                more.gives(0)
            group.while_(more.results[0])
            word, tail = group.state
            for each in range(GROUP):
                bits = b.load(bitmap, word + each)
                with b.if_(bits.ne(0)) as some:
                    b.store(0, bitmap, word + each)
                    some.gives(self._list_word(bits, (word << 6) + 64 * each, tail))
                with some.otherwise():
                    some.gives(tail)
                (tail,) = some.results
            group.next(word + GROUP, tail)
        word, tail = group.results
        return word, (b.address(tail) - b.address(columns)) >> 2

    def _list_word(self, bits: Value, column: Value, tail: Value) -> Value:
        """The columns of a word; the list's end after them."""
        b = self.b
        with b.loop(bits, tail) as bit:
            bits, tail = bit.state
            lowest = bits.trailing_zeros()
            b.store((lowest.to(INDEX) + column).to(i32), tail, 0)
            rest = bits & ~(b.constant(1, i64) << lowest)
            bit.again_while(rest.ne(0), rest, b.view(tail, 1))
        return bit.results[1]

    def _leave(self, origin: Value, count: Value, position: Value) -> None:
        """Move a piece to C and clear its columns of the window."""
        b, columns = self.b, self.window.columns
        with b.if_(count.ne(0)):
            b.dma_gather(b.view(self.k["c_values"], position), origin, columns, count)
            b.wait(b.dma_copy(b.view(self.k["c_indices"], position), columns, count))
            b.wait(b.dma_scatter(origin, columns, self.window.zeros, count))


def list_room(schedule: PiumaSchedule) -> int:
    """Entries that a list may reach: it is full only between two groups of words."""
    return schedule.list_entries + GROUP * 64


def window_words(schedule: PiumaSchedule) -> int:
    """Scratchpad of a thread, in words, without its bitmap."""
    return schedule.window_columns + list_room(schedule) // 2


def bitmap_words(columns: int) -> int:
    """Words of a bitmap of all columns, whole groups."""
    return -(-columns // (64 * GROUP)) * GROUP


def bitmap_words_of(columns: Value) -> Value:
    """The same, computed by the kernel."""
    shift = GROUP.bit_length() - 1
    return ((columns + (64 * GROUP - 1)) >> (6 + shift)) << shift


def place_window(k: Kernel, own: Value, zeros: Value, bits: Value) -> Window:
    """In a thread's own part of the scratchpad, a memref of i64; `bits` are the words of its bitmap. Clears it."""
    b, width = k.b, k.schedule.window_columns
    bitmap = b.view(own, width)
    window = Window(b.view(own, 0, f64), bitmap, b.view(b.view(bitmap, bits), 0, i32), zeros)
    b.wait(b.dma_init(window.values, k.algebra.identity, width))
    b.wait(b.dma_init(bitmap, 0, bits))
    return window

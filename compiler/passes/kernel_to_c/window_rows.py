"""Rows through a window: sums by column, and a bitmap of the columns that occur, read off in order.

    for each entry x of A's row, for each entry y of that row of B:
        sums[column] += x * y;   bits[column / 64] |= 1 << column % 64
    touched words of `bits`, lowest first -> their columns, lowest first -> out_indices;   sums[column] -> out_values

With `words` the bitmap comes from patterns of B packed beforehand; with `summary` a second bitmap says which words of the
first to look at. Both are read without a branch per bit: four columns are written whatever there is, and as many count as
are there. Everything is left as it was found: sums that change no sum, bits that are zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdsl.dialects.builtin import i64

from compiler.dialects.schedules.cpu import Accumulator
from compiler.dialects.spgemm_kernel import Mask
from compiler.passes.kernel_to_c import table
from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.loops.values import INDEX, Value

WORD = 6
"""64 columns are a word of the bitmap, 64 words one of the summary."""
UNROLL = 8
"""Additions written out one after another where bits come from packed patterns: nothing else is done for an entry then."""


def write_window_row(kernel: Kernel, name: str, summary: bool) -> None:
    """`window_row`, or `sparse_row` with the summary; the row's entries."""
    with kernel.function(name, kernel.row, kernel.window, kernel.out, gives=INDEX) as v:
        hashed = kernel.schedule.accumulator is Accumulator.HASH
        mask = table.mask_of(kernel, v) if hashed else None
        row = Row(kernel, v, summary, mask)
        words = row.words_between(*row.accumulate())
        kernel.b.return_(row.read_off(words, None))


def write_counted_row(kernel: Kernel) -> None:
    """`counted_row`: how many entries the row will have, from its bitmap alone."""
    with kernel.function("counted_row", kernel.row, kernel.window, gives=INDEX) as v:
        row = Row(kernel, v, summary=False, mask=None, counting=True)
        kernel.b.return_(row.count_bits(*row.accumulate()))


class Row:
    """The pieces of one row; `counting` leaves the sums out."""

    def __init__(self, kernel: Kernel, v: Any, summary: bool, mask: Value | None, counting: bool = False) -> None:
        self.kernel, self.b, self.v, self.summary, self.table = kernel, kernel.b, v, summary, mask
        self.counting = counting

    # --- in -----------------------------------------------------------------------------------------------------------------

    def accumulate(self) -> tuple[Value, Value]:
        """All contributions; the words of the bitmap (or of the summary) that may be in use: the first, and after the last."""
        b, v, kernel = self.b, self.v, self.kernel
        shift = 2 * WORD if self.summary else WORD
        extent = b.index(1 << 62), b.index(0)
        if kernel.masked:
            self._allow(True)
        if kernel.form.accumulate:
            first, last = kernel.bounds(v.d_pointers, v.row, ("d_first", "d_last"))
            extent = self._stretched(extent, v.d_indices, first, last, shift)
            with b.range(first, last) as q:
                named("q", q.index)
                column = named("j", b.load_index(v.d_indices, q.index))
                self._contribute(column, b.load(v.d_values, q.index))
        with b.range(v.first, v.last, carry=extent) as p:
            named("p", p.index)
            named("low", p.state[0])
            named("stop", p.state[1])
            x = self.factor(p.index)
            k = named("k", b.load_index(v.a_indices, p.index))
            start, end = kernel.bounds(v.b_pointers, k)
            stretched = self._stretched((p.state[0], p.state[1]), v.b_indices, start, end, shift)
            if kernel.schedule.words:
                self._mark_words(k)
            if not (self.counting and kernel.schedule.words):
                self._add_row(x, start, end)
            p.next(*stretched)
        if kernel.masked:
            self._allow(False)
        return p.results[0], p.results[1]

    def factor(self, p: Value) -> Value:
        """The entry of A."""
        return named("x", self.b.load(self.v.a_values, p))

    def _stretched(
        self, extent: tuple[Value, Value], indices: Value, start: Value, end: Value, shift: int
    ) -> tuple[Value, Value]:
        """The extent with that of a row, if it has entries: they are sorted."""
        b = self.b
        with b.if_(start < end) as choice:
            first = named("front", b.load_index(indices, start).shift_right_signed(shift))
            last = named("back", b.load_index(indices, end - 1).shift_right_signed(shift))
            low, stop = extent
            choice.gives(low.minimum(first), stop.maximum(named("after", last + 1)))
        with choice.otherwise():
            choice.gives(*extent)
        named("low", choice.results[0])
        named("stop", choice.results[1])
        return choice.results[0], choice.results[1]

    def _add_row(self, x: Value, start: Value, end: Value) -> None:
        if not self.kernel.schedule.words or self.table is not None:
            self._add_entries(x, start, end)
            return
        with self.b.if_(self._without_gaps(start, end)) as choice:
            self._add_run(x, start, end)
        with choice.otherwise():
            self._add_entries(x, start, end)

    def _without_gaps(self, start: Value, end: Value) -> Value:
        """Whether a row of B has entries, in columns one after another."""
        b, indices = self.b, self.v.b_indices
        with b.if_(start < end) as choice:
            width = b.load_index(indices, end - 1) - b.load_index(indices, start)
            choice.gives(width.eq(end - 1 - start))
        with choice.otherwise():
            choice.gives(0)
        return named("run", choice.results[0])

    def _add_run(self, x: Value, start: Value, end: Value) -> None:
        """The same as entry by entry, which compilers turn into vector code: bits come from packed patterns."""
        b, v, ring = self.b, self.v, self.kernel.ring
        sums = self.kernel.rest(v.sums, b.load_index(v.b_indices, start), "run_sums")
        values = self.kernel.rest(v.b_values, start, "run_values")
        with b.range(0, end - start) as i:
            value = ring.multiply(x, b.load(values, i.index))
            b.store(ring.add(b.load(sums, i.index), value), sums, i.index)

    def _add_entries(self, x: Value, start: Value, end: Value) -> None:
        b, v, ring = self.b, self.v, self.kernel.ring
        packed = self.kernel.schedule.words and self.table is None
        with self.kernel.short_rounds(start, end, UNROLL) if packed else b.range(start, end) as q:
            named("q", q.index)
            column = named("j", b.load_index(v.b_indices, q.index))
            self._where_wanted(
                column, lambda: self._contribute(column, ring.multiply(x, b.load(v.b_values, q.index)), by_word=True)
            )

    def _where_wanted(self, column: Value, write: Callable[[], None]) -> None:
        """Only where the mask lets it."""
        if not self.kernel.masked:
            write()
            return
        b = self.b
        word = b.load(self.v.allowed, column.shift_right_signed(WORD))
        bit = (word >> (column & 63).to(i64)) & 1
        with b.if_(bit.ne(1 if self.kernel.form.mask is Mask.COMPLEMENT else 0)):
            write()

    def _contribute(self, column: Value, value: Value, by_word: bool = False) -> None:
        """One value to a column; with `by_word`, its bit comes from a packed pattern where there are some."""
        b, v = self.b, self.v
        if not self.counting:
            place = table.place_of(self.kernel, v, self.table, column) if self.table is not None else column
            b.store(self.kernel.ring.add(b.load(v.sums, place), value), v.sums, place)
        if by_word and self.kernel.schedule.words:
            return
        bit = b.constant(1, i64) << (column & 63).to(i64)
        word = named("word", column.shift_right_signed(WORD))
        self._set(v.bits, word, bit)
        if self.summary:
            self._set(v.summary, column.shift_right_signed(2 * WORD), b.constant(1, i64) << (word & 63).to(i64))

    def _set(self, bitmap: Value, at: Value, bits: Value) -> None:
        self.b.store(self.b.load(bitmap, at) | bits, bitmap, at)

    def _mark_words(self, k: Value) -> None:
        """The packed pattern of a row of B into the bitmap."""
        b, v = self.b, self.v
        start, end = self.kernel.bounds(v.word_pointers, k, ("word_start", "word_end"))
        with b.range(start, end) as q:
            named("q", q.index)
            word = named("word", b.load_index(v.word_columns, q.index))
            self._set(v.bits, word, b.load(v.word_masks, q.index))
            if self.summary:
                self._set(v.summary, word.shift_right_signed(WORD), b.constant(1, i64) << (word & 63).to(i64))

    def _allow(self, on: bool) -> None:
        """The bits of the mask's row, set before the row is made and cleared after."""
        b, v = self.b, self.v
        first, last = self.kernel.bounds(v.mask_pointers, v.row, ("mask_first", "mask_last"))
        with b.range(first, last) as q:
            named("q", q.index)
            column = named("j", b.load_index(v.mask_indices, q.index))
            word = column.shift_right_signed(WORD)
            if on:
                self._set(v.allowed, word, b.constant(1, i64) << (column & 63).to(i64))
            else:
                b.store(0, v.allowed, word)

    # --- out ----------------------------------------------------------------------------------------------------------------

    def words_between(self, low: Value, stop: Value) -> Value:
        """List the words in use in `touched`; how many there are."""
        b, v = self.b, self.v
        if self.summary:
            with b.range(low, stop, carry=(b.index(0),)) as outer:
                named("group", outer.index)
                bits = named("left", b.load(v.summary, outer.index))
                b.store(0, v.summary, outer.index)
                outer.next(
                    self._spread(bits, named("word", outer.index << WORD), v.touched, named("words", outer.state[0]))
                )
            return outer.results[0]
        with b.range(low, stop, carry=(b.index(0),)) as loop:
            (count,) = loop.state
            named("words", count)
            named("word", loop.index)
            b.store(loop.index, v.touched, count)
            loop.next(count + b.load(v.bits, loop.index).ne(0).unsigned_to(INDEX))
        return loop.results[0]

    def count_bits(self, low: Value, stop: Value) -> Value:
        """The bits that are one; they are cleared."""
        b, v = self.b, self.v
        with b.range(low, stop, carry=(b.index(0),)) as loop:
            named("entries", loop.state[0])
            named("word", loop.index)
            found = named("found", b.load(v.bits, loop.index))
            b.store(0, v.bits, loop.index)
            loop.next(loop.state[0] + found.population().to(INDEX))
        return loop.results[0]

    def _spread(self, bits: Value, base: Value, out: Value, count: Value) -> Value:
        """The numbers of the bits that are one, from `base`, appended to `out` four at a time; the new count."""
        b = self.b
        stop = named("stop", count + bits.population().to(INDEX))
        with b.loop(bits, count) as loop:
            left, at = loop.state
            named("left", left)
            named("at", at)
            loop.while_(at < stop)
            left, at = loop.state
            for ahead in range(4):
                b.store(base + left.trailing_zeros().to(INDEX), out, at + ahead if ahead else at)
                left = named("left", left & (left - 1))
            loop.next(left, at + 4)
        return stop

    def read_off(self, words: Value, base: Value | None) -> Value:
        """The columns of the touched words and their sums, to the end of the row; how many there are."""
        count = self.read_columns(words, base)
        self._take_sums(count, base)
        return count

    def read_columns(self, words: Value, base: Value | None) -> Value:
        """The columns alone."""
        b, v = self.b, self.v
        with b.range(0, words, carry=(b.index(0),)) as loop:
            (count,) = loop.state
            named("count", count)
            word = named("word", b.load_index(v.touched, loop.index))
            bits = named("left", b.load(v.bits, word))
            b.store(0, v.bits, word)
            first = named("column", word << WORD)
            loop.next(self._spread(bits, first if base is None else base + first, v.out_indices, count))
        return loop.results[0]

    def _take_sums(self, count: Value, base: Value | None) -> None:
        b, v, ring = self.b, self.v, self.kernel.ring
        with b.range(0, count) as i:
            column = named("j", b.load_index(v.out_indices, i.index))
            if self.table is not None:
                place = table.place_of(self.kernel, v, self.table, column)
            else:
                place = column if base is None else named("place", column - base)
            b.store(b.load(v.sums, place), v.out_values, i.index)
            if self.table is None:
                b.store(ring.zero(b), v.sums, place)
        if self.table is not None:
            table.clear(self.kernel, v, self.table)

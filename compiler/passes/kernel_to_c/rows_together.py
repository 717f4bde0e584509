"""Rows of A that have the same columns and follow one another, made together: four places for each column, B read once.

    row 7 of A: columns 2 5, values x0 x1          rows 2 and 5 of B are read once; for each of their entries y in column j
    row 8 of A: columns 2 5, values u0 u1              lanes[4 j] += x y;   lanes[4 j + 1] += u y;   …

The unknowns of one node of a finite-element mesh have such rows. Their rows of the result have one pattern too, which is
found once. Each sum has its terms in the order that a row by itself would have: results are the same to the last bit.
"""

from __future__ import annotations

from typing import Any

from compiler.passes.kernel_to_c.rows import Kernel, Parameters, named
from compiler.passes.kernel_to_c.window_rows import Row
from compiler.passes.loops.values import INDEX, Value

LANES = 4
"""Rows made together at most: a vector of doubles."""
_ALIKE: Parameters = {"alike": INDEX}


def write_rows_together(kernel: Kernel) -> None:
    """`rows_together`: so many `alike` rows, one after another; the entries of each."""
    with kernel.function("rows_together", kernel.row, kernel.window, kernel.out, _ALIKE, gives=INDEX) as v:
        rows = _Together(kernel, v)
        entries = rows.read_columns(rows.words_between(*rows.accumulate()), None)
        rows.take_lanes(entries)
        kernel.b.return_(entries)


def rows_together(kernel: Kernel, mine: Any, **given: Value) -> Value:
    """Call it."""
    return kernel.call("rows_together", (kernel.row, kernel.window, kernel.out, _ALIKE), mine, "entries", **given)


class _Together(Row):
    """The pieces of alike rows."""

    def __init__(self, kernel: Kernel, v: Any) -> None:
        super().__init__(kernel, v, summary=False, mask=None)
        self._factors: list[Value] = []
        length = named("length", v.last - v.first)
        behind = named("others", v.alike - 1)
        self._shifts = [length * behind.minimum(lane) for lane in range(1, LANES)]
        for lane, shift in enumerate(self._shifts, 1):
            named(f"to_{lane}", shift)

    def factor(self, p: Value) -> Value:
        """Those of all rows; of one more often where there are fewer: its lanes are not looked at."""
        first = super().factor(p)
        others = [self.b.load(self.v.a_values, p + shift) for shift in self._shifts]
        self._factors = [first, *(named(f"x{lane}", each) for lane, each in enumerate(others, 1))]
        return first

    def _add_row(self, x: Value, start: Value, end: Value) -> None:
        """The lanes one by one: loops over them compilers unroll, and then do not find the vector in them."""
        b, v, ring = self.b, self.v, self.kernel.ring
        with b.range(start, end) as q:
            named("q", q.index)
            column = named("j", b.load_index(v.b_indices, q.index))
            y = named("y", b.load(v.b_values, q.index))
            places = self.kernel.rest(v.lanes, column * LANES, "places")
            for lane, each in enumerate(self._factors):
                b.store(ring.add(b.load(places, lane), ring.multiply(each, y)), places, lane)

    def take_lanes(self, count: Value) -> None:
        """The sums of each row, behind those of the row before; the columns again for each row but the first."""
        b, v, ring = self.b, self.v, self.kernel.ring
        with b.range(0, v.alike) as lane:
            named("lane", lane.index)
            behind = named("behind", lane.index * count)
            values = self.kernel.rest(v.out_values, behind, "values")
            with b.range(0, count) as i:
                column = named("j", b.load_index(v.out_indices, i.index))
                b.store(b.load(v.lanes, column * LANES + lane.index), values, i.index)
        with b.range(0, count) as i:
            column = named("j", b.load_index(v.out_indices, i.index))
            places = self.kernel.rest(v.lanes, column * LANES, "places")
            for lane in range(LANES):
                b.store(ring.zero(b), places, lane)
        with b.range(1, v.alike) as lane:
            behind = named("behind", named("lane", lane.index) * count)
            with b.range(0, count) as i:
                b.store(b.load(v.out_indices, i.index), v.out_indices, behind + i.index)


def alike_rows(kernel: Kernel, v: Any, row: Value, end: Value) -> Value:
    """How many rows from this one on, before `end` and up to `LANES`, have its columns; 1 where rows are short."""
    b = kernel.b
    first, last = kernel.bounds(v.a_pointers, row, ("first", "last"))
    length = named("length", last - first)
    with b.loop(b.index(1)) as loop:
        (found,) = loop.state
        named("alike", found)
        following = named("following", row + found)
        with b.if_((found < LANES) & (following < end)) as choice:
            choice.gives(_is_alike(kernel, v, first, length, following))
        with choice.otherwise():
            choice.gives(0)
        loop.while_(named("is_alike", choice.results[0]), found)
        loop.next(loop.state[0] + 1)
    return loop.results[0]


def _is_alike(kernel: Kernel, v: Any, first: Value, length: Value, row: Value) -> Value:
    """Whether a row has entries in the columns of the one that begins at `first`: its ends tell of most that it has not."""
    b = kernel.b
    begin, end = kernel.bounds(v.a_pointers, row, ("begin", "stop"))
    with b.if_((end - begin).eq(length) & (length > 0)) as choice:
        front = b.load(v.a_indices, begin).eq(b.load(v.a_indices, first))
        back = b.load(v.a_indices, end - 1).eq(b.load(v.a_indices, first + length - 1))
        choice.gives(front & back)
    with choice.otherwise():
        choice.gives(0)
    with b.if_(named("ends_alike", choice.results[0])) as whole:
        with b.loop(b.index(0)) as loop:
            at = named("at", loop.state[0])
            with b.if_(at < length) as inside:
                inside.gives(b.load(v.a_indices, begin + at).eq(b.load(v.a_indices, first + at)))
            with inside.otherwise():
                inside.gives(0)
            loop.while_(named("same", inside.results[0]), at)
            loop.next(loop.state[0] + 1)
        whole.gives(loop.results[0].eq(length))
    with whole.otherwise():
        whole.gives(0)
    return named("alike", whole.results[0])

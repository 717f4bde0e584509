"""Row-wise products in a small table of each thread's own: for rows with few products, far apart.

    for each row i of A, taken as tokens:
        for (k, x) in A[i], (j, y) in B[k]:  find j in the table, or enter it with the next free place;  sums[place] += x * y
        place    position of the row in C                                                 see row_order.py
        leave    C.values = sums, C.indices = columns                                     DMA, copies

A table word holds `row tag << 48 | column << 16 | place`, so that one subtraction decides whether a word is the column's, and
what earlier rows left, whose tags are smaller, counts as free: nothing is cleared between rows. Nobody else enters the table:
no atomics. Columns stand in C in the order in which they came.

Refused by `legal`: rows with more products than the table has room for, and 2**32 columns or more.
"""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import f64, i1, i32

from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.kernel_to_piuma.resident_rows import ResidentRows
from compiler.passes.kernel_to_piuma.row_order import place_row
from compiler.passes.loops.values import INDEX, Value

TAG = 48
COLUMN = 16
PLACES = 1 << COLUMN
GOLDEN = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: neighbouring columns start far apart (Knuth, multiplicative hashing)."""


def table_slots(products: int) -> int:
    """Slots of a table for so many columns at most: a power of two, at most half full."""
    return 1 << (2 * products - 1).bit_length()


def table_words(products: int) -> int:
    """Scratchpad of a thread, in words: the table, the sums, the columns."""
    return table_slots(products) + products + (products + 1) // 2


@dataclass(frozen=True, slots=True)
class PrivateHash:
    """One thread's table."""

    k: Kernel
    rows: ResidentRows
    table: Value
    sums: Value
    columns: Value

    @staticmethod
    def at(k: Kernel, rows: ResidentRows, own: Value) -> PrivateHash:
        """In a thread's own part of the scratchpad, a memref of i64; the table is empty."""
        b, products = k.b, k.schedule.hash_products
        sums = b.view(own, table_slots(products))
        found = PrivateHash(k, rows, own, b.view(sums, 0, f64), b.view(b.view(sums, products), 0, i32))
        found.clear()
        return found

    @property
    def b(self) -> MachineBuilder:
        return self.k.b

    @property
    def slots(self) -> int:
        """Of the table."""
        return table_slots(self.k.schedule.hash_products)

    def clear(self) -> None:
        """Make every slot free."""
        self.b.wait(self.b.dma_init(self.table, 0, self.slots))

    def row(self, i: Value, tag: Value) -> Value:
        """Compute a row under a tag that is larger than every earlier one; the next tag."""
        b, algebra = self.b, self.k.algebra
        start, end = (b.load_index(self.k["a_pointers"], i + step) for step in (0, 1))
        with b.range(start, end, carry=(b.index(0),)) as entry:
            (count,) = entry.state
            low, high = self.rows.whole(b.load_index(self.k["a_indices"], entry.index))
            factor = b.load(self.k["a_values"], entry.index)
            with b.range(low, high, carry=(count,)) as product:
                (count,) = product.state
                column = b.load_index(self.rows.indices, product.index)
                term = algebra.multiply(b, factor, b.load(self.rows.values, product.index))
                product.next(self._add(tag, column, term, count))
            entry.next(*product.results)
        (count,) = entry.results
        self._leave(i, count)
        return self._next_tag(tag)

    def _add(self, tag: Value, column: Value, term: Value, count: Value) -> Value:
        """Add to a column's sum; how many columns there are then."""
        b, table = self.b, self.table
        slots, algebra = self.slots, self.k.algebra
        key = (column << COLUMN) + tag
        home = (column * GOLDEN) >> 65 - slots.bit_length()
        with b.loop(home, count) as probe:
            slot, count = probe.state
            word = b.load(table, slot)
            place = word - key
            with b.if_(place.ult(PLACES)) as hit:
                b.store(algebra.add(b.load(self.sums, place), term), self.sums, place)
                hit.gives(b.constant(0, i1), slot, count)
            with hit.otherwise():
                with b.if_(word.ult(tag)) as free:
                    b.store(key + count, table, slot)
                    b.store(term, self.sums, count)
                    b.store(column, self.columns, count)
                    free.gives(b.constant(0, i1), slot, count + 1)
                with free.otherwise():
                    free.gives(1, (slot + 1) & slots - 1, count)
                hit.gives(*free.results)
            probe.again_while(*hit.results)
        return probe.results[1]

    def _leave(self, i: Value, count: Value) -> None:
        b = self.b
        position = place_row(self.k, i, count)
        b.dma_copy(b.view(self.k["c_values"], position), self.sums, count)
        b.wait(b.dma_copy(b.view(self.k["c_indices"], position), self.columns, count))

    def _next_tag(self, tag: Value) -> Value:
        """After 65535 rows of one thread tags begin anew in an empty table."""
        following = tag + (1 << TAG)
        with self.b.if_(following.eq(0)) as again:
            self.clear()
            again.gives(following.like(1 << TAG))
        with again.otherwise():
            again.gives(following)
        return again.results[0]


def first_tag(b: MachineBuilder) -> Value:
    """What an empty table's first row is entered under."""
    return b.constant(1 << TAG, INDEX)

"""The sums of a row in a table by hash: as large as the row needs, open addressing, the next place where one is taken.

    mask = 2 * multiply-adds, up to a power of two, minus one
    at = (column * 0x9E37…15 >> 32) & mask;   while (keys[at] != column && keys[at] != EMPTY) at = (at + 1) & mask

Keys are columns plus one, so that an empty place is zero. After the row the places are cleared in one sweep.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import i64

from compiler.passes.kernel_to_c.rows import Kernel, named
from compiler.passes.loops.values import INDEX, Value

MULTIPLIER = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4)."""


def mask_of(kernel: Kernel, v: Any) -> Value:
    """The table's size less one: twice what the row can have, and at least eight."""
    b = kernel.b
    most = named("most", v.work.minimum(v.columns) + 4).to(i64)
    bits = b.constant(64, i64) - most.leading_zeros()
    return named("table_mask", ((b.constant(2, i64) << bits) - 1).to(INDEX))


def place_of(kernel: Kernel, v: Any, mask: Value, column: Value) -> Value:
    """Where a column's sum is; a column that is new takes its place."""
    b = kernel.b
    key = named("key", (column + 1).to(i64))
    start = ((key * MULTIPLIER) >> 32).to(INDEX) & mask
    with b.loop(start) as loop:
        (at,) = loop.state
        named("at", at)
        held = named("held", b.load(v.keys, at))
        loop.while_(held.ne(key) & held.ne(0))
        (at,) = loop.state
        loop.next((at + 1) & mask)
    (place,) = loop.results
    b.store(key, v.keys, place)
    return place


def clear(kernel: Kernel, v: Any, mask: Value) -> None:
    """Make the table empty again."""
    b = kernel.b
    with b.range(0, mask + 1) as i:
        b.store(0, v.keys, i.index)
        b.store(kernel.ring.zero(b), v.sums, i.index)

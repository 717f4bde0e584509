"""The hash table in the scratchpad: where a search begins, and the search.

A key is (row in the window << column bits) + column; a tag is the key plus 1, so that 0 is an empty slot.

    HIGH_BITS        key >> (bits of a key - bits of the table): neighbours meet (SMASH V1)
    LOW_BITS         tag & mask: rows that lie a power of two apart meet (SMASH V2, V3)
    MULTIPLICATIVE   (tag * odd number) >> (64 - bits of the table), another number for every window
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

from xdsl.dialects.builtin import i1, i64
from xdsl.ir import Attribute

from compiler.dialects.schedules.piuma import Hash
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.windows import Window
from compiler.passes.loops.values import INDEX, Value

GOLDEN = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio (Knuth, TAOCP 3, section 6.4)."""


@dataclass(frozen=True, slots=True)
class Hasher:
    """How keys of one window become slots."""

    kind: Hash
    table_bits: int
    column_bits: Value
    constant: Value
    """The shift, the mask or the factor."""

    @staticmethod
    def of(k: Kernel, window: Window, table_bits: int) -> Hasher:
        """For a window, whose rows decide how many bits a key has."""
        b = k.b
        column_bits = (64 - (k["columns"].maximum(2) - 1).to(i64).leading_zeros()).to(INDEX)
        match k.schedule.hash:
            case Hash.HIGH_BITS:
                rows = (window.last - window.first).maximum(2) - 1
                bits = column_bits + (64 - rows.to(i64).leading_zeros()).to(INDEX)
                constant = (bits - table_bits).maximum(0)
            case Hash.LOW_BITS:
                constant = b.index((1 << table_bits) - 1)
            case Hash.MULTIPLICATIVE:
                factor = window.number.to(i64) * 2 + (2 * k.schedule.hash_seed + 1)
                constant = (factor * GOLDEN).to(INDEX)
            case _:
                assert_never(k.schedule.hash)
        return Hasher(k.schedule.hash, table_bits, column_bits, constant)

    def first_tag(self, row: Value) -> Value:
        """The tag of a row of the window at column 0."""
        return (row << self.column_bits) + 1

    def slot(self, tag: Value) -> Value:
        """Where the search for a tag begins."""
        match self.kind:
            case Hash.HIGH_BITS:
                return (tag - 1) >> self.constant
            case Hash.LOW_BITS:
                return tag & self.constant
            case Hash.MULTIPLICATIVE:
                return (tag * self.constant) >> (64 - self.table_bits)
            case _:
                assert_never(self.kind)

    def row_and_column(self, tag: Value) -> tuple[Value, Value]:
        """Back from a tag."""
        key = tag - 1
        row = key >> self.column_bits
        return row, key - (row << self.column_bits)


Answer = Callable[[Value], Sequence[Value]]
"""What is done at the slot that the search ends at, and what comes of it."""


def enter(
    k: Kernel, tags: Value, hasher: Hasher, tag: Value, new: Answer, found: Answer, kinds: Sequence[Attribute] = ()
) -> tuple[Value, ...]:
    """Find the slot of a tag or take an empty one, by compare and swap: the slot, and what `new` or `found` give."""
    b = k.b
    mask = (1 << hasher.table_bits) - 1
    no, yes = b.constant(0, i1), b.constant(1, i1)
    nothing = [b.constant(0, kind) for kind in kinds]
    with b.loop(hasher.slot(tag), *nothing) as probe:
        slot = probe.state[0]
        old = b.compare_swap(tags, slot, 0, tag.to(i64))
        with b.if_(old.eq(0)) as empty:
            empty.gives(no, slot, *new(slot))
        with empty.otherwise():
            with b.if_(old.eq(tag.to(i64))) as match:
                match.gives(no, slot, *found(slot))
            with match.otherwise():
                match.gives(yes, (slot + 1) & mask, *nothing)
            empty.gives(*match.results)
        probe.again_while(*empty.results)
    return probe.results

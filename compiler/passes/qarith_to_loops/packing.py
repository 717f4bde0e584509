"""Several sums of a batch in a word of 64 bits, added by one addition.

    word = s0 + s1 * 2^32                      two lanes: a word is that sum, whatever the signs, while each lane fits 32 bits
    word = s0 + s1 * 2^16 + s2 * 2^32 + …      four, for so many additions as 16 bits hold; then they are spread over two words

Four lanes start a round at as much as their sums can fall, so that no lane is negative at its end and a mask takes them apart:

    even = word & 0x0000ffff0000ffff           s0 + start and s2 + start, added to a word of two lanes
    odd = word >> 16 & 0x0000ffff0000ffff      s1 and s3

What the rounds have added too much is a constant, taken off once. A product of such a word and a number is that of each lane. Whether lanes
hold what they must is told from types alone; where they might not, fewer are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import i32, i64

from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value

_EVEN = 0x0000_FFFF_0000_FFFF
_FOUR = 0x0001_0001_0001_0001
_TWO = 0x0000_0001_0000_0001
NARROW = 1 << 15
"""What the sums of a round in 16 bits stay below, or at on the negative side, where lanes start at it."""
SPAN = (1 << 16) - 1
"""How far apart the least and the largest sum of a round in 16 bits may lie."""
_FEWEST = 4
"""Additions of a round that are worth spreading its sums for."""


@dataclass(frozen=True, slots=True)
class Packing:
    """The words of a batch."""

    batch: int
    lanes: int
    """1, 2 or 4."""
    begin_at: int = NARROW
    """What each of four lanes starts a round at."""

    @property
    def words(self) -> int:
        """While sums are added up."""
        return -(-self.batch // self.lanes)

    @property
    def is_spread(self) -> bool:
        """Whether sums of a round are narrower than those of all."""
        return self.lanes == 4

    def packed(self, values: Sequence[Value]) -> list[Value]:
        """The values of a batch in words."""
        found: list[Value] = []
        for first in range(0, self.batch, self.lanes):
            word, *more = values[first : first + self.lanes]
            for lane, value in enumerate(more, 1):
                word = word + (value << (64 // self.lanes * lane))
            found.append(word)
        return found

    # --- rounds -------------------------------------------------------------------------------------------------------------

    def start(self, b: LoopBuilder, words: int) -> list[Value]:
        """The sums of so many words, before the first round."""
        return [b.constant(0, i64)] * (words * 2 if self.is_spread else words)

    def begin(self, b: LoopBuilder, sums: Sequence[Value]) -> list[Value]:
        """Words that a round adds to."""
        return [b.constant(self.begin_at * _FOUR, i64)] * (len(sums) // 2) if self.is_spread else list(sums)

    def end(self, now: Sequence[Value], sums: Sequence[Value]) -> list[Value]:
        """The sums with those of a round."""
        if not self.is_spread:
            return list(now)
        parts = [part for word in now for part in (word & _EVEN, (word >> 16) & _EVEN)]
        return [old + more for old, more in zip(sums, parts, strict=True)]

    def excess(self, rounds: int) -> int:
        """What so many rounds have added too much to each sum."""
        return rounds * self.begin_at * _TWO if self.is_spread else 0

    def unpacked(self, words: range, sums: Sequence[Value]) -> list[tuple[int, Value]]:
        """The sums of some words with their numbers in the batch."""
        if self.lanes == 1:
            return list(zip(words, sums, strict=True))
        found: list[tuple[int, Value]] = []
        for (first, second), value in zip(self._numbers(words), sums, strict=True):
            low = value.to(i32).to(i64)
            found += [(first, low), (second, (value - low).shift_right_signed(32))]
        return [(number, value) for number, value in found if number < self.batch]

    def _numbers(self, words: range) -> list[tuple[int, int]]:
        if self.is_spread:
            return [pair for word in words for pair in ((4 * word, 4 * word + 2), (4 * word + 1, 4 * word + 3))]
        return [(2 * word, 2 * word + 1) for word in words]


def packing_of(batch: int, asked: int, all_fit: bool, added: int) -> Packing:
    """As many lanes as asked for, or as few as there is proof for.

    `all_fit`: every sum fits 32 bits; `added`: the largest number that is added at a time.
    """
    if batch == 1 or asked < 2 or not all_fit:
        return Packing(batch, 1)
    return Packing(batch, 4 if asked >= 4 and batch > 2 and added * _FEWEST <= NARROW else 2)


def round_of(count: int, most: int) -> int:
    """Of `count` additions, those of a round: as many as there may be, without a rest."""
    return max(each for each in range(1, min(count, most) + 1) if count % each == 0)

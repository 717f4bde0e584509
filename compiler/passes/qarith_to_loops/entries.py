"""Tables whose entries are found by shuffling bytes: how entries are split into bytes, and how many of those can be added.

    T_g[s] - least = piece 0 + piece 1 * 2^width + …            from 0 on, so that nothing has a sign

A group has 4 inputs, its table 16 entries: as many bytes as a shuffle looks up in. An entry of `si8` inputs has 10 bits, two pieces of 5:
8 of them add up to at most 248, which a byte holds. After such a round bytes are added to lanes of 16 bits, which hold 264 rounds; after
that many, or all, those go to words of 32 bits. All of it is told from types alone; what has been added too much is a constant, as each
plane has a weight of two's complement and these add up to -1.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.arithmetic.lookup import BLOCK, Nibbles
from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.dialects.schedules.arithmetic import CpuArithmetic, Patterns, Product
from compiler.passes.qarith_to_loops.tables import fits_half_a_word, group_of

GROUP = 4
"""Inputs of a table that a shuffle looks up in."""
_WIDEST = 6
"""Bits of a piece at most: wider ones would fill a byte in less than four additions."""
_LONGEST = 8
"""Groups of a round at most: the codes of more would not stay in registers."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The tables of a batch: [rounds, batch, groups of a round, pieces, 16 bytes]."""

    batch: int
    inputs: int
    least: int
    """Of all entries."""
    bits: int
    """Of an entry."""

    @property
    def pieces(self) -> int:
        """Bytes of an entry."""
        return -(-self.bits // _WIDEST)

    @property
    def width(self) -> int:
        """Bits of a piece."""
        return -(-self.bits // self.pieces)

    @property
    def round(self) -> int:
        """Groups whose pieces a byte holds the sum of; even, as codes come in pairs."""
        return min(255 // ((1 << self.width) - 1), _LONGEST) // 2 * 2

    @property
    def rounds(self) -> int:
        """Those that take all groups, the last of them perhaps with groups of no input."""
        return self.nibbles(1).rounds(self.inputs)

    @property
    def stretch(self) -> int:
        """Rounds whose sums 16 bits hold."""
        return 0xFFFF // (self.round * ((1 << self.width) - 1))

    @property
    def excess(self) -> int:
        """What a plane has too much, since entries begin at 0."""
        return -self.least * self.rounds * self.round

    def nibbles(self, bits: int) -> Nibbles:
        """The codes of weights of so many bits."""
        return Nibbles(bits, self.round // 2)

    def instructions(self, bits: int) -> int:
        """Of vectors but for shuffles, for one block of outputs: taking codes apart; loads and additions; widening."""
        found = self.round * self.pieces
        return self.rounds * bits * (self.round * 3 // 2 + self.batch * (2 * found + 8 * self.pieces))

    def shuffles(self, bits: int) -> int:
        """Of 32 bytes, for one block of outputs."""
        return self.rounds * bits * self.batch * self.round * self.pieces


def entries_of(source: BuildTablesOp) -> Entries:
    """How the tables of some inputs are split."""
    *batch, inputs = shape_of(source.x)
    x = integer(source.x, "the inputs")
    return Entries(batch[0] if batch else 1, inputs, GROUP * x.low, (GROUP * (x.high - x.low)).bit_length())


def is_shuffled(schedule: object) -> bool:
    """Whether look-ups are shuffles."""
    return isinstance(schedule, CpuArithmetic) and schedule.shuffled and schedule.product is Product.LOOKUP


def reason_against(op: LookupOp, schedule: CpuArithmetic) -> str | None:
    """Why a look-up cannot be done by shuffles."""
    if not isinstance(op.tables.owner, BuildTablesOp):
        return "shuffles bytes of sums, but the kernel is given tables, of which entries may be anything"
    if schedule.patterns is not Patterns.ALL:
        return f"looks at patterns (`{schedule.patterns}`), but shuffles look up everything"
    if (group := group_of(op, schedule.group)) != GROUP:
        return f"shuffles tables of {1 << GROUP} entries, but these are of groups of {group} inputs: {1 << group}"
    if not fits_half_a_word(op):
        return "shuffles and adds up in 32 bits, but sums of these types might not fit"
    return None


def blocks_of(op: LookupOp) -> int:
    """Blocks of outputs."""
    return -(-shape_of(op.weights)[0] // BLOCK)

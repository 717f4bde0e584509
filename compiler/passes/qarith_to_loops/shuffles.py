"""Products by look-up in registers: a shuffle of bytes finds the entries of 32 outputs at once (the CPU form of SAIL's tables).

    for block of 32 outputs:
        for round of groups, for plane:
            codes of the round                                            a byte has those of two groups
            for each of the batch:
                bytes = look_up(table of a group, codes) + …              one shuffle and one addition for each piece of an entry
                halves += the even bytes, the odd bytes                   lanes of 16 bits, in memory
        totals = planes of two's complement of the halves, in words       lanes of 32 bits

What fits where is told by `entries.py`. Tables of a round are read by all planes while they are near; the codes of a round are taken apart
once for the whole batch. Weights are laid out for it once, before the kernel runs, or by the kernel where it computes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import IntegerType, i8, i16, i32, i64
from xdsl.ir import SSAValue

from compiler.arithmetic.lookup import BLOCK, PAIR
from compiler.dialects.cpu import BYTES, ENTRIES, LookUpOp
from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.passes.loops.build import LoopBuilder, lanes_of
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.entries import GROUP, Entries, blocks_of, entries_of
from compiler.passes.qarith_to_loops.lowering import Lowering, Place

_HALVES, _WORDS = lanes_of(i16, 16), lanes_of(i32, 8)
_LINE = 64
"""Bytes that local arrays begin at: no vector lies in two lines of the cache."""


@dataclass(slots=True)
class ShuffleWriter:
    """Writes look-ups of one block as shuffles, and their tables."""

    low: Lowering
    _made: dict[SSAValue, Place] = field(default_factory=dict[SSAValue, Place])

    def write(self, op: LookupOp, source: BuildTablesOp) -> None:
        """The products."""
        low, entries = self.low, entries_of(source)
        bits = integer(op.weights, "the weights").width
        if source.x not in self._made:
            self._made[source.x] = _tables(low, entries, low.place(source.x))
        codes = low.nibbles(op.weights, entries.nibbles(bits)) or _packed(low, op, entries)
        result, most = low.new_place(op.result), min(entries.batch, low.schedule.sums)
        with (
            low.shared(blocks_of(op), entries.instructions(bits)) as block,
            low.b.range(0, entries.batch, most) as part,
        ):
            end = part.index + most
            end = end if entries.batch % most == 0 else end.minimum(low.b.index(entries.batch))
            some = _Block(low.b, entries, bits, self._made[source.x], codes, block, part.index, end, most)
            _write_results(low.b, op, result, some, some.totals())


@dataclass(frozen=True, slots=True)
class _Block:
    """The products of a block of outputs with some of a batch."""

    b: LoopBuilder
    entries: Entries
    bits: int
    tables: Place
    codes: Place
    block: Value
    first: Value
    end: Value
    most: int
    """Of the batch."""

    def totals(self) -> Value:
        """[of the batch, outputs] words."""
        b, entries = self.b, self.entries
        halves = _local(b, i16, self.bits * self.most * entries.pieces * BLOCK, "halves")
        totals = _local(b, i32, self.most * BLOCK, "totals")
        _fill(b, totals, self.most * BLOCK, entries.excess)
        with b.range(0, entries.rounds, entries.stretch) as some:
            _fill(b, halves, self.bits * self.most * entries.pieces * BLOCK, 0)
            end = (some.index + entries.stretch).minimum(b.index(entries.rounds))
            with b.range(some.index, end) as round_, b.range(0, self.bits) as plane:
                self._round(halves, round_.index, plane.index)
            with b.range(self.first, self.end) as each:
                self._fold(halves, totals, each.index - self.first)
        return totals

    def _round(self, halves: Value, round_: Value, plane: Value) -> None:
        """Of one plane, added to the halves."""
        b, entries = self.b, self.entries
        codes = self._codes(((self.block * entries.rounds + round_) * self.bits + plane) * (entries.round // 2 * BLOCK))
        size = entries.pieces * ENTRIES
        with b.range(self.first, self.end) as each:
            table = (round_ * entries.batch + each.index) * (entries.round * size)
            at = self._halves_of(plane, each.index - self.first)
            for piece in range(entries.pieces):
                found = [
                    b.write(LookUpOp(code.ssa, self.tables.ref.ssa, (table + (group * size + piece * ENTRIES)).ssa))
                    for group, code in enumerate(codes)
                ]
                total = _named(_sum(found), "bytes").bits_as(_HALVES)
                for odd, more in enumerate((total & 0xFF, total >> 8)):
                    place = at + (2 * piece + odd) * 16
                    b.store_lanes(b.load_lanes(halves, place, _HALVES) + more, halves, place)

    def _codes(self, start: Value) -> list[Value]:
        """Those of a round, group by group."""
        pairs = [
            _named(self.b.load_lanes(self.codes.ref, start + pair * BLOCK, BYTES), "pair")
            for pair in range(self.entries.round // 2)
        ]
        return [_named(code, "codes") for pair in pairs for code in (pair & 0xF, pair >> 4)]

    def _halves_of(self, plane: Value | int, each: Value) -> Value:
        """Where the sums of a plane and one of the batch begin."""
        return (each + plane * self.most) * (self.entries.pieces * BLOCK)

    def _fold(self, halves: Value, totals: Value, each: Value) -> None:
        """The planes of one of the batch, from the highest down, which counts negatively; added to its totals."""
        b, top = self.b, self.bits - 1
        sums: Sequence[Value] = [0 - each for each in self._plane(halves, each, b.index(top))]
        if top:
            with b.range(0, top, carry=sums) as planes:
                below = self._plane(halves, each, top - 1 - planes.index)
                planes.next(*((old << 1) + more for old, more in zip(planes.state, below, strict=True)))
            sums = planes.results
        for at, value in enumerate(sums):
            place = each * BLOCK + 8 * at
            b.store_lanes(b.load_lanes(totals, place, _WORDS) + value, totals, place)

    def _plane(self, halves: Value, each: Value, plane: Value) -> list[Value]:
        """The sums of a plane, with all pieces of their entries: 8 outputs in each vector."""
        start, found = self._halves_of(plane, each), list[Value]()
        for piece in range(self.entries.pieces):
            even, odd = (
                _named(self.b.load_lanes(halves, start + (2 * piece + at) * 16, _HALVES), "both").bits_as(_WORDS)
                for at in range(2)
            )
            words = [even & 0xFFFF, odd & 0xFFFF, even >> 16, odd >> 16]
            words = [each << (piece * self.entries.width) for each in words] if piece else words
            found = [old + more for old, more in zip(found, words, strict=True)] if piece else words
        return found


def _write_results(b: LoopBuilder, op: LookupOp, result: Place, some: _Block, totals: Value) -> None:
    """The words of outputs that there are."""
    outputs = shape_of(op.weights)[0]
    first = some.block * BLOCK
    count = b.index(BLOCK) if outputs % BLOCK == 0 else (outputs - first).minimum(b.index(BLOCK))
    with b.range(some.first, some.end) as each, b.range(0, count) as output:
        word = b.load(totals, (each.index - some.first) * BLOCK + output.index)
        result.store(word.to(i64), each.index * outputs + first + output.index)


# --- tables -----------------------------------------------------------------------------------------------------------------------


def _tables(low: Lowering, entries: Entries, x: Place) -> Place:
    """Every entry as the sum of those inputs that its number names; groups beyond the inputs have none."""
    b, kind = low.b, i16 if entries.bits <= 16 else i32
    masks = low.table([-(number >> at & 1) for at in range(GROUP) for number in range(ENTRIES)], kind)
    size, count = entries.pieces * ENTRIES, entries.rounds * entries.round
    tables = low.room(i8, count * entries.batch * size)
    with low.shared(count, entries.batch * GROUP * ENTRIES) as number, b.range(0, entries.batch) as each:
        members = [_member(entries, x, each.index, number, at, kind) for at in range(GROUP)]
        at = (number // entries.round * entries.batch + each.index) * entries.round + number % entries.round
        with b.range(0, ENTRIES) as entry:
            value = b.constant(-entries.least, kind)
            for member, input_ in enumerate(members):
                value = value + (input_ & b.load(masks.ref, entry.index + member * ENTRIES))
            for piece in range(entries.pieces):
                part = (value >> (piece * entries.width) if piece else value) & ((1 << entries.width) - 1)
                b.store(part.to(i8), tables.ref, at * size + piece * ENTRIES + entry.index)
    return tables


def _member(entries: Entries, x: Place, each: Value, number: Value, at: int, kind: IntegerType) -> Value:
    """An input of a group."""
    b, place = x.b, number * GROUP + at
    if entries.rounds * entries.round * GROUP == entries.inputs:
        return x.load(each * entries.inputs + place).to(kind)
    near = place.minimum(b.index(entries.inputs - 1))
    return (place < entries.inputs).select(x.load(each * entries.inputs + near), 0).to(kind)


def _packed(low: Lowering, op: LookupOp, entries: Entries) -> Place:
    """The codes of weights that the kernel computes. Outputs and groups that there are not have any."""
    b, weights, how = low.b, low.place(op.weights), entries.nibbles(integer(op.weights, "the weights").width)
    outputs, inputs = shape_of(op.weights)
    pairs = -(-inputs // PAIR)
    codes = low.room(i8, how.length(outputs, inputs))
    with low.shared(outputs * pairs, how.bits * PAIR * 3) as number:
        row, pair = number // pairs, number % pairs
        places = [(pair * PAIR + at).minimum(b.index(inputs - 1)) for at in range(PAIR)]
        members = [weights.load(row * inputs + place) for place in places]
        start = (row // BLOCK * entries.rounds + pair // how.round) * how.bits
        within = pair % how.round * BLOCK + row % 8 * 4 + row % BLOCK // 8
        for plane in range(how.bits):
            code = b.constant(0, i64)
            for place, member in enumerate(members):
                code = code | ((member >> plane & 1) << place)
            b.store(code.to(i8), codes.ref, (start + plane) * (how.round * BLOCK) + within)
    return codes


# --- vectors ----------------------------------------------------------------------------------------------------------------------


def _local(b: LoopBuilder, kind: IntegerType, length: int, name: str) -> Value:
    return _named(b.local(kind, length, alignment=_LINE), name)


def _fill(b: LoopBuilder, array: Value, length: int, number: int) -> None:
    """A local array, full of a number."""
    with b.range(0, length) as loop:
        b.store(number, array, loop.index)


def _sum(values: Sequence[Value]) -> Value:
    total, *more = values
    for each in more:
        total = total + each
    return total


def _named(value: Value, name: str) -> Value:
    value.ssa.name_hint = name
    return value

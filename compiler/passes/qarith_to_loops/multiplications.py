"""What products by look-up are measured against: the same products by multiplication, as well as the machine can do them.

A tile of rows is taken at a time, so that an input is loaded once for all of them; the inputs of a batch lie beside each other, packed
into words where the sums provably fit (`packing.py`), so that one multiplication and one addition serve two or four sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xdsl.dialects.builtin import i64

from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.lowering import Lowering, Place
from compiler.passes.qarith_to_loops.packing import SPAN, Packing, packing_of, round_of
from compiler.passes.qarith_to_loops.tables import fits_half_a_word

_ROUND = 8
"""Inputs of a row that a round of the inner loop multiplies."""


@dataclass(frozen=True, slots=True)
class Multiplied:
    """How a schedule multiplies."""

    packing: Packing
    tile: int
    """Rows."""
    round: int
    """Inputs whose products are added up before sums are spread."""


def multiplied_of(op: LookupOp, source: BuildTablesOp, schedule: ArithmeticSchedule) -> Multiplied:
    """What a schedule makes of the products."""
    outputs, inputs = shape_of(op.weights)
    batch = shape_of(source.x)[0] if len(shape_of(source.x)) == 2 else 1
    x, w = integer(source.x, "the inputs"), integer(op.weights, "the weights")
    packing = packing_of(batch, schedule.lanes, fits_half_a_word(op), x.largest * w.largest)
    tile = round_of(outputs, schedule.tile)
    if not packing.is_spread:
        return Multiplied(packing, tile, inputs)
    extremes = [0, *(one * other for one in (x.low, x.high) for other in (w.low, w.high))]
    length = round_of(inputs, SPAN // (max(extremes) - min(extremes)))
    return Multiplied(replace(packing, begin_at=-min(extremes) * length), tile, length)


def multiply(low: Lowering, op: LookupOp, source: BuildTablesOp) -> None:
    """Every weight times every input of the batch."""
    how = multiplied_of(op, source, low.schedule)
    outputs, inputs = shape_of(op.weights)
    tile, packing = how.tile, how.packing
    weights, x, result = low.place(op.weights), _by_input(low, source, packing, inputs), low.new_place(op.result)
    most = max(1, low.schedule.sums // tile // (2 if packing.is_spread else 1))
    with low.shared(outputs // tile, tile * inputs * packing.words * 3) as number:
        near, start = low.staged(weights, number * (tile * inputs), tile * inputs)
        rows = [low.rest(near, start, each * inputs) for each in range(tile)]
        for first in range(0, packing.words, most):
            words = range(first, min(first + most, packing.words))
            sums = _Tile(low, how, rows, x, words, inputs).products()
            apart = len(sums) // tile
            for row in range(tile):
                for each, value in packing.unpacked(words, sums[row * apart : (row + 1) * apart]):
                    result.store(value, number * tile + (row + each * outputs))


@dataclass(frozen=True, slots=True)
class _Tile:
    """The products of some rows with some words of a batch."""

    low: Lowering
    how: Multiplied
    rows: Sequence[tuple[Place, Value]]
    x: Place
    words: range
    inputs: int

    def products(self) -> Sequence[Value]:
        b, packing, length = self.low.b, self.how.packing, self.how.round
        start = packing.start(b, len(self.words) * len(self.rows))
        if not packing.is_spread:
            return self._added(b.index(0), length, start)
        with b.range(0, self.inputs, length, carry=start) as loop:
            now = self._added(loop.index, length, packing.begin(b, loop.state))
            loop.next(*packing.end(now, loop.state))
        excess = packing.excess(self.inputs // length)
        return [each - excess for each in loop.results]

    def _added(self, first: Value, length: int, sums: Sequence[Value]) -> Sequence[Value]:
        """The sums with the products of some inputs."""
        rounds = round_of(length, _ROUND)
        with self.low.b.range(first, first + length, rounds, carry=sums) as loop:
            loop.next(*self._round(loop.index, rounds, loop.state))
        return loop.results

    def _round(self, index: Value, rounds: int, state: Sequence[Value]) -> Sequence[Value]:
        sums, step = list(state), self.how.packing.words
        for more in range(rounds):
            values = [self.x.load(index * step + (more * step + word)) for word in self.words]
            for row, (place, at) in enumerate(self.rows):
                factor = place.load(at + index + more)
                for each, value in enumerate(values):
                    where = row * len(values) + each
                    sums[where] = sums[where] + factor * value
        return sums


def _by_input(low: Lowering, source: BuildTablesOp, packing: Packing, inputs: int) -> Place:
    """The inputs, those of a batch beside each other, in words."""
    x, batch = low.place(source.x), packing.batch
    if batch == 1:
        return x
    kind = i64 if packing.lanes > 1 else x.element
    turned = Place(low.b, low.room(kind, packing.words * inputs).ref, x.of if packing.lanes == 1 else None)
    with low.shared(inputs, 2 * batch) as at:
        for word, value in enumerate(packing.packed([x.load(each * inputs + at) for each in range(batch)])):
            turned.store(value, at * packing.words + word)
    return turned

"""Products by table look-up.

    y_o = sum over planes of +-2^p sum_g T_g[code_p(o, g)]

The highest plane of two's complement counts negatively, so that nothing is subtracted at the end: the planes are taken from the
highest down, the sum doubled before each. Of tables that the kernel is given, the inputs that the highest plane does not name are added
and all subtracted, as the op is defined. A code is where its entry begins, counted from the first table of a round (`Layout.round`): one
addition of the table's place, and the words of the entry are loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import i64

from compiler.arithmetic.lookup import Codes
from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.dialects.schedules.arithmetic import Patterns, Product
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.entries import is_shuffled
from compiler.passes.qarith_to_loops.lowering import Lowering, Place
from compiler.passes.qarith_to_loops.multiplications import multiply
from compiler.passes.qarith_to_loops.shuffles import ShuffleWriter
from compiler.passes.qarith_to_loops.tables import Layout, TableWriter, layout_of


@dataclass(slots=True)
class LookupWriter:
    """Writes look-ups of one block, and the tables that they read."""

    low: Lowering
    tables: TableWriter = field(init=False)
    shuffles: ShuffleWriter = field(init=False)

    def __post_init__(self) -> None:
        self.tables, self.shuffles = TableWriter(self.low), ShuffleWriter(self.low)

    def write(self, op: LookupOp) -> None:
        """The products, as the schedule says."""
        source = op.tables.owner
        if self.low.schedule.product is Product.MULTIPLY and isinstance(source, BuildTablesOp):
            multiply(self.low, op, source)
        elif is_shuffled(self.low.schedule) and isinstance(source, BuildTablesOp):
            self.shuffles.write(op, source)
        else:
            self._look_up(op)

    def _look_up(self, op: LookupOp) -> None:
        low, layout = self.low, layout_of(op, self.low.schedule)
        tables = self.tables.tables_of(op, layout)
        bits, outputs = integer(op.weights, "the weights").width, shape_of(op.weights)[0]
        how = Codes(bits, layout.group, self._reuses(op), layout.words, layout.round)
        codes = low.planes(op.weights, how) or self._codes(op, bits, layout)
        result, row_length = low.new_place(op.result), bits * layout.groups
        with low.shared(outputs, row_length * (4 + 2 * layout.words)) as row:
            near, start = low.staged(codes, row * row_length, row_length)
            most = max(1, low.schedule.sums // max(2, layout.packing.lanes))
            for first in range(0, layout.words, most):
                words = range(first, min(first + most, layout.words))
                sums = _Row(low, layout, tables, near, words).products(op, start, self._reuses(op))
                for each, value in layout.packing.unpacked(words, sums):
                    result.store(value, row + each * outputs)

    def _reuses(self, op: LookupOp) -> bool:
        return self.low.schedule.patterns is Patterns.REUSE and isinstance(op.tables.owner, BuildTablesOp)

    def _codes(self, op: LookupOp, bits: int, layout: Layout) -> Place:
        """Of weights that the kernel computes: bit by bit."""
        low, weights, by_group = self.low, self.low.place(op.weights), self._reuses(op)
        outputs, inputs = shape_of(op.weights)
        codes = low.room(i64, outputs * bits * layout.groups)
        with low.shared(outputs * layout.groups, bits * layout.group) as number:
            row, group = number // layout.groups, number % layout.groups
            members = [weights.load(row * inputs + group * layout.group + each) for each in range(layout.group)]
            for plane in range(bits):
                code = low.b.constant(0, i64)
                for place, member in enumerate(members):
                    code = code | ((member >> plane & 1) << place)
                at = number * bits + plane if by_group else (row * bits + plane) * layout.groups + group
                low.b.store(code * layout.words + group % layout.round * layout.size, codes.ref, at)
        return codes


@dataclass(frozen=True, slots=True)
class _Row:
    """Some words of a row's products."""

    low: Lowering
    layout: Layout
    tables: Place
    codes: Place
    words: range

    def products(self, op: LookupOp, start: Value, by_group: bool) -> Sequence[Value]:
        """`start`: of the row's codes."""
        layout, b = self.layout, self.low.b
        bits, given = integer(op.weights, "the weights").width, not isinstance(op.tables.owner, BuildTablesOp)
        sums: Sequence[Value] = layout.packing.start(b, len(self.words))
        if by_group:
            return self._by_groups(start, bits, sums)
        if given:
            sums = [0 - each for each in self._whole(sums)]
        top = start + (bits - 1) * layout.groups
        sums = self._plane(top, sums, given, top=True)
        sums = sums if given else [0 - each for each in sums]
        if bits > 1:
            with b.range(1, bits, carry=(top, *sums)) as planes:
                above, *before = planes.state
                at = above - layout.groups  # here, not behind: no place is below the first, which Rust would find
                doubled = [each << 1 for each in before]
                planes.next(at, *self._plane(at, doubled, given, top=False))
            sums = planes.results[1:]
        # Of a plane, times -2^(bits - 1) + … + 2 + 1, which is -1.
        excess = -layout.packing.excess(layout.groups // layout.round)
        return [each - excess for each in sums] if excess else sums

    def _whole(self, sums: Sequence[Value]) -> Sequence[Value]:
        """The sum of all inputs: what tables that need not be sums of subsets are defined by."""
        size, step = self.layout.size, self.layout.words
        with self.low.b.range(size - step, self.layout.groups * size, size, carry=sums) as loop:
            loop.next(
                *(old + self.tables.load(loop.index + word) for word, old in zip(self.words, loop.state, strict=True))
            )
        return loop.results

    def _plane(self, start: Value, sums: Sequence[Value], given: bool, top: bool) -> Sequence[Value]:
        """The sums with all entries of one plane added; of given tables and the highest, for the inputs that a code does not name."""
        b, layout = self.low.b, self.layout
        size, nonzero = layout.size, self.low.schedule.patterns is Patterns.NONZERO and not given
        with b.range(0, layout.groups * size, size * layout.round, carry=(start, *sums)) as loop:
            at, *before = loop.state
            here, first = self.low.rest(self.tables, loop.index, 0)
            now = layout.packing.begin(b, before)
            for group in range(layout.round):
                code = self.codes.load(at + group).to(at.type)
                code = (size - layout.words + 2 * group * size) - code if given and top else code
                if nonzero:
                    with b.if_(code.ne(group * size)) as some:
                        some.gives(*self._more(here, code + first, now))
                    with some.otherwise():
                        some.gives(*now)
                    now = list(some.results)
                else:
                    now = self._more(here, code + first, now)
            loop.next(at + layout.round, *layout.packing.end(now, before))
        return loop.results[1:]

    def _more(self, tables: Place, entry: Value, sums: Sequence[Value]) -> list[Value]:
        """The sums with an entry added."""
        return [old + tables.load(entry + word) for word, old in zip(self.words, sums, strict=True)]

    def _by_groups(self, start: Value, bits: int, sums: Sequence[Value]) -> Sequence[Value]:
        """Group by group, the planes of each from the highest down.

        While planes have the highest one's pattern, their sum is that of the highest alone: -2^p - … + 2^q is -2^q. They cost a comparison.
        """
        b, layout = self.low.b, self.layout
        with b.range(0, layout.groups * layout.size, layout.size, carry=(start, *sums)) as loop:
            at, *now = loop.state
            here, first = self.low.rest(self.tables, loop.index, 0)
            group = _Group(b, self.codes, at, here, first, self.words)
            top = group.code(bits - 1)
            total = group.below(bits - 1, top, [0 - each for each in group.entry(top)])
            loop.next(at + bits, *(old + more for old, more in zip(now, total, strict=True)))
        return loop.results[1:]


@dataclass(frozen=True, slots=True)
class _Group:
    """The planes of one group, and its table."""

    b: LoopBuilder
    codes: Place
    at: Value
    tables: Place
    first: Value
    words: range

    def code(self, plane: int) -> Value:
        return self.codes.load(self.at + plane).to(self.at.type)

    def entry(self, code: Value) -> list[Value]:
        return [self.tables.load(code + self.first + word) for word in self.words]

    def below(self, plane: int, top: Value, total: Sequence[Value]) -> Sequence[Value]:
        """The total with the planes below one, down to which all have had the pattern `top`."""
        if plane == 0:
            return total
        code = self.code(plane - 1)
        with self.b.if_(code.ne(top)) as other:
            other.gives(*self._each(plane - 1, code, total))
        with other.otherwise():
            other.gives(*self.below(plane - 1, top, total))
        return other.results

    def _each(self, plane: int, code: Value, total: Sequence[Value]) -> Sequence[Value]:
        """The total with a plane and all below it."""
        total = [(old << 1) + more for old, more in zip(total, self.entry(code), strict=True)]
        return self._each(plane - 1, self.code(plane - 1), total) if plane else total

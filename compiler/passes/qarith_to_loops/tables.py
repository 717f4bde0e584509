"""Products by table look-up, and what they are measured against: the same products by multiplication.

    T_g[s] = sum of x_i for i in s            words of 64 bits, two sums of a batch in each where both fit 32 bits
    y_o = sum over planes of +-2^p sum_g T_g[code_p(o, g)]

The highest plane of two's complement counts negatively, so that nothing is subtracted at the end: the planes are taken from the
highest down, the sum doubled before each. Tables that the kernel is given need not be sums: of them, the inputs that the highest plane
does not name are added and all subtracted, as the op is defined. Two sums in a word are added by one addition: a word is
low + high * 2^32, whatever their signs. Tables that nobody but look-ups sees have the schedule's group, not the kernel's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from xdsl.dialects.builtin import IntegerType, i32, i64
from xdsl.ir import SSAValue

from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.dialects.schedules.arithmetic import Patterns, PiumaArithmetic, Product, Tables
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.lowering import Lowering, Place

_UNROLLED = 4
"""Groups that a round of the inner loop looks up."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Tables as look-ups read them: groups, then entries, then words of a batch."""

    place: Place
    group: int
    groups: int
    batch: int
    packed: bool
    """Two sums of the batch in a word."""

    @property
    def words(self) -> int:
        """Of an entry."""
        return words_of(self.batch, self.packed)


def table_bytes(op: LookupOp, asked: int) -> int:
    """What the tables of a look-up take, in a schedule's groups."""
    group, shape = group_of(op, asked), shape_of(op.tables)
    batch, inputs = (shape[0] if len(shape) == 3 else 1), shape_of(op.weights)[1]
    half = fits_half_a_word(op)
    return (inputs // group * words_of(batch, half and batch > 1) << group) * (4 if half and batch == 1 else 8)


def words_of(batch: int, packed: bool) -> int:
    """Words of an entry."""
    return -(-batch // 2) if packed else batch


def fits_half_a_word(op: LookupOp) -> bool:
    """Whether every sum of a product fits 32 bits, so that two go into a word."""
    source = op.tables.owner
    *_, groups, _ = shape_of(op.tables)
    if isinstance(source, BuildTablesOp):
        largest = integer(source.x, "the inputs").largest * shape_of(source.x)[-1]
    else:
        largest = integer(op.tables, "the tables").largest * groups
    return largest << integer(op.weights, "the weights").width < 1 << 31


def group_of(op: LookupOp, asked: int) -> int:
    """The inputs that share a table: as the schedule asks, where the kernel shows its tables to nobody else."""
    own = shape_of(op.tables)[-1].bit_length() - 1
    source = op.tables.owner
    if not asked or not isinstance(source, BuildTablesOp):
        return own
    private = all(isinstance(use.operation, LookupOp) for use in source.result.uses)
    return asked if private and shape_of(source.x)[-1] % asked == 0 else own


@dataclass(slots=True)
class TableWriter:
    """Writes tables and look-ups of one block."""

    low: Lowering
    _lanes: dict[tuple[SSAValue, bool], Lanes] = field(default_factory=dict[tuple[SSAValue, bool], Lanes])

    def build(self, op: BuildTablesOp) -> None:
        """The tensor, where somebody but look-ups reads it; they make tables of their own."""
        if any(not isinstance(use.operation, LookupOp) for use in op.result.uses):
            self._build_tensor(op)

    def _build_tensor(self, op: BuildTablesOp) -> None:
        group = int(op.group.value.data)
        x, tables = self.low.place(op.x), self.low.new_place(op.result)
        groups = prod(shape_of(op.x)) // group
        with self.low.shared(groups, 1 << group) as number:
            start = number << group
            tables.store(self.low.b.constant(0, i64), start)
            for member in range(group):
                more = x.load(number * group + member)
                with self.low.b.range(start, start + (1 << member)) as each:
                    tables.store(tables.load(each.index) + more, each.index + (1 << member))

    def look_up(self, op: LookupOp) -> None:
        """The products, as the schedule says."""
        source = op.tables.owner
        if self.low.schedule.product is Product.MULTIPLY and isinstance(source, BuildTablesOp):
            self._multiply(op, source)
        else:
            self._look_up(op)

    # --- tables -------------------------------------------------------------------------------------------------------------

    def _lanes_of(self, op: LookupOp) -> Lanes:
        group = group_of(op, self.low.schedule.group)
        packed = fits_half_a_word(op)
        if (op.tables, packed) not in self._lanes:
            self._lanes[op.tables, packed] = self._new_lanes(op, group, packed)
        return self._lanes[op.tables, packed]

    def _new_lanes(self, op: LookupOp, group: int, packed: bool) -> Lanes:
        *leading, inputs = (*shape_of(op.tables)[:-2], shape_of(op.weights)[1])
        batch = leading[0] if leading else 1
        packed = packed and batch > 1
        groups = inputs // group
        length = groups * words_of(batch, packed) << group
        narrow = batch == 1 and fits_half_a_word(op)
        lanes = Lanes(self._room(i32 if narrow else i64, length), group, groups, batch, packed)
        source = op.tables.owner
        if isinstance(source, BuildTablesOp):
            self._fill(lanes, self.low.place(source.x), inputs)
        else:
            self._copy(lanes, self.low.place(op.tables))
        return lanes

    def _room(self, kind: IntegerType, length: int) -> Place:
        schedule = self.low.schedule
        far = isinstance(schedule, PiumaArithmetic) and schedule.tables is Tables.MEMORY
        return self.low.memory(kind, length) if far else self.low.room(kind, length)

    def _fill(self, lanes: Lanes, x: Place, inputs: int) -> None:
        """Each entry from the one without its highest member; a thread takes a group."""
        b, words = self.low.b, lanes.words
        with self.low.shared(lanes.groups, words << lanes.group) as number:
            start = number * (words << lanes.group)
            for word in range(words):
                lanes.place.store(b.constant(0, i64), start + word)
            for member in range(lanes.group):
                at = number * lanes.group + member
                more = self._packed(lanes, [x.load(each * inputs + at) for each in range(lanes.batch)])
                with b.range(start, start + (words << member), words) as each:
                    for word in range(words):
                        found = lanes.place.load(each.index + word) + more[word]
                        lanes.place.store(found, each.index + ((words << member) + word))

    def _copy(self, lanes: Lanes, tables: Place) -> None:
        size = lanes.groups << lanes.group
        with self.low.shared(size, lanes.batch) as at:
            found = self._packed(lanes, [tables.load(each * size + at) for each in range(lanes.batch)])
            for word, value in enumerate(found):
                lanes.place.store(value, at * lanes.words + word)

    @staticmethod
    def _packed(lanes: Lanes, sums: Sequence[Value]) -> list[Value]:
        if not lanes.packed:
            return list(sums)
        pairs = [sums[at : at + 2] for at in range(0, len(sums), 2)]
        return [pair[0] + (pair[1] << 32) if len(pair) == 2 else pair[0] for pair in pairs]

    # --- look-ups -----------------------------------------------------------------------------------------------------------

    def _look_up(self, op: LookupOp) -> None:
        low, lanes = self.low, self._lanes_of(op)
        bits, outputs = integer(op.weights, "the weights").width, shape_of(op.weights)[0]
        reuse = self._reuses(op)
        codes = low.planes(op.weights, bits, lanes.group, reuse) or self._codes(op, bits, lanes, reuse)
        result = low.new_place(op.result)
        with low.shared(outputs, bits * lanes.groups * (4 + 2 * lanes.words)) as row:
            near, start = low.staged(codes, row * (bits * lanes.groups), bits * lanes.groups)
            most = max(1, low.schedule.sums // 2)
            for first in range(0, lanes.words, most):
                words = range(first, min(first + most, lanes.words))
                sums = self._products(op, lanes, near, start, words)
                for each, value in self._unpacked(lanes, words, sums):
                    result.store(value, row + each * outputs)

    def _products(self, op: LookupOp, lanes: Lanes, codes: Place, start: Value, words: range) -> Sequence[Value]:
        """Some words of a row's products."""
        bits, given = integer(op.weights, "the weights").width, not isinstance(op.tables.owner, BuildTablesOp)
        sums: Sequence[Value] = [self.low.b.constant(0, i64)] * len(words)
        if self._reuses(op):
            return self._by_groups(lanes, words, codes, start, bits, sums)
        if given:
            sums = [0 - each for each in self._whole(lanes, words, sums)]
        for plane in reversed(range(bits)):
            top = plane == bits - 1
            sums = self._plane(lanes, words, codes, start + plane * lanes.groups, sums, given, top)
            sums = [0 - each for each in sums] if top and not given else sums
            sums = [each << 1 for each in sums] if plane else sums
        return sums

    def _reuses(self, op: LookupOp) -> bool:
        return self.low.schedule.patterns is Patterns.REUSE and isinstance(op.tables.owner, BuildTablesOp)

    def _whole(self, lanes: Lanes, words: range, sums: Sequence[Value]) -> Sequence[Value]:
        """The sum of all inputs: what tables that need not be sums of subsets are defined by."""
        size = lanes.words << lanes.group
        with self.low.b.range(size - lanes.words, lanes.groups * size, size, carry=sums) as loop:
            loop.next(*(old + lanes.place.load(loop.index + word) for word, old in zip(words, loop.state, strict=True)))
        return loop.results

    def _plane(
        self,
        lanes: Lanes,
        words: range,
        codes: Place,
        start: Value,
        sums: Sequence[Value],
        given: bool,
        top: bool,
    ) -> Sequence[Value]:
        """The sums with all entries of one plane added; of given tables and the highest, for the inputs that a code does not name."""
        b, size = self.low.b, lanes.words << lanes.group
        rounds = _UNROLLED if lanes.groups % _UNROLLED == 0 else 1
        with b.range(0, lanes.groups * size, size * rounds, carry=(start, *sums)) as loop:
            at, *now = loop.state
            for group in range(rounds):
                code = codes.load(at + group).to(at.type)
                code = ((1 << lanes.group) - 1) - code if given and top else code
                if self.low.schedule.patterns is Patterns.NONZERO and not given:
                    with b.if_(code.ne(0)) as some:
                        some.gives(*self._more(lanes, words, code, loop.index, group * size, now))
                    with some.otherwise():
                        some.gives(*now)
                    now = list(some.results)
                else:
                    now = self._more(lanes, words, code, loop.index, group * size, now)
            loop.next(at + rounds, *now)
        return loop.results[1:]

    @staticmethod
    def _more(lanes: Lanes, words: range, code: Value, first: Value, start: int, sums: Sequence[Value]) -> list[Value]:
        """The sums with an entry added."""
        entry = code * lanes.words + first
        return [old + lanes.place.load(entry + (start + word)) for word, old in zip(words, sums, strict=True)]

    def _by_groups(
        self, lanes: Lanes, words: range, codes: Place, start: Value, bits: int, sums: Sequence[Value]
    ) -> Sequence[Value]:
        """Group by group, the planes of each from the highest down; an entry is loaded where the pattern changes.

        Before the highest plane stands the pattern of no input, whose entry is 0.
        """
        b, size = self.low.b, lanes.words << lanes.group
        nothing = b.constant(0, i64)
        with b.range(0, lanes.groups * size, size, carry=(start, *sums)) as loop:
            at, *now = loop.state
            before, entry = b.constant(0, at.type), [nothing] * len(words)
            total: list[Value] = []
            for plane in reversed(range(bits)):
                code = codes.load(at + plane).to(at.type)
                with b.if_(code.ne(before)) as new:
                    place = code * lanes.words + loop.index
                    new.gives(*(lanes.place.load(place + word) for word in words))
                with new.otherwise():
                    new.gives(*entry)
                before, entry = code, list(new.results)
                total = (
                    [(old << 1) + more for old, more in zip(total, entry, strict=True)]
                    if total
                    else [0 - more for more in entry]
                )
            loop.next(at + bits, *(old + more for old, more in zip(now, total, strict=True)))
        return loop.results[1:]

    @staticmethod
    def _unpacked(lanes: Lanes, words: range, sums: Sequence[Value]) -> list[tuple[int, Value]]:
        """The sums with their numbers in the batch."""
        if not lanes.packed:
            return list(zip(words, sums, strict=True))
        lows = [each.to(i32).to(i64) for each in sums]
        highs = [(each - low).shift_right_signed(32) for each, low in zip(sums, lows, strict=True)]
        pairs = zip(words, lows, highs, strict=True)
        found = [each for word, low, high in pairs for each in ((2 * word, low), (2 * word + 1, high))]
        return [(number, value) for number, value in found if number < lanes.batch]

    def _codes(self, op: LookupOp, bits: int, lanes: Lanes, by_group: bool) -> Place:
        """Of weights that the kernel computes: bit by bit."""
        low, weights = self.low, self.low.place(op.weights)
        outputs, inputs = shape_of(op.weights)
        codes = low.room(i64, outputs * bits * lanes.groups)
        with low.shared(outputs * lanes.groups, bits * lanes.group) as number:
            row, group = number // lanes.groups, number % lanes.groups
            members = [weights.load(row * inputs + group * lanes.group + each) for each in range(lanes.group)]
            for plane in range(bits):
                code = low.b.constant(0, i64)
                for place, member in enumerate(members):
                    code = code | ((member >> plane & 1) << place)
                at = number * bits + plane if by_group else (row * bits + plane) * lanes.groups + group
                low.b.store(code, codes.ref, at)
        return codes

    # --- multiplications ----------------------------------------------------------------------------------------------------

    def _multiply(self, op: LookupOp, source: BuildTablesOp) -> None:
        """Every weight times every input of the batch, which lie side by side."""
        low = self.low
        outputs, inputs = shape_of(op.weights)
        batch = shape_of(source.x)[0] if len(shape_of(source.x)) == 2 else 1
        weights, x, result = low.place(op.weights), self._by_input(source, batch, inputs), low.new_place(op.result)
        tile = max(each for each in range(1, low.schedule.tile + 1) if outputs % each == 0)
        most = max(1, low.schedule.sums // tile)
        with low.shared(outputs // tile, tile * inputs * batch * 3) as number:
            near, start = low.staged(weights, number * (tile * inputs), tile * inputs)
            rows = [low.rest(near, start, each * inputs) for each in range(tile)]
            for first in range(0, batch, most):
                some = range(first, min(first + most, batch))
                for at, value in enumerate(self._multiplied(rows, x, some, inputs, batch)):
                    row, each = divmod(at, len(some))
                    result.store(value, number * tile + (row + some[each] * outputs))

    def _multiplied(
        self, rows: Sequence[tuple[Place, Value]], x: Place, some: range, inputs: int, batch: int
    ) -> Sequence[Value]:
        """The products of some rows with some of a batch."""
        b, rounds = self.low.b, 2 if inputs % 2 == 0 else 1
        zero = b.constant(0, i64)
        with b.range(0, inputs, rounds, carry=(zero,) * (len(rows) * len(some))) as loop:
            sums = list(loop.state)
            for more in range(rounds):
                factors = [row.load(at + (loop.index + more)) for row, at in rows]
                for each, number in enumerate(some):
                    value = x.load(loop.index * batch + (more * batch + number))
                    for at, factor in enumerate(factors):
                        place = at * len(some) + each
                        sums[place] = sums[place] + factor * value
            loop.next(*sums)
        return loop.results

    def _by_input(self, source: BuildTablesOp, batch: int, inputs: int) -> Place:
        """The inputs, those of a batch beside each other."""
        x = self.low.place(source.x)
        if batch == 1:
            return x
        turned = Place(self.low.b, self.low.room(x.element, batch * inputs).ref, x.of)
        with self.low.shared(inputs, 2 * batch) as at:
            for each in range(batch):
                turned.store(x.load(each * inputs + at), at * batch + each)
        return turned

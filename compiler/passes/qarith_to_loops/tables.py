"""The tables that products are looked up in: the sum of every subset of a group of inputs.

    T_g[s] = sum of x_i for i in s            entries of words of 64 bits, which hold the batch (`packing.py`)

Tables that the kernel is given need not be sums. Tables that nobody but look-ups sees have the schedule's group, not the kernel's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

from xdsl.dialects.builtin import IntegerType, i32, i64
from xdsl.ir import SSAValue

from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, Patterns, PiumaArithmetic, Tables
from compiler.passes.loops.values import Value
from compiler.passes.qarith_to_loops.lowering import Lowering, Place
from compiler.passes.qarith_to_loops.packing import NARROW, Packing, packing_of, round_of

_ROUND = 32
"""Groups that a round looks up at most: more would save nothing."""
_ENTRIES = 4
"""Of a table, made at a time."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Tables as look-ups read them: groups, then entries, then words of a batch."""

    group: int
    groups: int
    packing: Packing
    round: int
    """Groups that are looked up in a row: their codes count from the first of them."""
    narrow: bool
    """Entries of 32 bits."""

    @property
    def words(self) -> int:
        """Of an entry."""
        return self.packing.words

    @property
    def size(self) -> int:
        """Words of a group."""
        return self.words << self.group

    @property
    def bytes(self) -> int:
        """Of all tables."""
        return self.groups * self.size * (4 if self.narrow else 8)


def layout_of(op: LookupOp, schedule: ArithmeticSchedule) -> Layout:
    """How a schedule has the tables of a look-up."""
    group, shape = group_of(op, schedule.group), shape_of(op.tables)
    groups = shape_of(op.weights)[1] // group
    half = fits_half_a_word(op)
    packing = _packing_of(op, schedule, shape[0] if len(shape) == 3 else 1, group)
    return Layout(group, groups, packing, _round(op, schedule, packing, group, groups), half and packing.batch == 1)


def _packing_of(op: LookupOp, schedule: ArithmeticSchedule, batch: int, group: int) -> Packing:
    """Four lanes need entries that are known to be small, and every entry looked up."""
    plain = schedule.patterns is Patterns.ALL and isinstance(op.tables.owner, BuildTablesOp)
    return packing_of(
        batch, schedule.lanes if plain else min(schedule.lanes, 2), fits_half_a_word(op), _entry(op, group)
    )


def _round(op: LookupOp, schedule: ArithmeticSchedule, packing: Packing, group: int, groups: int) -> int:
    if schedule.patterns is not Patterns.ALL:
        return 1 if schedule.patterns is Patterns.REUSE else round_of(groups, 4)
    return round_of(groups, min(_ROUND, NARROW // _entry(op, group)) if packing.is_spread else _ROUND // 2)


def _entry(op: LookupOp, group: int) -> int:
    """The largest entry."""
    source = op.tables.owner
    if isinstance(source, BuildTablesOp):
        return integer(source.x, "the inputs").largest * group
    return integer(op.tables, "the tables").largest


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
    """Writes tables of one block, each when it is first needed."""

    low: Lowering
    _made: dict[tuple[SSAValue, Layout], Place] = field(default_factory=dict[tuple[SSAValue, Layout], Place])

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

    def tables_of(self, op: LookupOp, layout: Layout) -> Place:
        """Those of a look-up."""
        if (op.tables, layout) not in self._made:
            place = self._room(i32 if layout.narrow else i64, layout.groups * layout.size)
            source = op.tables.owner
            if isinstance(source, BuildTablesOp):
                self._fill(layout, place, self.low.place(source.x))
            else:
                self._copy(layout, place, self.low.place(op.tables))
            self._made[op.tables, layout] = place
        return self._made[op.tables, layout]

    def _room(self, kind: IntegerType, length: int) -> Place:
        schedule = self.low.schedule
        far = isinstance(schedule, PiumaArithmetic) and schedule.tables is Tables.MEMORY
        return self.low.memory(kind, length) if far else self.low.room(kind, length)

    def _fill(self, layout: Layout, tables: Place, x: Place) -> None:
        """Each entry from the one without its highest member; a thread takes a group."""
        b, words, inputs = self.low.b, layout.words, layout.groups * layout.group
        with self.low.shared(layout.groups, layout.size) as number:
            here, start = self.low.rest(tables, number * layout.size, 0)
            for word in range(words):
                here.store(b.constant(0, i64), start + word)
            for member in range(layout.group):
                at = number * layout.group + member
                more = layout.packing.packed([x.load(each * inputs + at) for each in range(layout.packing.batch)])
                self._double(here, start, 1 << member, words, more)

    def _double(self, tables: Place, start: Value, entries: int, words: int, more: list[Value]) -> None:
        """So many entries again, with what a member adds."""
        b, together = self.low.b, min(entries, _ENTRIES) * words
        with b.range(start, start + entries * words, together) as each:
            upper, first = self.low.rest(tables, each.index, entries * words)
            found = [tables.load(each.index + at) + more[at % words] for at in range(together)]
            for at, value in enumerate(found):
                upper.store(value, first + at)

    def _copy(self, layout: Layout, place: Place, tables: Place) -> None:
        size, packing = layout.groups << layout.group, layout.packing
        with self.low.shared(size, packing.batch) as at:
            for word, value in enumerate(
                packing.packed([tables.load(each * size + at) for each in range(packing.batch)])
            ):
                place.store(value, at * packing.words + word)

"""A kernel under construction: the pen, the parameters, the schedule, and which threads there are."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from xdsl.ir import Attribute

from compiler.dialects.schedules.piuma import PiumaSchedule, Work
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.kernel_to_piuma.parameters import Rows, rows_of
from compiler.passes.kernel_to_piuma.semirings import Algebra
from compiler.passes.loops.build import element_of
from compiler.passes.loops.values import Value


@dataclass(frozen=True, slots=True)
class Kernel:
    """Everything that a part of a lowering needs to know."""

    b: MachineBuilder
    form: KernelForm
    schedule: PiumaSchedule
    parameters: Mapping[str, Value]
    me: Value
    """Rank in the block."""
    threads: Value
    """Per block."""

    @staticmethod
    def of(b: MachineBuilder, form: KernelForm, schedule: PiumaSchedule, parameters: Mapping[str, Value]) -> Kernel:
        """At the start of the routine."""
        return Kernel(b, form, schedule, parameters, b.rank("block_thread"), b.rank("block_threads"))

    @property
    def algebra(self) -> Algebra:
        """The semiring over the kernel's elements."""
        return Algebra(self.form.semiring, self.form.element)

    def __getitem__(self, name: str) -> Value:
        """A parameter."""
        return self.parameters[name]

    def operand(self, name: str) -> Rows:
        """`a`, `b`, … by rows."""
        return rows_of(name, self.parameters)

    def spad(self, offset: int, element: Attribute) -> Value:
        """An array in the block's scratchpad."""
        return self.b.scratchpad(offset, element)

    def value(self, ref: Value, at: Value) -> Value:
        """An entry's value as a sum; a word of its own where the semiring does not look at it."""
        if not self.algebra.needs_values:
            return self.b.constant(1, self.algebra.sum_type)
        return self.algebra.widened(self.b.load(ref, at))

    @contextmanager
    def entries(self, rows: Rows, row: Value) -> Generator[Value]:
        """The positions of a row's entries."""
        first = self.b.load_index(rows.pointers, row)
        last = self.b.load_index(rows.pointers, row + 1)
        with self.b.range(first, last) as loop:
            yield loop.index

    @contextmanager
    def shared_entries(self, first: Value, last: Value, token: Value) -> Generator[tuple[Value, Value]]:
        """Row and position of the entries of A in rows first to last, piece by piece, as the schedule divides them.

        A piece is 2**piece_log2 entries that follow each other, in however many rows. With tokens, `token[0]` counts
        the pieces that are taken; it must be 0 before any thread comes here.
        """
        b, size = self.b, 1 << self.schedule.piece_log2
        pointers = self["a_pointers"]
        begin, end = b.load_index(pointers, first), b.load_index(pointers, last)
        if self.schedule.work is Work.STATIC:
            with (
                b.range(begin + self.me * size, end, self.threads * size) as loop,
                self._piece(loop.index, end, first, last) as entry,
            ):
                yield entry
            return
        with b.loop(begin) as loop:
            start = b.atomic("add", token, 0, 1).to(first.type) * size + begin
            loop.while_(start < end, start)
            (start,) = loop.state
            with self._piece(start, end, first, last) as entry:
                yield entry
            loop.next(start)

    @contextmanager
    def _piece(self, start: Value, end: Value, first: Value, last: Value) -> Generator[tuple[Value, Value]]:
        """The entries of one piece, each with its row: searched for once, then followed."""
        b, pointers = self.b, self["a_pointers"]
        stop = (start + (1 << self.schedule.piece_log2)).minimum(end)
        with b.loop(first, last - 1) as search:
            low, high = search.state
            search.while_(low < high)
            low, high = search.state
            middle = (low + high + 1) >> 1
            with b.if_(b.load_index(pointers, middle) <= start) as choice:
                choice.gives(middle, high)
            with choice.otherwise():
                choice.gives(low, middle - 1)
            search.next(*choice.results)
        with b.range(start, stop, carry=search.results[:1]) as entries:
            with b.loop(entries.state[0]) as follow:
                (row,) = follow.state
                follow.while_(b.load_index(pointers, row + 1) <= entries.index)
                follow.next(follow.state[0] + 1)
            yield follow.results[0], entries.index
            entries.next(follow.results[0])

    @contextmanager
    def accumulated_entries(self, first: Value, last: Value) -> Generator[tuple[Value, Value]]:
        """Row and position of the entries that the product is added to, rows dealt out by rank."""
        with (
            self.b.range(first + self.me, last, self.threads) as rows,
            self.entries(self.operand("d"), rows.index) as p,
        ):
            yield rows.index, p

    @contextmanager
    def alone(self) -> Generator[None]:
        """What one thread of the block does for all."""
        with self.b.if_(self.me.eq(0)):
            yield

    def meet(self) -> None:
        """All threads of the block: what they wrote before is there after."""
        self.b.fence()
        self.b.barrier("block")

    def store_entry(self, values: Value, at: Value, total: Value) -> None:
        """A finished sum into an array of elements."""
        narrowed = self.algebra.narrowed(total)
        assert narrowed.type == element_of(values)
        self.b.store(narrowed, values, at)

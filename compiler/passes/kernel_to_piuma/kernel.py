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
    def shared_rows(self, first: Value, last: Value, token: Value) -> Generator[Value]:
        """Rows of a window, as the schedule divides them among the threads of the block.

        With tokens, `token[0]` counts the rows taken since `first`; it must be 0 before any thread comes here.
        """
        if self.schedule.work is Work.STATIC:
            with self.b.range(first + self.me, last, self.threads) as loop:
                yield loop.index
            return
        with self.b.loop(first.like(0)) as loop:
            row = self.b.atomic("add", token, 0, 1).to(first.type) + first
            loop.while_(row < last, row)
            (row,) = loop.state
            yield row
            loop.next(row)

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

"""What the functions of a kernel share: the names and types of their arrays, and the operands of one row.

with kernel.function("window_row", ROW, WINDOW, OUT) as v:        v.first, v.a_indices, v.sums, v.out_values, …
    …
kernel.call("window_row", v, first=…, last=…)                     arguments by name, from the caller's own values
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from xdsl.dialects import func, scf
from xdsl.dialects.builtin import IntegerAttr, IntegerType, StringAttr, i64
from xdsl.ir import Attribute

from compiler.dialects import cpu
from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule
from compiler.dialects.spgemm_kernel import KernelForm, Mask
from compiler.passes.kernel_to_c.arithmetic import Ring
from compiler.passes.loops.build import Loop, LoopBuilder, array
from compiler.passes.loops.values import INDEX, Operand, Value

Parameters = Mapping[str, Attribute]


def named(name: str, value: Value) -> Value:
    """The value, called so in what is printed."""
    value.ssa.name_hint = name
    return value


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel on its way to loops: the pen, and what to obey."""

    b: LoopBuilder
    form: KernelForm
    schedule: CpuSchedule

    @property
    def ring(self) -> Ring:
        return Ring.of(self.form)

    @property
    def repeats(self) -> bool:
        """Whether rows are looked at for what the row before was."""
        return self.schedule.repeat > 0 and not self.masked and not self.form.accumulate

    @property
    def masked(self) -> bool:
        return self.form.mask is not Mask.NONE

    # --- parameters ---------------------------------------------------------------------------------------------------------

    def matrix(self, name: str, values: bool = True) -> Parameters:
        """The arrays of a matrix."""
        arrays: dict[str, Attribute] = {
            f"{name}_pointers": array(i64),
            f"{name}_indices": array(IntegerType(self.form.index_width)),
        }
        return {**arrays, f"{name}_values": array(self.ring.type)} if values else arrays

    @property
    def operands(self) -> Parameters:
        """What the product reads."""
        found: dict[str, Attribute] = {**self.matrix("a"), **self.matrix("b"), "nnz_b": INDEX}
        if self.schedule.words:
            found |= {"word_pointers": array(i64), "word_columns": self.indices, "word_masks": array(i64)}
        if self.masked:
            found.update(self.matrix("mask", values=False))
        return {**found, **self.matrix("d")} if self.form.accumulate else found

    @property
    def indices(self) -> Attribute:
        return array(IntegerType(self.form.index_width))

    @property
    def row(self) -> Parameters:
        """One row of the product: its number, its entries in A, and its multiply-adds."""
        return {"row": INDEX, "first": INDEX, "last": INDEX, "work": INDEX, **self.operands}

    @property
    def window(self) -> Parameters:
        """A thread's workspace; between rows it is as if never used."""
        found: dict[str, Attribute] = {"columns": INDEX, "sums": array(self.ring.type), "bits": array(i64)}
        found |= {"summary": array(i64), "touched": self.indices}
        if self.schedule.accumulator is Accumulator.HASH:
            found |= {"keys": array(i64)}
        if self.schedule.together:
            found |= {"lanes": array(self.ring.type)}
        if self.masked:
            found |= {"allowed": array(i64)}
        if self.repeats:
            numbers = self.indices
            found |= {"kept_keys": numbers, "kept_places": numbers, "kept_columns": numbers}
            found |= {"kept_counts": array(i64), "positions": numbers}
        return found | {"cursors": array(i64)} if self.schedule.chunk_log2 else found

    @property
    def out(self) -> Parameters:
        """Where the row goes, with room for seven entries more than it has."""
        return {"out_indices": self.indices, "out_values": array(self.ring.type)}

    # --- functions ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def function(
        self, name: str, *parts: Parameters, gives: Attribute | None = None, private: bool = True
    ) -> Generator[Any]:
        """A function, its parameters by name."""
        parameters: dict[str, Attribute] = {key: kind for part in parts for key, kind in part.items()}
        with self.b.function(name, parameters, () if gives is None else (gives,)) as values:
            if private:
                function = values[0].ssa.owner.parent_op()  # type: ignore[union-attr]
                assert isinstance(function, func.FuncOp)
                function.sym_visibility = StringAttr("private")
            yield SimpleNamespace(**dict(zip(parameters, values, strict=True)))

    def call(self, name: str, parts: tuple[Parameters, ...], known: Any, result: str, **given: Value) -> Value:
        """Call a function, with what the caller knows by the same names."""
        wanted = [key for part in parts for key in part]
        arguments = [given[key] if key in given else getattr(known, key) for key in wanted]
        (found,) = self.b.call(name, arguments, (INDEX,))
        return named(result, found)

    @contextmanager
    def short_rounds(self, low: Value, high: Value, times: int) -> Generator[Loop]:
        """A loop over a range, to be written out `times` over."""
        with self.b.range(low, high) as loop:
            yield loop
        last = self.b.block.last_op
        assert isinstance(last, scf.ForOp)
        last.attributes[cpu.UNROLL] = IntegerAttr(times, i64)

    # --- common pieces ------------------------------------------------------------------------------------------------------

    def rest(self, ref: Value, start: Value, name: str) -> Value:
        """An array from one of its elements on."""
        return named(name, self.b.write(cpu.RestOp(ref.ssa, start.ssa)))

    def bounds(self, pointers: Value, row: Operand, names: tuple[str, str] = ("start", "end")) -> tuple[Value, Value]:
        """Where a row begins and ends."""
        at = row if isinstance(row, Value) else self.b.index(int(row))
        start = named(names[0], self.b.load_index(pointers, at))
        return start, named(names[1], self.b.load_index(pointers, at + 1))

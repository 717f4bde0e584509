"""What a kernel's routine takes, by name: the operands as the host lays them out, the result, and room to work in.

    names = parameters_of(form)               # {"rows": index, "a_pointers": memref<?xi64, …>, …}

The order is that of the words in the parameter block. Row pointers have 64 bits, indices and values the kernel's types.
What threads write and others read goes past the L1, which is not coherent; of the operands the schedule says what is cached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xdsl.dialects.builtin import IntegerType, i64
from xdsl.ir import Attribute

from compiler.dialects.piuma.memory import CACHED, UNCACHED
from compiler.dialects.schedules.piuma import Accumulator, Dataflow, PiumaSchedule, Stream
from compiler.dialects.spgemm_kernel import KernelForm, Kind, Mask
from compiler.passes.kernel_to_piuma.semirings import Algebra
from compiler.passes.loops.build import array
from compiler.passes.loops.values import INDEX, Value


@dataclass(frozen=True, slots=True)
class Rows:
    """A matrix by rows, in the code under construction."""

    pointers: Value
    indices: Value
    values: Value
    """Of a mask, which has none, the indices."""


def parameters_of(form: KernelForm, schedule: PiumaSchedule) -> dict[str, Attribute]:
    """Name and type of every parameter of a kernel."""
    index, element = IntegerType(form.index_width), form.element.type
    found: dict[str, Attribute] = {
        "rows": INDEX,
        "inner": INDEX,
        "columns": INDEX,
        **_rows("a", Stream.A, form, schedule),
    }
    if form.kind is not Kind.SPGEMM:
        dense = array(element, CACHED if Stream.B in schedule.cached else UNCACHED)
        found |= {"depth": INDEX, "x": dense} | ({"y": dense} if form.kind is Kind.SDDMM else {})
        return found | {"result": array(element, UNCACHED), "tokens": array(i64, UNCACHED)}
    found |= _rows("b", Stream.B, form, schedule)
    if form.mask is not Mask.NONE:
        mask = _rows("m", Stream.B, form, schedule)
        found |= {"m_pointers": mask["m_pointers"], "m_indices": mask["m_indices"]}
    if form.accumulate:
        found |= _rows("d", Stream.B, form, schedule)
    return found | _results(index, element) | _room(form, schedule, index)


def _rows(name: str, stream: Stream, form: KernelForm, schedule: PiumaSchedule) -> dict[str, Attribute]:
    """A matrix by rows."""
    entries = CACHED if stream in schedule.cached else UNCACHED
    pointers = CACHED if Stream.POINTERS in schedule.cached else UNCACHED
    return {
        f"{name}_pointers": array(i64, pointers),
        f"{name}_indices": array(IntegerType(form.index_width), entries),
        f"{name}_values": array(form.element.type, entries),
    }


def _results(index: Attribute, element: Attribute) -> dict[str, Attribute]:
    return {
        "c_starts": array(i64, UNCACHED),
        "c_indices": array(index, UNCACHED),
        "c_values": array(element, UNCACHED),
        "block_rows": array(i64, UNCACHED),
        "block_ends": array(i64, UNCACHED),
        "bounds": array(i64, UNCACHED),
        "partials": array(i64, UNCACHED),
    }


def _room(form: KernelForm, schedule: PiumaSchedule, index: Attribute) -> dict[str, Attribute]:
    """What a lowering needs beside the scratchpad."""
    if schedule.accumulator is Accumulator.HASH:
        return {}
    words = array(i64, UNCACHED)
    pair = (array(index, UNCACHED), array(Algebra(form.semiring, form.element).sum_type, UNCACHED))
    found: dict[str, Attribute] = {"lengths": words, "tokens": words, "t_indices": pair[0], "t_values": pair[1]}
    if schedule.accumulator is Accumulator.SORT or schedule.dataflow is Dataflow.OUTER:
        found |= {"p_indices": pair[0], "p_values": pair[1]}
    if schedule.dataflow is Dataflow.OUTER:
        found |= dict.fromkeys(("fills", "lists", "list_bounds", "list_starts", "list_ends"), words)
    return found


def rows_of(name: str, parameters: Mapping[str, Value]) -> Rows:
    """One of the operands."""
    pointers, indices = parameters[f"{name}_pointers"], parameters[f"{name}_indices"]
    return Rows(pointers, indices, parameters.get(f"{name}_values", indices))

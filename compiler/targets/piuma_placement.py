"""A run's data in the machine's memory: the parameter block, what stands behind it, and C read back.

    placement = Placement.of(form, schedule, machine, operands)
    placement.memory, placement.block_address              # for the launch
    placement.result()                                     # sorted CSR

C gets room for as many entries as its rows can have; DRAM that is never touched costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import AnyFloat, IndexType, MemRefType
from xdsl.ir import Attribute

from compiler.dialects.schedules.piuma import Dataflow, PiumaSchedule
from compiler.dialects.spgemm_kernel import KernelForm, Kind
from compiler.passes.kernel_to_piuma.parameters import parameters_of
from compiler.targets.measure import row_fmas
from compiler.targets.operands import Operands, numpy_type, result_of
from runtime.launch import Launch
from runtime.machine import Machine
from runtime.memory import Memory
from runtime.program import Program
from runtime.sparse.containers import Csr


@dataclass(frozen=True, slots=True)
class Sizes:
    """What arrays are as long as."""

    rows: int
    entries: int
    """Of C, at most."""
    blocks: int
    threads: int
    """Of the machine."""
    room: int
    """Of the arrays that rows are computed in."""
    lists: int
    """Entries of A."""

    @staticmethod
    def of(operands: Operands, schedule: PiumaSchedule) -> Sizes:
        """Of a run; a kernel with dense operands fills its result alone."""
        threads = schedule.blocks * schedule.threads
        if operands.b is None:
            size = operands.a.nnz if operands.form.kind is Kind.SDDMM else int(np.prod(operands.shape))
            return Sizes(operands.shape[0], size, schedule.blocks, threads, 0, 0)
        fmas = row_fmas(operands.a, operands.b)
        rows, columns = operands.a.shape[0], operands.b.shape[1]
        added = operands.accumulate.row_lengths if operands.accumulate is not None else 0
        bounds = np.minimum(fmas + added, columns)
        room = rows * columns if schedule.dataflow is Dataflow.INNER else int(fmas.sum())
        return Sizes(rows, int(bounds.sum()), schedule.blocks, threads, room, operands.a.nnz)


LENGTHS: Mapping[str, Callable[[Sizes], int]] = {
    "c_starts": lambda s: s.rows,
    "c_indices": lambda s: s.entries,
    "c_values": lambda s: s.entries,
    "block_rows": lambda s: s.blocks,
    "block_ends": lambda s: s.blocks,
    "bounds": lambda s: s.rows + 1,
    "partials": lambda s: s.threads,
    "result": lambda s: s.entries,
    "lengths": lambda s: s.rows + 1,
    "tokens": lambda s: 4,
    "t_indices": lambda s: s.room,
    "t_values": lambda s: s.room,
    "p_indices": lambda s: s.room,
    "p_values": lambda s: s.room,
    "fills": lambda s: s.rows,
    "lists": lambda s: s.rows,
    "list_bounds": lambda s: s.rows + 1,
    "list_starts": lambda s: s.lists,
    "list_ends": lambda s: s.lists,
}
"""Elements of every array that the device fills."""


def operand_arrays(operands: Operands, schedule: PiumaSchedule) -> dict[str, NDArray[Any]]:
    """Every array that the host fills, by its parameter's name; by columns where the dataflow wants them."""
    found: dict[str, NDArray[Any]] = {}
    a = operands.a.transpose() if schedule.dataflow is Dataflow.OUTER else operands.a
    b = operands.b.transpose() if operands.b and schedule.dataflow is Dataflow.INNER else operands.b
    for name, matrix in (("a", a), ("b", b), ("m", operands.mask), ("d", operands.accumulate)):
        if matrix is not None:
            found |= {
                f"{name}_pointers": matrix.row_pointers,
                f"{name}_indices": matrix.indices,
                f"{name}_values": matrix.values,
            }
    return found | {n: each for n, each in (("x", operands.x), ("y", operands.y)) if each is not None}


def scalars(operands: Operands) -> dict[str, int]:
    """Every number that the host passes."""
    return {
        "rows": operands.shape[0],
        "inner": operands.a.shape[1],
        "columns": operands.shape[1] if len(operands.shape) > 1 else 1,
        "depth": operands.x.shape[1] if operands.x is not None and operands.x.ndim > 1 else 1,
    }


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything is."""

    operands: Operands
    schedule: PiumaSchedule
    memory: Memory
    addresses: dict[str, int]
    block_address: int
    sizes: Sizes

    @staticmethod
    def of(
        form: KernelForm, schedule: PiumaSchedule, machine: Machine, program: Program, operands: Operands
    ) -> Placement:
        """Place the operands and room for the result."""
        sizes = Sizes.of(operands, schedule)
        kinds = parameters_of(form, schedule)
        given, numbers = operand_arrays(operands, schedule), scalars(operands)
        lengths = {name: LENGTHS[name](sizes) * _width(kind) for name, kind in kinds.items() if name in LENGTHS}
        total = sum(each.nbytes for each in given.values()) + sum(lengths.values())
        memory = Memory(machine, _rounded(total + 128 * (len(kinds) + 2)))
        memory.load(program)
        addresses: dict[str, int] = {}
        for name in kinds:
            if name in given:
                addresses[name] = memory.place(given[name])
            elif name in lengths:
                addresses[name] = memory.allocate(lengths[name])
        words = [addresses[name] if name in addresses else numbers[name] for name in kinds]
        block = memory.place(np.array(words, np.int64))
        return Placement(operands, schedule, memory, addresses, block, sizes)

    @property
    def launch(self) -> Launch:
        """Every thread of the schedule, with the parameter block in hand."""
        return Launch(threads=self.schedule.threads, blocks=self.schedule.blocks, arguments=(self.block_address,))

    def read(self, name: str, kind: Any, count: int) -> NDArray[Any]:
        """An array as the device left it."""
        return self.memory.array(self.addresses[name], kind, count).copy()

    def result(self) -> Csr | NDArray[Any]:
        """What the kernel gives."""
        form, a = self.operands.form, self.operands.a
        if form.kind is Kind.SPGEMM:
            return self.product()
        found = self.read("result", numpy_type(form.element), self.sizes.entries)
        if form.kind is Kind.SDDMM:
            return Csr(a.shape, a.row_pointers, a.indices, found)
        return found.reshape(self.operands.shape)

    def product(self) -> Csr:
        """C: rows of a block follow each other, blocks begin at their bound; sorted here."""
        rows, blocks = self.sizes.rows, self.sizes.blocks
        starts = self.read("c_starts", np.int64, rows)
        first, ends = self.read("block_rows", np.int64, blocks), self.read("block_ends", np.int64, blocks)
        after = np.append(starts[1:], 0) if rows else starts
        for block in range(blocks):
            last = int(first[block + 1]) if block + 1 < blocks else rows
            if last > first[block]:
                after[last - 1] = ends[block]
        pointers = np.concatenate(([0], np.cumsum(after - starts))).astype(np.int64)
        taken = _places(starts, pointers)
        element = numpy_type(self.operands.form.element)
        index = np.int32 if self.operands.form.index_width == 32 else np.int64
        columns = self.read("c_indices", index, self.sizes.entries)[taken]
        values = self.read("c_values", element, self.sizes.entries)[taken]
        shape = (self.operands.shape[0], self.operands.shape[1])
        return result_of(shape, pointers, columns, values)


def _places(starts: NDArray[np.int64], pointers: NDArray[np.int64]) -> slice | NDArray[np.int64]:
    """Where the entries of rows stand that begin at `starts`: most often one after the other."""
    if np.array_equal(starts, pointers[:-1]):
        return slice(int(pointers[-1]))
    shift: NDArray[Any] = np.repeat(starts - pointers[:-1], np.diff(pointers))
    return shift + np.arange(int(pointers[-1]))


def _width(kind: Attribute) -> int:
    """Bytes of an element of a memref parameter."""
    ref: Any = kind
    assert isinstance(kind, MemRefType)
    element: Any = ref.element_type
    if isinstance(element, IndexType):
        return 8
    bits = element.bitwidth if isinstance(element, AnyFloat) else element.width.data
    return max(1, bits // 8)


def _rounded(size: int) -> int:
    return -(-size // 4096) * 4096

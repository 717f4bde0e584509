"""Guest memory: all scratchpads and then DRAM in one zeroed buffer, with an allocator for DRAM.

    memory = Memory(Machine(blocks=1), dram_bytes=1 << 20)
    at = memory.place(numpy.arange(10.0))      # guest address
    memory.array(at, numpy.float64, 10)        # a view, live after the run

Refused: allocations that do not fit, views that leave their memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from runtime.faults import ConfigurationError
from runtime.machine import DRAM_BASE, SPAD_BASE, SPAD_GLOBAL_BASE, SPAD_GLOBAL_SHIFT, Machine
from runtime.program import Program, Section

Array = NDArray[Any]


class Memory:
    """The contents of every memory of a machine."""

    def __init__(self, machine: Machine, dram_bytes: int = 1 << 24) -> None:
        if dram_bytes <= 0 or dram_bytes % 64:
            raise ConfigurationError(f"machine: error: DRAM of {dram_bytes} bytes; must be a positive multiple of 64")
        self.machine = machine
        self.dram_bytes = dram_bytes
        self.dram_offset = machine.blocks * machine.spad_bytes
        self.bytes: NDArray[np.uint8] = _zeros(self.dram_offset + dram_bytes)
        self.used = 0

    def load(self, program: Program) -> None:
        """Put a program's data where its symbols say; must precede every `allocate`."""
        if self.used:
            raise ConfigurationError("memory: error: the program's data must be loaded before anything is allocated")
        if program.extent(Section.SPAD) > self.machine.spad_bytes:
            raise ConfigurationError(f"{program.path}: error: `.spad` does not fit in {self.machine.spad_bytes} bytes")
        self.allocate(program.extent(Section.DATA))
        for datum in program.data:
            if datum.section is Section.DATA and datum.size:
                self.array(datum.address, np.uint8, datum.size)[:] = np.frombuffer(datum.encode(), np.uint8)

    def allocate(self, nbytes: int, align: int = 64) -> int:
        """Guest address of fresh DRAM."""
        start = -(-self.used // align) * align
        if start + nbytes > self.dram_bytes:
            raise ConfigurationError(
                f"memory: error: {nbytes} bytes do not fit in DRAM: {start} of {self.dram_bytes} are taken"
            )
        self.used = start + nbytes
        return DRAM_BASE + start

    def place(self, values: Array, align: int = 64) -> int:
        """Copy an array into fresh DRAM; its guest address."""
        flat = np.ascontiguousarray(values).reshape(-1)
        address = self.allocate(flat.nbytes, align)
        self.array(address, flat.dtype, flat.size)[:] = flat
        return address

    def array(self, address: int, dtype: DTypeLike, count: int) -> Array:
        """A view of guest memory (`SPAD_BASE` addresses mean block 0)."""
        size = np.dtype(dtype).itemsize * count
        start = self.offset(address)
        end_of_memory = self.bytes.size if start >= self.dram_offset else self.dram_offset
        if start < 0 or start + size > end_of_memory:
            raise ConfigurationError(f"memory: error: {size} bytes at {address:#x} are not in guest memory")
        return self.bytes[start : start + size].view(dtype)

    def offset(self, address: int, block: int = 0) -> int:
        """Offset in `bytes` of a guest address, or -1."""
        if address >= DRAM_BASE:
            d = address - DRAM_BASE
            return self.dram_offset + d if d <= self.dram_bytes else -1
        if address >= SPAD_GLOBAL_BASE:
            block, d = divmod(address - SPAD_GLOBAL_BASE, 1 << SPAD_GLOBAL_SHIFT)
        else:
            d = address - SPAD_BASE
        inside = 0 <= d <= self.machine.spad_bytes and block < self.machine.blocks
        return block * self.machine.spad_bytes + d if inside else -1

    def address_of(self, offset: int) -> int:
        """Global guest address of an offset in `bytes`."""
        if offset >= self.dram_offset:
            return DRAM_BASE + offset - self.dram_offset
        return self.machine.spad_address(*divmod(offset, self.machine.spad_bytes))


def _zeros(size: int) -> NDArray[np.uint8]:
    try:
        return np.zeros((size + 7) // 8, np.int64).view(np.uint8)
    except MemoryError:
        raise ConfigurationError(
            f"memory: error: {size} bytes of guest memory are more than this machine has"
        ) from None

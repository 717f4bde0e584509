"""Memory for results and workspaces, kept when it is given up and handed out again: pages touched before cost no faults.

    indices = empty(5_000_000, np.dtype(np.int32))      # an array like any other; its memory comes back when nothing refers to it
    indices = trimmed(indices, entries)                 # what lies behind goes back to the system if it is much
    release()                                           # all that nobody uses goes back to the system

The first touch of a page of a fresh array takes longer than the product takes to fill it. Kept are at most `KEPT_BYTES`, and an
eighth of the computer's memory; the oldest go first. Small arrays are NumPy's own. Any thread may allocate and give up: the
list changes by single steps of the interpreter, without a lock that a finalizer might wait for.
"""

from __future__ import annotations

import mmap
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

KEPT_BYTES = 1 << 30
SMALL = 1 << 16
"""Less than this the C library keeps itself."""
_LARGE_PAGE = 1 << 21


class _Block:
    """Memory from the system, and how much of it has been touched."""

    __slots__ = ("before", "memory", "touched")

    def __init__(self, size: int) -> None:
        try:
            self.memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError(f"{size} bytes") from error
        if size >= 2 * _LARGE_PAGE and hasattr(mmap, "MADV_HUGEPAGE"):
            self.memory.madvise(mmap.MADV_HUGEPAGE)
        self.before = self.touched = 0

    @property
    def size(self) -> int:
        return len(self.memory)

    def begin(self) -> None:
        """It is handed out; who does not `trim` may touch all of it."""
        self.before, self.touched = self.touched, self.size

    def trim(self, used: int) -> None:
        """No more than `used` bytes have been touched this time; give back what lies behind if it is much."""
        self.touched = max(self.before, used)
        start = -(-used // mmap.PAGESIZE) * mmap.PAGESIZE
        if self.touched > 2 * used + SMALL and start < self.size and hasattr(mmap, "MADV_DONTNEED"):
            self.memory.madvise(mmap.MADV_DONTNEED, start)
            self.touched = start


class _Lease:
    """What an array refers to while it uses a block."""

    __slots__ = ("__array_interface__", "block")

    def __init__(self, block: _Block, count: int, kind: np.dtype[Any]) -> None:
        self.block = block
        block.begin()
        address = np.frombuffer(block.memory, np.uint8).__array_interface__["data"][0]
        self.__array_interface__ = {"shape": (count,), "typestr": kind.str, "data": (address, False), "version": 3}

    def cut(self, count: int) -> Array:
        """An array of the first elements."""
        self.__array_interface__ |= {"shape": (count,)}
        return np.asarray(self)

    def __del__(self) -> None:
        _free.append(self.block)
        while kept_bytes() > _limit():
            _free.pop(0)


_free: list[_Block] = []
"""Blocks that nobody uses, the oldest first."""


def empty(count: int, kind: np.dtype[Any]) -> Array:
    """An array with undefined contents."""
    size = count * kind.itemsize
    if size < SMALL:
        return np.empty(count, kind)
    return np.asarray(_Lease(_taken(size) or _Block(_rounded(size)), count, kind))


def trimmed(array: Array, count: int, slack: int = 0) -> Array:
    """The first `count` elements, which matter; of those behind `slack` have been written, and not many more are kept.

    It is no view: SciPy copies views of far larger arrays.
    """
    lease = _lease_of(array)
    if lease is None:
        return array[:count]
    lease.block.trim(min(count + slack, array.size) * array.itemsize)
    return lease.cut(count)


def release() -> None:
    """Give all that is kept back to the system."""
    _free.clear()


def _lease_of(array: Array) -> _Lease | None:
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, _Lease) else None


def _taken(size: int) -> _Block | None:
    """The least block that is kept and holds so much, if it is not far too large."""
    fitting = [each for each in tuple(_free) if size <= each.size <= 2 * size + _LARGE_PAGE]
    for block in sorted(fitting, key=lambda each: each.size):
        try:
            _free.remove(block)
        except ValueError:  # another thread was faster
            continue
        return block
    return None


def _rounded(size: int) -> int:
    """Sizes in steps of an eighth, so that calls alike find each other's blocks."""
    step = max(mmap.PAGESIZE, 1 << max(size.bit_length() - 4, 0))
    return -(-size // step) * step


def kept_bytes() -> int:
    """What is kept and nobody uses."""
    return sum(each.size for each in tuple(_free))


def _limit() -> int:
    return min(KEPT_BYTES, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 8)

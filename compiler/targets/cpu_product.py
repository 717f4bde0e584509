"""Running a compiled sparse product: room for the result, workspaces, and the calls.

    product = Product(library, form, schedule)
    pointers, indices, values = product(a, b)

Workspaces are kept from call to call, for each thread that calls; a kernel leaves them as it found them. The result's
arrays belong to the caller alone; when nothing refers to them their memory serves later results (`kept_memory.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule, Phases
from compiler.dialects.spgemm_kernel import KernelForm, Mask
from compiler.passes.kernel_to_c import pending_blocks
from compiler.passes.kernel_to_c.arithmetic import Ring
from compiler.passes.kernel_to_c.rows_together import LANES
from compiler.targets import kept_memory
from compiler.targets.operands import numpy_type

Array = NDArray[Any]

ROOM = 1 << 21
"""Entries that a thread may keep until their place is known; pages that are never used cost nothing."""
BLOCK_WORK = 8_192
"""Multiply-adds of a block of rows, about: what a thread takes at a time, so small that two stay in its cache beside its window."""
MOST_ROWS = 1024
SLACK = 8
"""Entries that a row may write past its end."""
_WIDE = np.dtype(np.int64)


class Compressed(NamedTuple):
    """A matrix by its arrays; pointers of 32 or 64 bits, as SciPy has them."""

    shape: tuple[int, int]
    pointers: Array
    indices: Array
    values: Array


class HasRows(Protocol):
    """What `Csr` has."""

    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def row_pointers(self) -> Array: ...
    @property
    def indices(self) -> Array: ...
    @property
    def values(self) -> Array: ...


def compressed(matrix: HasRows) -> Compressed:
    """The arrays of a matrix."""
    return Compressed(matrix.shape, matrix.row_pointers, matrix.indices, matrix.values)


class Functions(Protocol):
    """The functions of a compiled module."""

    def call(self, name: str, arguments: Mapping[str, Array | int]) -> None:
        """Call one; it uses of the arguments what it needs."""
        ...


@dataclass(slots=True)
class Product:
    """A compiled product, ready to be called."""

    library: Functions
    form: KernelForm
    schedule: CpuSchedule
    _spare: list[dict[str, Array]] = field(default_factory=list[dict[str, Array]])
    """Workspaces that no call uses now."""

    def __call__(
        self, a: Compressed, b: Compressed, mask: Compressed | None = None, more: Compressed | None = None
    ) -> tuple[Array, Array, Array]:
        """Row pointers, column indices, values: rows sorted, no entry twice."""
        known = self._known(a, b, mask, more)
        self.library.call("plan", known)
        if self.schedule.words:
            self._pack(known, b)
        workspace = self._spare.pop() if self._spare else {}
        try:
            self._prepare(workspace, known, a, b)
            result = self._multiply(known, workspace)
        except BaseException:
            workspace.clear()  # it may be half used
            raise
        self._spare.append(workspace)
        return result

    def _known(self, a: Compressed, b: Compressed, mask: Compressed | None, more: Compressed | None) -> dict[str, Any]:
        known = rows_in_blocks(a, a.indices.size * max(1, b.indices.size // max(b.shape[0], 1)))
        known |= {
            "inner": b.shape[0],
            "columns": b.shape[1],
            "nnz_a": int(a.indices.size),
            "nnz_b": int(b.indices.size),
            "row_work": kept_memory.empty(a.shape[0], _WIDE),
            "block_room": np.zeros(known["blocks"], np.int64),
        }
        pointers = _widened(a.pointers)
        for name, matrix in (("a", a), ("b", b), ("mask", mask), ("d", more)):
            if matrix is not None:
                known |= {
                    f"{name}_pointers": pointers if matrix.pointers is a.pointers else _widened(matrix.pointers),
                    f"{name}_indices": matrix.indices,
                    f"{name}_values": matrix.values,
                }
        return known

    def _pack(self, known: dict[str, Any], b: Compressed) -> None:
        known["word_pointers"] = kept_memory.empty(b.shape[0] + 1, _WIDE)
        known["word_columns"] = kept_memory.empty(b.indices.size, b.indices.dtype)
        known["word_masks"] = kept_memory.empty(b.indices.size, _WIDE)
        self.library.call("pack", known)

    def _prepare(self, workspace: dict[str, Array], known: dict[str, Any], a: Compressed, b: Compressed) -> None:
        """A workspace of at least the lengths that this call needs; `known` gets them."""
        most = int(known["block_room"].max(initial=0)) + SLACK
        known["room_limit"] = min(int(known["block_room"].sum()), ROOM)
        for name, (length, kind, fill) in self._lengths(known, a, b, known["room_limit"] + most).items():
            length = _apart(length)
            needed = length * self.schedule.threads
            if name not in workspace or workspace[name].size < needed:
                workspace[name] = np.full(needed, fill, kind) if fill else np.zeros(needed, kind)
            known[f"{name}_length"] = length

    def _lengths(
        self, known: dict[str, Any], a: Compressed, b: Compressed, room: int
    ) -> dict[str, tuple[int, Any, float]]:
        """Of one thread's arrays: length, type, and what they hold between rows."""
        ring = Ring.of(self.form)
        value, index = numpy_type(self.form.element), b.indices.dtype
        columns = 1 << self.schedule.chunk_log2 if self.schedule.chunk_log2 else b.shape[1]
        words = (b.shape[1] if self.schedule.phases is Phases.TWO else columns) // 64 + SLACK
        sums = columns + 64
        found: dict[str, tuple[int, Any, float]] = {}
        if self.schedule.accumulator is Accumulator.HASH:
            most = min(int(known["row_work"].max(initial=0)), b.shape[1]) + 4
            sums = 2 << most.bit_length()
            found["keys"] = sums, np.int64, 0
        found |= {
            "sums": (sums, value, ring.nothing),
            "bits": (words, np.int64, 0),
            "summary": (words // 64 + SLACK, np.int64, 0),
            "touched": (words + SLACK, index, 0),
            "room_indices": (room, index, 0),
            "room_values": (room, value, 0),
        }
        if self.schedule.together:
            found["lanes"] = LANES * b.shape[1], value, ring.nothing
        if self.form.mask is not Mask.NONE:
            found["allowed"] = b.shape[1] // 64 + SLACK, np.int64, 0
        if self.schedule.repeat:
            remembered = self.schedule.repeat + 2 * SLACK
            found |= dict.fromkeys(("kept_keys", "kept_places", "kept_columns"), (remembered, index, 0))
            found |= {"kept_counts": (3, np.int64, 0), "positions": (b.shape[1], index, 0)}
        if self.schedule.chunk_log2:
            found["cursors"] = int(np.diff(a.pointers).max(initial=0)) + SLACK, np.int64, 0
        return found

    def _multiply(self, known: dict[str, Any], workspace: dict[str, Array]) -> tuple[Array, Array, Array]:
        pointers = kept_memory.empty(known["rows"] + 1, _WIDE)
        pointers[0] = 0
        ledger = pending_blocks.LEDGER + known["blocks"] + 1
        known |= workspace | {
            "c_pointers": pointers,
            "counts": np.zeros(known["blocks"], np.int64),
            "ledger": np.zeros(_apart(ledger) * self.schedule.threads, np.int64),
            "ledger_length": _apart(ledger),
        }
        most = int(known["block_room"].sum())
        if self.schedule.phases is Phases.TWO:
            self.library.call("count", known)
            np.cumsum(pointers, out=pointers)
            most = int(pointers[-1])
        indices = kept_memory.empty(most + SLACK, known["b_indices"].dtype)
        values = kept_memory.empty(most + SLACK, numpy_type(self.form.element))
        self.library.call("multiply", known | {"c_indices": indices, "c_values": values})
        entries = int(pointers[-1])
        indices, values = (kept_memory.trimmed(each, entries, SLACK) for each in (indices, values))
        return pointers, indices, values


def _widened(pointers: Array) -> Array:
    """Pointers of 64 bits."""
    if pointers.dtype == _WIDE:
        return pointers
    wide = kept_memory.empty(pointers.size, _WIDE)
    wide[:] = pointers
    return wide


def _apart(length: int) -> int:
    """No two threads' arrays have a line of the cache in common."""
    return -(-length // 64) * 64 + 64


def rows_in_blocks(a: Compressed, work: int) -> dict[str, Any]:
    """How rows are cut into blocks of about `BLOCK_WORK`, for so much work in all."""
    rows = a.shape[0]
    block = min(max(1, rows * BLOCK_WORK // max(work + rows, 1)), MOST_ROWS)
    return {"rows": rows, "block_rows": block, "blocks": -(-rows // block)}

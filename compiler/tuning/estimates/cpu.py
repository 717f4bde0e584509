"""Schedules on this computer, in seconds: what each multiply-add, entry and row takes, summed and shared out.

The numbers are nanoseconds of one core, from timings of the lowered loops over the matrices of `tests/realworld/cpu_spgemm.py`;
what matters is the order they give. Packed patterns pay where columns stand close together, which the compression of the
product stands for: entries of neighbouring rows of B then fall on the same columns.
"""

from __future__ import annotations

from compiler.dialects.schedules.cpu import Accumulator, CpuSchedule, Phases
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.tuning.describe import Described
from compiler.tuning.estimates.estimate import Estimate

_NANO = 1e-9
_ADD, _ADD_HASHED, _ADD_CHUNKED = 1.0, 4.0, 1.6
"""One multiply-add into a window, a table, a chunk."""
_FAR = 3.0
"""More, when a window leaves the caches."""
_MARK = 0.5
"""The bit of one multiply-add."""
_MARK_WORD, _PACK = 1.6, 3.0
"""A packed word; packing one entry of B."""
_SCAN, _READ, _COPY, _ROW = 0.6, 2.2, 0.6, 25.0
"""A word looked at; an entry read off; an entry copied to its place; a row."""
_CURSOR = 2.0
"""An entry of A, in each chunk."""
_FETCH, _MISS = 1.0, 20.0
"""Fetching a row of B ahead, for an entry of A; waiting for one that is not near."""
_NEAR_BYTES = 1 << 19
"""Rows of B stay in a common second-level cache from one use to the next if those between are no more."""
_START = 200_000.0
"""Waking threads, twice, and waiting for them: what a product of few multiply-adds pays for two threads on a virtual machine."""
_CACHE_BYTES = 8 << 20


def estimate(schedule: CpuSchedule, candidate: Described) -> Estimate:
    """The parts, and their sum, which is what counts."""
    data = candidate.data
    parts = {
        "adding up": data.fmas * _adding(schedule, data),
        "patterns": _marking(schedule, data) * (2 if schedule.phases is Phases.TWO else 1),
        "reading off": _reading(schedule, data),
        "rows of B": data.nnz_a * _reaching(schedule, data),
        "rows": data.rows * _ROW + _cursors(schedule, data),
    }
    shared = {name: nanoseconds * _NANO / schedule.threads for name, nanoseconds in parts.items()}
    if schedule.words:
        shared["packing"] = data.nnz_b * _PACK * _NANO
    if schedule.threads > 1:
        shared["threads"] = (_START + data.nnz_c * _COPY / schedule.threads) * _NANO
    return Estimate.of("seconds", {"all together": sum(shared.values()), **shared})


def _adding(schedule: CpuSchedule, data: DataDescriptor) -> float:
    if schedule.chunk_log2:
        return _ADD_CHUNKED
    if schedule.accumulator is Accumulator.HASH:
        return _ADD_HASHED
    return _ADD + (_FAR if 8 * data.columns > _CACHE_BYTES and data.bandwidth * 16 > _CACHE_BYTES else 0.0)


def _marking(schedule: CpuSchedule, data: DataDescriptor) -> float:
    """Setting bits; a packed word covers more entries the more the product compresses."""
    by_bit = data.fmas * _MARK
    return by_bit if not schedule.words else data.fmas * (0.1 + _MARK_WORD / max(data.compression, 1.0))


def _reading(schedule: CpuSchedule, data: DataDescriptor) -> float:
    """Finding the words in use, then their columns."""
    width = min(data.columns, 4 * data.bandwidth + 64) / 64
    work = data.fmas / max(data.rows, 1)
    looked_at = width / 64 + min(work, width) if schedule.summary and work < data.columns / 64 else width
    return data.rows * looked_at * _SCAN + data.nnz_c * _READ


def _reaching(schedule: CpuSchedule, data: DataDescriptor) -> float:
    """Having a row of B at hand when its turn comes."""
    if schedule.prefetch:
        return _FETCH
    between = min(2 * data.bandwidth + 1, data.inner) / max(data.inner, 1) * data.nnz_b
    return _MISS if 12 * between > _NEAR_BYTES else 0.0


def _cursors(schedule: CpuSchedule, data: DataDescriptor) -> float:
    if not schedule.chunk_log2:
        return 0.0
    return data.nnz_a * _CURSOR * -(-data.columns // (1 << schedule.chunk_log2))

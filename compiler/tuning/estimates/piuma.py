"""Schedules on the PIUMA-style machine, in cycles: `runtime/bounds.py` fed with what a lowering asks for.

Instructions per multiply-add, per entry, per slot and per pair of rows are those of the lowered loops, fitted to simulated
counts on small generated matrices; `tests/realworld/kernels.py` prints what the choice costs in simulation beside every
named schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import log2

from compiler.dialects.schedules.piuma import Accumulator, Dataflow, Hash, PiumaSchedule, Work, WriteBack
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.tuning.describe import Described
from compiler.tuning.estimates import piuma_tokens
from compiler.tuning.estimates.estimate import Estimate
from runtime import bounds as tier
from runtime.machine import Machine

_ENTRY_BYTES = 12
_FIXED = 120_000.0
"""Instructions of the symbolic phase, the forming of windows and their barriers, over all threads."""
_FMA = 18.0
_PROBE = 9.0
_PROBES = {Hash.HIGH_BITS: 3.0, Hash.LOW_BITS: 1.0, Hash.MULTIPLICATIVE: 0.5}
"""Further probes per multiply-add in a table with a slot in two taken; halved by each doubling of its room."""
_SLOT_OUT = 16.6
"""Instructions of threads that look at a slot of a finished table and empty it."""
_ENTRY_OUT = {WriteBack.THREADS: 8.0, WriteBack.DMA: 5.0}
_IDLE = {Work.STATIC: 1.03, Work.TOKENS: 1.0}
"""What is lost where a thread that is done does not help the others."""
_STALLS = {WriteBack.THREADS: 1.0, WriteBack.DMA: 1.6}
"""Issue slots for each instruction: threads that scan a table wait for nothing, those that wait for transfers do."""
_STEP = 9.0
"""One step of the merge of a row with a column."""
_WAIT = 4.0
"""How much longer an instruction takes, on average, of a thread that sorts in DRAM and has no others beside it."""


@dataclass(frozen=True, slots=True)
class _Demand:
    """What a schedule asks of the machine: instructions, DRAM bytes, and the longest piece of work that one thread has."""

    instructions: float
    dram_bytes: float
    bank_accesses: float
    longest: float


def estimate(schedule: PiumaSchedule, candidate: Described) -> Estimate:
    """The bounds of a schedule on these data."""
    machine, data = _machine(candidate), candidate.data
    if schedule.accumulator in (Accumulator.WINDOW, Accumulator.PRIVATE_HASH):
        return _by_tokens(schedule, data, machine)
    demand = _demand(schedule, data)
    work = tier.Work(
        instructions=demand.instructions,
        dram_bytes=demand.dram_bytes,
        bank_cycles=machine.spad_atomic_cycles * demand.bank_accesses,
        memory_wait=machine.dram_latency * demand.dram_bytes / machine.l1_line,
        threads=schedule.threads * schedule.blocks,
    )
    found = {bound.resource: bound.cycles for bound in tier.bounds(machine, work)}
    found["longest thread"] = demand.longest * machine.pipeline_depth
    return Estimate.of("cycles", found)


def _by_tokens(schedule: PiumaSchedule, data: DataDescriptor, machine: Machine) -> Estimate:
    work = piuma_tokens.work_of(schedule, data, machine)
    found = {bound.resource: bound.cycles for bound in tier.bounds(machine, work)}
    found["DMA engines"] = piuma_tokens.transfers(data, machine)
    found["longest thread"] = piuma_tokens.longest_thread(schedule, data, machine)
    found["heaviest row"] = piuma_tokens.heaviest_row(schedule, data, machine)
    return Estimate.of("cycles", found)


def _demand(schedule: PiumaSchedule, data: DataDescriptor) -> _Demand:
    lists, longest = log2(data.mean_row + 1), log2(data.max_row + 1)
    if schedule.dataflow is Dataflow.INNER:
        return _inner(data)
    if schedule.dataflow is Dataflow.OUTER:
        return _by_rows(data, 55 + 16 * lists, 75 + 20 * longest, 3 * _ENTRY_BYTES)
    match schedule.accumulator:
        case Accumulator.HEAP:
            return _by_rows(data, 40 + 16 * lists, 40 + 16 * longest)
        case Accumulator.SORT:
            levels = log2(data.fmas / max(data.rows, 1) + 1)
            return _by_rows(data, 60 + 22 * levels, _WAIT * (60 + 22 * log2(data.max_row_fmas + 1)), 32)
        case _:
            return _hash(schedule, data)


def _hash(schedule: PiumaSchedule, data: DataDescriptor) -> _Demand:
    """Pieces of rows of A, contributions entered in a table of the scratchpad, window after window."""
    probes = _PROBES[schedule.hash] * 2.0 ** (1 - schedule.slack_log2)
    per_fma = _FMA + _PROBE * probes
    slots = 1 << schedule.window_log2
    windows = max(1.0, data.nnz_c * (1 << schedule.slack_log2) / slots)
    emptied = windows * slots * _SLOT_OUT if schedule.write_back is WriteBack.THREADS else 0.0
    out = _ENTRY_OUT[schedule.write_back] * data.nnz_c
    piece = min(data.max_row_fmas, (1 << schedule.piece_log2) * data.max_row_b)
    return _Demand(
        instructions=(_FIXED + per_fma * data.fmas + out + emptied)
        * _IDLE[schedule.work]
        * _STALLS[schedule.write_back],
        dram_bytes=_ENTRY_BYTES * (2 * data.nnz_a + data.fmas + data.nnz_c),
        bank_accesses=(2 + probes) * data.fmas + windows * slots,
        longest=per_fma * piece,
    )


def _inner(data: DataDescriptor) -> _Demand:
    """Each row of A merged with each column of B; a row is one thread's."""
    steps = data.mean_row + data.mean_row_b * data.inner / max(data.columns, 1)
    pairs = float(data.rows) * data.columns
    return _Demand(
        instructions=_FIXED + _STEP * steps * pairs,
        dram_bytes=_ENTRY_BYTES * (data.nnz_a + data.nnz_b * data.rows / 16 + data.nnz_c),
        bank_accesses=0.0,
        longest=_STEP * data.columns * (data.max_row + data.mean_row_b),
    )


def _by_rows(data: DataDescriptor, per_fma: float, in_the_longest: float, bytes_per_fma: int = 0) -> _Demand:
    """A thread makes a row alone, in DRAM or its own part of the scratchpad; the longest row decides when the last ends."""
    return _Demand(
        instructions=_FIXED / 4 + per_fma * data.fmas,
        dram_bytes=_ENTRY_BYTES * (data.nnz_a + data.fmas + data.nnz_c) + bytes_per_fma * data.fmas,
        bank_accesses=0.0,
        longest=in_the_longest * data.max_row_fmas + per_fma * data.fmas / 64,
    )


def _machine(candidate: Described) -> Machine:
    known = {each.name for each in fields(Machine)}
    return Machine.of({name: value for name, value in candidate.machine.items() if name in known})

"""Schedules on the PIUMA-style machine, in cycles: `runtime/bounds.py` fed with what a lowering asks for per multiply-add.

The numbers per multiply-add are those of the lowered loops, counted; see `tests/tuning/` for how well the order of the
estimates agrees with simulation.
"""

from __future__ import annotations

import math
from dataclasses import fields

from compiler.dialects.schedules.piuma import Accumulator, Dataflow, Hash, PiumaSchedule, Work, WriteBack
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.tuning.describe import Described
from compiler.tuning.estimates import piuma_tokens
from compiler.tuning.estimates.estimate import Estimate
from runtime import bounds as tier
from runtime.machine import Machine

_PER_FMA = 20.0
_PROBE = 6.0
"""Instructions for a multiply-add whose column is found at once, and for each further probe."""
_PROBES = {Hash.HIGH_BITS: 6.0, Hash.LOW_BITS: 2.0, Hash.MULTIPLICATIVE: 0.3}
"""Further probes per multiply-add at half-full tables."""
_HEAP, _LEVEL = 55.0, 8.0
"""For a multiply-add merged by a heap, and for each level of the heap."""
_OUTER, _SORT, _STEP = 93.0, 150.0, 6.0
"""For a product written, read and merged; for one expanded and sorted; for a step along two lists."""
_PER_ENTRY = {WriteBack.THREADS: 14.0, WriteBack.DMA: 4.0}
_PER_ROW = 60.0
_ENTRY_BYTES = 12


def estimate(schedule: PiumaSchedule, candidate: Described) -> Estimate:
    """The bounds of a schedule on these data."""
    machine = _machine(candidate)
    data = candidate.data
    if schedule.accumulator in (Accumulator.WINDOW, Accumulator.PRIVATE_HASH):
        return _by_tokens(schedule, candidate, machine)
    threads = schedule.threads * schedule.blocks
    per_fma = _per_fma(schedule, data)
    entries = _PER_ENTRY[schedule.write_back] * data.nnz_c
    work = tier.Work(
        instructions=(per_fma * data.fmas + entries + _PER_ROW * data.rows) * _imbalance(schedule, candidate),
        dram_bytes=_ENTRY_BYTES * (data.nnz_a + data.fmas + data.nnz_c),
        bank_cycles=(2 + _PROBES[schedule.hash]) * machine.spad_atomic_cycles * data.fmas,
        memory_wait=machine.dram_latency * 2 * data.fmas,
        threads=threads,
    )
    found = {bound.resource: bound.cycles for bound in tier.bounds(machine, work)}
    found["heaviest row"] = data.max_row_fmas * per_fma * machine.pipeline_depth
    return Estimate.of("cycles", found)


def _per_fma(schedule: PiumaSchedule, data: DataDescriptor) -> float:
    """Instructions for a multiply-add."""
    match schedule.dataflow, schedule.accumulator:
        case Dataflow.INNER, _:
            positions = data.rows * data.columns
            return _STEP * positions * (data.mean_row + data.mean_row_b) / max(data.fmas, 1)
        case Dataflow.OUTER, _:
            return _OUTER
        case _, Accumulator.HEAP:
            return _HEAP + _LEVEL * math.log2(data.mean_row + 1)
        case _, Accumulator.SORT:
            return _SORT
        case _:
            return _PER_FMA + _PROBE * _PROBES[schedule.hash]


def _by_tokens(schedule: PiumaSchedule, candidate: Described, machine: Machine) -> Estimate:
    data = candidate.data
    found = {
        bound.resource: bound.cycles for bound in tier.bounds(machine, piuma_tokens.work_of(schedule, data, machine))
    }
    found["DMA engines"] = piuma_tokens.transfers(data, machine)
    found["heaviest row"] = piuma_tokens.heaviest_row(schedule, data, machine)
    return Estimate.of("cycles", found)


def _imbalance(schedule: PiumaSchedule, candidate: Described) -> float:
    """How much longer the busiest thread works than the average one."""
    data, threads = candidate.data, schedule.threads * schedule.blocks
    if schedule.work is Work.TOKENS or data.fmas == 0:
        return 1.0
    spread = data.max_row_fmas * threads / data.fmas
    return 1.0 + min(spread, threads - 1) * 0.25


def _machine(candidate: Described) -> Machine:
    known = {each.name for each in fields(Machine)}
    return Machine.of({name: value for name, value in candidate.machine.items() if name in known})

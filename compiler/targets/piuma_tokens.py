"""Schedules that take rows as tokens (`by_tokens.py`): which are legal, and which are worth trying for given operands.

    tokens_objection(schedule, form, data, machine)       None, or why not
    list(token_schedules(form, data, machine))            all legal; the widest windows that fit, for each thing resident

A wider window means fewer panels, more of B in the scratchpad less traffic, and both want the same space: what leaves more of
B in memory is a candidate only where it has less than half the panels. Fewer threads leave more space for each: as many as
still fit beside windows of one panel, or two, are candidates down to two threads a pipeline. Tables want little space: one
is enough.

Then the same again, otherwise: whole windows with each thing resident, though nothing is saved by it (rows in memory keep the
scratchpad's banks free); pointers read through the L1; with that, three quarters of all threads (fewer wait for their turn
in C). No bound tells these apart by much; the learned model does, by up to 15 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from compiler.dialects.schedules.piuma import Accumulator, PiumaSchedule, Resident, Stream
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.dialects.spgemm_kernel import KernelForm
from compiler.dialects.spgemm_types import Element, Semiring
from compiler.passes.kernel_to_piuma.by_tokens import scratchpad_bytes
from compiler.passes.kernel_to_piuma.dense_window import COMBINE, GROUP
from compiler.passes.kernel_to_piuma.private_hash import PLACES
from compiler.passes.kernel_to_piuma.row_order import QUEUES
from compiler.passes.kernel_to_piuma.scratchpad import STACKS
from compiler.targets.target import Objection
from runtime.machine import Machine

BY_TOKENS = (Accumulator.WINDOW, Accumulator.PRIVATE_HASH)
GRANULE = 64 * GROUP
"""Columns of a window come in whole groups of bitmap words."""
LISTS = (256, 128, 64)
PANELS = (*range(2, 17), 24, 32, 48, 64)
CACHED = frozenset((Stream.A, Stream.B))
ALL_STREAMS = frozenset(Stream)
WIDEST = 1 << 19
LARGEST_TABLE = 1 << 15
ROW_LIMIT = 1 << 23
COLUMN_LIMIT = 1 << 31


def tokens_objection(
    s: PiumaSchedule, form: KernelForm, data: DataDescriptor | None, machine: Machine
) -> Objection | None:
    """Why a schedule by tokens cannot be used; None when it can."""
    reason = _form_reason(s, form) or _field_reason(s) or _machine_reason(machine)
    if reason:
        return Objection(reason)
    return _data_objection(s, data, machine) if data else None


def _form_reason(s: PiumaSchedule, form: KernelForm) -> str | None:
    if form.element is not Element.F64 or form.index_width != 32:
        return f"moves rows of f64 with 32-bit indices, not {form.element} with {form.index_width}-bit ones"
    if s.accumulator is Accumulator.WINDOW and form.semiring not in COMBINE:
        known = " and ".join(COMBINE)
        return f"scatters by transfers, which compute {known}, not {form.semiring}"
    if form.semiring is Semiring.OR_AND:
        return "adds numbers, not truth values"
    return None


def _field_reason(s: PiumaSchedule) -> str | None:
    if s.blocks != 1:
        return "keeps the rows of one block in order: there is no order among blocks"
    if s.accumulator is Accumulator.WINDOW and s.window_columns % GRANULE:
        return f"has a window of {s.window_columns} columns, which is no multiple of {GRANULE}"
    if s.accumulator is Accumulator.PRIVATE_HASH and not s.hash_products:
        return "has no table: hash_products is 0"
    return None


def _machine_reason(machine: Machine) -> str | None:
    if machine.queues < QUEUES:
        return f"keeps rows in order through {QUEUES} queues, but a block has {machine.queues}"
    return None


def _data_objection(s: PiumaSchedule, data: DataDescriptor, machine: Machine) -> Objection | None:
    if data.rows >= ROW_LIMIT or data.inner >= COLUMN_LIMIT or data.nnz_b >= COLUMN_LIMIT:
        return Objection(f"numbers fewer than {ROW_LIMIT} rows and {COLUMN_LIMIT} entries of B")
    if s.accumulator is Accumulator.WINDOW and not s.panels and data.columns > s.window_columns:
        reason = f"has a window of {s.window_columns} columns and no panels, but C has {data.columns}"
        return Objection(reason, does_not_fit=True)
    if s.accumulator is Accumulator.PRIVATE_HASH and data.max_row_fmas > s.hash_products:
        reason = f"holds {s.hash_products} products of a row, but a row has {data.max_row_fmas}"
        return Objection(reason, does_not_fit=True)
    needed, free = scratchpad_bytes(s, data.inner, data.columns, data.nnz_b), machine.spad_bytes - STACKS
    if needed > free:
        return Objection(f"needs {needed} bytes of scratchpad, but a block has {free}", does_not_fit=True)
    return None


def token_schedules(form: KernelForm, data: DataDescriptor, machine: Machine) -> Iterator[PiumaSchedule]:
    """The legal candidates: the largest of each kind that fits, those with most of B resident first; then the same otherwise."""
    largest = list(_largest(form, data, machine))
    windows = (_widest_window(form, data, each, machine) for each in (Resident.ALL, Resident.INDICES, Resident.NONE))
    again = [*largest, *(each for each in windows if each is not None and not each.panels)]
    found = dict.fromkeys((*again, *chain.from_iterable(_otherwise(each, machine) for each in again)))
    return (each for each in found if tokens_objection(each, form, data, machine) is None)


def _otherwise(schedule: PiumaSchedule, machine: Machine) -> Iterator[PiumaSchedule]:
    """The same rows by the same means, with other waits."""
    if schedule.accumulator is Accumulator.PRIVATE_HASH:
        yield replace(schedule, cached=ALL_STREAMS, resident=Resident.NONE)
        return
    yield replace(schedule, cached=ALL_STREAMS)
    if schedule.threads == machine.block_threads > 1:
        yield replace(schedule, cached=ALL_STREAMS, threads=3 * schedule.threads // 4)


def _largest(form: KernelForm, data: DataDescriptor, machine: Machine) -> Iterator[PiumaSchedule]:
    fewest, tables = 1 << 62, False
    for resident in (Resident.ALL, Resident.INDICES, Resident.NONE):
        window = _widest_window(form, data, resident, machine)
        if window is not None and 2 * panel_count(window, data) < fewest:
            fewest = panel_count(window, data)
            yield window
        most = panel_count(window, data) if window is not None else WIDEST
        yield from _by_fewer_threads(form, data, resident, machine, most)
        table = _first_legal(_tables(data, resident, machine), form, data, machine)
        if table is not None and not tables:
            tables = True
            yield table


def _widest_window(
    form: KernelForm, data: DataDescriptor, resident: Resident, machine: Machine
) -> PiumaSchedule | None:
    windows = (*_whole_windows(data, resident, machine), *_panel_windows(data, resident, machine))
    return _first_legal(windows, form, data, machine)


def _by_fewer_threads(
    form: KernelForm, data: DataDescriptor, resident: Resident, machine: Machine, most: int
) -> Iterator[PiumaSchedule]:
    """Windows so wide that not every thread can have one, with fewer panels than `most`."""
    base = replace(_base(Accumulator.WINDOW, resident, machine), list_entries=LISTS[-1])
    for panels in range(1, min(most, 3)):
        width = _rounded(-(-data.columns // panels))
        if width <= WIDEST:
            window = replace(base, window_columns=width, panels=panels > 1)
            window = replace(window, threads=_threads_that_fit(window, data, machine))
            if window.threads >= 2 * machine.pipelines and tokens_objection(window, form, data, machine) is None:
                yield window


def _threads_that_fit(schedule: PiumaSchedule, data: DataDescriptor, machine: Machine) -> int:
    """How many windows there is room for; at least one."""
    one, two = (
        scratchpad_bytes(replace(schedule, threads=each), data.inner, data.columns, data.nnz_b) for each in (1, 2)
    )
    fitting = 1 + (machine.spad_bytes - STACKS - one) // (two - one)
    return max(1, min(fitting, machine.block_threads))


def panel_count(schedule: PiumaSchedule, data: DataDescriptor) -> int:
    """Panels of a schedule with a window."""
    return -(-data.columns // schedule.window_columns) if schedule.panels else 1


def _first_legal(
    candidates: Iterable[PiumaSchedule], form: KernelForm, data: DataDescriptor, machine: Machine
) -> PiumaSchedule | None:
    return next((each for each in candidates if tokens_objection(each, form, data, machine) is None), None)


def _base(accumulator: Accumulator, resident: Resident, machine: Machine) -> PiumaSchedule:
    return PiumaSchedule(
        accumulator=accumulator, resident=resident, cached=CACHED, threads=machine.block_threads, blocks=1
    )


def _whole_windows(data: DataDescriptor, resident: Resident, machine: Machine) -> Iterator[PiumaSchedule]:
    """One panel, lists as long as fit."""
    base = _base(Accumulator.WINDOW, resident, machine)
    width = _rounded(data.columns)
    return (replace(base, window_columns=width, list_entries=each) for each in LISTS if width <= WIDEST)


def _panel_windows(data: DataDescriptor, resident: Resident, machine: Machine) -> Iterator[PiumaSchedule]:
    """As few panels as fit."""
    base = replace(_base(Accumulator.WINDOW, resident, machine), panels=True, list_entries=LISTS[-1])
    for panels in PANELS:
        width = _rounded(-(-data.columns // panels))
        if GRANULE < width <= WIDEST:
            yield replace(base, window_columns=width)


def _tables(data: DataDescriptor, resident: Resident, machine: Machine) -> Iterator[PiumaSchedule]:
    """A table for the heaviest row: a power of two, which similar matrices share, or exactly so large where that does not fit."""
    most = data.max_row_fmas
    if 0 < most < min(PLACES, LARGEST_TABLE):
        base = _base(Accumulator.PRIVATE_HASH, resident, machine)
        yield from (replace(base, hash_products=each) for each in dict.fromkeys((1 << (most - 1).bit_length(), most)))


def _rounded(columns: int) -> int:
    return max(GRANULE, -(-columns // GRANULE) * GRANULE)

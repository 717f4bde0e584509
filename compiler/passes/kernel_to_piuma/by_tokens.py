"""Rows taken as tokens, computed by whoever is idle, left in C in order: what the schedules beyond SMASH share.

    scratchpad:  tokens' counter | zeros | area of thread 0 | area of thread 1 | … | starts of B's rows | what of B is resident

What is done with a row is the accumulator's matter: `dense_window.py`, `private_hash.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import f64, i32, i64

from compiler.dialects.schedules.piuma import Accumulator, PiumaSchedule, Resident
from compiler.passes.kernel_to_piuma.dense_window import (
    DenseWindow,
    bitmap_words,
    bitmap_words_of,
    list_room,
    place_window,
    window_words,
)
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.private_hash import PrivateHash, first_tag, table_words
from compiler.passes.kernel_to_piuma.resident_rows import load_rows
from compiler.passes.kernel_to_piuma.row_order import start_order
from compiler.passes.loops.values import INDEX, Value

_TOKENS = 0
_ZEROS = 64


def scratchpad_bytes(schedule: PiumaSchedule, inner: int, columns: int, nnz_b: int) -> int:
    """What a block's scratchpad must hold."""
    panels = -(-columns // schedule.window_columns) if schedule.panels else 0
    starts = (panels + 1) * inner if panels else inner + 1
    moved = {Resident.NONE: 0, Resident.INDICES: 4, Resident.ALL: 12}[schedule.resident]
    bits = bitmap_words(columns) if _has_window(schedule) else 0
    areas = 8 * schedule.threads * (_fixed_words(schedule) + bits)
    return _areas_at(schedule) + areas + 4 * (starts + 1) + moved * nnz_b + 8


def _has_window(schedule: PiumaSchedule) -> bool:
    return schedule.accumulator is Accumulator.WINDOW


def _areas_at(schedule: PiumaSchedule) -> int:
    return _ZEROS + (8 * list_room(schedule) if _has_window(schedule) else 0)


def _fixed_words(schedule: PiumaSchedule) -> int:
    """Of a thread's area, without a bitmap."""
    words = window_words(schedule) if _has_window(schedule) else 0
    return words + (table_words(schedule.hash_products) if schedule.hash_products else 0)


def build(k: Kernel) -> None:
    """The body of the kernel."""
    b = k.b
    bits = bitmap_words_of(k["columns"]) if _has_window(k.schedule) else b.index(0)
    area = bits + _fixed_words(k.schedule)
    areas = k.spad(_areas_at(k.schedule), i64)
    own, tokens, zeros = b.view(areas, k.me * area), k.spad(_TOKENS, i64), k.spad(_ZEROS, f64)
    with k.alone():
        b.store(0, tokens, 0)
        start_order(k)
        if _has_window(k.schedule):
            b.wait(b.dma_init(zeros, k.algebra.identity, list_room(k.schedule)))
    rows = load_rows(k, b.view(b.view(areas, k.threads * area), 0, i32))
    match k.schedule.accumulator:
        case Accumulator.WINDOW:
            kernel = DenseWindow(k, rows, place_window(k, own, zeros, bits))
            _for_each_row(k, tokens, kernel.row)
        case Accumulator.PRIVATE_HASH:
            _for_each_row_tagged(k, tokens, PrivateHash.at(k, rows, own))
        case other:
            raise AssertionError(f"{other} does not take rows by tokens")


def _for_each_row(k: Kernel, tokens: Value, compute: Callable[[Value], None]) -> None:
    """Until there are no rows left."""
    with k.b.loop(_next_row(k, tokens)) as token:
        token.while_(token.state[0] < k["rows"])
        compute(token.state[0])
        token.next(_next_row(k, tokens))


def _for_each_row_tagged(k: Kernel, tokens: Value, table: PrivateHash) -> None:
    """The same with a table whose tags rise from row to row."""
    with k.b.loop(_next_row(k, tokens), first_tag(k.b)) as token:
        token.while_(token.state[0] < k["rows"])
        tag = table.row(*token.state)
        token.next(_next_row(k, tokens), tag)


def _next_row(k: Kernel, tokens: Value) -> Value:
    return k.b.atomic("add", tokens, 0, 1).to(INDEX)

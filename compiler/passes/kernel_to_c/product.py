"""The functions of a sparse product that a host calls, and the rows they share out.

    plan        multiply-adds of each row, and room that each block of rows may need
    pack        patterns of B as words of 64 columns                        (words)
    count       entries of each row of the result                          (phases = two)
    multiply    the rows

A block's rows are made in its thread's own memory, still in cache when they are copied to where they belong
(`pending_blocks.py`); one thread alone writes them in place.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import i64
from xdsl.ir import Attribute

from compiler.dialects import cpu
from compiler.dialects.schedules.cpu import Phases
from compiler.passes.kernel_to_c import pending_blocks
from compiler.passes.kernel_to_c.chunked_rows import write_chunked_row
from compiler.passes.kernel_to_c.parallel import BLOCKS, shared_blocks
from compiler.passes.kernel_to_c.pending_blocks import USED, keep_block, place_blocks, write_place_blocks
from compiler.passes.kernel_to_c.repeated_rows import forget_rows, may_repeat, write_remembered_row, write_repeated_row
from compiler.passes.kernel_to_c.rows import Kernel, Parameters, named
from compiler.passes.kernel_to_c.rows_together import alike_rows, rows_together, write_rows_together
from compiler.passes.kernel_to_c.tiny_rows import tiny_sizes, write_copied_row, write_tiny_row
from compiler.passes.kernel_to_c.window_rows import WORD, write_counted_row, write_window_row
from compiler.passes.loops.build import array
from compiler.passes.loops.values import INDEX, Value

_WORK: Parameters = {"row_work": array(i64)}


def write_product(kernel: Kernel) -> None:
    """All functions of the product, callees first."""
    _write_plan(kernel)
    if kernel.schedule.words:
        _write_pack(kernel)
    if not kernel.masked:
        for size in tiny_sizes(kernel.schedule.tiny):
            write_tiny_row(kernel, size)
        if not kernel.form.accumulate:
            write_copied_row(kernel)
    if kernel.schedule.chunk_log2:
        write_chunked_row(kernel)
    else:
        write_window_row(kernel, "window_row", summary=False)
        if kernel.schedule.summary:
            write_window_row(kernel, "sparse_row", summary=True)
    _write_one_row(kernel)
    if kernel.schedule.together:
        write_rows_together(kernel)
    if kernel.schedule.phases is Phases.TWO:
        write_counted_row(kernel)
        _write_count(kernel)
    _write_multiply(kernel)


# --- before ---------------------------------------------------------------------------------------------------------------------


def _write_plan(kernel: Kernel) -> None:
    b = kernel.b
    with (
        kernel.function(
            "plan", BLOCKS, {"columns": INDEX}, kernel.operands, _WORK, {"block_room": array(i64)}, private=False
        ) as v,
        shared_blocks(kernel, v) as (block, start, end, _),
    ):
        with b.range(start, end, carry=(b.index(0),)) as rows:
            named("room", rows.state[0])
            work = _row_work(kernel, v, named("row", rows.index))
            b.store(work, v.row_work, rows.index)
            rows.next(rows.state[0] + work.minimum(v.columns))
        b.store(rows.results[0], v.block_room, block)


def _row_work(kernel: Kernel, v: Any, row: Value) -> Value:
    """Multiply-adds of a row, and the entries that are accumulated to."""
    b = kernel.b
    first, last = kernel.bounds(v.a_pointers, row, ("first", "last"))
    start = b.index(0)
    if kernel.form.accumulate:
        d_first, d_last = kernel.bounds(v.d_pointers, row, ("d_first", "d_last"))
        start = d_last - d_first
    with b.range(first, last, carry=(start,)) as loop:
        (work,) = loop.state
        named("work", work)
        low, high = kernel.bounds(v.b_pointers, named("k", b.load_index(v.a_indices, loop.index)))
        loop.next(work + (high - low))
    return loop.results[0]


def _write_pack(kernel: Kernel) -> None:
    """Rows of B are packed where they stand: the words of row k from where its entries begin."""
    b = kernel.b
    arrays = {
        "inner": INDEX,
        "b_pointers": array(i64),
        "b_indices": kernel.indices,
        "word_pointers": array(i64),
        "word_columns": kernel.indices,
        "word_masks": array(i64),
    }
    with kernel.function("pack", arrays, private=False) as v:
        b.store(0, v.word_pointers, 0)
        with b.range(0, v.inner, carry=(b.index(0),)) as rows:
            low, high = kernel.bounds(v.b_pointers, named("k", rows.index))
            count = named("count", rows.state[0])
            with b.loop(low, count) as words:
                named("q", words.state[0])
                named("count", words.state[1])
                words.while_(words.state[0] < high)
                q, count = words.state
                word = named("word", b.load_index(v.b_indices, q).shift_right_signed(WORD))
                after, mask = _one_word(kernel, v, q, high, word)
                b.store(word, v.word_columns, count)
                b.store(mask, v.word_masks, count)
                words.next(after, count + 1)
            b.store(words.results[1], v.word_pointers, rows.index + 1)
            rows.next(words.results[1])


def _one_word(kernel: Kernel, v: Any, q: Value, high: Value, word: Value) -> tuple[Value, Value]:
    """The entries of one word of columns: where the next begins, and their bits."""
    b = kernel.b
    with b.loop(q, b.constant(0, i64)) as loop:
        at, mask = named("next", loop.state[0]), named("mask", loop.state[1])
        column = b.load_index(v.b_indices, at) & 63
        more = named("more", mask | (b.constant(1, i64) << column.to(i64)))
        following = named("following", at + 1)
        with b.if_(following < high) as choice:
            choice.gives(b.load_index(v.b_indices, following).shift_right_signed(WORD).eq(word))
        with choice.otherwise():
            choice.gives(0)
        loop.again_while(named("same", choice.results[0]), following, more)
    return loop.results[0], loop.results[1]


# --- rows -----------------------------------------------------------------------------------------------------------------------


def _write_one_row(kernel: Kernel) -> None:
    """`one_row`: by the cheapest way that its size, and the row before, allow."""
    b, large = kernel.b, (kernel.row, kernel.window, kernel.out)
    if not kernel.repeats:
        _write_other_row(kernel, "one_row")
        return
    _write_other_row(kernel, "other_row")
    write_repeated_row(kernel)
    write_remembered_row(kernel)
    with kernel.function("one_row", *large, gives=INDEX) as v:
        repeats = may_repeat(kernel, v)
        with b.if_(repeats) as choice:
            choice.gives(kernel.call("repeated_row", large, v, "entries"))
        with choice.otherwise():
            choice.gives(b.index(0))
        with b.if_(named("found", choice.results[0]).eq(0)) as otherwise:
            made = kernel.call("other_row", large, v, "made")
            with b.if_(repeats) as keep:
                keep.gives(kernel.call("remembered_row", (*large, {"made": INDEX}), v, "kept", made=made))
            with keep.otherwise():
                keep.gives(made)
            otherwise.gives(keep.results[0])
        with otherwise.otherwise():
            otherwise.gives(choice.results[0])
        b.return_(named("entries", otherwise.results[0]))


def _write_other_row(kernel: Kernel, name: str) -> None:
    """By the cheapest way that its size allows."""
    b = kernel.b
    with kernel.function(name, kernel.row, kernel.window, kernel.out, gives=INDEX) as v:
        small, large = (kernel.row, kernel.out), (kernel.row, kernel.window, kernel.out)
        ways: list[_Way] = [_Way(lambda: v.work.eq(0))]
        if not kernel.masked:
            if not kernel.form.accumulate:
                ways.append(_Way(lambda: (v.last - v.first).eq(1), "copied_row", small))
            for size in tiny_sizes(kernel.schedule.tiny):
                ways.append(_Way(lambda size=size: v.work <= size, f"tiny_row_{size}", small))
        if kernel.schedule.summary and not kernel.schedule.chunk_log2:
            ways.append(_Way(lambda: (v.work << WORD) < v.columns, "sparse_row", large))
        last = "chunked_row" if kernel.schedule.chunk_log2 else "window_row"
        b.return_(_chosen(kernel, v, [*ways, _Way(lambda: v.work.eq(v.work), last, large)]))


@dataclass(frozen=True, slots=True)
class _Way:
    """A function that makes a row, and when it may; without a name, the row is empty."""

    fits: Callable[[], Value]
    name: str = ""
    parts: tuple[Parameters, ...] = ()


def _chosen(kernel: Kernel, v: Any, ways: list[_Way]) -> Value:
    b, (way, *others) = kernel.b, ways
    if not others:
        return kernel.call(way.name, way.parts, v, "entries")
    with b.if_(way.fits()) as choice:
        choice.gives(kernel.call(way.name, way.parts, v, "entries") if way.name else b.index(0))
    with choice.otherwise():
        choice.gives(_chosen(kernel, v, others))
    return named("entries", choice.results[0])


def _write_count(kernel: Kernel) -> None:
    """Entries of each row, at the place after its own; the host sums them up to pointers."""
    b = kernel.b
    with (
        kernel.function("count", *_shared(kernel), private=False) as v,
        shared_blocks(kernel, v) as (_, start, end, thread),
    ):
        mine = _Thread(kernel, v, thread)
        with b.range(start, end) as rows:
            row = named("row", rows.index)
            first, last = kernel.bounds(mine.a_pointers, row, ("first", "last"))
            if kernel.schedule.prefetch:
                _fetch_ahead(kernel, mine, first, last)
            given = {"row": row, "first": first, "last": last, "work": b.index(0)}
            entries = kernel.call("counted_row", (kernel.row, kernel.window), mine, "entries", **given)
            b.store(entries, v.c_pointers, rows.index + 1)


def _write_multiply(kernel: Kernel) -> None:
    schedule = kernel.schedule
    if schedule.threads == 1:
        with _multiply(kernel) as v, shared_blocks(kernel, v) as (_, start, end, _thread):
            _rows_in_place(kernel, v, start, end)
    elif schedule.phases is Phases.TWO:
        with _multiply(kernel) as v, shared_blocks(kernel, v) as (_, start, end, thread):
            _rows_where_counted(kernel, _Thread(kernel, v, thread), start, end)
    else:
        write_place_blocks(kernel)
        with (
            _multiply(kernel, pending_blocks.SHARED, {"ledger": array(i64), "ledger_length": INDEX}) as v,
            shared_blocks(kernel, v, lambda thread: _place_rest(kernel, v, thread)) as (block, start, end, thread),
        ):
            mine = _Thread(kernel, v, thread, "ledger")
            made = _rows_apart(kernel, mine, start, end, named("used", kernel.b.load_index(mine.ledger, USED)))
            keep_block(kernel, mine, block, made)


@contextmanager
def _multiply(kernel: Kernel, *more: Parameters) -> Generator[Any]:
    result = {"c_indices": kernel.indices, "c_values": array(kernel.ring.type)}
    with kernel.function("multiply", *_shared(kernel), *more, result, private=False) as v:
        yield v


def _place_rest(kernel: Kernel, v: Any, thread: Value) -> None:
    place_blocks(kernel, _Thread(kernel, v, thread, "ledger"))


def _rows_where_counted(kernel: Kernel, mine: Any, start: Value, end: Value) -> None:
    """A block whose place has been counted before: what a row writes past its end must not reach another thread's."""
    b = kernel.b
    made = _rows_apart(kernel, mine, start, end, b.index(0))
    base = named("base", b.load_index(mine.c_pointers, start))
    for source, target in ((mine.room_indices, mine.c_indices), (mine.room_values, mine.c_values)):
        with b.range(0, made) as i:
            b.store(b.load(source, i.index), target, base + i.index)


def _rows_apart(kernel: Kernel, mine: Any, start: Value, end: Value, used: Value) -> Value:
    """A block in the thread's own memory, behind what is used of it, with pointers from its beginning; its entries."""
    b = kernel.b
    forget_rows(kernel, mine)
    if kernel.schedule.together:
        room = (
            kernel.rest(mine.room_indices, used, "block_indices"),
            kernel.rest(mine.room_values, used, "block_values"),
        )
        return _rows_by_pattern(kernel, mine, start, end, b.index(0), room)
    room = kernel.rest(mine.room_indices, used, "block_indices"), kernel.rest(mine.room_values, used, "block_values")
    with b.range(start, end, carry=(b.index(0),)) as rows:
        (made,) = rows.state
        named("made", made)
        out = kernel.rest(room[0], made, "out_indices"), kernel.rest(room[1], made, "out_values")
        entries = _row(kernel, mine, named("row", rows.index), *out)
        now = named("now", made + entries)
        if kernel.schedule.phases is Phases.ONE:
            b.store(now, mine.c_pointers, rows.index + 1)
        rows.next(now)
    return rows.results[0]


def _rows_in_place(kernel: Kernel, mine: Any, start: Value, end: Value) -> None:
    b = kernel.b
    forget_rows(kernel, mine)
    if kernel.schedule.together:
        base = named("base", b.load_index(mine.c_pointers, start))
        _rows_by_pattern(kernel, mine, start, end, base, (mine.c_indices, mine.c_values))
        return
    with b.range(start, end) as rows:
        base = named("base", b.load_index(mine.c_pointers, rows.index))
        out = kernel.rest(mine.c_indices, base, "out_indices"), kernel.rest(mine.c_values, base, "out_values")
        entries = _row(kernel, mine, named("row", rows.index), *out)
        b.store(base + entries, mine.c_pointers, rows.index + 1)


def _rows_by_pattern(
    kernel: Kernel, mine: Any, start: Value, end: Value, made: Value, room: tuple[Value, Value]
) -> Value:
    """One row after another, or several that are alike; the entries made with them."""
    b = kernel.b
    with b.loop(start, made) as rows:
        named("row", rows.state[0])
        named("made", rows.state[1])
        rows.while_(rows.state[0] < end)
        row, made = named("row", rows.state[0]), named("made", rows.state[1])
        out = kernel.rest(room[0], made, "out_indices"), kernel.rest(room[1], made, "out_values")
        work = named("work", b.load_index(mine.row_work, row))
        with b.if_(work > max(kernel.schedule.tiny, kernel.schedule.repeat)) as choice:
            choice.gives(alike_rows(kernel, mine, row, end))
        with choice.otherwise():
            choice.gives(b.index(1))
        alike = named("alike", choice.results[0])
        with b.if_(alike > 1) as several:
            given = {"row": row, "work": work, "alike": alike, "out_indices": out[0], "out_values": out[1]}
            first, last = kernel.bounds(mine.a_pointers, row, ("first", "last"))
            several.gives(rows_together(kernel, mine, first=first, last=last, **given))
        with several.otherwise():
            several.gives(_row(kernel, mine, row, *out))
        entries = named("entries", several.results[0])
        if kernel.schedule.phases is Phases.ONE or kernel.schedule.threads == 1:
            with b.range(1, alike + 1) as i:
                b.store(made + named("i", i.index) * entries, mine.c_pointers, row + i.index)
        rows.next(row + alike, made + alike * entries)
    return rows.results[1]


def _row(kernel: Kernel, mine: Any, row: Value, out_indices: Value, out_values: Value) -> Value:
    b = kernel.b
    first, last = kernel.bounds(mine.a_pointers, row, ("first", "last"))
    if kernel.schedule.prefetch:
        _fetch_ahead(kernel, mine, first, last)
    work = named("work", b.load_index(mine.row_work, row))
    given = {"row": row, "first": first, "last": last, "work": work}
    parts = (kernel.row, kernel.window, kernel.out)
    return kernel.call("one_row", parts, mine, "entries", **given, out_indices=out_indices, out_values=out_values)


def _fetch_ahead(kernel: Kernel, mine: Any, first: Value, last: Value) -> None:
    """Fetch the rows of B that entries some way ahead in A name, first where they begin, later two lines of what they hold."""
    b, ahead = kernel.b, kernel.schedule.prefetch
    far = named("far", (last + 2 * ahead).minimum(mine.nnz_a))
    with b.range(first + 2 * ahead, far) as p:
        named("p", p.index)
        b.write_all(cpu.PrefetchOp(mine.b_pointers.ssa, b.load_index(mine.a_indices, p.index).ssa))
        near = named("near", b.load_index(mine.a_indices, p.index - ahead))
        start = named("start", b.load_index(mine.b_pointers, near))
        for each in (mine.b_indices, mine.b_values):
            b.write_all(cpu.PrefetchOp(each.ssa, start.ssa, lines=2))
        if kernel.schedule.words:
            b.write_all(cpu.PrefetchOp(mine.word_masks.ssa, b.load_index(mine.word_pointers, near).ssa))


# --- what threads have -----------------------------------------------------------------------------------------------------------


def _shared(kernel: Kernel) -> tuple[Parameters, ...]:
    """Parameters of what runs over all rows: workspaces of all threads, one after another, and their lengths."""
    lengths: dict[str, Attribute] = {f"{name}_length": INDEX for name in _per_thread(kernel)}
    own = {"room_indices": kernel.indices, "room_values": array(kernel.ring.type)}
    return (
        BLOCKS,
        {"nnz_a": INDEX},
        kernel.operands,
        _WORK,
        kernel.window,
        own,
        lengths,
        {"c_pointers": array(i64)},
    )


def _per_thread(kernel: Kernel) -> list[str]:
    return [name for name in kernel.window if name != "columns"] + ["room_indices", "room_values"]


class _Thread:
    """The function's values, its workspaces, and `more` arrays, cut to those of one thread."""

    def __init__(self, kernel: Kernel, v: Any, thread: Value, *more: str) -> None:
        self._v = v
        self._own: dict[str, Value] = {}
        if kernel.schedule.threads == 1:
            return
        for name in (*_per_thread(kernel), *more):
            start = thread * getattr(v, f"{name}_length")
            self._own[name] = kernel.rest(getattr(v, name), start, f"my_{name}")

    def __getattr__(self, name: str) -> Value:
        own = self._own.get(name)
        return own if own is not None else getattr(self._v, name)

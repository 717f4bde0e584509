"""The rows of B, near the threads: what of B is copied into the scratchpad, and where a row, or a part of it, begins.

    rows = load_rows(k, place, panels)                           all threads, together
    low, high = rows.whole(k)                                    entries of row k
    low, high = rows.panel(p).whole(k)                           those with columns in panel p

The starts of the rows always move (4 bytes each); indices, or indices and values, move where the schedule says so and
are otherwise left in memory, where transfers read them. With panels there is a table of `panels + 1` starts for each row,
panel by panel: `starts[panel * inner + k]` is the first entry of row k whose column is at least `panel * width`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xdsl.dialects.builtin import f64, i32

from compiler.dialects.schedules.piuma import Resident
from compiler.passes.kernel_to_piuma.kernel import Kernel
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.loops.values import Value


def share_of(k: Kernel, total: Value, granule: int) -> tuple[Value, Value]:
    """First element and number of elements of this thread's part of an array, in multiples of `granule`."""
    each = ((total + (k.threads * granule - 1)) // (k.threads * granule)) * granule
    first = (k.me * each).minimum(total)
    return first, (total - first).minimum(each)


@dataclass(frozen=True, slots=True)
class ResidentRows:
    """B as the threads of a block see it."""

    b: MachineBuilder
    starts: Value
    ends: Value
    indices: Value
    values: Value
    inner: Value

    def whole(self, k: Value) -> tuple[Value, Value]:
        """First entry of row k, and the one after its last."""
        return self.b.load_index(self.starts, k), self.b.load_index(self.ends, k)

    def panel(self, number: Value) -> ResidentRows:
        """B with the entries of one panel only."""
        starts = self.b.view(self.starts, number * self.inner)
        return replace(self, starts=starts, ends=self.b.view(starts, self.inner))


def panels_of(k: Kernel) -> Value | None:
    """Panels of columns, where the schedule has any."""
    width = k.schedule.window_columns
    return (k["columns"] + (width - 1)) // width if k.schedule.panels else None


def load_rows(k: Kernel, place: Value) -> ResidentRows:
    """Copy what the schedule says to the scratchpad from `place` on, a memref of i32 there; ends in a barrier."""
    b, matrix, inner, panels = k.b, k.operand("b"), k["inner"], panels_of(k)
    entries = b.load_index(matrix.pointers, inner)
    table = (panels + 1) * inner if panels else inner + 1
    indices, values = matrix.indices, matrix.values
    at = b.view(place, table + (table & 1))
    tickets: list[Value] = []
    if k.schedule.resident is not Resident.NONE:
        indices = _copied(k, matrix.indices, at, entries, tickets)
        at = b.view(at, entries + (entries & 1))
    if k.schedule.resident is Resident.ALL:
        values = _copied(k, matrix.values, b.view(at, 0, f64), entries, tickets)
    ends = b.view(place, panels * inner if panels else 1)
    rows = ResidentRows(b, place, ends, indices, values, inner)
    _narrow_pointers(k, matrix.pointers, rows)
    for ticket in tickets:
        b.wait(ticket)
    k.meet()
    if panels:
        _split(k, rows, panels)
        k.meet()
    return rows


def _copied(k: Kernel, source: Value, to: Value, entries: Value, tickets: list[Value]) -> Value:
    first, count = share_of(k, entries, 16)
    tickets.append(k.b.dma_copy(k.b.view(to, first), k.b.view(source, first), count))
    return to


def _narrow_pointers(k: Kernel, pointers: Value, rows: ResidentRows) -> None:
    """Row starts as 4 bytes; with panels, ends as well, which otherwise are the next row's starts."""
    b, panels = k.b, k.schedule.panels
    first, count = share_of(k, rows.inner if panels else rows.inner + 1, 8)
    with b.range(first, first + count) as each:
        b.store(b.load(pointers, each.index).to(i32), rows.starts, each.index)
        if panels:
            b.store(b.load(pointers, each.index + 1).to(i32), rows.ends, each.index)


def _split(k: Kernel, rows: ResidentRows, panels: Value) -> None:
    """Walk each row once, noting where a panel begins."""
    b = k.b
    with b.range(k.me, rows.inner, k.threads) as row:
        low, high = rows.whole(row.index)
        with b.range(1, panels, carry=(low,)) as panel:
            entry = _first_from(k, rows, panel.state[0], high, panel.index * k.schedule.window_columns)
            b.store(entry, b.view(rows.starts, panel.index * rows.inner), row.index)
            panel.next(entry)


def _first_from(k: Kernel, rows: ResidentRows, low: Value, high: Value, column: Value) -> Value:
    """The first of a row's entries from `low` on that is not left of a column."""
    b = k.b
    with b.loop(low) as walk:
        (entry,) = walk.state
        with b.if_(entry < high) as inside:
            inside.gives(b.load_index(rows.indices, entry) < column)
        with inside.otherwise():
            inside.gives(0)
        walk.while_(inside.results[0])
        walk.next(walk.state[0] + 1)
    return walk.results[0]

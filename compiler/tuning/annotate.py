"""A canonical text with what analysis says of it: numbers that a learned cost starts from.

    builtin.module attributes {spgemm.analytical = {analytical = 76940.0 : f64, bound.issue_slots = 0.94 : f64, …}, dlti.target_…

`analytical` is the analytical model's cost, `form.…` what is computed, `bound.…` each resource's share of the cost; `shape.…` are
proportions of the data and the schedule that trees would need many splits to find. All of it follows from the text, so nothing is known
here that the text does not say.
"""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.context import Context

from compiler.dialects.schedules.piuma import Accumulator, PiumaSchedule
from compiler.dialects.spgemm_data import DataDescriptor
from compiler.pipelines import new_context
from compiler.tuning.analytical import estimate, total
from compiler.tuning.describe import Described, described
from compiler.tuning.estimates.estimate import Estimate

ATTRIBUTE = "spgemm.analytical"
_OPENING = "builtin.module attributes {"
_CLASSES = (2, 4, 6, 8, 10, 12)
"""Powers of two of multiply-adds: shares of the work in rows of at least so many."""


def annotated_candidate(text: str, context: Context | None = None) -> tuple[str, float]:
    """A canonical text with its attribute, and the analytical model's cost."""
    candidate = described(text, context or new_context())
    found = estimate(candidate)
    return annotated(text, candidate, found), total(found)


def annotated(text: str, candidate: Described, found: Estimate) -> str:
    """The text with an attribute more."""
    assert text.startswith(_OPENING)
    numbers = dict(_numbers(candidate, found))
    form = candidate.form
    words = {"kind": form.kind, "semiring": form.semiring, "element": form.element, "mask": form.mask}
    said = [f'form.{name} = "{word}"' for name, word in words.items()]
    inside = ", ".join([*said, *(f"{name} = {value:.6e} : f64" for name, value in numbers.items())])
    return f"{_OPENING}{ATTRIBUTE} = {{{inside}}}, {text.removeprefix(_OPENING)}"


def _numbers(candidate: Described, found: Estimate) -> Iterator[tuple[str, float]]:
    cost = max(total(found), 1.0)
    yield "analytical", cost
    for resource, amount in sorted(found.bounds):
        yield f"bound.{resource.replace(' ', '_')}", amount / cost
    data, schedule = candidate.data, candidate.schedule
    yield from _data(data)
    if isinstance(schedule, PiumaSchedule):
        yield from _schedule(schedule, data)


def _data(data: DataDescriptor) -> Iterator[tuple[str, float]]:
    rows, columns, fmas = max(data.rows, 1), max(data.columns, 1), max(data.fmas, 1)
    yield "shape.compression", data.compression
    yield "shape.products_of_a_row", fmas / rows
    yield "shape.entries_of_a_row", data.nnz_c / rows
    yield "shape.filled", data.nnz_c / (rows * columns)
    yield "shape.band", data.bandwidth / columns
    yield "shape.span", data.span / rows
    yield "shape.spread_out", data.span / max(data.nnz_c, 1)
    yield "shape.spread", data.deviation_row_b / max(data.mean_row_b, 1e-9)
    yield "shape.empty_rows", (data.row_fmas[0] if data.row_fmas else 0) / rows
    for least in _CLASSES:
        yield f"shape.work_above_{least}", sum(data.work_fmas[least + 1 :]) / fmas


def _schedule(schedule: PiumaSchedule, data: DataDescriptor) -> Iterator[tuple[str, float]]:
    threads = schedule.threads * schedule.blocks
    yield "shape.rows_of_a_thread", data.rows / threads
    yield "shape.heaviest_row", data.max_row_fmas * threads / max(data.fmas, 1)
    match schedule.accumulator:
        case Accumulator.WINDOW:
            yield "shape.panels", -(-data.columns // schedule.window_columns)
        case Accumulator.PRIVATE_HASH:
            yield "shape.table_room", schedule.hash_products / max(data.max_row_fmas, 1)
        case Accumulator.HASH:
            yield "shape.windows", data.nnz_c * 2.0**schedule.slack_log2 / 2.0**schedule.window_log2
        case _:
            pass

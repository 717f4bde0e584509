"""What `kcc` says of a run: a summary for people, one JSON object for programs, and the table of `--compare`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from compiler.dialects.schedules.mechanism import value_text
from compiler.dialects.schedules.schedule import Schedule
from compiler.kernels import Run
from compiler.targets.target import Target
from compiler.tuning.choose import Choice
from compiler.tuning.schedules import HasNamed, short_name
from runtime.sparse.containers import Csr

if TYPE_CHECKING:
    from compiler.arithmetic_kernels import Run as ArithmeticRun


def summary(run: Run, target: Target, verified: bool | None, reasons: str = "") -> str:
    """A few lines: what was computed, with which schedule, at what cost, and, if they are given, the reasons for the schedule."""
    rows = [
        ("kernel", _kernel(run)),
        ("operands", "; ".join(_operands(run))),
        ("result", _result(run)),
        ("schedule", _schedule(run, target, explained=bool(reasons))),
        ("time", _time(run)),
        *_counters(run),
        ("verified", {None: "no (--verify compares with SciPy)", True: "equal to SciPy", False: "WRONG"}[verified]),
    ]
    return "".join(f"{name:10} {text}\n" for name, text in rows) + reasons


_MOST = 8
"""Alternatives that an explanation lists."""


def explanation(choice: Choice | None, schedule: Schedule, target: Target) -> str:
    """Prediction and bounds, chosen schedule, alternatives, why."""
    if choice is None:
        return f"schedule   {short_name(schedule, target)}, as asked for\n{_fields(schedule)}"
    chosen, second = choice.chosen, choice.runner_up
    lines = [
        f"chosen     {short_name(chosen.schedule, target)}, of {choice.candidates} schedules, by {choice.judge}",
        *(f"remark     {each}" for each in choice.remarks),
        f"cost       {chosen.cost:,.4g}",
        *(f"estimate   {each}" for each in choice.bounds),
        *([f"runner-up  {short_name(second.schedule, target)}, cost {second.cost:,.4g}"] if second else []),
        *(f"then       {short_name(each.schedule, target)}, cost {each.cost:,.4g}" for each in choice.ranked[2:_MOST]),
        f"why        {choice.why}",
    ]
    return "".join(f"{line}\n" for line in lines) + _fields(chosen.schedule)


def _fields(schedule: Schedule) -> str:
    return "".join(
        f"           {each.name} = {value_text(getattr(schedule, each.name))}\n" for each in fields(schedule)
    )


def as_json(run: Run, target: Target, verified: bool | None) -> dict[str, Any]:
    """Everything about a run."""
    result, choice = run.result, run.choice
    matrix = result.matrix
    return {
        "kernel": {each.name: _plain(getattr(run.compiled.form, each.name)) for each in fields(run.compiled.form)},
        "target": target.name,
        "schedule": {each.name: _plain(getattr(run.schedule, each.name)) for each in fields(run.schedule)},
        "name": short_name(run.schedule, target),
        "data": {each.name: _plain(getattr(run.data, each.name)) for each in fields(run.data)},
        "result": {"shape": list(matrix.shape), "entries": _entries(run), "sorted": result.rows_sorted},
        "cycles": result.cycles,
        "seconds": result.seconds,
        "calls": run.calls,
        "counters": dict(result.counters),
        "verified": verified,
        "choice": None if choice is None else _choice_json(choice, target),
    }


def _choice_json(choice: Choice, target: Target) -> dict[str, Any]:
    second = choice.runner_up
    return {
        "judge": choice.judge,
        "remarks": list(choice.remarks),
        "candidates": choice.candidates,
        "cost": choice.chosen.cost,
        "bounds": list(choice.bounds),
        "runner_up": None if second is None else {"name": short_name(second.schedule, target), "cost": second.cost},
        "why": choice.why,
    }


def _plain(value: Any) -> Any:
    match value:
        case frozenset():
            return sorted(map(str, cast(Iterable[Any], value)))
        case tuple():
            return list(cast(Iterable[Any], value))
        case _:
            return value


def _kernel(run: Run) -> str:
    form = run.compiled.form
    extras = [
        *(["A transposed"] if form.transpose_a else []),
        *(["B transposed"] if form.transpose_b else []),
        *([f"{form.mask} mask"] if form.mask.value != "none" else []),
        *(["accumulating"] if form.accumulate else []),
    ]
    return ", ".join([f"{form.kind} over {form.semiring}, {form.element}, {form.index_width}-bit indices", *extras])


def _operands(run: Run) -> Iterator[str]:
    operands = run.operands
    a, b = operands.a, operands.b
    yield f"A {_shape(a.shape)}, {_count(a.nnz)}"
    if b is not None:
        same = b.nnz == a.nnz and b.shape == a.shape and (b.indices == a.indices).all()
        yield "B the same" if same else f"B {_shape(b.shape)}, {_count(b.nnz)}"
    for name, dense in (("X", operands.x), ("Y", operands.y)):
        if dense is not None:
            yield f"{name} dense {_shape(dense.shape)}"


def _result(run: Run) -> str:
    data = run.data
    text = f"{_shape(run.result.matrix.shape)}, {_count(_entries(run))} from {data.fmas:,} multiply-adds"
    return f"{text} ({data.fmas / max(_entries(run), 1):.2f} each)"


def _entries(run: Run) -> int:
    matrix = run.result.matrix
    return matrix.nnz if isinstance(matrix, Csr) else int(matrix.size)


def _count(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries:,} entries"


def _shape(shape: Sequence[int]) -> str:
    return " x ".join(f"{each:,}" for each in shape)


def _schedule(run: Run, target: Target, *, explained: bool) -> str:
    name = f"{short_name(run.schedule, target)} on {target.name}"
    if run.choice is None:
        return name
    return f"{name} (chosen of {run.choice.candidates}{'' if explained else '; --explain says why'})"


def _time(run: Run) -> str:
    result, fmas = run.result, max(run.data.fmas, 1)
    if result.cycles is not None:
        return f"{result.cycles:,} cycles, {result.cycles / fmas:.2f} per multiply-add"
    assert result.seconds is not None
    rate = 2 * run.data.fmas / max(result.seconds, 1e-12) / 1e9
    least = f" (least of {run.calls} calls)" if run.calls > 1 else ""
    return f"{result.seconds * 1e3:,.3f} ms{least}, {rate:.3f} GFLOP/s"


def _counters(run: Run) -> Iterator[tuple[str, str]]:
    counters, fmas = run.result.counters, max(run.data.fmas, 1)
    if "instructions" in counters:
        yield "issue", f"{counters['instructions'] / fmas:.2f} instructions per multiply-add{_named(counters, 'ipc')}"
    if "dram_bytes" in counters:
        ratio = counters["dram_bytes"] / max(compulsory_bytes(run), 1)
        yield (
            "traffic",
            f"{counters['dram_bytes']:,.0f} bytes, {ratio:.2f} of compulsory{_named(counters, 'dram_utilisation')}",
        )


def _named(counters: Mapping[str, float], name: str) -> str:
    return f", {name.replace('_', ' ')} {counters[name]:.2f}" if name in counters else ""


def compulsory_bytes(run: Run) -> int:
    """Each sparse operand and the result over the memory interface once."""
    width = run.operands.form.index_width // 8 + run.operands.a.values.dtype.itemsize
    entries = sum(each.nnz for each in run.operands.matrices()) + _entries(run)
    return width * entries


def tuning_table(runs: Sequence[Run] | Sequence[ArithmeticRun], target: HasNamed) -> str:
    """What was measured beside what was expected, in the order of the expectation."""
    lines: list[str] = []
    for run in runs:
        assert run.choice is not None
        expected = next(each.cost for each in run.choice.ranked if each.schedule == run.schedule)
        name = short_name(run.schedule, target)
        lines.append(f"tried      {run.result.cost:,.4g}, expected {expected:,.4g}: {name}\n")
    return "".join(lines)


@dataclass(frozen=True, slots=True)
class Row:
    """One schedule of a comparison: its name, and its run or why there is none."""

    name: str
    run: Run | None
    reason: str = ""


_COUNTED = ("instr/FMA", "IPC", "DRAM bytes", "of compulsory", "DRAM busy")
"""Columns of a machine that counts: the simulated one."""


def table(rows: Sequence[Row]) -> str:
    """The comparison, the first schedule that ran being the measure of the others."""
    results = [row.run.result for row in rows if row.run is not None]
    base = results[0].cost if results else 0.0
    counted = any(result.counters for result in results)
    head = ("schedule", "cycles" if counted else "time", "speed-up", *(_COUNTED if counted else ()))
    cells = [head, *(_cells(row, base)[: len(head)] for row in rows)]
    widths = [max(len(line[at]) for line in cells if len(line) > 2) for at in range(len(head))]
    return "".join(_line(line, widths) for line in cells)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = cells
    if len(cells) == 2:
        return f"{first:{widths[0]}}  {rest[0]}\n"
    return "  ".join([f"{first:{widths[0]}}", *(f"{c:>{w}}" for c, w in zip(rest, widths[1:], strict=True))]) + "\n"


def _cells(row: Row, base: float) -> tuple[str, ...]:
    run = row.run
    if run is None:
        return row.name, row.reason
    counters, fmas = run.result.counters, max(run.data.fmas, 1)

    def ratio(name: str, by: float, digits: int = 2) -> str:
        return f"{counters[name] / by:.{digits}f}" if name in counters else "-"

    cost = run.result.cost
    amount = f"{cost:,.0f}" if run.result.cycles is not None else f"{cost * 1e3:,.3f} ms"
    moved = f"{counters['dram_bytes']:,.0f}" if "dram_bytes" in counters else "-"
    compulsory = max(compulsory_bytes(run), 1)
    return (
        row.name,
        amount,
        f"{base / cost:.2f}x" if cost else "-",
        ratio("instructions", fmas),
        ratio("ipc", 1),
        moved,
        ratio("dram_bytes", compulsory),
        ratio("dram_utilisation", 1),
    )

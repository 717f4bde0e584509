"""Choosing the schedule of an arithmetic kernel: candidates as text, judged by cost, the cheapest taken.

    choose_arithmetic(kernel, target, ArithmeticAnalytical()).chosen.schedule

The canonical text is the kernel itself with the schedule on its function and the machine's description. `ArithmeticAnalytical` counts the
instructions of what schedules differ in, from the text alone: any other `Cost` reads the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute

from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp, MatmulOp
from compiler.dialects.qarith_ops import integer, shape_of
from compiler.dialects.schedules.arithmetic import (
    ArithmeticSchedule,
    PiumaArithmetic,
    Product,
    RustArithmetic,
    Tables,
    set_schedule,
)
from compiler.frontends.kernel.arithmetic import ArithmeticKernel, arithmetic_in
from compiler.ir_text import from_text, to_text
from compiler.passes.qarith_to_loops.multiplications import Multiplied, multiplied_of
from compiler.passes.qarith_to_loops.sums import tile_of
from compiler.passes.qarith_to_loops.tables import layout_of
from compiler.pipelines import new_context
from compiler.targets.arithmetic.alternatives import lookups_of, products_of
from compiler.targets.arithmetic.target import ArithmeticTarget
from compiler.tuning.choose import Choice, Cost, Judgement, judged

_FAR = 16
"""Instructions that a word from memory takes the time of, where 16 threads share a pipeline."""


def canonical_text(kernel: ArithmeticKernel, schedule: ArithmeticSchedule, machine: Attribute) -> str:
    """What a cost is told: the kernel with its schedule, and the machine."""
    module = kernel.module.clone()
    set_schedule(arithmetic_in(module, "").function, schedule)
    module.attributes["dlti.target_system_spec"] = machine
    return to_text(module)


def choose_arithmetic(kernel: ArithmeticKernel, target: ArithmeticTarget, cost: Cost) -> Choice:
    """The best of the schedules that the target has for the kernel."""
    machine = target.describe()
    schedules = list(target.schedules(kernel))
    texts = [canonical_text(kernel, each, machine) for each in schedules]
    return judged(schedules, texts, cost)


@dataclass(frozen=True, slots=True)
class ArithmeticAnalytical:
    """Instructions of look-ups and multiplications, divided by the threads that there are."""

    def judge(self, texts: Sequence[str]) -> Judgement:
        costs = [_total(from_text(each, "<candidate>", new_context())) for each in texts]
        return Judgement(costs, "instruction counts")

    def explain(self, text: str) -> Sequence[str]:
        kernel = arithmetic_in(from_text(text, "<candidate>", new_context()), "<candidate>")
        assert kernel.schedule is not None
        looked_up = [_explained(op, kernel.schedule) for op in lookups_of(kernel)]
        tiles = [f"product of matrices: {_tiles(op, kernel.schedule):,.0f} instructions" for op in products_of(kernel)]
        return [*looked_up, *tiles]


def _total(module: ModuleOp) -> float:
    kernel = arithmetic_in(module, "<candidate>")
    schedule = kernel.schedule
    assert schedule is not None
    found = sum(sum(_parts(op, schedule)) for op in lookups_of(kernel))
    found += sum(_tiles(op, schedule) for op in products_of(kernel))
    return found / (1 if isinstance(schedule, RustArithmetic) else schedule.threads)


def _parts(op: LookupOp, schedule: ArithmeticSchedule) -> tuple[float, float]:
    """Instructions of the tables, and of the products."""
    outputs, inputs = shape_of(op.weights)
    source = op.tables.owner
    if schedule.product is Product.MULTIPLY and isinstance(source, BuildTablesOp):
        return 0.0, outputs * _multiplied(multiplied_of(op, source, schedule), inputs)
    layout, far = layout_of(op, schedule), isinstance(schedule, PiumaArithmetic) and schedule.tables is Tables.MEMORY
    access, words = _FAR if far else 1, layout.words
    spread = 5 * words if layout.packing.is_spread else 0
    look_up = 2 + words * (1 + access) + (5 + spread) / layout.round
    bits = integer(op.weights, "the weights").width
    return layout.groups * layout.size * (1.5 + 2 * access), outputs * bits * layout.groups * look_up


def _multiplied(how: Multiplied, inputs: int) -> float:
    """Instructions of the multiplications for a row."""
    words, tile = how.packing.words, how.tile
    kept = 0.5 if tile * words > 12 else 0.0  # sums beyond the registers are moved
    spread = 5 * words / how.round if how.packing.is_spread else 0.0
    return inputs * (1.3 + words * (2 + kept + 1 / tile) + spread)


def _tiles(op: MatmulOp, schedule: ArithmeticSchedule) -> float:
    """Instructions of a product of matrices: a tile loads its rows and columns, and steps, for each k."""
    rows, columns = tile_of(op, schedule.tile, schedule.sums)
    count, depth = prod(shape_of(op.result)), shape_of(op.a)[1]
    return count * depth * (2 + (2 * rows + columns + 5) / (rows * columns))


def _explained(op: LookupOp, schedule: ArithmeticSchedule) -> str:
    tables, products = _parts(op, schedule)
    outputs, inputs = shape_of(op.weights)
    return f"look-up of {outputs} x {inputs}: {products:,.0f} instructions, and {tables:,.0f} for tables"

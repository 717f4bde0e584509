"""Schedules of arithmetic kernels: those that have names, the candidates for a kernel, and what speaks against one.

candidates((default,), kernel)            every way to compute the kernel's products, all legal but for space
objection_to(schedule, kernel)            what holds on every target
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from compiler.arithmetic.formats import Format
from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp, MatmulOp
from compiler.dialects.qarith_ops import shape_of
from compiler.dialects.qarith_types import element_of
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, CpuArithmetic, Patterns, Product
from compiler.frontends.kernel.arithmetic import ArithmeticKernel
from compiler.passes.qarith_to_loops.entries import GROUP, is_shuffled, reason_against
from compiler.passes.qarith_to_loops.multiplications import Multiplied, multiplied_of
from compiler.passes.qarith_to_loops.tables import group_of, layout_of
from compiler.targets.target import Objection

GROUPS, TILES, LANES = (0, 2, 4, 8), (1, 2, 4, 8), (4, 2)
DEALS = (1, 8)
"""Rounds that a thread of the machine takes in a row."""


def named_from(default: ArithmeticSchedule) -> dict[str, ArithmeticSchedule]:
    """The schedules of every target that have names."""
    return {"default": default, "multiply": replace(default, product=Product.MULTIPLY)}


def lookups_of(kernel: ArithmeticKernel) -> list[LookupOp]:
    """The ops that look up."""
    return [op for op in kernel.module.walk() if isinstance(op, LookupOp)]


def products_of(kernel: ArithmeticKernel) -> list[MatmulOp]:
    """Products of matrices of integers, which have tiles."""
    found = [op for op in kernel.module.walk() if isinstance(op, MatmulOp)]
    return [op for op in found if not isinstance(element_of(op.accumulator), Format)]


def candidates(bases: Sequence[ArithmeticSchedule], kernel: ArithmeticKernel) -> list[ArithmeticSchedule]:
    """All that differ for the kernel and that nothing speaks against, the bases first."""
    found = dict.fromkeys(each for base in bases for each in _changed(base, kernel))
    return [each for each in found if objection_to(each, kernel) is None]


def _changed(base: ArithmeticSchedule, kernel: ArithmeticKernel) -> Iterator[ArithmeticSchedule]:
    yield base
    if products_of(kernel):
        yield from (replace(base, tile=tile, sums=sums) for tile in TILES for sums in (base.sums, base.sums // 2))
    if ops := lookups_of(kernel):
        yield from _looked_up(base, ops)
        yield from _shuffled(base, ops)
        yield from _multiplied(base, ops)


def _looked_up(base: ArithmeticSchedule, ops: Sequence[LookupOp]) -> Iterator[ArithmeticSchedule]:
    """Groups and lanes, each way once."""
    known = {tuple(layout_of(op, base) for op in ops)}
    for group, lanes in product(GROUPS, LANES):
        schedule = replace(base, group=group, lanes=lanes)
        layouts = tuple(layout_of(op, schedule) for op in ops)
        if layouts not in known:
            known.add(layouts)
            yield schedule


def _shuffled(base: ArithmeticSchedule, ops: Sequence[LookupOp]) -> Iterator[ArithmeticSchedule]:
    """With the kernel's groups, or with the only ones that shuffles can look up in."""
    if isinstance(base, CpuArithmetic):
        own = all(group_of(op, 0) == GROUP for op in ops)
        yield replace(base, shuffled=True, group=0 if own else GROUP)


def _multiplied(base: ArithmeticSchedule, ops: Sequence[LookupOp]) -> Iterator[ArithmeticSchedule]:
    """Tiles and lanes, each way once; where tables would be does not matter."""
    known: set[tuple[Multiplied, ...]] = set()
    for tile, lanes in product(TILES, LANES):
        schedule = replace(base, product=Product.MULTIPLY, tile=tile, lanes=lanes)
        ways = tuple(
            multiplied_of(op, op.tables.owner, schedule) for op in ops if isinstance(op.tables.owner, BuildTablesOp)
        )
        if ways not in known:
            known.add(ways)
            yield schedule


def objection_to(schedule: ArithmeticSchedule, kernel: ArithmeticKernel) -> Objection | None:
    """Why a schedule cannot be used for a kernel, on whatever machine."""
    if schedule.lanes == 3:
        return Objection("wants 3 lanes, but a word has 1, 2 or 4")
    for op in lookups_of(kernel):
        given = not isinstance(op.tables.owner, BuildTablesOp)
        if schedule.product is Product.MULTIPLY and given:
            return Objection("multiplies, but the kernel is given tables instead of inputs")
        if schedule.patterns is not Patterns.ALL and given:
            return Objection("looks at patterns, but in tables that are given any entry may be anything")
        if isinstance(schedule, CpuArithmetic) and is_shuffled(schedule) and (why := reason_against(op, schedule)):
            return Objection(why)
        if schedule.product is Product.LOOKUP and schedule.group and group_of(op, schedule.group) != schedule.group:
            inputs = shape_of(op.weights)[1]
            divides = inputs % schedule.group == 0
            why = "the kernel shows tables of other groups" if divides else f"they do not divide {inputs} inputs"
            return Objection(f"wants groups of {schedule.group} inputs, but {why}")
    return None

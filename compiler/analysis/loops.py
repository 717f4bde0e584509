"""Counted loops: a C `for` that runs its variable over a range decided at entry.

    for (uint32_t i = 0; i < n; i += 4) …      is counted: lo 0, hi n (exclusive), step 4

Counted means: the variable changes only in the step, its address is never taken, the bound cannot change while the loop runs, the
comparison and the step agree, the variable cannot wrap on the way out, and nobody looks at it after the loop. Everything else is a
`while`, whose meaning is C's own. Bounds that only *look* constant are the classic silent mistranslation; here they must be proven so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xdsl.ir import Operation, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.variables import Variable, encloses, is_binding, previous_statement
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType
from compiler.dialects.walking import ops_inside

IntervalOf = Callable[[SSAValue], Interval]


@dataclass(frozen=True, slots=True)
class Counted:
    """`for variable in lo..hi` (or `lo..=hi` when `inclusive`), by `step`; `down` runs from hi - 1 (or hi) to lo instead.

    `lo` and `hi` are minic values; a downward loop has its start in `hi`. `init` is the statement that gave the start value.
    """

    op: minic.ForOp
    variable: Variable
    init: Operation
    lo: SSAValue
    hi: SSAValue
    step: int
    inclusive: bool


def constant_of(value: SSAValue) -> int | None:
    """The integer behind a constant, through conversions that do not change it."""
    owner = value.owner
    if isinstance(owner, minic.ConstOp):
        return owner.value.data
    if isinstance(owner, minic.BinaryOp) and isinstance(value.type, IntType):
        return _folded(owner, value.type)
    if isinstance(owner, minic.CastOp) and isinstance(value.type, IntType):
        inner = constant_of(owner.operand)
        fits = inner is not None and Interval.exactly(inner).fits(value.type.width, value.type.signed)
        return inner if fits and value.type.kind.data != "bool" else None
    return None


def _folded(op: minic.BinaryOp, kind: IntType) -> int | None:
    """Sums, differences and products of constants that do not leave their type."""
    lhs, rhs = constant_of(op.lhs), constant_of(op.rhs)
    if lhs is None or rhs is None or op.kind.data not in ("add", "sub", "mul"):
        return None
    exact = {"add": lhs + rhs, "sub": lhs - rhs, "mul": lhs * rhs}[op.kind.data]
    return exact if Interval.exactly(exact).fits(kind.width, kind.signed) else None


def counted_loops(
    variables: dict[SSAValue, Variable], function: minic.FuncOp, interval_of: IntervalOf
) -> dict[minic.ForOp, Counted]:
    """All counted loops of a function."""
    candidates: dict[minic.ForOp, Counted] = {}
    for op in ops_inside(function.body.block):
        if type(op) is minic.ForOp and (found := _candidate(op, variables, interval_of, candidates)) is not None:
            candidates[op] = found
    return {op: loop for op, loop in candidates.items() if _private(loop, candidates)}


def _candidate(
    op: minic.ForOp,
    variables: dict[SSAValue, Variable],
    interval_of: IntervalOf,
    before: dict[minic.ForOp, Counted],
) -> Counted | None:
    step = _step(op, variables)
    if step is None:
        return None
    variable, amount = step
    start = _start(op, variable) or _continued(op, variable, before)
    bound = _bound(op, variable)
    if start is None or bound is None or not _unchanged(variable, op) or amount <= 0:
        return None
    init, lo = start
    hi, inclusive = bound
    if not _invariant(hi, op, variables) or not _agrees(variable, lo, hi, amount, inclusive, interval_of):
        return None
    return Counted(op, variable, init, lo, hi, amount, inclusive)


def _step(op: minic.ForOp, variables: dict[SSAValue, Variable]) -> tuple[Variable, int] | None:
    roots = [each for each in op.step.block.ops if minic.is_statement(each)]
    if len(roots) != 1 or not isinstance(roots[0], minic.UpdateOp) or roots[0].kind.data != "add":
        return None
    variable = variables.get(roots[0].place)
    amount = constant_of(roots[0].value)
    if variable is None or amount is None or variable.address_taken or not isinstance(variable.type, IntType):
        return None
    return variable, amount


def _start(op: minic.ForOp, variable: Variable) -> tuple[Operation, SSAValue] | None:
    before = previous_statement(op)
    if isinstance(before, minic.LocalOp) and before.place is variable.place and before.init is not None:
        return before, before.init
    if isinstance(before, minic.AssignOp) and before.place is variable.place:
        return before, before.value
    return None


def _continued(
    op: minic.ForOp, variable: Variable, counted: dict[minic.ForOp, Counted]
) -> tuple[Operation, SSAValue] | None:
    """`for (i = 0; i < 16; i++) …  for (; i < 64; i++) …`: the second loop starts where the first one surely ended."""
    before = previous_statement(op)
    loop = counted.get(before) if isinstance(before, minic.ForOp) else None
    if loop is None or loop.variable is not variable or loop.step != 1 or loop.inclusive:
        return None
    lo, hi = constant_of(loop.lo), constant_of(loop.hi)
    leaves = any(isinstance(each, minic.BreakOp | minic.LeaveOp) for each in ops_inside(loop.op.body.block))
    return (loop.op, loop.hi) if lo is not None and hi is not None and lo <= hi and not leaves else None


def _bound(op: minic.ForOp, variable: Variable) -> tuple[SSAValue, bool] | None:
    """The bound of `i < bound` or `i <= bound` (`!=` counts as `<` once `_agrees` has seen that it must be met)."""
    end = op.cond.block.last_op
    compare = end.value.owner if isinstance(end, minic.YieldOp) else None
    if not isinstance(compare, minic.CompareOp) or sum(map(minic.is_statement, op.cond.block.ops)) > 1:
        return None
    kind, lhs, rhs = compare.kind.data, compare.lhs, compare.rhs
    if kind in ("gt", "ge"):
        kind, lhs, rhs = {"gt": "lt", "ge": "le"}[kind], rhs, lhs
    if not _reads(lhs, variable) or kind not in ("lt", "le"):
        return None
    return rhs, kind == "le"


def _reads(value: SSAValue, variable: Variable) -> bool:
    """True for a read of the variable, seen through conversions."""
    owner = value.owner
    while isinstance(owner, minic.CastOp):
        owner = owner.operand.owner
    return isinstance(owner, minic.LoadOp) and owner.place is variable.place


def _unchanged(variable: Variable, op: minic.ForOp) -> bool:
    """Nothing but the step writes the variable while the loop runs."""
    writers: list[Operation] = [*variable.assigns, *variable.updates]
    step = op.step.block.last_op
    return all(writer is step or not encloses(op, writer) for writer in writers)


def _invariant(value: SSAValue, op: minic.ForOp, variables: dict[SSAValue, Variable]) -> bool:
    """The bound is the same at every evaluation: constants and variables that the loop does not write."""
    owner = value.owner
    match owner:
        case minic.ConstOp():
            return True
        case minic.CastOp() | minic.UnaryOp():
            return _invariant(owner.operand, op, variables)
        case minic.BinaryOp():
            return _invariant(owner.lhs, op, variables) and _invariant(owner.rhs, op, variables)
        case minic.LoadOp() if is_binding(owner.place):
            variable = variables[owner.place]
            return not variable.address_taken and not any(encloses(op, each) for each in _writers(variable))
        case _:
            return False


def _writers(variable: Variable) -> Iterator[Operation]:
    yield from variable.assigns
    yield from variable.updates


def _agrees(
    variable: Variable, lo: SSAValue, hi: SSAValue, step: int, inclusive: bool, interval_of: IntervalOf
) -> bool:
    """The C loop and the range visit the same values: no sign change in the comparison, no wrap on the way out."""
    kind = variable.type
    assert isinstance(kind, IntType) and isinstance(hi.type, IntType)
    start, end = interval_of(lo), interval_of(hi)
    if hi.type.signed != kind.signed and not (start.is_nonnegative and end.is_nonnegative):
        return False
    whole = Interval.of_width(kind.width, kind.signed)
    if not start.within(whole):
        return False
    if kind.signed:
        return True  # overflow on the way out would be undefined in C
    return (end + Interval.exactly(step - 1 + inclusive)).within(whole)


def _private(loop: Counted, candidates: dict[minic.ForOp, Counted]) -> bool:
    """Every use of the variable is inside a counted loop of its own, or is such a loop's initial assignment."""
    loops = [each for each in candidates.values() if each.variable is loop.variable]
    inits = {each.init for each in loops}
    users: list[Operation] = [*loop.variable.loads, *loop.variable.assigns, *loop.variable.updates]
    return all(user in inits or any(encloses(each.op, user) for each in loops) for user in users)

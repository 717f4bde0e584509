"""The values an integer expression can take: intervals, without regard to the order of statements.

    for (i = 0; i < 16; i++) … k[i * 4 + 3]        i in [0, 15], so the index is in [3, 63]

A variable is worth the join of everything ever assigned to it; the variable of a counted loop is worth its range; a parameter is worth
what its callers pass, when all of them are known. Undefined executions (signed overflow, use of uninitialised values) do not count.
Answers are always sound, and wide where nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Region, SSAValue

from compiler.analysis.guards import Guards
from compiler.analysis.interval import Interval
from compiler.analysis.library import library_function
from compiler.analysis.loops import Counted, constant_of, counted_loops
from compiler.analysis.variables import Variable, encloses, encloses_region, is_binding
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType, PlaceType

_BOOL = Interval(0, 1)


def type_range(kind: object) -> Interval:
    """All values of a type; pointers and floats are not integers and answer with everything."""
    if not isinstance(kind, IntType):
        return Interval(None, None)
    return _BOOL if kind.kind.data == "bool" else Interval.of_width(kind.width, kind.signed)


class Ranges:
    """Intervals for the values of one function, or (without a function) of constants; `entry(i)` tells what parameter i can be at entry."""

    def __init__(
        self,
        function: minic.FuncOp | None = None,
        variables: dict[SSAValue, Variable] | None = None,
        entry: Callable[[int], Interval | None] = lambda index: None,
    ) -> None:
        self._variables = variables or {}
        self._entry = entry
        self._parameters = list(function.body.block.args) if function is not None else []
        self._values: dict[SSAValue, Interval] = {}
        self._places: dict[SSAValue, Interval] = {}
        self._loops: dict[SSAValue, list[Counted]] = {}
        self.counted: dict[minic.ForOp, Counted] = {}
        if function is not None:
            self._guards = Guards(function, self._variables)
            self._find_loops(function)

    def _find_loops(self, function: minic.FuncOp) -> None:
        self.counted = counted_loops(self._variables, function, self.of)
        for loop in self.counted.values():
            self._loops.setdefault(loop.variable.place, []).append(loop)
        self._values.clear()
        self._places.clear()

    def is_counter(self, variable: Variable) -> bool:
        """True for the variable of counted loops."""
        return variable.place in self._loops

    def entering(self, index: int) -> Interval | None:
        """What a parameter can be at entry, when every caller is known."""
        return self._entry(index)

    def of(self, value: SSAValue) -> Interval:
        """The interval of an integer value."""
        known = self._values.get(value)
        if known is None:
            whole = type_range(value.type)
            self._values[value] = whole  # what a cycle through a variable may assume
            exact = self._compute(value)
            known = self._values[value] = exact if exact.within(whole) else _into(exact, value)
        return known

    def of_place(self, place: SSAValue) -> Interval:
        """The interval of what a variable holds."""
        known = self._places.get(place)
        if known is None:
            variable = self._variables[place]
            self._places[place] = type_range(variable.type)
            known = self._places[place] = self._of_variable(variable)
        return known

    def _of_variable(self, variable: Variable) -> Interval:
        whole = type_range(variable.type)
        if variable.place in self._loops:
            return self._of_loops(self._loops[variable.place])
        if variable.address_taken:
            return whole
        parts = [self.of(value) for value in variable.values]
        if variable.is_parameter:
            parts.append(self._entry(self._parameters.index(variable.place)) or whole)  # type: ignore[arg-type]
        joined = parts[0] if parts else whole
        for part in parts[1:]:
            joined = joined.join(part)
        return self._updated(variable, joined.meet(whole) or whole, whole)

    def _updated(self, variable: Variable, given: Interval, whole: Interval) -> Interval:
        """Updates in one direction leave the other bound as it was: a signed variable that only grows stays non-negative."""
        kind = variable.type
        if not variable.updates:
            return given
        if not isinstance(kind, IntType):
            return whole
        if not kind.signed:
            return self._counter(variable, given, whole)
        directions = {self._direction(update) for update in variable.updates}
        if directions == {"up"}:
            return Interval(given.lo, whole.hi)
        return Interval(whole.lo, given.hi) if directions == {"down"} else whole

    def _counter(self, variable: Variable, given: Interval, whole: Interval) -> Interval:
        """A 64-bit counter that starts low and grows by small constants cannot reach 2^62 while the machine lasts (a step takes at least a
        cycle: 2^56 of them are years); it shrinks only where a condition shows that it may."""
        kind = variable.type
        small = isinstance(kind, IntType) and kind.width == 64 and given.hi is not None and given.hi <= 1 << 61
        return Interval(0, 1 << 62) if small and all(self._counts(update) for update in variable.updates) else whole

    def _counts(self, update: minic.UpdateOp) -> bool:
        amount = constant_of(update.value)
        if update.kind.data == "add":
            return amount is not None and amount <= _SMALL_STEP
        return update.kind.data in ("sub", "div", "shr", "and", "rem") and self._shrinks_safely(update, amount)

    def _shrinks_safely(self, update: minic.UpdateOp, amount: int | None) -> bool:
        if update.kind.data != "sub":
            return True
        if amount == 1:
            facts = self._guards.bounds_at(update)
            return any(bound.kind == "gt" or (bound.kind == "ne" and _is_zero(bound.other)) for bound in facts)
        return self.covers(update)

    def _direction(self, update: minic.UpdateOp) -> str:
        grows = isinstance(update.compute, IntType) and update.compute.signed and self.of(update.value).is_nonnegative
        held = update.place.type
        same = isinstance(held, PlaceType) and held.of == update.compute  # a narrower variable would wrap around
        return {"add": "up", "sub": "down"}.get(update.kind.data, "") if grows and same else ""

    def _of_loops(self, loops: list[Counted]) -> Interval:
        """The loops are the variable's only users, so it is worth what it is in one of them."""
        joined = self._of_loop(loops[0])
        for loop in loops[1:]:
            joined = joined.join(self._of_loop(loop))
        return joined

    def _of_loop(self, loop: Counted) -> Interval:
        lo, hi = self.of(loop.lo).lo, self.of(loop.hi).hi
        top = None if hi is None else hi - (not loop.inclusive)
        if lo is not None and top is not None and loop.step > 1 and self.of(loop.lo).value is not None:
            top = lo + (top - lo) // loop.step * loop.step
        return Interval(lo, top) if lo is None or top is None or lo <= top else Interval(lo, lo)

    def _in_loop(self, op: minic.LoadOp) -> Interval:
        """A read of a loop's variable, in the loop it stands in."""
        inside = [loop for loop in self._loops[op.place] if encloses(loop.op, op)]
        if not inside:
            return self.of_place(op.place)
        span = self._of_loop(inside[-1])
        if encloses_region(inside[-1].op.body, op):
            return span
        past = Interval(span.lo, None if span.hi is None else span.hi + inside[-1].step)
        return past.meet(type_range(op.result.type)) or span  # the condition sees the value that ends the loop

    def _compute(self, value: SSAValue) -> Interval:
        op = value.owner
        match op:
            case minic.ConstOp():
                return Interval.exactly(op.value.data)
            case minic.LoadOp() if op.place in self._loops:
                return self._in_loop(op)
            case minic.LoadOp() if is_binding(op.place):
                return self._guarded(op, self.of_place(op.place))
            case minic.CastOp() if isinstance(op.operand.type, IntType):
                return self._cast(op)
            case minic.BinaryOp() if isinstance(value.type, IntType):
                return _BINARY[op.kind.data](self.of(op.lhs), self.of(op.rhs))
            case minic.UnaryOp() if isinstance(value.type, IntType):
                inner = self.of(op.operand)
                return -inner if op.kind.data == "neg" else ~inner
            case minic.SelectOp():
                return self._yielded(op.if_true).join(self._yielded(op.if_false))
            case minic.CallOp() if (known := library_function(op)) is not None and known.result is not None:
                return Interval(*known.result)
            case _:
                return type_range(value.type)

    def _guarded(self, op: minic.LoadOp, known: Interval) -> Interval:
        """What the conditions around a read add to what is known of its variable everywhere."""
        if not isinstance(op.result.type, IntType):
            return known
        for bound in self._guards.bounds(op):
            other = Interval.exactly(0) if bound.other is None else self.of(bound.other)
            known = known.meet(_within(bound.kind, other, known)) or known
        return known

    def before(self, update: minic.UpdateOp) -> Interval:
        """What a variable can hold just before it is updated."""
        known = self.of_place(update.place)
        for bound in self._guards.bounds_at(update):
            other = Interval.exactly(0) if bound.other is None else self.of(bound.other)
            known = known.meet(_within(bound.kind, other, known)) or known
        return known

    def covers(self, update: minic.UpdateOp) -> bool:
        """A subtraction that a condition has shown to stay non-negative."""
        return any(
            bound.kind in ("ge", "gt", "eq") and bound.other is not None and same_value(bound.other, update.value)
            for bound in self._guards.bounds_at(update)
        )

    def at_least(self, lhs: SSAValue, rhs: SSAValue) -> bool:
        """`lhs >= rhs` by the conditions around, for a variable and what it is compared with there."""
        op = _bare(lhs).owner
        if not isinstance(op, minic.LoadOp) or not is_binding(op.place):
            return False
        return any(
            bound.kind in ("ge", "gt", "eq") and bound.other is not None and same_value(bound.other, rhs)
            for bound in self._guards.bounds(op)
        )

    def _cast(self, op: minic.CastOp) -> Interval:
        if op.result.type.kind.data == "bool":  # type: ignore[union-attr]
            return _BOOL
        return self.of(op.operand)

    def _yielded(self, region: Region) -> Interval:
        end = region.block.last_op
        assert isinstance(end, minic.YieldOp)
        return self.of(end.value)


_SMALL_STEP = 64


def _is_zero(value: SSAValue | None) -> bool:
    return value is None or constant_of(value) == 0


def _within(kind: str, other: Interval, known: Interval) -> Interval:
    """The values `x` with `x kind other`."""
    match kind:
        case "lt":
            return Interval(None, None if other.hi is None else other.hi - 1)
        case "le":
            return Interval(None, other.hi)
        case "gt":
            return Interval(None if other.lo is None else other.lo + 1, None)
        case "ge":
            return Interval(other.lo, None)
        case "eq":
            return other
        case _:
            if other.value is not None and known.lo == other.value:
                return Interval(other.value + 1, None)
            if other.value is not None and known.hi == other.value:
                return Interval(None, other.value - 1)
            return Interval(None, None)


def _bare(value: SSAValue) -> SSAValue:
    """The value before conversions that keep it."""
    op = value.owner
    while isinstance(op, minic.CastOp) and type_range(op.operand.type).within(type_range(value.type)):
        value = op.operand
        op = value.owner
    return value


def same_value(first: SSAValue, second: SSAValue) -> bool:
    """Two expressions of the same shape over the same variables and constants (which nobody writes between them: the guard's care)."""
    a, b = _bare(first).owner, _bare(second).owner
    match a, b:
        case minic.ConstOp(), minic.ConstOp():
            return a.value == b.value
        case minic.LoadOp(), minic.LoadOp():
            return a.place is b.place and is_binding(a.place)
        case (minic.BinaryOp(), minic.BinaryOp()) if a.kind == b.kind:
            return same_value(a.lhs, b.lhs) and same_value(a.rhs, b.rhs)
        case _:
            return False


def _into(exact: Interval, value: SSAValue) -> Interval:
    """A result that may leave its type: conversions and unsigned arithmetic wrap; signed overflow is undefined, so the type bounds it."""
    kind = value.type
    if not isinstance(kind, IntType):
        return type_range(kind)
    whole = type_range(kind)
    if kind.signed and not isinstance(value.owner, minic.CastOp):
        return exact.meet(whole) or whole
    return exact.wrapped(kind.width, kind.signed)


_BINARY: dict[str, Callable[[Interval, Interval], Interval]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": Interval.div_trunc,
    "rem": Interval.rem_trunc,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "shl": lambda a, b: a << b,
    "shr": lambda a, b: a >> b,
}

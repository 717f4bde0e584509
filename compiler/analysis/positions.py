"""Where in its array an element offset can be: the interval of everything that was added to it.

p = buf + 4;  p[i]   with i in [0, 15]        [4, 19]
while (p < end) … p++                         [0, …)      a cursor that only moves forward stays behind the start
"""

from __future__ import annotations

from xdsl.ir import SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.paths import Elem
from compiler.analysis.program import FunctionFacts
from compiler.dialects import minic
from compiler.dialects.minic_types import PtrType


def offset_interval(facts: FunctionFacts, elem: Elem) -> Interval:
    """The interval of an element offset, in elements. An index of C type `int` that nothing bounds below counts as non-negative only
    when its whole offset must be: see `Footprint.negative`."""
    total = Interval.exactly(elem.constant)
    for term in elem.terms:
        if isinstance(term.value.type, PtrType):
            part = Interval(0, None) if _stays_inside(facts, term.value, set()) else Interval(None, None)
        else:
            part = facts.ranges.of(term.value)
        total = total - part if term.negative else total + part
    return total


def _stays_inside(facts: FunctionFacts, position: SSAValue, seen: set[SSAValue]) -> bool:
    """A position in an array that is never before its start: it only moves forward from positions that are not."""
    op = position.owner
    if not isinstance(op, minic.LoadOp):
        return False
    if op.place in seen:
        return True
    seen.add(op.place)
    variable = facts.variables[op.place]
    steps = all(
        update.kind.data == "add" and facts.ranges.of(update.value).is_nonnegative for update in variable.updates
    )
    return steps and all(_starts_inside(facts, value, seen) for value in variable.values)


def _starts_inside(facts: FunctionFacts, value: SSAValue, seen: set[SSAValue]) -> bool:
    elem = facts.provenance.resolve(value).last_elem
    if elem is None or elem.constant < 0:
        return False
    for term in elem.terms:
        is_position = isinstance(term.value.type, PtrType)
        inside = _stays_inside(facts, term.value, seen) if is_position else facts.ranges.of(term.value).is_nonnegative
        if term.negative or not inside:
            return False
    return True

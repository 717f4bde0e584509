"""What the conditions around a statement say about its variables.

    if (n < 2) return;              from here on n >= 2
    while (k < n) { … k++; }        at the k++, k < n: the increment cannot wrap

A condition holds where the branch it guards is taken, and after an `if` whose taken branch leaves; and only as long as none of the
variables it speaks of is written in between. Only comparisons of plain variables (whose address is not taken) with expressions are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.library import library_function
from compiler.analysis.variables import Variable, encloses, is_binding
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType
from compiler.dialects.walking import ops_at, ops_inside

_LOOPS = (minic.ForOp, minic.WhileOp, minic.DoWhileOp)
_NEGATED = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
_TURNED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}


@dataclass(frozen=True, slots=True)
class Fact:
    """`lhs kind rhs` holds inside `block`, behind the op `after` (None: from its start), until a variable in it is written. `rhs` None is 0."""

    kind: str
    lhs: SSAValue
    rhs: SSAValue | None
    block: Block
    after: Operation | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison `variable kind other` that holds at the place asked about (`other` None is 0)."""

    kind: str
    other: SSAValue | None


class Guards:
    """The facts of one function."""

    def __init__(self, function: minic.FuncOp, variables: dict[SSAValue, Variable]) -> None:
        self._variables = variables
        self._order = {op: i for i, op in enumerate(ops_inside(function.body.block))}
        self._facts: dict[Block, list[Fact]] = {}

    def bounds(self, load: minic.LoadOp) -> Iterator[Bound]:
        """What is known about the variable that `load` reads, where it reads it."""
        return self._bounds(load.place, load)

    def bounds_at(self, update: minic.UpdateOp) -> Iterator[Bound]:
        """What is known about the variable that `update` changes, just before."""
        return self._bounds(update.place, update)

    def _bounds(self, place: SSAValue, at: Operation) -> Iterator[Bound]:
        if self._variables[place].address_taken:
            return
        for fact in self._around(at):
            for kind, mine, other in _both_ways(fact):
                if _variable_read(mine) is place and self._holds(fact, at):
                    yield Bound(kind, other)

    def _around(self, op: Operation) -> Iterator[Fact]:
        at: Operation | None = op
        while at is not None and not isinstance(at, minic.FuncOp):
            block = at.parent
            assert block is not None
            for fact in self._of_block(block):
                if fact.after is None or self._order[fact.after] < self._position(at):
                    yield fact
            at = at.parent_op()

    def _of_block(self, block: Block) -> list[Fact]:
        known = self._facts.get(block)
        if known is None:
            known = self._facts[block] = [*_entering(block), *_leaving(block)]
        return known

    def _holds(self, fact: Fact, at: Operation) -> bool:
        """No variable of the fact is written between the condition and the place asked about."""
        places = [place for side in (fact.lhs, fact.rhs) if side is not None for place in _reads(side)]
        variables = [self._variables[place] for place in places if place is not None]
        if len(variables) < len(places) or any(variable.address_taken for variable in variables):
            return False
        loop = _outermost_loop(at, fact.block)
        writers = [writer for variable in variables for writer in (*variable.assigns, *variable.updates)]
        return not any(self._disturbs(writer, fact, at, loop) for writer in writers)

    def _disturbs(self, writer: Operation, fact: Fact, at: Operation, loop: Operation | None) -> bool:
        inside = encloses_block(fact.block, writer)
        if not inside:
            return False
        start = -1 if fact.after is None else self._order[fact.after]
        if loop is not None and encloses(loop, writer):
            return True
        return start < self._order[writer] < self._position(at)

    def _position(self, op: Operation) -> int:
        """The place of an op in the function; one put in since counts as the next that was there."""
        at: Operation | None = op
        while at is not None and at not in self._order:
            at = at.next_op
        assert at is not None
        return self._order[at]


def encloses_block(block: Block, op: Operation) -> bool:
    """True when `op` stands in the block or deeper."""
    at: Operation | None = op
    while at is not None:
        if at.parent is block:
            return True
        at = at.parent_op()
    return False


def _outermost_loop(op: Operation, block: Block) -> Operation | None:
    """The outermost loop around `op` inside the block: what it writes, it may write before `op` runs again."""
    found: Operation | None = None
    at: Operation | None = op
    while at is not None and at.parent is not block:
        at = at.parent_op()
        if isinstance(at, _LOOPS):
            found = at
    return found


def _both_ways(fact: Fact) -> Iterator[tuple[str, SSAValue, SSAValue | None]]:
    yield fact.kind, fact.lhs, fact.rhs
    if fact.rhs is not None:
        yield _TURNED[fact.kind], fact.rhs, fact.lhs


def _variable_read(value: SSAValue) -> SSAValue | None:
    """The variable that a value reads, through conversions to the type it is compared in."""
    op = value.owner
    while isinstance(op, minic.CastOp) and _keeps_order(op):
        op = op.operand.owner
    return op.place if isinstance(op, minic.LoadOp) and is_binding(op.place) else None


def _keeps_order(op: minic.CastOp) -> bool:
    """The conversion keeps every value of its source type."""
    source, target = op.operand.type, op.result.type
    if not isinstance(source, IntType) or not isinstance(target, IntType) or target.kind.data == "bool":
        return False
    if source.signed == target.signed:
        return target.width >= source.width
    return target.signed and target.width > source.width


def _reads(value: SSAValue) -> Iterator[SSAValue | None]:
    """The variables that an expression reads; None stands for memory or a call, which anything may change."""
    op = value.owner
    match op:
        case minic.LoadOp():
            yield op.place if is_binding(op.place) else None
        case minic.CallOp() | minic.SelectOp() | minic.LogicalOp():
            yield None
        case Operation():
            for each in op.operands:
                yield from _reads(each)
        case _:
            yield None


# --- where conditions come from ------------------------------------------------------------------------------------------------


def _entering(block: Block) -> Iterator[Fact]:
    """What holds at the start of a block because of the op it belongs to."""
    parent = block.parent_op()
    match parent:
        case minic.IfOp():
            yield from _facts(parent.cond, block is parent.then.block, block, None)
        case minic.SelectOp():
            yield from _facts(parent.cond, block is parent.if_true.block, block, None)
        case minic.LogicalOp():
            yield from _facts(parent.lhs, parent.kind.data == "and", block, None)
        case minic.WhileOp() | minic.ForOp() if block is parent.body.block:
            end = parent.cond.block.last_op
            if isinstance(end, minic.YieldOp) and _is_pure(parent.cond.block):
                yield from _facts(end.value, True, block, None)
        case _:
            return


def _is_pure(block: Block) -> bool:
    return sum(map(minic.is_statement, block.ops)) == 1


def _leaving(block: Block) -> Iterator[Fact]:
    """What holds after `if (c) return;`."""
    for op in ops_at(block):
        if isinstance(op, minic.IfOp) and _never_ends(op.then.block) and not op.orelse.block.ops:
            yield from _facts(op.cond, False, block, op)


def _never_ends(block: Block) -> bool:
    last = block.last_op
    if isinstance(last, minic.ScopeOp):
        return _never_ends(last.body.block)
    if isinstance(last, minic.CallStmtOp):
        entry = library_function(last)
        return entry is not None and entry.diverges
    return isinstance(last, minic.ReturnOp | minic.BreakOp | minic.ContinueOp | minic.LeaveOp)


def _facts(cond: SSAValue, truth: bool, block: Block, after: Operation | None) -> Iterator[Fact]:
    op = cond.owner
    match op:
        case minic.CompareOp():
            kind = op.kind.data if truth else _NEGATED[op.kind.data]
            if isinstance(op.lhs.type, IntType):
                yield Fact(kind, op.lhs, op.rhs, block, after)
        case minic.TruthOp() if isinstance(op.operand.type, IntType):
            yield Fact("ne" if truth else "eq", op.operand, None, block, after)
        case minic.NotOp():
            yield from _facts(op.operand, not truth, block, after)
        case minic.LogicalOp() if truth == (op.kind.data == "and"):
            yield from _facts(op.lhs, truth, block, after)
            end = op.rhs.block.last_op
            if isinstance(end, minic.YieldOp) and _is_pure(op.rhs.block):
                yield from _facts(end.value, truth, block, after)
        case _:
            return

"""What a function does with the arrays behind its pointer parameters: which elements it may touch, which it must, and how.

    void init(uint64_t *ctx, const uint8_t *key) { ctx[24] = 0; … load64(key + 8) … }

        ctx   written   may reach 25 elements, surely reaches 25
        key   read      may reach 16, surely reaches 16

`may` bounds every access of every execution (None: no bound known); `must` is reached by every execution that returns. Together they
decide extents: an array reference is right where both agree, or where every caller is seen to supply enough. Interprocedural: a callee's
footprint is shifted to the argument's offset. Recursive functions start from "touches nothing" and grow until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from xdsl.ir import Attribute, Block, Operation, SSAValue

from compiler.analysis.interval import Interval
from compiler.analysis.library import Touch, choices, library_function
from compiler.analysis.loops import Counted, constant_of
from compiler.analysis.paths import Base, BaseKind, Elem, Path
from compiler.analysis.positions import offset_interval
from compiler.analysis.program import Call, FunctionFacts, Program
from compiler.analysis.provenance import points_to_const
from compiler.analysis.ranges import type_range
from compiler.analysis.variables import is_binding, root_of
from compiler.codes import Code
from compiler.diagnostics import refusal
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType, PtrType, StructType
from compiler.dialects.walking import ops_at, ops_inside
from compiler.locations import span_of


@dataclass(frozen=True, slots=True)
class Footprint:
    """The use of one pointer parameter. `single`: only ever the one object at offset 0. `negative`: may reach before its start."""

    read: bool = False
    written: bool = False
    may: int | None = 0
    must: int = 0
    single: bool = True
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One access of memory: where, by which op, and whether it writes. `stored` is the pointer that it stores, if it stores one, and
    `mutable` tells whether that one may be written through."""

    op: Operation
    path: Path
    written: bool
    stored: Path | None = None
    mutable: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Elements touched from a path on: at most `may` (None: unknown), at least `must`."""

    may: int | None = 1
    must: int = 1


_ONE = Span()


class Footprints:
    """The footprints of all functions of a program, each computed when first asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[str, tuple[Footprint, ...]] = {}
        self._estimates: dict[str, tuple[Footprint, ...]] = {}
        self._asked: set[str] = set()
        self._events: dict[str, list[Event]] = {}
        self.has_circles = False
        """Functions that call each other in a circle have been met: what is found of them may depend on which is asked for first."""

    def of(self, name: str) -> tuple[Footprint, ...]:
        """One footprint per parameter (empty ones for parameters that are not pointers)."""
        if name in self._known:
            return self._known[name]
        if name in self._estimates:
            self.has_circles |= name != next(reversed(self._estimates))
            self._asked.add(name)  # recursive: answer with what is known so far
            return self._estimates[name]
        return self._solve(name)

    def events(self, name: str) -> list[Event]:
        """Every access of memory in a function, in the order of its text; what callees do counts as done by the call."""
        self.of(name)
        return self._events[name]

    def stores(self, name: str) -> list[tuple[int, int, bool]]:
        """Triples (i, j, mutable): the function stores what parameter j (or a field of its object) points at behind parameter i."""
        if name in self._estimates:
            return []
        facts = self.program.facts(name)
        found: list[tuple[int, int, bool]] = []
        for event in self.events(name):
            source = event.stored
            while source is not None and source.field_path is not None:
                source = source.field_path
            kinds = (event.path.base.kind, source.base.kind if source is not None else None)
            if source is not None and kinds == (BaseKind.PARAMETER, BaseKind.PARAMETER):
                target = facts.parameter_index(event.path.base.place)
                triple = (target, facts.parameter_index(source.base.place), event.mutable)
                if triple not in found and triple[0] != triple[1]:
                    found.append(triple)
        return found

    def forget(self, name: str) -> None:
        """A function has been rewritten."""
        self._known.pop(name, None)

    def _solve(self, name: str) -> tuple[Footprint, ...]:
        """The least footprints that agree with themselves: a function that calls itself is walked again until nothing changes."""
        count = len(self.program.functions[name].param_names.data)
        estimate = (Footprint(),) * count
        while True:
            self._estimates[name] = estimate
            self._asked.discard(name)
            walker = _Walker(self, name)
            found = walker.run()
            self._events[name] = walker.events
            if name not in self._asked:
                break  # it does not call itself: what was found is final
            grown = tuple(_widened(old, new) for old, new in zip(estimate, found, strict=True))
            if grown == estimate:
                found = estimate
                break
            estimate = grown
        del self._estimates[name]
        self._asked.discard(name)
        if not self._asked:  # nothing in it rests on an estimate that may still grow
            self._known[name] = found
        return found


def footprints_of(program: Program) -> Footprints:
    """The footprints of a program, with what earlier passes have asked for: a pass that rewrites functions must say so (`forget`), and
    treat callees first. With circles of calls they are found anew."""
    known = _FOOTPRINTS.get(program)
    if known is None or known.has_circles:
        known = _FOOTPRINTS[program] = Footprints(program)
    return known


_FOOTPRINTS: WeakKeyDictionary[Program, Footprints] = WeakKeyDictionary()


def _widened(old: Footprint, new: Footprint) -> Footprint:
    """The next estimate for a recursive function: flags grow, and a bound that grows is no bound."""
    grown = old.may is None or new.may is None or new.may > old.may
    started = old == Footprint()
    may = new.may if started and new.may is not None else None if grown else old.may
    return Footprint(
        old.read or new.read,
        old.written or new.written,
        may,
        0,
        old.single and new.single,
        old.negative or new.negative,
    )


class _Walker:
    """One walk over a function body, in execution order, that knows whether the current statement is surely executed."""

    def __init__(self, owner: Footprints, name: str) -> None:
        self._owner = owner
        self._program = owner.program
        self._name = name
        self._facts: FunctionFacts = owner.program.facts(name)
        self._found = [Footprint() for _ in self._facts.function.param_names.data]
        self._sure_loops: dict[SSAValue, Counted] = {}
        self.events: list[Event] = []

    def run(self) -> tuple[Footprint, ...]:
        self._block(self._facts.function.body.block, True)
        return tuple(self._found)

    # --- statements ----------------------------------------------------------------------------------------------------------

    def _block(self, block: Block, sure: bool) -> bool:
        """Visit the ops of a block; the answer tells whether what follows it is still sure."""
        for op in ops_at(block):
            sure = self._visit(op, sure)
        return sure

    def _visit(self, op: Operation, sure: bool) -> bool:
        visit = _VISITS.get(type(op))
        if visit is not None:
            return visit(self, op, sure)
        if op.regions:
            for region in op.regions:
                self._block(region.block, False)
            return sure and not any(_jumps(region.block) for region in op.regions)
        return sure

    def jump(self, op: Operation, sure: bool) -> bool:
        return False

    def called(self, op: Call, sure: bool) -> bool:
        self._call(op, sure)
        library = self._program.library(op.callee.data)
        return sure and not (library is not None and library.diverges)

    def inner(self, op: minic.ScopeOp | minic.LabelledOp, sure: bool) -> bool:
        return self._block(op.body.block, sure)

    def do_while(self, op: minic.DoWhileOp, sure: bool) -> bool:
        after = self._block(op.body.block, sure)
        return self._block(op.cond.block, after)

    def while_(self, op: minic.WhileOp, sure: bool) -> bool:
        inner = self._block(op.cond.block, sure)
        self._block(op.body.block, False)
        return inner and not _jumps(op.body.block)

    def for_(self, op: minic.ForOp, sure: bool) -> bool:
        loop = self._facts.ranges.counted.get(op)
        quiet = not _jumps(op.body.block)
        runs = loop is not None and sure and quiet and _trip(loop) is not None
        sure = self._block(op.cond.block, sure)
        if runs and loop is not None:
            self._sure_loops[loop.variable.place] = loop
        self._block(op.body.block, runs)
        self._block(op.step.block, False)
        if runs and loop is not None:
            del self._sure_loops[loop.variable.place]
        return sure and quiet

    # --- accesses ------------------------------------------------------------------------------------------------------------

    def aggregated(self, op: minic.AggregateOp, sure: bool) -> bool:
        self._aggregate(op)
        return sure

    def loaded(self, op: minic.LoadOp, sure: bool) -> bool:
        if not self._is_scalar(op.place):
            self._touch(op, self._facts.provenance.place(op.place), _ONE, sure, read=True)
        return sure

    def assigned(self, op: minic.AssignOp, sure: bool) -> bool:
        if not self._is_scalar(op.place):
            path = self._facts.provenance.place(op.place)
            self._touch(op, path, _ONE, sure, written=True)
            if isinstance(op.value.type, PtrType):
                self._store(op, path, op.value, op.value.type)
        return sure

    def updated(self, op: minic.UpdateOp, sure: bool) -> bool:
        if not self._is_scalar(op.place):
            self._touch(op, self._facts.provenance.place(op.place), _ONE, sure, read=True, written=True)
        return sure

    def _is_scalar(self, place: SSAValue) -> bool:
        """A local that nothing points at: no memory, as far as borrows are concerned."""
        return is_binding(place) and not self._facts.variables[place].address_taken and not self._holds_pointers(place)

    def _holds_pointers(self, place: SSAValue) -> bool:
        kind = self._facts.variables[place].type
        return not isinstance(kind, PtrType) and self._program.borrows(kind)

    def _call(self, op: Call, sure: bool) -> None:
        library = self._program.library(op.callee.data)
        if library is not None:
            for touch in library.touched(op.args):
                self._library_touch(op, touch, sure)
        elif op.callee.data in self._program.functions:
            for argument, callee in zip(op.args, self._owner.of(op.callee.data), strict=True):
                if isinstance(argument.type, PtrType):
                    self._argument(op, argument, callee, sure)
            self._callee_stores(op)

    def _callee_stores(self, op: Call) -> None:
        resolve = self._facts.provenance.resolve
        for target, source, mutable in self._owner.stores(op.callee.data):
            stored = resolve(op.args[source])
            if not stored.is_null:
                self._keep(Event(op, resolve(op.args[target]), True, stored, mutable))

    def _store(self, op: Operation, target: Path, pointer: SSAValue, kind: Attribute) -> None:
        stored = self._facts.provenance.resolve(pointer)
        if not stored.is_null:
            self._keep(Event(op, target, True, stored, not points_to_const(kind)))

    def _keep(self, event: Event) -> None:
        """What is stored may be read, and (through a pointer to non-const) written, by whoever has the struct."""
        self.events.append(event)
        assert event.stored is not None
        self._note(event.stored, Footprint(True, event.mutable, None, 0, False, False))

    def _aggregate(self, op: minic.AggregateOp) -> None:
        """Pointers in the initial value of a struct are stored by the statement that it belongs to."""
        kind = op.result.type
        root = root_of(op.result)
        if not isinstance(kind, StructType):
            return
        fields = self._program.structs[kind.symbol.data].field_types.data
        for value, field in zip(op.elements, fields, strict=True):
            if isinstance(field, PtrType) and not isinstance(value.owner, minic.ZeroOp):
                self._store(op, self._target(root), value, field)

    def _target(self, root: Operation) -> Path:
        match root:
            case minic.LocalOp():
                return Path(Base(BaseKind.LOCAL, root.place))
            case minic.AssignOp():
                return self._facts.provenance.place(root.place)
            case _:
                raise refusal(
                    Code.UNNAMED_BORROW,
                    span_of(root),
                    "a struct that holds pointers is made in the middle of an expression",
                    help="give it a name first",
                )

    def _argument(self, op: Call, argument: SSAValue, callee: Footprint, sure: bool) -> None:
        path = self._facts.provenance.resolve(argument)
        if path.is_null:
            return
        span = Span(callee.may, callee.must)
        self._touch(op, path, span, sure, read=callee.read, written=callee.written, single=callee.single)
        if callee.negative:
            self._note(path, Footprint(negative=True))

    def _library_touch(self, op: Call, touch: Touch, sure: bool) -> None:
        for pointer in choices(op.args[touch.argument]):
            path = self._facts.provenance.resolve(pointer)
            if not path.is_null:
                span = Span(None, 0) if touch.size is None else self._bytes(op.args[touch.size], path)
                least = Span(span.may, 0) if touch.at_most else span
                self._touch(op, path, least, sure, read=touch.read, written=touch.written, single=span == _ONE)

    def _bytes(self, size: SSAValue, path: Path) -> Span:
        """A number of bytes as elements of what the path holds."""
        unit = self._program.size_of(self._program.type_at(self._name, path))
        most = self._facts.ranges.of(size).hi
        exact = self._facts.ranges.of(size).value
        bounded = most is not None and most < _HUGE
        return Span(
            -(-most // unit) if bounded and most is not None else None, exact // unit if exact is not None else 0
        )

    def _touch(
        self,
        op: Operation,
        path: Path,
        span: Span,
        sure: bool,
        *,
        read: bool = False,
        written: bool = False,
        single: bool = True,
    ) -> None:
        self.events.append(Event(op, path, written))
        owner = path
        while owner.base.kind is BaseKind.FIELD and owner.field_path is not None:
            owner = owner.field_path  # what a field points at is reached through the object that holds the field
            self._owner_touch(op, owner, written and self._through_mut(owner))
        if path.base.kind is not BaseKind.PARAMETER:
            return
        first = path.steps[0]
        assert isinstance(first, Elem)
        inner = Span(1, 1) if len(path.steps) > 1 else span
        offset = self._offset(first)
        reach = offset.hi
        may = None if reach is None or inner.may is None else max(reach + inner.may, 0)
        if inner.may == 0:
            may = 0
        must = 0
        if sure and inner.must > 0 and (exact := self._attained(first)) is not None:
            must = max(exact + inner.must, 0)
        only = (single or len(path.steps) > 1) and first.is_zero
        self._note(path, Footprint(read, written, may, must, only, not offset.is_nonnegative))

    def _through_mut(self, field: Path) -> bool:
        """Writing through a pointer to non-const asks for the object that holds it to be mutable."""
        return not points_to_const(self._program.type_at(self._name, field))

    def _owner_touch(self, op: Operation, owner: Path, written: bool) -> None:
        self.events.append(Event(op, owner, written))
        if owner.base.kind is BaseKind.PARAMETER:
            first = owner.steps[0]
            assert isinstance(first, Elem)
            offset = self._offset(first)
            may = None if offset.hi is None else offset.hi + 1
            self._note(owner, Footprint(True, written, may, 0, first.is_zero, not offset.is_nonnegative))

    def _note(self, path: Path, touched: Footprint) -> None:
        if path.base.kind is not BaseKind.PARAMETER:
            return
        index = self._facts.parameter_index(path.base.place)
        old = self._found[index]
        self._found[index] = Footprint(
            read=old.read or touched.read,
            written=old.written or touched.written,
            may=None if old.may is None or touched.may is None else max(old.may, touched.may),
            must=max(old.must, touched.must),
            single=old.single and touched.single,
            negative=old.negative or touched.negative,
        )

    # --- offsets -------------------------------------------------------------------------------------------------------------

    def _offset(self, elem: Elem) -> Interval:
        return offset_interval(self._facts, elem)

    def _attained(self, elem: Elem) -> int | None:
        """The largest value of the offset that surely occurs."""
        total = elem.constant
        for term in elem.terms:
            if term.negative or not isinstance(term.value.type, IntType):
                return None
            value = self._largest(term.value)
            if value is None:
                return None
            total += value
        return total

    def _largest(self, value: SSAValue) -> int | None:
        """The largest value that an expression surely takes: constants and rising functions of the variables of sure loops."""
        if (constant := constant_of(value)) is not None:
            return constant
        op = value.owner
        match op:
            case minic.CastOp() if self._facts.ranges.of(op.operand).within(type_range(value.type)):
                return self._largest(op.operand)
            case minic.LoadOp() if op.place in self._sure_loops:
                return _trip(self._sure_loops[op.place])
            case minic.BinaryOp() if op.kind.data in ("add", "mul") and self._exact(op):
                lhs, rhs = self._largest(op.lhs), self._largest(op.rhs)
                if lhs is None or rhs is None or lhs < 0 or rhs < 0:
                    return None
                return lhs + rhs if op.kind.data == "add" else lhs * rhs
            case _:
                return None

    def _exact(self, op: minic.BinaryOp) -> bool:
        """No wrap: the interval of the mathematical result fits the type."""
        lhs, rhs = self._facts.ranges.of(op.lhs), self._facts.ranges.of(op.rhs)
        exact = lhs + rhs if op.kind.data == "add" else lhs * rhs
        return exact.within(type_range(op.result.type))


_VISITS: dict[type[Operation], Callable[..., bool]] = {
    **dict.fromkeys((minic.ReturnOp, minic.BreakOp, minic.ContinueOp, minic.LeaveOp), _Walker.jump),
    **dict.fromkeys((minic.CallOp, minic.CallStmtOp), _Walker.called),
    **dict.fromkeys((minic.ScopeOp, minic.LabelledOp), _Walker.inner),
    minic.ForOp: _Walker.for_,
    minic.DoWhileOp: _Walker.do_while,
    minic.WhileOp: _Walker.while_,
    minic.AggregateOp: _Walker.aggregated,
    minic.LoadOp: _Walker.loaded,
    minic.AssignOp: _Walker.assigned,
    minic.UpdateOp: _Walker.updated,
}
"""What each op does to a footprint; other ops only hold regions, if anything."""

_HUGE = 1 << 31
"""Sizes beyond this are as good as unbounded."""


def _trip(loop: Counted) -> int | None:
    """The last value of the variable of a loop with constant bounds that runs at least once."""
    lo, hi = constant_of(loop.lo), constant_of(loop.hi)
    if lo is None or hi is None:
        return None
    last = hi - (not loop.inclusive)
    return lo + (last - lo) // loop.step * loop.step if last >= lo else None


_LEAVING = frozenset((minic.ReturnOp, minic.BreakOp, minic.ContinueOp, minic.LeaveOp))


def _jumps(block: Block) -> bool:
    """True when something inside may leave: return, break, continue, leave, or a call that never returns."""
    for op in ops_inside(block):
        if type(op) in _LEAVING:
            return True
        if (
            (type(op) is minic.CallOp or type(op) is minic.CallStmtOp)
            and (entry := library_function(op))
            and entry.diverges
        ):
            return True
    return False

"""How statements and trees come to stand in blocks, and side effects in order.

`out` is the list of ops of the block being built. A statement is placed with `put`, which appends the trees of its operands and
then the op. A side effect inside an expression is a statement put while trees of the same expression are still in hand; whoever
holds some asks `settle` afterwards, which saves in locals those that the effect could change:

    mark = cx.mark()
    right = cx.value(node.right)               # may put `i += 1`
    (left,) = cx.settle(mark, left)            # then maybe `t = i`, in front of it

A `p++` whose old value is used stays `pending` instead, until a later mention of `p` or the end of the full expression, so that
`*p++ = c` becomes `*p = c; p += 1` with no temporary.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from xdsl.dialects.builtin import LocationAttr, StringAttr, UnitAttr
from xdsl.ir import Block, Operation, Region, SSAValue

from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.mentions import mentions
from compiler.frontends.c.scopes import Variable
from compiler.frontends.c.trees import Place, Reach, Value, copy_place, discard, disturbs, reach, root, split_index

UNIT = UnitAttr()


@dataclass(slots=True)
class Pending:
    """An update of a local that has not been put yet."""

    variable: Variable
    ops: list[Operation]


@dataclass(slots=True)
class FunctionState:
    """What is known while the body of one function is lowered."""

    name: str
    result: c.CType
    exposed_names: frozenset[str] = frozenset()
    taken_names: set[str] = field(default_factory=set[str])
    twice: frozenset[str] | set[str] = frozenset()
    """Names that more than one local has."""
    labels: frozenset[str] = frozenset()
    open_labels: list[str] = field(default_factory=list[str])
    hoisted: dict[int, Variable] = field(default_factory=dict[int, Variable])
    """Locals declared ahead of their declarations, by the identity of the declaration's node."""
    inlining: int = 0
    loops: int = 0
    """How many loops are open here; `breakable` counts the switches too."""
    breakable: int = 0
    nested_regions: int = 0
    """How many regions of expressions are open: no jump may leave them."""
    exposed: set[SSAValue] = field(default_factory=set[SSAValue])


@dataclass(slots=True, kw_only=True)
class Emission:
    """The block being built, and what is known of the function it is in."""

    out: list[Operation] = field(default_factory=list[Operation])
    pending: dict[SSAValue, Pending] = field(default_factory=dict[SSAValue, Pending])
    function: FunctionState = field(default_factory=lambda: FunctionState("", c.VOID))

    # --- placing -------------------------------------------------------------------------------------------------------------

    def put(self, root: Operation, *trees: Value | Place) -> None:
        """Place a statement after the trees of its operands."""
        for tree in trees:
            self.out += tree.ops
        self.out.append(root)

    def drop(self, value: Value) -> None:
        """Place an expression whose value is not used: only what it calls, and what its regions store, matters."""
        ops = value.ops
        while ops and isinstance(ops[-1], minic.CastOp | minic.TruthOp):
            ops.pop().drop_all_references()
        found = reach(ops, set())
        if not (found.calls or found.writes or found.writes_memory):
            discard(value)
            return
        last = ops[-1]
        if isinstance(last, minic.CallOp):
            args = tuple(last.args)
            last.drop_all_references()
            ops[-1] = minic.CallStmtOp.create(operands=args, properties=last.properties, location=last.location)
        else:
            ops.append(minic.EvalOp.create(operands=(last.results[0],), location=last.location))
        self.out += ops

    @contextmanager
    def block(self) -> Generator[list[Operation]]:
        """Collect what is put inside into a list of its own; pending updates are this block's own."""
        outer, outer_pending = self.out, self.pending
        self.out, self.pending = inner, _ = [], {}
        try:
            yield inner
        finally:
            self.out, self.pending = outer, outer_pending

    @contextmanager
    def expression_block(self) -> Generator[list[Operation]]:
        """A block whose end is the value of an expression."""
        self.function.nested_regions += 1
        with self.block() as ops:
            yield ops
        self.function.nested_regions -= 1

    def region(self, lower: Callable[[], None]) -> Region:
        """The statements that `lower` puts, as a region."""
        with self.block() as ops:
            lower()
        return Region(Block(ops))

    def yielding(self, lower: Callable[[], Value], at: LocationAttr) -> tuple[Region, c.CType]:
        """A region that yields a value, and the value's type."""
        with self.expression_block() as ops:
            value = self.finished(lower())
            self.put(minic.YieldOp.create(operands=(value.ssa,), location=at), value)
        return Region(Block(ops)), value.ctype

    # --- order of side effects -----------------------------------------------------------------------------------------------

    def mark(self) -> int:
        return len(self.out)

    def settle(self, mark: int, *held: Value) -> tuple[Value, ...]:
        """Save in locals what the statements put since `mark` could change; the saves go in front of them."""
        if len(self.out) == mark:
            return held
        exposed = self.function.exposed
        passed = self.out[mark:]
        result = list(held)
        saves: list[Operation] = []
        for index in range(len(held) - 1, -1, -1):
            if disturbs(reach(passed, exposed), reach(held[index].ops, exposed)):
                with self.block() as ops:
                    result[index] = self.temporary(held[index])
                saves[:0] = ops
                passed = ops + passed
        self.out[mark:mark] = saves
        return tuple(result)

    def settle_place(self, mark: int, held: Place) -> Place:
        """The same for a place: its pointers and indices are saved, not its content."""
        if len(self.out) == mark:
            return held
        earlier = reach(self.out[mark:], self.function.exposed)
        with self.block() as ops:
            kept = self._saved_place(held, earlier)
        self.out[mark:mark] = ops
        return kept

    def temporary(self, value: Value) -> Value:
        """The value, put in a new local and loaded from it."""
        at = value.ops[-1].location
        ctype = value.ctype.plain
        local = minic.LocalOp.create(
            operands=(value.ssa,),
            result_types=(ctype.place,),
            properties={"var_name": StringAttr(self.fresh_name()), "synthetic": UNIT},
            location=at,
        )
        self.put(local, value)
        load = minic.LoadOp.create(operands=(local.results[0],), result_types=(ctype.ir,), location=at)
        return Value(load.results[0], ctype, [load])

    def uncalled(self, value: Value) -> Value:
        """The value, its calls made now: it will be evaluated after operands that follow it in the source."""
        return self.temporary(value) if reach(value.ops, set()).calls else value

    def fresh_name(self, stem: str = "t") -> str:
        """A name that nothing in this function has."""
        taken = self.function.taken_names
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem}{count}"
        taken.add(name)
        return name

    def _saved_value(self, value: Value, earlier: Reach) -> Value:
        tree = reach(value.ops, self.function.exposed)
        return self.temporary(value) if tree.calls or disturbs(earlier, tree) else value

    def _saved_place(self, place: Place, earlier: Reach) -> Place:
        """`place` when `earlier` runs before it: what that could change of its pointers and indices is in locals. Calls always are."""
        last = place.ops[-1] if place.ops else None
        match last:
            case minic.FieldOp():
                base = self._saved_place(Place(last.base, c.VOID, place.ops[:-1]), earlier)
                operands = [base.ssa]
                ops = base.ops
            case minic.DerefOp():
                pointer = self._saved_pointer(last.pointer, place.ops[:-1], earlier)
                operands, ops = [pointer.ssa], pointer.ops
            case minic.IndexOp():
                before, after = split_index(place.ops)
                pointer = self._saved_pointer(last.pointer, before, earlier)
                index = self._saved_value(_bare(last.index, after), earlier)
                operands, ops = [pointer.ssa, index.ssa], pointer.ops + index.ops
            case _:
                return place
        last.operands = operands
        return Place(place.ssa, place.ctype, [*ops, last], place.bits)

    def _saved_pointer(self, pointer: SSAValue, ops: list[Operation], earlier: Reach) -> Value:
        last = ops[-1]
        if not isinstance(last, minic.DecayOp):
            return self._saved_value(_bare(pointer, ops), earlier)
        array = self._saved_place(Place(last.place, c.VOID, ops[:-1]), earlier)
        last.operands = [array.ssa]
        return _bare(pointer, [*array.ops, last])

    def twice(self, place: Place, effect: Reach) -> tuple[Place, Place]:
        """Two trees for one place, such that the second may follow `effect`."""
        kept = self._saved_place(place, effect)
        return kept, copy_place(kept)

    def writing(self, place: Place, *values: Value) -> Reach:
        """What storing into the place does, after the values have been computed."""
        exposed = self.function.exposed
        effect = reach([op for value in values for op in value.ops], exposed)
        local = root(place.ssa)
        if local is not None:
            effect.writes.add(local)
        effect.writes_memory |= local is None or local in exposed
        return effect

    # --- pending updates -----------------------------------------------------------------------------------------------------

    def postpone(self, variable: Variable, ops: list[Operation]) -> None:
        assert variable.place is not None
        self.pending[variable.place] = Pending(variable, ops)

    def flush(self) -> None:
        """Put the pending updates: at the end of a full expression, or because one of their variables is mentioned again."""
        for update in self.pending.values():
            self.out += update.ops
        self.pending.clear()

    def flush_for(self, *nodes: Any) -> None:
        """Put the pending updates if a region about to be entered mentions one of the variables."""
        if self.pending:
            names = {update.variable.name for update in self.pending.values()}
            if any(mentions(node, names) for node in nodes if node is not None):
                self.flush()

    def forget_pending(self) -> None:
        """The function is left: updates of its locals no longer matter."""
        for update in self.pending.values():
            for op in update.ops:
                op.drop_all_references()
        self.pending.clear()

    def finished(self, value: Value) -> Value:
        """End the full expression before its value is used by a statement with parts of its own."""
        mark = self.mark()
        self.flush()
        (value,) = self.settle(mark, value)
        return value


def _bare(ssa: SSAValue, ops: Sequence[Operation]) -> Value:
    """A value of which only the minic type matters."""
    return Value(ssa, c.Opaque(ssa.type), list(ops))

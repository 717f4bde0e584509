"""Loops and switches.

A counted loop is a `for` over a range; its variable is a `usize` when it mostly counts elements. Other loops keep C's order of events: the
condition before the body, the step after it, also on `continue`.

A switch is a `match`. Sections that fall through become nested labelled blocks, entered by a `break` out of the right one:

    switch (v) { case 1: a(); case 2: b(); break; default: c(); }

    'switch: {
        'case_2: {
            match v { 1 => a(), 2 => break 'case_2 … }
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.analysis.loops import Counted, constant_of
from compiler.analysis.ranges import type_range
from compiler.dialects import minic
from compiler.dialects.minic_types import IntType
from compiler.dialects.rust_types import USIZE
from compiler.passes.c_to_rust.lower.jumps import Target
from compiler.passes.c_to_rust.lower.statements import Statements
from compiler.passes.c_to_rust.lower.types import rust_type


class Loops(Statements):
    """Layer 6: loops and switches."""

    # --- counted -------------------------------------------------------------------------------------------------------------

    def _for(self, op: minic.ForOp) -> None:
        loop = self.facts.ranges.counted.get(op)
        if loop is not None:
            self._counted(loop)
            return
        self._general(op.cond, op.body, op.step)

    def _counted(self, loop: Counted) -> None:
        kind = self._counter_type(loop)
        span = self._range(loop, kind)
        body = Block(arg_types=[kind])
        outer = self.bindings.get(loop.variable.place)
        self.bindings[loop.variable.place] = body.args[0]
        target = Target("loop", is_loop=True)
        self.jumps.stack.append(target)
        with self.b.inside(body):
            self.statements(loop.op.body.block)
        self.jumps.stack.pop()
        if outer is None:
            del self.bindings[loop.variable.place]
        self.b.for_([self.variable_name(loop.variable)], span, body, label=target.label)

    def _range(self, loop: Counted, kind: Attribute) -> SSAValue:
        lo = self._bound(loop.lo, kind)
        below = kind == USIZE and not self.interval(loop.hi).is_nonnegative
        span = self.b.range(lo, self._floored(loop.hi) if below else self._bound(loop.hi, kind), loop.inclusive)
        if loop.step == 1:
            return span
        return self.b.method("step_by", span, self.b.lit(loop.step, USIZE), ty=span.type)

    def _floored(self, value: SSAValue) -> SSAValue:
        """An upper bound that may be negative, when the loop makes no turn: as a usize it would be huge."""
        value = self.unwidened(value)
        kind = rust_type(value.type)
        return self.b.cast(self.b.method("max", self.value(value), self.b.lit(0, kind), ty=kind), USIZE)

    def _bound(self, value: SSAValue, kind: Attribute) -> SSAValue:
        if kind == USIZE:
            return self.index(value)
        constant = constant_of(value)
        if constant is not None and not self._is_named(value):
            return self.b.lit(constant, kind)
        return self.b.cast(self.value(self.unwidened(value)), kind)

    def _counter_type(self, loop: Counted) -> Attribute:
        """usize when at least half of the uses count elements; else the C type, or the bound's when that one is wider."""
        own, bound = loop.variable.type, loop.hi.type
        assert isinstance(own, IntType) and isinstance(bound, IntType)
        loops = [each for each in self.facts.ranges.counted.values() if each.variable is loop.variable]
        fits = all(self._counts_up_from_zero(each) for each in loops)
        uses = [self._counts_elements(load.result) for load in loop.variable.loads if self._in_body(load, loops)]
        if fits and uses and 2 * sum(uses) >= len(uses):
            return USIZE
        if self.interval(loop.hi).within(type_range(own)):
            return rust_type(own)
        return rust_type(bound)

    def _counts_up_from_zero(self, loop: Counted) -> bool:
        """The range means the same over usize; one that includes a negative upper bound would make a turn too many."""
        inclusive = not loop.inclusive or self.interval(loop.hi).is_nonnegative
        return inclusive and self.interval(loop.lo).is_nonnegative

    def _in_body(self, load: minic.LoadOp, loops: list[Counted]) -> bool:
        at: Operation | None = load
        while at is not None and not isinstance(at, minic.FuncOp):
            block = at.parent
            if block is not None and any(block is each.op.cond.block for each in loops):
                return False
            at = at.parent_op()
        return True

    def _counts_elements(self, value: SSAValue) -> bool:
        """The value flows into an index, a pointer offset or a size."""
        use = next(iter(value.uses), None)
        if use is None:
            return False
        user = use.operation
        match user:
            case minic.IndexOp() | minic.PtrAddOp():
                return use.index == 1
            case minic.CastOp():
                kind = user.result.type
                wide = isinstance(kind, IntType) and kind.kind.data == "usize"
                return wide or self._counts_elements(user.result)
            case minic.BinaryOp() if user.kind.data in ("add", "mul", "sub", "shl", "div", "rem", "shr", "and"):
                return self._counts_elements(user.result)
            case _:
                return False

    # --- general -------------------------------------------------------------------------------------------------------------

    def _while(self, op: minic.WhileOp) -> None:
        self._general(op.cond, op.body, None)

    def _general(self, cond: Region, body: Region, step: Region | None) -> None:
        target = Target("loop", is_loop=True)
        self.jumps.stack.append(target)
        forever = self.constant_truth(cond) is True
        simple = not forever and _is_expression(cond)
        made = Block()
        with self.b.inside(made):
            if not forever and not simple:
                self.statements(cond.block, self._leave_unless)
            self._body(body, target, step)
            if step is not None:
                self.statements(step.block)
        self.jumps.stack.pop()
        if simple:
            self.b.while_(self.region_block(cond, lambda end: self.b.yield_(self.cond(end))), made, target.label)
        else:
            self.b.loop(made, target.label)

    def _leave_unless(self, value: SSAValue) -> None:
        with self.b.inside(leaving := Block()):
            self.b.break_()
        self.b.if_(self.negated(value), leaving)

    def _body(self, body: Region, target: Target, step: Region | None) -> None:
        """The body; where something follows it that `continue` must not skip, in a block that `continue` leaves."""
        if step is None or not _continues(body.block):
            self.statements(body.block)
            return
        inner = target.continues = Target("block", is_loop=False, name="body")
        self.jumps.stack.append(inner)
        block = self.block(body)
        self.jumps.stack.pop()
        self.b.block_(block, self.jumps.label(inner))

    def _do_while(self, op: minic.DoWhileOp) -> None:
        truth = self.constant_truth(op.cond)
        if truth is False:
            self._once(op)
            return
        target = Target("loop", is_loop=True)
        self.jumps.stack.append(target)
        made = Block()
        with self.b.inside(made):
            self._body(op.body, target, None if truth else op.cond)
            if not truth:
                self.statements(op.cond.block, self._leave_unless)
        self.jumps.stack.pop()
        self.b.loop(made, target.label)

    def _once(self, op: minic.DoWhileOp) -> None:
        """`do … while (0)`: a block, labelled when something leaves it."""
        target = Target("loop", is_loop=False)
        target.continues = target
        leaves = _continues(op.body.block) or _breaks(op.body.block)
        if leaves:
            target.name = "once"
            self.jumps.label(target)
        self.jumps.stack.append(target)
        body = self.block(op.body)
        self.jumps.stack.pop()
        self.b.block_(body, target.label)

    # --- switch --------------------------------------------------------------------------------------------------------------

    def _switch(self, op: minic.SwitchOp) -> None:
        target = Target("switch", is_loop=False)
        chained = self._chained(op)
        if chained or any(_breaks(section.block) for section in op.sections):
            self.jumps.label(target)
        self.jumps.stack.append(target)
        with self.b.inside(whole := Block()):
            self._matching(op, chained, target)
        self.jumps.stack.pop()
        if target.label is None:
            for each in list(whole.ops):
                each.detach()
                self.b.block.add_op(each)
        else:
            self.b.block_(whole, target.label)

    def _chained(self, op: minic.SwitchOp) -> list[int]:
        """Sections that are entered from the one above: they, in order, become blocks of their own."""
        falls = [flag.data for flag in op.falls.data]
        return [i for i in range(1, len(op.sections)) if falls[i - 1]]

    def _matching(self, op: minic.SwitchOp, chained: list[int], target: Target) -> None:
        """Innermost the `match`; around it one labelled block per section that is fallen into, its body after the block."""
        if not chained:
            self._match(op, {})
            return
        marks = {i: Target("block", is_loop=False, name=f"case_{i}") for i in chained}
        for mark in marks.values():
            self.jumps.label(mark)
        self._nest(op, list(reversed(chained)), marks, target)

    def _nest(self, op: minic.SwitchOp, left: list[int], marks: dict[int, Target], target: Target) -> None:
        if not left:
            self._match(op, marks)
            return
        section, rest = left[0], left[1:]
        self.jumps.stack.append(marks[section])
        with self.b.inside(inner := Block()):
            self._nest(op, rest, marks, target)
        self.jumps.stack.pop()
        self.b.block_(inner, marks[section].label)
        self.statements(op.sections[section].block)
        last = section == max(marks)
        if not op.falls.data[section].data and not last:
            self.b.break_(target.label)

    def _match(self, op: minic.SwitchOp, marks: dict[int, Target]) -> None:
        value, kind = self._scrutinee(op)
        arms: dict[str, Block] = {}
        default: Block | None = None
        for i, section in enumerate(op.sections):
            labels = [label.data for label in op.labels.data[i].data]
            names = self._names(op, i, len(labels), kind)
            block = self._arm(op, i, section, marks)
            if i == op.default_section.data:
                default = block
            else:
                arms[
                    " | ".join(name or self._pattern(label, kind) for name, label in zip(names, labels, strict=True))
                ] = block
        arms["_"] = default if default is not None else self._missing(op, marks)
        self.b.match_(value, arms)

    def _missing(self, op: minic.SwitchOp, marks: dict[int, Target]) -> Block:
        """No default: nothing happens, which with fall-through means leaving the switch."""
        with self.b.inside(block := Block()):
            if marks:
                self.b.break_(self.jumps.label(self.jumps.innermost_break()))
        return block

    def _arm(self, op: minic.SwitchOp, i: int, section: Region, marks: dict[int, Target]) -> Block:
        block = Block()
        with self.b.inside(block):
            if i in marks:
                self.b.break_(marks[i].label)
                return block
            self.statements(section.block)
            if not marks:
                return block
            if op.falls.data[i].data and i + 1 in marks:
                self.b.break_(marks[i + 1].label)
            else:
                self.b.break_(self.jumps.label(self.jumps.innermost_break()))
        return block

    def _scrutinee(self, op: minic.SwitchOp) -> tuple[SSAValue, IntType]:
        """The value switched on, in the narrow type it came from when every label fits there."""
        source = self.source_of(op.value)
        labels = [label.data for section in op.labels.data for label in section.data]
        assert isinstance(source.type, IntType) and isinstance(op.value.type, IntType)
        if source.type.kind.data != "bool" and all(type_range(source.type).contains(label) for label in labels):
            return self.value(source), source.type
        return self.value(op.value), op.value.type

    def _names(self, op: minic.SwitchOp, section: int, count: int, kind: IntType) -> list[str]:
        """The constants that the labels of a section were written as, where they have the type of the scrutinee."""
        names = [""] * count if op.names is None else [name.data for name in op.names.data[section].data]
        same = [self.analyses.constant_types.get(name) == rust_type(kind) for name in names]
        return [self.analyses.items[name] if name and fits else "" for name, fits in zip(names, same, strict=True)]

    def _pattern(self, label: int, kind: IntType) -> str:
        if kind.kind.data == "char":
            byte = label & 0xFF
            return _byte_literal(byte) if 32 <= byte < 127 or byte in (9, 10, 13) else str(byte)
        return str(label)

    LOWERINGS: ClassVar[dict[type[Operation], Callable[..., None]]] = {
        **Statements.LOWERINGS,
        minic.ForOp: _for,
        minic.WhileOp: _while,
        minic.DoWhileOp: _do_while,
        minic.SwitchOp: _switch,
    }


def _byte_literal(byte: int) -> str:
    escapes = {9: "\\t", 10: "\\n", 13: "\\r", 39: "\\'", 92: "\\\\"}
    return f"b'{escapes.get(byte, chr(byte))}'"


def _is_expression(region: Region) -> bool:
    """The condition is one expression."""
    return sum(map(minic.is_statement, region.block.ops)) == 1


def _continues(block: Block) -> bool:
    """A `continue` of this loop is somewhere inside."""
    return _finds(block, minic.ContinueOp, (minic.ForOp, minic.WhileOp, minic.DoWhileOp))


def _breaks(block: Block) -> bool:
    """A `break` of this loop or switch is somewhere inside."""
    return _finds(block, minic.BreakOp, (minic.ForOp, minic.WhileOp, minic.DoWhileOp, minic.SwitchOp))


def _finds(block: Block, wanted: type[Operation], stop: tuple[type[Operation], ...]) -> bool:
    for op in block.ops:
        if isinstance(op, wanted):
            return True
        if not isinstance(op, stop) and any(_finds(region.block, wanted, stop) for region in op.regions):
            return True
    return False

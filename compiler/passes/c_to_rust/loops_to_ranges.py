"""loops-to-ranges: loops that count, although C did not write them as counted loops, become `for`s over a range.

    loop { let t = n != 0; n = n.wrapping_sub(1); if !t { break; } f(); }       for _ in 0..n { f(); }         (C: while (n--))
    while i < end { f(i); i += 1; }                                             for i in i..end { f(i); }

Input: rust after `place-lets`. Output: besides the `for`s, a loop that tests the old value of a variable and then changes it
tests first, if the changed value is not needed behind the loop.
Exact: the bound does not change in the loop; the variable changes by one in every iteration that goes on, nowhere else, and
is not read behind the loop.
Why here: before `count-loops` and what follows, which look at `for`s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, IntAttr, ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from compiler.analysis.rust_flow import build, live_sets
from compiler.analysis.rust_trees import first_op, is_binding, is_pure, jumps_to, literal, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import RangeType
from compiler.passes.c_to_rust.control.loops import simplify_loop
from compiler.passes.c_to_rust.count_loops import is_read_before, stands_before
from compiler.passes.c_to_rust.editing import copied, detached, erase, functions, put_operand
from compiler.passes.c_to_rust.folds.terms import binary, is_integer, is_unsigned, kind_of, method
from compiler.passes.c_to_rust.simplify_expressions import simplify_block
from compiler.passes.c_to_rust.slices.range_loops import strings

_LOOPS = (rust.LoopOp, rust.WhileOp)


@dataclass(frozen=True, slots=True)
class LoopsToRanges:
    name: ClassVar[str] = "loops-to-ranges"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for function in functions(op):
            late = [
                loop for loop in _loops(function, rust.LoopOp) if (found := _late_test(loop)) and found.is_candidate
            ]
            if late:
                _test_first(function, late)
            for loop in _loops(function, rust.WhileOp):
                assert isinstance(loop, rust.WhileOp)
                if not _count_up(loop):
                    _count_down(loop)


def _loops(function: rust.FnOp, kind: type[Operation]) -> list[Operation]:
    """Inner ones first."""
    return [op for op in function.walk(reverse=True) if type(op) is kind]


# --- test, then change ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _LateTest:
    """`let kept = old; change; if f(kept) { break; }` at the head of a loop."""

    kept: rust.LetOp
    change: Operation
    leave: rust.IfOp

    @property
    def is_candidate(self) -> bool:
        return self.kept.results[0].has_one_use()

    @property
    def variable(self) -> SSAValue:
        return self.change.operands[0]


def _late_test(loop: Operation) -> _LateTest | None:
    body = loop.regions[0].block
    statements = [op for op in body.ops if rust.is_statement(op)][:3]
    if len(statements) < 3:
        return None
    kept, change, leave = statements
    if not isinstance(kept, rust.LetOp) or not kept.operands or not isinstance(change, rust.AssignOp | rust.AssignOpOp):
        return None
    if not isinstance(leave, rust.IfOp) or leave.results or not leave.orelse.block.is_empty:
        return None
    jump = leave.then.block.first_op
    if not isinstance(jump, rust.BreakOp) or jump.operands or jump.label is not None:
        return None
    pure = is_pure(kept.operands[0]) and is_pure(change.operands[1]) and is_pure(leave.operands[0])
    uses_kept = any(kept.results[0] in op.operands for op in tree_ops(leave))
    return _LateTest(kept, change, leave) if pure and uses_kept and is_binding(change.operands[0]) else None


def _test_first(function: rust.FnOp, late: list[Operation]) -> None:
    found = {loop: test for loop in late if (test := _late_test(loop)) is not None}
    variables = list(dict.fromkeys(test.variable for test in found.values()))
    liveness = live_sets(build(function, variables))
    dead = [loop for loop, test in found.items() if not liveness.behind(loop) & liveness.flow.bits[test.variable]]
    for loop in dead:
        test = found[loop]
        _reorder(test)
        assert isinstance(loop, rust.LoopOp)
        simplify_loop(loop)


def _reorder(test: _LateTest) -> None:
    """`if f(old) { break; } change;`"""
    kept, leave = test.kept.results[0], test.leave
    (use,) = kept.uses
    user = use.operation
    put_operand(user, use.index, copied(Builder.before(user), test.kept.operands[0]))
    erase(test.kept)
    _move_behind(test.change, leave)
    _simplify_step(test.change, leave)


def _move_behind(op: Operation, anchor: Operation) -> None:
    block = anchor.parent
    assert block is not None
    at = anchor
    for each in list(tree_ops(op)):
        each.detach()
        block.insert_op_after(each, at)
        at = each


def _simplify_step(change: Operation, leave: rust.IfOp) -> None:
    """`n = n.wrapping_sub(1)` where n is not 0 is `n -= 1`."""
    compared = binary(leave.operands[0], "==")
    stepped = method(change.operands[1], "wrapping_sub")
    if compared is None or stepped is None or not isinstance(change, rust.AssignOp):
        return
    variable = change.operands[0]
    if stepped.operands[0] is not variable or compared.operands[0] is not variable:
        return
    if literal(stepped.operands[1]) == 1 and literal(compared.operands[1]) == 0 and is_unsigned(variable.type):
        b = Builder.before(first_op(change))
        b.location = change.location
        b.assign_op("-", variable, b.lit(1, variable.type))
        erase(change)


# --- counting ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Test:
    """`while variable kind bound`."""

    variable: SSAValue
    kind: str
    bound: SSAValue


def _tested(loop: rust.WhileOp) -> _Test | None:
    end = loop.cond.block.last_op
    assert end is not None
    compared = binary(end.operands[0], "<", ">", "!=")
    if compared is None:
        return None
    variable, bound = compared.operands
    if not is_binding(variable) or not is_integer(variable.type) or variable in set(_bindings(bound)):
        return None
    return _Test(variable, kind_of(compared), bound)


def _bindings(value: SSAValue) -> list[SSAValue]:
    root = tree_root(value)
    if root is None:
        return [value]
    return [operand for op in tree_ops(root) for operand in op.operands if is_binding(operand)]


def _count_up(loop: rust.WhileOp) -> bool:
    """`while i < bound { …; i += 1; }` with a local `i`."""
    test = _tested(loop)
    if test is None or test.kind != "<" or not isinstance(test.variable.owner, rust.LetOp):
        return False
    declaration, step = test.variable.owner, _step(loop, test.variable, "+")
    if step is None or declaration.parent is not loop.parent or not declaration.operands:
        return False
    if not _is_steady(loop, test.bound) or not _only_counts(loop, step, test.variable):
        return False
    _make_range(loop, step, test, declaration)
    return True


def _step(loop: rust.WhileOp, variable: SSAValue, kind: str) -> Operation | None:
    """The statement of the body that changes the variable by one, and is the only one that changes it."""
    changes = [use.operation for use in variable.uses if _changes(use.operation, variable)]
    if len(changes) != 1 or changes[0].parent is not loop.body.block:
        return None
    step = changes[0]
    if isinstance(step, rust.AssignOpOp):
        return step if kind_of(step) == kind and literal(step.operands[1]) == 1 else None
    if not isinstance(step, rust.AssignOp):
        return None  # a call that is given the variable
    called = method(step.operands[1], "wrapping_add" if kind == "+" else "wrapping_sub")
    if called is None or called.operands[0] is not variable or literal(called.operands[1]) != 1:
        return None
    return step if is_unsigned(variable.type) else None


def _changes(op: Operation, variable: SSAValue) -> bool:
    if isinstance(op, rust.RefOp):
        return op.mutable is not None
    return isinstance(op, rust.AssignOp | rust.AssignOpOp) and op.operands[0] is variable


def _is_steady(loop: rust.WhileOp, bound: SSAValue) -> bool:
    """The bound is made of bindings that the loop does not change, of literals, and of lengths."""
    root = tree_root(bound)
    if root is not None and not all(_is_plain(op) for op in tree_ops(root)):
        return False
    return not any(
        _is_inside(use.operation, loop) and _changes(use.operation, each)
        for each in _bindings(bound)
        for use in each.uses
    )


def _is_plain(op: Operation) -> bool:
    if isinstance(op, rust.MethodOp):
        return op.method.data in ("len", "min", "max")
    return isinstance(op, rust.LitOp | rust.PathOp | rust.BinaryOp | rust.CastOp)


def _is_inside(op: Operation, loop: Operation) -> bool:
    at: Operation | None = op
    while at is not None and at is not loop:
        at = at.parent_op()
    return at is loop


def _only_counts(loop: rust.WhileOp, step: Operation, variable: SSAValue) -> bool:
    """In the loop the variable is read before its step only, which nothing skips; behind the loop it is not used."""
    for use in variable.uses:
        op = use.operation
        if op is step or (_is_inside(op, loop) and op.parent is loop.cond.block):
            continue
        if any(op is each for each in tree_ops(step)):
            continue
        inside = _is_inside(op, loop)
        if inside and not is_read_before(op, step, variable):
            return False
        if not inside and not stands_before(op, loop):
            return False
    return not any(isinstance(jump, rust.ContinueOp) and stands_before(jump, step) for jump in jumps_to(loop))


def _make_range(loop: rust.WhileOp, step: Operation, test: _Test, declaration: rust.LetOp) -> None:
    erase(step)
    first = declaration.operands[0]
    movable = literal(first) is not None
    b = Builder.before(loop)
    lo = copied(b, first) if movable else test.variable
    span = b.range(lo, copied(b, test.bound))
    body = _as_for(loop, b, span, declaration.var_name.data)
    test.variable.replace_uses_with_if(body.args[0], lambda use: _is_in_block(use.operation, body))
    if movable:
        _put_literal(declaration, first)


def _as_for(loop: rust.WhileOp, b: Builder, span: SSAValue, name: str) -> Block:
    """The loop as a `for`; its body, with the new variable as argument."""
    assert isinstance(span.type, RangeType)
    region = detached(loop.body)
    body = region.block
    body.insert_arg(span.type.of, 0)
    properties = {**loop.properties}
    made = b.insert(rust.ForOp, [span], (), properties, [region])
    assert isinstance(made, rust.ForOp)
    made.names = ArrayAttr(strings(name))
    made.derefs = ArrayAttr([IntAttr(0)])
    loop.detach()
    loop.erase()
    return body


def _is_in_block(op: Operation, block: Block) -> bool:
    at: Operation | None = op
    while at is not None and at.parent is not block:
        at = at.parent_op()
    return at is not None


def _put_literal(declaration: rust.LetOp, first: SSAValue) -> None:
    """What reads the variable before the loop reads its first value."""
    for use in list(declaration.results[0].uses):
        user = use.operation
        put_operand(user, use.index, copied(Builder.before(user), first))
    block = declaration.parent
    erase(declaration)
    assert block is not None
    simplify_block(block)


def _count_down(loop: rust.WhileOp) -> bool:
    """`while n != 0 { n -= 1; … }`."""
    test = _tested(loop)
    if (
        test is None
        or literal(test.bound) != 0
        or test.kind == "<"
        or (test.kind == "!=" and not is_unsigned(test.bound.type))
    ):
        return False
    step = _step(loop, test.variable, "-")
    if step is None or not _is_gone_behind(loop, test.variable):
        return False
    reads = [use.operation for use in test.variable.uses if _is_read(use.operation, loop, step)]
    is_first = first_op(step) is loop.body.block.first_op
    skipped = any(isinstance(jump, rust.ContinueOp) and stands_before(jump, step) for jump in jumps_to(loop))
    if skipped or (reads and not is_first):
        return False
    _make_countdown(loop, step, test, bool(reads))
    return True


def _is_read(op: Operation, loop: rust.WhileOp, step: Operation) -> bool:
    """A use in the body, other than the step's."""
    return _is_inside(op, loop) and op.parent is not loop.cond.block and not any(op is each for each in tree_ops(step))


def _is_gone_behind(loop: rust.WhileOp, variable: SSAValue) -> bool:
    """Nothing uses the variable behind the loop, nor before it in a later round of a loop around it."""
    owner = variable.owner
    home = owner if isinstance(owner, Block) else owner.parent
    if home is not loop.parent or (
        isinstance(variable, BlockArgument) and not isinstance(variable.owner.parent_op(), rust.FnOp)
    ):
        return False
    return all(_is_inside(use.operation, loop) or stands_before(use.operation, loop) for use in variable.uses)


def _make_countdown(loop: rust.WhileOp, step: Operation, test: _Test, is_read: bool) -> None:
    erase(step)
    b = Builder.before(loop)
    variable = test.variable
    span = b.range(b.lit(0, variable.type), variable)
    if is_read:
        span = b.method("rev", span, ty=span.type)
    body = _as_for(loop, b, span, _name_of(variable) if is_read else "_")
    variable.replace_uses_with_if(body.args[0], lambda use: _is_in_block(use.operation, body))


def _name_of(variable: SSAValue) -> str:
    if isinstance(variable.owner, rust.LetOp):
        return variable.owner.var_name.data
    assert isinstance(variable, BlockArgument)
    function = variable.owner.parent_op()
    assert isinstance(function, rust.FnOp)
    return function.param_names.data[variable.index].data

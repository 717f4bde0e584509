"""count-loops: a variable that a `for` increments once per iteration is told from the loop's own.

    let mut k = 0; for i in 0..n { f(k, i); k += 1; }            for i in 0..n { f(i, i); }
    let mut k = p; for i in 0..n { f(k, i); k += 1; }            let k = p; for i in 0..n { f(k + i, i); }

Input: rust after `place-lets`. Output: no such variable is assigned in the loop.
Exact: the variable is read only before its increment, at the end of no iteration, never after the loop, and nothing skips
the increment; so in iteration number j it holds its first value plus j. It never wraps, because its `+=` does not.
Why here: indices become loop variables, which `move-elements` and `iterate-slices` look for.
Limits: ranges from 0 (or from the variable's own first value); step 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Operation, SSAValue

from compiler.analysis.rust_trees import is_pure, jumps_to, literal, same
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import RangeType, ScalarType
from compiler.passes.c_to_rust.editing import erase, functions, put_operand
from compiler.passes.c_to_rust.folds.terms import kind_of
from compiler.passes.c_to_rust.slices.range_loops import for_loops, strings


@dataclass(frozen=True, slots=True)
class CountLoops:
    name: ClassVar[str] = "count-loops"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for function in functions(op):
            for loop in for_loops(function.body.block):
                _rewrite(loop)


def _rewrite(loop: rust.ForOp) -> None:
    for step in [op for op in loop.body.block.ops if isinstance(op, rust.AssignOpOp)]:
        declaration = _counter(loop, step)
        if declaration is not None:
            _replace(loop, step, declaration)


def _counter(loop: rust.ForOp, step: Operation) -> rust.LetOp | None:
    """The declaration of what `step` counts, if it is a counter of this loop."""
    counter, one = step.operands
    declaration = counter.owner
    if kind_of(step) != "+" or literal(one) != 1 or not isinstance(declaration, rust.LetOp):
        return None
    if declaration.parent is not loop.parent or not declaration.operands or not _starts_alike(loop, declaration):
        return None
    return declaration if _is_counted(loop, step, declaration) else None


def _starts_alike(loop: rust.ForOp, declaration: rust.LetOp) -> bool:
    """The loop counts from 0, or from where the variable starts; in integers."""
    span = loop.operands[0].owner
    if not isinstance(span, rust.RangeOp) or span.has_lo is None or len(loop.names) != 1:
        return False
    first, lo = declaration.operands[0], span.operands[0]
    if literal(first) is not None and literal(first) == literal(lo):
        return True
    same_type = isinstance(loop.operands[0].type, RangeType) and loop.operands[0].type.of == first.type
    return same_type and literal(lo) == 0 and isinstance(first.type, ScalarType) and is_pure(first)


def _is_counted(loop: rust.ForOp, step: Operation, declaration: rust.LetOp) -> bool:
    """Read only in the loop and before the step; nothing else assigns it or skips the step."""
    reads = [use.operation for use in declaration.results[0].uses if use.operation is not step]
    if not all(is_read_before(each, step, declaration.results[0]) for each in reads):
        return False
    return not any(isinstance(jump, rust.ContinueOp) and stands_before(jump, step) for jump in jumps_to(loop))


def is_read_before(op: Operation, step: Operation, counter: SSAValue) -> bool:
    if isinstance(op, rust.RefOp) or (isinstance(op, rust.AssignOp | rust.AssignOpOp) and op.operands[0] is counter):
        return False
    return stands_before(op, step)


def stands_before(op: Operation, step: Operation) -> bool:
    """`op` is in the block of `step` (or deeper) and before it."""
    at: Operation | None = op
    while at is not None and at.parent is not step.parent:
        at = at.parent_op()
    return at is not None and at is not step and at.is_before_in_block(step)


def _replace(loop: rust.ForOp, step: Operation, declaration: rust.LetOp) -> None:
    counter, index = declaration.results[0], loop.body.block.args[0]
    first = declaration.operands[0]
    span = loop.operands[0].owner
    assert isinstance(span, Operation)
    if index.first_use is None:
        _name(loop, declaration.var_name.data)
    starts_there = same(first, span.operands[0]) or (
        literal(first) is not None and literal(first) == literal(span.operands[0])
    )
    erase(step)
    for use in list(counter.uses):
        b = Builder.before(use.operation)
        value = b.cast(index, counter.type) if starts_there else b.binary("+", counter, index)
        put_operand(use.operation, use.index, value)
    if starts_there:
        erase(declaration)


def _name(loop: rust.ForOp, name: str) -> None:
    loop.names = ArrayAttr(strings(name))

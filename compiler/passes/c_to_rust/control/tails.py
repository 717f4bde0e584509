"""What stands at the end: jumps that lead where control goes anyway, `return`s that are the function's value.

loop { …; if c { f(); continue; } }      loop { …; if c { f(); } }
fn f() -> u32 { if c { return 1; } else { return 2; } }      fn f() -> u32 { if c { 1 } else { 2 } }
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Block, Operation

from compiler.analysis.rust_trees import blocks_of, diverges, is_conditional, is_diverging, never_returns
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import NeverType, UnitType
from compiler.dialects.walking import ops_at
from compiler.passes.c_to_rust.editing import detached, rebuild

_BRANCHING = (rust.IfOp, rust.MatchOp, rust.BlockOp)


def drop_unreachable(block: Block) -> None:
    """Erase what stands behind a statement that never ends."""
    ends = False
    for op in ops_at(block):
        if not rust.is_statement(op):
            ends = ends or (never_returns(op) and not is_conditional(op))
        elif ends or type(op) in _JUMPS or (op.regions and is_diverging(op)):
            while (last := block.last_op) is not None and last is not op:
                last.detach()
                last.erase(safe_erase=False)
            return


_JUMPS = frozenset((rust.ReturnOp, rust.BreakOp, rust.ContinueOp))


def drop_tail_jumps(block: Block, leads_on: Callable[[Operation], bool]) -> None:
    """Erase jumps at the ends of a block (and of the branches there) that `leads_on` calls needless."""
    last = block.last_op
    while last is not None and leads_on(last):
        last.detach()
        last.erase()
        last = block.last_op
    if isinstance(last, _BRANCHING) and not last.results:
        for inner in blocks_of(last):
            drop_tail_jumps(inner, leads_on)


def drop_loop_tail(loop: Operation, body: Block) -> None:
    """`continue` at the end of a loop's body."""
    label = loop.properties.get("label")
    drop_tail_jumps(body, lambda op: isinstance(op, rust.ContinueOp) and op.properties.get("label") in (None, label))


def drop_block_tail(block: rust.BlockOp) -> None:
    """`break 'label` at the end of the block that it leaves."""
    label = block.label

    def leads_on(op: Operation) -> bool:
        return isinstance(op, rust.BreakOp) and not op.operands and op.label == label

    if label is not None:
        drop_tail_jumps(block.body.block, leads_on)


def finish_function(function: rust.FnOp) -> None:
    """The last value of a function without `return`."""
    body = function.body.block
    drop_unreachable(body)
    if isinstance(function.result, UnitType | NeverType):
        drop_tail_jumps(body, lambda op: isinstance(op, rust.ReturnOp))
    else:
        _yield_value(body, function)


def _yield_value(body: Block, function: rust.FnOp) -> None:
    last = body.last_op
    if isinstance(last, rust.ReturnOp):
        rebuild(last, rust.YieldOp, [last.operands[0]])
    elif isinstance(last, rust.IfOp | rust.MatchOp) and not last.results and _gives(last):
        value = _as_value(last, function)
        Builder(body, value.location).yield_(value.results[0])


def _gives(branching: Operation) -> bool:
    """Every branch ends in a `return` or never ends; one returns."""
    blocks = list(blocks_of(branching))
    if not all(diverges(block) for block in blocks):
        return False
    return any(_returns(block.last_op) for block in blocks)


def _returns(last: Operation | None) -> bool:
    if isinstance(last, rust.ReturnOp):
        return True
    return isinstance(last, rust.IfOp | rust.MatchOp) and not last.results and _gives(last)


def _as_value(branching: Operation, function: rust.FnOp) -> Operation:
    for block in blocks_of(branching):
        _yield_value(block, function)
    regions = [detached(region) for region in branching.regions]
    operands, properties = list(branching.operands), {**branching.properties}
    return rebuild(branching, type(branching), operands, [function.result], properties, regions)


def return_let(block: Block) -> None:
    """`let x = v; x` at the end of a block is `v`."""
    last = block.last_op
    while isinstance(last, rust.YieldOp):
        before = last.prev_op
        if not isinstance(before, rust.LetOp) or not before.operands or before.results[0] is not last.operands[0]:
            return
        if not before.results[0].has_one_use():
            return
        last.operands = [before.operands[0]]
        before.detach()
        before.erase()

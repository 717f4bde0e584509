"""Whether control can reach the end of a block of minic statements; "yes" where it is not plain."""

from __future__ import annotations

from collections.abc import Container

from xdsl.ir import Block, Operation

from compiler.dialects import minic


def completes(block: Block, noreturn: Container[str]) -> bool:
    """Whether the end of the block can be reached; `noreturn` are the functions that never return."""
    last = block.last_op
    match last:
        case minic.BreakOp() | minic.ContinueOp() | minic.ReturnOp() | minic.LeaveOp():
            return False
        case minic.CallStmtOp():
            return last.callee.data not in noreturn
        case minic.IfOp():
            return completes(last.then.block, noreturn) or completes(last.orelse.block, noreturn)
        case minic.ScopeOp():
            return completes(last.body.block, noreturn)
        case minic.WhileOp() | minic.ForOp():
            return not _is_true(last.cond.block) or _breaks(last.body.block)
        case minic.LabelledOp():
            label = last.label.data
            leaves = any(isinstance(op, minic.LeaveOp) and op.label.data == label for op in last.body.walk())
            return leaves or completes(last.body.block, noreturn)
        case _:
            return True


def _is_true(cond: Block) -> bool:
    first = cond.first_op
    return isinstance(first, minic.ConstOp) and first.value.data != 0


def _breaks(block: Block) -> bool:
    """Whether a break inside belongs to the loop whose body this is."""
    return any(_breaks_out(op) for op in block.ops)


def _breaks_out(op: Operation) -> bool:
    if isinstance(op, minic.BreakOp):
        return True
    if isinstance(op, minic.WhileOp | minic.ForOp | minic.DoWhileOp | minic.SwitchOp):
        return False
    return any(_breaks(block) for region in op.regions for block in region.blocks)

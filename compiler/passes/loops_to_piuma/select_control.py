"""Control flow: `scf` becomes basic blocks with one branch for each iteration.

scf.for      a guard, then the body with its test at the end: `blt` back to the body
scf.while    the head is written twice, before the loop and at the end of the body; a loop whose body only hands on
             its values is its head alone; a head with loops inside is written once and jumped to
scf.if       one branch; as the last op of a head, its branches decide themselves whether the loop goes on
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import arith, func, scf
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects.piuma import isa
from compiler.passes.loops_to_piuma.code import Edge
from compiler.passes.loops_to_piuma.select_arithmetic import select_arithmetic
from compiler.passes.loops_to_piuma.select_flags import decide, is_lazy
from compiler.passes.loops_to_piuma.select_machine import select_machine
from compiler.passes.loops_to_piuma.select_memory import select_memory
from compiler.passes.loops_to_piuma.selection import Selection, register_type

LARGEST_COPY = 24
"""Ops of a loop's head that are worth writing twice to save a jump for each iteration."""


def select_block(s: Selection, ops: Sequence[Operation]) -> None:
    """Select ops in order; terminators are their parent's matter."""
    for op in ops:
        s.code.location = op.location
        match op:
            case scf.ForOp():
                _for(s, op)
            case scf.WhileOp():
                _while(s, op)
            case scf.IfOp():
                _if(s, op)
            case arith.SelectOp():
                _select(s, op)
            case scf.YieldOp() | scf.ConditionOp() | func.ReturnOp():
                raise AssertionError(f"{op.name} is selected by its parent")
            case _ if op.results and is_lazy(op.results[0]):
                pass
            case arith.ConstantOp():
                pass
            case _:
                known = select_arithmetic(s, op) or select_memory(s, op) or select_machine(s, op)
                assert known, f"`{op.name}` has no instruction on this machine"


def _block_for(values: Sequence[SSAValue]) -> Block:
    return Block(arg_types=[register_type(each.type) for each in values])


def _body(block: Block) -> list[Operation]:
    """The ops before the terminator."""
    return [each for each in block.ops if each is not block.last_op]


def _terminator(block: Block) -> Operation:
    assert block.last_op is not None
    return block.last_op


# --- decisions -----------------------------------------------------------------------------------------------------------------


def _if(s: Selection, op: scf.IfOp) -> None:
    then, after = Block(), _block_for(op.output)
    has_else = bool(op.false_region.blocks) and not _is_empty(op.false_region.block)
    otherwise = Block() if has_else else after
    yielded = ()
    if not has_else and op.output:
        yielded = s.registers(_terminator(op.false_region.block).operands)
    decide(s, op.cond, Edge(then), Edge(otherwise, yielded))
    _branch_of_if(s, then, op.true_region.block, after)
    if has_else:
        _branch_of_if(s, otherwise, op.false_region.block, after)
    s.code.start(after)
    for value, register in zip(op.output, after.args, strict=True):
        s.bind(value, register)


def _is_empty(block: Block) -> bool:
    return block.first_op is block.last_op


def _branch_of_if(s: Selection, block: Block, source: Block, after: Block) -> None:
    with s.code.scope():
        s.code.start(block)
        select_block(s, _body(source))
        s.code.jump(after, s.registers(_terminator(source).operands))


def _select(s: Selection, op: arith.SelectOp) -> None:
    """One branch and, where the register allocator cannot avoid it, a move."""
    after = _block_for([op.result])
    yes, no = s.register(op.lhs), s.register(op.rhs)
    decide(s, op.cond, Edge(after, (yes,)), Edge(after, (no,)))
    s.code.start(after)
    s.bind(op.result, after.args[0])


# --- counted loops -------------------------------------------------------------------------------------------------------------


def _for(s: Selection, op: scf.ForOp) -> None:
    body, after = op.body.block, _block_for(op.res)
    loop = _block_for(body.args)
    start = (s.register(op.lb), *s.registers(op.iter_args))
    low, high = s.integer(op.lb), s.integer(op.ub)
    bound = s.register(op.ub)
    if low is not None and high is not None and low < high:
        s.code.jump(loop, start)
    else:
        s.code.branch("bge", [start[0], bound], Edge(after, start[1:]), Edge(loop, start))
    with s.code.scope():
        s.code.start(loop)
        for value, register in zip(body.args, loop.args, strict=True):
            s.bind(value, register)
        select_block(s, _body(body))
        _latch(s, op, loop, bound, after)
    s.code.start(after)
    for value, register in zip(op.res, after.args, strict=True):
        s.bind(value, register)


def _latch(s: Selection, op: scf.ForOp, loop: Block, bound: SSAValue, after: Block) -> None:
    step = s.small(op.step)
    counter = loop.args[0]
    increment = s.register(op.step) if step is None else None
    # made anew even where the sum is known: earlier, it would need a register beside the counter's
    following = s.code.do("add", [counter, increment]) if increment else s.code.do("addi", [counter], step or 0)
    values = s.registers(_terminator(op.body.block).operands)
    s.code.branch("blt", [following, bound], Edge(loop, (following, *values)), Edge(after, values))


# --- loops with a condition ----------------------------------------------------------------------------------------------------


def _while(s: Selection, op: scf.WhileOp) -> None:
    head, body = op.before_region.block, op.after_region.block
    after = _block_for(op.res)
    start = s.registers(op.arguments)
    if _only_hands_on(body):
        _loop_of_head(s, head, start, after)
    elif _is_small(head):
        _rotated(s, head, body, start, after)
    else:
        _jumped_to(s, head, body, start, after)
    s.code.start(after)
    for value, register in zip(op.res, after.args, strict=True):
        s.bind(value, register)


def _only_hands_on(body: Block) -> bool:
    return tuple(_terminator(body).operands) == tuple(body.args) and _is_empty(body)


def _is_small(head: Block) -> bool:
    ops = list(head.walk())
    return len(ops) <= LARGEST_COPY and not any(isinstance(each, scf.ForOp | scf.WhileOp) for each in ops)


def _loop_of_head(s: Selection, head: Block, start: Sequence[SSAValue], after: Block) -> None:
    loop = _block_for(head.args)
    s.code.jump(loop, start)
    with s.code.scope():
        s.code.start(loop)
        _head(s, head, loop.args, loop, after)


def _rotated(s: Selection, head: Block, body: Block, start: Sequence[SSAValue], after: Block) -> None:
    loop = _block_for(body.args)
    with s.code.scope():
        _head(s, head, start, loop, after)
    with s.code.scope():
        s.code.start(loop)
        _body_then_head(s, body, loop, lambda values: _head(s, head, values, loop, after))


def _jumped_to(s: Selection, head: Block, body: Block, start: Sequence[SSAValue], after: Block) -> None:
    top, loop = _block_for(head.args), _block_for(body.args)
    s.code.jump(top, start)
    with s.code.scope():
        s.code.start(top)
        _head(s, head, top.args, loop, after)
        with s.code.scope():
            s.code.start(loop)
            _body_then_head(s, body, loop, lambda values: s.code.jump(top, values))


def _body_then_head(s: Selection, body: Block, loop: Block, then: Callable[[Sequence[SSAValue]], None]) -> None:
    for value, register in zip(body.args, loop.args, strict=True):
        s.bind(value, register)
    select_block(s, _body(body))
    then(s.registers(_terminator(body).operands))


def _head(s: Selection, head: Block, values: Sequence[SSAValue], loop: Block, after: Block) -> None:
    """The head with its state in these registers, ending in the decision."""
    for value, register in zip(head.args, values, strict=True):
        s.bind(value, register)
    condition = _terminator(head)
    assert isinstance(condition, scf.ConditionOp)
    ops = _body(head)
    last = ops[-1] if ops else None
    if isinstance(last, scf.IfOp) and _decides(last, condition):
        select_block(s, ops[:-1])
        _deciding_if(s, last, condition, loop, after)
    else:
        select_block(s, ops)
        _decide_loop(s, condition, loop, after)


def _decides(op: scf.IfOp, condition: scf.ConditionOp) -> bool:
    """The decision hangs on an `if`, whose results nobody else wants."""
    flag = condition.condition
    users = {use.operation for result in op.output for use in result.uses}
    return flag.owner is op and users == {condition} and bool(op.false_region.blocks)


def _decide_loop(s: Selection, condition: scf.ConditionOp, loop: Block, after: Block) -> None:
    values = s.registers(condition.args)
    decide(s, condition.condition, Edge(loop, values), Edge(after, values))


def _deciding_if(s: Selection, op: scf.IfOp, condition: scf.ConditionOp, loop: Block, after: Block) -> None:
    then, otherwise = Block(), Block()
    decide(s, op.cond, Edge(then), Edge(otherwise))
    for block, source in ((then, op.true_region.block), (otherwise, op.false_region.block)):
        with s.code.scope():
            s.code.start(block)
            ops, given = _body(source), _terminator(source)
            for result, value in zip(op.output, given.operands, strict=True):
                s.alias(result, value)
            last = ops[-1] if ops else None
            if isinstance(last, scf.IfOp) and _is_handed_on(last, given, s.resolve(condition.condition)):
                select_block(s, ops[:-1])
                _deciding_if(s, last, condition, loop, after)
            else:
                select_block(s, ops)
                _decide_loop(s, condition, loop, after)


def _is_handed_on(op: scf.IfOp, given: Operation, flag: SSAValue) -> bool:
    users = {use.operation for result in op.output for use in result.uses}
    return flag.owner is op and users == {given} and bool(op.false_region.blocks)


def halt(s: Selection) -> None:
    """End the thread."""
    op = isa.HaltOp()
    op.location = s.code.location
    s.code.current.add_op(op)

"""Loops and labelled blocks.

loop { if i >= n { break; } f(i); }  ->  while i < n { f(i); }           while true { … }  ->  loop { … }
loop { f(); break; }  ->  f();           'a: loop { break 'a; }  ->  the label goes where a plain `break` means the same
"""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Block, Operation, Region

from compiler.analysis.rust_trees import blocks_of, diverges, is_pure, jumps_to, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.passes.c_to_rust.control.branches import negate
from compiler.passes.c_to_rust.control.tails import drop_block_tail, drop_tail_jumps
from compiler.passes.c_to_rust.editing import copied, detached, erase, erase_unused, inline_block, rebuild, start_of
from compiler.passes.c_to_rust.folds.terms import boolean

LOOPS = (rust.WhileOp, rust.LoopOp, rust.ForOp)


def simplify_label(op: Operation) -> bool:
    """Drop a loop's label where every jump to it can do without."""
    label = op.properties.get("label")
    if label is None:
        return False
    named = [jump for jump in jumps_to(op) if jump.properties.get("label") is not None]
    for jump in named:
        if _innermost_loop(jump) is op:
            del jump.properties["label"]
            named = [each for each in named if each is not jump]
    if named:
        return False
    del op.properties["label"]
    return True


def _innermost_loop(op: Operation) -> Operation | None:
    """What a jump without label would mean. Out of a labelled block it must have one."""
    at = op.parent_op()
    while at is not None and not isinstance(at, LOOPS):
        if isinstance(at, rust.BlockOp) and at.label is not None:
            return None
        at = at.parent_op()
    return at


def simplify_loop(op: rust.LoopOp) -> bool:
    return _not_a_loop(op) or _as_while(op)


def _as_while(op: rust.LoopOp) -> bool:
    """`loop { if c { break; } … }`."""
    body = op.body.block
    leave = next((each for each in body.ops if rust.is_statement(each)), None)
    if not isinstance(leave, rust.IfOp) or leave.results or not leave.orelse.block.is_empty:
        return False
    jump = leave.then.block.first_op
    if not isinstance(jump, rust.BreakOp) or jump.operands or jump.label is not None or not _is_expression(leave):
        return False
    tested = Block()
    cond = leave.operands[0]
    root = tree_root(cond)
    if root is not None:
        for each in list(tree_ops(root)):
            each.detach()
            tested.add_op(each)
    b = Builder(tested, leave.location)
    leave.operands = []
    leave.detach()
    leave.erase()
    b.yield_(negate(b, cond))
    erase_unused(cond)
    regions = [Region(tested), detached(op.body)]
    rebuild(op, rust.WhileOp, [], properties={**op.properties}, regions=regions)
    return True


def _is_expression(leave: rust.IfOp) -> bool:
    """The condition holds no statements, so that it can be that of a `while`."""
    root = tree_root(leave.operands[0])
    return root is None or not any(each.regions for each in tree_ops(root))


def simplify_while(op: rust.WhileOp) -> bool:
    end = op.cond.block.last_op
    assert isinstance(end, rust.YieldOp)
    known = boolean(end.operands[0])
    if known is None:
        return _as_if(op)
    if known:
        rebuild(op, rust.LoopOp, [], properties={**op.properties}, regions=[detached(op.body)])
    else:
        op.detach()
        op.erase()
    return True


def simplify_for(op: rust.ForOp) -> bool:
    """Nothing to do, any number of times; or something once at most."""
    if not op.body.block.is_empty or not is_pure(op.operands[0]):
        return _as_first_iteration(op)
    erase(op)
    return True


def _as_first_iteration(op: rust.ForOp) -> bool:
    """`for i in lo..hi { f(i); return; }` is `if lo < hi { let i = lo; f(i); return; }`."""
    span, body = op.operands[0].owner, op.body.block
    if not isinstance(span, rust.RangeOp) or len(span.operands) != 2 or not is_pure(op.operands[0]):
        return False
    if not _runs_once(op, body):
        return False
    properties = _without_breaks(op, body)
    name = op.names.data[0].data
    lo, hi = span.operands
    b = Builder.before(start_of(op))
    b.location = op.location
    with b.inside(Block()) as once:
        first = b.let(name, copied(b, lo)) if body.args[0].first_use is not None else None
        if first is not None:
            body.args[0].replace_all_uses_with(first)
    for each in list(body.ops):
        each.detach()
        once.add_op(each)
    outer = b if not properties else Builder(Block(), op.location)
    outer.if_(outer.binary("<=" if span.inclusive is not None else "<", copied(outer, lo), copied(outer, hi)), once)
    if properties:
        b.insert(rust.BlockOp, properties=properties, regions=[Region(outer.block)])
    erase(op)
    return True


def _not_a_loop(op: rust.LoopOp) -> bool:
    """The body never comes round again."""
    if not _runs_once(op, op.body.block):
        return False
    properties = _without_breaks(op, op.body.block)
    rebuild(op, rust.BlockOp, [], properties=properties, regions=[detached(op.body)])
    return True


def _runs_once(op: Operation, body: Block) -> bool:
    return diverges(body) and not any(isinstance(jump, rust.ContinueOp) for jump in jumps_to(op))


def _without_breaks(op: Operation, body: Block) -> dict[str, Attribute]:
    """Make every `break` of a loop that runs once one of a labelled block; the properties of that block."""
    label = op.properties.get("label")
    drop_tail_jumps(body, lambda jump: isinstance(jump, rust.BreakOp) and jump.properties.get("label") in (None, label))
    left = jumps_to(op)
    if not left:
        return {}
    name = label or StringAttr(_fresh(op, "once"))
    for jump in left:
        jump.properties["label"] = name
    return {"label": name}


def _as_if(op: rust.WhileOp) -> bool:
    """`while c { f(); break; }` is `if c { f(); }`, in a labelled block where other `break`s leave it."""
    body, tested = op.body.block, op.cond.block
    end = tested.last_op
    assert end is not None
    if not _runs_once(op, body):
        return False
    properties = _without_breaks(op, body)
    cond = end.operands[0]
    end.detach()
    end.erase()
    if not properties:
        inline_block(tested, op)
        rebuild(op, rust.IfOp, [cond], regions=[detached(op.body), Region(Block())])
        return True
    b = Builder(tested, op.location)
    b.insert(rust.IfOp, [cond], regions=[detached(op.body), Region(Block())])
    rebuild(op, rust.BlockOp, [], properties=properties, regions=[detached(op.cond)])
    return True


def _fresh(op: Operation, name: str) -> str:
    """A label that no loop or block of the function has."""
    function = op
    while not isinstance(function, rust.FnOp):
        above = function.parent_op()
        assert above is not None
        function = above
    taken = {label.data for each in function.walk() if isinstance(label := each.properties.get("label"), StringAttr)}
    return next(each for each in _names(name) if each not in taken)


def _names(name: str) -> Iterator[str]:
    yield name
    n = 1
    while True:
        n += 1
        yield f"{name}_{n}"


def simplify_block(op: rust.BlockOp) -> bool:
    """A block that needs no label, or none at all."""
    if op.results:
        return False
    if op.label is not None:
        drop_block_tail(op)
        if jumps_to(op):
            return False
        del op.properties["label"]
    if not _may_dissolve(op):
        return False
    inline_block(op.body.block, op)
    op.detach()
    op.erase()
    return True


def _may_dissolve(op: rust.BlockOp) -> bool:
    """Its names disturb nobody: it declares none, or nothing follows it."""
    declares = any(isinstance(each, rust.LetOp | rust.LetTupleOp) for each in op.body.block.ops)
    return not declares or op.next_op is None


def body_of(op: Operation) -> Block | None:
    """The body of a loop."""
    return list(blocks_of(op))[-1] if isinstance(op, LOOPS) else None

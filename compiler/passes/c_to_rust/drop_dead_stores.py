"""drop-dead-stores: assignments and `let`s whose value nothing needs go away.

    let mut x = 0;  x = f();  x += 1;          let x;  x = f();

Input: rust with bindings as the lowering made them, no unreachable statements (`drop-unreachable` ran).
Output: no `let` or assignment that rustc would call unused, unread or overwritten: a dead value without effect is erased,
one with effect becomes a statement of its own (`f();`); a `let` whose first value is never read loses it, and `place-lets`
puts the declaration where it belongs; a parameter whose argument is never read but which is assigned later becomes
`_name` and a `let` of its own. Branches and loops that are left empty go. Bindings of a tuple pattern and of `for` that nothing uses become `_`.
Why here: before `place-lets`, which relies on every store being needed, and before `infer-mut`.
Limits: stores through references are effects. The potential panic of a dropped value stood for undefined behaviour of the C.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.ir import Block, BlockArgument, Operation

from compiler.analysis.rust_flow import Liveness, bindings_of, build, live_sets
from compiler.analysis.rust_trees import is_pure, tree_ops
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.passes.c_to_rust.control.assignments import simplify_expr
from compiler.passes.c_to_rust.control.branches import simplify_if
from compiler.passes.c_to_rust.control.loops import simplify_for
from compiler.passes.c_to_rust.editing import become, erase, erase_value, functions


@dataclass(frozen=True, slots=True)
class DropDeadStores:
    name: ClassVar[str] = "drop-dead-stores"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for function in functions(op):
            while _drop(function):
                pass


def _drop(function: rust.FnOp) -> bool:
    """One round; True if another may find more: the flow takes values with blocks inside to have an effect."""
    liveness = live_sets(build(function, bindings_of(function)))
    dead = liveness.dead_stores()
    again = any(inner.regions for op in dead for inner in tree_ops(op))
    around = {op.parent: op.parent_op() for op in dead}
    for op in dead:
        if not isinstance(op, rust.LetOp | rust.LetTupleOp):
            again |= _drop_assignment(op)
    for op in reversed(dead):
        again |= _drop_init(op)
    _drop_unused(function)
    _split_dead_parameters(function, liveness)
    return _drop_empty(around) or again


def _drop_empty(around: Mapping[Block | None, Operation | None]) -> bool:
    """Branches and loops that have become empty go, with what only they needed."""
    gone = False
    for block, op in around.items():
        if block is None or not block.is_empty or op is None or op.parent is None:
            continue
        if isinstance(op, rust.IfOp):
            gone |= simplify_if(op)
        elif isinstance(op, rust.ForOp):
            gone |= simplify_for(op)
    return gone


def _drop_assignment(op: Operation) -> bool:
    """True if what is left of it reads less than it did."""
    place, value = op.operands
    if not is_pure(place):
        return False
    if is_pure(value):
        erase(op)
        return False
    op.operands = [value]
    erase_value(place)
    return simplify_expr(become(op, rust.ExprOp.create(operands=[value])))


def _drop_init(op: Operation) -> bool:
    """The `let` loses its value; True if what is left of that reads less than it did."""
    if isinstance(op, rust.LetTupleOp):
        if is_pure(op.operands[0]) and not any(result.first_use for result in op.results):
            erase(op)
    elif isinstance(op, rust.LetOp):
        value = op.operands[0]
        op.operands = []
        if not is_pure(value):
            return simplify_expr(Builder.before(op).insert(rust.ExprOp, [value]))
        erase_value(value)
    return False


def _drop_unused(function: rust.FnOp) -> None:
    """`let`s without value and patterns that nothing uses."""
    for op in [op for op in function.walk(reverse=True) if type(op) in _BINDING]:
        if isinstance(op, rust.LetOp):
            if op.results[0].first_use is None and not op.operands:
                erase(op)
        elif isinstance(op, rust.LetTupleOp):
            _forget(op)
        elif isinstance(op, rust.ForOp):
            names = zip(op.names, op.body.block.args, strict=True)
            new = [name.data if arg.first_use is not None else "_" for name, arg in names]
            op.names = ArrayAttr([StringAttr(name) for name in new])


_BINDING = frozenset((rust.LetOp, rust.LetTupleOp, rust.ForOp))


def _forget(op: rust.LetTupleOp) -> None:
    """Names of a tuple pattern that nothing uses become `_`."""
    if all(result.first_use is not None for result in op.results):
        return
    names = list(op.names)
    bound = [n for n, name in enumerate(names) if name.data != "_"]
    kept = [result for result in op.results if result.first_use is not None]
    for n, result in zip(bound, op.results, strict=True):
        if result.first_use is None:
            names[n] = StringAttr("_")
    properties = {"names": ArrayAttr(names), "muts": op.muts}
    new = rust.LetTupleOp.create(
        operands=[op.operands[0]], result_types=[result.type for result in kept], properties=properties
    )
    for result, other in zip(kept, new.results, strict=True):
        result.replace_all_uses_with(other)
    block = op.parent
    assert block is not None
    new.location = op.location
    block.insert_op_before(new, op)
    op.detach()
    op.erase()


def _split_dead_parameters(function: rust.FnOp, liveness: Liveness) -> None:
    """A parameter whose first value is never read, yet used, becomes a local of its own."""
    live, names = liveness.at_entry(), list(function.param_names)
    for n, arg in enumerate(function.body.block.args):
        if arg.first_use is not None and not live & liveness.flow.bits[arg]:
            _split(function, arg, names[n].data)
            names[n] = StringAttr(f"_{names[n].data}")
    function.param_names = ArrayAttr(names)


def _split(function: rust.FnOp, arg: BlockArgument, name: str) -> None:
    first = function.body.block.first_op
    assert first is not None
    b = Builder(function.body.block, function.location, anchor=first)
    local = b.let(name, None, arg.type)
    arg.replace_uses_with_if(local, lambda use: True)

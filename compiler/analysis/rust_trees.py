"""Questions about expression trees of the rust dialect.

    for `a[i] = x.f + 1;`     first_op(assign) is the `index` op,  same(p, q) tells if two trees say the same,
                              is_pure(x.f + 1) is True,  root_of(a[i]) is the binding `a` (None behind a reference)

Every function is linear in the tree it is asked about. Nothing here changes IR.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Block, BlockArgument, Operation, OpResult, SSAValue

from compiler.analysis.rust_methods import Effect, effect_of, is_pure_call
from compiler.dialects import rust
from compiler.dialects.rust_types import NeverType, RefType

_BINDERS = frozenset(
    (rust.LetOp, rust.LetTupleOp)
)  # asked by class: `isinstance` of an op's class takes ten times as long
_NO_TREE = _BINDERS | {Block}
_PURE_OPS = frozenset(
    (
        *(rust.LitOp, rust.BoolOp, rust.FloatOp, rust.BytesOp, rust.StrOp, rust.PathOp, rust.BinaryOp, rust.UnaryOp),
        *(rust.DerefOp, rust.RefOp, rust.CastOp, rust.IndexOp, rust.RangeOp, rust.FieldOp, rust.ArrayOp, rust.RepeatOp),
        *(rust.StructLitOp, rust.TupleOp),
    )
)


_PROJECTIONS = frozenset((rust.IndexOp, rust.FieldOp))


def is_binding(value: SSAValue) -> bool:
    """True for what is printed as a name: a `let`, a parameter, a `for` pattern."""
    return type(value) is BlockArgument or type(value.owner) in _BINDERS


def tree_root(value: SSAValue) -> Operation | None:
    """The op at the root of an expression, None for a binding."""
    owner = value.owner
    if type(owner) in _NO_TREE:
        return None
    assert not isinstance(owner, Block)
    return owner


def first_op(root: Operation) -> Operation:
    """The first op of the tree whose root is `root`: `root` itself when all its operands are bindings."""
    at = root
    while True:
        for operand in at.operands:
            owner = operand.owner
            if type(owner) not in _NO_TREE:
                assert not isinstance(owner, Block)
                at = owner
                break
        else:
            return at


def tree_ops(root: Operation) -> Iterator[Operation]:
    """The ops of the tree, in order, `root` last. They stand together in one block."""
    at: Operation | None = first_op(root)
    while at is not root:
        assert at is not None
        yield at
        at = at.next_op
    yield root


def user(value: SSAValue) -> Operation:
    """The one user of an expression."""
    use = value.get_unique_use()
    assert use is not None, f"{value} is not used once"
    return use.operation


def statement_of(op: Operation) -> Operation:
    """The statement at the root of the tree that `op` belongs to."""
    while not rust.is_statement(op):
        op = user(op.results[0])
    return op


def statements(block: Block) -> Iterator[Operation]:
    """The statements of a block. The one at hand may be erased or replaced, as may what stands before it."""
    at = block.first_op
    while at is not None:
        following = at.next_op
        if rust.is_statement(at):
            yield at
        at = following


def blocks_of(op: Operation) -> Iterator[Block]:
    """The blocks directly inside an op."""
    for region in op.regions:
        if region.first_block is not None:
            yield region.first_block


@cache
def _compared(op: type[Operation]) -> tuple[str, ...]:
    """The properties that tell two ops of a class apart: how a literal is spelt does not."""
    return tuple(name for name in op.get_irdl_definition().properties if name not in ("spelling", "suffix"))  # type: ignore


def same(left: SSAValue, right: SSAValue) -> bool:
    """The two expressions are the same text. Expressions with statements inside never are."""
    if left is right:
        return True
    one, other = tree_root(left), tree_root(right)
    if one is None or other is None or type(one) is not type(other) or one.regions or left.type != right.type:
        return False
    if any(one.properties.get(name) != other.properties.get(name) for name in _compared(type(one))):
        return False
    first, second = one.operands, other.operands
    return len(first) == len(second) and all(same(a, b) for a, b in zip(first, second, strict=True))


def is_pure(value: SSAValue) -> bool:
    """Evaluating it changes nothing: it may be dropped, repeated, or moved over other pure ones. It may still panic,
    where C is undefined."""
    root = tree_root(value)
    return root is None or all(is_pure_op(op) for op in tree_ops(root))


def is_pure_op(op: Operation) -> bool:
    """The op itself, its operands aside, has no effect."""
    if type(op) in _PURE_OPS:
        return True
    if isinstance(op, rust.MethodOp):
        return effect_of(op.method.data, op.operands[0].type) is Effect.PURE
    if isinstance(op, rust.CallOp):
        return is_pure_call(op.callee.data)
    if isinstance(op, rust.IfOp | rust.MatchOp | rust.BlockOp):
        return bool(op.results) and all(_is_pure_block(block) for block in blocks_of(op))
    return False


def _is_pure_block(block: Block) -> bool:
    return all(isinstance(op, rust.YieldOp) or is_pure_op(op) for op in block.ops)


def reads_memory(value: SSAValue) -> bool:
    """The value may differ when evaluated after an assignment or call: it reads something that is not a literal."""
    root = tree_root(value)
    return root is None or any(_reads(op) for op in tree_ops(root))


def _reads(op: Operation) -> bool:
    return any(is_binding(operand) for operand in op.operands) or bool(op.regions) or isinstance(op, rust.CallOp)


def uses_binding(root: Operation, binding: SSAValue) -> bool:
    """The tree of `root`, blocks inside included, uses the binding."""
    return any(binding in inner.operands for op in tree_ops(root) for inner in op.walk())


def bindings_in(value: SSAValue) -> Iterator[SSAValue]:
    """The bindings that an expression without statements inside uses, repetitions included."""
    root = tree_root(value)
    if root is None:
        yield value
        return
    for op in tree_ops(root):
        for operand in op.operands:
            if is_binding(operand):
                yield operand


def root_of(place: SSAValue) -> SSAValue | None:
    """The binding whose own memory a place lies in; None where a reference is followed or a temporary is meant."""
    while type(place) is OpResult:
        op = place.op
        if type(op) in _BINDERS:
            return place
        if type(op) not in _PROJECTIONS or isinstance(op.operands[0].type, RefType):
            return None
        place = op.operands[0]
    return place


def base_of(place: SSAValue) -> SSAValue | None:
    """The binding that a place is written from, references followed; None for a temporary or a static."""
    while type(place) is OpResult:
        op = place.op
        if type(op) in _BINDERS:
            return place
        if type(op) not in _PROJECTIONS and type(op) is not rust.DerefOp:
            return None
        place = op.operands[0]
    return place


def literal(value: SSAValue) -> int | None:
    """The value of an integer literal."""
    owner = value.owner
    return owner.value.data if type(owner) is rust.LitOp else None


def is_diverging(op: Operation) -> bool:
    """Control never comes out behind the statement `op`."""
    kind = type(op)
    if kind in _JUMPS:
        return True
    if not op.regions:
        return kind in _VALUED and any(never_returns(each) for each in tree_ops(op))
    if kind is rust.IfOp or kind is rust.MatchOp:
        return not op.results and all(diverges(block) for block in blocks_of(op))
    if kind is rust.BlockOp:
        return not op.results and op.properties.get("label") is None and diverges(op.regions[0].block)
    return kind is rust.LoopOp and not leaves(op)


_JUMPS = frozenset((rust.ReturnOp, rust.BreakOp, rust.ContinueOp))
_VALUED = frozenset((rust.ExprOp, rust.LetOp, rust.AssignOp))


def diverges(block: Block) -> bool:
    """Control never reaches the end of the block. (Nothing stands behind the op that diverges, once dropped.)"""
    last = block.last_op
    return last is not None and is_diverging(last)


def never_returns(op: Operation) -> bool:
    """The expression op is a call or macro that never returns."""
    kind = type(op)
    if kind is not rust.CallOp and kind is not rust.MacroOp:
        return False
    callee = op.properties["callee"]
    assert isinstance(callee, StringAttr)
    return callee.data in _ENDINGS if kind is rust.MacroOp else isinstance(op.results[0].type, NeverType)


_ENDINGS = ("panic", "unreachable", "todo", "unimplemented")


def is_conditional(op: Operation) -> bool:
    """The expression stands on the right of `&&` or `||`: it may not be evaluated."""
    at = op
    while not rust.is_statement(at):
        use = at.results[0].get_unique_use()
        assert use is not None
        at = use.operation
        if use.index == 1 and type(at) is rust.BinaryOp and at.properties["kind"] in _LOGIC:
            return True
    return False


_LOGIC = frozenset((StringAttr("&&"), StringAttr("||")))


def leaves(loop: Operation) -> bool:
    """Some `break` leaves this loop or labelled block."""
    return any(isinstance(jump, rust.BreakOp) for jump in jumps_to(loop))


def jumps_to(target: Operation) -> list[Operation]:
    """The `break`s and `continue`s that name or mean the loop (or labelled block) `target`."""
    found: list[Operation] = []
    label = target.properties.get("label")
    plain = not isinstance(target, rust.BlockOp)
    for block in blocks_of(target):
        _collect_jumps(block, label, plain, found)
    return found


_LOOPS = frozenset((rust.WhileOp, rust.LoopOp, rust.ForOp))


def _collect_jumps(block: Block, label: Attribute | None, plain: bool, found: list[Operation]) -> None:
    for op in block.ops:
        if type(op) is rust.BreakOp or type(op) is rust.ContinueOp:
            named = op.properties.get("label")
            if (named is None and plain) or (named is not None and named == label):
                found.append(op)
        elif op.regions:
            inner = plain and type(op) not in _LOOPS
            for nested in blocks_of(op):
                _collect_jumps(nested, label, inner, found)

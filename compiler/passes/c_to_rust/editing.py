"""Moving, erasing and replacing whole statements and expressions of the rust dialect.

    erase(op)                      a statement or expression with its tree: `a[i] = x + 1;` leaves nothing
    rebuild(op, rust.ExprOp, [v])  another op in its place
    copied(b, value)               an expression again, where the builder is

The passes of this room decide; nothing here does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from compiler.analysis.rust_trees import first_op, is_binding, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.locations import inherit


def functions(module: ModuleOp) -> list[rust.FnOp]:
    """The functions of a module, in order."""
    return [op for op in module.body.block.ops if isinstance(op, rust.FnOp)]


def erase(root: Operation) -> None:
    """Erase a statement, or an expression that nothing uses (any more), with its tree.

    What has been built between the tree and its root would go too: build before `start_of(root)`.
    """
    for op in reversed(list(tree_ops(root))):
        op.detach()
        op.erase()


def erase_value(value: SSAValue) -> None:
    """Erase the tree of an expression that nothing uses any more; a binding stays."""
    root = tree_root(value)
    if root is not None:
        erase(root)


def copied(b: Builder, value: SSAValue) -> SSAValue:
    """The same expression again, where the builder is."""
    root = tree_root(value)
    if root is None:
        return value
    operands = [copied(b, operand) for operand in root.operands]
    if root.regions:
        return _inserted(b, root.clone(dict(zip(root.operands, operands, strict=True)))).results[0]
    types = [result.type for result in root.results]
    return b.insert(type(root), operands, types, {**root.properties}).results[0]


def _inserted(b: Builder, op: Operation) -> Operation:
    inherit(b.location, [op])
    if b.anchor is None:
        b.block.add_op(op)
    else:
        b.block.insert_op_before(op, b.anchor)
    return op


def erase_unused(value: SSAValue) -> None:
    """Erase an expression that nothing uses, then its operands where that leaves them unused."""
    op = value.owner
    if is_binding(value) or value.first_use is not None or not isinstance(op, Operation):
        return
    operands = list(op.operands)
    op.detach()
    op.erase()
    for operand in operands:
        erase_unused(operand)


def move_before(root: Operation, anchor: Operation) -> None:
    """Move a tree (statement or expression) to stand directly before the op `anchor`."""
    block = anchor.parent
    assert block is not None
    for op in list(tree_ops(root)):
        op.detach()
        block.insert_op_before(op, anchor)


def start_of(root: Operation) -> Operation:
    """Where something has to be inserted to stand before the whole statement."""
    return first_op(root)


def become(old: Operation, new: Operation) -> Operation:
    """`new` takes the place of `old`, which had the same operands or gave them up; `old` is erased."""
    block = old.parent
    assert block is not None
    new.location = old.location
    block.insert_op_before(new, old)
    for result, other in zip(old.results, new.results, strict=False):
        result.replace_all_uses_with(other)
    old.detach()
    old.erase()
    return new


def rebuild(
    old: Operation,
    op: type[Operation],
    operands: Sequence[SSAValue],
    result_types: Sequence[Attribute] = (),
    properties: dict[str, Attribute] | None = None,
    regions: Sequence[Region] = (),
) -> Operation:
    """An op of class `op` takes the place of `old`."""
    new = op.create(operands=operands, result_types=result_types, properties=properties or {}, regions=regions)
    return become(old, new)


def replace_tree(old: SSAValue, build: Callable[[Builder], SSAValue]) -> SSAValue:
    """What `build` makes replaces the whole tree of `old`; it uses nothing of it."""
    root = tree_root(old)
    assert root is not None
    new = build(Builder.before(first_op(root)))
    old.replace_all_uses_with(new)
    erase(root)
    return new


def detached(region: Region) -> Region:
    """A region holding what `region` held."""
    new = Region()
    region.move_blocks(new)
    return new


def inline_block(block: Block, anchor: Operation) -> None:
    """Move all ops of a block to stand before `anchor`."""
    target = anchor.parent
    assert target is not None
    for op in list(block.ops):
        op.detach()
        target.insert_op_before(op, anchor)


def put_operand(op: Operation, n: int, value: SSAValue) -> None:
    """Operand `n` becomes `value`, which has just been built before `op` and moves before the operands behind it."""
    new = tree_root(value)
    if new is not None:
        roots = (tree_root(operand) for operand in op.operands[n + 1 :])
        anchor = next((first_op(root) for root in roots if root is not None), op)
        move_before(new, anchor)
    op.operands = [value if k == n else each for k, each in enumerate(op.operands)]

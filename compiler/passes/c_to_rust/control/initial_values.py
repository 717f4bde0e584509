"""The first statement about a variable, where it gives all of it a value, is its declaration.

    let mut a = [0; 8]; f(); a.fill(7); g(&a);          f(); let a = [7; 8]; g(&a);
    let mut a = [0; 8]; a.copy_from_slice(s);           let a = *s;                       (s: &[u8; 8])

The value that is overwritten has no effect; nothing between reads the variable.
"""

from __future__ import annotations

from xdsl.ir import Block, Operation, SSAValue

from compiler.analysis.rust_trees import bindings_in, is_pure, tree_ops, tree_root
from compiler.dialects import rust
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import ArrayType, RefType
from compiler.passes.c_to_rust.editing import erase, erase_unused, rebuild


def declare_with(statement: Operation, binding: SSAValue) -> bool:
    """Make `statement` the declaration of `binding`, if it sets all of it and is the first to use it."""
    declaration = binding.owner
    if not isinstance(declaration, rust.LetOp) or declaration.parent is not statement.parent:
        return False
    if declaration.operands and not is_pure(declaration.operands[0]):
        return False
    value = _value_given(statement, binding)
    if value is None or not _is_first(statement, binding):
        return False
    new = _declare(statement, value, declaration)
    binding.replace_all_uses_with(new)
    erase(declaration)
    return True


def _value_given(statement: Operation, binding: SSAValue) -> SSAValue | None:
    """What is assigned, filled in or copied from; it does not use the binding."""
    value: SSAValue | None = None
    if isinstance(statement, rust.AssignOp) and statement.operands[0] is binding:
        value = statement.operands[1]
    elif isinstance(statement, rust.ExprOp) and isinstance(binding.type, ArrayType):
        called = statement.operands[0].owner
        if isinstance(called, rust.MethodOp) and called.operands[0] is binding and _sets_all(called, binding.type):
            value = called.operands[1]
    root = tree_root(value) if value is not None else None
    if value is None or (root is not None and any(op.regions for op in tree_ops(root))):
        return None
    return None if binding in bindings_in(value) else value


def _sets_all(called: rust.MethodOp, ty: ArrayType) -> bool:
    if called.method.data == "fill":
        return True
    source = called.operands[1].type if called.method.data == "copy_from_slice" else None
    return isinstance(source, RefType) and source.pointee == ty


def _is_first(statement: Operation, binding: SSAValue) -> bool:
    """Every other use stands behind the statement, in its block or further in."""
    block = statement.parent
    assert block is not None
    users = {_in_block(use.operation, block) for use in binding.uses}
    own = set(tree_ops(statement))
    for op in block.ops:
        if op in own:
            return True
        if op in users:
            return False
    return False


def _in_block(op: Operation, block: Block) -> Operation:
    while op.parent is not block:
        above = op.parent_op()
        assert above is not None
        op = above
    return op


def _declare(statement: Operation, value: SSAValue, declaration: rust.LetOp) -> SSAValue:
    ty, properties = declaration.results[0].type, {**declaration.properties}
    if isinstance(statement, rust.AssignOp):
        return rebuild(statement, rust.LetOp, [value], [ty], properties).results[0]
    called = statement.operands[0]
    b = Builder.before(statement)
    assert isinstance(called.owner, rust.MethodOp)
    assert isinstance(ty, ArrayType)
    whole = b.repeat(value, ty.size.data) if called.owner.method.data == "fill" else _copied_from(b, value)
    new = rebuild(statement, rust.LetOp, [whole], [ty], properties)
    erase_unused(called)
    return new.results[0]


def _copied_from(b: Builder, source: SSAValue) -> SSAValue:
    """The array that a reference refers to."""
    owner = source.owner
    return owner.operands[0] if isinstance(owner, rust.RefOp) else b.deref(source)

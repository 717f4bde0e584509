"""infer-mut: `mut` exactly where rustc wants it.

    let a = [0; 4]; a[0] = 1; let p = &mut b; p[0] = 2;        let mut a = [0; 4]; … let p = &mut b;   (and b is mut)

Input: final rust statements; `mut` flags say nothing yet.
Output: a binding is `mut` when it is assigned where it may already have a value, when a part of its own memory is assigned,
when `&mut` of it is taken, or when a method that takes `&mut self` is called on its own memory. What lies behind a
reference is not the binding's memory: `p[0] = 2` with `p: &mut [T]` needs no `mut p`.
Why here: last of the passes that change statements, since all of them may add or drop assignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, IntAttr, ModuleOp, UnitAttr
from xdsl.ir import Operation, SSAValue, Use

from compiler.analysis.rust_flow import assigned_twice, bindings_of, build
from compiler.analysis.rust_methods import Effect, effect_of
from compiler.dialects import rust
from compiler.dialects.rust_types import RefType
from compiler.passes.c_to_rust.editing import functions


@dataclass(frozen=True, slots=True)
class InferMut:
    name: ClassVar[str] = "infer-mut"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for function in functions(op):
            _infer(function)


def _infer(function: rust.FnOp) -> None:
    bindings = bindings_of(function)
    late = [each for each in bindings if isinstance(each.owner, rust.LetOp) and not each.owner.operands]
    late_muts = assigned_twice(build(function, late)) if late else set[SSAValue]()
    mutable = {each for each in bindings if each in late_muts or _changes(each, not _is_late(each))}
    function.param_muts = _flags([arg in mutable for arg in function.body.block.args])
    for binding in bindings:
        match binding.owner:
            case rust.LetOp() as op if binding in mutable:
                op.properties["mutable"] = UnitAttr()
            case rust.LetOp() as op:
                op.properties.pop("mutable", None)
            case rust.LetTupleOp() as op:
                _set_tuple(op, mutable)
            case _:
                pass


def _is_late(binding: SSAValue) -> bool:
    return isinstance(binding.owner, rust.LetOp) and not binding.owner.operands


def _set_tuple(op: rust.LetTupleOp, mutable: set[SSAValue]) -> None:
    results = iter(op.results)
    op.muts = _flags([name.data != "_" and next(results) in mutable for name in op.names])


def _flags(bits: list[bool]) -> ArrayAttr[IntAttr]:
    return ArrayAttr([IntAttr(int(bit)) for bit in bits])


def _changes(binding: SSAValue, assigned_is_change: bool) -> bool:
    """Some use changes the binding's own memory."""
    return any(_use_changes(use, assigned_is_change) for use in binding.uses)


def _use_changes(use: Use, assigned_is_change: bool) -> bool:
    op: Operation = use.operation
    value = op.operands[use.index]
    while use.index == 0:
        match op:
            case rust.AssignOp():
                return assigned_is_change
            case rust.AssignOpOp():
                return True
            case rust.RefOp():
                return op.mutable is not None
            case rust.MethodOp():
                owned = not isinstance(value.type, RefType)
                return owned and effect_of(op.method.data, value.type) is Effect.WRITES
            case rust.IndexOp() | rust.FieldOp() if not isinstance(value.type, RefType):
                value = op.results[0]
                above = value.get_unique_use()
                if above is None:
                    return False
                op, use, assigned_is_change = above.operation, above, True
            case _:
                return False
    return False

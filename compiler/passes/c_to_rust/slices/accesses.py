"""Does every iteration of a loop access its element, whatever else it does?

    for i in 0..n { if a[i] == 0 { break; } … }          yes: `a[i]` is evaluated before anything can leave
    for i in 0..n { if c { s += a[i]; } }                no

Where the answer is yes, an iteration beyond the end of the slice is an access outside the array in C: undefined.
"""

from __future__ import annotations

from collections.abc import Collection

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation

from compiler.analysis.rust_methods import is_pure_call
from compiler.analysis.rust_trees import is_conditional, tree_ops
from compiler.dialects import rust
from compiler.passes.c_to_rust.rust_mentions import outlined

_LEAVING = (rust.BreakOp, rust.ContinueOp, rust.ReturnOp)


def accesses_always(body: Block, elements: Collection[Operation], returning: Collection[str]) -> bool:
    """One of the `elements` is evaluated in every iteration that begins, before it can end."""
    for statement in body.ops:
        if not rust.is_statement(statement):
            continue
        tree = [op for op in tree_ops(statement) if op is not statement]
        if any(may_exit(op, returning) for op in tree):
            return False
        for op in tree:
            if op in elements and not is_conditional(op):
                return True
            if leaves(op):
                return False
        if may_exit(statement, returning) or leaves(statement):
            return False
    return False


def leaves(op: Operation) -> bool:
    """Some jump is inside `op` (or is it): the iteration may end there. A jump of an inner loop counts too."""
    return any(isinstance(inner, _LEAVING) for inner in op.walk())


def may_exit(op: Operation, returning: Collection[str]) -> bool:
    """Evaluating `op` may end the program."""
    return any(_exits(inner, returning) for inner in op.walk())


def _exits(op: Operation, returning: Collection[str]) -> bool:
    if isinstance(op, rust.MacroOp):
        return op.callee.data not in ("print", "println", "eprint", "eprintln", "write", "writeln")
    if isinstance(op, rust.CallOp):
        callee = op.callee.data
        return callee not in returning and not is_pure_call(callee) and callee != "std::mem::swap"
    return False


def runs_to_the_end(body: Block, returning: Collection[str]) -> bool:
    """Every iteration ends at the end of the body, or by a `continue` of this loop; nothing else is possible."""
    return not any(_ends_loop(op) or _exits(op, returning) for op in body.walk())


def _ends_loop(op: Operation) -> bool:
    return isinstance(op, rust.BreakOp | rust.ReturnOp) or (isinstance(op, rust.ContinueOp) and op.label is not None)


def returning_functions(module: ModuleOp) -> set[str]:
    """The functions of the module that cannot end the program: they call each other only."""
    calls = {
        op.sym_name.data: calls_of(op) for op in module.body.block.ops if isinstance(op, rust.FnOp | rust.OutlineOp)
    }
    returning = set(calls)
    while exiting := {name for name in returning if not calls[name] <= returning}:
        returning -= exiting
    return returning


def calls_of(function: rust.FnOp | rust.OutlineOp) -> frozenset[str]:
    """What a function calls that may end the program, unless it is a function that cannot."""
    if isinstance(function, rust.OutlineOp):
        return frozenset(outlined(function.calls))
    calls = (op for op in function.walk() if type(op) in _CALLS and _exits(op, ()))
    return frozenset(op.callee.data if isinstance(op, rust.CallOp) else _NO_FUNCTION for op in calls)


_CALLS = frozenset((rust.CallOp, rust.MacroOp))
_NO_FUNCTION = "!"

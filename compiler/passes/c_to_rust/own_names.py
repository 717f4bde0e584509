"""The names that linked items had in their own files, as the Rust would have them.

static int helper(…) of b.c, linked as helper_b            {"helper_b": "helper"}
"""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp

from compiler.dialects import minic
from compiler.passes.c_to_rust.idiomatic_names import snake_case, upper_case
from compiler.passes.c_to_rust.lower.names import rust_name


def own_names(module: ModuleOp, *, snake: bool) -> dict[str, str]:
    """By the names in Rust of a minic module's items; `snake` tells that Rust's conventions rule."""
    found: dict[str, str] = {}
    for op in module.body.block.ops:
        if isinstance(op, minic.FuncOp | minic.GlobalOp | minic.DefineOp) and op.c_name is not None:
            case = (snake_case if isinstance(op, minic.FuncOp) else upper_case) if snake else str
            found[rust_name(case(op.sym_name.data))] = rust_name(case(op.c_name.data))
    return found

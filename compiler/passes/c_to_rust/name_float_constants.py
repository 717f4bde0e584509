"""Pass `name-float-constants`: the constants of mathematics by their names.

    x * 3.141592653589793        ->      x * std::f64::consts::PI
    x * 3.14159                  ->      #[allow(clippy::approx_constant)] on the item

Input and output: rust. A number that only comes near a constant is the program's own: it stays, and the item says that it is meant.

Why here: after the folds, which make literals; before `annotate-types`, for a path needs no suffix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr

from compiler.analysis.floats import known_constant
from compiler.dialects import rust
from compiler.dialects.rust_types import ScalarType
from compiler.passes.c_to_rust.editing import replace_tree

LINT = "clippy::approx_constant"


@dataclass(frozen=True, slots=True)
class NameFloatConstants:
    """The pass; no options."""

    name: ClassVar[str] = "name-float-constants"

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        for item in list(op.body.block.ops):
            if isinstance(item, rust.FnOp | rust.ConstOp):
                _name_constants(item)


def _name_constants(item: rust.FnOp | rust.ConstOp) -> None:
    literals = [op for op in item.walk() if isinstance(op, rust.FloatOp)]
    left = [literal for literal in literals if _is_left(literal)]
    if left:
        allowed = [lint.data for lint in item.allow]
        if LINT not in allowed:
            item.properties["allow"] = ArrayAttr([StringAttr(lint) for lint in (*allowed, LINT)])


def _is_left(literal: rust.FloatOp) -> bool:
    """Name the constant that a literal is; whether it only comes near one."""
    kind = literal.result.type
    assert isinstance(kind, ScalarType)
    value = literal.value.value.data
    found = known_constant(value, kind.width)
    if found is None or not found.exact:
        return found is not None
    path = f"std::{kind.kind.data}::consts::{found.name}"
    replace_tree(literal.result, lambda b: b.path(path, kind) if value > 0 else b.unary("-", b.path(path, kind)))
    return False

"""Lowering what can be lowered: the items of a file that are refused are set apart, not a reason to give up.

    union u {…};  int f(union u x) {…}  int g(int x) {…}         a module of g;   refused: `u` and `f`, each with its finding

What mentions a refused item by name is for the caller to find: see `passes.c_to_rust.leave_out`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import ModuleOp

from compiler.diagnostics import CompileError, Diagnostic, Span
from compiler.dialects import minic
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.early_calls import settle_early_calls
from compiler.frontends.c.functions import prototype
from compiler.frontends.c.lower import declared_name, in_order, lowering, undefined_functions
from compiler.frontends.c.mentions import names_in
from compiler.frontends.c.translation_unit import TranslationUnit


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """A declaration or definition that cannot be lowered, and the names that it mentions."""

    name: str
    is_function: bool
    is_static: bool
    span: Span
    findings: tuple[Diagnostic, ...]
    mentions: frozenset[str]


def lower_partly(unit: TranslationUnit) -> tuple[ModuleOp, list[RefusedItem]]:
    """The minic module of what can be lowered, and the rest. Raises CompileError for findings that belong to no item."""
    cx = lowering(unit)
    refused = [_refused(cx, node, error) for node, error in cx.refused_items]
    settle_early_calls(cx)
    return ModuleOp([*in_order(cx), *_prototypes(cx)]), refused


def _prototypes(cx: Lowering) -> Iterator[minic.FuncOp]:
    """Declarations that cannot be said are left out: who calls them is refused later."""
    for function in undefined_functions(cx):
        with suppress(CompileError):
            yield prototype(cx, function)


def _refused(cx: Lowering, node: c_ast.Node, error: CompileError) -> RefusedItem:
    is_function = isinstance(node, c_ast.FuncDef)
    declaration: Any = node.decl if is_function else node
    name = declared_name(node) or getattr(node, "name", None) or ""
    is_static = "static" in (getattr(declaration, "storage", None) or ())
    used = frozenset(names_in(node).used)
    return RefusedItem(name, is_function, is_static, cx.span(declaration), error.diagnostics, used)

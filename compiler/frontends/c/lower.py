"""From the syntax tree of a C file to a minic module: names resolved, types checked, side effects in order.

    int f(int x) { return x + 1; }    ->    minic.func "f" (%x) { return (minic.binary add (load %x), 1) }

One pass types and emits at once. A declaration or function that is refused is noted and the next one is tried, so that all findings
come together in one `CompileError`.
"""

from __future__ import annotations

from contextlib import suppress

from pycparser import c_ast
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from compiler.diagnostics import CompileError
from compiler.dialects import minic
from compiler.frontends.c import (
    assignments,
    calls,
    conditions,
    declarators,
    expressions,
    gotos,
    initializers,
    names,
    statements,
    switches,
    tags,
)
from compiler.frontends.c.builtins import BUILTIN_FILE, LIBRARY
from compiler.frontends.c.comments import Comments
from compiler.frontends.c.context import Dispatch, Lowering
from compiler.frontends.c.declarations import file_declaration
from compiler.frontends.c.early_calls import settle_early_calls
from compiler.frontends.c.functions import define_function, prototype
from compiler.frontends.c.preprocess_job import is_ours
from compiler.frontends.c.scopes import FunctionName
from compiler.frontends.c.translation_unit import TranslationUnit

_DISPATCH = Dispatch(
    values={
        **names.VALUES,
        **expressions.VALUES,
        **assignments.VALUES,
        **conditions.VALUES,
        **calls.VALUES,
        **initializers.VALUES,
    },
    effects={**expressions.EFFECTS, **assignments.EFFECTS, **conditions.EFFECTS, **calls.EFFECTS},
    places={**names.PLACES, **expressions.PLACES, **initializers.PLACES},
    operators={**assignments.OPERATORS, **conditions.OPERATORS},
    statements={**statements.STATEMENTS, **switches.STATEMENTS, **gotos.STATEMENTS},
    types={**declarators.TYPES, **tags.TYPES},
    item=statements.lower_item,
)


def lower(unit: TranslationUnit) -> ModuleOp:
    """The minic module of a parsed file. Raises CompileError with every finding."""
    cx = lowering(unit)
    with cx.recovering():
        _report_used(cx)
        settle_early_calls(cx)
        called = prototypes(cx)
        if not cx.diagnostics:
            return ModuleOp([*in_order(cx), *called])
    raise CompileError(*cx.diagnostics)


def lowering(unit: TranslationUnit) -> Lowering:
    """The state after all items of a file are lowered: its scopes, its ops, its findings."""
    cx = Lowering(unit=unit, dispatch=_DISPATCH, comments=Comments(unit.comments, unit.sources))
    cx.symbols.update(name for item in unit.ast.ext if (name := declared_name(item)))
    for item in unit.ast.ext:
        if item.coord is not None and is_ours(item.coord.file):
            _library_item(cx, item)
        else:
            _user_item(cx, item)
    return cx


def declared_name(item: c_ast.Node) -> str | None:
    """The name of a function or object declared at file scope."""
    if isinstance(item, c_ast.FuncDef):
        return item.decl.name
    return item.name if isinstance(item, c_ast.Decl) else None


def _user_item(cx: Lowering, item: c_ast.Node) -> None:
    """One item of the user's; if it is refused, what it declares is remembered as refused.

    Headers declare much that a file does not use: what is refused there is a finding only when it is used.
    """
    findings = len(cx.diagnostics)
    with cx.recovering() as refused:
        _item(cx, item)
    if not refused:
        return
    cx.refused_items.append((item, refused[0]))
    name = declared_name(item) or (item.name if isinstance(item, c_ast.Typedef) else None)
    if name is not None:
        cx.refused_names.setdefault(name, refused[0])
    if item.coord.file != _main_file(cx.unit) and not _is_exported_definition(item):
        del cx.diagnostics[findings:]


def _is_exported_definition(item: c_ast.Node) -> bool:
    """Whether other files may use what the item defines."""
    declaration = item.decl if isinstance(item, c_ast.FuncDef) else item
    if not isinstance(declaration, c_ast.Decl) or {"static", "extern"} & set(declaration.storage):
        return False
    is_object = declaration.name is not None and not isinstance(declaration.type, c_ast.FuncDecl)
    return isinstance(item, c_ast.FuncDef) or is_object


def _main_file(unit: TranslationUnit) -> str:
    """The file that was given to translate: the first that was read."""
    return next(iter(unit.sources), "")


def _item(cx: Lowering, item: c_ast.Node) -> None:
    if isinstance(item, c_ast.FuncDef):
        define_function(cx, item)
    else:
        file_declaration(cx, item)


def _library_item(cx: Lowering, item: c_ast.Node) -> None:
    """A declaration of our own headers: what it cannot say (`long double`) is missing until someone asks for it."""
    count = len(cx.items)
    with suppress(CompileError):
        _item(cx, item)
    cx.library_items.update(id(op) for op in cx.items[count:])


def _report_used(cx: Lowering) -> None:
    """Functions and objects of headers that were refused, and are used."""
    for name in sorted(cx.used_symbols & cx.refused_names.keys()):
        with cx.recovering():
            raise cx.refused_names[name]


def prototypes(cx: Lowering) -> list[minic.FuncOp]:
    """Functions that are called and not defined here."""
    return [prototype(cx, function) for function in undefined_functions(cx)]


def undefined_functions(cx: Lowering) -> list[FunctionName]:
    """What is called and not defined here; the functions of our headers are known to the later stages."""
    functions = (meaning for meaning in cx.scopes.names[0].values() if isinstance(meaning, FunctionName))
    return [each for each in functions if not each.defined and each.name in cx.used_symbols and not _is_library(each)]


def _is_library(function: FunctionName) -> bool:
    assert function.declaration is not None
    file = function.declaration.coord.file
    return function.name in LIBRARY or is_ours(file) or file == BUILTIN_FILE


def in_order(cx: Lowering) -> list[Operation]:
    """Macro constants first, by place; then the items as they came, without what only our headers mention."""
    defines = [op for _, op in sorted(cx.defines, key=lambda entry: (entry[0].file, entry[0].line))]
    return defines + [op for op in cx.items if _is_wanted(cx, op)]


def _is_wanted(cx: Lowering, op: Operation) -> bool:
    if isinstance(op, minic.GlobalOp) and op.extern is not None:
        return op.sym_name.data in cx.used_symbols
    if id(op) not in cx.library_items:
        return True
    if isinstance(op, minic.StructOp):
        return cx.definitions[op.sym_name.data].used
    return False

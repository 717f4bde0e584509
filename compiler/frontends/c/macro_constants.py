"""Uses of constant macros: `x & MASK` keeps the name, as a `minic.const` with the symbol of a `minic.define`."""

from __future__ import annotations

from pycparser import c_ast
from xdsl.dialects.builtin import IntAttr, StringAttr
from xdsl.ir import Attribute, Operation

from compiler.diagnostics import Span
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.constants import constant_value
from compiler.frontends.c.context import Lowering, MacroSymbol
from compiler.frontends.c.conversions import constant
from compiler.frontends.c.trees import Value
from compiler.locations import location


def macro_value(cx: Lowering, node: c_ast.ID) -> Value:
    """The value of a use of a macro; macros of our own headers, and those that are no integers, are written out."""
    known = cx.macros.get(node.name)
    if known is None:
        macro = cx.unit.constants[node.name]
        value = constant_value(cx, macro.expression)
        ctype = cx.type_of_expression(macro.expression)
        if value is None or not isinstance(ctype, c.Int):
            return cx.value(macro.expression)
        symbol = "" if macro.from_libc else cx.new_symbol(macro.name, "macro")
        known = cx.macros[node.name] = MacroSymbol(symbol, value, ctype, _spelling(macro.expression))
        if symbol:
            cx.defines.append((macro.span, _define(known, macro.span)))
    spelling = None if known.symbol else known.spelling
    return constant(known.value, known.ctype, cx.at(node), spelling, known.symbol or None)


def _spelling(expression: c_ast.Node) -> str | None:
    """How to write the value: as the macro's only literal is written."""
    while isinstance(expression, c_ast.Cast | c_ast.UnaryOp):
        expression = expression.expr
    if not isinstance(expression, c_ast.Constant):
        return None
    text = expression.value
    return "char" if text[0] == "'" else "hex" if text[:2] in ("0x", "0X") else None


def _define(macro: MacroSymbol, span: Span) -> Operation:
    properties: dict[str, Attribute] = {
        "sym_name": StringAttr(macro.symbol),
        "value": IntAttr(macro.value),
        "type": macro.ctype.ir,
    }
    if macro.spelling:
        properties["spelling"] = StringAttr(macro.spelling)
    return minic.DefineOp.create(properties=properties, location=location(span.file, span.line, span.column))

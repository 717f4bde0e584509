"""Struct and enum specifiers: tags, fields, enumerators.

    struct pair { char a; long b; };     ->     minic.struct "pair" { char a @0; i64 b @8 } size 16
    enum color { RED, GREEN = 5 };       ->     minic.define "RED" = 0 ; minic.define "GREEN" = 5        and the type `unsigned int`

Refused here, with their own codes: unions, flexible array members, anonymous members, fields that point to functions.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import ArrayAttr, IntAttr, StringAttr

from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.constants import constant_value
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.layout import Declared, lay_out
from compiler.frontends.c.scopes import Enumerator


def _struct(cx: Lowering, node: c_ast.Struct) -> c.CType:
    if id(node) in cx.specifiers:
        return cx.specifiers[id(node)]
    definition = _struct_tag(cx, node)
    ctype = cx.specifiers[id(node)] = c.Struct(definition)
    if node.decls is None:
        return ctype
    if definition.members is not None:
        raise cx.refuse(Code.DUPLICATE_DEFINITION, node, f"`struct {node.name}` is defined twice")
    try:
        _complete(cx, node, definition)
    except CompileError as refusal:
        definition.refusal, definition.members = refusal, None
        raise
    _emit_struct(cx, node, definition)
    return ctype


def _struct_tag(cx: Lowering, node: c_ast.Struct) -> c.StructDefinition:
    tags = cx.scopes.tags[-1]
    found = (cx.scopes.find_tag(node.name) if node.decls is None else tags.get(node.name)) if node.name else None
    if found is None:
        tag = node.name or ""
        found = c.StructDefinition(tag, cx.new_symbol(tag or cx.anonymous_name or "anonymous", "struct"))
        cx.definitions[found.symbol] = found
        if tag:
            tags[tag] = found
    if not isinstance(found, c.StructDefinition):
        raise cx.refuse(Code.CONFLICTING_DECLARATION, node, f"`{node.name}` is the tag of an enum")
    return found


def _complete(cx: Lowering, node: c_ast.Struct, definition: c.StructDefinition) -> None:
    own_name = cx.anonymous_name  # each field sets its own, for a struct defined in it
    declared = [_field(cx, decl) for decl in node.decls or () if isinstance(decl, c_ast.Decl)]
    cx.anonymous_name = own_name
    names = [each.name for each in declared if each.name]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise cx.refuse(Code.DUPLICATE_DEFINITION, node, f"two fields have the name `{name}`")
    lay_out(definition, declared)


_BIT_FIELD_ADVICE = "use a whole field, or masks and shifts"


def _field(cx: Lowering, decl: c_ast.Decl) -> Declared:
    cx.anonymous_name = decl.name or ""
    ctype = cx.type_of(decl.type)
    if decl.bitsize is not None:
        return _bit_field(cx, decl, ctype)
    if decl.name is None:
        message = "an anonymous struct inside a struct is not supported"
        raise cx.refuse(Code.UNSUPPORTED_DECLARATION, decl, message, help="give the field a name")
    if isinstance(ctype, c.Array) and ctype.size is None:
        raise cx.refuse(Code.FLEXIBLE_ARRAY_MEMBER, decl, f"`{decl.name}` is a flexible array member")
    if any(isinstance(part, c.Function) for part in c.derivation(ctype)):
        advice = "function pointers are not supported: call the functions by name"
        raise cx.refuse(Code.FUNCTION_POINTER, decl, f"the field `{decl.name}` is a pointer to functions", help=advice)
    if not c.is_complete(ctype):
        raise cx.incomplete(decl, ctype, f"the field `{decl.name}` has the incomplete type `{ctype}`")
    return Declared(decl.name, ctype)


def _bit_field(cx: Lowering, decl: c_ast.Decl, ctype: c.CType) -> Declared:
    width = constant_value(cx, decl.bitsize)
    if not isinstance(ctype, c.Int) or ctype.bits > 64:
        raise cx.refuse(Code.BIT_FIELD, decl, f"a bit-field of type `{ctype}`")
    most = 1 if ctype.rank == 0 else ctype.bits
    if width is None or not 0 <= width <= most or (width == 0 and decl.name):
        raise cx.refuse(
            Code.BIT_FIELD, decl, f"the width of a bit-field of type `{ctype}` is a constant from 1 to {most}"
        )
    if c.INT.bits < width < ctype.bits:
        message = f"a bit-field of {width} bits: compilers disagree about its type"
        raise cx.refuse(Code.BIT_FIELD, decl, message, help=_BIT_FIELD_ADVICE)
    return Declared(decl.name, ctype, width)


def _emit_struct(cx: Lowering, node: c_ast.Struct, definition: c.StructDefinition) -> None:
    fields = definition.fields
    properties = {
        "sym_name": StringAttr(definition.symbol),
        "c_name": StringAttr(f"struct {node.name}" if node.name else cx.anonymous_name or definition.symbol),
        "field_names": ArrayAttr([StringAttr(each.name) for each in fields]),
        "field_types": ArrayAttr([each.ctype.ir for each in fields]),
        "field_offsets": ArrayAttr([IntAttr(each.offset) for each in fields]),
        "size": IntAttr(definition.size),
        **cx.doc(node),
    }
    cx.items.append(minic.StructOp.create(properties=properties, location=cx.at(node)))


def _union(cx: Lowering, node: c_ast.Union) -> c.CType:
    name = f"`union {node.name}`" if node.name else "this union"
    known = cx.refused_names.get(f"union {node.name}")
    if node.decls is None and known is not None:
        raise cx.used_here(known, node)
    refusal = cx.refused_names[f"union {node.name}"] = cx.refuse(
        Code.UNION,
        node,
        f"{name} is not supported",
        help="use a struct with one field for each member, or memcpy to reinterpret bytes",
    )
    raise refusal


def _enum(cx: Lowering, node: c_ast.Enum) -> c.CType:
    if node.values is None:
        found = cx.scopes.find_tag(node.name or "")
        return found if isinstance(found, c.Int) else c.UINT
    if id(node) in cx.specifiers:
        return cx.specifiers[id(node)]
    values = _enumerators(cx, node)
    ctype = c.INT if any(value < 0 for value in values) else c.UINT
    if values and not (ctype.minimum <= min(values) and max(values) <= ctype.maximum):
        ctype = c.LONG if min(values) < 0 else c.ULONG
    if node.name:
        cx.scopes.tags[-1][node.name] = ctype
    cx.specifiers[id(node)] = ctype
    return ctype


def _enumerators(cx: Lowering, node: c_ast.Enum) -> list[int]:
    values: list[int] = []
    value = -1
    for each in node.values.enumerators if node.values else ():
        if not isinstance(each, c_ast.Enumerator):
            continue
        known = constant_value(cx, each.value) if each.value is not None else value + 1
        if known is None:
            raise cx.refuse(Code.NOT_CONSTANT, each, f"the value of `{each.name}` is not a constant")
        value = known
        values.append(value)
        _declare_enumerator(cx, node, each, value)
    return values


def _declare_enumerator(cx: Lowering, node: c_ast.Enum, each: c_ast.Enumerator, value: int) -> None:
    ctype = next(t for t in (c.INT, c.UINT, c.LONG, c.ULONG) if t.minimum <= value <= t.maximum)
    symbol = cx.new_symbol(each.name, "enum")
    cx.scopes.names[-1][each.name] = Enumerator(value, ctype, symbol)
    properties = {
        "sym_name": StringAttr(symbol),
        "value": IntAttr(value),
        "type": ctype.ir,
        **({"group": StringAttr(node.name)} if node.name else {}),
        **cx.doc(each),
    }
    cx.items.append(minic.DefineOp.create(properties=properties, location=cx.at(each)))


TYPES: dict[type, Any] = {
    c_ast.Struct: _struct,
    c_ast.Union: _union,
    c_ast.Enum: _enum,
}

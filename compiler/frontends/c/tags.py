"""Struct and enum specifiers: tags, fields, enumerators.

    struct pair { char a; long b; };     ->     minic.struct "pair" { char a @0; i64 b @8 } size 16
    enum color { RED, GREEN = 5 };       ->     minic.define "RED" = 0 ; minic.define "GREEN" = 5        and the type `unsigned int`

Refused here, with their own codes: unions, bit-fields, flexible array members, anonymous members, fields that point to functions.
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
        definition.complete(_fields(cx, node))
    except CompileError as refusal:
        definition.refusal = refusal
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


def _fields(cx: Lowering, node: c_ast.Struct) -> list[tuple[str, c.CType]]:
    fields: list[tuple[str, c.CType]] = []
    seen: set[str] = set()
    for decl in node.decls or ():
        if isinstance(decl, c_ast.Decl):
            name, ctype = _field(cx, decl)
            if name in seen:
                raise cx.refuse(Code.DUPLICATE_DEFINITION, decl, f"two fields have the name `{name}`")
            seen.add(name)
            fields.append((name, ctype))
    return fields


def _field(cx: Lowering, decl: c_ast.Decl) -> tuple[str, c.CType]:
    if decl.bitsize is not None:
        raise cx.refuse(
            Code.BIT_FIELD, decl, "bit-fields are not supported", help="use a whole field, or masks and shifts"
        )
    ctype = cx.type_of(decl.type)
    if decl.name is None:
        raise cx.refuse(
            Code.UNSUPPORTED_DECLARATION,
            decl,
            "an anonymous struct inside a struct is not supported",
            help="give the field a name",
        )
    if isinstance(ctype, c.Array) and ctype.size is None:
        raise cx.refuse(Code.FLEXIBLE_ARRAY_MEMBER, decl, f"`{decl.name}` is a flexible array member")
    if any(isinstance(part, c.Function) for part in c.derivation(ctype)):
        advice = "function pointers are not supported: call the functions by name"
        raise cx.refuse(Code.FUNCTION_POINTER, decl, f"the field `{decl.name}` is a pointer to functions", help=advice)
    if not c.is_complete(ctype):
        raise cx.incomplete(decl, ctype, f"the field `{decl.name}` has the incomplete type `{ctype}`")
    return decl.name, ctype


def _emit_struct(cx: Lowering, node: c_ast.Struct, definition: c.StructDefinition) -> None:
    members = definition.members or ()
    properties = {
        "sym_name": StringAttr(definition.symbol),
        "c_name": StringAttr(f"struct {node.name}" if node.name else cx.anonymous_name or definition.symbol),
        "field_names": ArrayAttr([StringAttr(member.name) for member in members]),
        "field_types": ArrayAttr([member.ctype.ir for member in members]),
        "field_offsets": ArrayAttr([IntAttr(member.offset) for member in members]),
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

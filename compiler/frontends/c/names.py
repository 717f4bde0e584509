"""Names as expressions: variables, enumerators, macro constants, `__func__`.

x     ->     minic.load %x        and as a place        %x
RED   ->     minic.const 0 symbol "RED"
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import LocationAttr, StringAttr

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.bit_fields import read
from compiler.frontends.c.context import FUNCTION_NAMES, Lowering
from compiler.frontends.c.conversions import constant
from compiler.frontends.c.macro_constants import macro_value
from compiler.frontends.c.scopes import Enumerator, FunctionName, Meaning, TypeName, Variable
from compiler.frontends.c.trees import Place, Value, grow, grow_place


def load(place: Place, at: LocationAttr) -> Value:
    """What is stored in a place; an array decays to a pointer instead."""
    ctype = place.ctype
    if place.bits is not None:
        return read(place, at)
    if isinstance(ctype, c.Array):
        return grow(minic.DecayOp, at, ctype.element.pointer, place)
    return grow(minic.LoadOp, at, ctype.plain, place)


def _meaning(cx: Lowering, node: c_ast.ID) -> Meaning:
    meaning = cx.scopes.find(node.name)
    if meaning is None:
        raise cx.undeclared(node.name, node, f"`{node.name}` is not declared")
    return meaning


def variable_place(cx: Lowering, node: Any, variable: Variable) -> Place:
    """The place of a variable; a pending update of it is put first."""
    if variable.place is not None:
        if variable.place in cx.pending:
            cx.flush()
        return Place(variable.place, variable.ctype, [])
    cx.used_symbols.add(variable.symbol)
    return grow_place(
        minic.GlobalRefOp, cx.at(node), variable.ctype, properties={"symbol": StringAttr(variable.symbol)}
    )


def _name_value(cx: Lowering, node: c_ast.ID) -> Value:
    if node.name[0] == "#":
        return macro_value(cx, node)
    if node.name in FUNCTION_NAMES and cx.scopes.find(node.name) is None:
        return load(_function_name(cx, node), cx.at(node))
    match _meaning(cx, node):
        case Variable() as variable:
            if not isinstance(variable.ctype, c.Array) and not c.is_complete(variable.ctype):
                raise cx.incomplete(node, variable.ctype, f"`{node.name}` has the incomplete type `{variable.ctype}`")
            return load(variable_place(cx, node, variable), cx.at(node))
        case Enumerator() as each:
            return constant(each.value, each.ctype, cx.at(node), symbol=each.symbol)
        case FunctionName():
            raise cx.refuse(
                Code.FUNCTION_POINTER,
                node,
                f"the function `{node.name}` is used as a value",
                help="function pointers are not supported: call it",
            )
        case TypeName():
            raise cx.refuse(Code.UNDECLARED, node, f"`{node.name}` is a type, not a value")


def _function_name(cx: Lowering, node: c_ast.ID) -> Place:
    """`__func__`: the name of the function, as a string."""
    data = cx.function.name.encode() + b"\0"
    ctype = c.array_of(c.CHAR.constant, len(data))
    return grow_place(minic.StringOp, cx.at(node), ctype, properties={"bytes": StringAttr(data.hex())})


def _name_place(cx: Lowering, node: c_ast.ID) -> Place:
    if node.name in FUNCTION_NAMES and cx.scopes.find(node.name) is None:
        return _function_name(cx, node)
    if node.name[0] != "#":
        meaning = _meaning(cx, node)
        if isinstance(meaning, Variable):
            return variable_place(cx, node, meaning)
        if isinstance(meaning, FunctionName):
            raise cx.refuse(Code.FUNCTION_POINTER, node, f"the address of the function `{node.name}` is taken")
    raise cx.refuse(
        Code.NOT_AN_LVALUE, node, f"`{node.name.lstrip('#')}` is a constant: it has no address and cannot be assigned"
    )


VALUES: dict[type, Any] = {c_ast.ID: _name_value}
PLACES: dict[type, Any] = {c_ast.ID: _name_place}

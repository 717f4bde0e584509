"""From the syntax of types (specifiers, declarators, type names) to `CType`s.

    const char *names[4]     ->     Array(Pointer(const char), 4)

Struct and enum specifiers are read by `tags`. Refused here, with their own codes: volatile, atomics, variable-length arrays, …
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast

from compiler.codes import Code
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.constants import constant_value
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.mentions import has_effects
from compiler.frontends.c.scopes import TypeName, Variable

_LIBRARY_NAMES: dict[str, c.Int] = {
    "size_t": c.SIZE,
    "uintptr_t": c.SIZE,
    "ssize_t": c.SSIZE,
    "ptrdiff_t": c.SSIZE,
    "intptr_t": c.SSIZE,
}


def typedef(cx: Lowering, node: c_ast.Typedef) -> None:
    """Declare a typedef name; the names of sizes in C's library get minic's kinds of sizes."""
    cx.anonymous_name = node.name
    cx.anonymous_name = node.name
    ctype = cx.type_of(node.type)
    library = _LIBRARY_NAMES.get(node.name)
    if library is not None and c.same(library, ctype):
        ctype = library
    if isinstance(ctype, c.Struct) and not ctype.definition.tag:
        ctype.definition.tag = node.name
    cx.scopes.names[-1][node.name] = TypeName(ctype)


def parameter_type(ctype: c.CType) -> c.CType:
    """A parameter's type, adjusted (C11 6.7.6.3): arrays and functions become pointers."""
    if isinstance(ctype, c.Array):
        return ctype.element.pointer
    return ctype.pointer if isinstance(ctype, c.Function) else ctype


def _qualified(cx: Lowering, ctype: c.CType, quals: list[str] | None, node: Any) -> c.CType:
    if not quals:
        return ctype
    if "volatile" in quals:
        raise cx.refuse(
            Code.VOLATILE, node, "volatile objects are not supported", help="Rust has no safe counterpart of `volatile`"
        )
    if "_Atomic" in quals:
        raise cx.refuse(Code.ATOMIC, node, "atomic types are not supported")
    return ctype.constant if "const" in quals else ctype


def _declared(cx: Lowering, node: Any) -> c.CType:
    return _qualified(cx, cx.type_of(node.type), node.quals, node)


def _pointer(cx: Lowering, node: c_ast.PtrDecl) -> c.CType:
    return _qualified(cx, cx.type_of(node.type).pointer, node.quals, node)


def _array(cx: Lowering, node: c_ast.ArrayDecl) -> c.CType:
    element = cx.type_of(node.type)
    if isinstance(element, c.Function):
        raise cx.refuse(Code.TYPE_MISMATCH, node, "an array of functions")
    if not c.is_complete(element):
        raise cx.incomplete(node, element, f"an array of the incomplete type `{element}`")
    if node.dim is None:
        return c.array_of(element, None)
    size = constant_value(cx, node.dim)
    if size is None:
        raise cx.refuse(
            Code.VARIABLE_LENGTH_ARRAY,
            node.dim,
            "the length of this array is not a constant",
            help="give the array a constant length that is enough for all cases",
        )
    if size <= 0:
        raise cx.refuse(Code.UNSUPPORTED_TYPE, node.dim, f"an array of {size} elements")
    return c.array_of(element, size)


def _function(cx: Lowering, node: c_ast.FuncDecl) -> c.CType:
    result = cx.type_of(node.type).plain
    if node.args is None:
        return c.Function(result, (), prototyped=False)
    params: list[c.CType] = []
    variadic = False
    cx.scopes.names.append({})
    for param in node.args.params:
        if isinstance(param, c_ast.EllipsisParam):
            variadic = True
        elif isinstance(param, c_ast.ID):
            cx.scopes.names.pop()
            return c.Function(result, (), prototyped=False)
        else:
            params.append(_parameter(cx, param))
            if param.name:
                cx.scopes.names[-1][param.name] = Variable(param.name, params[-1])
    cx.scopes.names.pop()
    if len(params) == 1 and isinstance(params[0], c.Void):
        params = []
    return c.Function(result, tuple(params), variadic)


def _parameter(cx: Lowering, node: Any) -> c.CType:
    inner = node.type
    if isinstance(inner, c_ast.ArrayDecl):
        element = cx.type_of(inner.type)
        quals = [word for word in inner.dim_quals or () if word != "static"]
        if inner.dim is not None and has_effects(inner.dim):
            raise cx.refuse(Code.VARIABLE_LENGTH_ARRAY, inner.dim, "the length of this array has side effects")
        return _qualified(cx, element.pointer, quals, node)
    return parameter_type(cx.type_of(inner))


_SPECIFIERS: dict[str, c.CType] = {
    "void": c.VOID,
    "_Bool": c.BOOL,
    "bool": c.BOOL,
    "char": c.CHAR,
    "char signed": c.SCHAR,
    "char unsigned": c.UCHAR,
    "short": c.SHORT,
    "short unsigned": c.USHORT,
    "int": c.INT,
    "unsigned": c.UINT,
    "long": c.LONG,
    "long unsigned": c.ULONG,
    "long long": c.LLONG,
    "long long unsigned": c.ULLONG,
    "__int128": c.INT128,
    "__int128 unsigned": c.UINT128,
    "float": c.FLOAT,
    "double": c.DOUBLE,
}


def _specified(names: list[str]) -> c.CType | None:
    """The type that keywords in any order mean."""
    words = sorted(names)
    if len(words) > 1 and "int" in words and "__int128" not in words:
        words.remove("int")
    if "signed" in words and words != ["char", "signed"]:
        words.remove("signed")
    return _SPECIFIERS.get(" ".join(words) or "int")


def _named(cx: Lowering, node: c_ast.IdentifierType) -> c.CType:
    names = node.names
    if len(names) == 1:
        meaning = cx.scopes.find(names[0])
        if isinstance(meaning, TypeName):
            return meaning.ctype
    found = _specified(names)
    if found is not None:
        return found
    spelled = " ".join(names)
    if "_Complex" in names:
        raise cx.refuse(Code.COMPLEX, node, "complex numbers are not supported")
    if sorted(names) == ["double", "long"]:
        raise cx.refuse(
            Code.LONG_DOUBLE, node, "`long double` is not supported", help="Rust has no such type; use `double`"
        )
    known = cx.refused_names.get(spelled)
    raise cx.used_here(known, node) if known else cx.refuse(Code.UNKNOWN_TYPE, node, f"`{spelled}` is not a type")


def _typeof(cx: Lowering, node: c_ast.TypeOf) -> c.CType:
    if isinstance(node.expr, c_ast.Typename):
        return cx.type_of(node.expr)
    return cx.type_of_expression(node.expr)


TYPES: dict[type, Any] = {
    c_ast.TypeDecl: _declared,
    c_ast.Typename: _declared,
    c_ast.PtrDecl: _pointer,
    c_ast.ArrayDecl: _array,
    c_ast.FuncDecl: _function,
    c_ast.IdentifierType: _named,
    c_ast.TypeOf: _typeof,
}

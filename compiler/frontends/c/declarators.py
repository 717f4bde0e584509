"""From the syntax of types (specifiers, declarators, type names, struct and enum bodies) to `CType`s.

    const char *names[4]     ->     Array(Pointer(const char), 4)

Struct and enum definitions met on the way are declared: a struct becomes a `minic.struct`, enumerators become `minic.define`s.
Refused here, with their own codes: unions, bit-fields, volatile, atomics, variable-length arrays, flexible array members, …
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
from compiler.frontends.c.mentions import has_effects
from compiler.frontends.c.scopes import Enumerator, TypeName, Variable

_LIBRARY_NAMES: dict[str, c.Int] = {
    "size_t": c.SIZE,
    "uintptr_t": c.SIZE,
    "ssize_t": c.SSIZE,
    "ptrdiff_t": c.SSIZE,
    "intptr_t": c.SSIZE,
}


def type_of(cx: Lowering, node: Any) -> c.CType:
    """The type that a declarator, a type name or a specifier means."""
    return _KINDS[type(node)](cx, node) if type(node) in _KINDS else _unknown(cx, node)


def typedef(cx: Lowering, node: c_ast.Typedef) -> None:
    """Declare a typedef name; the names of sizes in C's library get minic's kinds of sizes."""
    cx.anonymous_name = node.name
    cx.anonymous_name = node.name
    ctype = type_of(cx, node.type)
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


def _unknown(cx: Lowering, node: Any) -> c.CType:
    raise cx.refuse(Code.UNSUPPORTED_TYPE, node, f"this kind of type is not supported ({type(node).__name__})")


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
    return _qualified(cx, type_of(cx, node.type), node.quals, node)


def _pointer(cx: Lowering, node: c_ast.PtrDecl) -> c.CType:
    return _qualified(cx, type_of(cx, node.type).pointer, node.quals, node)


def _array(cx: Lowering, node: c_ast.ArrayDecl) -> c.CType:
    element = type_of(cx, node.type)
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
    result = type_of(cx, node.type).plain
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
        element = type_of(cx, inner.type)
        quals = [word for word in inner.dim_quals or () if word != "static"]
        if inner.dim is not None and has_effects(inner.dim):
            raise cx.refuse(Code.VARIABLE_LENGTH_ARRAY, inner.dim, "the length of this array has side effects")
        return _qualified(cx, element.pointer, quals, node)
    return parameter_type(type_of(cx, inner))


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
    ctype = type_of(cx, decl.type)
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


def _typeof(cx: Lowering, node: c_ast.TypeOf) -> c.CType:
    if isinstance(node.expr, c_ast.Typename):
        return type_of(cx, node.expr)
    return cx.type_of_expression(node.expr)


_KINDS: dict[type, Any] = {
    c_ast.TypeDecl: _declared,
    c_ast.Typename: _declared,
    c_ast.PtrDecl: _pointer,
    c_ast.ArrayDecl: _array,
    c_ast.FuncDecl: _function,
    c_ast.IdentifierType: _named,
    c_ast.Struct: _struct,
    c_ast.Union: _union,
    c_ast.Enum: _enum,
    c_ast.TypeOf: _typeof,
}

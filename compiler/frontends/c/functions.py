"""Function definitions: parameters as places, the body, what is known of it before it is lowered."""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import Attribute, Block, Region

from compiler.analysis.library import LIBRARY
from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import constant
from compiler.frontends.c.declarations import check_object, declare_function
from compiler.frontends.c.declarators import parameter_type
from compiler.frontends.c.emission import UNIT, FunctionState
from compiler.frontends.c.mentions import names_in
from compiler.frontends.c.reachability import completes
from compiler.frontends.c.scopes import FunctionName, Variable
from compiler.frontends.c.statements import lower_items


def define_function(cx: Lowering, node: c_ast.FuncDef) -> None:
    """A function definition becomes a `minic.func` with a body."""
    decl = node.decl
    cx.anonymous_name = decl.name
    ctype = _definition_type(cx, node)
    function = declare_function(cx, decl, ctype)
    function.ctype = ctype
    if function.defined:
        raise cx.refuse(Code.DUPLICATE_DEFINITION, decl, f"`{decl.name}` is defined twice")
    function.defined = True
    if ctype.variadic:
        raise cx.refuse(Code.VARIADIC_FUNCTION, decl, f"`{decl.name}` takes a variable number of arguments")
    _check_own(cx, decl)
    check_signature(cx, decl, function)
    names = _param_names(cx, node)
    block = Block(arg_types=[param.plain.place for param in ctype.params])
    _lower_body(cx, node, ctype, names, block)
    cx.items.append(_func_op(cx, decl, function, names, Region(block)))


def _check_own(cx: Lowering, decl: Any) -> None:
    """A C compiler takes `abs` and its like for the library's, whatever a program defines them to be."""
    known = LIBRARY.get(decl.name)
    if known is not None and not known.touches and not known.diverges and "static" not in decl.storage:
        raise cx.refuse(
            Code.LIBRARY_REDEFINED,
            decl,
            f"`{decl.name}` is a function of the C library, and is defined here",
            help="C leaves this undefined: give the function another name, or make it static",
        )


def prototype(cx: Lowering, function: FunctionName) -> minic.FuncOp:
    """The op of a function that is declared, called, and not defined here."""
    check_signature(cx, function.declaration, function)
    if function.ctype.variadic:
        raise cx.refuse(
            Code.VARIADIC_FUNCTION, function.declaration, f"`{function.name}` takes a variable number of arguments"
        )
    names = [f"arg{index}" for index in range(len(function.ctype.params))]
    return _func_op(cx, function.declaration, function, names, Region())


def check_signature(cx: Lowering, node: Any, function: FunctionName) -> None:
    """Refuse parameters and results that cannot be passed."""
    nodes = _param_nodes(node)
    for index, ctype in enumerate(function.ctype.params):
        _check_passed(cx, nodes[index] if index < len(nodes) else node, f"a parameter of `{function.name}`", ctype)
    if not isinstance(function.ctype.result, c.Void):
        _check_passed(cx, node, f"the result of `{function.name}`", function.ctype.result)


def _check_passed(cx: Lowering, node: Any, what: str, ctype: c.CType) -> None:
    check_object(cx, node, what, ctype)
    if not c.is_complete(ctype):
        raise cx.incomplete(node, ctype, f"{what} has the incomplete type `{ctype}`")


def _definition_type(cx: Lowering, node: c_ast.FuncDef) -> c.Function:
    ctype = cx.type_of(node.decl.type)
    assert isinstance(ctype, c.Function)
    args = node.decl.type.args
    if args is not None and any(isinstance(param, c_ast.ID) for param in args.params):
        return _old_style(cx, node, ctype)
    return c.Function(ctype.result, ctype.params, ctype.variadic)


def _old_style(cx: Lowering, node: c_ast.FuncDef, ctype: c.Function) -> c.Function:
    """`int f(a, b) int a; char b; {…}`: as if declared with the same parameters in the modern way."""
    types = {decl.name: parameter_type(cx.type_of(decl.type)) for decl in node.param_decls or ()}
    names = [param.name for param in node.decl.type.args.params]
    return c.Function(ctype.result, tuple(types.get(name, c.INT) for name in names))


def _param_nodes(decl: c_ast.Decl) -> list[Any]:
    args = decl.type.args
    return [param for param in args.params if not _is_void(param)] if args is not None else []


def _param_names(cx: Lowering, node: c_ast.FuncDef) -> list[str]:
    names = [param.name or f"unused{index}" for index, param in enumerate(_param_nodes(node.decl))]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise cx.refuse(Code.DUPLICATE_DEFINITION, node.decl, f"two parameters have the name `{name}`")
    return names


def _is_void(param: Any) -> bool:
    """The `(void)` of an empty parameter list."""
    inner = getattr(param, "type", None)
    return (
        isinstance(inner, c_ast.TypeDecl)
        and isinstance(inner.type, c_ast.IdentifierType)
        and inner.type.names == ["void"]
    )


def _lower_body(cx: Lowering, node: c_ast.FuncDef, ctype: c.Function, names: list[str], block: Block) -> None:
    found = names_in(node.body)
    cx.function = FunctionState(
        node.decl.name,
        ctype.result,
        frozenset(found.exposed),
        found.used | set(names),
        found.twice | set(names),
        frozenset(found.labels),
    )
    cx.scopes.enter()
    for name, param, place in zip(names, ctype.params, block.args, strict=True):
        place.name_hint = name if name.isidentifier() else None
        exposed = name in found.exposed or isinstance(param, c.Struct)
        if exposed:
            cx.function.exposed.add(place)
        cx.scopes.names[-1][name] = Variable(name, param, place, exposed=exposed)
    with cx.block() as ops:
        lower_items(cx, node.body.block_items or [])
    cx.scopes.leave()
    block.add_ops(ops)
    if node.decl.name == "main" and not isinstance(ctype.result, c.Void) and completes(block, cx.noreturn):
        _return_zero(cx, node, ctype.result, block)


def _return_zero(cx: Lowering, node: c_ast.FuncDef, result: c.CType, block: Block) -> None:
    """C11 5.1.2.2.3: the end of main returns 0."""
    assert isinstance(result, c.Int)
    value = constant(0, result, cx.at(node))
    block.add_ops([*value.ops, minic.ReturnOp.create(operands=(value.ssa,), location=cx.at(node))])


def _func_op(cx: Lowering, decl: c_ast.Decl, function: FunctionName, names: list[str], body: Region) -> minic.FuncOp:
    ctype = function.ctype
    properties: dict[str, Attribute] = {
        "sym_name": StringAttr(function.name),
        "param_names": ArrayAttr([StringAttr(name) for name in names]),
        "param_types": ArrayAttr([param.plain.ir for param in ctype.params]),
        "result": ctype.result.ir,
    }
    if not function.static:
        properties["exported"] = UNIT
    if "inline" in decl.funcspec:
        properties["inline"] = UNIT
    if function.noreturn:
        properties["noreturn"] = UNIT
    properties |= cx.doc(decl) or cx.doc(function.declaration)
    return minic.FuncOp.create(properties=properties, regions=[body], location=cx.at(decl))

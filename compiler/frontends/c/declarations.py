"""Declarations: the items of a file, and objects declared in blocks.

    static const int k = 1 << 4;      ->     minic.global "k" is_const { yield 1 << 4 }
    int x;  (in a function)           ->     minic.local "x"

Tentative definitions of one object become one global; a static of function `f` becomes the global `f_x`. Functions are checked against
earlier declarations; those of our own headers leave nothing behind.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, Block, Operation, Region

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.constants import constant_value
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.declarators import typedef
from compiler.frontends.c.emission import UNIT
from compiler.frontends.c.initializers import completed, initial_value
from compiler.frontends.c.mentions import mentions
from compiler.frontends.c.scopes import FunctionName, Variable


def file_declaration(cx: Lowering, node: Any) -> None:
    """One declaration at file scope (not a function definition)."""
    match node:
        case c_ast.Decl():
            declare(cx, node)
        case c_ast.Typedef():
            typedef(cx, node)
        case c_ast.StaticAssert():
            static_assertion(cx, node)
        case c_ast.Pragma() | c_ast.EmptyStatement():
            pass
        case _:
            raise cx.refuse(
                Code.UNSUPPORTED_DECLARATION, node, f"this kind of declaration is not supported ({type(node).__name__})"
            )


def static_assertion(cx: Lowering, node: c_ast.StaticAssert) -> None:
    value = constant_value(cx, node.cond)
    if value is None:
        raise cx.refuse(Code.NOT_CONSTANT, node, "the condition of a static assertion is not a constant")
    if value == 0:
        text = f": {node.message.value}" if node.message is not None else ""
        raise cx.refuse(Code.STATIC_ASSERTION, node, f"static assertion failed{text}")


def declare(cx: Lowering, node: c_ast.Decl) -> None:
    """A declaration of an object, a function, or (without a name) of a tag."""
    ctype = declared_type(cx, node)
    if node.name is None:
        return
    if isinstance(ctype, c.Function):
        declare_function(cx, node, ctype)
    elif cx.scopes.at_file_level:
        _global(cx, node, ctype)
    elif "extern" in node.storage:
        _extern_in_block(cx, node, ctype)
    elif "static" in node.storage:
        _block_static(cx, node, ctype)
    else:
        local(cx, node, ctype)


def declared_type(cx: Lowering, node: c_ast.Decl) -> c.CType:
    for word, code in (("_Thread_local", Code.THREAD_LOCAL), ("_Atomic", Code.ATOMIC)):
        if word in node.storage or word in node.quals:
            raise cx.refuse(code, node, f"`{word}` is not supported")
    if node.align:
        raise cx.refuse(Code.LAYOUT_ATTRIBUTE, node, "`_Alignas` is not supported")
    cx.anonymous_name = node.name or ""
    return cx.type_of(node.type)


def check_object(cx: Lowering, node: Any, what: str, ctype: c.CType) -> None:
    """Refuse objects of types that cannot be had; `what` begins the sentence."""
    for part in c.derivation(ctype):
        if isinstance(part, c.Function):
            advice = "function pointers are not supported: call the functions by name"
            raise cx.refuse(Code.FUNCTION_POINTER, node, f"{what} is a pointer to functions", help=advice)
        if isinstance(part, c.Struct) and part.definition.tag == "__va_list":
            raise cx.refuse(Code.VARIADIC_FUNCTION, node, f"{what} is a list of variable arguments")
    if isinstance(ctype, c.Void):
        raise cx.incomplete(node, ctype, f"{what} is declared `void`")


def _complete(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> c.CType:
    """The object's type, complete, its length taken from the initializer if need be."""
    check_object(cx, node, f"`{node.name}`", ctype)
    ctype = completed(cx, ctype, node.init)
    if not c.is_complete(ctype):
        raise cx.incomplete(node, ctype, f"`{node.name}` has the incomplete type `{ctype}`")
    return ctype


# --- functions -------------------------------------------------------------------------------------------------------------------


def declare_function(cx: Lowering, node: c_ast.Decl, ctype: c.Function) -> FunctionName:
    """A prototype, or the head of a definition; it must agree with the earlier ones."""
    known = cx.scopes.names[0].get(node.name)
    if known is None:
        known = FunctionName(node.name, ctype, static="static" in node.storage)
    elif not isinstance(known, FunctionName):
        raise cx.refuse(
            Code.CONFLICTING_DECLARATION, node, f"`{node.name}` is declared as a function, and as something else before"
        )
    elif not c.same(known.ctype, ctype):
        raise cx.refuse(
            Code.CONFLICTING_DECLARATION, node, f"`{node.name}` is declared as `{ctype}`, and as `{known.ctype}` before"
        )
    elif not known.ctype.prototyped:
        known.ctype = ctype
    if "_Noreturn" in node.funcspec:
        known.noreturn = True
        cx.noreturn.add(node.name)
    cx.scopes.names[0][node.name] = known
    cx.scopes.names[-1][node.name] = known
    if known.declaration is None:
        known.declaration = node
    return known


# --- objects of the file ---------------------------------------------------------------------------------------------------------


def _global(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> None:
    known = cx.scopes.names[0].get(node.name)
    if known is not None and not isinstance(known, Variable):
        raise cx.refuse(
            Code.CONFLICTING_DECLARATION, node, f"`{node.name}` is declared as an object, and as something else before"
        )
    if known is not None and not c.same(known.ctype, ctype):
        raise cx.refuse(
            Code.CONFLICTING_DECLARATION, node, f"`{node.name}` has the type `{ctype}`, and `{known.ctype}` before"
        )
    check_object(cx, node, f"`{node.name}`", ctype)
    extern = "extern" in node.storage and node.init is None
    if known is None:
        known = Variable(node.name, ctype, symbol=node.name)
        cx.scopes.names[0][node.name] = known
    if not extern or not isinstance(ctype, c.Array) or ctype.size is not None:
        ctype = completed(cx, ctype, node.init)
    if isinstance(known.ctype, c.Array) and known.ctype.size is None:
        known.ctype = ctype
    _define_global(cx, node, known, extern, exported="static" not in node.storage)


def _define_global(cx: Lowering, node: c_ast.Decl, variable: Variable, extern: bool, exported: bool) -> None:
    """Create the global, or complete the one that an earlier declaration created."""
    op = cx.globals.get(variable.symbol)
    if op is None:
        properties: dict[str, Attribute] = {"sym_name": StringAttr(variable.symbol)}
        if variable.ctype.const:
            properties["is_const"] = UNIT
        if exported:
            properties["exported"] = UNIT
        properties |= cx.doc(node)
        if extern:
            properties["extern"] = UNIT
        op = minic.GlobalOp.create(properties=properties, regions=[Region(Block())], location=cx.at(node))
        cx.globals[variable.symbol] = op
        cx.items.append(op)
    elif not extern and "extern" in op.properties:
        del op.properties["extern"]
        op.location = cx.at(node)
    op.properties["type"] = variable.ctype.ir
    if node.init is None:
        return
    block = op.regions[0].block
    if not block.is_empty:
        raise cx.refuse(Code.DUPLICATE_DEFINITION, node, f"`{variable.name}` is initialized twice")
    block.add_ops(_constant_initializer(cx, node, variable.ctype))


def _constant_initializer(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> list[Operation]:
    with cx.block() as ops:
        value = initial_value(cx, ctype, node.init)
        if ops or not all(isinstance(op, _CONSTANT_OPS) for op in value.ops) or cx.pending:
            cx.forget_pending()
            raise cx.refuse(Code.NOT_CONSTANT, node.init, f"the initial value of `{node.name}` is not a constant")
        cx.put(minic.YieldOp.create(operands=(value.ssa,), location=cx.at(node)), value)
    return ops


_CONSTANT_OPS = (
    *(
        minic.ConstOp,
        minic.FloatConstOp,
        minic.NullOp,
        minic.ZeroOp,
        minic.AggregateOp,
        minic.GlobalRefOp,
        minic.StringOp,
        minic.TemporaryOp,
    ),
    *(
        minic.AddrOp,
        minic.DerefOp,
        minic.DecayOp,
        minic.FieldOp,
        minic.IndexOp,
        minic.PtrAddOp,
        minic.CastOp,
        minic.BinaryOp,
        minic.UnaryOp,
        minic.CompareOp,
    ),
    *(minic.TruthOp, minic.NotOp, minic.SelectOp, minic.LogicalOp, minic.PtrDiffOp),
)


# --- objects of a block ----------------------------------------------------------------------------------------------------------


def _extern_in_block(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> None:
    known = cx.scopes.names[0].get(node.name)
    if not isinstance(known, Variable):
        names, tags = cx.scopes.names, cx.scopes.tags
        cx.scopes.names, cx.scopes.tags = names[:1], tags[:1]
        try:
            _global(cx, node, ctype)
        finally:
            cx.scopes.names, cx.scopes.tags = names, tags
        known = cx.scopes.names[0][node.name]
    cx.scopes.names[-1][node.name] = known


def _block_static(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> None:
    ctype = _complete(cx, node, ctype)
    symbol = cx.new_symbol(f"{cx.function.name}_{node.name}", "static")
    variable = Variable(node.name, ctype, symbol=symbol)
    cx.scopes.names[-1][node.name] = variable
    _define_global(cx, node, variable, extern=False, exported=False)


def local(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> None:
    """An object of automatic storage. Its name is known in its own initializer, as C says."""
    hoisted = cx.function.hoisted.get(id(node))
    if hoisted is not None:
        _initialize_hoisted(cx, node, hoisted)
        return
    ctype = _complete(cx, node, ctype)
    check_fresh(cx, node, node.name)
    if node.init is None or _mentions_itself(node):
        _declare_then_assign(cx, node, ctype)
        return
    value = initial_value(cx, ctype, node.init)
    op = _local_op(cx, node, ctype, [value.ssa])
    cx.put(op, value)
    cx.flush()
    bind_local(cx, node.name, ctype, op)


def _mentions_itself(node: c_ast.Decl) -> bool:
    return mentions(node.init, (node.name,))


def _declare_then_assign(cx: Lowering, node: c_ast.Decl, ctype: c.CType) -> None:
    op = _local_op(cx, node, ctype, [])
    cx.put(op)
    variable = bind_local(cx, node.name, ctype, op)
    if node.init is not None:
        _initialize_hoisted(cx, node, variable)


def _local_op(cx: Lowering, node: c_ast.Decl, ctype: c.CType, operands: list[Any], name: str = "") -> minic.LocalOp:
    name = name or (cx.fresh_name(node.name) if cx.function.inlining and node.name in cx.function.twice else node.name)
    return minic.LocalOp.create(
        operands=operands,
        result_types=(ctype.plain.place,),
        properties={"var_name": StringAttr(name)},
        location=cx.at(node),
    )


def check_fresh(cx: Lowering, node: Any, name: str) -> None:
    """Refuse a second object of one name in one block."""
    if isinstance(cx.scopes.names[-1].get(name), Variable):
        raise cx.refuse(Code.DUPLICATE_DEFINITION, node, f"`{name}` is declared twice in this block")


def bind_local(cx: Lowering, name: str, ctype: c.CType, op: minic.LocalOp) -> Variable:
    place = op.results[0]
    exposed = name in cx.function.exposed_names or isinstance(ctype, c.Array | c.Struct)
    if exposed:
        cx.function.exposed.add(place)
    variable = cx.scopes.names[-1][name] = Variable(name, ctype, place, exposed=exposed)
    return variable


def hoist(cx: Lowering, node: c_ast.Decl) -> None:
    """Declare the local here, before the statement that its declaration stands in; it gets its value there."""
    ctype = _complete(cx, node, declared_type(cx, node))
    name = cx.fresh_name(node.name) if node.name in cx.function.twice else node.name
    op = _local_op(cx, node, ctype, [], name)
    cx.put(op)
    known = cx.scopes.names[-1].get(node.name)
    cx.function.hoisted[id(node)] = bind_local(cx, node.name, ctype, op)
    if known is None:
        del cx.scopes.names[-1][node.name]
    else:
        cx.scopes.names[-1][node.name] = known


def _initialize_hoisted(cx: Lowering, node: c_ast.Decl, variable: Variable) -> None:
    cx.scopes.names[-1][node.name] = variable
    if node.init is None:
        return
    assert variable.place is not None
    value = initial_value(cx, variable.ctype, node.init)
    cx.put(minic.AssignOp.create(operands=(variable.place, value.ssa), location=cx.at(node)), value)
    cx.flush()

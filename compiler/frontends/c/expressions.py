"""Expressions that only compute: names, constants, operators, members, casts, sizes.

    a[i] + x     ->     %0 = minic.load (minic.index %a, %i) ; %1 = minic.load %x ; %2 = minic.binary add %0, %1

Each AST node becomes a `Value` (an rvalue: loaded, decayed) or a `Place` (an lvalue). What has side effects or control flow of its own
stands in `assignments`, `calls` and `conditions`.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c import literals
from compiler.frontends.c.constants import fold
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import constant, convert, float_constant
from compiler.frontends.c.names import load
from compiler.frontends.c.operators import operate, unary
from compiler.frontends.c.trees import Place, Value, discard, grow, grow_place


def _loaded(cx: Lowering, node: Any) -> Value:
    place = cx.place(node)
    if not isinstance(place.ctype, c.Array) and not c.is_complete(place.ctype):
        raise cx.incomplete(node, place.ctype, f"this has the incomplete type `{place.ctype}`")
    return load(place, cx.at(node))


# --- constants -------------------------------------------------------------------------------------------------------------------


def _constant_value(cx: Lowering, node: c_ast.Constant) -> Value:
    text, at = node.value, cx.at(node)
    if text[-1] == '"':
        return load(_string_place(cx, node), at)
    if text[-1] == "'":
        return _character(cx, node)
    number = literals.integer(text)
    if number is not None:
        return constant(number.value, number.ctype, at, number.spelling)
    if "float" not in node.type and "double" not in node.type:
        raise cx.refuse(Code.UNSUPPORTED_EXPRESSION, node, f"no integer type can hold `{text}`")
    real = literals.floating(text)
    if real is None:
        raise cx.refuse(Code.LONG_DOUBLE, node, f"`{text}` has type `long double`, which is not supported")
    return float_constant(real[0], real[1], at)


def _character(cx: Lowering, node: c_ast.Constant) -> Value:
    if node.value[0] != "'":
        raise cx.refuse(Code.UNSUPPORTED_EXPRESSION, node, "wide character constants are not supported")
    literal = literals.character(node.value)
    return constant(literal.value, literal.ctype, cx.at(node), literal.spelling)


def _string_place(cx: Lowering, node: c_ast.Constant) -> Place:
    if node.value[-1] != '"':
        raise cx.refuse(Code.NOT_AN_LVALUE, node, "a constant is not an object")
    data = string_bytes(cx, node) + b"\0"
    ctype = c.array_of(c.CHAR, len(data))
    return grow_place(minic.StringOp, cx.at(node), ctype, properties={"bytes": StringAttr(data.hex())})


def string_bytes(cx: Lowering, node: c_ast.Constant) -> bytes:
    if node.value[0] in "LuU" and not node.value.startswith("u8"):
        raise cx.refuse(Code.UNSUPPORTED_EXPRESSION, node, "wide string literals are not supported")
    return literals.string(node.value)


# --- members and elements --------------------------------------------------------------------------------------------------------


def _element_place(cx: Lowering, node: c_ast.ArrayRef) -> Place:
    base = cx.value(node.name)
    mark = cx.mark()
    index = cx.value(node.subscript)
    base, index = *cx.settle(mark, base), index
    if isinstance(index.ctype, c.Pointer):
        base, index = index, cx.uncalled(base)
    if not isinstance(base.ctype, c.Pointer):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"this has type `{base.ctype}`, which cannot be indexed")
    if not isinstance(index.ctype, c.Int):
        raise cx.refuse(Code.TYPE_MISMATCH, node.subscript, f"an index of type `{index.ctype}`")
    _check_object(cx, node, base.ctype.to)
    return grow_place(minic.IndexOp, cx.at(node), base.ctype.to, base, as_index(index))


def as_index(index: Value) -> Value:
    return convert(index, c.INT) if index.ctype.ir == c.TRUTH.ir else index


def _check_object(cx: Lowering, node: Any, ctype: c.CType) -> None:
    if isinstance(ctype, c.Function):
        raise cx.refuse(Code.FUNCTION_POINTER, node, "function pointers are not supported")
    if isinstance(ctype, c.Void):
        raise cx.refuse(
            Code.VOID_POINTER,
            node,
            "a `void *` cannot be dereferenced",
            help="cast it to the type of the object it points to",
        )
    if not c.is_complete(ctype) and not isinstance(ctype, c.Array):
        raise cx.incomplete(node, ctype, f"`{ctype}` is not defined here")


def _member_place(cx: Lowering, node: c_ast.StructRef) -> Place:
    if node.type == "->":
        pointer = cx.value(node.name)
        if not isinstance(pointer.ctype, c.Pointer) or not isinstance(pointer.ctype.to, c.Struct):
            raise cx.refuse(
                Code.TYPE_MISMATCH, node, f"`->` wants a pointer to a struct, and this has type `{pointer.ctype}`"
            )
        base = grow_place(minic.DerefOp, cx.at(node), pointer.ctype.to, pointer)
    else:
        base = _struct_place(cx, node.name)
    return member(cx, base, node.field.name, node.field)


def _struct_place(cx: Lowering, node: Any) -> Place:
    """The object before a `.`; a struct that is no lvalue (the result of a call) is put in a temporary."""
    if cx.names_object(node):
        return cx.place(node)
    value = cx.value(node)
    return grow_place(minic.TemporaryOp, cx.at(node), value.ctype, value)


def member(cx: Lowering, base: Place, name: str, node: Any) -> Place:
    if not isinstance(base.ctype, c.Struct):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"`.{name}` of something of type `{base.ctype}`, which is no struct")
    definition = base.ctype.definition
    if definition.members is None:
        raise cx.incomplete(node, base.ctype, f"`{base.ctype}` is not defined here")
    found = definition.member(name)
    if found is None:
        raise cx.refuse(Code.NO_SUCH_MEMBER, node, f"`{base.ctype.plain}` has no field `{name}`")
    ctype = found.ctype.constant if base.ctype.const else found.ctype
    if found.bits is None:
        return grow_place(minic.FieldOp, cx.at(node), ctype, base, properties={"field": StringAttr(name)})
    properties = {"field": StringAttr(found.bits.field)}
    storage = grow_place(minic.FieldOp, cx.at(node), found.bits.storage, base, properties=properties)
    return Place(storage.ssa, ctype, storage.ops, found.bits)


# --- operators -------------------------------------------------------------------------------------------------------------------


def _unary_place(cx: Lowering, node: c_ast.UnaryOp) -> Place:
    if node.op != "*":
        raise cx.refuse(Code.NOT_AN_LVALUE, node, "the result of an operator is not an object")
    pointer = cx.value(node.expr)
    if not isinstance(pointer.ctype, c.Pointer):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"`*` wants a pointer, and this has type `{pointer.ctype}`")
    _check_object(cx, node, pointer.ctype.to)
    return grow_place(minic.DerefOp, cx.at(node), pointer.ctype.to, pointer)


def _unary_value(cx: Lowering, node: c_ast.UnaryOp) -> Value:
    match node.op:
        case "*":
            return _loaded(cx, node)
        case "&":
            return _address(cx, node)
        case "sizeof" | "_Alignof":
            return _size(cx, node)
        case "++" | "--" | "p++" | "p--":
            return cx.dispatch.operators[node.op](cx, node)
        case _:
            return unary(cx, node, cx.value(node.expr))


def _address(cx: Lowering, node: c_ast.UnaryOp) -> Value:
    inner = node.expr
    if isinstance(inner, c_ast.UnaryOp) and inner.op == "*":
        return cx.value(inner.expr)  # C11 6.5.3.2: `&*p` is `p`
    if isinstance(inner, c_ast.ArrayRef):
        return _element_address(cx, inner, node)
    place = cx.place(inner)
    if place.bits is not None:
        raise cx.refuse(Code.BIT_FIELD, node, "the address of a bit-field is taken")
    return grow(minic.AddrOp, cx.at(node), place.ctype.pointer, place)


def _element_address(cx: Lowering, element: c_ast.ArrayRef, node: c_ast.UnaryOp) -> Value:
    """`&a[i]` is `a + i`: it may be one past the end, which no place is."""
    place = _element_place(cx, element)
    index = place.ops.pop()
    assert isinstance(index, minic.IndexOp)
    operands = (index.pointer, index.index)
    index.drop_all_references()
    pointer = place.ctype.pointer
    op = minic.PtrAddOp.create(operands=operands, result_types=(pointer.ir,), location=cx.at(node))
    return Value(op.results[0], pointer, [*place.ops, op])


def _size(cx: Lowering, node: c_ast.UnaryOp) -> Value:
    operand = node.expr
    ctype = cx.type_of(operand) if isinstance(operand, c_ast.Typename) else cx.type_of_expression(operand)
    if isinstance(ctype, c.Void | c.Function):
        return constant(1, c.SIZE, cx.at(node))
    if not c.is_complete(ctype):
        raise cx.incomplete(node, ctype, f"`{node.op}` of the incomplete type `{ctype}`")
    measure = c.size_of if node.op == "sizeof" else c.align_of
    return constant(measure(ctype), c.SIZE, cx.at(node))


def _binary_value(cx: Lowering, node: c_ast.BinaryOp) -> Value:
    """A chain of left-associated operators, without recursion along the chain."""
    if node.op in ("&&", "||"):
        return cx.dispatch.operators[node.op](cx, node)
    chain: list[c_ast.BinaryOp] = []
    at: Any = node
    while isinstance(at, c_ast.BinaryOp) and at.op not in ("&&", "||"):
        chain.append(at)
        at = at.left
    value = cx.value(at)
    for link in reversed(chain):
        mark = cx.mark()
        right = cx.value(link.right)
        if len(cx.out) > mark:
            (value,) = cx.settle(mark, value)
        value = operate(cx, link, value, right)
    return value


# --- casts -----------------------------------------------------------------------------------------------------------------------


def _cast_value(cx: Lowering, node: c_ast.Cast) -> Value:
    to = cx.type_of(node.to_type).plain
    value = cx.value(node.expr)
    if isinstance(to, c.Void):
        return Value(value.ssa, to, value.ops)
    if not _castable(value, to):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"a value of type `{value.ctype}` cannot be cast to `{to}`")
    if (
        isinstance(to, c.Pointer)
        and isinstance(value.ctype, c.Pointer)
        and isinstance(to.to, c.Function) != isinstance(value.ctype.to, c.Function)
    ):
        raise cx.refuse(Code.FUNCTION_POINTER, node, "a cast to or from a function pointer")
    if isinstance(to, c.Int) and isinstance(value.ops[0], minic.NullOp) and (offset := fold(cx, value.ops)) is not None:
        discard(value)
        return constant(int(offset), to, cx.at(node))
    return convert(value, to, explicit=True)


def _castable(value: Value, to: c.CType) -> bool:
    source = value.ctype
    if isinstance(source, c.Struct) or isinstance(to, c.Struct):
        return c.same(source, to)
    if not (c.is_scalar(source) and c.is_scalar(to)):
        return False
    kinds = {type(source), type(to)}
    return kinds != {c.Pointer, c.Float}


def _cast_effect(cx: Lowering, node: c_ast.Cast) -> None:
    if isinstance(cx.type_of(node.to_type), c.Void):
        cx.effect(node.expr)
    else:
        cx.drop(_cast_value(cx, node))


def _comma_value(cx: Lowering, node: c_ast.ExprList) -> Value:
    for each in node.exprs[:-1]:
        cx.effect(each)
    return cx.value(node.exprs[-1])


def _comma_effect(cx: Lowering, node: c_ast.ExprList) -> None:
    for each in node.exprs:
        cx.effect(each)


def _generic_value(cx: Lowering, node: c_ast.GenericSelection) -> Value:
    return cx.value(_generic(cx, node))


def _generic(cx: Lowering, node: c_ast.GenericSelection) -> Any:
    """The association of `_Generic` that is chosen."""
    ctype = c.decayed(cx.type_of_expression(node.expr)).plain
    default = None
    for each in node.associations:
        if each.type is None:
            default = each.expr
        elif c.same(cx.type_of(each.type), ctype):
            return each.expr
    if default is None:
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"no association of `_Generic` is for `{ctype}`")
    return default


VALUES: dict[type, Any] = {
    c_ast.Constant: _constant_value,
    c_ast.ArrayRef: _loaded,
    c_ast.StructRef: _loaded,
    c_ast.UnaryOp: _unary_value,
    c_ast.BinaryOp: _binary_value,
    c_ast.Cast: _cast_value,
    c_ast.ExprList: _comma_value,
    c_ast.GenericSelection: _generic_value,
}
EFFECTS: dict[type, Any] = {
    c_ast.Cast: _cast_effect,
    c_ast.ExprList: _comma_effect,
}
PLACES: dict[type, Any] = {
    c_ast.Constant: _string_place,
    c_ast.ArrayRef: _element_place,
    c_ast.StructRef: _member_place,
    c_ast.UnaryOp: _unary_place,
}

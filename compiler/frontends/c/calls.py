"""Calls: the callee by name, the arguments checked and converted, evaluated left to right.

    y = f(x, 1);     ->     minic.assign %y, (minic.call "f" %x, 1)

`assert`, `offsetof` and a few builtins look like calls and become something else. Calls through pointers are refused.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c import overflow_builtins
from compiler.frontends.c.builtins import ASM_CALL, ASSERT_CALL
from compiler.frontends.c.conditions import condition
from compiler.frontends.c.constants import constant_value
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import assigned, constant, convert
from compiler.frontends.c.scopes import FunctionName, Variable
from compiler.frontends.c.trees import Value, grow


def _args(node: c_ast.FuncCall) -> list[Any]:
    return node.args.exprs if node.args is not None else []


def _callee(cx: Lowering, node: c_ast.FuncCall) -> FunctionName:
    name = node.name
    if not isinstance(name, c_ast.ID):
        raise cx.refuse(
            Code.FUNCTION_POINTER,
            node,
            "a call of something that is not a function's name",
            help="function pointers are not supported: call by name",
        )
    found = cx.scopes.find(name.name)
    if found is None and name.name.startswith("__builtin_"):
        raise cx.refuse(Code.UNKNOWN_BUILTIN, node, f"`{name.name}` is not supported")
    if found is None:
        raise cx.undeclared(name.name, node, f"`{name.name}` is called but not declared")
    if isinstance(found, FunctionName):
        if name.name in ("setjmp", "longjmp", "sigsetjmp", "siglongjmp"):
            raise cx.refuse(Code.NON_LOCAL_JUMP, node, f"`{name.name}` is not supported")
        return found
    code = (
        Code.FUNCTION_POINTER
        if isinstance(found, Variable) and _is_function_pointer(found.ctype)
        else Code.TYPE_MISMATCH
    )
    raise cx.refuse(code, node, f"`{name.name}` is not a function")


def _is_function_pointer(ctype: c.CType) -> bool:
    return isinstance(ctype, c.Pointer) and isinstance(ctype.to, c.Function)


def _arguments(cx: Lowering, node: c_ast.FuncCall, callee: FunctionName) -> list[Value]:
    nodes = _args(node)
    ctype = callee.ctype
    if ctype.prototyped and (len(nodes) < len(ctype.params) or (len(nodes) > len(ctype.params) and not ctype.variadic)):
        least = "at least " if ctype.variadic else ""
        raise cx.refuse(
            Code.ARGUMENT_COUNT,
            node,
            f"`{callee.name}` takes {least}{len(ctype.params)} argument(s), and this call gives {len(nodes)}",
        )
    values: list[Value] = []
    for index, arg in enumerate(nodes):
        mark = cx.mark()
        value = cx.value(arg)
        if len(cx.out) > mark:
            values = list(cx.settle(mark, *values))
        values.append(_passed(cx, arg, value, callee, index))
    return values


def _passed(cx: Lowering, node: Any, value: Value, callee: FunctionName, index: int) -> Value:
    params = callee.ctype.params
    if callee.ctype.prototyped and index < len(params):
        return assigned(cx, value, params[index], node, f"passed to `{callee.name}` as")
    if isinstance(value.ctype, c.Void):
        raise cx.refuse(Code.TYPE_MISMATCH, node, "an argument of type `void`")
    ctype = c.DOUBLE if isinstance(value.ctype, c.Float) else c.promoted(value.ctype)
    return convert(value, ctype)


def _checked(cx: Lowering, node: c_ast.FuncCall) -> tuple[FunctionName, list[Value]]:
    callee = _callee(cx, node)
    result = callee.ctype.result
    if not isinstance(result, c.Void) and not c.is_complete(result):
        raise cx.incomplete(node, result, f"`{callee.name}` returns the incomplete type `{result}`")
    cx.used_symbols.add(callee.name)
    if not callee.ctype.prototyped:
        cx.early_callees[callee.name] = callee
    return callee, _arguments(cx, node, callee)


def _call_value(cx: Lowering, node: c_ast.FuncCall) -> Value:
    name = node.name.name if isinstance(node.name, c_ast.ID) else ""
    if name in _SPECIAL_VALUES:
        return _SPECIAL_VALUES[name](cx, node)
    callee, args = _checked(cx, node)
    if isinstance(callee.ctype.result, c.Void):
        raise cx.refuse(Code.TYPE_MISMATCH, node, f"`{callee.name}` returns nothing, and its value is used")
    return grow(minic.CallOp, cx.at(node), callee.ctype.result, *args, properties={"callee": StringAttr(callee.name)})


def _call_effect(cx: Lowering, node: c_ast.FuncCall) -> None:
    name = node.name.name if isinstance(node.name, c_ast.ID) else ""
    if name in _SPECIAL_EFFECTS:
        _SPECIAL_EFFECTS[name](cx, node)
        return
    if name in _SPECIAL_VALUES:
        cx.drop(_SPECIAL_VALUES[name](cx, node))
        return
    callee, args = _checked(cx, node)
    operands = [arg.ssa for arg in args]
    cx.put(
        minic.CallStmtOp.create(
            operands=operands, properties={"callee": StringAttr(callee.name)}, location=cx.at(node)
        ),
        *args,
    )


# --- what only looks like a call -------------------------------------------------------------------------------------------------


def _assert(cx: Lowering, node: c_ast.FuncCall) -> None:
    operand = _args(node)[0]
    cond = cx.finished(condition(cx, operand))
    text = StringAttr(cx.source_of_argument(node))
    cx.put(minic.AssertOp.create(operands=(cond.ssa,), properties={"text": text}, location=cx.at(node)), cond)


def _asm(cx: Lowering, node: c_ast.FuncCall) -> None:
    raise cx.refuse(
        Code.INLINE_ASSEMBLY, node, "inline assembly is not supported", help="write it in C, or leave this file out"
    )


def _offsetof(cx: Lowering, node: c_ast.FuncCall) -> Value:
    ctype = cx.type_of(_args(node)[0])
    return constant(_offset(cx, ctype, _args(node)[1])[0], c.SIZE, cx.at(node))


def _offset(cx: Lowering, ctype: c.CType, node: Any) -> tuple[int, c.CType]:
    """The offset of `a.b[3]` in a struct, and the type there."""
    match node:
        case c_ast.ArrayRef():
            base, array = _offset(cx, ctype, node.name)
            index = constant_value(cx, node.subscript)
            if not isinstance(array, c.Array) or index is None:
                raise cx.refuse(
                    Code.NOT_CONSTANT, node, "`offsetof` wants a member, or an element of a member that is an array"
                )
            return base + index * c.size_of(array.element), array.element
        case c_ast.StructRef():
            base, outer = _offset(cx, ctype, node.name)
            name = node.field.name
        case _:
            base, outer, name = 0, ctype, node.name
    member = outer.definition.member(name) if isinstance(outer, c.Struct) else None
    if member is None:
        raise cx.refuse(Code.NO_SUCH_MEMBER, node, f"`{outer}` has no field `{name}`")
    if member.bits is not None:
        raise cx.refuse(Code.BIT_FIELD, node, f"`{name}` is a bit-field: it has no offset")
    return base + member.offset, member.ctype


def _constant_p(cx: Lowering, node: c_ast.FuncCall) -> Value:
    known = constant_value(cx, _args(node)[0])
    return constant(int(known is not None), c.INT, cx.at(node))


def _prefetch(cx: Lowering, node: c_ast.FuncCall) -> None:
    """A hint: only the side effects of its arguments count."""
    for arg in _args(node):
        cx.effect(arg)


_SPECIAL_VALUES: dict[str, Any] = {
    "offsetof": _offsetof,
    "__builtin_constant_p": _constant_p,
    **overflow_builtins.VALUES,
}
_SPECIAL_EFFECTS: dict[str, Any] = {ASSERT_CALL: _assert, ASM_CALL: _asm, "__builtin_prefetch": _prefetch}

VALUES: dict[type, Any] = {c_ast.FuncCall: _call_value}
EFFECTS: dict[type, Any] = {c_ast.FuncCall: _call_effect}

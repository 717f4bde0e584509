"""GNU C's arithmetic that reports overflow, computed in 128 bits.

    if (__builtin_add_overflow(a, b, &r))     ->     t = (__int128)a + b;  r = (int)t;  if ((__int128)(int)t != t)

Operands of up to 64 bits: every exact result has its own 128 bits, so the comparison tells.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import StringAttr

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import convert
from compiler.frontends.c.trees import Value, copy_value, grow, grow_place

_KINDS = {f"__builtin_{kind}_overflow": kind for kind in ("add", "sub", "mul")}


def _overflow(cx: Lowering, node: c_ast.FuncCall) -> Value:
    args = node.args.exprs if node.args is not None else []
    name: str = node.name.name
    if len(args) != 3:
        raise cx.refuse(Code.ARGUMENT_COUNT, node, f"`{name}` takes 3 arguments, and this call gives {len(args)}")
    values: list[Value] = []
    for arg in args:
        mark = cx.mark()
        value = cx.value(arg)
        values = [*cx.settle(mark, *values), value]
    return _computed(cx, node, _KINDS[name], values)


def _computed(cx: Lowering, node: c_ast.FuncCall, kind: str, values: list[Value]) -> Value:
    left, right, pointer = values
    to = pointer.ctype.to.plain if isinstance(pointer.ctype, c.Pointer) else None
    if not (_is_small(left.ctype) and _is_small(right.ctype) and to is not None and _is_small(to)):
        raise cx.refuse(Code.UNKNOWN_BUILTIN, node, "this builtin is supported for integers of up to 64 bits")
    at = cx.at(node)
    pointer = cx.temporary(pointer) if len(pointer.ops) > 2 else pointer
    wide = c.INT128 if _is_signed(left.ctype) or _is_signed(right.ctype) else c.UINT128
    properties = {"kind": StringAttr(kind)}
    exact = cx.temporary(
        grow(minic.BinaryOp, at, wide, convert(left, wide), convert(right, wide), properties=properties)
    )
    again, once_more = copy_value(exact), copy_value(exact)
    place = grow_place(minic.DerefOp, at, to, pointer)
    stored = convert(exact, to)
    cx.put(minic.AssignOp.create(operands=(place.ssa, stored.ssa), location=at), place, stored)
    back = convert(convert(again, to), wide)
    return grow(minic.CompareOp, at, c.TRUTH, back, once_more, properties={"kind": StringAttr("ne")})


def _is_small(ctype: c.CType) -> bool:
    return isinstance(ctype, c.Int) and ctype.bits <= 64


def _is_signed(ctype: c.CType) -> bool:
    return isinstance(ctype, c.Int) and ctype.signed


VALUES: dict[str, Any] = dict.fromkeys(_KINDS, _overflow)

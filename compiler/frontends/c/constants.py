"""Constant expressions: the integer that an expression is, when C says it must be one (C11 6.6).

An expression is lowered as any other and the tree is then folded, so typing and folding cannot disagree:

    sizeof(int) * 4 - 1     ->     minic ops     ->     15

None when the tree reads an object or calls; undefined arithmetic (a division by zero, a shift too far, a signed overflow) is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from xdsl.ir import Attribute, Operation, SSAValue

from compiler.codes import Code
from compiler.dialects import minic
from compiler.dialects.minic_types import ArrayType, FloatType, IntType, PlaceType, PtrType, StructType
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.trees import discard

Number = int | float
_KIND = {
    **{t.kind: t for t in (c.CHAR, c.SCHAR, c.UCHAR, c.SHORT, c.USHORT, c.INT, c.UINT, c.LONG, c.ULONG)},
    "usize": c.ULONG,
    "isize": c.LONG,
    "bool": c.BOOL,
    "i128": c.INT128,
    "u128": c.UINT128,
}


def constant_value(cx: Lowering, node: Any) -> int | None:
    """The value of an integer constant expression, or None when the expression is none."""
    with cx.block() as placed:
        value = cx.value(node)
        number = None if placed else _folded(cx, value.ops)
        discard(value)
        for op in placed:
            op.drop_all_references()
    if not isinstance(value.ctype, c.Int):
        return None
    if isinstance(number, _Undefined):
        raise cx.refuse(Code.CONSTANT_UNDEFINED, node, f"this constant is undefined: {number.why}")
    return number if isinstance(number, int) else None


def constant_name(cx: Lowering, node: Any) -> str:
    """The symbol of the `minic.define` that a constant expression is a use of; "" when it is more than a name."""
    with cx.block() as placed:
        value = cx.value(node)
        op = value.ops[-1] if value.ops and not placed else None
        name = op.symbol.data if isinstance(op, minic.ConstOp) and op.symbol is not None else ""
        discard(value)
        for each in placed:
            each.drop_all_references()
    return name


class _Undefined:
    """A constant expression whose value C leaves undefined."""

    def __init__(self, why: str) -> None:
        self.why = why


class _Unknown(Exception):
    """The tree is not a constant expression."""


class _Fault(Exception):
    pass


def fold(cx: Lowering, ops: list[Operation]) -> Number | None:
    """The value of a tree of arithmetic constants; pointers are offsets from null. None when it is something else."""
    number = _folded(cx, ops)
    return None if isinstance(number, _Undefined) else number


def _folded(cx: Lowering, ops: list[Operation]) -> Number | _Undefined | None:
    known: dict[SSAValue, Number] = {}
    try:
        for op in ops:
            known[op.results[0]] = _fold_op(cx, op, known)
    except (_Unknown, IndexError, KeyError):
        return None
    except _Fault as fault:
        return _Undefined(str(fault))
    return known[ops[-1].results[0]]


def _region(cx: Lowering, op: Operation, index: int, known: dict[SSAValue, Number]) -> Number:
    inner = dict(known)
    ops = list(op.regions[index].block.ops)
    for each in ops[:-1]:
        inner[each.results[0]] = _fold_op(cx, each, inner)
    return inner[ops[-1].operands[0]]


def _fold_op(cx: Lowering, op: Operation, known: dict[SSAValue, Number]) -> Number:
    match op:
        case minic.ConstOp():
            return op.value.data
        case minic.FloatConstOp():
            return op.value.value.data
        case minic.NullOp():
            return 0
        case minic.CastOp():
            return _cast(known[op.operand], op)
        case minic.BinaryOp():
            return _binary(op, known[op.lhs], known[op.rhs])
        case minic.UnaryOp():
            operand = known[op.operand]
            return _fit(-operand if op.kind.data == "neg" else ~_integer(operand), op)
        case minic.CompareOp():
            return int(_COMPARISONS[op.kind.data](known[op.lhs], known[op.rhs]))
        case minic.TruthOp():
            return int(known[op.operand] != 0)
        case minic.NotOp():
            return int(not known[op.operand])
        case minic.LogicalOp():
            left = bool(known[op.lhs])
            return int(left) if left == (op.kind.data == "or") else int(bool(_region(cx, op, 0, known)))
        case minic.SelectOp():
            return _region(cx, op, 0 if known[op.cond] else 1, known)
        case _:
            return _fold_place(cx, op, known)


def _fold_place(cx: Lowering, op: Operation, known: dict[SSAValue, Number]) -> Number:
    """Offsets from a null pointer: how C without `offsetof` writes it."""
    match op:
        case minic.DerefOp():
            return known[op.pointer]
        case minic.AddrOp() | minic.DecayOp():
            return known[op.place]
        case minic.FieldOp():
            assert isinstance(op.base.type, PlaceType) and isinstance(op.base.type.of, StructType)
            fields = cx.definitions[op.base.type.of.symbol.data].fields
            return known[op.base] + next(each.offset for each in fields if each.name == op.field.data)
        case minic.IndexOp() | minic.PtrAddOp():
            assert isinstance(op.pointer.type, PtrType)
            return known[op.pointer] + known[op.index] * _size(cx, op.pointer.type.pointee)
        case _:
            raise _Unknown


def _size(cx: Lowering, of: Attribute) -> int:
    match of:
        case IntType():
            return of.width // 8
        case FloatType():
            return of.width.data // 8
        case ArrayType():
            return of.size.data * _size(cx, of.element)
        case StructType():
            return cx.definitions[of.symbol.data].size
        case _:
            return 8


_COMPARISONS: dict[str, Callable[[Number, Number], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def _integer(number: Number) -> int:
    if isinstance(number, float):
        raise _Unknown
    return number


def _cast(number: Number, op: minic.CastOp) -> Number:
    to = op.result.type
    match to:
        case IntType():
            target = _KIND[to.kind.data]
            return target.wrap(number if target.rank == 0 else int(number))  # type: ignore[arg-type]
        case FloatType():
            return float(number)
        case PtrType():
            return number
        case _:
            raise _Unknown


def _fit(number: Number, op: Operation) -> Number:
    """The result in its type: unsigned wraps, signed must fit."""
    to = op.results[0].type
    if not isinstance(to, IntType):
        return float(number)
    ctype = _KIND[to.kind.data]
    wrapped = ctype.wrap(_integer(number))
    if ctype.signed and wrapped != number:
        raise _Fault(f"{number} does not fit in `{ctype}`")
    return wrapped


def _binary(op: minic.BinaryOp, left: Number, right: Number) -> Number:
    kind = op.kind.data
    if isinstance(left, float) or isinstance(right, float):
        return _float_binary(kind, float(left), float(right))
    match kind:
        case "add":
            return _fit(left + right, op)
        case "sub":
            return _fit(left - right, op)
        case "mul":
            return _fit(left * right, op)
        case "and":
            return left & right
        case "or":
            return left | right
        case "xor":
            return left ^ right
        case "div" | "rem":
            return _divide(op, left, right)
        case _:
            return _shift(op, left, right)


def _divide(op: minic.BinaryOp, left: int, right: int) -> Number:
    if right == 0:
        raise _Fault("it divides by zero")
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return _fit(quotient if op.kind.data == "div" else left - quotient * right, op)


def _shift(op: minic.BinaryOp, left: int, right: int) -> Number:
    ctype = _KIND[op.result.type.kind.data] if isinstance(op.result.type, IntType) else c.INT
    if not 0 <= right < ctype.bits:
        raise _Fault(f"it shifts a value of {ctype.bits} bits by {right}")
    if op.kind.data == "shr":
        return left >> right
    return ctype.wrap(left << right)


def _float_binary(kind: str, left: float, right: float) -> float:
    match kind:
        case "add":
            return left + right
        case "sub":
            return left - right
        case "mul":
            return left * right
        case "div" if right != 0:
            return left / right
        case _:
            raise _Unknown

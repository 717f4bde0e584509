"""Conversions: every one that C makes silently becomes an op, unless it can be made on a constant at once.

    uint64_t x = n;  (n: uint32_t)     ->   minic.cast %n : u32 to u64
    x + 1                              ->   %x + (minic.const 1 : u64)          the constant is converted here, not at run time

Conversions by assignment are checked (C11 6.5.16.1), with two liberties that compilers give with a warning and real code takes:
pointers may differ in the signedness of what they point to, and may lose `const` (writing through it is a later stage's matter).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from xdsl.dialects.builtin import Float64Type, FloatAttr, IntAttr, LocationAttr, StringAttr
from xdsl.ir import Attribute

from compiler.codes import Code
from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.emission import UNIT
from compiler.frontends.c.trees import Value, constant_of, discard, grow, is_null

_F64 = Float64Type()
_number, _string = cache(IntAttr), cache(StringAttr)


def constant(
    value: int, ctype: c.Int, at: LocationAttr, spelling: str | None = None, symbol: str | None = None
) -> Value:
    """An integer constant, wrapped to its type."""
    properties: dict[str, Attribute] = {"value": _number(ctype.wrap(value))}
    if spelling:
        properties["spelling"] = _string(spelling)
    if symbol:
        properties["symbol"] = _string(symbol)
    return grow(minic.ConstOp, at, ctype, properties=properties)


def float_constant(value: float, ctype: c.Float, at: LocationAttr) -> Value:
    return grow(minic.FloatConstOp, at, ctype, properties={"value": FloatAttr(value, _F64)})


def convert(value: Value, to: c.CType, explicit: bool = False) -> Value:
    """The value as one of type `to`; whether C allows the conversion has been checked."""
    to = to.plain
    if value.ctype.ir == to.ir:
        value.ctype = to
        return value
    if isinstance(to, c.Int) and to.kind == "bool":
        return truth(value, to)
    at = value.ops[-1].location
    if (known := constant_of(value)) is not None:
        folded = _converted_constant(known, value, to)
        if folded is not None:
            discard(value)
            return folded
    if _is_inverted_literal(value, to):
        return _inverted_literal(value, to)
    if isinstance(to, c.Pointer) and is_null(value):
        discard(value)
        return grow(minic.NullOp, at, to)
    return grow(minic.CastOp, at, to, value, properties={"explicit": UNIT} if explicit else {})


def _converted_constant(known: minic.ConstOp, value: Value, to: c.CType) -> Value | None:
    number = known.value.data
    match to:
        case c.Pointer() if number == 0:
            return grow(minic.NullOp, known.location, to)
        case c.Float() if abs(number) < 1 << 24:
            return float_constant(float(number), to, known.location)
        case c.Int() if known.symbol is None:
            wrapped = to.wrap(number)
            spelling = known.spelling.data if known.spelling else None
            if wrapped != number:
                spelling = "hex" if abs(wrapped) > 255 else None
            if spelling == "char" and not (0 <= wrapped < 128 and to.bits == 8):
                spelling = "char" if 32 <= wrapped < 127 else None
            return constant(wrapped, to, known.location, spelling)
        case _:
            return None


def _is_inverted_literal(value: Value, to: c.CType) -> bool:
    """`~7` about to become a type that gives the same bits whether 7 is converted before or after."""
    if len(value.ops) != 2 or not isinstance(value.ops[1], minic.UnaryOp):
        return False
    known, source = value.ops[0], value.ctype
    plain = isinstance(known, minic.ConstOp) and known.symbol is None
    return plain and isinstance(source, c.Int) and isinstance(to, c.Int) and (source.signed or to.bits <= source.bits)


def _inverted_literal(value: Value, to: c.CType) -> Value:
    known, inverse = value.ops
    assert isinstance(to, c.Int) and isinstance(known, minic.ConstOp)
    spelling = known.spelling.data if known.spelling else None
    literal = constant(known.value.data, to, known.location, spelling)
    inverted = grow(minic.UnaryOp, inverse.location, to, literal, properties=inverse.properties)
    discard(value)
    return inverted


def truth(value: Value, to: c.Int = c.TRUTH) -> Value:
    """`value != 0` as a minic bool."""
    if value.ctype.ir == c.TRUTH.ir:
        value.ctype = to
        return value
    last = value.ops[-1]
    if isinstance(last, minic.CastOp) and last.operand.type == c.TRUTH.ir and isinstance(value.ctype, c.Int):
        return _without_cast(value, last, to)
    if (known := constant_of(value)) is not None and known.symbol is None:
        discard(value)
        return constant(int(known.value.data != 0), to, known.location)
    return grow(minic.TruthOp, last.location, to, value)


def _without_cast(value: Value, cast: minic.CastOp, to: c.Int) -> Value:
    """A bool that was made an integer, seen as a bool again."""
    ssa = cast.operand
    value.ops.pop().drop_all_references()
    return Value(ssa, to, value.ops)


def promote(value: Value) -> Value:
    return convert(value, c.promoted(value.ctype))


def arithmetic(left: Value, right: Value) -> tuple[Value, Value, c.CType]:
    """The usual arithmetic conversions. Between `usize` and `u64`, which are one type in C, a constant adapts to the other operand."""
    to = c.common(left.ctype, right.ctype)
    if (
        c.same(left.ctype, right.ctype)
        and left.ctype.ir != right.ctype.ir
        and isinstance(to, c.Int)
        and to.rank == c.SIZE.rank
    ):
        to = right.ctype if constant_of(left) else left.ctype if constant_of(right) else to
    return convert(left, to), convert(right, to), to


def assigned(cx: Lowering, value: Value, to: c.CType, node: Any, what: str) -> Value:
    """The value converted as if by assignment to an object of type `to`; `what` ends the sentence of a refusal."""
    to = to.plain
    if not _assignable(value, to):
        raise cx.refuse(
            Code.TYPE_MISMATCH,
            node,
            f"a value of type `{value.ctype}` cannot be {what} `{to}`",
            help=_advice(value.ctype, to),
        )
    return convert(value, to)


def _advice(source: c.CType, to: c.CType) -> str:
    if isinstance(source, c.Pointer) and isinstance(to, c.Pointer):
        return "the pointers point to different types; if that is meant, write the cast"
    if isinstance(source, c.Pointer) or isinstance(to, c.Pointer):
        return "one is a pointer and the other is not; C wants a cast here"
    return ""


def _assignable(value: Value, to: c.CType) -> bool:
    source = value.ctype
    if c.is_arithmetic(source) and c.is_arithmetic(to):
        return True
    if isinstance(source, c.Pointer):
        return (isinstance(to, c.Int) and to.rank == 0) or (isinstance(to, c.Pointer) and pointers_agree(source, to))
    if isinstance(to, c.Pointer):
        return is_zero(value)
    return isinstance(source, c.Struct) and c.same(source, to)


def is_zero(value: Value) -> bool:
    """An integer constant expression with the value 0, as far as it shows: a null pointer constant."""
    known = constant_of(value)
    return known is not None and known.value.data == 0


def pointers_agree(left: c.Pointer, right: c.Pointer) -> bool:
    """Whether two pointers may be assigned or compared: to compatible types, qualifiers and signedness aside, or one to void."""
    a, b = left.to.plain, right.to.plain
    if isinstance(a, c.Void) or isinstance(b, c.Void):
        return True
    if isinstance(a, c.Int) and isinstance(b, c.Int) and a.rank == b.rank:
        return True
    if isinstance(a, c.Pointer) and isinstance(b, c.Pointer):
        return pointers_agree(a, b)
    return c.same(a, b)

"""Bit-fields: read with a shift and a mask, written into the integer that stores them.

    s.b = v;  (3 bits at bit 4)     ->     s.a_b = (v & 7) << 4 | s.a_b & ~0x70
    v = s.b;                        ->     v = s.a_b >> 4 & 7                       a signed one is moved up and back to extend its sign

A bit-field narrower than `int` has the value type `int`, one of 32 bits its own. Refused: widths from 33 to 63, of which compilers
disagree whether they promote.
"""

from __future__ import annotations

from typing import Any

from pycparser import c_ast
from xdsl.dialects.builtin import LocationAttr, StringAttr

from compiler.dialects import minic
from compiler.frontends.c import ctypes as c
from compiler.frontends.c.context import Lowering
from compiler.frontends.c.conversions import assigned, constant, convert, truth
from compiler.frontends.c.operators import operate
from compiler.frontends.c.trees import Place, Value, constant_of, copy_place, discard, grow

_KINDS = {kind: {"kind": StringAttr(kind)} for kind in ("and", "or", "shl", "shr")}


def value_type(ctype: c.CType, width: int) -> c.Int:
    """The type of the value of a bit-field, promoted."""
    assert isinstance(ctype, c.Int)
    if ctype.rank == 0:
        return c.BOOL
    if width < c.INT.bits:
        return c.INT
    return c.UINT if width == c.UINT.bits and not ctype.signed else ctype


def read(place: Place, at: LocationAttr) -> Value:
    """The value of a bit-field."""
    bits, ctype = _parts(place)
    raw = convert(grow(minic.LoadOp, at, bits.storage, place), _word(bits))
    to = value_type(ctype, bits.width)
    if not ctype.signed:
        field = _masked(_moved(raw, "shr", bits.shift, at), bits, at)
        return truth(field, c.BOOL) if ctype.rank == 0 else convert(field, to)
    word = _word(bits)
    up = _moved(raw, "shl", word.bits - bits.shift - bits.width, at)
    return convert(_moved(convert(up, _SIGNED[word]), "shr", word.bits - bits.width, at), to)


_SIGNED: dict[c.Int, c.Int] = {c.UINT: c.INT, c.ULONG: c.LONG, c.UINT128: c.INT128}


def _parts(place: Place) -> tuple[c.Bits, c.Int]:
    ctype = place.ctype.plain
    assert place.bits is not None and isinstance(ctype, c.Int)
    return place.bits, ctype


def _word(bits: c.Bits) -> c.Int:
    """The type to compute in."""
    return bits.storage if bits.storage.bits > c.UINT.bits else c.UINT


def _moved(value: Value, kind: str, by: int, at: LocationAttr) -> Value:
    if by == 0:
        return value
    return grow(minic.BinaryOp, at, value.ctype, value, constant(by, c.INT, at), properties=_KINDS[kind])


def _masked(value: Value, bits: c.Bits, at: LocationAttr) -> Value:
    """The lowest bits of a value, as many as the field has."""
    assert isinstance(value.ctype, c.Int)
    if bits.shift + bits.width == bits.storage.bits:
        return value
    mask = constant((1 << bits.width) - 1, value.ctype, at, "hex")
    return grow(minic.BinaryOp, at, value.ctype, value, mask, properties=_KINDS["and"])


def placed_bits(value: Value, bits: c.Bits, at: LocationAttr) -> Value:
    """A value cut to the field's width and moved to its place in the storage."""
    word = _word(bits)
    known = constant_of(value)
    if known is not None and known.symbol is None:
        discard(value)
        number = (known.value.data & ((1 << bits.width) - 1)) << bits.shift
        return constant(number, word, at, "hex" if bits.shift else None)
    value = convert(value, word)
    mask = constant((1 << bits.width) - 1, word, at, "hex")
    cut = grow(minic.BinaryOp, at, word, value, mask, properties=_KINDS["and"])
    return _moved(cut, "shl", bits.shift, at)


def combined(values: list[Value], at: LocationAttr) -> Value:
    """Bits in different places, in one word."""
    word, *rest = values
    for each in rest:
        word = grow(minic.BinaryOp, at, word.ctype, word, each, properties=_KINDS["or"])
    return word


def assign_bits(cx: Lowering, node: Any, place: Place, value: Value) -> Place:
    """Put the assignment of a value, already of the field's type, to a bit-field; the place once more, for who wants to read it."""
    bits, _ = _parts(place)
    at = cx.at(node)
    place, old = cx.twice(place, cx.writing(place, value))
    again = copy_place(old)
    if bits.width == bits.storage.bits:
        discard(old)
        new = convert(value, bits.storage)
    else:
        kept_bits = constant(~(((1 << bits.width) - 1) << bits.shift), bits.storage, at, "hex")
        raw = convert(grow(minic.LoadOp, at, bits.storage, old), _word(bits))
        kept = grow(minic.BinaryOp, at, raw.ctype, raw, convert(kept_bits, _word(bits)), properties=_KINDS["and"])
        new = convert(combined([placed_bits(value, bits, at), kept], at), bits.storage)
    cx.put(minic.AssignOp.create(operands=(place.ssa, new.ssa), location=at), place, new)
    return again


def update_bits(cx: Lowering, node: Any, op: str, place: Place, value: Value) -> Place:
    """Put `place op= value` on a bit-field; the place once more."""
    value = cx.uncalled(value)
    place, source = cx.twice(place, cx.writing(place, value))
    operator: Any = c_ast.BinaryOp(op, None, None, node.coord)
    result = operate(cx, operator, read(source, cx.at(node)), value)
    return assign_bits(cx, node, place, assigned(cx, result, place.ctype, node, "assigned to"))

"""How tensors lie in memory: which container an element has, and elements as words or doubles.

    !qarith.fp<…>, f64      f64: the value itself         si4 … si8, ui8      i8
    si9 … si16              i16                           si40                i64

Containers are those of C; what is computed with are doubles and words of 64 bits.
"""

from __future__ import annotations

from xdsl.dialects.builtin import IntegerType, f64, i64
from xdsl.ir import Attribute

from compiler.arithmetic.formats import Format
from compiler.dialects.qarith_types import Element, Integer, Quantised
from compiler.passes.loops.build import LoopBuilder, element_of
from compiler.passes.loops.values import Operand, Value, width_of

BYTES = (8, 16, 32, 64)


def storage_of(element: Element) -> Integer | None:
    """The integers that an element is; None for a float."""
    match element:
        case Format():
            return None
        case Integer():
            return element
        case Quantised():
            return element.storage


def container(element: Element) -> Attribute:
    """The type of an element in memory."""
    integers = storage_of(element)
    if integers is None:
        return f64
    return IntegerType(next(width for width in BYTES if width >= integers.width))


def word_type(element: Element) -> Attribute:
    """The type of an element while it is computed with."""
    return f64 if storage_of(element) is None else i64


def load(b: LoopBuilder, ref: Value, at: Operand, element: Element) -> Value:
    """An element of an array, as a double or a word."""
    value, integers = b.load(ref, at), storage_of(element)
    if integers is None:
        return value
    return value.to(i64) if integers.signed else value.unsigned_to(i64)


def store(b: LoopBuilder, value: Value, ref: Value, at: Operand) -> None:
    """Store a double or a word, whose container holds it."""
    kind = element_of(ref)
    narrow = value if value.type == kind or value.is_float else value.to(kind)
    assert narrow.width == width_of(kind)
    b.store(narrow, ref, at)

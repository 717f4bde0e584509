"""C expressions with their precedence, and C types and literals.

    binary("*", binary("+", a, b), c).text        (a + b) * c

Parentheses stand where precedence asks for them, and where gcc's -Wall would have them for a reader.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
    VectorType,
)
from xdsl.ir import Attribute


class Level(IntEnum):
    """How tightly an expression binds."""

    CONDITIONAL = 1
    EITHER = 2
    BOTH = 3
    OR = 4
    XOR = 5
    AND = 6
    EQUALITY = 7
    RELATION = 8
    SHIFT = 9
    SUM = 10
    PRODUCT = 11
    UNARY = 12
    POSTFIX = 13


_BINARY: dict[str, Level] = {
    "||": Level.EITHER,
    "&&": Level.BOTH,
    "|": Level.OR,
    "^": Level.XOR,
    "&": Level.AND,
    "==": Level.EQUALITY,
    "!=": Level.EQUALITY,
    "<": Level.RELATION,
    "<=": Level.RELATION,
    ">": Level.RELATION,
    ">=": Level.RELATION,
    "<<": Level.SHIFT,
    ">>": Level.SHIFT,
    "+": Level.SUM,
    "-": Level.SUM,
    "*": Level.PRODUCT,
    "/": Level.PRODUCT,
    "%": Level.PRODUCT,
}


@dataclass(frozen=True, slots=True)
class Text:
    """An expression as text, and how tightly it binds."""

    text: str
    level: Level = Level.POSTFIX

    def at_least(self, level: Level) -> str:
        """In parentheses if it binds less tightly."""
        return self.text if self.level >= level else f"({self.text})"


def binary(operator: str, left: Text, right: Text) -> Text:
    """`left operator right`, with the parentheses among bit operators, shifts and comparisons that only a reader needs."""
    level = _BINARY[operator]
    repeats = operator in ("+", "-", "*", "|", "&", "^", "||", "&&")
    first = left.text if repeats and left.level == level else left.at_least(_FOR_READERS.get(level, level))
    second = right.at_least(_FOR_READERS.get(level, Level(level + 1)))
    return Text(f"{first} {operator} {second}", level)


_FOR_READERS = {
    Level.EITHER: Level.EQUALITY,
    Level.BOTH: Level.EQUALITY,
    Level.OR: Level.UNARY,
    Level.XOR: Level.UNARY,
    Level.AND: Level.UNARY,
    Level.SHIFT: Level.UNARY,
    Level.EQUALITY: Level.SUM,
    Level.RELATION: Level.SUM,
}
"""What an operand must bind like to go without parentheses, where that is more than C asks for."""


def conditional(condition: Text, then: Text, otherwise: Text) -> Text:
    """`condition ? then : otherwise`."""
    parts = [each.at_least(Level.EITHER) for each in (condition, then, otherwise)]
    return Text(f"{parts[0]} ? {parts[1]} : {parts[2]}", Level.CONDITIONAL)


def cast(kind: str, value: Text) -> Text:
    """`(kind)value`."""
    return Text(f"({kind}){value.at_least(Level.UNARY)}", Level.UNARY)


def negative(value: Text) -> Text:
    """`-value`; two signs in a row would be another operator."""
    shown = value.at_least(Level.UNARY)
    return Text(f"-({shown})" if shown.startswith("-") else f"-{shown}", Level.UNARY)


def call(name: str, *arguments: Text) -> Text:
    """`name(arguments)`."""
    return Text(f"{name}({', '.join(each.text for each in arguments)})")


def element(array: Text, at: Text) -> Text:
    """`array[at]`."""
    return Text(f"{array.at_least(Level.POSTFIX)}[{at.text}]")


def c_type(kind: Attribute) -> str:
    """Signless integers are unsigned in C, where they wrap as they do in `arith`; an index is signed."""
    match kind:
        case IndexType():
            return "int64_t"
        case IntegerType():
            width = bits_of(kind)
            return "bool" if width == 1 else f"uint{width}_t"
        case Float32Type():
            return "float"
        case Float64Type():
            return "double"
        case _ if is_vector(kind):
            return vector_type(kind)
        case _:
            raise AssertionError(f"{kind} is no type of the loop language")


def is_vector(kind: Attribute) -> bool:
    """Whether it is a vector of integers."""
    return isinstance(kind, VectorType)


def vector_type(kind: Attribute) -> str:
    """`u8x32` of `vector<32xi8>`, as `vectors.py` defines it."""
    lanes: Any = kind
    return f"u{lanes.element_type.width.data}x{lanes.get_shape()[0]}"


def bits_of(kind: Attribute) -> int:
    """Bits of an integer or an index; 0 of anything else."""
    if isinstance(kind, IndexType):
        return 64
    scalar: Any = kind
    return scalar.width.data if isinstance(kind, IntegerType) else 0


def signed_type(kind: Attribute) -> str:
    """The signed C type of an integer."""
    return c_type(kind).removeprefix("u")


def is_array(kind: Attribute) -> bool:
    """Whether it is a memref."""
    return isinstance(kind, MemRefType)


def element_type(kind: Attribute) -> Attribute:
    """Of a memref."""
    found: Any = kind
    assert isinstance(kind, MemRefType), f"{found} is no memref"
    return found.element_type


def length_of(kind: Attribute) -> int:
    """Of a memref of a fixed size."""
    found: Any = kind
    return found.get_shape()[0]


def literal(value: Attribute, kind: Attribute) -> Text:
    """A constant."""
    if isinstance(value, FloatAttr):
        return _float_literal(float(value.value.data), isinstance(kind, Float32Type))
    assert isinstance(value, IntegerAttr)
    number: int = value.value.data
    if isinstance(kind, IndexType):
        small = abs(number) < 1 << 31
        return Text(str(number) if small else f"INT64_C({number})", Level.UNARY if number < 0 else Level.POSTFIX)
    width = bits_of(kind)
    return _integer_literal(number % (1 << width), width)


def number_in_lanes(op: arith.ConstantOp) -> Text:
    """The number that a vector is full of: where it meets another vector, C fills one with it."""
    value: Any = op.value
    return Text(str(int(value.get_values()[0])))


def _integer_literal(number: int, width: int) -> Text:
    if width == 1:
        return Text("true" if number else "false")
    shown = str(number) if number < 1 << 16 else hex(number)
    return Text(f"UINT64_C({shown})" if width == 64 else f"{shown}u")


def _float_literal(number: float, single: bool) -> Text:
    if math.isinf(number):
        return Text("INFINITY" if number > 0 else "-INFINITY", Level.POSTFIX if number > 0 else Level.UNARY)
    assert not math.isnan(number), "NaN is no constant of a kernel"
    return Text(repr(number) + ("f" if single else ""), Level.UNARY if number < 0 else Level.POSTFIX)

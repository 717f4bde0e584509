"""C's arithmetic on Python numbers: integers wrapped to minic's types, floats rounded to theirs.

binary("add", INTS["u8"])(200, 100)     44
"""

import struct
from collections.abc import Callable
from typing import Any

from minic_memory import Fault
from xdsl.ir import Attribute

from compiler.dialects.minic_types import FloatType, IntType, PtrType


def wrap(value: int, to: IntType) -> int:
    if to.kind.data == "bool":
        return int(value != 0)
    value &= (1 << to.width) - 1
    return value - (1 << to.width) if to.signed and value >> (to.width - 1) else value


def conversion(source: Attribute, to: Attribute) -> Callable[[Any], Any]:
    match to:
        case IntType() if isinstance(source, FloatType) and to.kind.data == "bool":
            return lambda value: int(value != 0)
        case IntType() if isinstance(source, FloatType):
            return lambda value: _truncated(value, to)
        case IntType():
            return lambda value: wrap(value, to)
        case FloatType():
            return _rounded if to.width.data == 32 else float
        case PtrType() if isinstance(source, IntType):
            return lambda value: value & ((1 << 64) - 1)
        case _:
            return lambda value: value


def binary(kind: str, to: Attribute) -> Callable[[Any, Any], Any]:
    if isinstance(to, FloatType):
        finish = _rounded if to.width.data == 32 else float
        operator = _FLOAT[kind]
        return lambda a, b: finish(operator(a, b))
    assert isinstance(to, IntType)
    operator = _INTEGER[kind]
    return lambda a, b: wrap(operator(a, b), to)


def _truncated(value: float, to: IntType) -> int:
    if value != value or wrap(int(value), to) != int(value):
        raise Fault(f"{value} does not fit in {to}")
    return int(value)


def _rounded(value: float) -> float:
    """The nearest 32-bit float; an integer too long for a double is cut first, what is cut off kept as one sticky bit."""
    if isinstance(value, int) and (excess := value.bit_length() - 40) > 0:
        size = abs(value)
        kept = (size >> excess) | (size & ((1 << excess) - 1) != 0)
        value = float(kept << excess) * (1 if value > 0 else -1)
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _quotient(a: int, b: int) -> int:
    if b == 0:
        raise Fault("division by zero")
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _float_quotient(a: float, b: float) -> float:
    if b == 0:
        return float("nan") if a == 0 or a != a else float("inf") * (1 if (a > 0) == (str(b)[0] != "-") else -1)
    return a / b


def _shift(a: int, b: int) -> int:
    if not 0 <= b < 128:
        raise Fault("shift count")
    return b


_INTEGER: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _quotient,
    "rem": lambda a, b: a - _quotient(a, b) * b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "shl": lambda a, b: a << _shift(a, b),
    "shr": lambda a, b: a >> _shift(a, b),
}
_FLOAT: dict[str, Callable[[float, float], float]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _float_quotient,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}

"""How tightly the parts of a Rust expression bind, and where parentheses are wanted beyond that.

(a as u32) < b        without parentheses, `u32<b` would be a type
1 << (n + 1)          clippy::precedence asks for these
(x & y) ^ (!x & z)    and these, a reader
"""

from __future__ import annotations

from enum import IntEnum


class Precedence(IntEnum):
    """From loosest to tightest."""

    JUMP = 0
    ASSIGN = 1
    RANGE = 2
    OR = 3
    AND = 4
    COMPARE = 5
    BIT_OR = 6
    BIT_XOR = 7
    BIT_AND = 8
    SHIFT = 9
    SUM = 10
    PRODUCT = 11
    CAST = 12
    UNARY = 13
    POSTFIX = 14


BINARY: dict[str, Precedence] = {
    "||": Precedence.OR,
    "&&": Precedence.AND,
    **dict.fromkeys(("==", "!=", "<", ">", "<=", ">="), Precedence.COMPARE),
    "|": Precedence.BIT_OR,
    "^": Precedence.BIT_XOR,
    "&": Precedence.BIT_AND,
    "<<": Precedence.SHIFT,
    ">>": Precedence.SHIFT,
    "+": Precedence.SUM,
    "-": Precedence.SUM,
    **dict.fromkeys(("*", "/", "%"), Precedence.PRODUCT),
}

_ARITHMETIC = (Precedence.SUM, Precedence.PRODUCT)
_BITWISE = (Precedence.BIT_OR, Precedence.BIT_XOR, Precedence.BIT_AND)


def operand_wants_parentheses(outer: str, inner: Precedence, *, on_right: bool) -> bool:
    """Whether an operand that binds as tightly as `inner` is put in parentheses under the operator `outer`."""
    own = BINARY[outer]
    if inner < own or (inner == own and (on_right or own is Precedence.COMPARE)):
        return True
    if own in _BITWISE:
        return inner != own and (inner in _BITWISE or inner is Precedence.SHIFT or inner in _ARITHMETIC)
    return own is Precedence.SHIFT and inner in _ARITHMETIC

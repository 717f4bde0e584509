"""The value of the expression of an `#if`, as C defines it.

    #if defined(A) && (B) >= 0x10u     ->   evaluate(tokens, macros)  ->   1 or 0

Integers have 64 bits; where one operand is unsigned the other becomes so; names that are no macros
are 0; what `&&`, `||` and `?:` do not reach is not evaluated, so it may divide by zero.
Used only where pcpp preprocesses: cc evaluates its own conditions.
"""

import operator
from collections.abc import Callable
from typing import NamedTuple

from compiler.frontends.c.preprocess_scan import Lexeme, LexemeKind


class ConditionError(Exception):
    """The expression is no constant integer expression; the text says why."""


class _Number(NamedTuple):
    value: int
    unsigned: bool = False


_WORD = 1 << 64


def evaluate(tokens: list[Lexeme]) -> bool:
    """Is the expression, all macros in it replaced, not zero? Raises ConditionError."""
    if not tokens:
        raise ConditionError("#if with no expression")
    reader = _Reader(tokens)
    result = reader.conditional(live=True)
    if reader.at != len(tokens):
        raise ConditionError(f"`{tokens[reader.at].text}` after the end of the expression")
    return result.value != 0


def _wrapped(value: int, unsigned: bool) -> _Number:
    value %= _WORD
    return _Number(value if unsigned or value < _WORD // 2 else value - _WORD, unsigned)


def _divide(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _remainder(a: int, b: int) -> int:
    return a - b * _divide(a, b)


_ARITHMETIC: dict[str, tuple[int, Callable[[int, int], int]]] = {
    "|": (3, lambda a, b: a | b),
    "^": (4, lambda a, b: a ^ b),
    "&": (5, lambda a, b: a & b),
    "+": (9, operator.add),
    "-": (9, operator.sub),
    "*": (10, operator.mul),
    "/": (10, _divide),
    "%": (10, _remainder),
}
_COMPARISON: dict[str, tuple[int, Callable[[int, int], bool]]] = {
    "==": (6, operator.eq),
    "!=": (6, operator.ne),
    "<": (7, operator.lt),
    ">": (7, operator.gt),
    "<=": (7, operator.le),
    ">=": (7, operator.ge),
}
_PRECEDENCE = (
    {"||": 1, "&&": 2, "<<": 8, ">>": 8}
    | {sign: level for sign, (level, _) in _ARITHMETIC.items()}
    | {sign: level for sign, (level, _) in _COMPARISON.items()}
)


class _Reader:
    """Precedence climbing; `live` is False where the value does not matter."""

    def __init__(self, tokens: list[Lexeme]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def take(self, text: str) -> None:
        if self.peek() != text:
            raise ConditionError(f"`{text}` expected before `{self.peek() or 'the end of the line'}`")
        self.at += 1

    def conditional(self, *, live: bool) -> _Number:
        test = self.binary(1, live=live)
        if self.peek() != "?":
            return test
        self.at += 1
        first = self.conditional(live=live and test.value != 0)
        self.take(":")
        second = self.conditional(live=live and test.value == 0)
        return _wrapped((first if test.value else second).value, first.unsigned or second.unsigned)

    def binary(self, least: int, *, live: bool) -> _Number:
        left = self.unary(live=live)
        while (level := _PRECEDENCE.get(self.peek(), 0)) >= least:
            sign = self.peek()
            self.at += 1
            reached = live and not (sign == "&&" and not left.value) and not (sign == "||" and left.value)
            right = self.binary(level + 1, live=reached)
            left = self.apply(sign, left, right, live=live)
        return left

    def apply(self, sign: str, left: _Number, right: _Number, *, live: bool) -> _Number:
        if sign in ("&&", "||"):
            both = bool(left.value), bool(right.value)
            return _Number(int(all(both) if sign == "&&" else any(both)))
        if sign in ("<<", ">>"):
            return _shifted(sign, left, right.value)
        unsigned = left.unsigned or right.unsigned
        a, b = _wrapped(left.value, unsigned).value, _wrapped(right.value, unsigned).value
        if sign in _COMPARISON:
            return _Number(int(_COMPARISON[sign][1](a, b)))
        if sign in ("/", "%") and b == 0:
            if live:
                raise ConditionError("division by zero in #if")
            return _Number(0, unsigned)
        return _wrapped(_ARITHMETIC[sign][1](a, b), unsigned)

    def unary(self, *, live: bool) -> _Number:
        sign = self.peek()
        if sign not in ("+", "-", "~", "!"):
            return self.primary(live=live)
        self.at += 1
        operand = self.unary(live=live)
        match sign:
            case "+":
                return operand
            case "-":
                return _wrapped(-operand.value, operand.unsigned)
            case "~":
                return _wrapped(~operand.value, operand.unsigned)
            case _:
                return _Number(int(operand.value == 0))

    def primary(self, *, live: bool) -> _Number:
        if self.at == len(self.tokens):
            raise ConditionError("#if expression ends too early")
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "(":
            inner = self.conditional(live=live)
            self.take(")")
            return inner
        match token.kind:
            case LexemeKind.NUMBER:
                return _number(token.text)
            case LexemeKind.CHARACTER:
                return _Number(_character(token.text))
            case LexemeKind.NAME:
                return _Number(0)
            case _:
                raise ConditionError(f"`{token.text}` is not valid in an #if expression")


def _shifted(sign: str, left: _Number, count: int) -> _Number:
    """Counts beyond the width of the operand give what a shift by many steps would."""
    if count < 0:
        sign, count = ("<<" if sign == ">>" else ">>"), -count
    count = min(count, 64)
    return _wrapped(left.value << count if sign == "<<" else left.value >> count, left.unsigned)


def _number(text: str) -> _Number:
    digits = text.rstrip("uUlL")
    try:
        value = int(digits, 8) if digits.isdigit() and digits.startswith("0") else int(digits, 0)
    except ValueError:
        raise ConditionError(f"`{text}` is not an integer") from None
    return _wrapped(value, "u" in text[len(digits) :].lower() or value >= _WORD // 2)


_ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63}


def _character(text: str) -> int:
    body = text[text.index("'") + 1 : -1]
    if not body.startswith("\\"):
        return ord(body) if len(body) == 1 and body.isascii() else _unusual(text)
    if body[1:] in _ESCAPES:
        return _ESCAPES[body[1:]]
    try:
        code = int(body[2:], 16) if body[1] == "x" else int(body[1:], 8)
    except ValueError:
        return _unusual(text)
    return code if code < 128 else code - 256  # char is signed


def _unusual(text: str) -> int:
    raise ConditionError(f"character constant `{text}` in an #if expression")

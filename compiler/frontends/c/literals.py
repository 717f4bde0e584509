"""The constants of C: what `0x1fUL`, `'\\n'`, `1.5f` and `"a" "b"` are worth, and of which C type.

    integer("0xffffffff")   is   Literal(4294967295, unsigned int, "hex")

Wide characters and strings, imaginary and hexadecimal-float-with-suffix-l constants are not read here: the caller refuses them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from compiler.frontends.c.ctypes import DOUBLE, FLOAT, INT, LLONG, LONG, UINT, ULLONG, ULONG, Float, Int


@dataclass(frozen=True, slots=True)
class Literal:
    """An integer constant; `spelling` is the property of `minic.const`: hex, bin, char or None."""

    value: int
    ctype: Int
    spelling: str | None


_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)([uUlL]*)")
_SUFFIXES = {
    "": (INT, UINT, LONG, ULONG),
    "u": (UINT, ULONG),
    "l": (LONG, ULONG),
    "ul": (ULONG,),
    "ll": (LLONG, ULLONG),
    "ull": (ULLONG,),
}


def integer(text: str) -> Literal | None:
    """C11 6.4.4.1; None when no type can hold it or it is not an integer constant."""
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    digits, suffix = match[1], match[2].lower().replace("lu", "ul").replace("lul", "ull")
    base, spelling = _base(digits)
    value = int(digits[2:] if base in (2, 16) else digits, base)
    for ctype in _SUFFIXES.get(suffix, ()):
        if value <= ctype.maximum and (base != 10 or ctype.signed or "u" in suffix):
            return Literal(value, ctype, spelling)
    return None


def _base(digits: str) -> tuple[int, str | None]:
    match digits[:2].lower():
        case "0x":
            return 16, "hex"
        case "0b":
            return 2, "bin"
        case _:
            return (8 if digits[0] == "0" else 10), None


def floating(text: str) -> tuple[float, Float] | None:
    """A decimal or hexadecimal floating constant; None for `long double`."""
    body, ctype = text, DOUBLE
    hexadecimal = text[:2].lower() == "0x"
    if text[-1] in "fF" and (not hexadecimal or "p" in text.lower()):
        body, ctype = text[:-1], FLOAT
    try:
        return (float.fromhex(body) if hexadecimal else float(body)), ctype
    except ValueError:
        return None


_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]+|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_SIMPLE = {b"n": 10, b"t": 9, b"r": 13, b"0": 0, b"a": 7, b"b": 8, b"f": 12, b"v": 11, b"e": 27}


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] == b"x":
        return bytes([int(code[1:], 16) & 0xFF])
    if code[:1] in b"01234567":
        return bytes([int(code, 8) & 0xFF])
    if code[:1] in b"uU" and len(code) > 1:
        return chr(int(code[1:], 16)).encode()
    return bytes([_SIMPLE[code]]) if code in _SIMPLE else code


_FRAGMENT = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def string(text: str) -> bytes:
    """The bytes of adjacent narrow (or `u8`) string literals, without the final NUL."""
    parts = (part.encode("utf-8", "surrogateescape") for part in _FRAGMENT.findall(text))
    return b"".join(_ESCAPE.sub(_unescape, part) for part in parts)


def character(text: str) -> Literal:
    """`'a'`: an `int` with the value of a signed char; several characters as gcc packs them."""
    raw = _ESCAPE.sub(_unescape, text[1:-1].encode("utf-8", "surrogateescape"))
    if len(raw) == 1:
        return Literal(raw[0] - 256 if raw[0] > 127 else raw[0], INT, "char")
    return Literal(INT.wrap(int.from_bytes(raw, "big")), INT, None)

"""The text of literals: integers, floats, bytes and strings.

-5, 0x1f, b'a', b"ab\\0", "tab\\t", 1e-7f32
"""

from __future__ import annotations

import math

from compiler.analysis.floats import shortest


def integer(value: int, spelling: str | None) -> str:
    """`spelling`: `hex`, `bin`, `byte`, or None for decimal."""
    if spelling == "byte":
        return f"b'{_byte(value, quote=39)}'"
    if spelling == "hex":
        return hex(value)
    return bin(value) if spelling == "bin" else str(value)


def byte_string(data: bytes) -> str:
    parts = [_byte(value, quote=34) for value in data]
    for index, following in enumerate(data[1:]):
        if parts[index] == "\\0" and 48 <= following <= 55:
            parts[index] = "\\x00"  # `\01` looks like an octal escape
    return f'b"{"".join(parts)}"'


_ESCAPES = {0: "\\0", 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\"}


def _byte(value: int, quote: int) -> str:
    if value == quote:
        return f"\\{chr(value)}"
    if value in _ESCAPES:
        return _ESCAPES[value]
    return chr(value) if 32 <= value < 127 else f"\\x{value:02x}"


def string(text: str) -> str:
    parts = [_character(ord(char)) for char in text]
    for index, following in enumerate(text[1:]):
        if parts[index] == "\\0" and following in "01234567":
            parts[index] = "\\x00"
    return f'"{"".join(parts)}"'


def _character(code: int) -> str:
    return _byte(code, quote=34) if code < 128 else f"\\u{{{code:x}}}"


def floating(value: float, width: int) -> str:
    """The shortest text that reads back as `value` in a float of `width` bits."""
    kind = f"f{width}"
    if math.isnan(value):
        return f"{kind}::NAN"
    if math.isinf(value):
        return f"{kind}::INFINITY" if value > 0 else f"{kind}::NEG_INFINITY"
    return shortest(value, width)

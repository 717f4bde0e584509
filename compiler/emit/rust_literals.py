"""The text of literals: integers, floats, bytes and strings.

-5, 0x1f, b'a', b"ab\\0", "tab\\t", 1e-7f32
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction


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
    text = repr(value) if width == 64 else _shortest_single(value)
    digits, _, exponent = text.partition("e")
    if not exponent:
        return digits if "." in digits else f"{digits}.0"
    return f"{digits.removesuffix('.0')}e{int(exponent)}"


def _shortest_single(value: float) -> str:
    for precision in range(1, 9):
        text = f"{value:.{precision}g}"
        if _reads_as_single(text, value):
            return _plain(text)
    return _plain(f"{value:.9g}")


def _plain(text: str) -> str:
    """Without an exponent where Python's `repr` would write none."""
    number = float(text)
    return repr(number) if 1e-4 <= abs(number) < 1e16 or number == 0 else text


def _reads_as_single(text: str, value: float) -> bool:
    """Whether `value`, a float of 32 bits, is the one nearest to the number that the text says."""
    distance = abs(Fraction(text) - Fraction(value))
    return all(distance < abs(Fraction(text) - Fraction(other)) for other in _neighbours(value))


def _neighbours(value: float) -> list[float]:
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    near = (struct.unpack("<f", struct.pack("<I", each))[0] for each in (bits - 1, bits + 1) if 0 <= each < 1 << 32)
    numbers = (math.copysign(2.0**128, each) if math.isinf(each) else each for each in near)  # what would overflow
    return [each for each in numbers if not math.isnan(each)]

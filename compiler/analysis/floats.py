"""Numbers of C's float and double as decimal text, and the constants of mathematics among them.

shortest(0.1, 32)                   "0.1"
known_constant(3.14159, 64)         Constant(name="PI", exact=False)
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass


def shortest(value: float, width: int) -> str:
    """The shortest decimal text, with a point or an exponent, that reads back as a finite `value` of `width` bits."""
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
    from fractions import Fraction  # here: few programs have such numbers, and every start would wait

    distance = abs(Fraction(text) - Fraction(value))
    return all(distance < abs(Fraction(text) - Fraction(other)) for other in _neighbours(value))


def _neighbours(value: float) -> list[float]:
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    near = (struct.unpack("<f", struct.pack("<I", each))[0] for each in (bits - 1, bits + 1) if 0 <= each < 1 << 32)
    numbers = (math.copysign(2.0**128, each) if math.isinf(each) else each for each in near)  # what would overflow
    return [each for each in numbers if not math.isnan(each)]


_CONSTANTS = {
    "E": ("2.71828182845904523536028747135266250", 4),
    "FRAC_1_PI": ("0.318309886183790671537767526745028724", 4),
    "FRAC_1_SQRT_2": ("0.707106781186547524400844362104849039", 5),
    "FRAC_2_PI": ("0.636619772367581343075535053490057448", 5),
    "FRAC_2_SQRT_PI": ("1.12837916709551257389615890312154517", 5),
    "FRAC_PI_2": ("1.57079632679489661923132169163975144", 5),
    "FRAC_PI_3": ("1.04719755119659774615421446109316763", 5),
    "FRAC_PI_4": ("0.785398163397448309615660845819875721", 5),
    "FRAC_PI_6": ("0.52359877559829887307710723054658381", 5),
    "FRAC_PI_8": ("0.39269908169872415480783042290993786", 5),
    "LN_2": ("0.693147180559945309417232121458176568", 5),
    "LN_10": ("2.30258509299404568401799145468436421", 5),
    "LOG10_2": ("0.301029995663981195213738894724493027", 5),
    "LOG2_10": ("3.32192809488736234787031942948939018", 5),
    "LOG10_E": ("0.434294481903251827651128918916605082", 5),
    "LOG2_E": ("1.44269504088896340735992468100189214", 5),
    "PI": ("3.14159265358979323846264338327950288", 3),
    "SQRT_2": ("1.41421356237309504880168872420969808", 5),
    "TAU": ("6.28318530717958647692528676655900577", 3),
}
"""The constants of Rust's std that clippy knows, each with the length of text that clippy thinks says nothing yet."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of `std::f64::consts`, and whether a number is its very value or only near it."""

    name: str
    exact: bool


def known_constant(value: float, width: int) -> Constant | None:
    """The constant that clippy (approx_constant) takes a number for, by the number's text."""
    if not math.isfinite(value):
        return None
    text = shortest(abs(value), width)
    for name, (digits, short) in _CONSTANTS.items():
        if len(text) > short and _looks_like(text, float(digits)):
            nearest = float(digits) if width == 64 else struct.unpack("<f", struct.pack("<f", float(digits)))[0]
            return Constant(name, exact=abs(value) == nearest)
    return None


def _looks_like(text: str, constant: float) -> bool:
    """Cut off or rounded."""
    return repr(constant).startswith(text) or f"{constant:.{len(text) - 2}f}" == text

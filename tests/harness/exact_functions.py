"""The integer functions as they are published or documented, in Python's integers and fractions: floors of exact numbers, no word wraps.

    published_softmax(Fraction(1, 16))([0, -3])      # I-ViT's, released modules
    quadratic_exponential(Fraction(1, 16))(5)        # ours, of -5/16

`compiler/arithmetic/integer_functions.py` is what is under test; nothing of it is called here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from math import e, floor, isqrt, log2, pi, sqrt

LARGEST = 2**31 - 1
SIGMOID = Fraction(1702, 1000)
ONE = 2**15
LINEAR, SQUARE = round(0.6709 * ONE), round(0.1709 * ONE)


OfOne = Callable[[int], int]
OfRow = Callable[[Sequence[int]], list[int]]


def dyadic(value: Fraction, bits: int) -> Fraction:
    """The nearest number m 2^-e with m of that many bits, ties up."""
    shift = bits - (value.numerator.bit_length() - value.denominator.bit_length())
    while value * Fraction(2) ** shift >= 2**bits:
        shift -= 1
    while value * Fraction(2) ** shift < 2 ** (bits - 1):
        shift += 1
    return floor(value * Fraction(2) ** shift + Fraction(1, 2)) / Fraction(2) ** shift


# --- I-ViT ------------------------------------------------------------------------------------------------------------------------


def _unit(scale: Fraction) -> int:
    return floor(-1 / scale)


def _exp_shift(x: int, x0: int, n: int) -> int:
    """As published: floor((r / 2 - x0) 2^(n - q)), q and r quotient and rest of x by x0."""
    x += (x >> 1) - (x >> 4)
    x = max(x, n * x0)
    q = x // x0  # both are integers: the floor of their quotient
    twice = x - x0 * q - 2 * x0
    return max(twice << (n - q) >> 1 if n >= q else twice >> (q - n + 1), 0)


def published_softmax(scale: Fraction) -> OfRow:
    x0 = _unit(scale)

    def softmax(row: Sequence[int]) -> list[int]:
        powers = [_exp_shift(x - max(row), x0, 15) for x in row]
        factor = LARGEST // min(sum(powers), LARGEST)
        return [each * factor // 2 ** (31 - 8 + 1) for each in powers]

    return softmax


def published_gelu(scale: Fraction) -> Callable[[int, int], int]:
    """Of one element of a row, and the row's maximum."""
    x0 = _unit(scale * SIGMOID)

    @cache
    def power(x: int) -> int:
        return _exp_shift(x, x0, 23)

    def gelu(x: int, most: int) -> int:
        one = power(x - most)
        return x * (one * (LARGEST // (one + power(-most))) // 2 ** (31 - 8 + 1))

    return gelu


def published_layer_norm(row: Sequence[int]) -> list[int]:
    """Before beta is added."""
    mean = (2 * sum(row) + len(row)) // (2 * len(row))  # to the nearest, ties up
    variance = sum((x - mean) ** 2 for x in row)
    k = 2**16
    for _ in range(10):
        k = (k + variance // k) // 2
    return [(x - mean) * (LARGEST // k) // 2 for x in row]


# --- ours -------------------------------------------------------------------------------------------------------------------------


def _power_of_two(exponent: int) -> int:
    """2^-z in units of 2^-15 for z = exponent / 2^16: a quadratic of the fraction, 15 bits of it, halved as often as z says."""
    halvings, u = exponent >> 16, (exponent >> 1) % ONE
    return ONE - u * (LINEAR - u * SQUARE // ONE) // ONE >> min(halvings, 31)


def quadratic_exponential(scale: Fraction) -> OfOne:
    """exp(-distance * scale), in units of 2^-15."""
    numerator, denominator = dyadic(scale * Fraction(log2(e)) * 2**16, 20).as_integer_ratio()
    return lambda distance: _power_of_two(distance * numerator // denominator)


def quadratic_softmax(scale: Fraction) -> OfRow:
    exponential = quadratic_exponential(scale)

    def softmax(row: Sequence[int]) -> list[int]:
        powers = [exponential(max(row) - x) for x in row]
        return [each * (LARGEST // sum(powers)) >> 16 for each in powers]

    return softmax


def _parts(value: Fraction) -> tuple[int, int]:
    """m and e of m 2^-e, m of 16 bits."""
    exponent = 0
    while not 2**15 <= value < 2**16:
        shift = 1 if value < 2**15 else -1
        value, exponent = value * Fraction(2) ** shift, exponent + shift
    assert value.denominator == 1
    return value.numerator, exponent


def _divided(x: int, bits: int) -> int:
    return x >> bits if bits >= 0 else x << -bits


def quadratic_gelu(scale: Fraction) -> OfOne:
    """x * sigmoid(1.5958 x + 0.0714 x^3) in units of scale / 2^15."""
    linear, linear_bits = _parts(dyadic(Fraction(2 * sqrt(2 / pi) * log2(e)) * scale * 2**16, 16))
    cubic, cubic_bits = _parts(dyadic(Fraction(0.044715) * scale**2 * linear, 16))

    def gelu(x: int) -> int:
        slope = _divided(x * x * cubic, cubic_bits) + linear
        small = _power_of_two(_divided(abs(x) * slope, linear_bits))
        share = ONE if x > 0 else small
        return x * (share * (LARGEST // (small + ONE)) >> 16)

    return gelu


def exact_layer_norm(row: Sequence[int]) -> list[int]:
    """Before beta is added. Distances from the mean times 2^15, divided by the root of the sum of squares, of which 8 bits of fraction are kept."""
    width = len(row)
    y = [width * x - sum(row) for x in row]
    root = max(isqrt(sum(each**2 for each in y) << 16), 1)
    return [each * ((1 << 48) // root) // 2**25 for each in y]

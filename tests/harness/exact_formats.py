"""Small floats from their definition, in exact rational numbers: which values they hold, and what rounding to them must give.

    values = patterns(E4M3FN)                              every bit pattern's value: infinities, NaNs and both zeros among them
    exact_rounding(E4M3FN, x, Mode.RN, Overflow.SPECIAL)   what `x`, doubles, must become

Nothing here calls what is under test: of `compiler/arithmetic/` only the names of formats, flavours and modes. Magnitudes are fractions
made from (-1)^s 2^(E - bias) (1 + M / 2^m); each is checked to be a double, so that whole arrays are compared and subtracted without an
error: x - lo is exact where lo <= x <= 2 lo (Sterbenz) or lo = 0, and the distance of neighbours is a power of two.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from compiler.arithmetic.formats import Flavour, Format
from compiler.arithmetic.rounding import Mode, Overflow

Reals = NDArray[np.float64]
LISTED = 16
"""Bits of the widest formats whose values are listed; the neighbours of those of wider ones are found by dividing."""


def exactly(value: Fraction) -> float:
    """A fraction that is a double, as one."""
    found = float(value)
    assert Fraction(found) == value
    return found


def power(exponent: int) -> Fraction:
    return Fraction(2) ** exponent


def number_of(it: Format, code: int) -> Fraction | float:
    """The value of a code: a fraction, or an infinity, a NaN, or the negative zero as a float."""
    if it.flavour is Flavour.FNU:
        return float("nan") if code == (1 << it.exponent_bits) - 1 else power(code - it.bias)
    sign = -1 if code >> (it.exponent_bits + it.mantissa_bits) else 1
    rest = code & ((1 << (it.exponent_bits + it.mantissa_bits)) - 1)
    field, fraction = divmod(rest, 1 << it.mantissa_bits)
    special = _special(it, sign, field, fraction)
    if special is not None:
        return special
    if rest == 0 and sign < 0:
        return -0.0
    significand = Fraction(fraction, 1 << it.mantissa_bits) + (field > 0)
    return sign * significand * power(max(field, 1) - it.bias)


def _special(it: Format, sign: int, field: int, fraction: int) -> float | None:
    """What the flavour takes out of the numbers."""
    top, ones = (1 << it.exponent_bits) - 1, (1 << it.mantissa_bits) - 1
    match it.flavour:
        case Flavour.IEEE if field == top:
            return float("nan") if fraction else sign * float("inf")
        case Flavour.FN if field == top and fraction == ones:
            return float("nan")
        case Flavour.FNUZ if sign < 0 and field == fraction == 0:
            return float("nan")
        case Flavour.IEEE | Flavour.FN | Flavour.FNUZ | Flavour.FINITE | Flavour.FNU:
            return None
        case _:
            assert_never(it.flavour)


@cache
def patterns(it: Format) -> Reals:
    """The values of all codes, in their order; the second half is the first with the other sign."""
    half = 1 << (it.exponent_bits + it.mantissa_bits)
    numbers = (number_of(it, code) for code in range(half))
    found = np.array([exactly(each) if isinstance(each, Fraction) else each for each in numbers])
    if it.flavour is Flavour.FNU:
        return found
    return np.concatenate([found, np.array([float(number_of(it, half))]), -found[1:]])


@cache
def magnitudes(it: Format) -> Reals:
    """The finite magnitudes in ascending order, so that the place of one is its code, and the one that would come next."""
    found = patterns(it)[: 1 << (it.exponent_bits + it.mantissa_bits)]
    found = found[np.isfinite(found)]
    assert (np.diff(found) > 0).all()
    last = (1 << it.exponent_bits) - (2 if it.flavour is Flavour.IEEE else 1)
    beyond = Fraction(found[-1]) + power(max(last, 1) - it.bias - it.mantissa_bits)
    return np.append(found, np.inf if beyond == power(1024) else exactly(beyond))


def _neighbours(it: Format, size: Reals) -> tuple[Reals, Reals, Reals, NDArray[np.bool_]]:
    """lo <= size < hi of the format if it had no end, (size - lo) / (hi - lo), and whether the code of lo is odd; for finite sizes."""
    if it.width > LISTED:
        return _divided(it, size)
    held = magnitudes(it)
    place = np.minimum(np.searchsorted(held, size, "right") - 1, len(held) - 2)
    low, high = held[place], held[place + 1]
    distance = np.where(np.isinf(high), np.ldexp(1.0, 1023 - it.mantissa_bits), high - low)
    return low, high, np.minimum((size - low) / distance, 1), place % 2 == 1


def _divided(it: Format, size: Reals) -> tuple[Reals, Reals, Reals, NDArray[np.bool_]]:
    """The same of a format of many bits, by a division by the distance of neighbours, a power of two."""
    assert it.mantissa_bits > 0
    exponent = np.maximum(np.frexp(size)[1].astype(np.int64) - 1, 1 - it.bias) - it.mantissa_bits
    exponent = np.where(size == 0, 1 - it.bias - it.mantissa_bits, exponent)
    multiple = np.ldexp(size, -exponent)
    low = np.floor(multiple)
    return np.ldexp(low, exponent), np.ldexp(low + 1, exponent), multiple - low, low % 2 == 1


def largest(it: Format) -> float:
    """The largest finite number."""
    if it.width <= LISTED:
        return float(magnitudes(it)[-2])
    assert it.flavour is Flavour.IEEE, "the wide formats have infinities"
    return exactly((2 - power(-it.mantissa_bits)) * power((1 << it.exponent_bits) - 2 - it.bias))


def exact_rounding(
    it: Format,
    x: Reals,
    mode: Mode,
    overflow: Overflow,
    random: NDArray[np.uint64] | None = None,
    up: NDArray[np.bool_] | None = None,
) -> Reals:
    """What `x` must become. Numbers of a stream for SR, directions for LEARNED."""
    size = np.abs(x)
    finite = np.where(np.isfinite(size), size, 0)
    with np.errstate(over="ignore"):
        low, high, fraction, odd = _neighbours(it, finite)
        result = np.where(_goes_up(mode, fraction, odd, random, up), high, low)
    beyond = np.isinf(size) | (result > largest(it)) | (finite > 0) & (fraction >= 1)
    result = np.where(beyond, _limit(it, mode, overflow), result)
    signed = np.copysign(result, x)
    if it.flavour is Flavour.FNUZ:
        signed = np.where(result == 0, 0.0, signed)
    return np.where(np.isnan(x), -0.0 if it.flavour is Flavour.FINITE else np.nan, signed)


def _limit(it: Format, mode: Mode, overflow: Overflow) -> float:
    if mode is Mode.RZ or overflow is Overflow.SATURATE:
        return largest(it)
    return float("inf") if it.flavour is Flavour.IEEE else float("nan")


def _goes_up(
    mode: Mode,
    fraction: Reals,
    odd: NDArray[np.bool_],
    random: NDArray[np.uint64] | None,
    up: NDArray[np.bool_] | None,
) -> NDArray[np.bool_]:
    match mode:
        case Mode.RN:
            return (fraction > 0.5) | (fraction == 0.5) & odd
        case Mode.RZ:
            return np.zeros(fraction.shape, np.bool_)
        case Mode.SR:
            assert random is not None
            return random.reshape(fraction.shape) < np.floor(np.ldexp(np.minimum(fraction, 1 - 2.0**-53), 64)).astype(
                np.uint64
            )
        case Mode.LEARNED:
            assert up is not None
            return (fraction > 0) & up
        case _:
            assert_never(mode)


def drawn(seed: int, stream: int, count: int, first: int = 0) -> NDArray[np.uint64]:
    """The numbers of a stream at step 0: SplitMix64 as published, by its counter."""
    word = (1 << 64) - 1

    def mixed(z: int) -> int:
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & word
        z = (z ^ z >> 27) * 0x94D049BB133111EB & word
        return z ^ z >> 31

    key, gamma = 0, 0x9E3779B97F4A7C15
    for counter in (seed, stream, 0):
        key = mixed((key + (counter + 1) * gamma) & word)
    states = np.uint64(key) + np.arange(first + 1, first + count + 1, dtype=np.uint64) * np.uint64(gamma)
    z = (states ^ states >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return z ^ z >> np.uint64(31)

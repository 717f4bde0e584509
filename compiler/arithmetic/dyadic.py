"""Dyadic numbers m * 2^-e, the scales of quantised values, and multiplication by one in integers.

    ratio = Dyadic.near(0.0123, mantissa_bits=31)       # m of 31 bits, rounded half up
    requantised(acc, ratio, Round.RN, -128, 127)        # clamp(round(acc * m / 2^e)), exact

I-ViT (2207.01405), section 3.2. A mantissa of 31 bits times an accumulator of 32 fits a word of 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor, frexp, ldexp

from compiler.arithmetic.rounding import Mode
from compiler.arithmetic.words import W


@dataclass(frozen=True, slots=True)
class Dyadic:
    """`mantissa` * 2^-`exponent`, mantissa positive."""

    mantissa: int
    exponent: int

    def __post_init__(self) -> None:
        assert self.mantissa > 0

    @staticmethod
    def near(value: float | Fraction, mantissa_bits: int) -> Dyadic:
        """The nearest with a mantissa of that many bits, ties up."""
        exact = Fraction(value)
        _, exponent = frexp(float(exact))
        shift = mantissa_bits - exponent
        mantissa = floor(exact * Fraction(2) ** shift + Fraction(1, 2))
        if mantissa >> mantissa_bits:  # rounded up to the next power of two
            return Dyadic(mantissa >> 1, shift - 1)
        return Dyadic(mantissa, shift)

    @property
    def value(self) -> Fraction:
        return Fraction(self.mantissa) / Fraction(2) ** self.exponent

    def __float__(self) -> float:
        return ldexp(self.mantissa, -self.exponent)

    def __truediv__(self, other: Dyadic) -> Fraction:
        return self.value / other.value

    def __mul__(self, other: Dyadic) -> Dyadic:
        """The product, in lowest terms."""
        mantissa, exponent = self.mantissa * other.mantissa, self.exponent + other.exponent
        while mantissa % 2 == 0:
            mantissa, exponent = mantissa // 2, exponent - 1
        return Dyadic(mantissa, exponent)


def shifted(product: W, shift: int, mode: Mode, random: W | None = None) -> W:
    """product / 2^shift, rounded: RN to the even integer at ties, RZ toward zero, SR up if `random` < fraction of 2^64."""
    assert 0 <= shift <= 62 and (random is not None) == (mode is Mode.SR)
    if shift == 0:
        return product
    below = product.shift_right_signed(shift)
    rest = product & ((1 << shift) - 1)
    match mode:
        case Mode.RN:
            half = 1 << (shift - 1)
            return below + _one_if((rest + (below & 1)) > half, product)
        case Mode.RZ:
            return below + _one_if((product < 0) & (rest > 0), product)
        case Mode.SR:
            assert random is not None
            return below + _one_if(random.ult(rest << (64 - shift)), product)
        case Mode.LEARNED:
            raise AssertionError("integers are not learned here")


def _one_if(condition: W, like: W) -> W:
    one = (like & 0) + 1
    return condition.select(one, 0)


def requantised(acc: W, ratio: Dyadic, mode: Mode, low: int, high: int, random: W | None = None) -> W:
    """acc * ratio, rounded and clamped. A ratio of 2 or more shifts left instead: the verifier has checked that nothing is lost."""
    product = acc * ratio.mantissa
    if ratio.exponent <= 0:
        return (product << -ratio.exponent).minimum(high).maximum(low)
    return shifted(product, ratio.exponent, mode, random).minimum(high).maximum(low)

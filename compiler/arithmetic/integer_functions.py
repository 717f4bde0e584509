"""Integer-only exponential, softmax, GELU, layer norm and square root: the published ones (I-ViT) and ours.

Inputs are integers with a dyadic scale S: x stands for x * S. Per element and per row these are functions of `Word`s; what runs over
a row (maximum, sum) is left to the caller, so that each target writes its own loops.

| | exponential | published error | ours |
|---|---|---|---|
| I-ViT (2207.01405, released modules) | 2^-u taken as 1 - u/2, log2 e as 1 + 1/2 - 1/16 | softmax 0.02 to 0.08 | |
| quadratic | 1 - 0.6709 u + 0.1709 u^2 | | softmax 1e-3, GELU 1e-2 |
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, e, log2, pi, sqrt

from compiler.arithmetic.dyadic import Dyadic
from compiler.arithmetic.words import W

LARGEST = (1 << 31) - 1
ONE = 1 << 15
"""1 in the results of `exp_quadratic`."""

# --- I-ViT -------------------------------------------------------------------------------------------------------------------------

SOFTMAX_SHIFT, GELU_SHIFT = 15, 23
SIGMOID_OF_GELU = Fraction(1702, 1000)
_LARGEST_POWER = 40  # beyond it a sigmoid is 0 or 1 anyway, and the words below would wrap
_FAR = 1 << 32  # a quotient larger than any that occurs: makes the dividend of an unsigned division positive


def exp_shift(x: W, scale: Fraction, n: int) -> W:
    """exp(x * scale) in units of scale / 2^n times -floor(-1 / scale): only ratios of two such numbers count. x is at most 0, or small."""
    unit = ceil(1 / scale)
    x = (x + x.shift_right_signed(1) - x.shift_right_signed(4)).maximum(-n * unit)
    q = ((0 - x) + _FAR * unit) // unit - _FAR
    r = x + q * unit
    power = (n - 1 - q).minimum(_LARGEST_POWER)
    significand = r + 2 * unit
    return (
        (power > -1)
        .select(significand << power.maximum(0), significand.shift_right_signed((0 - power).maximum(0)))
        .maximum(0)
    )


def shiftmax_factor(total: W) -> W:
    """What each exponential of a row is multiplied by, from their sum."""
    return ((total & 0) + LARGEST) // total.minimum(LARGEST)


def shiftmax(exponential: W, factor: W, bits: int) -> W:
    """One element of the softmax, scale 2^-(bits-1), from its exponential and the row's factor."""
    return (exponential * factor).shift_right_signed(31 - bits + 1)


def shift_gelu_base(largest: W, scale: Fraction) -> W:
    """The exponential of minus the row's maximum, which all elements of the row are compared with."""
    return exp_shift(0 - largest, SIGMOID_OF_GELU * scale, GELU_SHIFT)


def shift_gelu(x: W, largest: W, base: W, scale: Fraction, bits: int) -> W:
    """x * sigmoid(1.702 x), scale S / 2^(bits-1); `largest` is the row's maximum."""
    one = exp_shift(x - largest, SIGMOID_OF_GELU * scale, GELU_SHIFT)
    factor = ((x & 0) + LARGEST) // (one + base)
    return x * (one * factor).shift_right_signed(31 - bits + 1)


def newton_root(total: W) -> W:
    """About the square root of a sum of squares: ten Newton steps from 2^16, as published."""
    root = (total & 0) + (1 << 16)
    for _ in range(10):
        root = (root + total // root).shift_right_signed(1)
    return root


def shift_norm_factor(root: W) -> W:
    """1 / root, in units of 2^-31; root is that of the sum of y^2."""
    return ((root & 0) + LARGEST) // root


def layer_norm_shift(y: W, factor: W) -> W:
    """y / root, scale sqrt(d) / 2^30; y is the distance from the rounded mean."""
    return (y * factor).shift_right_signed(1)


def rounded_mean(total: W, count: int) -> W:
    """total / count to nearest, ties up; the mean fits 32 bits."""
    return (total * 2 + count + _FAR * 2 * count) // (2 * count) - _FAR


# --- ours --------------------------------------------------------------------------------------------------------------------------

_LOG_BITS = 16  # fraction bits of an exponent of 2
_LINEAR, _SQUARE = round(0.6709 * ONE), round(0.1709 * ONE)


def exp2_quadratic(exponent: W) -> W:
    """2^-z in units of 1 / ONE, z = exponent / 2^16 at least 0; relative error 2.1e-3."""
    q = (exponent >> _LOG_BITS).minimum(31)
    u = (exponent >> (_LOG_BITS - 15)) & (ONE - 1)
    mantissa = ONE - ((u * (_LINEAR - ((u * _SQUARE) >> 15))) >> 15)
    return mantissa >> q


@dataclass(frozen=True, slots=True)
class ExpQuadratic:
    """exp(x * S) for x <= 0: one multiplication by S * log2 e, then `exp2_quadratic`."""

    scale: Dyadic

    @staticmethod
    def of(scale: Fraction) -> ExpQuadratic:
        return ExpQuadratic(Dyadic.near(scale * Fraction(log2(e)) * (1 << _LOG_BITS), 20))

    def __call__(self, x: W) -> W:
        return exp2_quadratic(_scaled((0 - x) * self.scale.mantissa, self.scale.exponent))


def softmax_factor(total: W) -> W:
    """What each exponential of a row is multiplied by, from their sum (at least ONE)."""
    return ((total & 0) + LARGEST) // total


def softmax_quadratic(exponential: W, factor: W) -> W:
    """One element of the softmax, scale 2^-15, from its exponential and the row's factor."""
    return (exponential * factor) >> 16


@dataclass(frozen=True, slots=True)
class GeluQuadratic:
    """x * sigmoid(1.5958 x + 0.0714 x^3), the form with tanh (Hendrycks and Gimpel, 1606.08415): scale S / 2^15.

    The exponent of 2 is |x| * (linear + cubic * x^2 / 2^cubic_bits) / 2^linear_bits, in 2^-16; both factors have 16 bits.
    """

    linear: int
    linear_bits: int
    cubic: int
    cubic_bits: int

    @staticmethod
    def of(scale: Fraction) -> GeluQuadratic:
        slope = Fraction(2 * sqrt(2 / pi) * log2(e)) * scale * (1 << _LOG_BITS)
        linear = Dyadic.near(slope, 16)
        cubic = Dyadic.near(Fraction(0.044715) * scale**2 * linear.mantissa, 16)
        return GeluQuadratic(linear.mantissa, linear.exponent, cubic.mantissa, cubic.exponent)

    def __call__(self, x: W) -> W:
        size = x.maximum(0 - x)
        slope = ((size * size * self.cubic) >> self.cubic_bits) + self.linear
        small = exp2_quadratic(_scaled(size * slope, self.linear_bits))
        share = (x > 0).select((x & 0) + ONE, small)
        sigmoid = (share * (((x & 0) + LARGEST) // (small + ONE))) >> 16
        return x * sigmoid


def _scaled(product: W, bits: int) -> W:
    """product / 2^bits, for a product that is not negative."""
    return product >> bits if bits >= 0 else product << -bits


def square_root(n: W) -> W:
    """floor(sqrt(n)), exact for 0 <= n < 2^62: Newton from above the root, which never passes it."""
    bits = 64 - n.leading_zeros()
    root = ((n & 0) + 1) << ((bits + 1) >> 1)
    for _ in range(6):
        root = root.minimum((root + n // root.maximum(1)) >> 1)
    return root


NORM_BITS = 40
_ROOT_BITS = 8


def norm_factor(total: W) -> W:
    """2^40 / sqrt(total), for the sum of y^2; total below 2^46."""
    root = square_root(total << (2 * _ROOT_BITS)).maximum(1)
    return ((total & 0) + (1 << (NORM_BITS + _ROOT_BITS))) // root


def layer_norm_exact(y: W, factor: W) -> W:
    """y / sqrt(sum of y^2), scale sqrt(d) / 2^15; y = d * x - (sum of x) is d times the distance from the mean, unrounded."""
    return (y * factor).shift_right_signed(NORM_BITS - 15)

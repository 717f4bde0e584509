"""Rounding to a format: one of the two values around a number, chosen as the mode says.

    round_to(E4M3FN, x, Mode.RN)                                   # nearest, ties to the even code
    round_to(BF16, x, Mode.SR, random=draws(stream, step, x.size)) # away from zero as often as x is near it
    round_to(E2M1, w, Mode.LEARNED, up=h)                          # lo + h * (hi - lo) of the magnitude

All modes work on magnitudes. Between the neighbours lo <= |x| <= hi the fraction f = (|x| - lo) / (hi - lo) is taken in 64 bits,
floor(f * 2^64), which is exact unless |x| is below 2^-11 of the smallest distance; stochastic rounding goes up when a random
64-bit number is below it. Beyond the largest value the neighbours are those that the format would
have if it went on; what rounds to one of them goes where `Overflow` says, and toward zero (RZ) to the largest value.

Everything is integer arithmetic on the bits of a double, so that other targets can do the same and get the same bits.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from compiler.arithmetic.formats import FP64, Flavour, Format, Reals

_FRACTION_BITS = 52
_UNIT_EXPONENT = -1075  # a double is significand * 2^(field - 1075)
_HALF = np.uint64(1 << 63)


class Mode(Enum):
    RN = "rn"  # to nearest, ties to the even code
    RZ = "rz"  # toward zero
    SR = "sr"  # stochastic
    LEARNED = "learned"  # as a bit per element says


class Overflow(Enum):
    SATURATE = "saturate"  # the largest finite value
    SPECIAL = "special"  # infinity; NaN where there is none


def round_to(
    target: Format,
    x: Reals,
    mode: Mode,
    *,
    random: NDArray[np.uint64] | None = None,
    up: NDArray[np.bool_] | None = None,
    overflow: Overflow = Overflow.SATURATE,
) -> Reals:
    """`x` rounded to `target`. `random` (as many as elements) is for SR alone, `up` (shape of x) for LEARNED alone.

    NaN stays NaN where the format has one and becomes -0 where it has none, as in ml_dtypes.
    """
    assert target.holds_zero and (target.holds_nan or overflow is Overflow.SATURATE)
    assert (random is not None) == (mode is Mode.SR) and (up is not None) == (mode is Mode.LEARNED)
    if changes_nothing(target, mode, overflow):
        return np.where(np.isnan(x), np.nan, x)
    lower, fraction, inexact, quantum = _lower_neighbour(target, x)
    match mode:
        case Mode.RN:
            goes_up = (fraction > _HALF) | ((fraction == _HALF) & _odd(target, lower, quantum))
        case Mode.RZ:
            goes_up = np.zeros(x.shape, np.bool_)
        case Mode.SR:
            assert random is not None
            goes_up = random.reshape(x.shape) < fraction
        case Mode.LEARNED:
            assert up is not None
            goes_up = up & inexact
    with np.errstate(over="ignore"):
        magnitude = np.ldexp((lower + goes_up).astype(np.float64), quantum)
    return _finish(target, x, magnitude, Overflow.SATURATE if mode is Mode.RZ else overflow)


def changes_nothing(target: Format, mode: Mode, overflow: Overflow) -> bool:
    """Doubles rounded to doubles, where an infinity may stay one."""
    return target == FP64 and mode is not Mode.RZ and overflow is Overflow.SPECIAL


def neighbours(target: Format, x: Reals) -> tuple[Reals, Reals]:
    """The values around each number, the one nearer to zero first; both are `x` where the format holds it. Beyond the largest value, that."""
    up = np.ones(x.shape, np.bool_)
    return round_to(target, x, Mode.RZ), round_to(target, x, Mode.LEARNED, up=up)


def _lower_neighbour(
    target: Format, x: Reals
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.bool_], NDArray[np.int64]]:
    """lo as a multiple of 2^quantum, the fraction above it in units of 2^-64, whether there is one, and quantum."""
    bits = np.abs(x).view(np.uint64)
    field = bits >> np.uint64(_FRACTION_BITS)
    significand = bits & np.uint64((1 << _FRACTION_BITS) - 1) | (field > 0).astype(np.uint64) << np.uint64(52)
    exponent = np.maximum(field, np.uint64(1)).astype(np.int64) + _UNIT_EXPONENT
    surplus = np.int64(_FRACTION_BITS - target.mantissa_bits)
    quantum = np.maximum(exponent + surplus, target.quantum_exponent)
    # A double of a subnormal significand has fewer bits, which the format's own quantum, no finer than a double's, cuts rightly.
    dropped = (quantum - exponent).astype(np.uint64)
    near = np.minimum(dropped, np.uint64(63))
    lower = significand >> near
    left = np.uint64(64) - np.minimum(dropped, np.uint64(64))
    right = np.minimum(np.maximum(dropped, np.uint64(64)) - np.uint64(64), np.uint64(63))
    low = significand & ((np.uint64(1) << near) - np.uint64(1))
    fraction = np.where(dropped == 0, np.uint64(0), low << np.minimum(left, np.uint64(63)) >> right)
    return lower, fraction, low != 0, quantum


def _odd(target: Format, lower: NDArray[np.uint64], quantum: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The code of the lower neighbour is odd; without a mantissa its last bit is the exponent's."""
    odd = lower & np.uint64(1) == 1
    return odd if target.mantissa_bits else odd & ((quantum + target.bias) % 2 == 1)


def _finish(target: Format, x: Reals, magnitude: Reals, overflow: Overflow) -> Reals:
    """Sign, overflow, NaN."""
    beyond = np.inf if target.holds_infinity else np.nan
    limit = target.max if overflow is Overflow.SATURATE else beyond
    magnitude = np.where(magnitude > target.max, limit, magnitude)
    result = np.copysign(magnitude, x)
    if target.flavour is Flavour.FNUZ:
        result = result + 0.0  # no negative zero
    return np.where(np.isnan(x), np.nan if target.holds_nan else -0.0, result)

"""Intervals of mathematical integers, open-ended where nothing is known.

Owns `Interval`: every value a C integer expression can take lies between `lo` and `hi`
(both included; `None` means unbounded on that side). The operators are the operators of
*unbounded* integers and answer with bounds that always hold, usually the tightest ones:

    x in [0, 15], y in [4, 4]   ->   x * y + 3 in [3, 63]
    x in [-7, 7]                ->   x & 15    in [0, 15],   x.rem_trunc(4) in [-3, 3]

C arithmetic of a given width is two steps: compute here, then ask `fits` (no wrap-around
can happen) or take `wrapped` (the bounds after reduction modulo 2**bits).

Refuses nothing: where nothing can be said the answer is wide. There is no empty interval:
`meet` answers `None` when two intervals exclude each other, and division speaks only about
executions whose divisor is not zero (`x / [0, 0]` has none, so it answers `ANY`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

MAX_SHIFT = 1 << 12
"""Shift counts above this are not evaluated: the bound would be a huge number of no use."""


@dataclass(frozen=True, slots=True)
class Interval:
    lo: int | None
    hi: int | None

    def __post_init__(self) -> None:
        assert self.lo is None or self.hi is None or self.lo <= self.hi, (self.lo, self.hi)

    @staticmethod
    def exactly(value: int) -> Interval:
        return Interval(value, value)

    @staticmethod
    @cache
    def of_width(bits: int, signed: bool) -> Interval:
        """All values of a C integer type."""
        if signed:
            return Interval(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
        return Interval(0, (1 << bits) - 1)

    # -- questions ---------------------------------------------------------------------

    @property
    def value(self) -> int | None:
        """The only value, when there is just one."""
        return self.lo if self.lo == self.hi else None

    @property
    def is_nonnegative(self) -> bool:
        return self.lo is not None and self.lo >= 0

    @property
    def is_negative(self) -> bool:
        return self.hi is not None and self.hi < 0

    def contains(self, value: int) -> bool:
        return (self.lo is None or self.lo <= value) and (self.hi is None or value <= self.hi)

    def within(self, outer: Interval) -> bool:
        """Whether every value of this interval is one of `outer`."""
        low = outer.lo is None or (self.lo is not None and outer.lo <= self.lo)
        return low and (outer.hi is None or (self.hi is not None and self.hi <= outer.hi))

    def fits(self, bits: int, signed: bool) -> bool:
        """Whether no value of this interval wraps around in that C type."""
        return self.within(Interval.of_width(bits, signed))

    # -- sets --------------------------------------------------------------------------

    def join(self, other: Interval) -> Interval:
        """The least interval that holds both."""
        lo = None if self.lo is None or other.lo is None else min(self.lo, other.lo)
        hi = None if self.hi is None or other.hi is None else max(self.hi, other.hi)
        return Interval(lo, hi)

    def meet(self, other: Interval) -> Interval | None:
        """What is in both, or None when nothing is."""
        lo = _larger(self.lo, other.lo)
        hi = _smaller(self.hi, other.hi)
        if lo is not None and hi is not None and lo > hi:
            return None
        return Interval(lo, hi)

    def wrapped(self, bits: int, signed: bool) -> Interval:
        """Bounds after reduction modulo 2**bits into that C type."""
        width = Interval.of_width(bits, signed)
        if self.lo is None or self.hi is None:
            return width
        assert width.lo is not None
        turns = (self.lo - width.lo) >> bits
        moved = Interval(self.lo - (turns << bits), self.hi - (turns << bits))
        return moved if moved.within(width) else width

    # -- arithmetic --------------------------------------------------------------------

    def __neg__(self) -> Interval:
        return Interval(_negated(self.hi), _negated(self.lo))

    def __add__(self, other: Interval) -> Interval:
        lo = None if self.lo is None or other.lo is None else self.lo + other.lo
        hi = None if self.hi is None or other.hi is None else self.hi + other.hi
        return Interval(lo, hi)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        return _over_corners(self, other, _product)

    def power(self, exponent: int) -> Interval:
        """`self ** exponent`: tighter than repeated `*`, since a square is never negative."""
        assert exponent >= 1
        if exponent % 2 == 0:
            return _monotone_power(self.magnitude(), exponent)
        return _monotone_power(self, exponent)

    def magnitude(self) -> Interval:
        """Absolute values."""
        if self.is_nonnegative:
            return self
        if self.hi is not None and self.hi <= 0:
            return -self
        if self.lo is None or self.hi is None:
            return Interval(0, None)
        return Interval(0, max(-self.lo, self.hi))

    # -- division ----------------------------------------------------------------------

    def __floordiv__(self, other: Interval) -> Interval:
        return _divided(self, other, _floor_quotient)

    def div_trunc(self, other: Interval) -> Interval:
        """C's `/`: the quotient rounds towards zero."""
        return _divided(self, other, _trunc_quotient)

    def __mod__(self, other: Interval) -> Interval:
        """Remainder of floor division: it has the divisor's sign."""
        result: Interval | None = None
        if (above := other.meet(_POSITIVE)) is not None:
            result = _modulo_positive(self, above)
        if (below := other.meet(_NEGATIVE)) is not None:
            mirrored = -_modulo_positive(-self, -below)
            result = mirrored if result is None else result.join(mirrored)
        return ANY if result is None else result

    def rem_trunc(self, other: Interval) -> Interval:
        """C's `%`: it has the dividend's sign and is nearer to zero than the divisor."""
        divisors = _without_zero(other.magnitude())
        if divisors is None:
            return ANY
        assert divisors.lo is not None
        size = self.magnitude()
        if size.hi is not None and size.hi < divisors.lo:
            return self
        most = _smaller(size.hi, None if divisors.hi is None else divisors.hi - 1)
        lo = 0 if self.is_nonnegative else _larger(self.lo, _negated(most))
        hi = 0 if self.hi is not None and self.hi <= 0 else _smaller(self.hi, most)
        return Interval(lo, hi)

    # -- bits (two's complement of unlimited width) ------------------------------------

    def __lshift__(self, count: Interval) -> Interval:
        """`self * 2**count`, for the executions whose count is not negative."""
        factors = _powers_of_two(count)
        return ANY if factors is None else self * factors

    def __rshift__(self, count: Interval) -> Interval:
        """Arithmetic shift: floor division by 2**count."""
        factors = _powers_of_two(count)
        return ANY if factors is None else self // factors

    def __invert__(self) -> Interval:
        return Interval(_complement(self.hi), _complement(self.lo))

    def __and__(self, other: Interval) -> Interval:
        if self.value is not None and other.value is not None:
            return Interval.exactly(self.value & other.value)
        return Interval(_and_least(self, other), _and_most(self, other))

    def __or__(self, other: Interval) -> Interval:
        bound = ~(~self & ~other)
        if self.is_nonnegative and other.is_nonnegative:
            return Interval(bound.lo, _smaller(bound.hi, (self + other).hi))
        return bound

    def __xor__(self, other: Interval) -> Interval:
        if self.value is not None and other.value is not None:
            return Interval.exactly(self.value ^ other.value)
        either, both = self | other, self & other
        # a ^ b == (a | b) - (a & b), and it has the sign that its operands' signs give.
        sign = _sign_of_xor(self, other)
        met = (either - both).meet(sign)
        assert met is not None
        bits = _bits_for((self.lo, self.hi, other.lo, other.hi))
        if bits is None:
            return met
        met = met.meet(Interval(-(1 << bits), (1 << bits) - 1))
        assert met is not None
        return met


ANY = Interval(None, None)
NONNEGATIVE = Interval(0, None)
_POSITIVE = Interval(1, None)
_NEGATIVE = Interval(None, -1)


# -- one bound -------------------------------------------------------------------------


def _larger(a: int | None, b: int | None) -> int | None:
    """The tighter of two lower bounds."""
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def _smaller(a: int | None, b: int | None) -> int | None:
    """The tighter of two upper bounds."""
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)


def _negated(bound: int | None) -> int | None:
    return None if bound is None else -bound


def _complement(bound: int | None) -> int | None:
    return None if bound is None else ~bound


# -- corners ---------------------------------------------------------------------------
#
# A function that is monotone in each operand takes its extremes at the corners of the
# rectangle of operands. An infinite corner is written as a pair, so that pairs compare in
# the right order: (-1, 0) is minus infinity, (0, n) is the number n, (1, 0) is infinity.

_Corner = tuple[int, int]


def _over_corners(a: Interval, b: Interval, function: Callable[[_Corner, _Corner], _Corner]) -> Interval:
    corners = [function(x, y) for x in _ends(a) for y in _ends(b)]
    least, most = min(corners), max(corners)
    return Interval(None if least[0] < 0 else least[1], None if most[0] > 0 else most[1])


def _ends(interval: Interval) -> tuple[_Corner, _Corner]:
    lo = (-1, 0) if interval.lo is None else (0, interval.lo)
    return lo, (1, 0) if interval.hi is None else (0, interval.hi)


def _sign(corner: _Corner) -> int:
    return corner[0] or (corner[1] > 0) - (corner[1] < 0)


def _product(x: _Corner, y: _Corner) -> _Corner:
    if x[0] or y[0]:
        return (_sign(x) * _sign(y), 0)  # zero times infinity is a zero here: 0 * n == 0
    return (0, x[1] * y[1])


def _floor_quotient(x: _Corner, y: _Corner) -> _Corner:
    if y[0]:
        return (0, -1 if _sign(x) * _sign(y) < 0 else 0)
    if x[0]:
        return (_sign(x) * _sign(y), 0)
    return (0, x[1] // y[1])


def _trunc_quotient(x: _Corner, y: _Corner) -> _Corner:
    if y[0]:
        return (0, 0)
    if x[0]:
        return (_sign(x) * _sign(y), 0)
    size = abs(x[1]) // abs(y[1])
    return (0, size * _sign(x) * _sign(y))


def _divided(a: Interval, b: Interval, quotient: Callable[[_Corner, _Corner], _Corner]) -> Interval:
    """Division is monotone on either side of the zero that the divisor cannot be."""
    halves = [half for side in (_NEGATIVE, _POSITIVE) if (half := b.meet(side)) is not None]
    if not halves:
        return ANY
    results = [_over_corners(a, half, quotient) for half in halves]
    return results[0] if len(results) == 1 else results[0].join(results[1])


def _without_zero(sizes: Interval) -> Interval | None:
    return sizes.meet(_POSITIVE)


def _modulo_positive(a: Interval, divisor: Interval) -> Interval:
    assert divisor.lo is not None and divisor.lo > 0
    if a.is_nonnegative and a.hi is not None and a.hi < divisor.lo:
        return a
    most = None if divisor.hi is None else divisor.hi - 1
    return Interval(0, _smaller(most, a.hi) if a.is_nonnegative else most)


def _monotone_power(a: Interval, exponent: int) -> Interval:
    lo = None if a.lo is None else a.lo**exponent
    return Interval(lo, None if a.hi is None else a.hi**exponent)


# -- bits ------------------------------------------------------------------------------


def _powers_of_two(count: Interval) -> Interval | None:
    legal = count.meet(NONNEGATIVE)
    if legal is None:
        return None
    assert legal.lo is not None
    lo = 1 << min(legal.lo, MAX_SHIFT)
    return Interval(lo, None if legal.hi is None or legal.hi > MAX_SHIFT else 1 << legal.hi)


def _bits_for(bounds: tuple[int | None, ...]) -> int | None:
    """Bits (without the sign) in which all these numbers fit; None when one is infinite."""
    sizes = [(bound if bound >= 0 else ~bound).bit_length() for bound in bounds if bound is not None]
    return max(sizes) if len(sizes) == len(bounds) else None


def _and_least(a: Interval, b: Interval) -> int | None:
    if a.is_nonnegative or b.is_nonnegative:
        return 0
    bits = _bits_for((a.lo, b.lo))
    return None if bits is None else -(1 << bits)


def _and_most(a: Interval, b: Interval) -> int | None:
    """`x & y` exceeds no operand that is >= 0, nor any operand when both are negative."""
    if (a.is_nonnegative and b.is_nonnegative) or (a.is_negative and b.is_negative):
        return _smaller(a.hi, b.hi)
    if a.is_nonnegative or b.is_nonnegative:
        return a.hi if a.is_nonnegative else b.hi
    return None if a.hi is None or b.hi is None else max(a.hi, b.hi)


def _sign_of_xor(a: Interval, b: Interval) -> Interval:
    if not (a.is_negative or a.is_nonnegative) or not (b.is_negative or b.is_nonnegative):
        return ANY
    return NONNEGATIVE if a.is_negative == b.is_negative else _NEGATIVE

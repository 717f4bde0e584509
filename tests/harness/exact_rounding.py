"""What rounding must give, in exact rational numbers: from the list of a format's values alone, no bit of the rounding under test."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

import numpy as np

from compiler.arithmetic.formats import Format, Reals
from compiler.arithmetic.rounding import Mode

UNIT = 1200
"""Numbers are compared as integers of 2^-1200, of which every double is a multiple: many times faster than as fractions."""


class ExactRounding:
    """The magnitudes of a format in ascending order, so that a magnitude's place in the list is its code, and the one it would hold next."""

    def __init__(self, target: Format) -> None:
        values = target.values()
        magnitudes: list[float] = values[values >= 0].tolist()
        # The next larger one, had the format no end: the distance stays, since the last binade may lack its last number, not its first.
        beyond = Fraction(magnitudes[-1]) + Fraction(2) ** (target.max_exponent - target.mantissa_bits)
        self._units = [_units(each) for each in (*magnitudes, beyond)]
        self._values = {1: [*magnitudes, magnitudes[-1]]}  # what rounds up to the last saturates
        self._values[-1] = [-each for each in self._values[1]]

    def __call__(self, x: Fraction | float, random: int, up: bool) -> dict[Mode, float]:
        """`x`, a multiple of 2^-1200, rounded in every mode, saturating."""
        magnitude, values = _units(abs(x)), self._values[1 if x >= 0 else -1]
        if magnitude >= self._units[-1]:
            return dict.fromkeys(Mode, values[-1])
        place = bisect_right(self._units, magnitude) - 1
        low, high = self._units[place : place + 2]
        above, distance = magnitude - low, high - low
        return {mode: values[place + _goes_up(above, distance, mode, place, random, up)] for mode in Mode}


def _units(x: Fraction | float) -> int:
    numerator, denominator = x.as_integer_ratio()
    return numerator * ((1 << UNIT) // denominator)


def _goes_up(above: int, distance: int, mode: Mode, place: int, random: int, up: bool) -> bool:
    """Of a number that is so far above its lower neighbour, whose upper one is at a distance."""
    match mode:
        case Mode.RN:
            return 2 * above > distance or (2 * above == distance and place % 2 == 1)
        case Mode.RZ:
            return False
        case Mode.SR:
            return random < (above << 64) // distance
        case Mode.LEARNED:
            return up and above > 0


def hard_inputs(target: Format) -> Reals:
    """Every value of a format, what lies halfway and a quarter on to the next, the doubles beside those, and numbers beyond all.

    For formats of more than 10 bits each pair of neighbours gets one of the points between, in turn.
    """
    values = target.values()
    distance = np.diff(values)
    middles, quarters = values[:-1] + distance / 2, values[:-1] + distance / 4
    beyond = target.max * np.array([1.0, 1.01, 1.06, 1.1, 1.3, 2.0, 1e3])
    between = [middles, quarters, np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)]
    if target.width > 10:
        return np.concatenate([values, np.choose(np.arange(len(middles)) % 4, between), beyond, -beyond])
    points = np.concatenate([values, *between, beyond, -beyond])
    return np.concatenate([points, np.nextafter(points, np.inf), np.nextafter(points, -np.inf)])

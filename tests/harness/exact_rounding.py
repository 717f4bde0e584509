"""What rounding must give, in exact rational numbers: from the list of a format's values alone, no bit of the rounding under test."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

import numpy as np

from compiler.arithmetic.formats import Format, Reals
from compiler.arithmetic.rounding import Mode


class ExactRounding:
    """The magnitudes of a format in ascending order, so that a magnitude's place in the list is its code, and the one it would hold next."""

    def __init__(self, target: Format) -> None:
        values = target.values()
        self._magnitudes = [Fraction(float(value)) for value in values[values >= 0]]
        self._largest = self._magnitudes[-1]
        # The next larger one, had the format no end: the distance stays, since the last binade may lack its last number, not its first.
        self._magnitudes.append(self._largest + Fraction(2) ** (target.max_exponent - target.mantissa_bits))

    def __call__(self, x: Fraction, random: int, up: bool) -> dict[Mode, Fraction]:
        """`x` rounded in every mode, saturating."""
        magnitude, sign = abs(x), 1 if x >= 0 else -1
        if magnitude >= self._magnitudes[-1]:
            return dict.fromkeys(Mode, self._largest * sign)
        place = bisect_right(self._magnitudes, magnitude) - 1
        low, high = self._magnitudes[place : place + 2]
        fraction = (magnitude - low) / (high - low)
        goes_up = {mode: self._goes_up(fraction, mode, place, random, up) for mode in Mode}
        return {mode: min(high if goes else low, self._largest) * sign for mode, goes in goes_up.items()}

    @staticmethod
    def _goes_up(fraction: Fraction, mode: Mode, place: int, random: int, up: bool) -> bool:
        match mode:
            case Mode.RN:
                return fraction > Fraction(1, 2) or (fraction == Fraction(1, 2) and place % 2 == 1)
            case Mode.RZ:
                return False
            case Mode.SR:
                return random < int(fraction * 2**64)
            case Mode.LEARNED:
                return up and fraction > 0


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

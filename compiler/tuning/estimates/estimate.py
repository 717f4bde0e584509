"""Bounds of one candidate: at least so much, because of this resource."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """The bounds, the tightest first, in one unit."""

    unit: str
    bounds: tuple[tuple[str, float], ...]

    @staticmethod
    def of(unit: str, bounds: dict[str, float]) -> Estimate:
        """Sorted, the order given deciding between equals."""
        return Estimate(unit, tuple(sorted(bounds.items(), key=lambda each: -each[1])))

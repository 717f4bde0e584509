"""What every schedule is: a frozen dataclass that belongs to one target."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a kernel is computed. A subclass names its target, and each of its fields a choice that passes obey."""

    target: ClassVar[str]

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            low, high = each.metadata.get("low", value), each.metadata.get("high", value)
            assert low == high or low <= value <= high, f"{each.name} = {value}"

"""Straight-line code as instructions: what the steps of a schedule read, make and wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

WHOLE, FLOAT = 0, 1
LOADED, MULTIPLIED = 4, 3
"""Cycles of a load from the nearest cache, and of a multiplication."""
Value: TypeAlias = int | str
"""The step that makes it, or the name of what is there from the beginning."""


@dataclass(slots=True)
class Step:
    """An instruction: what it reads, the class and registers of what it makes (0 for nothing), and steps it comes after by memory."""

    uses: list[Value]
    kind: int = WHOLE
    width: float = 1.0
    after: list[int] = field(default_factory=list[int])
    overwrites: bool = False
    """Its result takes the place of its first operand."""
    effect: bool = False
    copied: Value | None = None
    """What a copy copies."""
    commutes: bool = False
    addresses: bool = False
    """An address can compute it, without overwriting."""
    kin: str = ""
    """Which operation, where its chains may be grouped anew."""
    latency: int = 1
    loads: bool = False
    loaded: int = 0
    """How many of the last operands are the address of a load that is part of it."""
    moved: int = -1
    """The step right before which it has come to stand."""

    def copy(self) -> Step:
        """The same with lists of its own."""
        return replace(self, uses=list(self.uses), after=list(self.after))


def renumbered(step: Step, place: Mapping[int, int]) -> Step:
    """With its operands under their new numbers."""
    return replace(
        step,
        uses=[place[use] if isinstance(use, int) else use for use in step.uses],
        after=[place[each] for each in step.after if each in place],
        copied=place[step.copied] if isinstance(step.copied, int) else step.copied,
        moved=-1,
    )

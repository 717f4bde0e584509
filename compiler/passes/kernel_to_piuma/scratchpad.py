"""Where things lie in a block's scratchpad, and whether they fit: asked by lowerings and by the legality check alike.

    plan = Plan();  tags = plan.take(8 << 16);  plan.used        # bytes

The upper end is left to the stacks of spilled values.
"""

from __future__ import annotations

from dataclasses import dataclass

STACKS = 1 << 16
"""Bytes at the upper end that no plan takes."""

WINDOW_ROWS = 1 << 12
"""Rows of a window at most: each has a count and a place."""


@dataclass(slots=True)
class Plan:
    """Offsets handed out one after another, each on a line of 64 bytes."""

    used: int = 0

    def take(self, size: int) -> int:
        """The offset of fresh space."""
        start = self.used
        self.used = start + -(-size // 64) * 64
        return start

    def fits(self, scratchpad_bytes: int) -> bool:
        """Whether a block has as much."""
        return self.used <= scratchpad_bytes - STACKS


@dataclass(frozen=True, slots=True)
class Common:
    """What every lowering by windows keeps: a few words, and two for every row of a window."""

    cursor: int
    """Where the block's next row of C goes."""
    window_end: int
    token: int
    """The next row, or piece of one, that nobody has taken."""
    partials: int
    counts: int
    """Entries of each row of the window."""
    places: int
    """Where each row's next entry goes."""

    @staticmethod
    def take(plan: Plan, threads: int) -> Common:
        """Place it."""
        cursor, window_end, token = plan.take(64), plan.take(64), plan.take(64)
        rows = 8 * WINDOW_ROWS
        return Common(cursor, window_end, token, plan.take(8 * threads), plan.take(rows), plan.take(rows))

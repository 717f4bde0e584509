"""A body of a pretty nest as it is read: its loops, and the one stretch in them. How its accesses move is not computed yet.

    Placed((k, j, i), stretch).summed()          a body as any other (`summed.py`)

Of hundreds of texts that is computed for all bodies together (`costmodel/features/placing.py`). Refuses nothing: every variable that the stretch
names is the counter of one of the loops.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from costmodel.tokens.bounds import Loop
from costmodel.tokens.headers import Counter
from costmodel.tokens.stretches import Stretch
from costmodel.tokens.summed import Doing, Summed, executions


class Placed(NamedTuple):
    """Counters, innermost first, around a stretch no two of whose patterns are of one buffer."""

    counters: tuple[Counter, ...]
    inside: Stretch

    @property
    def path(self) -> tuple[Loop, ...]:
        """The loops, innermost first."""
        return tuple([counter.loop for counter in self.counters])

    @property
    def doing(self) -> Doing:
        """What it does in a round."""
        return self.inside.doing

    @property
    def executions(self) -> float:
        """How often it runs."""
        return executions(self.path)

    def summed(self) -> Summed:
        """The body with the bytes that each loop moves its accesses by."""
        place = {counter.name: at for at, counter in enumerate(self.counters)}
        strides: list[float] = []
        copies = self.inside.spread
        for terms, start in self.inside.moves:
            steps, first = [0.0] * len(place), 0.0
            for name, amount in terms:
                counter = self.counters[place[name]]
                first += amount * counter.constant
                for other, step in counter.steps:
                    steps[place[other]] += amount * step
            strides += steps
            copies = copies or first + start != 0
        return Summed(self.path, self.inside.doing, tuple(strides), copies)


Body: TypeAlias = Summed | Placed
"""A body, however it was read."""

"""A second look at the best few of a choice, or of many choices at once: they are compiled, and compared again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np

from costmodel.features.encoder import Encoded
from costmodel.features.streams import Floats, Integers
from costmodel.looking.counts import counts
from costmodel.models.expert import Expert


def shortlist(costs: Floats, rows: Integers, most: int) -> Integers:
    """The cheapest of some rows, at most so many; of equal ones the first."""
    return rows[np.lexsort((rows, costs[rows]))][: max(0, most)]


def compared(
    expert: Expert, encoded: Encoded, best: Integers, counted: Sequence[float | None]
) -> tuple[Floats, Floats] | None:
    """Of each of the best what it costs, and costs to order them by, now that their instructions are counted; None where one has no count, as
    no look is better than half a look, or where there is nothing to compare."""
    if len(best) < 2 or None in counted:
        return None
    some = Encoded(encoded.matrix[best], encoded.iterations[best], encoded.hand[best])
    return expert.look(some, np.array(counted, dtype=np.float64))


class Looks:
    """How many of each choice; what is known of a text is remembered, as folds and seeds look at the same ones."""

    def __init__(self, most: int, progress: Callable[[str], None]) -> None:
        self.most, self._progress = most, progress
        self._known: dict[tuple[str, str], float | None] = {}

    def costs(
        self, expert: Expert, texts: Sequence[str], encoded: Encoded, costs: Floats, choices: Sequence[Integers]
    ) -> Floats:
        """Costs after a second look: of choices that could not be looked at as before, of others the best few anew and the rest behind them."""
        first = [shortlist(costs, rows, self.most) for rows in choices]
        known = self._look(expert, list(dict.fromkeys(texts[at] for best in first for at in map(int, best))))
        found = costs.copy()
        for rows, best in zip(choices, first, strict=True):
            anew = compared(expert, encoded, best, [known[texts[at]] for at in map(int, best)])
            if anew is not None:
                found[rows] = costs[rows] - costs[rows].min() + anew[1].max() + 1.0
                found[best] = anew[1]
        return found

    def _look(self, expert: Expert, texts: Sequence[str]) -> dict[str, float | None]:
        """The counts of texts."""
        assert expert.second is not None
        core = str(expert.second.core)
        new = [text for text in texts if (core, text) not in self._known]

        def say(done: int, total: int) -> None:
            if done % 32 == 0 or done == total:
                self._progress(f"a second look: {done} of {total} texts compiled")

        for text, count in zip(new, counts(new, expert.second.core, say, os.cpu_count() or 1), strict=True):
            self._known[core, text] = count
        return {text: self._known[core, text] for text in texts}

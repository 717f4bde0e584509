"""A second look at many choices at once: the best few of each are compiled, and compared again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np

from costmodel.features.encoder import Encoded
from costmodel.features.streams import Floats, Integers
from costmodel.looking.counts import counts
from costmodel.models.expert import Expert


class Looks:
    """How many of each choice; what is known of a text is remembered, as folds and seeds look at the same ones."""

    def __init__(self, most: int, progress: Callable[[str], None]) -> None:
        self.most, self._progress = most, progress
        self._known: dict[tuple[str, str], float | None] = {}

    def costs(
        self, expert: Expert, texts: Sequence[str], encoded: Encoded, costs: Floats, choices: Sequence[Integers]
    ) -> Floats:
        """Costs after a second look: of choices that could not be looked at as before, of others the best few anew and the rest behind them."""
        second = expert.second
        if second is None:
            return costs
        first = [rows[np.lexsort((rows, costs[rows]))][: self.most] for rows in choices if len(rows) > 1]
        self._look(expert, list(dict.fromkeys(texts[at] for rows in first for at in map(int, rows))))
        found = costs.copy()
        for rows in choices:
            best = rows[np.lexsort((rows, costs[rows]))][: self.most]
            counted = [self._known.get((str(second.core), texts[at])) for at in map(int, best)]
            if len(best) < 2 or None in counted:
                continue
            some = Encoded(encoded.matrix[best], encoded.iterations[best], encoded.hand[best])
            _, again = expert.look(some, np.array(counted, dtype=np.float64))
            found[rows] = costs[rows] - costs[rows].min() + again.max() + 1.0
            found[best] = again
        return found

    def _look(self, expert: Expert, texts: Sequence[str]) -> None:
        assert expert.second is not None
        core = str(expert.second.core)
        new = [text for text in texts if (core, text) not in self._known]

        def say(done: int, total: int) -> None:
            if done % 32 == 0 or done == total:
                self._progress(f"a second look: {done} of {total} texts compiled")

        for text, count in zip(new, counts(new, expert.second.core, say, os.cpu_count() or 1), strict=True):
            self._known[core, text] = count

"""What other trees than those that are corrected say of a text, for a correction to look at: experts' for third targets, as two cores differ
where others differ as well, and the old expert's of instructions.

beside = Beside(trees, (0, 1, 2, 5))     trees that were fitted to four columns, and which they are of the corrected expert's
beside.value(matrix)                     on the scale that its head is fitted on
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster


@dataclass(frozen=True, slots=True)
class Beside:
    """The trees of another head, and where the columns that they were fitted to are among an expert's."""

    trees: Booster
    places: tuple[int, ...]

    def value(self, matrix: Floats) -> Floats:
        """One number a row."""
        return self.trees.predict(np.ascontiguousarray(matrix[:, list(self.places)]))

"""How alternatives compare once it is known how many instructions each executes: a head and a ranker with two columns more.

The columns are instructions of one iteration (binary logarithm), and how far the count that was made up from the text is from that. They are
fitted to counts that were measured with the labels; of a new text LLVM gives them (`costmodel/looking`), without running it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.features.encoder import Encoded
from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster
from costmodel.models.head import Head
from costmodel.native import Core

COUNT = "instructions"
"""The label that says it."""
MADE_UP = "executed instructions"
"""The column that guesses it."""
TOLD = 2
"""Columns that a second look adds."""


@dataclass(frozen=True, slots=True)
class Second:
    """What is asked in a second look, and whom LLVM compiles for."""

    core: Core
    head: Head
    ranker: Booster | None


def told(encoded: Encoded, names: list[str], instructions: Floats) -> Encoded:
    """The columns of some texts, and what their counts say."""
    each = np.log2(np.maximum(instructions, 1.0)) - encoded.iterations / np.log(2.0)
    guessed = encoded.matrix[:, names.index(MADE_UP)]
    return Encoded(np.column_stack([encoded.matrix, each, each - guessed]), encoded.iterations, encoded.hand)

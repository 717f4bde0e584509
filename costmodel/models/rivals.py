"""What the model must beat, each a cost per row: the lower, the sooner it is chosen.

| rival | says |
|---|---|
| random | a number by lot |
| default order | the variant that the data set lists first |
| op count | operations of a body x how often it runs |
| hand | the hand model of locality (`costmodel/features/locality.py`) |
| analytical | what came with the samples, where something did |
| guarded | ours, but that where the texts or the machine are unlike all that was learned from: what `kcc` does |
| one process | what one process measured, judged by the others: what chance leaves even to who has measured everything |
| n-gram | ridge regression of the logarithm on counts of token runs (operations and shapes, the paper's first scheme) |

The paper's schemes and ours on tokens alone are experts with other columns (`Scheme`); the oracle is the truth.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, cast

import numpy as np

from costmodel.features.encoder import Encoder, Group
from costmodel.features.locality import hand_cycles, locality_of
from costmodel.features.reading import Reading
from costmodel.features.streams import Floats, streams_of

RIVALS = ("random", "default order", "op count", "hand", "analytical", "n-gram")


def by_lot(count: int, seed: int) -> Floats:
    """Random costs."""
    return np.random.default_rng(seed).random(count)


def by_order(choices: Sequence[Hashable]) -> Floats:
    """The place of a row among those of its choice."""
    seen: dict[Hashable, int] = {}
    places = np.zeros(len(choices))
    for row, key in enumerate(choices):
        places[row] = seen[key] = seen.get(key, -1) + 1
    return places


def by_count(readings: Sequence[Reading]) -> Floats:
    """Operations executed, as a logarithm."""
    counts = [sum(max(body.executions, 1.0) * len(body.doing.work.operations) for body in r.bodies) for r in readings]
    return np.log(np.array(counts) + 1.0)


def by_hand(readings: Sequence[Reading]) -> Floats:
    """The hand model's cycles, as a logarithm."""
    streams = streams_of([reading.bodies for reading in readings])
    return np.log(hand_cycles(streams, locality_of(streams)))


def by_grams(readings: Sequence[Reading], labels: Floats, others: Sequence[Reading]) -> Floats:
    """Ridge regression fitted to some texts, asked about others."""
    import sklearn.linear_model  # here: whoever shows a prediction imports this file too

    encoder = Encoder.fitted(readings, (Group.OPERATIONS,))
    if not encoder.grams:
        return np.zeros(len(others))
    fitted = np.log1p(encoder.encode(readings).matrix)
    model = cast(Any, sklearn.linear_model).Ridge(alpha=1.0).fit(fitted, np.log(labels))
    return np.asarray(model.predict(np.log1p(encoder.encode(others).matrix)), dtype=np.float64)

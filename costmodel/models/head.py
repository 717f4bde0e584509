"""One predicted quantity: what a booster is fitted to, and how its number becomes the label's.

| kind | labels | fitted to | becomes |
|---|---|---|---|
| LOG | seconds, cycles, instructions, DRAM bytes | log label - log base | base x exp |
| COUNT | registers | the number | the number, not below 0 |
| HURDLE | spills | whether there are any; log of how many | 0, or the number |
| SHARE | utilisation | the share | the share, 0 to 1 |

The base of a LOG head is the sample's analytical value where all samples have one; the hand model's cycles for loop nests; else the
number of arithmetic operations executed, which all schedules of a kernel share. Never the raw logarithm:
that spends the trees on how long a kernel runs, not on which variant is faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from costmodel.features.encoder import Encoded
from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster, Objective, Shape, boost
from costmodel.models.nearby import Nearby
from costmodel.models.neural.network import Network


class Learner(Protocol):
    """Like `boost`: what fits a booster or a network to rows."""

    def __call__(
        self,
        matrix: Floats,
        labels: Floats,
        objective: Objective,
        shape: Shape,
        seed: int,
        weights: Floats | None = None,
        /,
    ) -> Booster | Network: ...


class Kind(Enum):
    """How a label is modelled."""

    LOG = "log"
    COUNT = "count"
    HURDLE = "hurdle"
    SHARE = "share"


class Base(Enum):
    """What a LOG head corrects."""

    ANALYTICAL = "analytical"
    HAND = "hand"
    ITERATIONS = "iterations"
    NOTHING = "nothing"


KINDS = {
    "seconds": Kind.LOG,
    "cycles": Kind.LOG,
    "instructions": Kind.LOG,
    "dram_bytes": Kind.LOG,
    "registers": Kind.COUNT,
    "spills": Kind.HURDLE,
    "utilisation": Kind.SHARE,
}
PRIMARY = ("seconds", "cycles")
"""What is chosen by, first that exists."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What moves a head to another target: a straight line, and small trees over its columns and its own value."""

    slope: float
    offset: float
    trees: Booster

    def moved(self, matrix: Floats, value: Floats) -> Floats:
        """The other target's value."""
        return self.slope * value + self.offset + self.trees.predict(np.column_stack([matrix, value]))


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted head: one booster (or network), two for a hurdle; `shift` where it was moved to another target."""

    label: str
    kind: Kind
    base: Base
    boosters: tuple[Booster | Network, ...]
    shift: Shift | Nearby | None = None

    def value(self, encoded: Encoded, analytical: Floats | None) -> Floats:
        """Predictions on the scale the head is fitted on: natural logarithms for LOG, the label itself otherwise."""
        value = self._before(encoded, analytical)
        if self.shift is None:
            return value
        value = self.shift.moved(with_analytical(encoded, analytical), value)
        return value if self.kind is Kind.LOG else np.clip(value, 0.0, 1.0 if self.kind is Kind.SHARE else np.inf)

    def _before(self, encoded: Encoded, analytical: Floats | None) -> Floats:
        matrix = with_analytical(encoded, analytical)
        match self.kind:
            case Kind.LOG:
                return base_of(self.base, encoded, analytical) + self.boosters[0].predict(matrix)
            case Kind.COUNT:
                return np.maximum(self.boosters[0].predict(matrix), 0.0)
            case Kind.SHARE:
                return np.clip(self.boosters[0].predict(matrix), 0.0, 1.0)
            case Kind.HURDLE:
                some, many = (booster.predict(matrix) for booster in self.boosters)
                return np.where(some >= 0.5, np.maximum(np.expm1(many), 1.0), 0.0)


def natural(kind: Kind, value: Floats) -> Floats:
    """From the scale a head is fitted on to the label's unit."""
    return np.exp(np.minimum(value, 700.0)) if kind is Kind.LOG else value


def fitted_scale(kind: Kind, labels: Floats) -> Floats:
    """From the label's unit to the scale a head is fitted on."""
    return np.log(labels) if kind is Kind.LOG else labels


def base_of(base: Base, encoded: Encoded, analytical: Floats | None) -> Floats:
    """The logarithm that a LOG head starts from."""
    match base:
        case Base.ANALYTICAL:
            assert analytical is not None
            return np.where(np.isnan(analytical), encoded.hand, analytical)
        case Base.HAND:
            return encoded.hand
        case Base.ITERATIONS:
            return encoded.iterations
        case Base.NOTHING:
            return np.zeros(len(encoded.iterations))


def with_analytical(encoded: Encoded, analytical: Floats | None) -> Floats:
    """The matrix with what analysis says as its last columns: per iteration, and against the hand model."""
    if analytical is None:
        return encoded.matrix
    return np.column_stack([encoded.matrix, analytical, analytical - encoded.iterations])


def fit_head(
    label: str,
    labels: Floats,
    encoded: Encoded,
    analytical: Floats | None,
    base: Base,
    shape: Shape,
    seed: int,
    weights: Floats | None = None,
    learner: Learner = boost,
) -> Head:
    """A head fitted to rows that all have the label; `learner` makes boosters, or networks."""
    kind, matrix = KINDS[label], with_analytical(encoded, analytical)
    match kind:
        case Kind.LOG:
            rest = np.log(labels) - base_of(base, encoded, analytical)
            boosters: Sequence[Booster | Network] = [learner(matrix, rest, Objective.SQUARED, shape, seed, weights)]
        case Kind.COUNT | Kind.SHARE:
            boosters = [learner(matrix, labels, Objective.SQUARED, shape, seed, weights)]
        case Kind.HURDLE:
            some = labels > 0
            many = learner(
                matrix[some] if some.any() else matrix,
                np.log1p(labels[some] if some.any() else labels),
                Objective.SQUARED,
                shape,
                seed,
            )
            boosters = [learner(matrix, some.astype(np.float64), Objective.BINARY, shape, seed), many]
    return Head(label, kind, base if kind is Kind.LOG else Base.NOTHING, tuple(boosters))

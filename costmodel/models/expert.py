"""The model of one source and target: heads, the ranker, intervals, and what to trust how far from home.

A prediction is base + trust x correction, where trust falls from 1 to what held-out families have shown to be worth it as the text
gets more foreign; with trust 0 it is the analytical model, so the choice is never worse than the one it replaces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from costmodel.features.encoder import Encoded, Encoder
from costmodel.features.reading import Reading
from costmodel.features.streams import Floats
from costmodel.models.boosting import Booster
from costmodel.models.foreign import Foreign
from costmodel.models.head import PRIMARY, Base, Head, Kind, base_of, natural, with_analytical
from costmodel.models.neighbours import Neighbours
from costmodel.models.second import Second, told

FOREIGN_STEPS = (1.0, 1.5, 2.5)
"""Where trust and widths of intervals change: scores up to 1 are at home."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Per step of the foreign score: how much of the correction counts, and half the least width of the interval per label.

    `bands` are half widths by band of distances to the nearest kernel that was learned from, where they are known: the larger counts. In
    the farthest band no half width is less than `least`, which is no multiple of a size of error as the others are.
    `offsets` take the base of a label to its unit (the hand model says cycles, the label may be seconds): the median of what the
    head is fitted to. Without them a smaller share would be another unit, and rows of different steps could not be compared.
    """

    shares: tuple[float, ...]
    widths: Mapping[str, tuple[float, ...]]
    offsets: Mapping[str, float]
    bands: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    least: Mapping[str, float] = field(default_factory=dict[str, float])

    @staticmethod
    def step(scores: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Which step each score is in."""
        return np.searchsorted(np.array(FOREIGN_STEPS), scores, side="left").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of one label, in its unit, by row; `low` and `high` bound nine in ten; `cost` orders alternatives."""

    label: str
    value: Floats
    low: Floats
    high: Floats
    foreign: Floats


@dataclass(frozen=True, slots=True)
class Expert:
    """What was learned of one source and target."""

    source: str
    target: str
    encoder: Encoder
    heads: tuple[Head, ...]
    scales: Mapping[str, Booster]
    ranker: Booster | None
    rank_weight: float
    foreign: Foreign
    trust: Trust
    uses_analytical: bool
    samples: int
    families: tuple[str, ...]
    neighbours: Neighbours | None = None
    """How near a text is, for widths of intervals; None where kernels have nothing to tell it by."""
    second: Second | None = None
    """What compares the best few once their instructions are counted; None where they cannot be, or were not measured."""

    @property
    def name(self) -> str:
        """Source and target."""
        return f"{self.source}/{self.target}"

    @property
    def primary(self) -> Head:
        """The head that choices are made by."""
        by_label = {head.label: head for head in self.heads}
        return next((by_label[label] for label in PRIMARY if label in by_label), self.heads[0])

    def head(self, label: str) -> Head | None:
        """The head of a label."""
        return next((head for head in self.heads if head.label == label), None)

    def predict(self, head: Head, encoded: Encoded, analytical: Floats | None) -> Prediction:
        """A head's predictions with intervals."""
        scores = self.foreign.score(encoded.matrix)
        return self._around(head, self.trusted(head, encoded, analytical, scores), scores, encoded, analytical)

    def _around(
        self, head: Head, value: Floats, scores: Floats, encoded: Encoded, analytical: Floats | None
    ) -> Prediction:
        """With intervals around values on the scale that the head is fitted on."""
        half = self._half(head, scores, encoded, analytical)
        low, high = value - half, value + half
        if head.kind is not Kind.LOG:
            low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
        if head.kind is Kind.SHARE:
            high = np.minimum(high, 1.0)
        value, low, high = (natural(head.kind, each) for each in (value, low, high))
        return Prediction(head.label, value, low, high, scores)

    def trusted(self, head: Head, encoded: Encoded, analytical: Floats | None, scores: Floats) -> Floats:
        """A head's value with as much of its correction as the foreign score allows."""
        value = head.value(encoded, analytical)
        if head.kind is not Kind.LOG or head.base in (Base.NOTHING, Base.ITERATIONS):
            return value
        base = base_of(head.base, encoded, analytical) + self.trust.offsets[head.label]
        return base + np.array(self.trust.shares)[Trust.step(scores)] * (value - base)

    def costs(self, encoded: Encoded, analytical: Floats | None) -> Floats:
        """What alternatives are ordered by: the primary head's value, and the ranker's say where the text is at home."""
        scores = self.foreign.score(encoded.matrix)
        return self._ordered(self.trusted(self.primary, encoded, analytical, scores), scores, encoded, analytical)

    def judge(self, encoded: Encoded, analytical: Floats | None) -> tuple[Prediction, Floats]:
        """Both: the primary head's predictions, and what alternatives are ordered by."""
        scores = self.foreign.score(encoded.matrix)
        value = self.trusted(self.primary, encoded, analytical, scores)
        said = scores, encoded, analytical
        return self._around(self.primary, value, *said), self._ordered(value, *said)

    def look(self, encoded: Encoded, instructions: Floats) -> tuple[Floats, Floats]:
        """Alternatives of which it is known how many instructions they execute: the primary label, and what they are ordered by."""
        assert self.second is not None
        scores = self.foreign.score(encoded.matrix)
        known = told(encoded, self.encoder.names, instructions)
        value = self.trusted(self.second.head, known, None, scores)
        return natural(self.second.head.kind, value), self._with_rank(value, scores, known, None, self.second.ranker)

    def _ordered(self, value: Floats, scores: Floats, encoded: Encoded, analytical: Floats | None) -> Floats:
        return self._with_rank(value, scores, encoded, analytical, self.ranker)

    def _with_rank(
        self, value: Floats, scores: Floats, encoded: Encoded, analytical: Floats | None, ranker: Booster | None
    ) -> Floats:
        if ranker is None or not self.rank_weight:
            return value
        said = ranker.predict(with_analytical(encoded, analytical))
        at_home = np.array(self.trust.shares)[Trust.step(scores)]
        return value - self.rank_weight * at_home * said

    def _half(self, head: Head, scores: Floats, encoded: Encoded, analytical: Floats | None) -> Floats:
        """Half widths of intervals."""
        widths, size = (
            np.array(self.trust.widths[head.label])[Trust.step(scores)],
            self._scale(head, encoded, analytical),
        )
        bands = self.trust.bands.get(head.label)
        if bands is None:
            return widths * size
        if self.neighbours is None:
            return np.maximum(widths, bands[0]) * size
        near, farthest = self.neighbours.bands(encoded.matrix), len(bands)
        half = np.maximum(widths, np.array(bands)[np.minimum(near, farthest - 1)]) * size
        return np.where(near == farthest, np.maximum(half, self.trust.least[head.label]), half)

    def _scale(self, head: Head, encoded: Encoded, analytical: Floats | None) -> Floats:
        booster = self.scales.get(head.label)
        if booster is None:
            return np.ones(len(encoded.iterations))
        return scale_of(booster.predict(with_analytical(encoded, analytical)))


def scale_of(predicted: Floats) -> Floats:
    """The size of error to expect, from a booster fitted to its logarithm; kept within bounds that conformal widths can serve."""
    return np.exp(np.clip(predicted, -7.0, 3.0))


def encode(expert: Expert, readings: Sequence[Reading]) -> Encoded:
    """The expert's columns of some texts."""
    return expert.encoder.encode(readings)

"""Texts to a matrix: which columns a model sees, in which order; fixed when it is fitted, kept in its artifact.

encoder = Encoder.fitted(readings, (Group.STRUCTURE, Group.DESCRIPTORS))
encoder.encode(readings)        Encoded(matrix (n, columns), log of operations executed (n,), log of the hand model's cycles (n,))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from costmodel.features.executed import executed_columns, executed_names
from costmodel.features.grams import frequent, gram_matrix
from costmodel.features.ladders import ladder_names, ladders
from costmodel.features.locality import hand_cycles, locality_of
from costmodel.features.pressure import pressure, pressure_names
from costmodel.features.reading import Reading
from costmodel.features.running import running_names
from costmodel.features.scheduled import scheduled, scheduled_names
from costmodel.features.sequence import sequence_matrix, sequence_names, words_of
from costmodel.features.straight import straight, straight_names
from costmodel.features.streams import Floats, streams_of, sums
from costmodel.features.structure import operations_executed, structure, structure_names
from costmodel.features.work import work, work_names
from costmodel.tokens.quick import Met
from costmodel.tokens.stream import Scheme, channels


class Group(Enum):
    """A family of columns."""

    STRUCTURE = "structure"
    EXECUTED = "executed"
    """What LLVM makes of loop nests, in instructions."""
    LADDERS = "ladders"
    """What nests access and could do at once, at any size: no machine is known. The last columns of nests."""
    STRAIGHT = "straight"
    PRESSURE = "pressure"
    SCHEDULED = "scheduled"
    WORK = "work"
    """What a correction for another core looks at: the last columns of straight-line code."""
    DESCRIPTORS = "descriptors"
    ANALYSED = "analysed"
    """Descriptors without the plain numbers of the data, where analysis has put them in proportion: sizes say which matrix it is."""
    DISTANCE = "distance"
    OPERATIONS = "operations"
    OPERANDS = "operands"
    RUNNING = "running"
    """Tokens weighted by running products: what the text alone says of schedules."""
    SEQUENCE = "sequence"
    SEQUENCE_DISTANCE = "sequence of distances"
    SEQUENCE_OPERATIONS = "sequence of operations"
    SEQUENCE_OPERANDS = "sequence of operands"
    """Tokens in their order, for networks."""


SEQUENCES = {
    Group.SEQUENCE: Scheme.RUNNING,
    Group.SEQUENCE_DISTANCE: Scheme.DISTANCE,
    Group.SEQUENCE_OPERATIONS: Scheme.OPERATIONS,
    Group.SEQUENCE_OPERANDS: Scheme.OPERANDS,
}
_SCHEMES = {
    Group.DISTANCE: Scheme.DISTANCE,
    Group.OPERATIONS: Scheme.OPERATIONS,
    Group.OPERANDS: Scheme.OPERANDS,
}
GRAMS = frozenset(_SCHEMES)
"""Groups whose columns are runs of tokens."""
_MOST_GRAMS = 240


@dataclass(frozen=True, slots=True)
class Encoded:
    """Columns by row, and the two logarithms (natural) that predictions start from."""

    matrix: Floats
    iterations: Floats
    hand: Floats


@dataclass(frozen=True, slots=True)
class Encoder:
    """Which columns; `grams` (or the words of a sequence), `numbers` and `words` are those that the texts it was fitted to have."""

    groups: tuple[Group, ...]
    grams: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @staticmethod
    def fitted(readings: Sequence[Reading], groups: Sequence[Group]) -> Encoder:
        """The columns that these texts vary in."""
        found: tuple[str, ...] = ()
        for group in groups:
            if group in _SCHEMES:
                found = tuple(frequent([r.grams(_SCHEMES[group]) for r in readings], _MOST_GRAMS))
            elif group in SEQUENCES:
                found = words_of([r.tokens(SEQUENCES[group]) for r in readings], SEQUENCES[group])
        if Group.DESCRIPTORS not in groups and Group.ANALYSED not in groups:
            return Encoder(tuple(groups), found)
        described = [reading.described for reading in readings]
        numbers = sorted({key for each, _ in described for key in each})
        if Group.ANALYSED in groups:
            numbers = [key for key in numbers if not key.startswith("data.")]
        words = sorted({word for _, each in described for word in each})
        varying = [word for word in words if len({word in each for _, each in described}) > 1]
        return Encoder(tuple(groups), found, tuple(numbers), tuple(varying))

    @property
    def names(self) -> list[str]:
        """The columns, in order."""
        names: list[str] = []
        for group in self.groups:
            match group:
                case Group.STRUCTURE:
                    names += structure_names()
                case Group.EXECUTED:
                    names += executed_names()
                case Group.LADDERS:
                    names += ladder_names()
                case Group.STRAIGHT:
                    names += straight_names()
                case Group.PRESSURE:
                    names += pressure_names()
                case Group.SCHEDULED:
                    names += scheduled_names()
                case Group.WORK:
                    names += work_names()
                case Group.DESCRIPTORS | Group.ANALYSED:
                    names += [*self.numbers, *self.words]
                case Group.DISTANCE | Group.OPERATIONS | Group.OPERANDS:
                    names += self.grams
                case Group.RUNNING:
                    names += running_names()
                case Group.SEQUENCE | Group.SEQUENCE_DISTANCE | Group.SEQUENCE_OPERATIONS | Group.SEQUENCE_OPERANDS:
                    names += sequence_names()
        return names

    @property
    def measured(self) -> int:
        """How many columns, the first ones, say how far texts are from each other: what ladders say at many sizes the others say once."""
        return len(self.names) if Group.LADDERS not in self.groups else len(self.names) - len(ladder_names())

    def encode(self, readings: Sequence[Reading]) -> Encoded:
        """The matrix of some texts."""
        streams = streams_of([reading.bodies for reading in readings])
        locality = locality_of(streams)
        parts: list[Floats] = []
        hand: Floats | None = None
        for group in self.groups:
            match group:
                case Group.STRUCTURE:
                    columns, hand = structure(streams, locality)
                    parts.append(columns)
                case Group.EXECUTED:
                    parts.append(
                        executed_columns(streams, np.log2(np.maximum(operations_executed(streams, locality), 1.0)))
                    )
                case Group.LADDERS:
                    parts.append(ladders(streams))
                case Group.STRAIGHT:
                    parts.append(straight([reading.lines for reading in readings]))
                case Group.PRESSURE:
                    parts.append(pressure([reading.lines for reading in readings]))
                case Group.SCHEDULED:
                    parts.append(scheduled([reading.lines for reading in readings]))
                case Group.WORK:
                    parts.append(work([reading.lines for reading in readings]))
                case Group.DESCRIPTORS | Group.ANALYSED:
                    parts.append(self._described(readings))
                case Group.DISTANCE | Group.OPERATIONS | Group.OPERANDS:
                    scheme = _SCHEMES[group]
                    parts.append(gram_matrix([reading.grams(scheme) for reading in readings], self.grams))
                case Group.RUNNING:
                    parts.append(np.array([reading.running for reading in readings]).reshape(-1, len(running_names())))
                case Group.SEQUENCE | Group.SEQUENCE_DISTANCE | Group.SEQUENCE_OPERATIONS | Group.SEQUENCE_OPERANDS:
                    streams_in_order = [reading.tokens(SEQUENCES[group]) for reading in readings]
                    parts.append(sequence_matrix(streams_in_order, self.grams))
        executed = np.maximum(operations_executed(streams, locality), 1.0)
        looped = sums(streams.nest, streams.depth[streams.of].astype(np.float64), streams.nests) > 0
        iterations = np.where(looped, executed, 1.0)
        hand = hand_cycles(streams, locality) if hand is None else hand
        return Encoded(np.concatenate(parts, axis=1), np.log(iterations), np.log(hand))

    def _described(self, readings: Sequence[Reading]) -> Floats:
        matrix = np.zeros((len(readings), len(self.numbers) + len(self.words)))
        for row, reading in enumerate(readings):
            numbers, words = reading.described
            for at, key in enumerate(self.numbers):
                matrix[row, at] = channels(numbers[key])[0] if key in numbers else np.nan
            for at, word in enumerate(self.words, len(self.numbers)):
                matrix[row, at] = word in words
        return matrix


def readings_of(texts: Iterable[str], known: dict[str, Reading] | None = None) -> list[Reading]:
    """Texts read; equal texts once, and those already known not at all."""
    known = {} if known is None else known
    met: Met = {}
    return [known.get(text) or known.setdefault(text, Reading(text, met)) for text in texts]

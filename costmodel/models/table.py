"""What a fit starts from: options, and samples as arrays.

table = table_of(samples)
fit_table(table, Options(seed=2))
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from costmodel.features.encoder import Encoded, Group, readings_of
from costmodel.features.reading import Reading
from costmodel.features.streams import Floats
from costmodel.models.boosting import Shape
from costmodel.models.head import PRIMARY, Base
from costmodel.models.neural.learning import Course
from costmodel.models.neural.network import NetworkKind
from costmodel.sample import Sample
from costmodel.splits import choice

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Options:
    """How to fit; the default is what ships."""

    groups: tuple[Group, ...] | None = None
    seed: int = 1
    shape: Shape = field(default_factory=Shape)
    side: Shape = field(default_factory=lambda: Shape(trees=160, rate=0.07, columns=0.4))
    nests: Shape = field(default_factory=lambda: Shape(trees=600, rate=0.05, leaves=127, columns=0.15))
    """Of the head that chooses between schedules of loop nests: large trees of few columns, of which hundreds each say a little."""
    ranker: Shape = field(default_factory=lambda: Shape(trees=200, rate=0.07, leaves=24, columns=0.3))
    nest_ranker: Shape = field(default_factory=lambda: Shape(trees=400, rate=0.07, columns=0.3))
    base: Base | None = None
    calibrate: bool = True
    second: bool = True
    """Also what compares alternatives once LLVM has counted their instructions, where labels have such counts."""
    centred: bool = False
    """Learn only what alternatives of a choice differ in: no unit is left, and no trees go into how long a kernel runs."""
    network: NetworkKind | None = None
    """A network that reads tokens in their order, in place of trees."""
    course: Course = field(default_factory=Course)


@dataclass(frozen=True, slots=True)
class Table:
    """Samples as arrays: texts encoded, labels with NaN where missing, analytical logarithms, alternatives."""

    samples: tuple[Sample, ...]
    readings: tuple[Reading, ...]
    labels: Mapping[str, Floats]
    analytical: Floats | None
    choices: tuple[tuple[str, str, str, str], ...]

    def only(self, rows: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        kept = np.flatnonzero(rows)
        return Table(
            tuple(self.samples[at] for at in kept),
            tuple(self.readings[at] for at in kept),
            {name: values[rows] for name, values in self.labels.items() if np.isfinite(values[rows]).any()},
            self.analytical[rows] if self.analytical is not None else None,
            tuple(self.choices[at] for at in kept),
        )


def table_of(samples: Sequence[Sample], known: dict[str, Reading] | None = None) -> Table:
    """The arrays of samples of one source and target; `known` remembers readings, for experts that share texts."""
    names = sorted({name for sample in samples for name in sample.labels})
    labels = {
        name: np.array([sample.labels.get(name, np.nan) for sample in samples], dtype=np.float64) for name in names
    }
    primary = next((name for name in PRIMARY if name in labels), None)
    said = np.array([sample.analytical.get(primary or "", np.nan) for sample in samples], dtype=np.float64)
    analytical = np.log(np.where(said > 0, said, np.nan)) if np.isfinite(said).any() else None
    return Table(
        tuple(samples),
        tuple(readings_of((s.text for s in samples), known)),
        labels,
        analytical,
        tuple(choice(s) for s in samples),
    )


def groups_for(readings: Sequence[Reading]) -> tuple[Group, ...]:
    """The columns that make sense for texts like these: what analysis said, loops, straight-line code, operations with descriptors."""
    if all("analytical" in reading.described[0] for reading in readings):
        return (Group.ANALYSED,)
    looping = sum(reading.loops for reading in readings) * 2 > len(readings)
    described = sum(bool(reading.described[0]) for reading in readings) * 2 > len(readings)
    if looping:
        described_too = (Group.DESCRIPTORS,) if described else ()
        return (Group.STRUCTURE, Group.EXECUTED, *described_too, Group.LADDERS)
    if described:
        return (Group.DESCRIPTORS, Group.DISTANCE)
    return (Group.STRAIGHT, Group.PRESSURE, Group.SCHEDULED, Group.DISTANCE)


def rows_of(encoded: Encoded, rows: NDArray[np.bool_]) -> Encoded:
    """Some rows."""
    return Encoded(encoded.matrix[rows], encoded.iterations[rows], encoded.hand[rows])


def quicker(shape: Shape) -> Shape:
    """Half the trees in larger steps: nearly the same errors in half the time."""
    return replace(shape, trees=max(1, shape.trees // 2), rate=1.6 * shape.rate)


def in_parallel(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """The results of jobs, in order. Boosters train without the interpreter's lock, one core each: two at once beat one on two."""
    with ThreadPoolExecutor(max_workers=max(1, os.cpu_count() or 1)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]

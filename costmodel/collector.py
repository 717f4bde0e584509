"""What a source of labels must offer, so that `costmodel collect` can drive it without knowing it.

A collector cuts its work into tasks that need nothing of each other; the driver runs them anywhere, in any order, and writes down
which are done. One task gives several samples, because compiling, timing and simulating go better by the dozen: all variants of a
kernel, a hundred blocks.

    [project.entry-points."splitwood.collectors"]
    loops = "compiler.tuning.collect_loops:COLLECTOR"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from costmodel.sample import Json, Sample

ENTRY_POINTS = "splitwood.collectors"
"""The group of entry points under which collectors are found, each named for its source."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user narrows a collection to; empty means everything there is."""

    seed: int = 1
    families: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    limit: int | None = None
    """At most that many tasks, spread over what is asked for."""


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: `key` is unique in its source and means the same work in every run; `spec` is all that `run` needs."""

    key: str
    spec: Mapping[str, Json]


class Collector(Protocol):
    """A source of labels."""

    @property
    def source(self) -> str:
        """The name it is registered under, and the `source` of its samples."""
        ...

    @property
    def timed(self) -> bool:
        """Whether it reads this machine's clock: then at most one task runs on a core at a time."""
        ...

    def missing(self) -> str | None:
        """What this machine lacks for it, in words; None when nothing."""
        ...

    def tasks(self, options: Options) -> Sequence[Task]:
        """The work, in a fixed order: equal options give equal tasks."""
        ...

    def run(self, task: Task) -> Sequence[Sample]:
        """The samples of one task, deterministic but for clocks; empty when nothing of it is worth keeping."""
        ...

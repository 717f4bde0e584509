"""Machines to measure products on: what varies, and how far.

    draw_machine(Random(1), INSIDE)      {"dram_bytes_per_cycle": 19.3, "pipelines": 8, …}, fields of `runtime.machine.Machine`

Beyond the range, up to a factor of two, is what a model is asked about without having seen it: `OUTSIDE`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random


class Range(Enum):
    """Where a configuration is drawn from."""

    DEFAULT = "default"
    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Values:
    """What a field can be: values to learn from, and values beyond them on both sides, up to a factor of two."""

    inside: Sequence[float]
    outside: Sequence[float]


VARIED: Mapping[str, Values] = {
    "dram_bytes_per_cycle": Values((6.4, 9.6, 12.8, 19.2, 25.6, 38.4, 51.2), (3.2, 102.4)),
    "dram_latency": Values((50, 75, 100, 150, 200), (25, 400)),
    "pipelines": Values((2, 4, 6), (1, 8)),
    "threads": Values((8, 12, 16), (4, 24)),
    "pipeline_depth": Values((3, 4, 6), (2, 8)),
    "spad_bytes": Values((1 << 20, 2 << 20, 4 << 20), (1 << 19, 8 << 20)),
    "spad_banks": Values((8, 16, 32), (4, 64)),
    "spad_latency": Values((5, 10, 20), (3, 40)),
    "spad_atomic_cycles": Values((1, 2, 4), (8,)),
    "dma_engines": Values((1, 2, 4), (8,)),
    "dma_beat": Values((1, 2, 4), (8,)),
    "l1_bytes": Values((8192, 16384, 32768), (4096, 65536)),
}
"""The fields that matter to products."""
MOST = 5
"""Fields that differ from the default at once."""


def draw_machine(random: Random, where: Range) -> dict[str, float]:
    """The fields of a configuration that are not as in the default one; outside the range, at least one is beyond it."""
    if where is Range.DEFAULT:
        return {}
    chosen = sorted(random.sample(sorted(VARIED), random.randint(2, MOST)))
    found = {name: random.choice(VARIED[name].inside) for name in chosen}
    if where is Range.OUTSIDE:
        for name in chosen[: random.randint(1, 2)]:
            found[name] = random.choice(VARIED[name].outside)
    return found

"""Folds for honest errors: whole kernels, families, matrices or configurations are held out; never single rows.

A sample's group is what it would give away about another: all variants of a kernel share one, and so do all kernels of a family.
A kernel of the `piuma` source is named `kernel@matrix`, and its family is the matrix's family. What a collector flags as `BEYOND`
was measured outside the range that is learned from: that split holds it out as a whole, the others take it like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costmodel.sample import Sample


class Split(Enum):
    """What is held out as a whole."""

    KERNEL = "kernel"
    FAMILY = "family"
    MATRIX = "matrix"
    CONFIGURATION = "configuration"
    BEYOND = "beyond"


BEYOND = "beyond"
"""The flag of samples whose configuration lies outside the range."""


def group(sample: Sample, split: Split) -> str:
    """The name of what the sample belongs to."""
    match split:
        case Split.KERNEL:
            return sample.kernel
        case Split.FAMILY:
            return sample.family
        case Split.MATRIX:
            return sample.kernel.rpartition("@")[2]
        case Split.CONFIGURATION:
            return json.dumps(sample.config, sort_keys=True)
        case Split.BEYOND:
            return BEYOND if BEYOND in sample.flags else ""


def choice(sample: Sample) -> tuple[str, str, str, str]:
    """Samples of one choice are alternatives: same kernel on the same machine."""
    return sample.source, sample.target, sample.kernel, group(sample, Split.CONFIGURATION)


def folds(samples: Sequence[Sample], split: Split, count: int, seed: int) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Up to `count` folds: a name, and which samples it holds out. Families are held out one by one, however many there are."""
    groups = kernels(samples) if split is Split.KERNEL else [group(sample, split) for sample in samples]
    names = sorted(set(groups))
    if len(names) < 2:
        return
    if split is Split.BEYOND:
        yield BEYOND, np.array([each == BEYOND for each in groups])
        return
    one_by_one = split is Split.FAMILY
    bins = (
        {name: [name] for name in names}
        if one_by_one
        else _balanced(names, Counter(groups), min(count, len(names)), seed)
    )
    for name, members in bins.items():
        inside = set(members)
        yield name, np.array([each in inside for each in groups])


def kernels(samples: Sequence[Sample]) -> list[str]:
    """The kernel of each sample; those that share a text are one, as each would give away the other's labels."""
    from scipy.cluster.hierarchy import DisjointSet  # here: who only predicts should not wait for its import

    first: dict[str, str] = {}
    alike: Any = DisjointSet([sample.kernel for sample in samples])
    for sample in samples:
        alike.merge(first.setdefault(sample.text, sample.kernel), sample.kernel)
    names: dict[str, str] = {each: min(kernel) for kernel in alike.subsets() for each in kernel}
    return [names[sample.kernel] for sample in samples]


def _balanced(names: Sequence[str], sizes: Counter[str], count: int, seed: int) -> dict[str, list[str]]:
    """Groups dealt to folds so that these are about equally large, in an order that only the seed and the names decide."""
    ordered = sorted(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    bins: dict[str, list[str]] = {f"fold {at + 1}": [] for at in range(count)}
    filled: dict[str, int] = defaultdict(int)
    for name in ordered:
        least = min(bins, key=lambda each: filled[each])
        bins[least].append(name)
        filled[least] += sizes[name]
    return bins

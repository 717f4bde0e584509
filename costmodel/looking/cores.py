"""Whom the labels of a target were compiled for, in LLVM's words; a second look compiles for the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from costmodel.native import Core
from costmodel.sample import Sample

_TARGETS = {"cpu-x86": ("x86_64-unknown-linux-gnu", "-avx512f")}
"""Triple, and what is not used: valgrind, which counts instructions of labels, cannot execute AVX-512."""


def core_of(samples: Sequence[Sample]) -> Core | None:
    """The core that most samples name; None where LLVM would not know how their target was compiled."""
    target = _TARGETS.get(samples[0].target)
    named = Counter(core for sample in samples if isinstance(core := sample.config.get("core"), str))
    if target is None or not named:
        return None
    triple, features = target
    return Core(triple, min(named, key=lambda core: (-named[core], core)), features)

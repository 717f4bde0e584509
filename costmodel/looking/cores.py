"""Whom the labels of a target were compiled for, in LLVM's words; a second look compiles for the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from costmodel.native import Core
from costmodel.sample import Sample

_TARGETS = {"cpu-x86": ("x86_64-unknown-linux-gnu", "-avx512f")}
"""Triple, and what is not used: valgrind, which counts instructions of labels, cannot execute AVX-512."""
_NAMES = frozenset(
    """x86-64 x86-64-v2 x86-64-v3 x86-64-v4 nehalem westmere sandybridge ivybridge haswell broadwell skylake skylake-avx512 cascadelake cooperlake
    cannonlake icelake-client rocketlake icelake-server tigerlake sapphirerapids emeraldrapids graniterapids alderlake raptorlake meteorlake arrowlake
    lunarlake pantherlake gracemont sierraforest grandridge clearwaterforest bdver1 bdver2 bdver3 bdver4 btver2 znver1 znver2 znver3 znver4
    znver5""".split()
)
"""Cores that LLVM 22 knows; asked for another one it ends the process."""


def core_of(samples: Sequence[Sample]) -> Core | None:
    """The core that most samples name; None where LLVM would not know how their target was compiled."""
    target = samples[0].target
    named = Counter(core for sample in samples if isinstance(core := sample.config.get("core"), str))
    return known_core(target, min(named, key=lambda core: (-named[core], core))) if named else None


def known_core(target: str, name: str) -> Core | None:
    """A core by its name; None where LLVM does not know it, or not how labels of the target were compiled."""
    if target not in _TARGETS or name not in _NAMES:
        return None
    triple, features = _TARGETS[target]
    return Core(triple, name, features)

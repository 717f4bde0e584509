"""Counts of many texts, on all cores: LLVM compiles one module at a time in a process."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from costmodel.features.reading import Reading
from costmodel.looking.counted import executed
from costmodel.looking.lowered import lowered
from costmodel.native import Core

_MOST_ROUNDS, _MOST_LINES = 1e9, 1500
"""Of a nest that is looked at: rounds that are gone through one by one, some seconds, and lines, which take LLVM the longer the more they are."""


def count(text: str, core: Core) -> float | None:
    """Instructions that a nest executes on a core; None where it holds what cannot be looked at, or too much."""
    if text.count("\n") > _MOST_LINES or _rounds(text) > _MOST_ROUNDS:
        return None
    module = lowered(text)
    return executed(module, core) if module is not None else None


def _rounds(text: str) -> float:
    """Of the loops around one whose rounds are not the same every time, which LLVM cannot sum up; one that has none is gone through too."""
    most = 1.0
    for body in Reading(text).bodies:
        varying = next((at for at, loop in enumerate(body.path) if not loop.constant), len(body.path))
        most = max(most, math.prod(max(loop.trip, 1.0) for loop in body.path[varying + 1 :]))
    return most


def counts(
    texts: Sequence[str],
    core: Core,
    progress: Callable[[int, int], None] = lambda done, total: None,
    workers: int = 1,
) -> list[float | None]:
    """Of every text, in order; by so many processes."""
    found: list[float | None] = []
    if workers == 1:
        for text in texts:
            found.append(count(text, core))
            progress(len(found), len(texts))
        return found
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        for each in pool.map(partial(count, core=core), texts, chunksize=8):
            found.append(each)
            progress(len(found), len(texts))
    return found

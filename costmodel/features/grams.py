"""Counts of short runs of tokens, and what stands beside NUM in each context: the text alone, with no analysis of loops.

A single word is counted by its distance from the innermost loop (`LOAD^0` in the innermost); runs of two and three are counted
wherever they are. A number is summed up by the two words before it and the same distance: mean and largest logarithm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from costmodel.features.streams import Floats
from costmodel.tokens.stream import Tokens, channels

_FARTHEST = 6


def grams(tokens: Tokens) -> dict[str, float]:
    """Every run of a stream and its count; every context of a number and its value."""
    deepest = max(tokens.depths, default=0)
    count: Counter[str] = Counter()
    values: dict[str, list[float]] = {}
    before, last = "", ""
    for word, number, depth in zip(tokens.words, tokens.numbers, tokens.depths, strict=True):
        rest = min(deepest - depth, _FARTHEST)
        count[f"{word}^{rest}"] += 1
        if last:
            count[f"{last} {word}"] += 1
            count[f"{before} {last} {word}"] += 1
        if word == "NUM":
            values.setdefault(f"{before} {last} #^{rest}", []).append(channels(number)[0])
        before, last = last, word
    found: dict[str, float] = dict(count)
    for key, each in values.items():
        found[f"{key} mean"] = sum(each) / len(each)
        found[f"{key} max"] = max(each)
    return found


def frequent(texts: Sequence[Mapping[str, float]], most: int) -> list[str]:
    """The columns that most texts have and that differ between texts, sorted by name."""
    seen: Counter[str] = Counter()
    first: dict[str, float] = {}
    differs: set[str] = set()
    for found in texts:
        for key, value in found.items():
            seen[key] += 1
            if first.setdefault(key, value) != value:
                differs.add(key)
    least = max(2, len(texts) // 200)
    usable = [key for key, times in seen.items() if times >= least and (key in differs or times < len(texts))]
    return sorted(sorted(usable, key=lambda key: (-seen[key], key))[:most])


def gram_matrix(texts: Sequence[Mapping[str, float]], columns: Sequence[str]) -> Floats:
    """One row a text."""
    place = {name: at for at, name in enumerate(columns)}
    matrix = np.zeros((len(texts), len(columns)))
    for row, found in enumerate(texts):
        for key, value in found.items():
            at = place.get(key)
            if at is not None:
                matrix[row, at] = value
    return matrix

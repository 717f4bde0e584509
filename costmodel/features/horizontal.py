"""Sums of integers whose rounds are written out: SLPVectorizer adds up whole vectors, then the lanes of one (HorizontalReduction).

    for k < 12 { C[i, j] += A[i, k] * B[j, k] }     12 products are a vector of eight, one of four, and seven instructions for their sum

Sums of floating-point numbers are not: `isAssociative` asks for `nsz` besides `reassoc`. Rows that stand still in the loop around may lie in
any way, as they are collected before it; others must lie side by side. Of several sums that share rows none is added up so.

Refuses nothing. Functions of the subset (`costmodel/scalar.py`), for `vectors.py`.
"""

from __future__ import annotations

from math import floor

from costmodel.features.packs import BESIDE, SAME
from costmodel.features.row import ACROSS, FOUND, KIND, READS, REDUCED, USES, WRITES
from costmodel.scalar import Floats

_ADDED_UP = 7.0
"""Instructions for the sum of eight lanes: three times half of them to the other half, and out of the vector."""


def added_up(
    begin: int,
    end: int,
    full: float,
    whole: float,
    packing: float,
    count: Floats,
    run: Floats,
    found: Floats,
    facts: Floats,
) -> float:
    """Rounds of a sum over the vectors and single values that are left of them, and the instructions of sums of lanes;
    `packing` where there are none, or where nothing is added up that is whole (1, else 0)."""
    rounds, sums, beside, apart = 0.0, 0.0, 0.0, 0.0
    for stream in range(begin, end):
        at = stream * FOUND
        reads, writes = found[at + READS] > 0.0, found[at + WRITES] > 0.0
        many = float(found[at + USES]) if reads and writes else 0.0
        rounds = many if many > rounds else rounds
        sums += count[stream] if many >= full else 0.0
        apart += 1.0 if writes and (many < full or run[stream] > 1.0) else 0.0
        only = reads and not writes and count[stream] > 1.0
        beside += 1.0 if only and run[stream] >= full else 0.0
        apart += 1.0 if only and run[stream] < full and found[at + KIND] > 0.0 else 0.0
    vectors = floor(rounds / full)
    rest = rounds - vectors * full
    half = 1.0 if rest >= 4.0 else 0.0
    left = vectors + half + (rest - 4.0 * half)
    packs = whole > 0.0 and full >= 8.0 and rounds >= full and beside > 0.0 and apart == 0.0 and sums <= 1.0
    for stream in range(begin, end):
        at = stream * FOUND
        lies = found[at + WRITES] == 0.0 and run[stream] >= full
        found[at + ACROSS] = (BESIDE if lies else SAME) if packs else found[at + ACROSS]
    facts[REDUCED] = _ADDED_UP * sums if packs else 0.0
    return rounds / (left if left > 0.0 else 1.0) if packs else packing

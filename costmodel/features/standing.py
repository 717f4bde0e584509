"""Products that LLVM takes out of a loop, as their factors do not move with it.

    for j { C[i, j] += a[i] * b[i] * D[j] }     a[i] * b[i] is computed once for all j

Refuses nothing. A function of the subset (`costmodel/scalar.py`), for `counting.py`.
"""

from __future__ import annotations

from costmodel.features.row import (
    FLOATING,
    FREE,
    LOADS,
    MULTIPLIES,
    OPERATIONS,
    SAID,
    SAVED,
    STORES,
    WITHIN,
    WORK,
)
from costmodel.features.streams import DEPTH
from costmodel.scalar import Floats


def standing(
    body: int, begin: int, end: int, level: int, work: Floats, said: Floats, steps: Floats, facts: Floats
) -> float:
    """Products of a round whose factors do not move with its loop, so that they are computed before it: where each sum is of products of three
    or more factors, of those that come first, or of any that may be regrouped (LICM: hoistBOAssociation). Those of whole numbers are counted
    in the loop still: with them out of it the counts agreed less."""
    own, factors, still, leading, kept = body * WORK, 0.0, 0.0, 0.0, 0.0
    floating, regroups = work[own + FLOATING] > 0.0, work[own + FREE] > 0.0
    for stream in range(begin, end):
        reads = said[stream * SAID + STORES] == 0.0
        stands = reads and steps[stream * DEPTH + level] == 0.0
        kept = 1.0 if not reads and said[stream * SAID + LOADS] > 0.0 else kept
        leading += 1.0 if stands and leading == factors else 0.0
        factors += 1.0 if reads else 0.0
        still += 1.0 if stands else 0.0
    sums = work[own + SAVED]
    whole = work[own + MULTIPLIES] == (factors - 1.0) * sums and work[own + OPERATIONS] == factors * sums
    several = still if regroups else leading
    found = floating and whole and kept > 0.0 and factors > 2.0 and several > 1.0
    return sums * (several - 1.0) * facts[WITHIN + level] if found else 0.0

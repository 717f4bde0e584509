"""Memory traffic of the published dataflows for A * B, from the matrices alone: a check on our accounting.

Bytes over the memory interface, relative to reading A and B and writing C once each:

    row-wise with a cache of B's rows   Gamma (ASPLOS'21): 3 MB, fibres of B kept while they are popular
    outer product                       OuterSPACE (HPCA'18): every partial product written and read again

`entry` is the size of a stored entry, value plus index.  Row pointers are left out, as those papers do.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.bounds import SpgemmShape
from runtime.sparse.containers import Csr

GAMMA_CACHE = 3 << 20


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of each stream."""

    a: int
    b: int
    c: int
    partial: int = 0

    @property
    def total(self) -> int:
        """All bytes."""
        return self.a + self.b + self.c + self.partial

    def over(self, shape: SpgemmShape, entry: int) -> float:
        """Relative to the compulsory traffic."""
        return self.total / shape.compulsory_bytes(entry)


def outer_product(shape: SpgemmShape, entry: int = 12) -> Traffic:
    """Multiply phase writes every partial product, merge phase reads it."""
    return Traffic(entry * shape.nnz_a, entry * shape.nnz_b, entry * shape.nnz_c, 2 * entry * shape.fmas)


def row_wise(a: Csr, b: Csr, nnz_c: int, cache: int = GAMMA_CACHE, entry: int = 12) -> Traffic:
    """Gustavson's order; rows of B stay in a cache that evicts the least recently used."""
    return Traffic(entry * a.nnz, _cached_rows(a.indices, b.row_lengths * entry, cache), entry * nnz_c)


def _cached_rows(order: NDArray[Any], sizes: NDArray[np.int64], cache: int) -> int:
    held: OrderedDict[int, int] = OrderedDict()
    used = moved = 0
    lengths = sizes.tolist()
    for row in order.tolist():
        if row in held:
            held.move_to_end(row)
            continue
        moved += lengths[row]
        used += lengths[row]
        held[row] = lengths[row]
        while used > cache and len(held) > 1:
            used -= held.popitem(last=False)[1]
    return moved

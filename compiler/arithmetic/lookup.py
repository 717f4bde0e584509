"""Products by table look-up (SAIL, 2509.25853): weights of few bits against integer activations, without multiplications.

    y_o = sum_i w_oi x_i,   w + 2^(b-1) = sum over planes of 2^p bit_p(w)

For each group of G inputs a table holds the sum of every subset of them, T_g[s] = sum of x_i for i in s: 2^G entries, built once and
used by all outputs and all planes. Then `y_o = sum_p 2^p sum_g T_g[subset_p(o, g)] - 2^(b-1) sum_i x_i`, exact in 64 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def subsets_of(weights: NDArray[Any], bits: int, group: int) -> NDArray[np.uint16]:
    """[planes, outputs, groups]: for each plane, which inputs of a group have its bit. Weights [outputs, inputs] are signed.

    The inputs are a multiple of `group`, at most 16.
    """
    outputs, inputs = weights.shape
    assert inputs % group == 0 and group <= 16
    offset = weights.astype(np.int64) + (1 << (bits - 1))
    assert offset.min() >= 0 and offset.max() < 1 << bits
    grouped = offset.reshape(outputs, inputs // group, group)
    places = 1 << np.arange(group)
    planes = [((grouped >> plane & 1) * places).sum(-1) for plane in range(bits)]
    return np.stack(planes).astype(np.uint16)


def weights_of(subsets: NDArray[np.uint16], group: int) -> Integers:
    """The weights that `subsets_of` took apart: [outputs, inputs]."""
    planes, outputs, groups = subsets.shape
    total = np.full((outputs, groups, group), -(1 << (planes - 1)), np.int64)
    for plane in range(planes):
        total += (subsets[plane, :, :, None].astype(np.int64) >> np.arange(group) & 1) << plane
    return total.reshape(outputs, groups * group)


def tables_of(x: NDArray[Any], group: int) -> Integers:
    """[…, groups, 2^group]: the sum of every subset of a group, each from the one without its highest member."""
    groups = x.astype(np.int64).reshape(*x.shape[:-1], -1, group)
    tables = np.zeros((*groups.shape[:-1], 1), np.int64)
    for member in range(group):
        tables = np.concatenate([tables, tables + groups[..., member, None]], axis=-1)
    return tables


def product(tables: Integers, subsets: NDArray[np.uint16]) -> Integers:
    """The products with all outputs: one look-up and one addition per plane, output and group. A batch of tables gives a batch."""
    if tables.ndim == 3:
        return np.stack([product(each, subsets) for each in tables])
    planes = len(subsets)
    found = tables[np.arange(len(tables)), subsets].sum(-1)
    whole = tables[:, -1].sum()
    return (found << np.arange(planes)[:, None]).sum(0) - (whole << (planes - 1))


@dataclass(frozen=True, slots=True)
class Codes:
    """How the subsets of weights lie in memory, for look-ups: as places of entries, counted in words."""

    bits: int
    group: int
    by_group: bool
    """Planes of a group beside each other: [outputs, groups, planes] instead of [outputs, planes, groups]."""
    words: int = 1
    """Of an entry."""
    round: int = 1
    """Tables that places are counted from the first of."""

    @property
    def width(self) -> int:
        """Bits of a place in memory."""
        most = self.round * self.words << self.group
        return 8 if most <= 1 << 8 else 16 if most <= 1 << 16 else 32


def codes_of(weights: NDArray[Any], how: Codes) -> NDArray[np.uint32]:
    """The planes of two's complement, where the highest counts negatively: so they lie in memory."""
    outputs, inputs = weights.shape
    grouped = (weights.astype(np.int32) & ((1 << how.bits) - 1)).reshape(outputs, inputs // how.group, how.group)
    places = 1 << np.arange(how.group)
    planes = [((grouped >> plane & 1) @ places).astype(np.uint32) for plane in range(how.bits)]
    first = np.arange(inputs // how.group, dtype=np.uint32) % how.round * (how.words << how.group)
    return np.stack([plane * how.words + first for plane in planes], axis=2 if how.by_group else 1).astype(np.uint32)


BLOCK = 32
"""Outputs that one shuffle looks up for."""
PAIR = 8
"""Inputs of a byte of codes: two groups."""


@dataclass(frozen=True, slots=True)
class Nibbles:
    """How the subsets of groups of 4 lie in memory, to be shuffled by: [blocks, rounds, planes, pairs of groups, 32 outputs].

    A byte holds two groups, the first in its low half. Its place k in a block is that of output `k % 4 * 8 + k // 4`, so that the
    outputs are in order when bytes have been widened twice, each time those at even places first.
    """

    bits: int
    round: int
    """Pairs of groups."""

    def rounds(self, inputs: int) -> int:
        """Those that take all inputs, the last of them perhaps with groups of none."""
        return -(-inputs // (PAIR * self.round))

    def length(self, outputs: int, inputs: int) -> int:
        """Bytes."""
        return -(-outputs // BLOCK) * self.rounds(inputs) * self.bits * self.round * BLOCK


def nibbles_of(weights: NDArray[Any], how: Nibbles) -> NDArray[np.uint8]:
    """The planes of two's complement of weights [outputs, inputs], in that order."""
    outputs, inputs = weights.shape
    blocks, rounds = -(-outputs // BLOCK), how.rounds(inputs)
    whole = np.zeros((blocks * BLOCK, rounds * how.round * PAIR), np.uint8)
    whole[:outputs, :inputs] = weights
    planes = [np.packbits(whole & (1 << plane), axis=1, bitorder="little") for plane in range(how.bits)]
    apart = np.stack(planes).reshape(how.bits, blocks, 4, 8, rounds, how.round)
    return np.ascontiguousarray(apart.transpose(1, 4, 0, 5, 3, 2)).reshape(-1)


def repeated_share(x: NDArray[Any], bits: int, group: int) -> float:
    """Of the look-ups that would go plane by plane through activations of `bits` bits, the share whose subset is that of the plane above.

    Pattern-aware tables keep the last entry found, so these need no look-up.
    """
    codes = x.astype(np.int64).reshape(-1, group) & ((1 << bits) - 1)
    planes = np.stack([((codes >> plane & 1) << np.arange(group)).sum(-1) for plane in range(bits)])
    return float((planes[1:] == planes[:-1]).sum() / planes.size)

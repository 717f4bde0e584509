"""Bodies and their accesses as arrays, of nests and of token streams alike: what `pieces.py` takes whole rounds of.

rounds_of_streams(streams)        of nests, a row for each body
rounds_of_bodies(bodies)          of token streams
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np

from costmodel.features.phrases import LEAST, Body, Stream, padded
from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams
from costmodel.features.unrolled import offsets_of
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import OpClass, is_float

BIT = 0.125
"""Bytes that an element has at least: i0 has none."""
_ADDS = (OpClass.ADD, OpClass.FMA, OpClass.MINMAX)
_NO_WORK = (OpClass.LOAD, OpClass.STORE, OpClass.LOOP, OpClass.CONSTANT)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Bodies as rounds are computed from them, and accesses: the loads, and the stores, of every stream."""

    depth: Integers
    trips: Floats
    constant: Flags
    """(bodies, DEPTH): rounds of loops, the innermost first; whether they are always the same."""
    work: Floats
    """Operations that compute."""
    operations: Floats
    """The same, or what is written where nothing is computed; at least 1."""
    adds: Floats
    """Operations that a sum may be carried by."""
    free: Floats
    """Whether sums may be taken in any order."""
    begins: Integers
    """The first access of each body, and after the last one's the number of accesses."""
    stores: Floats
    steps: Floats
    """(accesses, DEPTH): bytes, without the sign."""
    width: Floats
    shared: Floats
    """Of stores, the share of addresses that are loaded too."""
    first: Integers
    several: Integers
    offsets: Floats
    """Where the addresses of an access's first round begin in `offsets`, ascending, and how many there are."""


def rounds_of_streams(streams: Streams) -> Rounds:
    """Of nests of any text; the offsets that a stream reads and writes are not told apart."""
    stream, stores = np.nonzero(np.column_stack([streams.loads > 0, streams.stores > 0]))
    first, several, offsets = offsets_of(streams, streams.at)
    written = streams.per_body(np.where(streams.stores > 0, streams.members, 0.0))
    both = (streams.loads > 0) & (streams.stores > 0)
    said = np.array([_work(each) for each in streams.works]).reshape(-1, 3)[streams.work]
    work, adds, floating = said.T
    return Rounds(
        streams.depth,
        np.maximum(streams.trips, LEAST),
        streams.constant,
        work.copy(),
        np.maximum(np.where(work > 0, work, written), 1.0),
        adds.copy(),
        np.where(floating > 0, streams.reassociates, 1.0),
        np.searchsorted(streams.body[stream], np.arange(streams.bodies + 1)),
        stores.astype(np.float64),
        streams.steps[stream],
        np.maximum(streams.size[stream], BIT),
        np.where(both, 1.0, 0.0)[stream] * stores.astype(np.float64),
        first[stream],
        several[stream],
        offsets,
    )


@lru_cache(maxsize=1 << 12)
def _work(work: Work) -> tuple[float, float, float]:
    """Operations that compute, those that a sum may be carried by, and whether there are floating-point ones."""
    kinds = [(kind, element) for kind, element in work.operations if kind not in _NO_WORK]
    adds = sum(kind in _ADDS for kind, _ in kinds)
    return float(len(kinds)), float(adds), float(any(is_float(element) for _, element in kinds))


def rounds_of_bodies(bodies: Sequence[Body]) -> Rounds:
    """Of token streams. Of loops beyond `DEPTH` nothing is said."""
    accesses = [
        [(stream, stores, places) for stream in body.streams for stores, places in _places(stream) if places]
        for body in bodies
    ]
    every = list(chain.from_iterable(accesses))
    several = np.array([len(places) for *_, places in every], dtype=np.int64)
    adds = {each.name for each in _ADDS}
    return Rounds(
        np.array([min(len(body.trips), DEPTH) for body in bodies], dtype=np.int64),
        padded([body.trips for body in bodies], 1.0),
        padded([[not varies for varies in body.varies] for body in bodies], 0.0) > 0,
        np.array([len(body.work) for body in bodies], dtype=np.float64),
        np.array([body.operations for body in bodies], dtype=np.float64),
        np.array([sum(each.word in adds for each in body.work) for body in bodies], dtype=np.float64),
        np.array([body.reorders for body in bodies], dtype=np.float64),
        np.concatenate([[0], np.cumsum([len(each) for each in accesses])]).astype(np.int64),
        np.array([stores for _, stores, _ in every], dtype=np.float64),
        np.abs(padded([stream.steps for stream, *_ in every], 0.0)),
        np.array([stream.width for stream, *_ in every], dtype=np.float64),
        np.array([_shared(stream) if stores else 0.0 for stream, stores, _ in every], dtype=np.float64),
        several.cumsum() - several,
        several,
        np.array(list(chain.from_iterable([places for *_, places in every])), dtype=np.float64),
    )


def _places(stream: Stream) -> tuple[tuple[bool, tuple[float, ...]], tuple[bool, tuple[float, ...]]]:
    return (False, stream.loads), (True, stream.stores)


def _shared(stream: Stream) -> float:
    return len({*stream.loads} & {*stream.stores}) / max(len(stream.stores), 1)

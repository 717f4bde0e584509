"""Columns of nests that know no machine: pieces of whole rounds (`pieces.py`), windows of operations (`windows.py`), steps and powers of two
(`alignment.py`).

    ladders(streams)        (nests, columns), one row a text

Of the body that computes most, the first of several; what is meant per operation also of all bodies together. They are what the text alone
says too (`running.py`), beside what a hand model and a compiler's rules make of it: where those misjudge a nest, a rung tells.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from costmodel.features.accessed import rounds_of_streams
from costmodel.features.alignment import alignment, alignment_names
from costmodel.features.pieces import logarithms, piece_names, pieces_of, summed_names
from costmodel.features.streams import Floats, Integers, Streams, sums
from costmodel.features.windows import new_names, window_names, windows_of, windows_of_streams

_LITTLE = 2.0**-14


@cache
def ladder_names() -> tuple[str, ...]:
    """The columns, in order."""
    together = (f"all: {name}" for name in (*summed_names(), *new_names()))
    return (*piece_names(), *window_names(), *alignment_names(), *together)


def ladders(streams: Streams) -> Floats:
    """One row a nest."""
    rounds = rounds_of_streams(streams)
    named = windows_of_streams(streams, rounds.operations)
    pieces, windows = pieces_of(rounds), windows_of(named)
    weights = (streams.executions * rounds.operations)[streams.of]
    begins = np.searchsorted(streams.nest, np.arange(streams.nests))
    most = np.maximum.reduceat(weights, begins)
    first = np.full(streams.nests, len(weights), dtype=np.int64)
    places = np.flatnonzero(weights == most[streams.nest])
    np.minimum.at(first, streams.nest[places], places)
    hot = streams.of[first]
    shares = weights / sums(streams.nest, weights, streams.nests)[streams.nest]
    per_operation = np.concatenate([pieces[:, _summed()], windows[:, _new()]], axis=1)[streams.of]
    together = np.add.reduceat(shares[:, None] * per_operation, begins, axis=0)
    aligned = alignment(named.begins, named.steps, named.several)[hot]
    return np.concatenate(
        [logarithms(pieces[hot]), np.log2(windows[hot]), aligned, np.log2(together + _LITTLE)], axis=1
    )


@cache
def _summed() -> Integers:
    return np.array([piece_names().index(name) for name in summed_names()], dtype=np.int64)


@cache
def _new() -> Integers:
    return np.array([window_names().index(name) for name in new_names()], dtype=np.int64)

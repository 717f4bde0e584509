"""How the streams of bodies move: loads and stores by the kind of their steps, sums that loops carry, pages, and sets of a cache.

    moves = moves_of(streams, level)           level: of every body the loop that vectors are made of
    moves.kinds                                (bodies, 32): of each of the 4 innermost loops loads, then stores, of each of 4 kinds

Kinds: 0 stands still, 1 moves by what it holds, 2 within a line, 3 further. A loop over small arrays, compiled (`costmodel/scalar.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costmodel.features.streams import DEPTH, LINE, Floats, Integers, Streams
from costmodel.scalar import native

STEPS = 4
"""Innermost loops that are looked at."""
_AROUND, _PAGES, _PAGE, _SET = 3, 3, 4096.0, 1024.0


@dataclass(frozen=True, slots=True)
class Moves:
    """A row a body: `kinds_around` of the loop that vectors are made of and its neighbours; distinct `pages` that the innermost 1, 2 and 3
    loops visit; `conflicts`: streams whose steps fall into the same sets of a cache; the `largest` step of the innermost loop."""

    kinds: Floats
    kinds_around: Floats
    carried: Floats
    pages: Floats
    conflicts: Floats
    largest: Floats


def moves_of(streams: Streams, level: Integers) -> Moves:
    """The moves of all bodies."""
    bodies = streams.bodies
    found = Moves(
        np.zeros((bodies, STEPS * 8)),
        np.zeros((bodies, _AROUND * 8)),
        np.zeros((bodies, STEPS)),
        np.zeros((bodies, _PAGES)),
        np.zeros(bodies),
        np.zeros(bodies),
    )
    each = (streams.steps, streams.rounds, streams.size, streams.members, streams.loads, streams.stores)
    into = (found.kinds, found.kinds_around, found.carried, found.pages, found.conflicts, found.largest)
    _count(len(streams.body), streams.body, level, *each, *into)
    return found


@native
def _count(
    count: int,
    body: Integers,
    level: Integers,
    steps: Floats,
    rounds: Floats,
    size: Floats,
    members: Floats,
    loads: Floats,
    stores: Floats,
    kinds: Floats,
    kinds_around: Floats,
    carried: Floats,
    pages: Floats,
    conflicts: Floats,
    largest: Floats,
) -> None:
    for stream in range(count):
        own, at = stream * DEPTH, body[stream]
        run = size[stream] * (members[stream] if members[stream] > 1.0 else 1.0)
        for loop in range(STEPS):
            cell = (at * STEPS + loop) * 8 + _kind(float(steps[own + loop]), run)
            kinds[cell] += loads[stream]
            kinds[cell + 4] += stores[stream]
            if loads[stream] > 0.0 and stores[stream] > 0.0 and steps[own + loop] == 0.0:
                carried[at * STEPS + loop] = 1.0
        for place in range(_AROUND):
            loop = level[at] + place - 1
            inside = loop >= 0 and loop < DEPTH
            step = steps[own + (loop if inside else 0)] if inside else 0.0
            cell = (at * _AROUND + place) * 8 + _kind(float(step), run)
            kinds_around[cell] += loads[stream]
            kinds_around[cell + 4] += stores[stream]
        visited, aliased = 1.0, 0.0
        for loop in range(_PAGES):
            step, trip = float(steps[own + loop]), float(rounds[own + loop])
            new = trip * (step / _PAGE if step < _PAGE else 1.0)
            visited = visited * (new if new > 1.0 else 1.0)
            pages[at * _PAGES + loop] += visited
            whole = step % _SET
            aliased = 1.0 if step >= _SET and whole == 0.0 and trip > 8.0 else aliased
        conflicts[at] += aliased
        largest[at] = steps[own] if steps[own] > largest[at] else largest[at]


def _kind(step: float, run: float) -> int:
    return 0 if step == 0.0 else (1 if step <= run else (2 if step < LINE else 3))

"""Addresses of one access in all rounds of some loops: how many are distinct, how many follow each other without a gap.

Functions of the subset (`costmodel/scalar.py`), for `pieces.py`. Rounds that do not overlap are counted; others are written down and sorted,
which finds no more than `MOST_ADDRESSES`.
"""

from __future__ import annotations

from math import floor

from costmodel.features.streams import DEPTH, Floats, Integers
from costmodel.features.unrolled import sort_ascending

MOST_ADDRESSES = 2048


def repeat(
    access: int,
    level: int,
    around: int,
    steps: Floats,
    trips: Floats,
    width: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    places: Floats,
    count: Floats,
    longest: Floats,
    runs: Floats,
    reach: Floats,
) -> None:
    """Addresses of an access in all rounds of one loop more, the last of `level`; written down only where rounds overlap."""
    step, trip = steps[access * DEPTH + level - 1], floor(float(trips[around + level - 1]))
    beyond = reach[access] + width[access]
    if step > beyond or (step == beyond and runs[access] == 1.0):
        longest[access] = longest[access] * (trip if step == beyond else 1.0)
        runs[access] = runs[access] * (1.0 if step == beyond else trip)
        count[access] = count[access] * trip
        reach[access] += step * (trip - 1.0)
    else:
        write_down(
            access, level, around, steps, trips, width, first, several, offsets, places, count, longest, runs, reach
        )


def write_down(
    access: int,
    level: int,
    around: int,
    steps: Floats,
    trips: Floats,
    width: Floats,
    first: Integers,
    several: Integers,
    offsets: Floats,
    places: Floats,
    count: Floats,
    longest: Floats,
    runs: Floats,
    reach: Floats,
) -> None:
    """Addresses of an access in all rounds of so many loops: distinct ones, the longest run without a gap, runs."""
    many = several[access] if several[access] < MOST_ADDRESSES else MOST_ADDRESSES
    for at in range(many):
        places[at] = offsets[first[access] + at]
    for loop in range(level):
        step, turn, trip = steps[access * DEPTH + loop], 1, floor(float(trips[around + loop]))
        if step > 0.0 and float(many) * trip <= float(MOST_ADDRESSES):
            while float(turn) < trip:
                for at in range(many):
                    places[turn * many + at] = places[at] + step * float(turn)
                turn += 1
            many = many * turn
    sort_ascending(many, places)
    distinct, most, here, groups = 1.0, 1.0, 1.0, 1.0
    for at in range(1, many):
        gap = places[at] - places[at - 1]
        if gap > 0.0:
            distinct += 1.0
            groups += 0.0 if gap == width[access] else 1.0
            here = here + 1.0 if gap == width[access] else 1.0
            most = here if here > most else most
    count[access] = distinct
    longest[access] = most
    runs[access] = groups
    reach[access] = places[many - 1] - places[0]

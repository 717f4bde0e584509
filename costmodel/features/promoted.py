"""How far out of the loops around a vanished one sums stay in registers (LICM: promoteLoopAccessesToScalars).

    for j { for i < 4 { for k < 32 { s[i, k] += A[i, j, k] } } }     k is vectors, i is written out: 16 vectors of s stay in registers along j

Refuses nothing. Functions of the subset (`costmodel/scalar.py`), for `counting.py`.
"""

from __future__ import annotations

from math import floor

from costmodel.features.rounds import THRESHOLD
from costmodel.features.row import CODE, CONSTANT, FOUND, LANES, LONGEST, READS, TRIPS, WRITES, WRITTEN
from costmodel.features.streams import DEPTH
from costmodel.scalar import Floats


def loop_beyond(row: int, edge: int, depth: int, rows: Floats, facts: Floats) -> int:
    """The loop beyond the loop around, if that one is written out too and this one goes round; else -1."""
    code, found, going = facts[CODE] * -floor(-facts[LONGEST] / facts[LANES]) + 1.0, -1, 1.0
    for loop in range(edge, depth if depth < DEPTH else DEPTH):
        trip = float(rows[row + TRIPS + loop] if rows[row + TRIPS + loop] > 1.0 else 1.0)
        code = code * trip
        gone = rows[row + WRITTEN + loop] > 0.0 or (rows[row + CONSTANT + loop] > 0.0 and code + 2.0 < THRESHOLD)
        found = loop if going > 0.0 and loop > edge and trip > 1.0 and not gone else found
        going = 0.0 if (loop > edge and trip > 1.0) or (loop == edge and not gone) else going
    return found


def farther_than(
    row: int, begin: int, end: int, depth: int, edge: int, steps: Floats, rows: Floats, found: Floats, facts: Floats
) -> float:
    """Rounds of the loops beyond, in which sums that do not move with the loop around do not move either: LICM promotes them out of all, if
    any of these still goes round then."""
    farther, going, rolled = 1.0, 1.0, 0.0
    code = facts[CODE] * -floor(-facts[LONGEST] / facts[LANES]) + 1.0
    for loop in range(edge, depth if depth < DEPTH else DEPTH):
        trip, moves = float(rows[row + TRIPS + loop] if rows[row + TRIPS + loop] > 1.0 else 1.0), 0.0
        for stream in range(begin, end):
            at = stream * FOUND
            sums = found[at + READS] * found[at + WRITES] > 0.0 and steps[stream * DEPTH + edge] == 0.0
            moves = 1.0 if sums and steps[stream * DEPTH + loop] != 0.0 else moves
        going = 0.0 if moves > 0.0 and trip > 1.0 else going
        code = code * trip
        gone = rows[row + WRITTEN + loop] > 0.0 or (rows[row + CONSTANT + loop] > 0.0 and code + 2.0 < THRESHOLD)
        rolled = 1.0 if going > 0.0 and trip > 1.0 and not gone else rolled
        farther = farther * (trip if going > 0.0 and loop > edge else 1.0)
    return farther if rolled > 0.0 else 1.0

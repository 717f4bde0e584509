"""Columns of the token stream alone, by running products: every token weighs as many times as the loops around it go round.

    running(Reading(text).tokens(Scheme.RUNNING))        one number for each of running_names()

Four readings of the body that computes most, and of all bodies together what can be summed up, each per operation, of which the schedules
of a kernel execute equally many:

1. *Loops*: trips, what is left of accesses when what stands still is taken out of the inner loops, how steps meet which loop.
2. *Windows* (`windows.py`): how much different memory so many operations in a row name.
3. *Pieces* (`pieces.py`): what whole inner loops of at most so many operations access together.
4. *Alignment* (`alignment.py`): large steps, and the powers of two that they are multiples of.

**What is known here**: tokens, and arithmetic on the numbers beside them. Products of trips; steps of addresses; which accesses share a buffer,
an address or neighbours; which sums a loop carries and whether their order is free. **What is not**: a machine's caches, lines or registers; a
latency or a cost; when a compiler unrolls, makes vectors or packs. Where such a number would be needed stands a ladder of powers of two
that spans what machines have, and what learns finds the rung. The numbers themselves are what the hand model (`locality.py`) and the columns
of a compiler (`codegen.py`) bring.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from costmodel.features.accessed import rounds_of_bodies
from costmodel.features.alignment import alignment, alignment_names
from costmodel.features.phrases import NOTHING, Body, Stream, bodies
from costmodel.features.pieces import logarithms, piece_names, pieces_of
from costmodel.features.windows import window_names, windows_of, windows_of_bodies
from costmodel.tokens.stream import Tokens

_STEPPED, _TRIPS = 4, 6
"""Loops, from the innermost, whose steps and trips are columns."""
_MOVES = ("still", "next", "short", "long")
_SHORT = 16.0
"""Elements of the longest short step."""
_CLASSES = ("ADD", "MUL", "DIV", "FMA", "MINMAX", "MATH", "SQRT", "COMPARE", "SELECT", "CAST")
_SUMMED = (
    "new ",
    "loads left",
    "stores left",
    "turns",
    "loads taken out",
    "stores taken out",
    "least by",
    "plain",
    "loop first by 32 ",
)
_MEANED = ("carries in", "in step in", "worst move", "worst store")
_LITTLE = 2.0**-14


def running(tokens: Tokens) -> list[float]:
    """The columns of one text."""
    return list(_columns(bodies(tokens)).values())


@lru_cache(maxsize=1)
def running_names() -> tuple[str, ...]:
    """The columns, in order."""
    return tuple(_columns([NOTHING]))


def _columns(found: Sequence[Body]) -> dict[str, float]:
    """The body that computes most, the first of several, and all together."""
    weights = [body.executions * body.operations for body in found]
    total, most = math.fsum(weights), max(weights)
    pieces = logarithms(pieces_of(rounds_of_bodies(found))).tolist()
    named = windows_of_bodies(found)
    windows = np.log2(windows_of(named)).tolist()
    steps = alignment(named.begins, named.steps, named.several).tolist()
    each = [
        {
            **_loops(body),
            **_moves(body),
            **dict(zip(alignment_names(), aligned, strict=True)),
            **dict(zip(window_names(), in_windows, strict=True)),
            **dict(zip(piece_names(), in_pieces, strict=True)),
        }
        for body, aligned, in_windows, in_pieces in zip(found, steps, windows, pieces, strict=True)
    ]
    longest = each[weights.index(most)]
    together = _together(each, [weight / total for weight in weights])
    return {**longest, **together, "operations": math.log2(total), "bodies": float(len(found)), "share": most / total}


def _together(each: Sequence[Mapping[str, float]], shares: Sequence[float]) -> dict[str, float]:
    """Of what is a logarithm per operation the logarithm of the mean, of flags the mean."""
    found: dict[str, float] = {}
    for name in each[0]:
        if name.startswith(_SUMMED):
            mean = math.fsum(share * 2.0 ** one[name] for one, share in zip(each, shares, strict=True))
            found[f"all: {name}"] = math.log2(mean + _LITTLE)
        elif name.startswith(_MEANED):
            found[f"all: {name}"] = math.fsum(share * one[name] for one, share in zip(each, shares, strict=True))
    return found


def _log(number: float) -> float:
    return math.log2(max(number, 2.0**-12))


def _loops(body: Body) -> dict[str, float]:
    """Trips and work; what is left of accesses in inner loops."""
    trips = [*body.trips, *[1.0] * _TRIPS]
    found = {"operations of a round": _log(body.operations), "depth": float(len(body.trips))}
    for level in range(_TRIPS):
        found[f"trip of {level}"] = _log(trips[level])
        found[f"operations within {level}"] = _log(body.operations * math.prod(trips[: level + 1]))
    for level in range(_STEPPED):
        found[f"varies at {level}"] = float(level < len(body.varies) and body.varies[level])
    for level in range(2):
        found |= {f"trip of {level} modulo {by}": trips[level] % by for by in (2, 4, 8)}
        found[f"trip of {level} is by 16"] = float(trips[level] % 16 == 0)
    found["turns"] = _log(sum(1 / math.prod(trips[: level + 1]) for level in range(len(body.trips))) / body.operations)
    return found | _work(body) | _left(body, trips)


def _work(body: Body) -> dict[str, float]:
    words = [each.word for each in body.work]
    chain = _chain(body)
    buffers: dict[str, list[Stream]] = defaultdict(list)
    for stream in body.streams:
        buffers[stream.buffer].append(stream)
    return {
        **{f"share of {word}": words.count(word) / body.operations for word in _CLASSES},
        "free": float(any(each.free for each in body.work)),
        "width": max((each.width for each in body.work), default=4.0),
        "whole numbers": float(all(each.element[:1] != "f" for each in body.work)),
        "chain": _log(chain + 1),
        "chain per operation": chain / body.operations,
        "streams": float(len(body.streams)),
        "different loads": sum(len(each.loads) for each in body.streams) / body.operations,
        "different stores": sum(len(each.stores) for each in body.streams) / body.operations,
        "accesses": body.accesses / body.operations,
        "updates": sum(len({*each.loads} & {*each.stores}) for each in body.streams) / body.operations,
        "buffers": float(len(buffers)),
        "written apart": float(
            sum(len(each) > 1 and any(stream.stores for stream in each) for each in buffers.values())
        ),
        "bytes of buffers": _log(sum(each[0].total for each in buffers.values())),
        "longest dimension": _log(body.largest),
    }


def _chain(body: Body) -> float:
    """Operations of the longest path from value to value in a round."""
    depth: dict[int, int] = {}
    for each in body.work:
        depth[each.place] = 1 + max((depth.get(place, 0) for place in each.uses), default=0)
    return float(max(depth.values(), default=0))


def _left(body: Body, trips: Sequence[float]) -> dict[str, float]:
    """Accesses per operation when so many inner loops are written out and what stands still in the next is taken out of it; and of all."""
    found: dict[str, float] = {}
    for level in range(_STEPPED + 1):
        loads = stores = 0.0
        for stream in body.streams:
            moving = math.prod(trips[at] for at in range(min(level, len(body.trips))) if stream.steps[at])
            amount = moving / trips[level] if level < len(body.trips) and not stream.steps[level] else moving
            loads, stores = loads + len(stream.loads) * amount, stores + len(stream.stores) * amount
        within = body.operations * math.prod(trips[:level])
        found[f"loads left in {level}"] = _log(loads / within)
        found[f"stores left in {level}"] = _log(stores / within)
        found[f"addresses of {level}"] = _log(loads + stores)
    out = [_taken_out(stream, trips) for stream in body.streams]
    pairs = list(zip(body.streams, out, strict=True))
    found["loads taken out"] = _log(sum(len(stream.loads) * part for stream, part in pairs) / body.operations)
    found["stores taken out"] = _log(sum(len(stream.stores) * part for stream, part in pairs) / body.operations)
    return found


def _taken_out(stream: Stream, trips: Sequence[float]) -> float:
    """The part of a round's accesses that is left when they leave all inner loops that do not move them."""
    still = next((level for level, step in enumerate(stream.steps) if step), len(stream.steps))
    return 1 / math.prod(trips[:still])


def _moves(body: Body) -> dict[str, float]:
    """How streams move in each of the inner loops, what those carry."""
    found: dict[str, float] = {}
    for level in range(_STEPPED):
        inside = level < len(body.trips)
        counts = {f"{kind} {how} in {level}": 0.0 for kind in ("loads", "stores") for how in _MOVES}
        worst = worst_store = carried = 0
        for stream in body.streams:
            move = _move(stream, level)
            counts[f"loads {_MOVES[move]} in {level}"] += len(stream.loads)
            counts[f"stores {_MOVES[move]} in {level}"] += len(stream.stores)
            worst = max(worst, move)
            worst_store = max(worst_store, move) if stream.stores else worst_store
            carried += 0 if move else len({*stream.loads} & {*stream.stores})
        found |= counts
        found[f"worst move in {level}"] = float(worst) if inside else -1.0
        found[f"worst store in {level}"] = float(worst_store) if inside else -1.0
        found[f"sums in {level}"] = carried / body.operations if inside else 0.0
        found[f"carries in {level}"] = float(inside and carried > 0)
        found[f"in step in {level}"] = float(inside and (not carried or body.reorders) and worst <= 1)
    return found


def _move(stream: Stream, level: int) -> int:
    """Which of `_MOVES`: to the next place is as far as a round's accesses go without a gap."""
    step, starts = stream.step(level), sorted({*stream.loads, *stream.stores})
    together = starts[-1] - starts[0] == stream.width * (len(starts) - 1)
    near = stream.width * len(starts) if together else stream.width
    return 0 if not step else 1 if step <= near else 2 if step < _SHORT * near else 3

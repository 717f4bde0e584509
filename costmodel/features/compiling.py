"""What a compiler makes of bodies, one after the other (`codegen.py` makes columns of the rows): accesses of a round, vectors or packing, costs.

    rows = compiled_rows(streams, turn, arithmetic, constant)        (fields, bodies)

Thresholds are LLVM's (LoopVectorize: TinyTripCountVectorThreshold), costs in round numbers. Loops over small arrays, compiled
(`costmodel/scalar.py`); what a step finds lies in its row for the next one.
"""

from __future__ import annotations

from math import floor

import numpy as np

from costmodel.features.streams import DEPTH, Flags, Floats, Integers, Streams
from costmodel.features.unrolled import Rounds
from costmodel.scalar import native
from costmodel.tokens.summed import UNKNOWN_STRIDE

_VECTOR = 32.0
_FEWEST = 16.0
"""Rounds below which a loop with a rest is not made vectors of."""
_WINDOW = 224.0
"""Instructions in flight: how far a core overlaps one chain with the next."""
_REGISTERS = 15.0
_LATENCY = 3.5
"""Cycles of a floating-point addition."""
FIELDS = tuple(
    "operations clashes copies level loads_still loads_unit loads_mixed loads_far stores_still stores_unit stores_mixed stores_far strict free "
    "sums store_run load_run store_step load_step trip around known lanes packed vector_ratio believed pack_ratio rest instructions work chain "
    "overhead pressure".split()
)
"""What the rows are, in order."""
_OPERATIONS, _CLASHES, _COPIES, _LEVEL = map(FIELDS.index, "operations clashes copies level".split())
_LOADS, _STORES = map(FIELDS.index, ("loads_still", "stores_still"))
"""The first of four rows, by kind of stream."""
_STRICT, _FREE, _SUMS, _STORE_RUN, _LOAD_RUN, _STORE_STEP, _LOAD_STEP, _TRIP, _AROUND, _KNOWN = map(
    FIELDS.index, "strict free sums store_run load_run store_step load_step trip around known".split()
)
_LANES, _PACKED, _RATIO, _BELIEVED, _PACK_RATIO, _REST, _INSTRUCTIONS, _WORK, _CHAIN, _OVERHEAD, _PRESSURE = map(
    FIELDS.index,
    "lanes packed vector_ratio believed pack_ratio rest instructions work chain overhead pressure".split(),
)
_COST, _ADDING, _FLOATING, _CALLS, _EXTREMES, _REORDERED = range(1, 7)
"""Rows of the arithmetic, after that of operations."""


def compiled_rows(streams: Streams, turn: Rounds, arithmetic: Floats, constant: Flags) -> Floats:
    """The rows of every body, steps of stores and loads not yet as logarithms."""
    bodies, rows = streams.bodies, np.zeros((len(FIELDS), streams.bodies))
    kinds, steps = np.empty(len(streams.body), dtype=np.int64), np.empty(len(streams.body))
    rows[_OPERATIONS], rows[_CLASHES], rows[_COPIES], rows[_LEVEL] = (
        arithmetic[0],
        streams.clashes,
        turn.copies,
        turn.level,
    )
    accesses = (streams.loads, streams.stores, turn.addresses, turn.run)
    own = (streams.steps, streams.known, streams.size, streams.element)
    loops = (streams.depth, constant, streams.trips, turn.level)
    _access(bodies, streams.begins, *loops, *own, *accesses, kinds, steps, rows)
    _vectorise(bodies, streams.begins, arithmetic, streams.size, *accesses, kinds, steps, rows)
    _cost(bodies, streams.begins, streams.depth, arithmetic, *accesses, steps, rows)
    return rows


@native
def _access(
    bodies: int,
    begins: Integers,
    depth: Integers,
    constant: Flags,
    trips: Floats,
    level: Integers,
    own_steps: Floats,
    known: Floats,
    size: Floats,
    element: Floats,
    loads: Floats,
    stores: Floats,
    addresses: Floats,
    run: Floats,
    kinds: Integers,
    steps: Floats,
    rows: Floats,
) -> None:
    """Kinds of streams (0 stands still, 1 one after the other, 2 interleaved, 3 anything else), the bytes that each moves from round to
    round, distinct addresses by kind, runs, and the loop."""
    for body in range(bodies):
        rows[_STORE_RUN * bodies + body] = 1.0
        rows[_LOAD_RUN * bodies + body] = 1.0
        rows[_LOAD_STEP * bodies + body] = 1.0
        for stream in range(begins[body], begins[body + 1]):
            step = own_steps[stream * DEPTH + level[body]] if known[stream] > 0.0 else UNKNOWN_STRIDE
            wide, length = float(size[stream]), float(run[stream])
            far = 2 if step <= wide * 8.0 and (length * wide >= step or step == 2.0 * wide) else 3
            kind = 0 if step == 0.0 else (1 if step <= wide else far)
            kinds[stream] = kind
            steps[stream] = step
            elements = 1.0 + step / element[stream]
            if stores[stream] > 0.0:
                rows[(_STORES + kind) * bodies + body] += addresses[stream]
                at = _STORE_RUN * bodies + body
                rows[at] = length if length > rows[at] else rows[at]
                at = _STORE_STEP * bodies + body
                rows[at] = elements if rows[at] == 0.0 else rows[at]
            if loads[stream] > 0.0:
                rows[(_LOADS + kind) * bodies + body] += addresses[stream]
                if stores[stream] == 0.0:
                    at = _LOAD_RUN * bodies + body
                    rows[at] = length if length > rows[at] else rows[at]
                    at = _LOAD_STEP * bodies + body
                    rows[at] = elements if elements > rows[at] else rows[at]
                elif step == 0.0:
                    rows[_SUMS * bodies + body] += addresses[stream]
        at = _STORE_STEP * bodies + body
        rows[at] = rows[at] if rows[at] > 0.0 else 1.0
        after = level[body] + 1 if level[body] + 1 < DEPTH else DEPTH - 1
        rows[_TRIP * bodies + body] = _at_least(float(trips[body * DEPTH + level[body]]), 1e-3)
        around = _at_least(float(trips[body * DEPTH + after]), 1e-3)
        rows[_AROUND * bodies + body] = around if level[body] + 1 < DEPTH else 1.0
        sure = constant[body * DEPTH + level[body]] != 0 or depth[body] == 0
        rows[_KNOWN * bodies + body] = 1.0 if sure else 0.0


def _at_least(number: float, least: float) -> float:
    return number if number > least else least


def _moving(first: int, body: int, bodies: int, rows: Floats) -> float:
    """Distinct addresses that do not stand still, of loads or of stores."""
    return rows[(first + 1) * bodies + body] + rows[(first + 2) * bodies + body] + rows[(first + 3) * bodies + body]


def _scattered(body: int, bodies: int, rows: Floats, lanes: float, gather: float) -> float:
    """Cycles of the accesses of a round that vectors take apart or put together."""
    mixed, far = rows[(_LOADS + 2) * bodies + body], rows[(_LOADS + 3) * bodies + body]
    mixed_stores, far_stores = rows[(_STORES + 2) * bodies + body], rows[(_STORES + 3) * bodies + body]
    return mixed * (0.5 + 1.2 / lanes) + gather * far + mixed_stores * (1.0 + 1.5 / lanes) + 2.0 * far_stores


@native
def _vectorise(
    bodies: int,
    begins: Integers,
    arithmetic: Floats,
    size: Floats,
    loads: Floats,
    stores: Floats,
    addresses: Floats,
    run: Floats,
    kinds: Integers,
    steps: Floats,
    rows: Floats,
) -> None:
    """Lanes of the loop's vectors and of packing (1 where there are none), the costs they were chosen by, and the cycles of a round."""
    for body in range(bodies):
        trip, known = rows[_TRIP * bodies + body], rows[_KNOWN * bodies + body]
        thought = arithmetic[body] * rows[_COPIES * bodies + body]
        cost = arithmetic[_COST * bodies + body] * rows[_COPIES * bodies + body]
        carried = trip > 1.0 and arithmetic[_ADDING * bodies + body] > 0.0 and rows[_SUMS * bodies + body] > 0.0
        kept = arithmetic[_EXTREMES * bodies + body] > 0.0 or arithmetic[_REORDERED * bodies + body] <= 0.0
        strict = carried and arithmetic[_FLOATING * bodies + body] > 0.0 and kept
        rows[_STRICT * bodies + body] = 1.0 if strict else 0.0
        rows[_FREE * bodies + body] = 1.0 if carried and not strict else 0.0
        widest = 0.0
        for stream in range(begins[body], begins[body + 1]):
            widest = _at_least(float(size[stream]), widest)
        wide = _at_least(_VECTOR / (widest if widest > 0.0 else 4.0), 1.0)
        fit = wide
        while known > 0.0 and fit > 1.0 and fit > trip:
            fit = fit / 2.0
        loaded, stored = _moving(_LOADS, body, bodies, rows), _moving(_STORES, body, bodies, rows)
        unit, unit_stores = rows[(_LOADS + 1) * bodies + body], rows[(_STORES + 1) * bodies + body]
        scalar = cost + 0.5 * loaded + stored
        vector = (cost + 0.5 * unit + unit_stores) / fit + _scattered(body, bodies, rows, fit, 1.1)
        pack = _pack(rows[_STORE_RUN * bodies + body], wide)
        mixed, apart = 0.0, 0.0
        for stream in range(begins[body], begins[body + 1]):
            reads, writes = 1.0 if loads[stream] > 0.0 else 0.0, 1.0 if stores[stream] > 0.0 else 0.0
            if kinds[stream] == 2:
                shuffles = _shuffles(steps[stream] / size[stream], float(run[stream]), fit)
                mixed += addresses[stream] * (reads * shuffles + writes * (shuffles + 0.1))
            if steps[stream] > 0.0:
                together = run[stream] >= pack
                read = reads * 0.5 * addresses[stream] * (1.0 / pack if together else 1.3)
                apart += read + writes * addresses[stream] * (1.0 / pack if together else 1.5)
        inside = (thought + unit + unit_stores) / fit
        inside = inside + mixed + 2.0 * rows[(_LOADS + 3) * bodies + body] + 2.1 * rows[(_STORES + 3) * bodies + body]
        believed = inside / _at_least(thought + loaded + stored, 1e-9)
        packing = cost / pack + apart
        pack_ratio = packing / _at_least(scalar, 1e-9) if pack > 1.0 else 1.0
        whole = trip % fit
        enough = (known > 0.0 and (trip >= _FEWEST or whole == 0.0)) or (known == 0.0 and trip > 1.5)
        refused = strict or arithmetic[_CALLS * bodies + body] > 0.0
        chosen = fit > 1.0 and enough and believed < 1.0 and not refused
        packs = not chosen and pack > 1.0 and pack_ratio < 1.0
        rest = _rest(trip, fit, 2.0 if thought < 16.0 and known == 0.0 else 1.0)
        rows[_LANES * bodies + body] = fit if chosen else 1.0
        rows[_PACKED * bodies + body] = pack if chosen or packs else 1.0
        rows[_RATIO * bodies + body] = vector / _at_least(scalar, 1e-9)
        rows[_BELIEVED * bodies + body] = believed
        rows[_PACK_RATIO * bodies + body] = pack_ratio
        rows[_REST * bodies + body] = rest if chosen else 0.0
        rows[_WORK * bodies + body] = (
            vector * (1.0 - rest) + rest * scalar if chosen else (packing if packs else scalar)
        )


def _pack(run: float, wide: float) -> float:
    """How many neighbours that a round writes fit a vector: a power of two."""
    limit, pack = run if run < wide else wide, 1.0
    while pack * 2.0 <= limit:
        pack = pack * 2.0
    return pack


def _shuffles(factor: float, run: float, lanes: float) -> float:
    """What the compiler thinks that an interleaved access costs, in operations: more where more than four interleave or streams overlap."""
    return 1.0 / lanes + (0.45 if factor <= 4.0 else 0.9) + (0.7 if run > factor else 0.0)


def _rest(trip: float, lanes: float, copies: float) -> float:
    """The share of rounds that fill no vector; a rest of a vector of several copies is done in single ones."""
    both = lanes * copies
    whole = _quotient(trip, both) * both
    single = trip - whole >= lanes and both >= 16.0
    whole = whole + _quotient(trip - whole, lanes) * lanes if single else whole
    return 1.0 - whole / _at_least(trip, 1e-9) if trip > 0.0 else 0.0


def _quotient(number: float, by: float) -> float:
    """Whole times."""
    ratio = (number - number % by) / by
    return floor(ratio) + (1.0 if ratio - floor(ratio) > 0.5 else 0.0)


@native
def _cost(
    bodies: int,
    begins: Integers,
    depth: Integers,
    arithmetic: Floats,
    loads: Floats,
    stores: Floats,
    addresses: Floats,
    run: Floats,
    steps: Floats,
    rows: Floats,
) -> None:
    """Instructions, cycles, chains and registers for sums of a round; then all of it per operation."""
    for body in range(bodies):
        trip, copies = rows[_TRIP * bodies + body], rows[_COPIES * bodies + body]
        lanes, packed = rows[_LANES * bodies + body], rows[_PACKED * bodies + body]
        thought, total = arithmetic[body] * copies, _at_least(float(arithmetic[body]), 1.0) * copies
        still = rows[_LOADS * bodies + body] + rows[_STORES * bodies + body] if depth[body] > 0 else 0.0
        preparing = 6.0 if lanes > 1.0 else 0.0
        around = 3.0 / _at_least(float(rows[_AROUND * bodies + body]), 1.0)
        entry = (4.0 + 0.75 * still + preparing + around) / _at_least(float(trip), 1.0)
        going = 1.0 / (lanes * (2.0 if copies * arithmetic[body] < 24.0 else 1.0))
        pressure = rows[_SUMS * bodies + body] / (lanes if lanes > 1.0 else packed)
        narrow = 0.0
        for stream in range(begins[body], begins[body + 1]):
            if steps[stream] > 0.0 or depth[body] == 0:
                both = (1.0 if loads[stream] > 0.0 else 0.0) + (1.0 if stores[stream] > 0.0 else 0.0)
                narrow += addresses[stream] * both / (packed if run[stream] >= packed else 1.0)
        unit = rows[(_LOADS + 1) * bodies + body] + rows[(_STORES + 1) * bodies + body]
        wide = unit / lanes + _scattered(body, bodies, rows, lanes, 1.3)
        loaded, stored = _moving(_LOADS, body, bodies, rows), _moving(_STORES, body, bodies, rows)
        inside = thought / _at_least(float(lanes), float(packed)) + (wide if lanes > 1.0 else narrow)
        rest = rows[_REST * bodies + body]
        instructions = inside * (1.0 - rest) + rest * (thought + loaded + stored) + 2.0 * (entry + going)
        apart = _at_least(rows[_SUMS * bodies + body] / (packed if lanes == 1.0 else 1.0), 1.0)
        latency = _LATENCY if arithmetic[_FLOATING * bodies + body] > 0.0 else 1.0
        latency = latency / (2.0 * lanes if lanes > 1.0 else 1.0)
        size = _at_least(trip * (thought + (loaded + stored)), 8.0)
        chain = latency * copies / apart / (1.0 + _WINDOW / size)
        carried = rows[_STRICT * bodies + body] > 0.0 or rows[_FREE * bodies + body] > 0.0
        rows[_INSTRUCTIONS * bodies + body] = instructions / total
        rows[_WORK * bodies + body] = rows[_WORK * bodies + body] / total
        rows[_CHAIN * bodies + body] = chain / total if carried else 0.0
        rows[_OVERHEAD * bodies + body] = (entry + going + _at_least(pressure - _REGISTERS, 0.0)) / total
        rows[_PRESSURE * bodies + body] = pressure
        for kind in range(4):
            rows[(_LOADS + kind) * bodies + body] = rows[(_LOADS + kind) * bodies + body] / total
            rows[(_STORES + kind) * bodies + body] = rows[(_STORES + kind) * bodies + body] / total

"""What a compiler makes of the innermost loops of a body: unrolled, made vectors of, promoted to registers; in instructions and cycles.

    for j { for k step 4 { C[i, j] += A[i, k] * B[k, j] … A[i, k + 3] * B[k + 3, j] } }

is one load and one store of C (equal addresses are read and written once, and both leave the loop over k), four multiplications, and
a chain of four strict additions that no compiler makes vectors of. Everything is counted per *arithmetic operation*, which is the same for
all schedules of a kernel, however often their bodies are written out; a count per iteration is not.

1. *Unrolling*: short inner loops of constant trips are unrolled as a whole; `level` is the first that is not.
2. *Addresses*: of each buffer and step, the distinct ones of the unrolled body, and how they follow each other without a gap.
3. *Loop vectors* over `level`, unless it carries a strict floating-point sum: accesses that stand still, follow each other, interleave,
   or are gathered. *Packing* of what the body writes to neighbours, where the loop itself gives no vectors.
4. *Instructions, cycles and chains* of the cheapest of the three, with the rest of a trip that fills no vector.

Thresholds are LLVM's (LoopUnrollPass, LoopVectorize: TinyTripCountVectorThreshold, SmallLoopCost), costs in round numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from costmodel.features.streams import Floats
from costmodel.tokens.nest import Access, Body
from costmodel.tokens.vocabulary import OpClass, is_float

_VECTOR = 32.0
_UNROLLED = 140.0
"""Operations and distinct accesses that a loop is written out to at most."""
_TILES = 300.0
"""The same for the loops over tiles around it, which make its trip a constant."""
_FEWEST = 16.0
"""Rounds below which a loop with a rest is not made vectors of."""
_WINDOW = 224.0
"""Instructions in flight: how far a core overlaps one chain with the next."""
_REGISTERS = 15.0
_COST = {
    OpClass.DIV: 5.0,
    OpClass.SQRT: 6.0,
    OpClass.MATH: 40.0,
    OpClass.CALL: 30.0,
    OpClass.ATOMIC: 20.0,
    OpClass.IF: 2.0,
    OpClass.LOOP: 0.0,
    OpClass.LOAD: 0.0,
    OpClass.STORE: 0.0,
    OpClass.CONSTANT: 0.0,
}
_ADDS = (OpClass.ADD, OpClass.FMA, OpClass.MINMAX)


class Code(NamedTuple):
    """One body as compiled; counts per arithmetic operation unless said otherwise."""

    operations: float
    """Arithmetic of one iteration as written (not per operation)."""
    clashes: float
    """Buffers that are written at one step or offset and accessed at another (not per operation)."""
    copies: float
    """Iterations that the compiler writes out (not per operation)."""
    level: float
    loads_still: float
    loads_unit: float
    loads_mixed: float
    loads_far: float
    stores_still: float
    stores_unit: float
    stores_mixed: float
    stores_far: float
    strict: float
    free: float
    sums: float
    store_run: float
    load_run: float
    store_step: float
    """Elements between stores of successive rounds (logarithm)."""
    load_step: float
    trip: float
    around: float
    known: float
    lanes: float
    packed: float
    vector_ratio: float
    believed: float
    """The cost of vectors over that of scalars as the compiler sees it (not per operation)."""
    pack_ratio: float
    rest: float
    instructions: float
    work: float
    chain: float
    overhead: float
    pressure: float

    @property
    def cycles(self) -> float:
        """Cycles per arithmetic operation, all data near."""
        return max(self.work, self.chain) + self.overhead


class _Group(NamedTuple):
    element: float
    step: float
    count: int
    run: int
    loads: bool
    stores: bool
    lanes: float


def code_of(body: Body, most: float = _UNROLLED) -> Code:
    """The body as a compiler would leave it that unrolls short loops to at most so many operations."""
    trips = tuple(max(loop.trip, 1e-3) for loop in body.path)
    constant = tuple(loop.constant or loop.tiles * _size_as_written(body) <= _TILES for loop in body.path)
    by_stream: dict[tuple[str, tuple[float, ...] | None], list[Access]] = {}
    for access in body.accesses:
        by_stream.setdefault((access.base, access.strides), []).append(access)
    streams = tuple(_stream(strides, accesses) for (_, strides), accesses in by_stream.items())
    bases: dict[str, list[int]] = {}
    for at, (base, _) in enumerate(by_stream):
        bases.setdefault(base, []).append(at)
    clash = sum(
        (len(each) > 1 and any(streams[at][5] for at in each)) or any(streams[at][6] for at in each)
        for each in bases.values()
    )
    operations, *rest = _arithmetic(tuple(body.work))
    moved = float(sum(access.is_store for access in body.accesses))
    return _code(trips, constant, streams, (operations or moved, *rest), body.reassociates, float(clash), most)


def _size_as_written(body: Body) -> float:
    return float(len(body.work) + len(body.accesses))


_Stream = tuple[tuple[float, ...] | None, tuple[float, ...], float, float, bool, bool, bool]
"""Strides, offsets from the first, bytes of an element, lanes, whether it is loaded, stored, both at different offsets."""


def _stream(strides: tuple[float, ...] | None, accesses: Sequence[Access]) -> _Stream:
    read = {access.offset for access in accesses if not access.is_store}
    written = {access.offset for access in accesses if access.is_store}
    offsets = sorted(read | written)
    first = accesses[0]
    differ = bool(written and read and read != written)
    shifted = tuple(offset - offsets[0] for offset in offsets)
    return strides, shifted, first.element_bytes, first.lanes, bool(read), bool(written), differ


@lru_cache(maxsize=1 << 12)
def _arithmetic(work: tuple[tuple[OpClass, str], ...]) -> tuple[float, float, bool, bool, bool, bool]:
    """Operations, their throughput in cycles, whether there are sums, floating-point ones, calls, and extremes (no order of which may change)."""
    kinds = [(kind, element) for kind, element in work if _COST.get(kind, 0.5) > 0]
    sums = [is_float(element) for kind, element in kinds if kind in _ADDS]
    extremes = any(kind is OpClass.MINMAX and is_float(element) for kind, element in kinds)
    calls = any(kind in (OpClass.MATH, OpClass.CALL, OpClass.IF) for kind, _ in kinds)
    cost = sum(_COST.get(kind, 0.5) for kind, _ in kinds)
    return float(len(kinds)), cost, bool(sums), any(sums), calls, extremes


@lru_cache(maxsize=1 << 13)
def _addresses(
    offsets: tuple[float, ...], steps: tuple[tuple[float, float], ...], element: float
) -> tuple[int, int, int]:
    """Distinct addresses of a body unrolled over (stride, trip), the longest run without a gap, and the number of runs."""
    spans = [[stride * at for at in range(min(int(trip), 32))] for stride, trip in steps if stride]
    count = len(offsets)
    for span in spans:
        count *= len(span)
    if count > 1024:
        return count, 1, count
    places = set(offsets)
    for span in spans:
        places = {place + more for place in places for more in span}
    ordered = sorted(places)
    longest = run = runs = 1
    for before, after in pairwise(ordered):
        if after - before == element:
            run += 1
            longest = max(longest, run)
        else:
            run, runs = 1, runs + 1
    return len(ordered), longest, runs


@lru_cache(maxsize=1 << 13)
def _code(
    trips: tuple[float, ...],
    constant: tuple[bool, ...],
    streams: tuple[_Stream, ...],
    arithmetic: tuple[float, float, bool, bool, bool, bool],
    free: bool,
    clash: float,
    most: float,
) -> Code:
    operations, cost, has_sum, float_sum, calls, extremes = arithmetic
    level = _unrolled(trips, constant, streams, operations, most)
    copies = 1.0
    for at in range(level):
        copies *= trips[at]
    trip = trips[level] if trips else 1.0
    groups = [_group(stream, trips, level) for stream in streams]
    total = max(operations, 1.0) * copies
    counts = [[0.0] * 4, [0.0] * 4]
    for group in groups:
        kind = _kind(group)
        counts[0][kind] += group.count * group.loads
        counts[1][kind] += group.count * group.stores
    (ls, lu, lm, lf), (ss, su, sm, sf) = counts
    element = max((group.element * group.lanes for group in groups), default=4.0)
    wide = max(1.0, _VECTOR / element)
    carried = any(group.loads and group.stores and group.step == 0 for group in groups) and has_sum and trip > 1
    strict = carried and float_sum and (extremes or not free)
    loads, stores = lu + lm + lf, su + sm + sf
    scalar = cost * copies + 0.5 * loads + stores
    # vectors over the loop
    fit = wide
    while fit > 1 and fit > trip:
        fit /= 2
    vector = (cost * copies + 0.5 * lu + su) / fit + lm * (0.5 + 1.2 / fit) + 1.1 * lf + sm * (1 + 1.5 / fit) + 2.0 * sf
    fixed = constant[level] if constant else True
    enough = trip >= _FEWEST or trip % fit == 0 if fixed else trip > 1.5
    if not fixed:
        fit = wide
        vector = (
            (cost * copies + 0.5 * lu + su) / fit + lm * (0.5 + 1.2 / fit) + 1.1 * lf + sm * (1 + 1.5 / fit) + 2.0 * sf
        )
    legal = not strict and fit > 1 and enough and not calls
    ratio = vector / max(scalar, 1e-9)
    thought = operations * copies
    vector_thought = (
        (thought + lu + su) / fit
        + sum(
            group.count * (group.loads * _mixed_cost(group, fit) + group.stores * (_mixed_cost(group, fit) + 0.1))
            for group in groups
            if _kind(group) == 2
        )
        + 2.0 * lf
        + 2.1 * sf
    )
    believed = vector_thought / max(thought + loads + stores, 1e-9)
    # packing of neighbours that the body writes
    store_run = max((group.run for group in groups if group.stores), default=1)
    pack = 1.0
    while pack * 2 <= min(store_run, wide):
        pack *= 2
    packed = (
        cost * copies / pack
        + sum(0.5 * g.count * (1 / pack if g.run >= pack else 1.3) for g in groups if g.loads and g.step)
        + sum(1.0 * g.count * (1 / pack if g.run >= pack else 1.5) for g in groups if g.stores and g.step)
    )
    pack_ratio = packed / max(scalar, 1e-9) if pack > 1 else 1.0
    lanes = 1.0
    work = scalar
    if legal and believed < 1:
        lanes, work = fit, vector
    elif pack > 1 and pack_ratio < 1:
        work = packed
    else:
        pack = 1.0
    rest = _rest(trip, lanes, 2.0 if thought < 16 and not fixed else 1.0) if lanes > 1 else 0.0
    work = work * (1 - rest) + rest * scalar
    sums = sum(group.count for group in groups if group.loads and group.stores and group.step == 0)
    apart = max(1.0, sums / (pack if lanes == 1 else 1.0)) if carried else 1.0
    latency = 3.5 if float_sum else 1.0
    if carried and lanes > 1:
        latency /= lanes * 2.0
    inner = trip * (operations * copies + loads + stores)
    chain = 0.0
    if carried:
        per_round = latency * copies * (1.0 if sums else 0.0) / apart
        chain = per_round / (1.0 + _WINDOW / max(inner, 8.0))
    shared = ls + ss if trips else 0.0
    pressure = sums / (lanes if lanes > 1 else pack)
    spill = max(0.0, pressure - _REGISTERS)
    outer = trips[level + 1] if len(trips) > level + 1 else 1.0
    entry = (4.0 + 0.75 * shared + (6.0 if lanes > 1 else 0.0) + 3.0 / max(outer, 1.0)) / max(trip, 1.0)
    going = 1.0 / (lanes * (2.0 if copies * operations < 24 else 1.0))
    overhead = entry + going + spill
    if lanes > 1:
        touched = (lu + su) / lanes + lm * (0.5 + 1.2 / lanes) + 1.3 * lf + sm * (1 + 1.5 / lanes) + 2.0 * sf
    else:
        touched = sum(
            g.count * (g.loads + g.stores) * (1 / pack if g.run >= pack else 1.0) for g in groups if g.step or not trips
        )
    inside = operations * copies / max(lanes, pack) + touched
    instructions = inside * (1 - rest) + rest * (operations * copies + loads + stores) + 2 * (entry + going)
    first = next((g for g in groups if g.stores), None)
    reads = [g for g in groups if g.loads and not g.stores]
    return Code(
        operations,
        clash,
        copies,
        float(level),
        ls / total,
        lu / total,
        lm / total,
        lf / total,
        ss / total,
        su / total,
        sm / total,
        sf / total,
        float(strict),
        float(carried and not strict),
        float(sums),
        float(store_run),
        float(max((g.run for g in reads), default=1)),
        _log(first.step / first.element) if first else 0.0,
        max((_log(g.step / g.element) for g in reads), default=0.0),
        trip,
        outer,
        float(fixed),
        lanes,
        pack,
        ratio,
        believed,
        pack_ratio,
        rest,
        instructions / total,
        work / total,
        chain / total,
        overhead / total,
        pressure,
    )


def _mixed_cost(group: _Group, lanes: float) -> float:
    """Of an interleaved access of one iteration: shuffles, more where more than four interleave or groups overlap."""
    factor = group.step / (group.element * group.lanes)
    return 1 / lanes + (0.45 if factor <= 4 else 0.9) + (0.7 if group.run > factor else 0.0)


def _rest(trip: float, lanes: float, copies: float) -> float:
    """The share of rounds that fill no vector; a rest of a vector of several copies is done in single ones."""
    whole = trip // (lanes * copies) * lanes * copies
    if trip - whole >= lanes and lanes * copies >= 16:
        whole += (trip - whole) // lanes * lanes
    return 1 - whole / trip if trip else 0.0


def _log(value: float) -> float:
    return float(np.log2(1 + abs(value)))


def _unrolled(
    trips: tuple[float, ...],
    constant: tuple[bool, ...],
    streams: Sequence[_Stream],
    operations: float,
    most: float,
) -> int:
    level, copies = 0, 1.0
    while level < len(trips) - 1 and constant[level]:
        size = operations * copies
        for strides, offsets, element, _, loads, stores, _ in streams:
            if strides is None:
                size += len(offsets) * copies * (loads + stores)
                continue
            steps = tuple((abs(strides[at]), trips[at]) for at in range(level))
            size += _addresses(offsets, steps, element)[0] * (loads + stores - (strides[level] == 0))
        if size * trips[level] > most:
            break
        copies *= trips[level]
        level += 1
    return level


def _group(stream: _Stream, trips: tuple[float, ...], level: int) -> _Group:
    strides, offsets, element, lanes, loads, stores, _ = stream
    if strides is None:
        copies = 1.0
        for at in range(level):
            copies *= trips[at]
        return _Group(element, 4096.0, max(1, round(len(offsets) * copies)), 1, loads, stores, lanes)
    steps = tuple((abs(strides[at]), trips[at]) for at in range(level))
    count, run, _ = _addresses(offsets, steps, element * lanes)
    step = abs(strides[level]) if level < len(strides) else 0.0
    return _Group(element, step, count, run, loads, stores, lanes)


def _kind(group: _Group) -> int:
    """0 still, 1 one after the other, 2 interleaved without gaps, 3 anything else."""
    size = group.element * group.lanes
    if group.step == 0:
        return 0
    if group.step <= size:
        return 1
    if group.step <= size * 8 and (group.run * size >= group.step or group.step == 2 * size):
        return 2
    return 3


_LOGS = frozenset(
    (
        "copies",
        "operations",
        "sums",
        "store_run",
        "load_run",
        "trip",
        "around",
        "instructions",
        "work",
        "chain",
        "overhead",
    )
)


def codegen_names() -> list[str]:
    """The columns of `codegen`, in order."""
    return [f"code {name}" for name in Code._fields]


def codegen(codes: Sequence[Code]) -> Floats:
    """One row a body."""
    rows = np.array(codes, dtype=np.float64).reshape(len(codes), len(Code._fields))
    for at, name in enumerate(Code._fields):
        if name in _LOGS:
            rows[:, at] = np.log2(rows[:, at] + 2.0**-8)
    return rows

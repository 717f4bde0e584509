"""What arithmetic kernels cost at least, phase by phase: rounds that threads share, instructions of a round, then a barrier.

    phases_of(kernel)                    [Phase("tables", 32, 1500.0, …), Phase("look-ups", 64, 420.0, …)]
    cycles_of(phase, schedule, machine)

A thread issues again when its instruction is back, a pipeline one instruction a cycle: a phase takes as long as the busier of the two.
Instructions are counted from the loops that the lowering writes; what an element of the other ops takes is a round number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, prod

from xdsl.ir import Operation

from compiler.arithmetic.formats import Format
from compiler.arithmetic.lookup import BLOCK
from compiler.dialects.qarith_integer import GeluOp, LayerNormOp, SoftmaxOp
from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp, MatmulOp, ReduceOp, StencilOp
from compiler.dialects.qarith_ops import element, integer, shape_of
from compiler.dialects.qarith_types import element_of
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, PiumaArithmetic, Product, Tables
from compiler.frontends.kernel.arithmetic import ArithmeticKernel
from compiler.passes.qarith_to_loops.elementwise import is_elementwise
from compiler.passes.qarith_to_loops.entries import blocks_of, entries_of, is_shuffled
from compiler.passes.qarith_to_loops.multiplications import Multiplied, multiplied_of
from compiler.passes.qarith_to_loops.sums import tile_of
from compiler.passes.qarith_to_loops.tables import layout_of

_FAR = 16
"""Instructions that a word from memory takes the time of, where 16 threads share a pipeline."""
_LOADS = 0.35
"""Of instructions, about: they wait for the scratchpad."""
_ELEMENT: Mapping[type[Operation], float] = {SoftmaxOp: 40.0, LayerNormOp: 25.0, GeluOp: 40.0, StencilOp: 20.0}
"""Instructions that an element takes; others `_OTHER`."""
_OTHER = 25.0
_CROWDED = 1.2
"""Cycles of an element whose neighbours other threads store at the same time."""
_PROLOGUE = 11.0
"""Instructions of a thread around a loop."""
_FLOAT = 30.0
"""Of an addition that is rounded."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A loop whose rounds are dealt out."""

    kind: str
    rounds: int
    instructions: float
    """Of a round."""
    sums: int = 1
    """Words that a round keeps in registers."""
    near: bool = True
    """Whether it loads from the scratchpad, not through the cache."""
    shuffles: float = 0.0
    """Of 32 bytes, in a round, beside the instructions."""


def phases_of(kernel: ArithmeticKernel, schedule: ArithmeticSchedule) -> list[Phase]:
    """The phases of all ops, in order; those of a loop over time once."""
    return [phase for op in kernel.module.walk() for phase in _phases(op, schedule)]


def _phases(op: Operation, schedule: ArithmeticSchedule) -> Iterator[Phase]:
    match op:
        case LookupOp():
            yield from _lookup(op, schedule)
        case MatmulOp():
            yield _matmul(op, schedule)
        case ReduceOp():
            rows, width = _rows(op)
            yield Phase("rows", rows, width * (_FLOAT if isinstance(element(op.result), Format) else 4.0), near=False)
        case SoftmaxOp() | LayerNormOp():
            rows, width = _rows(op)
            yield Phase("rows", rows, 60 + width * _ELEMENT[type(op)])
        case GeluOp() if not is_elementwise(op):
            rows, width = _rows(op)
            yield Phase("rows", rows, width * _ELEMENT[GeluOp])
        case _ if is_elementwise(op):
            each = _ELEMENT.get(type(op), _OTHER)
            yield Phase("elements", prod(shape_of(op.results[0])), each, near=False)
        case _:
            return


def _rows(op: ReduceOp | SoftmaxOp | LayerNormOp | GeluOp) -> tuple[int, int]:
    *leading, width = shape_of(op.x)
    return prod(leading), width


def _lookup(op: LookupOp, schedule: ArithmeticSchedule) -> Iterator[Phase]:
    outputs, inputs = shape_of(op.weights)
    source = op.tables.owner
    if schedule.product is Product.MULTIPLY and isinstance(source, BuildTablesOp):
        how = multiplied_of(op, source, schedule)
        yield Phase("inputs", inputs, 6.0 * how.packing.batch)
        yield Phase("products", outputs // how.tile, how.tile * _multiplied(how, inputs), how.tile * how.packing.words)
        return
    if is_shuffled(schedule) and isinstance(source, BuildTablesOp):
        yield from _shuffled(op, source)
        return
    layout, far = layout_of(op, schedule), isinstance(schedule, PiumaArithmetic) and schedule.tables is Tables.MEMORY
    access, words = _FAR if far else 1, layout.words
    filled = layout.size * (1.5 + 2 * access) + layout.group * layout.packing.batch * 6
    yield Phase("tables", layout.groups, filled, words)
    spread = 5 * words if layout.packing.is_spread else 0
    look_up = 2 + words * (1 + access) + (5 + spread) / layout.round
    row = integer(op.weights, "the weights").width * layout.groups * look_up
    yield Phase("look-ups", outputs, 40 + row, words * (3 if layout.packing.is_spread else 1))


def _shuffled(op: LookupOp, source: BuildTablesOp) -> Iterator[Phase]:
    """Vectors of entries, of codes, of sums; what comes out is taken apart lane by lane."""
    entries, bits = entries_of(source), integer(op.weights, "the weights").width
    filled = entries.batch * (20.0 + 10 * entries.pieces)
    yield Phase("tables", entries.rounds * entries.round, filled)
    vectors = entries.instructions(bits) + entries.batch * (BLOCK * 3 + bits * 14 * entries.pieces)
    shuffles = entries.shuffles(bits)
    yield Phase("shuffles", blocks_of(op), float(vectors), shuffles=float(shuffles))


def _multiplied(how: Multiplied, inputs: int) -> float:
    """Instructions of the multiplications for a row."""
    words, tile = how.packing.words, how.tile
    kept = 0.5 if tile * words > 12 else 0.0  # sums beyond the registers are moved
    spread = 5 * words / how.round if how.packing.is_spread else 0.0
    return inputs * (1.8 + words * (2 + kept + 1 / tile) + spread)


def _matmul(op: MatmulOp, schedule: ArithmeticSchedule) -> Phase:
    """A tile loads its rows and columns, and steps, for each k."""
    count, depth = prod(shape_of(op.result)), shape_of(op.a)[1]
    if isinstance(element_of(op.accumulator), Format):
        return Phase("products", count, depth * _FLOAT)
    rows, columns = tile_of(op, schedule.tile, schedule.sums)
    size = rows * columns
    kept = 6.0 if size >= 16 else 0.0
    return Phase("products", count // size, 30 + depth * (2 * size + rows + columns + 6 + kept), size, near=False)


def cycles_of(phase: Phase, schedule: ArithmeticSchedule, machine: Mapping[str, float]) -> float:
    """Cycles on the machine; on others instructions by threads."""
    if not isinstance(schedule, PiumaArithmetic):
        threads = getattr(schedule, "threads", 1)
        each = phase.instructions + (
            phase.shuffles * _shuffle(int(machine["shuffle_bytes"])) if phase.shuffles else 0.0
        )
        return phase.rounds * each / min(threads, phase.rounds)
    threads, pipelines = schedule.threads, int(machine["pipelines"])
    turns = turns_of(phase, schedule)
    load = machine["spad_latency"] + 2 if phase.near else machine["l1_latency"] + machine["pipeline_depth"]
    waited = (1 - _LOADS) * machine["pipeline_depth"] + _LOADS * load
    issued = max(phase.rounds / pipelines, 1) * phase.instructions
    crowded = phase.rounds * (_CROWDED if phase.kind == "elements" and schedule.deal == 1 else 0.0)
    once = _PROLOGUE * threads / pipelines + machine["barrier_latency"] + 4 * machine["pipeline_depth"]
    return max(issued, turns * phase.instructions * waited) + crowded + once


def _shuffle(size: int) -> float:
    """Instructions that a shuffle of 32 bytes is, where one shuffles so many; without any, every byte takes a few."""
    return BLOCK / size if size else 3.0 * BLOCK


def turns_of(phase: Phase, schedule: PiumaArithmetic) -> int:
    """Rounds of the thread that has most."""
    deal = schedule.deal if phase.rounds >= schedule.deal * schedule.threads else 1
    return ceil(phase.rounds / (schedule.threads * deal)) * deal

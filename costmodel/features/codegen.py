"""What a compiler makes of the innermost loops of a body: vectors or none, registers for sums; in instructions and cycles.

Everything is counted per *arithmetic operation*, which all schedules of a kernel execute equally often, however often their bodies are
written out; a count per iteration is not.

1. A *round* (`unrolled.py`): the innermost loop that is left, and the addresses it accesses.
2. *Loop vectors*, unless the loop carries a strict floating-point sum: accesses that stand still, follow each other, interleave, or are
   gathered. Whether the compiler makes them is decided by its costs (`believed`), what they are worth by the machine's.
3. *Packing* of what a round writes to neighbours, where the loop itself gives no vectors.
4. *Instructions, cycles and chains* of what was chosen, with the rest of a trip that fills no vector.

This file says what operations cost and makes columns of the rows that `compiling.py` names and computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from costmodel.features.compiling import FIELDS, compiled_rows
from costmodel.features.streams import Flags, Floats, Integers, Streams
from costmodel.features.unrolled import Rounds, as_written, constants, written_out
from costmodel.tokens.summed import Work
from costmodel.tokens.vocabulary import OpClass, is_float

COST = {
    OpClass.DIV: 5.0,
    OpClass.SQRT: 6.0,
    OpClass.MATH: 40.0,
    OpClass.CALL: 30.0,
    OpClass.ATOMIC: 20.0,
    OpClass.IF: 2.0,
    OpClass.LOOP: 0.0,
    OpClass.LOAD: 0.0,
    OpClass.STORE: 0.0,
}
"""Cycles of an operation; half a cycle where nothing is said."""
_COST_COMPILED = {**COST, OpClass.CONSTANT: 0.0}
ADDS = (OpClass.ADD, OpClass.FMA, OpClass.MINMAX)
_CALLS = (OpClass.MATH, OpClass.CALL, OpClass.IF)
_LOGARITHMS = frozenset(
    "copies operations sums store_run load_run trip around instructions work chain overhead".split()
)
_LOGARITHMIC = [at for at, name in enumerate(FIELDS) if name in _LOGARITHMS]
_AT = {name: at for at, name in enumerate(FIELDS)}


@dataclass(frozen=True, slots=True)
class Code:
    """Bodies as compiled, a column each; `operations` to `level`, ratios, trips and numbers of lanes as they are, all else per operation.

    `operations` is arithmetic of one iteration as written; `clashes` buffers that are written at one step or offset and accessed at another;
    `copies` iterations that the compiler writes out; `store_step` elements between stores of successive rounds (logarithm); `believed` the
    cost of vectors over that of scalars as the compiler sees it.
    """

    rows: Floats
    """One row a field, in the order of `FIELDS`."""

    @property
    def operations(self) -> Floats:
        """Arithmetic of one iteration as written."""
        return self.rows[_AT["operations"]]

    @property
    def instructions(self) -> Floats:
        """Instructions per arithmetic operation."""
        return self.rows[_AT["instructions"]]

    @property
    def cycles(self) -> Floats:
        """Cycles per arithmetic operation, all data near."""
        rows = self.rows
        return np.maximum(rows[_AT["work"]], rows[_AT["chain"]]) + rows[_AT["overhead"]]


def codes_of(streams: Streams) -> tuple[Code, Code]:
    """The bodies as a compiler would leave them that writes short loops out, and one that does not."""
    arithmetic, constant = _arithmetic(streams), constants(streams)
    turns = written_out(streams, constant, arithmetic[0]), as_written(streams)
    return _code(streams, turns[0], arithmetic, constant), _code(streams, turns[1], arithmetic, constant)


def _arithmetic(streams: Streams) -> Floats:
    """Of each body: operations, their throughput in cycles, whether there are sums, floating-point ones, calls, extremes (whose order is
    kept), and whether a compiler may reorder."""
    counted = np.array([_counted(work) for work in streams.works], dtype=np.float64)[streams.work]
    rows = np.concatenate([counted, streams.reassociates[:, None]], axis=1).T.copy()
    rows[0] = np.where(rows[0] > 0, rows[0], streams.per_body(streams.stores))
    return rows


@lru_cache(maxsize=1 << 12)
def _counted(work: Work) -> tuple[float, float, float, float, float, float]:
    kinds = [(kind, element) for kind, element in work.operations if _COST_COMPILED.get(kind, 0.5) > 0]
    sums = [is_float(element) for kind, element in kinds if kind in ADDS]
    return (
        float(len(kinds)),
        sum((_COST_COMPILED.get(kind, 0.5) for kind, _ in kinds), 0.0),
        float(bool(sums)),
        float(any(sums)),
        float(any(kind in _CALLS for kind, _ in kinds)),
        float(any(kind is OpClass.MINMAX and is_float(element) for kind, element in kinds)),
    )


def _code(streams: Streams, turn: Rounds, arithmetic: Floats, constant: Flags) -> Code:
    rows = compiled_rows(streams, turn, arithmetic, constant)
    steps = [_AT["store_step"], _AT["load_step"]]
    rows[steps] = np.log2(rows[steps])
    return Code(rows)


def codegen_names() -> list[str]:
    """The columns of `codegen`, in order."""
    return [f"code {name.replace('_', ' ')}" for name in FIELDS]


def codegen(codes: Code, bodies: Integers) -> Floats:
    """One row for each of these bodies; counts and costs as logarithms."""
    rows = codes.rows[:, bodies].T
    rows[:, _LOGARITHMIC] = np.log2(rows[:, _LOGARITHMIC] + 2.0**-8)
    return rows

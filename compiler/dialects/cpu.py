"""The `cpu` dialect: what a kernel for this computer needs beyond `func`, `scf`, `arith`, `memref`, `math` and `omp`.

    %mine = cpu.thread : index                        which thread this is, from 0
    %rest = cpu.rest %array from %at                  the array from an element on
    %base = cpu.claim %total, %count                  inside an ordered loop: total[0] before `count` is added to it
    cpu.prefetch %array at %at                        it will be read; past the end is harmless

`cpu.claim` stands in an `omp.wsloop` with `ordered`: the iterations take their turn, so what they claim lies in the order
of the iterations, however they are spread over threads.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import IndexType, MemRefType
from xdsl.ir import Dialect, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    base,
    irdl_op_definition,
    operand_def,
    result_def,
)

_INDEX = IndexType()
_ARRAY = base(MemRefType)


@irdl_op_definition
class ThreadOp(IRDLOperation):
    """The number of the thread, from 0."""

    name = "cpu.thread"
    result = result_def(IndexType)
    assembly_format = "attr-dict `:` type($result)"

    def __init__(self) -> None:
        super().__init__(result_types=[_INDEX])


@irdl_op_definition
class RestOp(IRDLOperation):
    """An array from one of its elements on; the elements are shared."""

    name = "cpu.rest"
    array = operand_def(_ARRAY)
    start = operand_def(IndexType)
    result = result_def(_ARRAY)
    assembly_format = "$array `from` $start attr-dict `:` type($array) `->` type($result)"

    def __init__(self, array: SSAValue, start: SSAValue) -> None:
        kind: Any = array.type
        super().__init__(operands=[array, start], result_types=[kind])


@irdl_op_definition
class ClaimOp(IRDLOperation):
    """In the order of the iterations: what the first element was, before `count` is added to it."""

    name = "cpu.claim"
    total = operand_def(_ARRAY)
    count = operand_def(IndexType)
    result = result_def(IndexType)
    assembly_format = "$total `,` $count attr-dict `:` type($total)"

    def __init__(self, total: SSAValue, count: SSAValue) -> None:
        super().__init__(operands=[total, count], result_types=[_INDEX])


@irdl_op_definition
class PrefetchOp(IRDLOperation):
    """The element will be read soon; any position is allowed."""

    name = "cpu.prefetch"
    array = operand_def(_ARRAY)
    position = operand_def(IndexType)
    assembly_format = "$array `at` $position attr-dict `:` type($array)"

    def __init__(self, array: SSAValue, position: SSAValue) -> None:
        super().__init__(operands=[array, position])


Cpu = Dialect("cpu", [ThreadOp, RestOp, ClaimOp, PrefetchOp], [])

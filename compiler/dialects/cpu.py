"""The `cpu` dialect: what a kernel for this computer needs beyond `func`, `scf`, `arith`, `memref`, `math` and `omp`.

    %mine = cpu.thread : index                        which thread this is, from 0
    %rest = cpu.rest %array from %at                  the array from an element on
    cpu.publish %number, %array at %at                one step, which other threads see whole, sooner or later
    %number = cpu.observe %array at %at               what has been published there
    cpu.let_others                                    whoever else wants this processor has it first
    %found = cpu.look_up %codes in %tables at %at     of 16 bytes from an element on, those that the codes, 0 to 15, name
    cpu.prefetch %array at %at                        it will be read; past the end is harmless; {lines = 2} the next line as well

`scf.for … {cpu.unroll = 8}` says that the loop is worth writing out so many times over: its rounds are short and many.
A published number stands for itself: nothing follows from it about what else the thread wrote.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import IndexType, IntegerAttr, IntegerType, MemRefType, VectorType, i8, i64
from xdsl.ir import Dialect, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    base,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    result_def,
)

UNROLL = "cpu.unroll"
"""An attribute of `scf.for`."""

_INDEX = IndexType()
_ARRAY = base(MemRefType)
BYTES: VectorType[IntegerType] = VectorType(i8, [32])
"""As many as one shuffle of AVX2 finds; where a shuffle finds 16, it takes two."""
ENTRIES = 16
"""Of a table of bytes that a shuffle looks up in."""


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
class PublishOp(IRDLOperation):
    """Write a number in one step."""

    name = "cpu.publish"
    number = operand_def(IntegerType)
    array = operand_def(_ARRAY)
    position = operand_def(IndexType)
    assembly_format = "$number `,` $array `at` $position attr-dict `:` type($number) `,` type($array)"

    def __init__(self, number: SSAValue, array: SSAValue, position: SSAValue) -> None:
        super().__init__(operands=[number, array, position])


@irdl_op_definition
class ObserveOp(IRDLOperation):
    """Read a number in one step: what was there before, or what another thread published."""

    name = "cpu.observe"
    array = operand_def(_ARRAY)
    position = operand_def(IndexType)
    result = result_def(IntegerType)
    assembly_format = "$array `at` $position attr-dict `:` type($array) `->` type($result)"

    def __init__(self, array: SSAValue, position: SSAValue) -> None:
        kind: Any = array.type
        super().__init__(operands=[array, position], result_types=[kind.element_type])


@irdl_op_definition
class LetOthersOp(IRDLOperation):
    """Let other threads of the computer run before this one goes on waiting."""

    name = "cpu.let_others"
    assembly_format = "attr-dict"


@irdl_op_definition
class PrefetchOp(IRDLOperation):
    """The element will be read soon, and what follows it in so many lines of the cache; any position is allowed."""

    name = "cpu.prefetch"
    array = operand_def(_ARRAY)
    position = operand_def(IndexType)
    lines = opt_prop_def(IntegerAttr)
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$array `at` $position attr-dict `:` type($array)"

    def __init__(self, array: SSAValue, position: SSAValue, lines: int = 1) -> None:
        more = {"lines": IntegerAttr(lines, i64)} if lines > 1 else {}
        super().__init__(operands=[array, position], properties=more)


@irdl_op_definition
class LookUpOp(IRDLOperation):
    """32 look-ups in one table of 16 bytes: a shuffle of bytes where the computer has one."""

    name = "cpu.look_up"
    codes = operand_def(BYTES)
    tables = operand_def(MemRefType.constr(i8))
    position = operand_def(IndexType)
    result = result_def(BYTES)
    assembly_format = "$codes `in` $tables `at` $position attr-dict `:` type($tables)"

    def __init__(self, codes: SSAValue, tables: SSAValue, position: SSAValue) -> None:
        super().__init__(operands=[codes, tables, position], result_types=[BYTES])


Cpu = Dialect("cpu", [ThreadOp, RestOp, PublishOp, ObserveOp, LetOthersOp, PrefetchOp, LookUpOp], [])

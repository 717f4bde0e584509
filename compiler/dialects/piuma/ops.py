"""What only this machine does, on memrefs and scalars inside structured loops.

    %me = piuma.rank "thread" : index
    %old = piuma.atomic "add" %one, %counters[%k] : i64, memref<?xi64>        read-modify-write beside the memory
    piuma.reduce "fadd" %x, %values[%slot] : f64, memref<?xf64, …>            the same, posted: nothing comes back
    %ticket = piuma.dma_copy %to, %from, %count : memref<?xf64>, memref<?xf64>
    piuma.dma_wait %ticket

A transfer's address is a memref's first element: `piuma.view` moves it. What a name may be is in the tables below, each
checked against `runtime.isa`. Refused by the verifier: a name the machine does not have, element types it cannot transfer.
"""

from __future__ import annotations

from typing import Any, ClassVar

from xdsl.dialects import arith
from xdsl.dialects.builtin import IndexType, IntegerAttr, MemRefType, StringAttr, f64, i64
from xdsl.ir import Operation
from xdsl.irdl import IRDLOperation, operand_def, opt_operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from compiler.dialects.op_definition import op_definition
from runtime.isa import ISA
from runtime.isa_table import REDUCTIONS

RANKS = {
    "thread": "piuma.tid",
    "threads": "piuma.ntid",
    "block_thread": "piuma.btid",
    "block_threads": "piuma.nbtid",
    "block": "piuma.block",
    "blocks": "piuma.nblocks",
}
"""What a thread may ask about itself, and the instruction that answers."""

INTEGER_ATOMICS = ("swap", "add", "and", "or", "xor", "min", "max", "minu", "maxu")
FLOAT_ATOMICS = ("fadd", "fmin", "fmax")
WORD = 4
"""Bytes: what a copy by DMA moves is whole words."""
SCOPES = ("block", "all")
COMBINES = ("plustimes", "minplus", "pluspair", "or")

assert all(name in ISA for name in RANKS.values())
assert all(f"piuma.red{kind}.d" in ISA for kind in INTEGER_ATOMICS + FLOAT_ATOMICS)
assert all(f"piuma.dma.scaled.{kind}.i4" in ISA for kind in COMBINES)

_REF = MemRefType


def _check_name(op: Operation, name: StringAttr, known: tuple[str, ...] | dict[str, str]) -> None:
    if name.data not in known:
        raise VerifyException(f"`{op.name}` knows {', '.join(known)}; not `{name.data}`")


def element_bytes(ref: Any) -> int:
    """Size of a memref's element in memory; an i1 takes a byte."""
    kind = ref.element_type
    if isinstance(kind, IndexType):
        return 8
    return max(1, (kind.width.data if hasattr(kind, "width") else kind.bitwidth) // 8)


def _check_elements(op: Operation, ref: Any, sizes: tuple[int, ...]) -> None:
    if element_bytes(ref) not in sizes:
        raise VerifyException(
            f"`{op.name}` moves elements of {' or '.join(map(str, sizes))} bytes, not {ref.element_type}"
        )


# --- threads and places --------------------------------------------------------------------------------------------------------


@op_definition
class RankOp(IRDLOperation):
    """Who this thread is, or how many there are."""

    name = "piuma.rank"
    what = prop_def(StringAttr)
    result = result_def(IndexType)
    traits = traits_def(Pure())
    assembly_format = "$what attr-dict `:` type($result)"

    def verify_(self) -> None:
        _check_name(self, self.what, RANKS)


@op_definition
class ScratchpadOp(IRDLOperation):
    """The scratchpad from a byte offset on: the block's own, or another block's."""

    name = "piuma.scratchpad"
    offset = prop_def(IntegerAttr)
    block = opt_operand_def(IndexType)
    result = result_def(MemRefType)
    traits = traits_def(Pure())
    assembly_format = "$offset (`of` $block^)? attr-dict `:` type($result)"


@op_definition
class ViewOp(IRDLOperation):
    """The memref that begins at an element of another, perhaps read as another type."""

    name = "piuma.view"
    ref = operand_def(MemRefType)
    index = operand_def(IndexType)
    result = result_def(MemRefType)
    traits = traits_def(Pure())
    assembly_format = "$ref `[` $index `]` attr-dict `:` type($ref) `to` type($result)"


@op_definition
class CycleOp(IRDLOperation):
    """The cycle at which this is executed."""

    name = "piuma.cycle"
    result = result_def(i64)
    assembly_format = "attr-dict `:` type($result)"


@op_definition
class MarkOp(IRDLOperation):
    """A note in the trace."""

    name = "piuma.mark"
    number = prop_def(IntegerAttr)
    assembly_format = "$number attr-dict"


@op_definition
class StopOp(IRDLOperation):
    """The program found itself wrong: stop the machine."""

    name = "piuma.stop"
    assembly_format = "attr-dict"


# --- atomics -------------------------------------------------------------------------------------------------------------------


@op_definition
class AtomicOp(IRDLOperation):
    """Read, combine and write beside the memory; the old value comes back."""

    name = "piuma.atomic"
    kind = prop_def(StringAttr)
    value = operand_def()
    ref = operand_def(MemRefType)
    index = operand_def(IndexType)
    result = result_def()
    assembly_format = (
        "$kind $value `,` $ref `[` $index `]` attr-dict `:` type($value) `,` type($ref) `->` type($result)"
    )

    def verify_(self) -> None:
        _check_name(self, self.kind, FLOAT_ATOMICS if self.value.type == f64 else INTEGER_ATOMICS)
        _check_elements(self, self.ref.type, (4, 8))


@op_definition
class ReduceOp(IRDLOperation):
    """The same, posted: the thread goes on, and `piuma.fence` waits for it."""

    name = "piuma.reduce"
    kind = prop_def(StringAttr)
    value = operand_def()
    ref = operand_def(MemRefType)
    index = operand_def(IndexType)
    assembly_format = "$kind $value `,` $ref `[` $index `]` attr-dict `:` type($value) `,` type($ref)"

    def verify_(self) -> None:
        _check_name(self, self.kind, FLOAT_ATOMICS if self.value.type == f64 else INTEGER_ATOMICS)
        _check_elements(self, self.ref.type, (4, 8))


@op_definition
class CompareSwapOp(IRDLOperation):
    """Write `new` if `expected` is there; the old value comes back."""

    name = "piuma.compare_swap"
    expected = operand_def()
    new = operand_def()
    ref = operand_def(MemRefType)
    index = operand_def(IndexType)
    result = result_def()
    assembly_format = (
        "$expected `,` $new `,` $ref `[` $index `]` attr-dict"
        " `:` type($expected) `,` type($new) `,` type($ref) `->` type($result)"
    )

    def verify_(self) -> None:
        _check_elements(self, self.ref.type, (4, 8))


# --- transfers -----------------------------------------------------------------------------------------------------------------


@op_definition
class DmaCopyOp(IRDLOperation):
    """Copy `count` elements.

    The machine moves whole words of four bytes, so elements that are smaller need a count that is known to fill words.
    """

    name = "piuma.dma_copy"
    to = operand_def(MemRefType)
    source = operand_def(MemRefType)
    count = operand_def(IndexType)
    ticket = result_def(i64)
    assembly_format = "$to `,` $source `,` $count attr-dict `:` type($to) `,` type($source) `->` type($ticket)"

    def verify_(self) -> None:
        if element_bytes(self.to.type) != element_bytes(self.source.type):
            raise VerifyException("a copy changes the size of elements")
        if not self._moves_words():
            raise VerifyException(
                f"a copy of {8 * element_bytes(self.to.type)}-bit elements must be of a constant number that fills words of 4 bytes"
            )

    def _moves_words(self) -> bool:
        size = element_bytes(self.to.type)
        if size % WORD == 0:
            return True
        constant = self.count.owner
        if not isinstance(constant, arith.ConstantOp) or not isinstance(constant.value, IntegerAttr):
            return False
        return constant.value.value.data * size % WORD == 0


@op_definition
class DmaGatherOp(IRDLOperation):
    """`to[i] = source[indices[i]]` for i below `count`."""

    name = "piuma.dma_gather"
    to = operand_def(MemRefType)
    source = operand_def(MemRefType)
    indices = operand_def(MemRefType)
    count = operand_def(IndexType)
    ticket = result_def(i64)
    assembly_format = (
        "$to `,` $source `,` $indices `,` $count attr-dict"
        " `:` type($to) `,` type($source) `,` type($indices) `->` type($ticket)"
    )

    def verify_(self) -> None:
        _check_elements(self, self.to.type, (4, 8))
        _check_elements(self, self.indices.type, (4, 8))


@op_definition
class DmaScatterOp(IRDLOperation):
    """`to[indices[i]] = source[i]` for i below `count`."""

    name = "piuma.dma_scatter"
    to = operand_def(MemRefType)
    indices = operand_def(MemRefType)
    source = operand_def(MemRefType)
    count = operand_def(IndexType)
    ticket = result_def(i64)
    assembly_format = (
        "$to `,` $indices `,` $source `,` $count attr-dict"
        " `:` type($to) `,` type($indices) `,` type($source) `->` type($ticket)"
    )

    def verify_(self) -> None:
        _check_elements(self, self.to.type, (4, 8))
        _check_elements(self, self.indices.type, (4, 8))


@op_definition
class DmaInitOp(IRDLOperation):
    """`to[i] = value` for i below `count`."""

    name = "piuma.dma_init"
    to = operand_def(MemRefType)
    value = operand_def()
    count = operand_def(IndexType)
    ticket = result_def(i64)
    assembly_format = "$to `,` $value `,` $count attr-dict `:` type($to) `,` type($value) `->` type($ticket)"

    def verify_(self) -> None:
        _check_elements(self, self.to.type, (4, 8))


@op_definition
class DmaSetBitsOp(IRDLOperation):
    """Set bit `indices[i]` of a bitmap for i below `count`."""

    name = "piuma.dma_set_bits"
    bitmap = operand_def(MemRefType)
    indices = operand_def(MemRefType)
    count = operand_def(IndexType)
    ticket = result_def(i64)
    assembly_format = (
        "$bitmap `,` $indices `,` $count attr-dict `:` type($bitmap) `,` type($indices) `->` type($ticket)"
    )

    def verify_(self) -> None:
        _check_elements(self, self.indices.type, (4, 8))


@op_definition
class DmaScaledOp(IRDLOperation):
    """Combine a scaled row into scattered places: `to[indices[i]] += factor * source[i]` and its kin (`COMBINES`)."""

    name = "piuma.dma_scaled"
    combine = prop_def(StringAttr)
    to = operand_def(MemRefType)
    indices = operand_def(MemRefType)
    source = operand_def(MemRefType)
    count = operand_def(IndexType)
    factor = operand_def(f64)
    ticket = result_def(i64)
    assembly_format = (
        "$combine $to `,` $indices `,` $source `,` $count `,` $factor attr-dict"
        " `:` type($to) `,` type($indices) `,` type($source) `,` type($factor) `->` type($ticket)"
    )

    def verify_(self) -> None:
        _check_name(self, self.combine, COMBINES)
        _check_elements(self, self.to.type, (8,))
        _check_elements(self, self.indices.type, (4, 8))


@op_definition
class DmaWaitOp(IRDLOperation):
    """Wait until a transfer is complete."""

    name = "piuma.dma_wait"
    ticket = operand_def(i64)
    assembly_format = "$ticket attr-dict `:` type($ticket)"


# --- queues and collectives ----------------------------------------------------------------------------------------------------


@op_definition
class QueuePushOp(IRDLOperation):
    """Append to a queue of the block; wait while it is full."""

    name = "piuma.queue_push"
    queue = operand_def(IndexType)
    value = operand_def(i64)
    assembly_format = "$queue `,` $value attr-dict `:` type($value)"


@op_definition
class QueuePopOp(IRDLOperation):
    """Take the oldest entry; wait while there is none."""

    name = "piuma.queue_pop"
    queue = operand_def(IndexType)
    result = result_def(i64)
    assembly_format = "$queue attr-dict `:` type($result)"


@op_definition
class QueueTryPopOp(IRDLOperation):
    """Take the oldest entry, or -1."""

    name = "piuma.queue_try_pop"
    queue = operand_def(IndexType)
    result = result_def(i64)
    assembly_format = "$queue attr-dict `:` type($result)"


@op_definition
class BarrierOp(IRDLOperation):
    """Wait for every live thread of the scope; what they posted before is not waited for."""

    name = "piuma.barrier"
    scope = prop_def(StringAttr)
    assembly_format = "$scope attr-dict"

    def verify_(self) -> None:
        _check_name(self, self.scope, SCOPES)


@op_definition
class CollectiveOp(IRDLOperation):
    """A reduction over the live threads of the scope; every one gets the result."""

    name = "piuma.collective"
    kind = prop_def(StringAttr)
    scope = prop_def(StringAttr)
    value = operand_def()
    result = result_def()
    assembly_format = "$kind $scope $value attr-dict `:` type($value) `->` type($result)"
    KINDS: ClassVar = REDUCTIONS[1:]

    def verify_(self) -> None:
        _check_name(self, self.scope, SCOPES)
        _check_name(self, self.kind, self.KINDS)


@op_definition
class FenceOp(IRDLOperation):
    """Wait until this thread's posted stores and reductions are in memory."""

    name = "piuma.fence"
    assembly_format = "attr-dict"


@op_definition
class InvalidateOp(IRDLOperation):
    """Drop every line of this pipeline's L1."""

    name = "piuma.invalidate"
    assembly_format = "attr-dict"


OPS = (
    *(RankOp, ScratchpadOp, ViewOp, CycleOp, MarkOp, StopOp),
    *(AtomicOp, ReduceOp, CompareSwapOp),
    *(DmaCopyOp, DmaGatherOp, DmaScatterOp, DmaInitOp, DmaSetBitsOp, DmaScaledOp, DmaWaitOp),
    *(QueuePushOp, QueuePopOp, QueueTryPopOp, BarrierOp, CollectiveOp, FenceOp, InvalidateOp),
)
"""Every op of this file."""

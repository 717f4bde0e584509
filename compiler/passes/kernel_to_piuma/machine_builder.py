"""The loop builder with the machine's own operations: what the lowerings of this folder write with.

b = MachineBuilder(block, location)
table = b.scratchpad(0, i64)                              memref<?xi64, #piuma.memory<scratchpad>>
old = b.compare_swap(table, slot, b.constant(0, i64), key)
b.reduce("fadd", sums, slot, product)                     posted
ticket = b.dma_copy(b.view(out, at), tags, count)
b.wait(ticket)
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects import memref
from xdsl.dialects.builtin import IntegerAttr, StringAttr, f64, i64
from xdsl.ir import Attribute

from compiler.dialects.piuma import ops
from compiler.dialects.piuma.memory import SCRATCHPAD
from compiler.passes.loops.build import LoopBuilder, array, element_of
from compiler.passes.loops.values import INDEX, Operand, Value


def _number(value: int) -> IntegerAttr[Any]:
    return IntegerAttr(value, i64)


class MachineBuilder(LoopBuilder):
    """Writes loops for the machine."""

    # --- who and where ------------------------------------------------------------------------------------------------------

    def rank(self, what: str) -> Value:
        """`thread`, `threads`, `block_thread`, `block_threads`, `block` or `blocks`, as an index."""
        return self.write(ops.RankOp(properties={"what": StringAttr(what)}, result_types=[INDEX]))

    def scratchpad(self, offset: int, element: Attribute, block: Value | None = None) -> Value:
        """The scratchpad from a byte offset on; of another block when one is named."""
        operands = [[block.ssa] if block else []]
        kind = array(element, SCRATCHPAD)
        return self.write(
            ops.ScratchpadOp(operands=operands, properties={"offset": _number(offset)}, result_types=[kind])
        )

    def view(self, ref: Value, at: Operand, element: Attribute | None = None) -> Value:
        """The memref that begins at an element of another, perhaps read as another type."""
        kind: Any = ref.type
        result = array(element or element_of(ref), kind.memory_space)
        return self.write(ops.ViewOp(operands=[ref.ssa, self._position(at)], result_types=[result]))

    def address(self, ref: Value) -> Value:
        """Where a memref begins, in bytes: for comparing two that walk through the same memory."""
        return self.write(memref.ExtractAlignedPointerAsIndexOp.get(ref.ssa))

    def mark(self, number: int) -> None:
        """A note in the trace."""
        self.write_all(ops.MarkOp(properties={"number": _number(number)}))

    # --- atomics ------------------------------------------------------------------------------------------------------------

    def atomic(self, kind: str, ref: Value, at: Operand, value: Operand) -> Value:
        """Read-modify-write beside the memory; the old value."""
        operand = self._element(ref, value)
        op = ops.AtomicOp(
            operands=[operand.ssa, ref.ssa, self._position(at)],
            properties={"kind": StringAttr(kind)},
            result_types=[operand.type],
        )
        return self.write(op)

    def reduce(self, kind: str, ref: Value, at: Operand, value: Operand) -> None:
        """The same, posted."""
        operand = self._element(ref, value)
        self.write_all(
            ops.ReduceOp(
                operands=[operand.ssa, ref.ssa, self._position(at)],
                properties={"kind": StringAttr(kind)},
            )
        )

    def compare_swap(self, ref: Value, at: Operand, expected: Operand, new: Operand) -> Value:
        """Write `new` if `expected` is there; the old value."""
        old, fresh = self._element(ref, expected), self._element(ref, new)
        operands = [old.ssa, fresh.ssa, ref.ssa, self._position(at)]
        return self.write(ops.CompareSwapOp(operands=operands, result_types=[fresh.type]))

    def _element(self, ref: Value, value: Operand) -> Value:
        element = element_of(ref)
        if not isinstance(value, Value):
            return self.constant(value, element)
        return value.to(element) if value.type == INDEX else value

    # --- transfers ----------------------------------------------------------------------------------------------------------

    def dma_copy(self, to: Value, source: Value, count: Operand) -> Value:
        """Copy elements; the ticket to `wait` for."""
        return self.write(ops.DmaCopyOp(operands=[to.ssa, source.ssa, self._position(count)], result_types=[i64]))

    def dma_gather(self, to: Value, source: Value, indices: Value, count: Operand) -> Value:
        """`to[i] = source[indices[i]]`."""
        operands = [to.ssa, source.ssa, indices.ssa, self._position(count)]
        return self.write(ops.DmaGatherOp(operands=operands, result_types=[i64]))

    def dma_scatter(self, to: Value, indices: Value, source: Value, count: Operand) -> Value:
        """`to[indices[i]] = source[i]`."""
        operands = [to.ssa, indices.ssa, source.ssa, self._position(count)]
        return self.write(ops.DmaScatterOp(operands=operands, result_types=[i64]))

    def dma_init(self, to: Value, value: Operand, count: Operand) -> Value:
        """`to[i] = value`."""
        operands = [to.ssa, self._element(to, value).ssa, self._position(count)]
        return self.write(ops.DmaInitOp(operands=operands, result_types=[i64]))

    def dma_set_bits(self, bitmap: Value, indices: Value, count: Operand) -> Value:
        """Set bit `indices[i]`."""
        operands = [bitmap.ssa, indices.ssa, self._position(count)]
        return self.write(ops.DmaSetBitsOp(operands=operands, result_types=[i64]))

    def dma_scaled(
        self, combine: str, to: Value, indices: Value, source: Value, count: Operand, factor: Value
    ) -> Value:
        """`to[indices[i]] += factor * source[i]`, or as `combine` says."""
        assert factor.type == f64
        operands = [to.ssa, indices.ssa, source.ssa, self._position(count), factor.ssa]
        op = ops.DmaScaledOp(operands=operands, properties={"combine": StringAttr(combine)}, result_types=[i64])
        return self.write(op)

    def wait(self, ticket: Value) -> None:
        """Until a transfer is complete."""
        self.write_all(ops.DmaWaitOp(operands=[ticket.ssa]))

    # --- queues and collectives ---------------------------------------------------------------------------------------------

    def queue_push(self, queue: Operand, value: Value) -> None:
        """Append; waits while the queue is full."""
        self.write_all(ops.QueuePushOp(operands=[self._position(queue), value.to(i64).ssa]))

    def queue_pop(self, queue: Operand) -> Value:
        """Take the oldest entry; waits while there is none."""
        return self.write(ops.QueuePopOp(operands=[self._position(queue)], result_types=[i64]))

    def queue_try_pop(self, queue: Operand) -> Value:
        """Take the oldest entry, or -1."""
        return self.write(ops.QueueTryPopOp(operands=[self._position(queue)], result_types=[i64]))

    def barrier(self, scope: str = "block") -> None:
        """All threads of the block, or of the machine (`all`)."""
        self.write_all(ops.BarrierOp(properties={"scope": StringAttr(scope)}))

    def collective(self, kind: str, value: Value, scope: str = "block") -> Value:
        """A reduction over all threads: `add`, `min`, `max`, `or`, `fadd`, `fmin`, `fmax`."""
        properties = {"kind": StringAttr(kind), "scope": StringAttr(scope)}
        return self.write(ops.CollectiveOp(operands=[value.ssa], properties=properties, result_types=[value.type]))

    def fence(self) -> None:
        """Until this thread's posted stores and reductions are in memory."""
        self.write_all(ops.FenceOp())

    def invalidate(self) -> None:
        """Drop the pipeline's L1."""
        self.write_all(ops.InvalidateOp())

"""Instructions for the machine's own operations."""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import AnyFloat
from xdsl.ir import Operation, SSAValue

from compiler.dialects.piuma import ops
from compiler.dialects.piuma.memory import SPAD_BASE, SPAD_GLOBAL_BASE, SPAD_GLOBAL_SHIFT
from compiler.dialects.piuma.ops import RANKS, element_bytes
from compiler.passes.loops.values import width_of
from compiler.passes.loops_to_piuma.select_memory import exact_address
from compiler.passes.loops_to_piuma.selection import Selection

_PLAIN: dict[type[Operation], str] = {
    ops.CycleOp: "piuma.cycle",
    ops.StopOp: "ebreak",
    ops.DmaWaitOp: "piuma.dma.wait",
    ops.QueuePushOp: "piuma.qpush",
    ops.QueuePopOp: "piuma.qpop",
    ops.QueueTryPopOp: "piuma.qtrypop",
    ops.FenceOp: "piuma.fence",
    ops.InvalidateOp: "piuma.inv",
}
"""Ops that are an instruction on their operands."""


def select_machine(s: Selection, op: Operation) -> bool:
    """Select an op of this file; whether it is one."""
    match op:
        case ops.RankOp():
            s.bind(op.result, s.code.once(RANKS[op.what.data]))
        case ops.ScratchpadOp():
            s.bind(op.result, _scratchpad(s, op))
        case ops.ViewOp():
            s.bind(op.result, _view(s, op))
        case ops.MarkOp():
            s.code.effect("piuma.mark", (), _data(op.number))
        case ops.BarrierOp():
            s.code.effect(f"piuma.barrier.{op.scope.data}")
        case ops.CollectiveOp():
            mnemonic = f"piuma.reduce.{op.kind.data}.{op.scope.data}"
            s.bind(op.result, s.code.do(mnemonic, [s.register(op.value)]))
        case ops.AtomicOp() | ops.ReduceOp():
            _atomic(s, op)
        case ops.CompareSwapOp():
            at = exact_address(s, op.ref, op.index)
            sources = [at, s.register(op.expected), s.register(op.new)]
            s.bind(op.result, s.code.do(f"piuma.cas.{_letter(op.ref)}", sources))
        case _ if type(op) in _PLAIN:
            _plain(s, op)
        case _:
            return _transfer(s, op)
    return True


def _data(attribute: Any) -> int:
    return attribute.value.data


def _letter(ref: SSAValue) -> str:
    return {8: "d", 4: "w"}[element_bytes(ref.type)]


def _plain(s: Selection, op: Operation) -> None:
    mnemonic, sources = _PLAIN[type(op)], s.registers(op.operands)
    if op.results:
        s.bind(op.results[0], s.code.do(mnemonic, sources))
    else:
        s.code.effect(mnemonic, sources)


def _scratchpad(s: Selection, op: ops.ScratchpadOp) -> SSAValue:
    offset = _data(op.offset)
    if op.block is None:
        return s.code.number(SPAD_BASE + offset)
    shifted = s.code.emit("slli", [s.register(op.block)], SPAD_GLOBAL_SHIFT)
    return s.code.emit("add", [shifted, s.code.number(SPAD_GLOBAL_BASE + offset)])


def _view(s: Selection, op: ops.ViewOp) -> SSAValue:
    return exact_address(s, op.ref, op.index)


def _atomic(s: Selection, op: ops.AtomicOp | ops.ReduceOp) -> None:
    at, value = exact_address(s, op.ref, op.index), s.register(op.value)
    mnemonic = f"piuma.{'amo' if isinstance(op, ops.AtomicOp) else 'red'}{op.kind.data}.{_letter(op.ref)}"
    if isinstance(op, ops.AtomicOp):
        s.bind(op.result, s.code.do(mnemonic, [at, value]))
    else:
        s.code.effect(mnemonic, [at, value])


def _transfer(s: Selection, op: Operation) -> bool:
    match op:
        case ops.DmaCopyOp():
            size = element_bytes(op.to.type)
            count = s.register(op.count)
            length = s.code.emit("slli", [count], size.bit_length() - 1) if size > 1 else count
            mnemonic, sources = "copy", [s.register(op.to), s.register(op.source), length]
        case ops.DmaGatherOp():
            mnemonic = f"gather.{_letter(op.to)}.{_index(op.indices)}"
            sources = s.registers([op.to, op.source, op.indices, op.count])
        case ops.DmaScatterOp():
            mnemonic = f"scatter.{_letter(op.to)}.{_index(op.indices)}"
            sources = s.registers([op.to, op.indices, op.source, op.count])
        case ops.DmaInitOp():
            mnemonic, sources = f"init.{_letter(op.to)}", [s.register(op.to), _bits(s, op.value), s.register(op.count)]
        case ops.DmaSetBitsOp():
            mnemonic, sources = f"setbits.{_index(op.indices)}", s.registers([op.bitmap, op.indices, op.count])
        case ops.DmaScaledOp():
            mnemonic = f"scaled.{op.combine.data}.{_index(op.indices)}"
            sources = s.registers([op.to, op.indices, op.source, op.count, op.factor])
        case _:
            return False
    s.bind(op.results[0], s.code.do(f"piuma.dma.{mnemonic}", sources))
    return True


def _index(indices: SSAValue) -> str:
    return f"i{element_bytes(indices.type)}"


def _bits(s: Selection, value: SSAValue) -> SSAValue:
    register = s.register(value)
    if not isinstance(value.type, AnyFloat):
        return register
    return s.code.emit("fmv.x.d" if width_of(value.type) == 64 else "fmv.x.w", [register])

"""`lower-arithmetic`: a kernel of low-precision tensors becomes a function of the loop language.

    func.func @gemv(%x: tensor<64xsi8>, …) -> tensor<64xsi40>   becomes   func.func @compute(%x: memref<?xi8>, …, %r0: memref<?xi64>)

Operands come first, then results, then constants and room to work in, as they are asked for; `qarith.buffers` on the module says what is
what. Calls have been inlined. The schedule on the function is obeyed, and taken off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import IndexType, IntegerAttr, ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue

from compiler.dialects.qarith_integer import GeluOp, LayerNormOp, SoftmaxOp
from compiler.dialects.qarith_linear import BuildTablesOp, LookupOp, MatmulOp, ReduceOp
from compiler.dialects.qarith_ops import element, shape_of
from compiler.dialects.qarith_rounding import CastOp
from compiler.dialects.schedules.arithmetic import (
    ArithmeticSchedule,
    CpuArithmetic,
    PiumaArithmetic,
    schedule_of,
)
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import INDEX
from compiler.passes.qarith_to_loops.buffers import note_buffers
from compiler.passes.qarith_to_loops.elementwise import is_elementwise
from compiler.passes.qarith_to_loops.groups import Group
from compiler.passes.qarith_to_loops.lookups import LookupWriter
from compiler.passes.qarith_to_loops.lowering import Lowering, Place
from compiler.passes.qarith_to_loops.rows import write_layer_norm, write_shift_gelu, write_softmax
from compiler.passes.qarith_to_loops.sharing import Alone, MachineBlock, Sharing, Team
from compiler.passes.qarith_to_loops.storage import container
from compiler.passes.qarith_to_loops.sums import write_matmul, write_reduce


@dataclass(frozen=True, slots=True)
class LowerArithmetic:
    """Tensors to loops; `scratchpad_bytes` of the machine, where that is the target."""

    scratchpad_bytes: int = 4 << 20
    name: ClassVar[str] = "lower-arithmetic"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        (function,) = [each for each in op.ops if isinstance(each, func.FuncOp)]
        schedule = schedule_of(function)
        assert schedule is not None, "a kernel is scheduled before it is lowered"
        low = _lower(op, function, schedule, self.scratchpad_bytes)
        note_buffers(op, low.buffers)
        function.detach()
        function.erase()


def _lower(module: ModuleOp, function: func.FuncOp, schedule: ArithmeticSchedule, scratchpad: int) -> Lowering:
    entry = Block()
    b, sharing = _pen(entry, function, schedule)
    low = Lowering(b, sharing, function, schedule, entry, scratchpad)
    low.start()
    _Body(low).write(function.body.block, {})
    _write_results(low)
    b.return_()
    name = "main" if isinstance(schedule, PiumaArithmetic) else "compute"
    made = func.FuncOp(name, (list(entry.arg_types), []), Region(entry))
    made.location = function.location
    module.body.block.insert_op_before(made, function)
    return low


def _pen(entry: Block, function: func.FuncOp, schedule: ArithmeticSchedule) -> tuple[LoopBuilder, Sharing]:
    if isinstance(schedule, PiumaArithmetic):
        machine = MachineBuilder(entry, function.location)
        return machine, MachineBlock(
            machine.rank("block_thread"), machine.rank("block_threads"), schedule.threads, schedule.deal
        )
    b = LoopBuilder(entry, function.location)
    if isinstance(schedule, CpuArithmetic) and schedule.threads > 1:
        return b, Team(schedule.threads, schedule.grain)
    return b, Alone()


def _write_results(low: Lowering) -> None:
    """What is given back and stands elsewhere is copied: operands, what time loops carry, and what is given back twice."""
    leave = low.function.body.block.last_op
    assert isinstance(leave, func.ReturnOp)
    for value, wanted in zip(leave.arguments, low.result_places, strict=True):
        found = low.place(value)
        if found.ref.ssa is not wanted.ref.ssa:
            copy(low, found, wanted, prod(shape_of(value)))


def copy(low: Lowering, source: Place, target: Place, count: int) -> None:
    """Element by element, by all threads."""
    with low.shared(count, 1) as index:
        target.store(source.load(index), index)


@dataclass(slots=True)
class _Body:
    """A block of tensor ops, in order."""

    low: Lowering
    _lookups: LookupWriter = field(init=False)

    def __post_init__(self) -> None:
        self._lookups = LookupWriter(self.low)

    def write(self, block: Block, carried: Mapping[SSAValue, SSAValue]) -> None:
        """All but the terminator."""
        group = Group(self.low)
        for op in block.ops:
            if op is block.last_op:
                break
            if self._scalar(op) or self._renames(op, group):
                continue
            if is_elementwise(op):
                if not group.takes(op):
                    group.write(carried)
                group.ops.append(op)
                continue
            group.write(carried)
            self._one(op)
        group.write(carried)

    def _scalar(self, op: Operation) -> bool:
        """Numbers of type index; constants are written where they are used."""
        if not op.results or not isinstance(op.results[0].type, IndexType):
            return isinstance(op, arith.ConstantOp)
        low, result = self.low, op.results[0]
        match op:
            case arith.ConstantOp():
                assert isinstance(op.value, IntegerAttr)
                value: Any = op.value
                low.scalars[result] = low.b.constant(value.value.data, INDEX)
            case arith.AddiOp():
                low.scalars[result] = low.scalar(op.lhs) + low.scalar(op.rhs)
            case arith.MuliOp():
                low.scalars[result] = low.scalar(op.lhs) * low.scalar(op.rhs)
            case _:
                return False
        return True

    def _renames(self, op: Operation, group: Group) -> bool:
        """A cast that leaves the bits alone: the same place, under another type."""
        if not isinstance(op, CastOp) or op.x.owner in group.ops or op.x not in self.low.places:
            return False
        if container(element(op.x)) != container(element(op.result)) or op.result in self.low.results:
            return False
        found = self.low.places[op.x]
        self.low.places[op.result] = Place(self.low.b, found.ref, element(op.result))
        return True

    def _one(self, op: Operation) -> None:
        match op:
            case SoftmaxOp():
                write_softmax(self.low, op)
            case GeluOp():
                write_shift_gelu(self.low, op)
            case LayerNormOp():
                write_layer_norm(self.low, op)
            case MatmulOp():
                write_matmul(self.low, op)
            case ReduceOp():
                write_reduce(self.low, op)
            case BuildTablesOp():
                self._lookups.tables.build(op)
            case LookupOp():
                self._lookups.write(op)
            case scf.ForOp():
                self._time_loop(op)
            case _:
                raise AssertionError(f"{op.name} has no loops")

    def _time_loop(self, op: scf.ForOp) -> None:
        """What is carried has one place; a step that ends writes its results there."""
        low, block = self.low, op.body.block
        counter, *inside = block.args
        places = [self._carried(start, result) for start, result in zip(op.iter_args, op.res, strict=True)]
        low.places.update(zip(inside, places, strict=True))
        low_, high, step = (low.scalar(each) for each in (op.lb, op.ub, op.step))
        end = block.last_op
        assert isinstance(end, scf.YieldOp)
        with low.b.range(low_, high, step) as loop:
            low.scalars[counter] = loop.index
            self.write(block, _in_place(end, inside))
            self._carry(end, places)
        low.places.update(zip(op.res, places, strict=True))

    def _carried(self, start: SSAValue, result: SSAValue) -> Place:
        """A place with the first value."""
        low = self.low
        native = not isinstance(low.b, MachineBuilder)  # the machine carries in its scratchpad what the result is not
        place = low.new_place(result) if native else _room_for(low, result)
        copy(low, low.place(start), place, prod(shape_of(result)))
        return place

    def _carry(self, end: scf.YieldOp, places: list[Place]) -> None:
        """All at once: what is read from another's place is copied first."""
        low = self.low
        moves = [
            (value, low.place(value), to)
            for value, to in zip(end.arguments, places, strict=True)
            if low.place(value).ref.ssa is not to.ref.ssa
        ]
        held = {to.ref.ssa for to in places}
        ready: list[tuple[SSAValue, Place, Place]] = []
        for value, source, to in moves:
            if source.ref.ssa in held:
                kept = _room_for(low, value)
                copy(low, source, kept, prod(shape_of(value)))
                source = kept
            ready.append((value, source, to))
        for value, source, to in ready:
            copy(low, source, to, prod(shape_of(value)))


def _room_for(low: Lowering, value: SSAValue) -> Place:
    of = element(value)
    return Place(low.b, low.room(container(of), prod(shape_of(value))).ref, of)


def _in_place(end: scf.YieldOp, inside: Sequence[SSAValue]) -> dict[SSAValue, SSAValue]:
    """Values yielded once that might be written where the step's own value stands: by their new value, the old one."""
    yielded = list(end.arguments)
    return {
        value: old
        for value, old in zip(yielded, inside, strict=True)
        if yielded.count(value) == 1 and old not in yielded and not _is_renamed(old)
    }


def _is_renamed(value: SSAValue) -> bool:
    return any(isinstance(use.operation, CastOp) for use in value.uses)

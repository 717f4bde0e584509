"""A kernel of tensors while it becomes loops: where each tensor is, who does what, and what the kernel takes.

    x, y = low.place(op.x), low.new_place(op.result)
    with low.shared(rows, work) as row:                     the threads' shares; afterwards all see what was written
        y.store(x.load(row), row)

A tensor is an array of its element's container (`storage.py`). One that the kernel gives back is made where the caller wants it;
the others get room of their own, in the scratchpad where there is one and it has space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, field
from math import prod
from typing import Any

from xdsl.dialects import arith, func
from xdsl.dialects.builtin import AnyFloat, IndexType, IntegerType, i8, i64
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue

from compiler.arithmetic.lookup import Codes, Nibbles
from compiler.dialects.piuma.memory import CACHED, UNCACHED
from compiler.dialects.qarith_ops import element, shape_of
from compiler.dialects.qarith_types import Element, Integer
from compiler.dialects.rust_keywords import RESERVED as RUST_WORDS
from compiler.dialects.schedules.arithmetic import ArithmeticSchedule, PiumaArithmetic
from compiler.passes.kernel_to_piuma.machine_builder import MachineBuilder
from compiler.passes.kernel_to_piuma.scratchpad import STACKS, Plan
from compiler.passes.loops.build import LoopBuilder, array, element_of
from compiler.passes.loops.values import INDEX, Value, width_of
from compiler.passes.qarith_to_loops.buffers import Buffer, Role
from compiler.passes.qarith_to_loops.elementwise import numbers_of, splat_of
from compiler.passes.qarith_to_loops.rounding import key_of
from compiler.passes.qarith_to_loops.sharing import MachineBlock, Sharing
from compiler.passes.qarith_to_loops.storage import container, load, store

_LINE = 64
"""Bytes: what the scratchpad's areas begin at, and DMA moves at a time."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OURS = re.compile(r"([rtc]|operand|.*_planes|.*_groups|.*_nibbles)\d+|.*_\d+")
"""Names that are given here; a number after `_` is no part of a name in MLIR."""
_C_WORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return"
    " short signed sizeof static struct switch typedef union unsigned void volatile while bool true false main compute"
    " look_up u8x32 u16x16 u32x8".split()
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor is."""

    b: LoopBuilder
    ref: Value
    of: Element | None
    """None: containers that hold words as they are."""

    @property
    def element(self) -> Attribute:
        """The container."""
        return element_of(self.ref)

    def load(self, at: Value | int) -> Value:
        """An element as a double or a word."""
        if self.of is None:
            value = self.b.load(self.ref, at)
            return value if value.is_float or value.width == 64 else value.to(i64)
        return load(self.b, self.ref, at, self.of)

    def store(self, value: Value, at: Value | int) -> None:
        store(self.b, value, self.ref, at)


@dataclass(slots=True)
class Lowering:
    """The kernel under construction."""

    b: LoopBuilder
    sharing: Sharing
    function: func.FuncOp
    """The kernel of tensors."""
    schedule: ArithmeticSchedule
    entry: Block
    """The block of the loops, whose arguments are the parameters."""
    scratchpad: int = 0
    """Bytes of scratchpad that may be used."""
    buffers: list[Buffer] = field(default_factory=list[Buffer])
    places: dict[SSAValue, Place] = field(default_factory=dict[SSAValue, Place])
    scalars: dict[SSAValue, Value] = field(default_factory=dict[SSAValue, Value])
    results: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    """Tensors that can be made where the caller wants them, with the number of the result."""
    result_places: list[Place] = field(default_factory=list[Place])
    plan: Plan = field(default_factory=Plan)
    _planes: dict[tuple[int, Codes | Nibbles], Value] = field(default_factory=dict[tuple[int, Codes | Nibbles], Value])

    # --- parameters ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The kernel's own parameters, and a place for each result."""
        for at, argument in enumerate(self.function.body.block.args):
            name = self._name(argument, f"operand{at}")
            if isinstance(argument.type, IndexType):
                self.scalars[argument] = self._parameter(Buffer(name, Role.OPERAND, at, "index", -1), INDEX)
            else:
                self.places[argument] = self._array(name, Role.OPERAND, at, element(argument), shape_of(argument))
        leave = self.function.body.block.last_op
        assert isinstance(leave, func.ReturnOp)
        for at, value in enumerate(leave.arguments):
            self.result_places.append(self._array(f"r{at}", Role.RESULT, at, element(value), shape_of(value)))
            self.results[value] = at

    def _name(self, argument: SSAValue, otherwise: str) -> str:
        hint = argument.name_hint or ""
        taken = {each.name for each in self.buffers}
        fits = _NAME.fullmatch(hint) and hint not in _C_WORDS and hint not in RUST_WORDS and hint not in taken
        return hint if fits and not _OURS.fullmatch(hint) else otherwise

    def _array(self, name: str, role: Role, number: int, of: Element, shape: Sequence[int]) -> Place:
        kind = container(of)
        space = CACHED if role is Role.OPERAND else UNCACHED
        ref = self._parameter(Buffer(name, role, number, str(kind), prod(shape)), self._array_type(kind, space))
        return Place(self.b, ref, of)

    def _array_type(self, kind: Attribute, space: Attribute) -> Attribute:
        return array(kind, space) if isinstance(self.b, MachineBuilder) else array(kind)

    def _parameter(self, buffer: Buffer, kind: Attribute) -> Value:
        self.buffers.append(buffer)
        entry = self.entry
        argument = entry.insert_arg(kind, len(entry.args))
        argument.name_hint = buffer.name
        return Value(argument, self.b)

    # --- tensors ------------------------------------------------------------------------------------------------------------

    def place(self, value: SSAValue) -> Place:
        """Where a tensor is; a constant gets a place when it is first asked for."""
        if value not in self.places:
            assert isinstance(value.owner, arith.ConstantOp), f"{value} has been made"
            self.places[value] = self._constant_place(value.owner)
        return self.places[value]

    def new_place(self, value: SSAValue) -> Place:
        """Room for a tensor that will be written now."""
        if value in self.results:
            found = self.result_places[self.results[value]]
        else:
            of = element(value)
            found = Place(self.b, self.room(container(of), prod(shape_of(value))).ref, of)
        self.places[value] = found
        return found

    def room(self, kind: Attribute, length: int) -> Place:
        """An array to work in."""
        size = length * width_of(kind) // 8
        if isinstance(self.b, MachineBuilder) and self.plan.used + size + 64 <= self.scratchpad - STACKS:
            return Place(self.b, self.b.scratchpad(self.plan.take(size), kind), None)
        number = sum(each.role is Role.ROOM for each in self.buffers)
        buffer = Buffer(f"t{number}", Role.ROOM, number, str(kind), length)
        return Place(self.b, self._parameter(buffer, self._array_type(kind, UNCACHED)), None)

    def memory(self, kind: Attribute, length: int) -> Place:
        """The same, never in the scratchpad."""
        taken, self.scratchpad = self.scratchpad, 0
        found = self.room(kind, length)
        self.scratchpad = taken
        return found

    def table(self, numbers: Sequence[float] | Sequence[int], kind: Attribute) -> Place:
        """An array of numbers that the kernel brings along."""
        assert isinstance(kind, AnyFloat) or all(isinstance(each, int) for each in numbers)
        number = sum(each.role is Role.CONSTANT for each in self.buffers)
        buffer = Buffer(f"c{number}", Role.CONSTANT, number, str(kind), len(numbers), tuple(numbers))
        return Place(self.b, self._parameter(buffer, self._array_type(kind, CACHED)), None)

    def _constant_place(self, op: arith.ConstantOp) -> Place:
        of = element(op.result)
        return Place(self.b, self.table(numbers_of(op), container(of)).ref, of)

    def planes(self, value: SSAValue, how: Codes) -> Place | None:
        """An operand of the kernel by the bits of its numbers; None for a matrix that the kernel itself computes."""
        if not self._is_operand(value):
            return None
        outputs, inputs = shape_of(value)
        form = f"_{'groups' if how.by_group else 'planes'}{how.group}"
        length = outputs * how.bits * (inputs // how.group)
        return self._in_bits(value, how, Role.PLANES, form, IntegerType(how.width), length)

    def nibbles(self, value: SSAValue, how: Nibbles) -> Place | None:
        """The same, as shuffles take it."""
        if not self._is_operand(value):
            return None
        outputs, inputs = shape_of(value)
        return self._in_bits(value, how, Role.NIBBLES, f"_nibbles{how.round}", i8, how.length(outputs, inputs))

    def _is_operand(self, value: SSAValue) -> bool:
        return isinstance(value, BlockArgument) and value.owner is self.function.body.block

    def _in_bits(
        self, value: SSAValue, how: Codes | Nibbles, role: Role, form: str, kind: IntegerType, length: int
    ) -> Place:
        """A parameter for an operand in another form, one for each form."""
        assert isinstance(value, BlockArgument)
        if (value.index, how) not in self._planes:
            same = sum(at == value.index for at, _ in self._planes)
            name = f"{self.buffers[value.index].name}{form}{'abcdefgh'[same - 1] if same else ''}"
            buffer = Buffer(name, role, value.index, str(kind), length, tuple(map(int, astuple(how))))
            self._planes[value.index, how] = self._parameter(buffer, self._array_type(kind, CACHED))
        return Place(self.b, self._planes[value.index, how], Integer(kind.width.data, False))

    def staged(self, source: Place, start: Value, length: int) -> tuple[Place, Value]:
        """Elements of an array that this thread reads one after another: where they are, and the number of the first.

        On the machine they are moved into room of the thread's own in the scratchpad, if the schedule wants that, there is space, and
        rows are whole words.
        """
        b, schedule = self.b, self.schedule
        if not isinstance(b, MachineBuilder) or not isinstance(schedule, PiumaArithmetic) or not schedule.staged:
            return source, start
        size = width_of(source.element) // 8
        if length * size % 8:  # DMA moves words, and every row must begin at one
            return source, start
        stride = -(-length * size // _LINE) * _LINE // size + 8 // size  # threads start in different banks
        if self.plan.used + schedule.threads * stride * size + _LINE > self.scratchpad - STACKS:
            return source, start
        assert isinstance(self.sharing, MachineBlock)
        room = self.room(source.element, schedule.threads * stride)
        own = b.view(room.ref, self.sharing.me * stride)
        b.wait(b.dma_copy(own, b.view(source.ref, start), length))
        return Place(b, own, source.of), b.index(0)

    def rest(self, source: Place, at: Value, start: int) -> tuple[Place, Value]:
        """The same elements, counted from a later one where that saves an addition for each."""
        if isinstance(self.b, MachineBuilder):
            return Place(self.b, self.b.view(source.ref, at + start), source.of), self.b.index(0)
        return source, at + start

    # --- numbers ------------------------------------------------------------------------------------------------------------

    def scalar(self, value: SSAValue) -> Value:
        """An index."""
        return self.scalars[value]

    def splat(self, value: SSAValue, kind: Attribute) -> Value | None:
        """The number that a constant tensor is full of."""
        number = splat_of(value.owner) if isinstance(value.owner, arith.ConstantOp) else None
        return None if number is None else self.b.constant(number, kind)

    def key_of(self, op: Operation) -> Value:
        """Where the counter of an op's random numbers starts in this step."""
        rounding: Any = getattr(op, "rounding")  # noqa: B009 - ops that draw have one
        step: SSAValue | None = getattr(op, "step", None)
        return key_of(self.b, rounding.data.stream, None if step is None else self.scalar(step))

    # --- threads ------------------------------------------------------------------------------------------------------------

    def shared(self, count: int, work: int) -> AbstractContextManager[Value]:
        """Rounds dealt out among the threads."""
        return self.sharing.shared(self.b, count, work)

"""What every part of instruction selection shares: which register holds a value of the loops.

A value of the loops has one register value in the code; an i32 is kept sign-extended, an i1 is 0 or 1, a memref is its
address. Values of type i1 are not computed where they stand but where they are asked for: a branch never asks, it compares.
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType, f32
from xdsl.ir import Attribute, Block, Operation, SSAValue

from compiler.dialects.piuma.isa import FLOAT, INT
from compiler.passes.loops.values import width_of
from compiler.passes.loops_to_piuma.code import Code

I12 = range(-2048, 2048)


def register_type(kind: Attribute) -> Any:
    """The register class of a value of the loops."""
    return FLOAT if isinstance(kind, AnyFloat) else INT


def is_flag(value: SSAValue) -> bool:
    """An i1."""
    kind: Attribute = value.type
    return isinstance(kind, IntegerType) and width_of(value.type) == 1


def suffix(kind: Attribute) -> str:
    """`d` or `s`: of floating-point instructions."""
    return "s" if kind == f32 else "d"


class Selection:
    """The code, and the registers of values."""

    def __init__(self, code: Code, stack_bytes: int = 0) -> None:
        self.code = code
        self.stack_bytes = stack_bytes
        self._values: dict[SSAValue, SSAValue] = {}
        self._aliases: dict[SSAValue, SSAValue] = {}

    def bind(self, value: SSAValue, register: SSAValue) -> None:
        """Say where a value is."""
        self._values[value] = register

    def alias(self, value: SSAValue, other: SSAValue) -> None:
        """Say that from here on a value is another one."""
        self._aliases[value] = other

    def resolve(self, value: SSAValue) -> SSAValue:
        """The value itself, behind aliases."""
        while value in self._aliases:
            value = self._aliases[value]
        return value

    def is_bound(self, value: SSAValue) -> bool:
        """Whether its register is known."""
        return self.resolve(value) in self._values

    def register(self, value: SSAValue) -> SSAValue:
        """The register of a value; a constant or an i1 is made now."""
        value = self.resolve(value)
        found = self._values.get(value)
        if found is not None:
            return found
        made = self._constant(value)
        if made is None:
            from compiler.passes.loops_to_piuma.select_flags import (
                materialize,
            )  # a flag is made of values, and a value of flags

            return materialize(self, value)
        return made

    def registers(self, values: Any) -> tuple[SSAValue, ...]:
        """Of several values."""
        return tuple(self.register(each) for each in values)

    def integer(self, value: SSAValue) -> int | None:
        """The number of an integer constant."""
        owner = self.resolve(value).owner
        if isinstance(owner, arith.IndexCastOp | arith.ExtSIOp):
            return self.integer(owner.operands[0])
        attribute: Any = owner.value if isinstance(owner, arith.ConstantOp) else None
        return attribute.value.data if isinstance(attribute, IntegerAttr) else None

    def definition(self, value: SSAValue) -> Operation | None:
        """The op that computes a value."""
        owner = self.resolve(value).owner
        return None if isinstance(owner, Block) else owner

    def small(self, value: SSAValue) -> int | None:
        """The number of a constant that fits an instruction."""
        number = self.integer(value)
        return number if number is not None and number in I12 else None

    def _constant(self, value: SSAValue) -> SSAValue | None:
        owner = value.owner
        if not isinstance(owner, arith.ConstantOp):
            return None
        attribute: Any = owner.value
        if isinstance(attribute, FloatAttr):
            return self._float(float(owner.value.value.data), value.type)  # pyright: ignore
        integer: int = owner.value.value.data  # pyright: ignore
        return self.code.number(abs(integer) if is_flag(value) else integer)

    def _float(self, number: float, kind: Attribute) -> SSAValue:
        import struct

        if kind == f32:
            (bits,) = struct.unpack("<i", struct.pack("<f", number))
            return self.code.once("fmv.w.x", [self.code.number(bits)])
        (bits,) = struct.unpack("<q", struct.pack("<d", number))
        return self.code.once("fmv.d.x", [self.code.number(bits)])

"""Values of the loop language: SSA values of `arith` with Python's operators.

    slot = (key * 0x9E3779B97F4A7C15) >> (64 - bits)      arith.muli, arith.shrui
    inside = (low <= i) & (i < high)                      arith.cmpi sle, slt, arith.andi
    total = inside.select(total + x, total)               arith.select

An operand that is a Python number becomes a constant of the other operand's type; i64 and index meet as index.
`//`, `%` and `>>` are unsigned, `<` and its kin signed (`ult` and `ule` are not), `==` is identity: use `eq`.

Refused by assertion: operands of two types; operators that a type does not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from xdsl.dialects import arith, math, vector
from xdsl.dialects.builtin import AnyFloat, IndexType, IntegerType, VectorType
from xdsl.ir import Attribute, Operation, SSAValue

INDEX = IndexType()


def width_of(kind: Attribute) -> int:
    """Bits of a scalar type; an index has 64."""
    scalar: Any = kind
    if isinstance(kind, IndexType):
        return 64
    assert isinstance(kind, IntegerType | AnyFloat), f"{kind} has no width"
    return scalar.width.data if isinstance(kind, IntegerType) else scalar.bitwidth


class Pen(Protocol):
    """What writes an op where the builder stands."""

    def write(self, op: Operation) -> Value: ...

    def constant(self, number: float, kind: Attribute) -> Value: ...


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One SSA value, and the pen that writes what is computed from it."""

    ssa: SSAValue
    pen: Pen

    @property
    def type(self) -> Attribute:
        """`index`, `i1` to `i64`, `f32`, `f64`, a vector of integers or a memref."""
        return self.ssa.type

    @property
    def is_float(self) -> bool:
        """Of a floating-point type."""
        return isinstance(self.type, AnyFloat)

    @property
    def width(self) -> int:
        """Bits; an index has 64."""
        return width_of(self.type)

    # --- arithmetic ---------------------------------------------------------------------------------------------------------

    def __add__(self, other: Operand) -> Value:
        number = _integer(self)
        if number is not None and isinstance(other, int):
            return self._like(number + other)  # formulas for arrays say `x & 0` + 1 where this language says 1
        return self._binary(other, arith.AddiOp, arith.AddfOp)

    def __sub__(self, other: Operand) -> Value:
        return self._binary(other, arith.SubiOp, arith.SubfOp)

    def __mul__(self, other: Operand) -> Value:
        return self._binary(other, arith.MuliOp, arith.MulfOp)

    def __truediv__(self, other: Operand) -> Value:
        return self._binary(other, None, arith.DivfOp)

    def __floordiv__(self, other: Operand) -> Value:
        return self._binary(other, arith.DivUIOp)

    def __mod__(self, other: Operand) -> Value:
        return self._binary(other, arith.RemUIOp)

    def __lshift__(self, other: Operand) -> Value:
        return self._binary(other, arith.ShLIOp)

    def __rshift__(self, other: Operand) -> Value:
        return self._binary(other, arith.ShRUIOp)

    def __and__(self, other: Operand) -> Value:
        if isinstance(other, int) and other == 0:
            return self._like(0)
        return self._binary(other, arith.AndIOp)

    def __or__(self, other: Operand) -> Value:
        return self._binary(other, arith.OrIOp)

    def __xor__(self, other: Operand) -> Value:
        return self._binary(other, arith.XOrIOp)

    def __radd__(self, other: Operand) -> Value:
        return self._like(other) + self

    def __rsub__(self, other: Operand) -> Value:
        return self._like(other) - self

    def __rmul__(self, other: Operand) -> Value:
        return self._like(other) * self

    def __rlshift__(self, other: Operand) -> Value:
        return self._like(other) << self

    def __neg__(self) -> Value:
        return self.pen.write(arith.NegfOp(self.ssa)) if self.is_float else 0 - self

    def __invert__(self) -> Value:
        return self ^ (1 if self.width == 1 else -1)

    def shift_right_signed(self, other: Operand) -> Value:
        """`>>` with the sign moving in."""
        return self._binary(other, arith.ShRSIOp)

    def minimum(self, other: Operand) -> Value:
        """The smaller, signed; of a number and a NaN the number."""
        return self._binary(other, arith.MinSIOp, arith.MinnumfOp)

    def maximum(self, other: Operand) -> Value:
        """The larger, signed; of a number and a NaN the number."""
        return self._binary(other, arith.MaxSIOp, arith.MaxnumfOp)

    def multiply_add(self, factor: Operand, addend: Operand) -> Value:
        """`self * factor + addend`, rounded once."""
        return self.pen.write(math.FmaOp(self.ssa, self._like(factor).ssa, self._like(addend).ssa))

    def trailing_zeros(self) -> Value:
        """Zero bits below the lowest one."""
        return self._integer_unary(math.CountTrailingZerosOp)

    def leading_zeros(self) -> Value:
        """Zero bits above the highest one."""
        return self._integer_unary(math.CountLeadingZerosOp)

    def population(self) -> Value:
        """Bits that are one."""
        return self._integer_unary(math.CtPopOp)

    # --- comparison ---------------------------------------------------------------------------------------------------------

    def __lt__(self, other: Operand) -> Value:
        return self._compare("slt", "olt", other)

    def __le__(self, other: Operand) -> Value:
        return self._compare("sle", "ole", other)

    def __gt__(self, other: Operand) -> Value:
        return self._compare("sgt", "ogt", other)

    def __ge__(self, other: Operand) -> Value:
        return self._compare("sge", "oge", other)

    def eq(self, other: Operand) -> Value:
        """i1: equal."""
        return self._compare("eq", "oeq", other)

    def ne(self, other: Operand) -> Value:
        """i1: not equal; true when one is a NaN."""
        return self._compare("ne", "une", other)

    def ult(self, other: Operand) -> Value:
        """i1: less, as unsigned numbers."""
        return self._compare("ult", "", other)

    def ule(self, other: Operand) -> Value:
        """i1: at most, as unsigned numbers."""
        return self._compare("ule", "", other)

    def select(self, then: Value, otherwise: Operand) -> Value:
        """`then` where this i1 holds, else `otherwise`; both are computed."""
        return self.pen.write(arith.SelectOp(self.ssa, then.ssa, then.like(otherwise).ssa))

    # --- conversion ---------------------------------------------------------------------------------------------------------

    def to(self, kind: Attribute) -> Value:
        """The same number in another type, signed: extended, truncated, rounded; float to integer toward zero."""
        return self._convert(kind, signed=True)

    def unsigned_to(self, kind: Attribute) -> Value:
        """The same, the source being an unsigned number; what an i1 needs."""
        return self._convert(kind, signed=False)

    def bits_as(self, kind: Attribute) -> Value:
        """The same bits as another type of the same width."""
        if isinstance(self.type, VectorType):
            return self.pen.write(vector.BitcastOp(self.ssa, kind))
        return self.pen.write(arith.BitcastOp(self.ssa, kind))

    def like(self, other: Operand) -> Value:
        """The operand as a value of this one's type: a number becomes a constant."""
        return self._like(other)

    # --- how ----------------------------------------------------------------------------------------------------------------

    def _like(self, other: Operand) -> Value:
        if not isinstance(other, Value):
            return self.pen.constant(other, self.type)
        if other.type != self.type and isinstance(self.type, IndexType):
            assert other.width == 64 and not other.is_float, f"{self.type} meets {other.type}"
            return other.to(INDEX)
        return other

    def _binary(
        self,
        other: Operand,
        integer: type[arith.SignlessIntegerBinaryOperation] | None,
        floating: type[arith.FloatingPointLikeBinaryOperation] | None = None,
    ) -> Value:
        left, right = _meet(self, other)
        chosen = floating if left.is_float else integer
        assert chosen is not None and left.type == right.type, f"{left.type} and {right.type} do not meet here"
        return self.pen.write(chosen(left.ssa, right.ssa))

    def _compare(self, integer: str, floating: str, other: Operand) -> Value:
        left, right = _meet(self, other)
        assert left.type == right.type, f"{left.type} and {right.type} are compared"
        if left.is_float:
            return self.pen.write(arith.CmpfOp(left.ssa, right.ssa, floating))
        return self.pen.write(arith.CmpiOp(left.ssa, right.ssa, integer))

    def _integer_unary(self, op: type[math.CountTrailingZerosOp | math.CountLeadingZerosOp | math.CtPopOp]) -> Value:
        return self.pen.write(op(self.ssa))

    def _convert(self, kind: Attribute, *, signed: bool) -> Value:
        source = self.type
        if source == kind:
            return self
        if isinstance(source, IndexType):
            return Value(self._cast(IntegerType(64)), self.pen).to(kind)
        if isinstance(kind, IndexType):
            wide = self._convert(IntegerType(64), signed=signed)
            return Value(wide._cast(kind), self.pen)
        match source, kind:
            case IntegerType(), IntegerType() if width_of(kind) < self.width:
                return self.pen.write(arith.TruncIOp(self.ssa, kind))
            case IntegerType(), IntegerType():
                return self.pen.write((arith.ExtSIOp if signed else arith.ExtUIOp)(self.ssa, kind))
            case IntegerType(), _:
                assert isinstance(kind, AnyFloat)
                return self.pen.write((arith.SIToFPOp if signed else arith.UIToFPOp)(self.ssa, kind))
            case _, IntegerType():
                return self.pen.write((arith.FPToSIOp if signed else arith.FPToUIOp)(self.ssa, kind))
            case _:
                return self._between_floats(kind)

    def _between_floats(self, kind: Attribute) -> Value:
        assert isinstance(kind, AnyFloat) and self.is_float
        wider = kind.bitwidth > self.width
        return self.pen.write(arith.ExtFOp(self.ssa, kind) if wider else arith.TruncFOp(self.ssa, kind))

    def _cast(self, kind: Attribute) -> SSAValue:
        if self.type == kind:
            return self.ssa
        return self.pen.write(arith.IndexCastOp(self.ssa, kind)).ssa


Operand: TypeAlias = Value | int | float


def _integer(value: Value) -> int | None:
    """The number of a constant of an integer type; an index counts elements, and stays as it is written."""
    owner: Any = value.ssa.owner
    if not isinstance(owner, arith.ConstantOp) or not isinstance(value.type, IntegerType):
        return None
    attribute: Any = owner.value
    return int(attribute.value.data)


def _meet(left: Value, right: Operand) -> tuple[Value, Value]:
    if isinstance(right, Value) and isinstance(right.type, IndexType) and not isinstance(left.type, IndexType):
        return right.like(left), right
    return left, left.like(right)

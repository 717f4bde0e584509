"""Ops without a body as Rust expressions, each exactly what the op says.

    arith.addi %a, %b : i32        a.wrapping_add(b)              arith.addi %i, %j : index        i + j
    arith.cmpi slt, %a, %b : i32   (a as i32) < b as i32          math.cttz %x : i64               x.trailing_zeros()

An index does not wrap: it counts elements. Integers do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xdsl.dialects import arith, math, memref
from xdsl.dialects.builtin import Float64Type, IndexType
from xdsl.ir import Block, Operation, SSAValue

from compiler.dialects import cpu
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import BOOL, U32
from compiler.passes.kernel_to_rust.types import constant, scalar, signed

Operand = Callable[[int], SSAValue]
"""Writes the operand of that number, and gives it: operands are written left to right."""
Write = Callable[[Builder, Operation, Operand], SSAValue]


def _plain(kind: str) -> Write:
    return lambda b, _op, x: b.binary(kind, x(0), x(1))


def _sum(kind: str, wrapping: str) -> Write:
    """Of indices and numbers with a point an operator, of integers a method."""

    def write(b: Builder, op: Operation, x: Operand) -> SSAValue:
        if isinstance(op.results[0].type, IndexType):
            return b.binary(kind, x(0), x(1))
        left = x(0)
        return b.method(wrapping, left, x(1), ty=left.type)

    return write


def _shift_signed(b: Builder, op: Operation, x: Operand) -> SSAValue:
    kind = op.results[0].type
    if isinstance(kind, IndexType):
        return b.binary(">>", x(0), x(1))
    return b.cast(b.binary(">>", b.cast(x(0), signed(kind)), x(1)), scalar(kind))


_RELATIONS = ("==", "!=", "<", "<=", ">", ">=", "<", "<=", ">", ">=")
"""By the number of the predicate: eq, ne, four signed, four unsigned."""
_FLOAT_RELATIONS = {"oeq": "==", "ogt": ">", "oge": ">=", "olt": "<", "ole": "<=", "une": "!="}


def _compare_integers(b: Builder, op: Operation, x: Operand) -> SSAValue:
    assert isinstance(op, arith.CmpiOp)
    predicate, kind = int(op.predicate.value.data), op.lhs.type
    if 2 <= predicate < 6 and not isinstance(kind, IndexType):
        return b.binary(_RELATIONS[predicate], b.cast(x(0), signed(kind)), b.cast(x(1), signed(kind)))
    return b.binary(_RELATIONS[predicate], x(0), x(1))


def _compare_floats(b: Builder, op: Operation, x: Operand) -> SSAValue:
    assert isinstance(op, arith.CmpfOp)
    relation = _FLOAT_RELATIONS[arith.CMPF_COMPARISON_OPERATIONS[int(op.predicate.value.data)]]
    return b.binary(relation, x(0), x(1))


def _method(name: str) -> Write:
    def write(b: Builder, _op: Operation, x: Operand) -> SSAValue:
        left = x(0)
        return b.method(name, left, x(1), ty=left.type)

    return write


def _extreme(name: str) -> Write:
    def write(b: Builder, op: Operation, x: Operand) -> SSAValue:
        kind = op.results[0].type
        if isinstance(kind, IndexType):
            return _method(name)(b, op, x)
        left = b.cast(x(0), signed(kind))
        return b.cast(b.method(name, left, b.cast(x(1), signed(kind)), ty=left.type), scalar(kind))

    return write


def _cast(b: Builder, op: Operation, x: Operand) -> SSAValue:
    return b.cast(x(0), scalar(op.results[0].type))


def _truncated(b: Builder, op: Operation, x: Operand) -> SSAValue:
    """To one bit there is no cast."""
    kind = scalar(op.results[0].type)
    if kind is not BOOL:
        return b.cast(x(0), kind)
    value = x(0)
    return b.binary("!=", b.binary("&", value, b.lit(1, value.type)), b.lit(0, value.type))


def _sign_extended(b: Builder, op: Operation, x: Operand) -> SSAValue:
    return b.cast(b.cast(x(0), signed(op.operands[0].type)), scalar(op.results[0].type))


def _counted(name: str) -> Write:
    """Rust counts bits in a `u32`."""
    return lambda b, op, x: b.cast(b.method(name, x(0), ty=U32), scalar(op.results[0].type))


def _constant(b: Builder, op: Operation, _x: Operand) -> SSAValue:
    assert isinstance(op, arith.ConstantOp)
    return constant(b, op.value, op.result.type)


def _multiply_add(b: Builder, _op: Operation, x: Operand) -> SSAValue:
    left = x(0)
    return b.method("mul_add", left, x(1), x(2), ty=left.type)


def _selected(b: Builder, op: Operation, x: Operand) -> SSAValue:
    condition = x(0)
    with b.inside(Block()) as then:
        b.yield_(x(1))
    with b.inside(Block()) as other:
        b.yield_(x(2))
    return b.if_value(condition, then, other, scalar(op.results[0].type))


def _bits(b: Builder, op: Operation, x: Operand) -> SSAValue:
    """Of a double, or a double of them."""
    kind = op.results[0].type
    if isinstance(kind, Float64Type):
        return b.call("f64::from_bits", [x(0)], scalar(kind))
    return b.method("to_bits", x(0), ty=scalar(kind))


WRITERS: Mapping[type[Operation], Write] = {
    arith.ConstantOp: _constant,
    arith.AddiOp: _sum("+", "wrapping_add"),
    arith.SubiOp: _sum("-", "wrapping_sub"),
    arith.MuliOp: _sum("*", "wrapping_mul"),
    arith.AddfOp: _plain("+"),
    arith.SubfOp: _plain("-"),
    arith.MulfOp: _plain("*"),
    arith.DivfOp: _plain("/"),
    arith.NegfOp: lambda b, _op, x: b.unary("-", x(0)),
    arith.DivUIOp: _plain("/"),
    arith.RemUIOp: _plain("%"),
    arith.ShLIOp: _plain("<<"),
    arith.ShRUIOp: _plain(">>"),
    arith.ShRSIOp: _shift_signed,
    arith.AndIOp: _plain("&"),
    arith.OrIOp: _plain("|"),
    arith.XOrIOp: _plain("^"),
    arith.CmpiOp: _compare_integers,
    arith.CmpfOp: _compare_floats,
    arith.MinSIOp: _extreme("min"),
    arith.MaxSIOp: _extreme("max"),
    arith.MinnumfOp: _method("min"),
    arith.MaxnumfOp: _method("max"),
    arith.ExtUIOp: _cast,
    arith.ExtSIOp: _sign_extended,
    arith.TruncIOp: _truncated,
    arith.IndexCastOp: _cast,
    arith.UIToFPOp: _cast,
    arith.SIToFPOp: _sign_extended,
    arith.ExtFOp: _cast,
    arith.TruncFOp: _cast,
    arith.BitcastOp: _bits,
    arith.SelectOp: _selected,
    math.FmaOp: _multiply_add,
    math.CountTrailingZerosOp: _counted("trailing_zeros"),
    math.CountLeadingZerosOp: _counted("leading_zeros"),
    math.CtPopOp: _counted("count_ones"),
    memref.LoadOp: lambda b, _op, x: b.index(x(0), x(1)),
}
"""How each op without a body is written."""

EXPRESSIONS: tuple[type[Operation], ...] = (*WRITERS, cpu.RestOp)
"""What may stand inside another expression. What is left of an array is known to be written or not by its function."""

CONVERSIONS = (arith.ExtUIOp, arith.TruncIOp, arith.IndexCastOp)
"""Between integers; the distance of a shift may be of any integer type."""

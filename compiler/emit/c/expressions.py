"""From ops without a body to C expressions, each exactly what the op says.

    arith.cmpi slt, %a, %b : i32        (int32_t)a < (int32_t)b
    math.cttz %x : i64                  trailing_zeros(x)

Signless integers are unsigned C: sums wrap by themselves, signed operations cast. `PRELUDE` has the few functions that
an expression may call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import arith, math, memref, vector
from xdsl.dialects.builtin import Float32Type, Float64Type, IndexType, IntegerType
from xdsl.ir import Attribute, Operation

from compiler.dialects import cpu
from compiler.emit.c.syntax import (
    Level,
    Text,
    binary,
    bits_of,
    c_type,
    call,
    cast,
    conditional,
    element,
    literal,
    negative,
    signed_type,
)

PRELUDE: dict[str, tuple[str, str]] = {
    "trailing_zeros": ("int trailing_zeros(uint64_t x)", "return x ? __builtin_ctzll(x) : 64;"),
    "leading_zeros": ("int leading_zeros(uint64_t x)", "return x ? __builtin_clzll(x) : 64;"),
    "bits_of": (
        "uint64_t bits_of(double x)",
        "union { double number; uint64_t bits; } it = { .number = x }; return it.bits;",
    ),
    "double_of": (
        "double double_of(uint64_t x)",
        "union { uint64_t bits; double number; } it = { .bits = x }; return it.number;",
    ),
}
"""Functions of one word, by name: head and body."""

Printer = Callable[[Operation, Sequence[Text]], Text]


def _wrapped(kind: Attribute, value: Text) -> Text:
    """C computes in int what is narrower; the result goes back."""
    narrow = 0 < bits_of(kind) < 32
    return cast(c_type(kind), value) if narrow else value


def _plain(operator: str) -> Printer:
    return lambda op, x: _wrapped(op.results[0].type, binary(operator, x[0], x[1]))


def _bitwise(operator: str, of_truths: str) -> Printer:
    """Of truth values, the operator that C has for those."""
    plain = _plain(operator)
    return lambda op, x: binary(of_truths, x[0], x[1]) if op.results[0].type == IntegerType(1) else plain(op, x)


def _multiply(op: Operation, x: Sequence[Text]) -> Text:
    kind = op.results[0].type
    if bits_of(kind) == 16:
        return cast(c_type(kind), binary("*", cast("uint32_t", x[0]), x[1]))  # int would overflow
    return _wrapped(kind, binary("*", x[0], x[1]))


def _unsigned(operator: str) -> Printer:
    def shown(op: Operation, x: Sequence[Text]) -> Text:
        if not isinstance(op.results[0].type, IndexType):
            return _wrapped(op.results[0].type, binary(operator, x[0], x[1]))
        return cast("int64_t", binary(operator, cast("uint64_t", x[0]), cast("uint64_t", x[1])))

    return shown


def _shift_signed(op: Operation, x: Sequence[Text]) -> Text:
    kind = op.results[0].type
    if isinstance(kind, IndexType):
        return binary(">>", x[0], x[1])
    return cast(c_type(kind), binary(">>", cast(signed_type(kind), x[0]), x[1]))


_INTEGER_RELATIONS = ("==", "!=", "<", "<=", ">", ">=", "<", "<=", ">", ">=")
"""By the number of the predicate: eq, ne, four signed, four unsigned."""

_FLOAT_RELATIONS = {"oeq": "==", "ogt": ">", "oge": ">=", "olt": "<", "ole": "<=", "une": "!="}


def _compare_integers(op: Operation, x: Sequence[Text]) -> Text:
    assert isinstance(op, arith.CmpiOp)
    predicate, kind = int(op.predicate.value.data), op.lhs.type
    relation = _INTEGER_RELATIONS[predicate]
    if predicate < 2 or (predicate < 6) == isinstance(kind, IndexType) or kind == IntegerType(1):
        return binary(relation, x[0], x[1])
    other = "uint64_t" if isinstance(kind, IndexType) else signed_type(kind)
    return binary(relation, cast(other, x[0]), cast(other, x[1]))


def _compare_floats(op: Operation, x: Sequence[Text]) -> Text:
    assert isinstance(op, arith.CmpfOp)
    return binary(_FLOAT_RELATIONS[arith.CMPF_COMPARISON_OPERATIONS[int(op.predicate.value.data)]], x[0], x[1])


def _extreme(relation: str) -> Printer:
    def shown(op: Operation, x: Sequence[Text]) -> Text:
        kind = op.results[0].type
        sides = x if isinstance(kind, IndexType) else [cast(signed_type(kind), each) for each in x]
        return conditional(binary(relation, sides[0], sides[1]), x[0], x[1])

    return shown


def _float_call(name: str) -> Printer:
    return lambda op, x: call(name + ("f" if isinstance(op.results[0].type, Float32Type) else ""), *x)


def _cast(op: Operation, x: Sequence[Text]) -> Text:
    return cast(c_type(op.results[0].type), x[0])


def _truncated(op: Operation, x: Sequence[Text]) -> Text:
    """To one bit, C's conversion would ask whether the number is zero."""
    if op.results[0].type == IntegerType(1):
        return binary("!=", binary("&", x[0], Text("1u")), Text("0u"))
    return _cast(op, x)


def _sign_extended(op: Operation, x: Sequence[Text]) -> Text:
    return cast(c_type(op.results[0].type), cast(signed_type(op.operands[0].type), x[0]))


def _constant(op: Operation, _operands: Sequence[Text]) -> Text:
    assert isinstance(op, arith.ConstantOp)
    return literal(op.value, op.result.type)


def _counted(name: str) -> Printer:
    def shown(op: Operation, x: Sequence[Text]) -> Text:
        assert op.results[0].type == IntegerType(64), "bits are counted in words of 64"
        return cast("uint64_t", call(name, *x))

    return shown


def _bits(op: Operation, x: Sequence[Text]) -> Text:
    """Of a double, or a double of them."""
    return call("double_of" if isinstance(op.results[0].type, Float64Type) else "bits_of", x[0])


def _lanes(op: Operation, x: Sequence[Text]) -> Text:
    kind = c_type(op.results[0].type)
    return Text(f"*(const {kind} *)&{element(x[0], x[1]).text}", Level.UNARY)


PRINTERS: dict[type[Operation], Printer] = {
    arith.ConstantOp: _constant,
    arith.AddiOp: _plain("+"),
    arith.AddfOp: _plain("+"),
    arith.SubiOp: _plain("-"),
    arith.SubfOp: _plain("-"),
    arith.MuliOp: _multiply,
    arith.MulfOp: _plain("*"),
    arith.DivfOp: _plain("/"),
    arith.NegfOp: lambda _op, x: negative(x[0]),
    arith.DivUIOp: _unsigned("/"),
    arith.RemUIOp: _unsigned("%"),
    arith.ShLIOp: _plain("<<"),
    arith.ShRUIOp: _unsigned(">>"),
    arith.ShRSIOp: _shift_signed,
    arith.AndIOp: _bitwise("&", "&&"),
    arith.OrIOp: _bitwise("|", "||"),
    arith.XOrIOp: _bitwise("^", "!="),
    arith.CmpiOp: _compare_integers,
    arith.CmpfOp: _compare_floats,
    arith.SelectOp: lambda _op, x: conditional(x[0], x[1], x[2]),
    arith.MinSIOp: _extreme("<"),
    arith.MaxSIOp: _extreme(">"),
    arith.MinnumfOp: _float_call("fmin"),
    arith.MaxnumfOp: _float_call("fmax"),
    arith.ExtUIOp: _cast,
    arith.ExtSIOp: _sign_extended,
    arith.TruncIOp: _truncated,
    arith.IndexCastOp: _cast,
    arith.UIToFPOp: _cast,
    arith.SIToFPOp: _sign_extended,
    arith.ExtFOp: _cast,
    arith.TruncFOp: _cast,
    arith.BitcastOp: _bits,
    math.FmaOp: _float_call("fma"),
    math.CountTrailingZerosOp: _counted("trailing_zeros"),
    math.CountLeadingZerosOp: _counted("leading_zeros"),
    math.CtPopOp: _counted("__builtin_popcountll"),
    memref.LoadOp: lambda _op, x: element(x[0], x[1]),
    vector.LoadOp: _lanes,
    vector.BitcastOp: _cast,
    cpu.RestOp: lambda _op, x: binary("+", x[0], x[1]),
    cpu.ThreadOp: lambda _op, _x: call("omp_get_thread_num"),
}
"""How each op without a body is printed, from its operands."""

EVALUATE_TWICE = (arith.MinSIOp, arith.MaxSIOp)
"""Ops whose text names an operand twice: it must have a name."""

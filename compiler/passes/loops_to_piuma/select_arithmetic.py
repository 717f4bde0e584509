"""Instructions for `arith` and `math` on numbers.

Constants go into immediates, powers of two into shifts, shifted sums into `sh1add` to `sh3add`, a bit cleared into `bclr`;
operations on i32 keep the result sign-extended. Refused by assertion: what the machine cannot compute (transcendental functions, f16).
"""

from __future__ import annotations

from typing import Any

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, f32
from xdsl.ir import Attribute, Operation, SSAValue

from compiler.passes.loops.values import width_of
from compiler.passes.loops_to_piuma.selection import I12, Selection, suffix

_WORD = {
    "add": "addw",
    "sub": "subw",
    "mul": "mulw",
    "sll": "sllw",
    "srl": "srlw",
    "divu": "divuw",
    "remu": "remuw",
    "div": "divw",
    "rem": "remw",
}
"""Twins for i32 whose result may leave the width."""

_INTEGER: dict[type[Operation], str] = {
    arith.AddiOp: "add",
    arith.SubiOp: "sub",
    arith.MuliOp: "mul",
    arith.DivUIOp: "divu",
    arith.DivSIOp: "div",
    arith.RemUIOp: "remu",
    arith.RemSIOp: "rem",
    arith.AndIOp: "and",
    arith.OrIOp: "or",
    arith.XOrIOp: "xor",
    arith.ShLIOp: "sll",
    arith.ShRUIOp: "srl",
    arith.ShRSIOp: "sra",
    arith.MinSIOp: "min",
    arith.MaxSIOp: "max",
    arith.MinUIOp: "minu",
    arith.MaxUIOp: "maxu",
}
_FLOAT: dict[type[Operation], str] = {
    arith.AddfOp: "fadd",
    arith.SubfOp: "fsub",
    arith.MulfOp: "fmul",
    arith.DivfOp: "fdiv",
    arith.MinnumfOp: "fmin",
    arith.MaxnumfOp: "fmax",
    math.SqrtOp: "fsqrt",
    math.FmaOp: "fmadd",
}
_IMMEDIATE = {"add": "addi", "and": "andi", "or": "ori", "xor": "xori", "addw": "addiw"}
_SHIFTS = {"sll": "slli", "srl": "srli", "sra": "srai", "sllw": "slliw", "srlw": "srliw"}
_COMMUTES = frozenset({"add", "addw", "mul", "mulw", "and", "or", "xor"})
_CASTS = (
    *(arith.IndexCastOp, arith.ExtSIOp, arith.ExtUIOp, arith.TruncIOp, arith.BitcastOp),
    *(arith.SIToFPOp, arith.UIToFPOp, arith.FPToSIOp, arith.FPToUIOp, arith.ExtFOp, arith.TruncFOp),
)


def select_arithmetic(s: Selection, op: Operation) -> bool:
    """Select an op of this file; whether it is one."""
    kind = type(op)
    if kind in _INTEGER:
        s.bind(op.results[0], _integer(s, op, _INTEGER[kind]))
    elif kind in _FLOAT:
        s.bind(op.results[0], s.code.emit(f"{_FLOAT[kind]}.{suffix(op.results[0].type)}", s.registers(op.operands)))
    elif isinstance(op, arith.NegfOp | math.AbsFOp):
        name = "fsgnjn" if isinstance(op, arith.NegfOp) else "fsgnjx"
        x = s.register(op.operands[0])
        s.bind(op.results[0], s.code.emit(f"{name}.{suffix(op.results[0].type)}", [x, x]))
    elif isinstance(op, math.CountTrailingZerosOp | math.CountLeadingZerosOp | math.CtPopOp):
        s.bind(op.results[0], _count(s, op))
    elif isinstance(op, arith.ExtUIOp) and s.is_bound(op.result):
        pass  # the load that it widens did it
    elif isinstance(op, _CASTS):
        s.bind(op.results[0], _cast(s, op))
    else:
        return False
    return True


# --- integers ------------------------------------------------------------------------------------------------------------------


def _integer(s: Selection, op: Operation, name: str) -> SSAValue:
    width = width_of(op.results[0].type)
    left, right = op.operands
    if name in _COMMUTES and s.integer(left) is not None:
        left, right = right, left
    if width == 64 and (simple := _strength(s, name, left, right)) is not None:
        return simple
    if width == 32:
        name = _WORD.get(name, name)
    value = _plain(s, name, left, right)
    return value if width >= 32 or name not in _WORD else _narrowed(s, value, width)


def _plain(s: Selection, name: str, left: SSAValue, right: SSAValue) -> SSAValue:
    number = s.integer(right)
    x = s.register(left)
    if number is not None:
        if name in ("sub", "subw") and -number in I12:
            return s.code.emit("addi" if name == "sub" else "addiw", [x], -number)
        if name in _IMMEDIATE and number in I12:
            return x if number == 0 and name in ("add", "or", "xor") else s.code.emit(_IMMEDIATE[name], [x], number)
        if name in _SHIFTS:
            return s.code.emit(_SHIFTS[name], [x], number) if number else x
    return s.code.emit(name, [x, s.register(right)])


def _strength(s: Selection, name: str, left: SSAValue, right: SSAValue) -> SSAValue | None:
    """Cheaper forms on 64 bits: a power of two on the right, a shifted summand."""
    number = s.integer(right)
    if name == "add":
        return _shifted_sum(s, left, right) or _shifted_sum(s, right, left)
    if name == "and" and number is None:
        return _cleared_bit(s, left, right) or _cleared_bit(s, right, left)
    if number is None or number <= 0 or number & (number - 1):
        return None
    bits = number.bit_length() - 1
    match name:
        case "mul":
            return s.code.emit("slli", [s.register(left)], bits) if bits else s.register(left)
        case "divu":
            return s.code.emit("srli", [s.register(left)], bits) if bits else s.register(left)
        case "remu" if number - 1 in I12:
            return s.code.emit("andi", [s.register(left)], number - 1)
        case "remu":
            return s.code.emit("and", [s.register(left), s.code.number(number - 1)])
        case _:
            return None


def _shifted_sum(s: Selection, shifted: SSAValue, other: SSAValue) -> SSAValue | None:
    op = s.definition(shifted)
    if not isinstance(op, arith.ShLIOp | arith.MuliOp) or s.integer(other) is not None:
        return None
    number = s.integer(op.operands[1])
    factor = number if isinstance(op, arith.MuliOp) or number is None else 1 << number
    bits = {2: 1, 4: 2, 8: 3}.get(factor or 0)
    if bits is None or not s.is_bound(op.operands[0]):
        return None
    return s.code.emit(f"sh{bits}add", [s.register(op.operands[0]), s.register(other)])


def _cleared_bit(s: Selection, word: SSAValue, mask: SSAValue) -> SSAValue | None:
    """`word & ~(1 << position)`."""
    inverted = s.definition(mask)
    if not isinstance(inverted, arith.XOrIOp) or s.integer(inverted.rhs) != -1:
        return None
    bit = s.definition(inverted.lhs)
    if not isinstance(bit, arith.ShLIOp) or s.integer(bit.lhs) != 1:
        return None
    return s.code.emit("bclr", [s.register(word), s.register(bit.rhs)])


def _narrowed(s: Selection, value: SSAValue, width: int) -> SSAValue:
    """The sign-extended low bits; an i1 is its lowest."""
    match width:
        case 64:
            return value
        case 32:
            return s.code.emit("addiw", [value], 0)
        case 16 | 8:
            return s.code.emit("sext.h" if width == 16 else "sext.b", [value])
        case _:
            return s.code.emit("andi", [value], (1 << width) - 1)


def _widened(s: Selection, value: SSAValue, width: int) -> SSAValue:
    """A sign-extended value of a width as an unsigned number."""
    match width:
        case 64 | 1:
            return value
        case 32:
            return s.code.emit("add.uw", [value, s.code.zero])
        case 16:
            return s.code.emit("zext.h", [value])
        case _:
            return s.code.emit("andi", [value], (1 << width) - 1)


def _count(s: Selection, op: Operation) -> SSAValue:
    width = width_of(op.operands[0].type)
    wide = _widened(s, s.register(op.operands[0]), width)
    if isinstance(op, math.CtPopOp):
        return s.code.emit("cpop", [wide])
    if isinstance(op, math.CountTrailingZerosOp):
        return s.code.emit("ctz", [wide if width == 64 else s.code.emit("or", [wide, s.code.number(1 << width)])])
    zeros = s.code.emit("clz", [wide])
    return zeros if width == 64 else s.code.emit("addi", [zeros], width - 64)


# --- conversions ---------------------------------------------------------------------------------------------------------------


def _cast(s: Selection, op: Operation) -> SSAValue:
    source, target = op.operands[0].type, op.results[0].type
    match op:
        case arith.IndexCastOp() | arith.TruncIOp():
            x = s.register(op.operands[0])
            return x if width_of(target) >= width_of(source) else _narrowed(s, x, width_of(target))
        case arith.ExtSIOp():
            x = s.register(op.operands[0])
            return s.code.emit("sub", [s.code.zero, x]) if width_of(source) == 1 else x
        case arith.ExtUIOp():
            return _widened(s, s.register(op.operands[0]), width_of(source))
        case arith.BitcastOp():
            return _bits(s, s.register(op.operands[0]), source, target)
        case arith.ExtFOp():
            return s.code.emit("fcvt.d.s", [s.register(op.operands[0])])
        case arith.TruncFOp():
            return s.code.emit("fcvt.s.d", [s.register(op.operands[0])])
        case _:
            return _between(s, op, source, target)


def _bits(s: Selection, x: SSAValue, source: Attribute, target: Attribute) -> SSAValue:
    word = "w" if width_of(source) == 32 else "d"
    if isinstance(source, AnyFloat) == isinstance(target, AnyFloat):
        return x
    return s.code.emit(f"fmv.x.{word}" if isinstance(source, AnyFloat) else f"fmv.{word}.x", [x])


def _between(s: Selection, op: Operation, source: Any, target: Any) -> SSAValue:
    """Between integers and floats."""
    x = s.register(op.operands[0])
    unsigned = isinstance(op, arith.UIToFPOp | arith.FPToUIOp)
    if isinstance(op, arith.UIToFPOp | arith.SIToFPOp):
        wide = _widened(s, x, width_of(source)) if unsigned else x
        name = "lu" if unsigned and width_of(source) == 64 else "l"
        return s.code.emit(f"fcvt.{suffix(target)}.{name}", [wide])
    width = width_of(target)
    name = ("wu" if unsigned else "w") if width == 32 else ("lu" if unsigned else "l")
    converted = s.code.emit(f"fcvt.{name}.{'s' if source == f32 else 'd'}", [x])
    return converted if width >= 32 else _narrowed(s, converted, width)

"""What each register-to-register instruction computes, in plain Python: the definition.

Registers hold signed 64-bit integers; a floating-point register holds the bits of its value, a single
boxed (upper word all ones).  `EVALUATE["add"](a, b, c, imm)` is the new destination value, sources in the
order of `Spec.sources`; `TAKEN["beq"](a, b)` decides a branch; `COMBINE["add"]` is the integer atomic.
Every NaN result is the canonical one, as RISC-V prescribes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from fractions import Fraction

MASK = (1 << 64) - 1
NAN64 = 0x7FF8000000000000
NAN32 = 0x7FC00000
BOX = 0xFFFFFFFF00000000


def signed(value: int, bits: int = 64) -> int:
    """The low bits of `value` as a two's complement number."""
    half = 1 << (bits - 1)
    return ((value + half) & ((half << 1) - 1)) - half


def to_float(bits: int) -> float:
    """The double with these bits."""
    return struct.unpack("<d", struct.pack("<Q", bits & MASK))[0]


def from_float(value: float) -> int:
    """The bits of a double, NaN made canonical."""
    return NAN64 if value != value else struct.unpack("<q", struct.pack("<d", value))[0]


def to_single(bits: int) -> float:
    """The single in a register; anything not boxed is NaN."""
    if bits & BOX != BOX:
        return math.nan
    return struct.unpack("<f", struct.pack("<I", bits & 0xFFFFFFFF))[0]


def from_single(value: float) -> int:
    """The boxed bits of the single nearest to `value`."""
    return signed(BOX | _single_bits(value))


def _single_bits(value: float) -> int:
    if value != value:
        return NAN32
    try:
        return struct.unpack("<I", struct.pack("<f", value))[0]
    except OverflowError:
        return 0x7F800000 if value > 0 else 0xFF800000


def _div(a: int, b: int) -> int:
    if b == 0:
        return -1
    quotient = abs(a) // abs(b)
    return signed(-quotient if (a < 0) != (b < 0) else quotient)


def _rem(a: int, b: int) -> int:
    return a if b == 0 else a - b * _toward_zero(a, b)


def _toward_zero(a: int, b: int) -> int:
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def _divu(a: int, b: int) -> int:
    return -1 if b == 0 else signed((a & MASK) // (b & MASK))


def _remu(a: int, b: int) -> int:
    return a if b == 0 else signed((a & MASK) % (b & MASK))


def _word(value: int) -> int:
    return signed(value, 32)


def _low(value: int) -> int:
    return value & 0xFFFFFFFF


def _rotate_left(a: int, count: int) -> int:
    count &= 63
    return signed((a << count) | ((a & MASK) >> (64 - count)))


def _bit(position: int) -> int:
    return signed(1 << (position & 63))


def _ctz(a: int) -> int:
    return (a & -a).bit_length() - 1 if a else 64


Evaluate = Callable[[int, int, int, int], int]

_INTEGER: dict[str, Evaluate] = {
    "add": lambda a, b, _c, _i: signed(a + b),
    "sub": lambda a, b, _c, _i: signed(a - b),
    "and": lambda a, b, _c, _i: a & b,
    "or": lambda a, b, _c, _i: a | b,
    "xor": lambda a, b, _c, _i: a ^ b,
    "sll": lambda a, b, _c, _i: signed(a << (b & 63)),
    "srl": lambda a, b, _c, _i: signed((a & MASK) >> (b & 63)),
    "sra": lambda a, b, _c, _i: a >> (b & 63),
    "slt": lambda a, b, _c, _i: int(a < b),
    "sltu": lambda a, b, _c, _i: int((a & MASK) < (b & MASK)),
    "addw": lambda a, b, _c, _i: _word(a + b),
    "subw": lambda a, b, _c, _i: _word(a - b),
    "sllw": lambda a, b, _c, _i: _word(a << (b & 31)),
    "srlw": lambda a, b, _c, _i: _word(_low(a) >> (b & 31)),
    "sraw": lambda a, b, _c, _i: _word(a) >> (b & 31),
    "addi": lambda a, _b, _c, i: signed(a + i),
    "andi": lambda a, _b, _c, i: a & i,
    "ori": lambda a, _b, _c, i: a | i,
    "xori": lambda a, _b, _c, i: a ^ i,
    "slti": lambda a, _b, _c, i: int(a < i),
    "sltiu": lambda a, _b, _c, i: int((a & MASK) < (i & MASK)),
    "addiw": lambda a, _b, _c, i: _word(a + i),
    "slli": lambda a, _b, _c, i: signed(a << i),
    "srli": lambda a, _b, _c, i: signed((a & MASK) >> i),
    "srai": lambda a, _b, _c, i: a >> i,
    "slliw": lambda a, _b, _c, i: _word(a << i),
    "srliw": lambda a, _b, _c, i: _word(_low(a) >> i),
    "sraiw": lambda a, _b, _c, i: _word(a) >> i,
    "lui": lambda _a, _b, _c, i: _word(i << 12),
    "li": lambda _a, _b, _c, i: signed(i),
    "la": lambda _a, _b, _c, i: signed(i),
    "sh1add": lambda a, b, _c, _i: signed((a << 1) + b),
    "sh2add": lambda a, b, _c, _i: signed((a << 2) + b),
    "sh3add": lambda a, b, _c, _i: signed((a << 3) + b),
    "add.uw": lambda a, b, _c, _i: signed(_low(a) + b),
    "andn": lambda a, b, _c, _i: a & ~b,
    "orn": lambda a, b, _c, _i: a | ~b,
    "xnor": lambda a, b, _c, _i: ~(a ^ b),
    "bclr": lambda a, b, _c, _i: a & ~_bit(b),
    "bset": lambda a, b, _c, _i: a | _bit(b),
    "binv": lambda a, b, _c, _i: a ^ _bit(b),
    "bext": lambda a, b, _c, _i: a >> (b & 63) & 1,
    "min": lambda a, b, _c, _i: min(a, b),
    "max": lambda a, b, _c, _i: max(a, b),
    "minu": lambda a, b, _c, _i: a if (a & MASK) < (b & MASK) else b,
    "maxu": lambda a, b, _c, _i: b if (a & MASK) < (b & MASK) else a,
    "rol": lambda a, b, _c, _i: _rotate_left(a, b),
    "ror": lambda a, b, _c, _i: _rotate_left(a, -b),
    "clz": lambda a, _b, _c, _i: 64 - (a & MASK).bit_length(),
    "ctz": lambda a, _b, _c, _i: _ctz(a),
    "cpop": lambda a, _b, _c, _i: (a & MASK).bit_count(),
    "sext.b": lambda a, _b, _c, _i: signed(a, 8),
    "sext.h": lambda a, _b, _c, _i: signed(a, 16),
    "zext.h": lambda a, _b, _c, _i: a & 0xFFFF,
    "czero.eqz": lambda a, b, _c, _i: 0 if b == 0 else a,
    "czero.nez": lambda a, b, _c, _i: 0 if b != 0 else a,
    "mul": lambda a, b, _c, _i: signed(a * b),
    "mulh": lambda a, b, _c, _i: (a * b) >> 64,
    "mulhu": lambda a, b, _c, _i: signed(((a & MASK) * (b & MASK)) >> 64),
    "mulhsu": lambda a, b, _c, _i: (a * (b & MASK)) >> 64,
    "mulw": lambda a, b, _c, _i: _word(a * b),
    "div": lambda a, b, _c, _i: _div(a, b),
    "divu": lambda a, b, _c, _i: _divu(a, b),
    "rem": lambda a, b, _c, _i: _rem(a, b),
    "remu": lambda a, b, _c, _i: _remu(a, b),
    "divw": lambda a, b, _c, _i: _word(_div(_word(a), _word(b))),
    "divuw": lambda a, b, _c, _i: _word(_divu(_low(a), _low(b))),
    "remw": lambda a, b, _c, _i: _word(_rem(_word(a), _word(b))),
    "remuw": lambda a, b, _c, _i: _word(_remu(_low(a), _low(b))),
}

TAKEN: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: a < b,
    "bge": lambda a, b: a >= b,
    "bltu": lambda a, b: (a & MASK) < (b & MASK),
    "bgeu": lambda a, b: (a & MASK) >= (b & MASK),
}

COMBINE: dict[str, Callable[[int, int], int]] = {
    "swap": lambda _old, new: new,
    "add": lambda old, new: old + new,
    "and": lambda old, new: old & new,
    "or": lambda old, new: old | new,
    "xor": lambda old, new: old ^ new,
    "min": min,
    "max": max,
    "minu": lambda old, new: old if (old & MASK) < (new & MASK) else new,
    "maxu": lambda old, new: new if (old & MASK) < (new & MASK) else old,
}


def _minimum(a: float, b: float) -> float:
    if a != a or b != b:
        return b if a != a else a
    if a == b:
        return a if math.copysign(1, a) < 0 else b
    return min(a, b)


def _divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or a != a:
        return math.nan
    return math.copysign(math.inf, math.copysign(1, a) * math.copysign(1, b))


def _root(a: float) -> float:
    return math.sqrt(a) if a >= 0 else (a if a == 0 else math.nan)


def _fma(a: float, b: float, c: float, single: bool) -> float:
    product = _times(a, b)
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        finite_product = math.isfinite(a) and math.isfinite(b)
        return c if finite_product else product + c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        negative = math.copysign(1, a) * math.copysign(1, b) < 0 and math.copysign(1, c) < 0
        return -0.0 if negative else 0.0
    return _round_odd(exact) if single else _nearest(exact)


def _times(a: float, b: float) -> float:
    return a * b


def _nearest(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _round_odd(exact: Fraction) -> float:
    """A double that rounds to the same single as `exact`: the inexact ones end in an odd bit."""
    near = _nearest(exact)
    if math.isinf(near) or Fraction(near) == exact or from_float(near) & 1:
        return near
    return math.nextafter(near, math.inf if exact > Fraction(near) else -math.inf)


def _class(value: float, subnormal_below: float) -> int:
    if value != value:
        return 1 << 9
    negative = math.copysign(1, value) < 0
    if value == 0:
        return 1 << (3 if negative else 4)
    if math.isinf(value):
        return 1 << (0 if negative else 7)
    if abs(value) < subnormal_below:
        return 1 << (2 if negative else 5)
    return 1 << (1 if negative else 6)


def _to_integer(value: float, bits: int, is_signed: bool) -> int:
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if is_signed else (0, (1 << bits) - 1)
    if value != value or value >= high + 1:
        return signed(high, bits)
    return signed(low if value <= low else int(value), bits)


def _sign_inject(a: int, b: int, bit: int, kind: str) -> int:
    sign = 1 << bit
    taken = b if kind == "fsgnj" else ~b if kind == "fsgnjn" else a ^ b
    return signed((a & (sign - 1)) | (taken & sign), bit + 1)


_BINARY: dict[str, Callable[[float, float], float]] = {
    "fadd": lambda a, b: a + b,
    "fsub": lambda a, b: a - b,
    "fmul": _times,
    "fdiv": _divide,
    "fmin": _minimum,
    "fmax": lambda a, b: -_minimum(-a, -b),
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "feq": lambda a, b: a == b,
    "flt": lambda a, b: a < b,
    "fle": lambda a, b: a <= b,
}
_FUSED = {"fmadd": (1, 1), "fmsub": (1, -1), "fnmsub": (-1, 1), "fnmadd": (-1, -1)}
_FROM_INTEGER: dict[str, Callable[[int], int]] = {
    "w": _word,
    "wu": _low,
    "l": lambda a: a,
    "lu": lambda a: a & MASK,
}
_TO_INTEGER = {"w": (32, True), "wu": (32, False), "l": (64, True), "lu": (64, False)}


def _float_table(suffix: str) -> dict[str, Evaluate]:
    single = suffix == "s"
    get, put = (to_single, from_single) if single else (to_float, from_float)
    table: dict[str, Evaluate] = {}
    for name, binary in _BINARY.items():
        table[name] = lambda a, b, _c, _i, f=binary: put(f(get(a), get(b)))
    for name, compare in _COMPARE.items():
        table[name] = lambda a, b, _c, _i, f=compare: int(f(get(a), get(b)))
    for name, (first, last) in _FUSED.items():
        table[name] = lambda a, b, c, _i, p=first, q=last: put(_fma(p * get(a), get(b), q * get(c), single))
    table["fsqrt"] = lambda a, _b, _c, _i: put(_root(get(a)))
    table["fclass"] = lambda a, _b, _c, _i: _class(get(a), 2.0**-126 if single else 2.0**-1022)
    for name in ("fsgnj", "fsgnjn", "fsgnjx"):
        table[name] = _inject_single(name) if single else lambda a, b, _c, _i, n=name: _sign_inject(a, b, 63, n)
    for name, convert in _FROM_INTEGER.items():
        table[f"fcvt.{suffix}.{name}"] = lambda a, _b, _c, _i, f=convert: put(_integer(f(a), single))
    for name, (bits, is_signed) in _TO_INTEGER.items():
        table[f"fcvt.{name}"] = lambda a, _b, _c, _i, n=bits, g=is_signed: _to_integer(get(a), n, g)
    return {n if n.startswith(f"fcvt.{suffix}.") else f"{n}.{suffix}": f for n, f in table.items()}


def _inject_single(name: str) -> Evaluate:
    def evaluate(a: int, b: int, _c: int, _i: int) -> int:
        low = [x & 0xFFFFFFFF if x & BOX == BOX else NAN32 for x in (a, b)]
        return signed(BOX | (_sign_inject(low[0], low[1], 31, name) & 0xFFFFFFFF))

    return evaluate


def _integer(value: int, single: bool) -> float:
    return _round_odd(Fraction(value)) if single and value else float(value)


EVALUATE: dict[str, Evaluate] = {
    **_INTEGER,
    **_float_table("d"),
    **_float_table("s"),
    "fcvt.s.d": lambda a, _b, _c, _i: from_single(to_float(a)),
    "fcvt.d.s": lambda a, _b, _c, _i: from_float(to_single(a)),
    "fmv.x.d": lambda a, _b, _c, _i: a,
    "fmv.d.x": lambda a, _b, _c, _i: a,
    "fmv.x.w": lambda a, _b, _c, _i: _word(a),
    "fmv.w.x": lambda a, _b, _c, _i: signed(BOX | _low(a)),
}


def fadd64(a: int, b: int) -> int:
    """Sum of two doubles given and returned as bits."""
    return from_float(to_float(a) + to_float(b))


def fmul64(a: int, b: int) -> int:
    """Product, as bits."""
    return from_float(to_float(a) * to_float(b))


def fmin64(a: int, b: int) -> int:
    """`fmin.d`, as bits."""
    return from_float(_minimum(to_float(a), to_float(b)))


def fmax64(a: int, b: int) -> int:
    """`fmax.d`, as bits."""
    return from_float(-_minimum(-to_float(a), -to_float(b)))


COMBINE_FLOAT: dict[str, Callable[[int, int], int]] = {"fadd": fadd64, "fmin": fmin64, "fmax": fmax64}

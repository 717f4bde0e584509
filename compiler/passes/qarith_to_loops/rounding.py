"""Rounding on the bits of doubles, in integer operations: what `compiler/arithmetic/rounding.py` does, for one element.

    rounded(b, how, E4M3FN, x, random)          x: f64, random: i64 or None

A format with the exponents of doubles is rounded in place: the bits below its last one are cut, and one is added to what is left
where it goes up; the exponent follows by carry. Other formats are taken apart and put together with a power of two, which is exact.
"""

from __future__ import annotations

import struct
from math import inf

from xdsl.dialects.builtin import f64, i64

from compiler.arithmetic.formats import Flavour, Format
from compiler.arithmetic.random_stream import (
    FIRST_FACTOR,
    FIRST_SHIFT,
    GAMMA,
    LAST_SHIFT,
    SECOND_FACTOR,
    SECOND_SHIFT,
    Stream,
)
from compiler.arithmetic.rounding import Mode, Overflow, changes_nothing
from compiler.dialects.qarith_types import Rounding
from compiler.passes.loops.build import LoopBuilder
from compiler.passes.loops.values import Value

_FRACTION_BITS = 52
_SIGN = 1 << 63
_MAGNITUDE = _SIGN - 1
_NAN = 0x7FF8 << 48
_INFINITY = 0x7FF0 << 48


def bits_of(number: float) -> int:
    """The bits of a double."""
    (bits,) = struct.unpack("<q", struct.pack("<d", number))
    return bits


# --- random numbers ------------------------------------------------------------------------------------------------------------


def key_of(b: LoopBuilder, stream: Stream, step: Value | None) -> Value:
    """Where the counter of a step starts: of a step that is known, or that a loop counts."""
    if step is None:
        return b.constant(stream.key(0), i64)
    return drawn(b.constant(stream.base, i64), step.to(i64))


def drawn(key: Value, counter: Value) -> Value:
    """The number at a counter."""
    z = key + (counter + 1) * GAMMA
    z = (z ^ (z >> FIRST_SHIFT)) * FIRST_FACTOR
    z = (z ^ (z >> SECOND_SHIFT)) * SECOND_FACTOR
    return z ^ (z >> LAST_SHIFT)


# --- rounding ------------------------------------------------------------------------------------------------------------------


def rounded(how: Rounding, target: Format, x: Value, random: Value | None = None, up: Value | None = None) -> Value:
    """`x` rounded to a format, a double again; `up` is a word, 0 or 1."""
    if changes_nothing(target, how.mode, how.overflow):
        return x
    bits = x.bits_as(i64)
    size = bits & _MAGNITUDE
    limit = _limit(how, target)
    if _has_exponents_of_doubles(target):
        result = _cut(how.mode, target, size, random, up)
        result = (result > bits_of(target.max)).select(result.like(limit), result)
    else:
        multiple, quantum = _parts(how.mode, target, size, random, up)
        magnitude = _put_together(target, multiple, quantum)
        result = (magnitude > target.max).select(bits.like(limit), magnitude.bits_as(i64))
    signed = result | (bits & -_SIGN)
    if target.flavour is Flavour.FNUZ:
        signed = result.eq(0).select(result, signed)  # no negative zero
    not_a_number = _NAN if target.holds_nan else -_SIGN
    return (size > _INFINITY).select(bits.like(not_a_number), signed).bits_as(f64)


def to_integer(mode: Mode, x: Value, target: Format, random: Value | None, up: Value | None) -> Value:
    """A double that is no NaN, below 2^51, as a word; `target` has a smallest distance of 1."""
    bits = x.bits_as(i64)
    multiple, _ = _parts(mode, target, bits & _MAGNITUDE, random, up)
    return (bits < 0).select(0 - multiple, multiple)


def _limit(how: Rounding, target: Format) -> int:
    """The bits of what is beyond the largest value."""
    if how.mode is Mode.RZ or how.overflow is Overflow.SATURATE:
        return bits_of(target.max)
    return bits_of(inf) if target.holds_infinity else _NAN


def _has_exponents_of_doubles(target: Format) -> bool:
    return target.exponent_bits == 11 and target.bias == 1023 and target.flavour is Flavour.IEEE


def _cut(mode: Mode, target: Format, size: Value, random: Value | None, up: Value | None) -> Value:
    """The bits of a magnitude, rounded."""
    surplus = _FRACTION_BITS - target.mantissa_bits
    if surplus == 0:
        return size
    half, mask = 1 << (surplus - 1), (1 << surplus) - 1
    match mode:
        case Mode.RN:
            return ((size + (half - 1) + (size >> surplus & 1)) >> surplus) << surplus
        case Mode.RZ:
            return size & ~mask
        case Mode.SR:
            assert random is not None
            goes_up = random.ult(size << (64 - surplus))
        case Mode.LEARNED:
            assert up is not None
            goes_up = (size & mask).ne(0) & up.ne(0)
    return ((size >> surplus) + goes_up.unsigned_to(i64)) << surplus


def _parts(mode: Mode, target: Format, size: Value, random: Value | None, up: Value | None) -> tuple[Value, Value]:
    """A magnitude, rounded, as a multiple of 2 to the other."""
    field = size >> _FRACTION_BITS
    significand = (size & ((1 << _FRACTION_BITS) - 1)) | (field > 0).unsigned_to(i64) << _FRACTION_BITS
    exponent = field.maximum(1) - 1075
    quantum = (exponent + (_FRACTION_BITS - target.mantissa_bits)).maximum(target.quantum_exponent)
    dropped = quantum - exponent
    near = dropped.minimum(63)
    lower = significand >> near
    low = significand - (lower << near)
    match mode:
        case Mode.RN:
            odd = lower & 1 if target.mantissa_bits else lower & (quantum + target.bias) & 1
            goes_up = low + odd > 1 << (near - 1).maximum(0)
        case Mode.RZ:
            return lower, quantum
        case Mode.SR:
            assert random is not None
            goes_up = random.ult(_fraction(low, dropped))
        case Mode.LEARNED:
            assert up is not None
            goes_up = low.ne(0) & up.ne(0)
    return lower + goes_up.unsigned_to(i64), quantum


def _fraction(low: Value, dropped: Value) -> Value:
    """low / 2^dropped in units of 2^-64."""
    left = (64 - dropped.minimum(64)).minimum(63)
    right = (dropped.maximum(64) - 64).minimum(63)
    return (low << left) >> right


def _put_together(target: Format, multiple: Value, quantum: Value) -> Value:
    """multiple * 2^quantum."""
    quantum = quantum.minimum(1023)
    if target.quantum_exponent >= -1022:
        return multiple.to(f64) * _power(quantum)
    half = quantum.shift_right_signed(1)  # the power itself may be no normal double
    return multiple.to(f64) * _power(half) * _power(quantum - half)


def _power(exponent: Value) -> Value:
    return ((exponent + 1023) << _FRACTION_BITS).bits_as(f64)

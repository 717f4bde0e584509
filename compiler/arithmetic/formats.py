"""Number formats: which values a small float holds, and their bit patterns.

    E4M3FN.max                                   # 448.0
    E4M3FN.decode(numpy.array([0x7E]))           # array([448.])
    significand(10)                              # doubles with 10 bits after the leading one

A value of any format here is a double, exactly: values travel as float64, bit patterns ("codes") as uint64. Formats that `ml_dtypes` or
NumPy holds are decoded by them; the rule that the rest follow is tested against them for every code.

Refuses formats with values that are no doubles, and those that leave no number to their flavour.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ldexp
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Codes = NDArray[np.uint64]


class FormatError(ValueError):
    """No such format; the message says why."""


class Flavour(Enum):
    """What the codes beyond the finite numbers mean. The names are those of `ml_dtypes`."""

    IEEE = "ieee"  # the top exponent holds infinities and NaNs
    FN = "fn"  # no infinity; NaN is the code of all ones
    FINITE = "finite"  # numbers only
    FNUZ = "fnuz"  # no infinity, no negative zero: its code is NaN
    FNU = "fnu"  # unsigned powers of two and NaN; no zero (the scale of a block)


@dataclass(frozen=True, slots=True)
class Format:
    """Sign, `exponent_bits`, `mantissa_bits`: (-1)^s 2^(E - bias) (1 + M / 2^m), below the smallest exponent without the 1."""

    exponent_bits: int
    mantissa_bits: int
    bias: int
    flavour: Flavour = Flavour.IEEE

    def __post_init__(self) -> None:
        if reason := _illegal(self):
            raise FormatError(reason)

    @property
    def signed(self) -> bool:
        return self.flavour is not Flavour.FNU

    @property
    def width(self) -> int:
        """Bits of a code."""
        return self.exponent_bits + self.mantissa_bits + self.signed

    @property
    def holds_zero(self) -> bool:
        return self.flavour is not Flavour.FNU

    @property
    def holds_infinity(self) -> bool:
        return self.flavour is Flavour.IEEE

    @property
    def holds_nan(self) -> bool:
        return self.flavour is not Flavour.FINITE

    @property
    def holds_negative_zero(self) -> bool:
        return self.flavour not in (Flavour.FNUZ, Flavour.FNU)

    @property
    def quantum_exponent(self) -> int:
        """2 to this is the distance of the smallest numbers, and of zero to the next one."""
        return 1 - self.bias - self.mantissa_bits

    @property
    def max_exponent(self) -> int:
        return self._top_field - self.bias

    @property
    def max(self) -> float:
        """The largest finite value."""
        ones = (2 << self.mantissa_bits) - (2 if self.flavour is Flavour.FN else 1)
        return ldexp(ones, self.max_exponent - self.mantissa_bits)

    @property
    def smallest(self) -> float:
        """The smallest positive value."""
        return ldexp(1, -self.bias if self.flavour is Flavour.FNU else self.quantum_exponent)

    @property
    def _top_field(self) -> int:
        """The largest exponent field of a finite number."""
        return (1 << self.exponent_bits) - (2 if self.flavour in (Flavour.IEEE, Flavour.FNU) else 1)

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The format as `ml_dtypes` or NumPy holds it, if one does."""
        return _DTYPES.get(self)

    def decode(self, codes: NDArray[Any]) -> Reals:
        """The value of each code."""
        codes = np.asarray(codes, np.uint64)
        if self.dtype is None:
            return self.decode_by_rule(codes)
        with np.errstate(invalid="ignore"):
            return codes.astype(f"u{self.dtype.itemsize}").view(self.dtype).astype(np.float64)

    def decode_by_rule(self, codes: Codes) -> Reals:
        """As `decode`, from the definition."""
        fraction = (codes & np.uint64((1 << self.mantissa_bits) - 1)).astype(np.int64)
        field = (codes >> np.uint64(self.mantissa_bits) & np.uint64((1 << self.exponent_bits) - 1)).astype(np.int64)
        if self.flavour is Flavour.FNU:
            return np.where(field > self._top_field, np.nan, np.ldexp(1.0, field - self.bias))
        significand = fraction + ((field > 0).astype(np.int64) << self.mantissa_bits)
        exponent = np.maximum(field, 1) - self.bias - self.mantissa_bits
        finite = field <= self._top_field  # ldexp below must not overflow
        magnitude = np.where(finite, np.ldexp(significand.astype(np.float64), np.where(finite, exponent, 0)), np.inf)
        if self.flavour is Flavour.IEEE:
            magnitude = np.where((field > self._top_field) & (fraction > 0), np.nan, magnitude)
        negative = codes >> np.uint64(self.width - 1) > 0
        if self.flavour is Flavour.FN:
            magnitude = np.where(magnitude > self.max, np.nan, magnitude)
        if self.flavour is Flavour.FNUZ:
            magnitude = np.where(negative & (magnitude == 0), np.nan, magnitude)
        return np.where(negative, -magnitude, magnitude)

    def encode(self, values: NDArray[Any]) -> Codes:
        """The code of each value, which the format must hold; for a NaN the one of all ones, where there is a choice."""
        values = np.asarray(values, np.float64)
        finite = np.where(np.isfinite(values), values, 0)
        _, exponent = np.frexp(np.abs(finite))
        lowest = 1 - self.bias
        exponent = np.maximum(np.where(finite == 0, lowest, exponent.astype(np.int64) - 1), lowest)
        significand = np.ldexp(np.abs(finite), self.mantissa_bits - exponent).astype(np.int64)
        codes = ((exponent + self.bias - 1) << self.mantissa_bits) + significand
        codes = np.where(np.isinf(values), (self._top_field + 1) << self.mantissa_bits, codes).astype(np.uint64)
        zero_sign = self.flavour is not Flavour.FNUZ
        negative = np.signbit(values) & (zero_sign | (values != 0)) & self.signed
        codes |= negative.astype(np.uint64) << np.uint64(self.width - 1)
        return np.where(np.isnan(values), np.uint64(self._nan), codes)

    @property
    def _nan(self) -> int:
        if self.flavour is Flavour.FNUZ:
            return 1 << (self.width - 1)
        return (1 << (self.width - self.signed)) - 1

    def codes(self) -> Codes:
        """All codes, for formats of at most 16 bits."""
        assert self.width <= 16
        return np.arange(1 << self.width, dtype=np.uint64)

    def values(self) -> Reals:
        """All finite values, ascending, zero once."""
        found = self.decode(self.codes())
        return np.unique(found[np.isfinite(found)])

    def holds(self, other: Format) -> bool:
        """Every value of `other` is one of this format: numbers, infinities, NaN, the negative zero."""
        return (
            (other.signed <= self.signed)
            and (self.holds_zero or not other.holds_zero)
            and other.mantissa_bits <= self.mantissa_bits
            and ldexp(1, other.quantum_exponent) >= self.smallest
            and other.max <= self.max
            and other.holds_infinity <= self.holds_infinity
            and other.holds_nan <= self.holds_nan
            and other.holds_negative_zero <= self.holds_negative_zero
        )

    def holds_integers(self, low: int, high: int) -> bool:
        """Every integer from `low`, which is at most 0, to `high` is one of this format."""
        largest = max(-low, high)
        return (
            self.holds_zero
            and self.quantum_exponent <= 0
            and largest <= 1 << (self.mantissa_bits + 1)
            and largest <= self.max
        )


def _illegal(it: Format) -> str:
    """Why there is no such format; empty if there is."""
    least = 2 if it.flavour is Flavour.IEEE else 1
    if not least <= it.exponent_bits <= 11:
        return f"an exponent of flavour `{it.flavour.value}` has {least} to 11 bits, not {it.exponent_bits}"
    if not 0 <= it.mantissa_bits <= 52:
        return f"a mantissa has 0 to 52 bits, not {it.mantissa_bits}"
    if it.mantissa_bits == 0 and it.flavour is Flavour.FN:
        return "flavour `fn` needs a mantissa: its NaN would take the largest power of two"
    if it.mantissa_bits != 0 and it.flavour is Flavour.FNU:
        return "flavour `fnu` holds powers of two: it has no mantissa"
    if it.quantum_exponent < -1074 or it.max_exponent > 1023:
        return f"values from 2^{it.quantum_exponent} to 2^{it.max_exponent} are not all doubles"
    return ""


E4M3FN = Format(4, 3, 7, Flavour.FN)
E5M2 = Format(5, 2, 15)
E2M1 = Format(2, 1, 1, Flavour.FINITE)
E8M0 = Format(8, 0, 127, Flavour.FNU)
BF16 = Format(8, 7, 127)
FP16 = Format(5, 10, 15)
FP32 = Format(8, 23, 127)
FP64 = Format(11, 52, 1023)

NAMED: dict[str, Format] = {
    "e4m3fn": E4M3FN,
    "e5m2": E5M2,
    "e2m1": E2M1,
    "e8m0": E8M0,
    "bf16": BF16,
    "fp16": FP16,
    "fp32": FP32,
    "fp64": FP64,
}
"""The formats that have a name."""

_DTYPES: dict[Format, np.dtype[Any]] = {
    E4M3FN: np.dtype(ml_dtypes.float8_e4m3fn),
    E5M2: np.dtype(ml_dtypes.float8_e5m2),
    E2M1: np.dtype(ml_dtypes.float4_e2m1fn),
    E8M0: np.dtype(ml_dtypes.float8_e8m0fnu),
    Format(4, 3, 7): np.dtype(ml_dtypes.float8_e4m3),
    Format(3, 4, 3): np.dtype(ml_dtypes.float8_e3m4),
    Format(4, 3, 8, Flavour.FNUZ): np.dtype(ml_dtypes.float8_e4m3fnuz),
    Format(4, 3, 11, Flavour.FNUZ): np.dtype(ml_dtypes.float8_e4m3b11fnuz),
    Format(5, 2, 16, Flavour.FNUZ): np.dtype(ml_dtypes.float8_e5m2fnuz),
    Format(2, 3, 1, Flavour.FINITE): np.dtype(ml_dtypes.float6_e2m3fn),
    Format(3, 2, 3, Flavour.FINITE): np.dtype(ml_dtypes.float6_e3m2fn),
    BF16: np.dtype(ml_dtypes.bfloat16),
    FP16: np.dtype(np.float16),
    FP32: np.dtype(np.float32),
    FP64: np.dtype(np.float64),
}


def significand(bits: int) -> Format:
    """Doubles with `bits` bits after the leading one (52 is a double)."""
    return Format(11, bits, 1023)

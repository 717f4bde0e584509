"""`Lanes` compute as 64-bit registers do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from compiler.arithmetic.words import Lanes

WORDS = st.integers(-(2**63), 2**63 - 1)


def signed(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63


@given(WORDS, WORDS, st.integers(0, 63))
def test_arithmetic(a: int, b: int, shift: int) -> None:
    x, y = Lanes.of(np.array([a])), Lanes.of(np.array([b]))
    ua, ub = a % 2**64, b % 2**64
    expected = {
        "+": (x + y, a + b),
        "-": (x - y, a - b),
        "*": (x * y, a * b),
        "//": (x // y.maximum(1), ua // max(b, 1)),
        "<<": (x << shift, a << shift),
        ">>": (x >> shift, ua >> shift),
        "sra": (x.shift_right_signed(shift), a >> shift),
        "^": (x ^ y, a ^ b),
        "clz": (x.leading_zeros(), 64 - ua.bit_length()),
        "min": (x.minimum(y), min(a, b)),
    }
    assert {name: int(got.array[0]) for name, (got, _) in expected.items()} == {
        name: signed(value) for name, (_, value) in expected.items()
    }
    assert bool(x.ult(y).array[0]) == (ua < ub)

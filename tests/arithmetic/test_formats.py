"""Formats against those who hold them already: ml_dtypes and gfloat, every code."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The stubs of ml_dtypes and gfloat leave types open.

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from gfloat.decode_ndarray import decode_ndarray
from gfloat.formats import (
    format_info_bfloat16,
    format_info_binary16,
    format_info_ocp_e2m1,
    format_info_ocp_e4m3,
    format_info_ocp_e5m2,
)
from hypothesis import given
from hypothesis import strategies as st

from compiler.arithmetic.formats import (
    BF16,
    E2M1,
    E4M3FN,
    E5M2,
    E8M0,
    FP16,
    FP64,
    NAMED,
    Flavour,
    Format,
    FormatError,
    significand,
)

SMALL = {
    **{name: each for name, each in NAMED.items() if each.width <= 16},
    "e4m3": Format(4, 3, 7),
    "e3m4": Format(3, 4, 3),
    "e4m3fnuz": Format(4, 3, 8, Flavour.FNUZ),
    "e4m3b11fnuz": Format(4, 3, 11, Flavour.FNUZ),
    "e5m2fnuz": Format(5, 2, 16, Flavour.FNUZ),
    "e2m3fn": Format(2, 3, 1, Flavour.FINITE),
    "e3m2fn": Format(3, 2, 3, Flavour.FINITE),
}


def same(a: Any, b: Any) -> bool:
    """Equal bits of sign and value, or both NaN."""
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(
        np.signbit(a) & ~np.isnan(a), np.signbit(b) & ~np.isnan(b)
    )


@pytest.mark.parametrize("name", SMALL)
def test_the_rule_gives_what_ml_dtypes_gives_for_every_code(name: str) -> None:
    it = SMALL[name]
    assert it.dtype is not None
    assert same(it.decode_by_rule(it.codes()), it.decode(it.codes()))


@pytest.mark.parametrize("name", SMALL)
def test_what_ml_dtypes_says_of_a_format(name: str) -> None:
    it = SMALL[name]
    assert it.dtype is not None
    told: Any = ml_dtypes.finfo(it.dtype)
    assert float(told.max) == it.max
    assert (told.bits, told.nmant) == (it.dtype.itemsize * 8 if it.width > 8 else it.width, it.mantissa_bits)
    if it.signed:
        assert float(told.smallest_subnormal) == it.smallest


@pytest.mark.parametrize("name", SMALL)
def test_encoding_undoes_decoding(name: str) -> None:
    it = SMALL[name]
    values = it.decode(it.codes())
    number = ~np.isnan(values)
    assert np.array_equal(it.encode(values)[number], it.codes()[number])
    assert np.isnan(it.decode(it.encode(values[~number]))).all()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (E4M3FN, format_info_ocp_e4m3),
        (E5M2, format_info_ocp_e5m2),
        (E2M1, format_info_ocp_e2m1),
        (BF16, format_info_bfloat16),
        (FP16, format_info_binary16),
    ],
)
def test_gfloat_agrees_for_every_code(ours: Format, theirs: Any) -> None:
    assert same(decode_ndarray(theirs, ours.codes().astype(np.int64)), ours.decode(ours.codes()))


def test_the_published_grids() -> None:
    assert (len(E4M3FN.values()), E4M3FN.max) == (253, 448)
    assert (len(E5M2.values()), E5M2.max) == (247, 57344)
    assert E2M1.values()[7:].tolist() == [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    assert not E8M0.holds_zero


@given(st.floats(allow_nan=False), st.integers(1, 51))
def test_codes_of_wide_formats(x: float, bits: int) -> None:
    it = significand(bits)
    at = np.array([x]).view(np.uint64) >> np.uint64(52 - bits) << np.uint64(52 - bits)
    held = at.view(np.float64)
    assert same(it.decode(it.encode(held)), held)
    assert it.encode(held)[0] == int(at[0]) >> (52 - bits)


@pytest.mark.parametrize("small", SMALL.values())
@pytest.mark.parametrize("large", SMALL.values())
def test_a_format_holds_another_if_all_its_values(small: Format, large: Format) -> None:
    assert large.holds(small) == distinct(small).issubset(distinct(large))


def distinct(it: Format) -> set[float | str]:
    """All values, told apart as they print: both zeros, infinities, one NaN."""
    return set(map(str, it.decode(it.codes()).tolist()))


def test_doubles_hold_all() -> None:
    assert all(FP64.holds(each) for each in SMALL.values())


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((1, 3, 7, Flavour.IEEE), "2 to 11 bits, not 1"),
        ((12, 3, 7, Flavour.FN), "1 to 11 bits, not 12"),
        ((4, 53, 7, Flavour.FN), "0 to 52 bits, not 53"),
        ((4, 0, 7, Flavour.FN), "needs a mantissa"),
        ((8, 1, 127, Flavour.FNU), "no mantissa"),
        ((4, 3, 2000, Flavour.IEEE), "not all doubles"),
    ],
)
def test_no_such_format(numbers: tuple[int, int, int, Flavour], reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        Format(*numbers)

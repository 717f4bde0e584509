"""Every rounding into every format against exact rational numbers; to nearest also against ml_dtypes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from arithmetic_kernels import bits
from exact_formats import exact_rounding
from exact_rounding import ExactRounding, hard_inputs
from hypothesis import given
from hypothesis import strategies as st

from compiler.arithmetic.formats import BF16, E2M1, E4M3FN, E5M2, FP16, Flavour, Format, significand
from compiler.arithmetic.random_stream import Stream, draws
from compiler.arithmetic.rounding import Mode, Overflow, neighbours, round_to

FORMATS = {
    "e4m3fn": E4M3FN,
    "e5m2": E5M2,
    "e2m1": E2M1,
    "bf16": BF16,
    "fp16": FP16,
    "e4m3fnuz": Format(4, 3, 8, Flavour.FNUZ),
    "e3m2fn": Format(3, 2, 3, Flavour.FINITE),
    "e3m0": Format(3, 0, 3, Flavour.FINITE),
    "e2m1 shifted": Format(2, 1, 4, Flavour.FINITE),
    "e1m6": Format(1, 6, 0, Flavour.FINITE),
    "e5m6": Format(5, 6, 15),
}


@pytest.mark.parametrize("name", FORMATS)
def test_all_modes_are_exact_around_every_value(name: str) -> None:
    target, x = FORMATS[name], hard_inputs(FORMATS[name])
    random = draws(Stream(1, 2), 0, x.size)
    up = random % np.uint64(3) == 0
    for mode in Mode:
        draw, direction = random if mode is Mode.SR else None, up if mode is Mode.LEARNED else None
        expected = exact_rounding(target, x, mode, Overflow.SATURATE, random, up)
        assert np.array_equal(bits(round_to(target, x, mode, random=draw, up=direction)), bits(expected)), mode


@pytest.mark.parametrize("name", FORMATS)
def test_two_ways_to_expect_agree(name: str) -> None:
    """By units of 2^-1200 and by a search among doubles."""
    target, exact = FORMATS[name], ExactRounding(FORMATS[name])
    x = hard_inputs(target)[:: 1 + len(hard_inputs(target)) // 500]
    random = draws(Stream(1, 2), 0, x.size)
    up = random % np.uint64(3) == 0
    found = {mode: exact_rounding(target, x, mode, Overflow.SATURATE, random, up).tolist() for mode in Mode}
    for at, (value, draw, direction) in enumerate(zip(x.tolist(), random.tolist(), up.tolist(), strict=True)):
        assert {mode: each[at] for mode, each in found.items()} == exact(value, draw, direction), value


def test_what_is_expected_is_what_fractions_say() -> None:
    """The oracle counts in units of 2^-1200; here by division."""
    exact, magnitudes = ExactRounding(E4M3FN), [Fraction(each) for each in E4M3FN.values().tolist() if each >= 0]
    for x in hard_inputs(E4M3FN)[::7].tolist():
        if not 0 < x < E4M3FN.max:
            continue
        low, high = max(each for each in magnitudes if each <= x), min(each for each in magnitudes if each > x)
        fraction = (Fraction(x) - low) / (high - low)
        odds = int(fraction * 2**64)
        assert exact(x, odds, True) == {
            Mode.RZ: low,
            Mode.SR: low,
            Mode.LEARNED: high if fraction else low,
            Mode.RN: min(low, high, key=lambda each: (abs(each - Fraction(x)), magnitudes.index(each) % 2)),
        }
        assert not odds or exact(x, odds - 1, True)[Mode.SR] == high


@pytest.mark.parametrize("source", [FP16, BF16, E5M2], ids=["fp16", "bf16", "e5m2"])
@pytest.mark.parametrize("target", [E4M3FN, E5M2, E2M1, BF16, FP16], ids=["e4m3fn", "e5m2", "e2m1", "bf16", "fp16"])
def test_nearest_is_that_of_ml_dtypes(source: Format, target: Format) -> None:
    x = source.decode(source.codes())
    x = x[np.isfinite(x)]
    overflow = Overflow.SPECIAL if target.holds_nan else Overflow.SATURATE
    assert target.dtype is not None
    with np.errstate(over="ignore", invalid="ignore"):
        theirs = x.astype(target.dtype).astype(np.float64)
    ours = round_to(target, x, Mode.RN, overflow=overflow)
    assert np.array_equal(ours, theirs, equal_nan=True)
    assert np.array_equal(np.signbit(ours), np.signbit(theirs))


def test_what_is_no_number() -> None:
    x = np.array([np.nan, np.inf, -np.inf, -0.0])
    assert str(round_to(E5M2, x, Mode.RN, overflow=Overflow.SPECIAL)) == "[ nan  inf -inf  -0.]"
    assert str(round_to(E4M3FN, x, Mode.RN, overflow=Overflow.SPECIAL)) == "[nan nan nan -0.]"
    assert str(round_to(E4M3FN, x, Mode.RN)) == "[  nan  448. -448.   -0.]"
    assert str(round_to(E2M1, x, Mode.RN)) == "[-0.  6. -6. -0.]"
    assert str(round_to(FORMATS["e4m3fnuz"], x, Mode.RN)) == "[  nan  240. -240.    0.]"


@given(st.fractions(), st.integers(0, 2**64 - 1), st.integers(0, 51), st.booleans())
def test_significands_of_any_length(value: Fraction, random: int, bits: int, up: bool) -> None:
    """The neighbours are found here by dividing, not by listing."""
    x = np.array([float(value)])
    held = abs(Fraction(float(x[0])))
    target = significand(bits)
    quantum = Fraction(2) ** (int(np.frexp(x[0])[1]) - 1 - bits)
    low, rest = divmod(held, quantum)
    fraction = rest / quantum
    chosen = {
        Mode.RN: round(held / quantum),
        Mode.RZ: low,
        Mode.SR: low + (random < int(fraction * 2**64)),
        Mode.LEARNED: low + (up and fraction > 0),
    }
    draw, bit = np.array([random], np.uint64), np.array([up])
    for mode, multiple in chosen.items():
        result = round_to(
            target, x, mode, random=draw if mode is Mode.SR else None, up=bit if mode is Mode.LEARNED else None
        )
        assert abs(Fraction(float(result[0]))) == multiple * quantum, mode


@given(st.floats(-500, 500))
def test_neighbours_enclose(x: float) -> None:
    low, high = neighbours(E4M3FN, np.array([x]))
    assert abs(low[0]) <= min(abs(x), 448) <= abs(high[0])
    assert (low[0] == high[0]) == (x in E4M3FN.values() or abs(x) > 448)


@pytest.mark.parametrize("x", [0.3, 1.0 + 2.0**-6, 5.9, 2.0**-8])
def test_stochastic_rounding_is_right_on_average(x: float) -> None:
    count = 1 << 16
    target = significand(4) if x < 0.01 else E2M1
    rounded = round_to(target, np.full(count, x), Mode.SR, random=draws(Stream(7, 0), 0, count))
    low, high = neighbours(target, np.array([x]))
    assert abs(rounded.mean() - x) <= 4 * (high[0] - low[0]) / 2 / count**0.5

"""Interval arithmetic against brute force: sound always, tightest where that is promised."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.analysis.interval import ANY, NONNEGATIVE, Interval

REACH = 12
FAR = 40

bounded = st.tuples(st.integers(-REACH, REACH), st.integers(-REACH, REACH)).map(
    lambda ends: Interval(min(ends), max(ends))
)
half_open = st.one_of(
    st.integers(-REACH, REACH).map(lambda lo: Interval(lo, None)),
    st.integers(-REACH, REACH).map(lambda hi: Interval(None, hi)),
    st.just(ANY),
)
intervals = st.one_of(bounded, half_open)


def members(interval: Interval) -> range:
    """All members, or for an open side those up to FAR."""
    lo = -FAR if interval.lo is None else interval.lo
    return range(lo, (FAR if interval.hi is None else interval.hi) + 1)


def hull(values: Iterable[int]) -> Interval:
    found = list(values)
    return Interval(min(found), max(found))


def trunc_div(a: int, b: int) -> int:
    size = abs(a) // abs(b)
    return size if (a < 0) == (b < 0) else -size


def trunc_rem(a: int, b: int) -> int:
    return a - b * trunc_div(a, b)


Pair = Callable[[int, int], int]
Lifted = Callable[[Interval, Interval], Interval]


def images(function: Pair, a: Interval, b: Interval, divides: bool) -> list[int]:
    return [function(x, y) for x in members(a) for y in members(b) if y or not divides]


TIGHT: list[tuple[Lifted, Pair, bool]] = [
    (Interval.__add__, int.__add__, False),
    (Interval.__sub__, int.__sub__, False),
    (Interval.__mul__, int.__mul__, False),
    (Interval.__floordiv__, int.__floordiv__, True),
    (Interval.div_trunc, trunc_div, True),
]
SOUND: list[tuple[Lifted, Pair, bool]] = [
    *TIGHT,
    (Interval.__mod__, int.__mod__, True),
    (Interval.rem_trunc, trunc_rem, True),
    (Interval.__and__, int.__and__, False),
    (Interval.__or__, int.__or__, False),
    (Interval.__xor__, int.__xor__, False),
]


@pytest.mark.parametrize(("lifted", "exact", "divides"), SOUND)
@given(a=intervals, b=intervals)
def test_every_result_is_inside(lifted: Lifted, exact: Pair, divides: bool, a: Interval, b: Interval) -> None:
    result = lifted(a, b)
    assert all(result.contains(value) for value in images(exact, a, b, divides))


@pytest.mark.parametrize(("lifted", "exact", "divides"), TIGHT)
@given(a=bounded, b=bounded)
def test_arithmetic_bounds_are_reached(lifted: Lifted, exact: Pair, divides: bool, a: Interval, b: Interval) -> None:
    values = images(exact, a, b, divides)
    assert lifted(a, b) == (hull(values) if values else ANY)


@given(a=intervals, count=st.tuples(st.integers(-2, 5), st.integers(0, 5)))
def test_shifts(a: Interval, count: tuple[int, int]) -> None:
    counts = Interval(count[0], max(count))
    left, right = a << counts, a >> counts
    for shift in members(counts):
        assert all(shift < 0 or left.contains(x << shift) for x in members(a))
        assert all(shift < 0 or right.contains(x >> shift) for x in members(a))


def test_shift_by_an_unbounded_count_stays_small() -> None:
    assert Interval(1, 1) << NONNEGATIVE == Interval(1, None)
    assert Interval(1, 255) << Interval(0, 1 << 60) == Interval(1, None)
    assert Interval(-8, 255) >> NONNEGATIVE == Interval(-8, 255)
    assert Interval(1, 1) << Interval(-3, -1) == ANY


@given(a=intervals)
def test_one_operand(a: Interval) -> None:
    assert all((-a).contains(-x) and (~a).contains(~x) for x in members(a))
    assert all(a.magnitude().contains(abs(x)) for x in members(a))
    negated, flipped = -a, ~a
    assert -negated == a and ~flipped == a


@given(a=intervals, exponent=st.integers(1, 5))
def test_power_of_one_value(a: Interval, exponent: int) -> None:
    power = a.power(exponent)
    assert all(power.contains(x**exponent) for x in members(a))
    if a.lo is not None and a.hi is not None:
        assert power == hull(x**exponent for x in members(a))


@given(a=intervals, b=intervals)
def test_join_and_meet_are_set_operations(a: Interval, b: Interval) -> None:
    join, meet = a.join(b), a.meet(b)
    for x in range(-FAR, FAR + 1):
        assert (a.contains(x) and b.contains(x)) == (meet is not None and meet.contains(x))
        assert not (a.contains(x) or b.contains(x)) or join.contains(x)
    assert a.within(join) and b.within(join)
    assert meet is None or (meet.within(a) and meet.within(b))


@given(a=bounded, b=intervals)
def test_within_means_every_member(a: Interval, b: Interval) -> None:
    assert a.within(b) == all(b.contains(x) for x in members(a))


@given(a=intervals, bits=st.integers(1, 5), signed=st.booleans())
def test_wrap_around(a: Interval, bits: int, signed: bool) -> None:
    base = -(1 << (bits - 1)) if signed else 0
    wrapped = a.wrapped(bits, signed)
    values = {(x - base) % (1 << bits) + base for x in members(a)}
    assert all(wrapped.contains(value) for value in values)
    assert wrapped.fits(bits, signed)
    assert not a.fits(bits, signed) or wrapped == a


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Interval(-7, 7) & Interval.exactly(15), Interval(0, 15)),
        (Interval(0, 3) | Interval.exactly(4), Interval(4, 7)),
        (Interval(0, 100) ^ Interval(0, 3), Interval(0, 103)),
        (Interval(-7, 7).rem_trunc(Interval.exactly(4)), Interval(-3, 3)),
        (Interval(0, 3).rem_trunc(Interval.exactly(4)), Interval(0, 3)),
        (Interval(5, None) % Interval.exactly(4), Interval(0, 3)),
        (NONNEGATIVE & ANY, NONNEGATIVE),
        (Interval.of_width(8, True), Interval(-128, 127)),
        (Interval.of_width(64, False), Interval(0, 2**64 - 1)),
        (Interval(250, 260).wrapped(8, False), Interval(0, 255)),
        (Interval(256, 260).wrapped(8, False), Interval(0, 4)),
        (Interval(5, 5).div_trunc(Interval(0, 0)), ANY),
    ],
)
def test_values_worth_knowing(result: Interval, expected: Interval) -> None:
    assert result == expected


def test_questions() -> None:
    assert Interval.exactly(3).value == 3
    assert Interval(3, 4).value is None and ANY.value is None
    assert NONNEGATIVE.is_nonnegative and not ANY.is_nonnegative
    assert Interval(None, -1).is_negative and not Interval(-3, 0).is_negative


def test_an_interval_has_its_bounds_in_order() -> None:
    with pytest.raises(AssertionError):
        Interval(1, 0)

"""`compare` never contradicts an execution, and proves what pointer arithmetic needs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.analysis.index import Index
from compiler.analysis.interval import ANY, NONNEGATIVE, Interval
from compiler.analysis.order import NO_FACTS, SEARCH_BUDGET, Facts, Order, bounds, compare, is_at_most, is_below

i, j, n, rows, cols = (Index.symbol(name) for name in ["i", "j", "n", "rows", "cols"])

# -- soundness -------------------------------------------------------------------------

NAMES = "ijn"
SMALL = range(-3, 5)
products = st.sampled_from([i, j, n, i * j, i * n, j * j, n * n])


def total(terms: list[tuple[Index, int]], constant: int) -> Index:
    result = Index(constant)
    for term, factor in terms:
        result = result + term * factor
    return result


indices = st.builds(
    total,
    st.lists(st.tuples(products, st.integers(-3, 3)), max_size=3),
    st.integers(-4, 4),
)
linear = st.builds(
    total,
    st.lists(st.tuples(st.sampled_from([i, j, n]), st.integers(-2, 2)), max_size=3),
    st.integers(-4, 4),
)


@st.composite
def known(draw: st.DrawFn) -> tuple[Facts, list[dict[str, int]]]:
    """Facts, and every small environment that satisfies them."""
    ranges = {name: draw(st.sampled_from([ANY, NONNEGATIVE, Interval(0, 3), Interval(-1, 2)])) for name in NAMES}
    relations = draw(st.lists(st.tuples(linear, linear, st.booleans()), max_size=2))
    facts = NO_FACTS
    for name, interval in ranges.items():
        facts = facts.with_range(name, interval)
    for a, b, strict in relations:
        facts = facts.with_below(a, b) if strict else facts.with_at_most(a, b)
    environments = [dict(zip(NAMES, values, strict=True)) for values in product(SMALL, repeat=len(NAMES))]
    return facts, [env for env in environments if _satisfies(env, ranges, relations)]


def _satisfies(env: dict[str, int], ranges: dict[str, Interval], relations: list[tuple[Index, Index, bool]]) -> bool:
    inside = all(ranges[name].contains(value) for name, value in env.items())
    return inside and all(a.evaluate(env) + strict <= b.evaluate(env) for a, b, strict in relations)


HOLDS: dict[Order, Callable[[int], bool]] = {
    Order.LESS: lambda d: d < 0,
    Order.LESS_EQUAL: lambda d: d <= 0,
    Order.EQUAL: lambda d: d == 0,
    Order.GREATER_EQUAL: lambda d: d >= 0,
    Order.GREATER: lambda d: d > 0,
    Order.UNKNOWN: lambda d: True,
}


@given(a=indices, b=indices, given_facts=known())
def test_no_execution_contradicts_an_answer(
    a: Index, b: Index, given_facts: tuple[Facts, list[dict[str, int]]]
) -> None:
    facts, environments = given_facts
    order = compare(a, b, facts)
    at_most, below = is_at_most(a, b, facts), is_below(a, b, facts)
    for env in environments:
        difference = a.evaluate(env) - b.evaluate(env)
        assert HOLDS[order](difference)
        assert difference <= 0 or not at_most
        assert difference < 0 or not below


@given(a=indices, given_facts=known())
def test_no_execution_leaves_the_bounds(a: Index, given_facts: tuple[Facts, list[dict[str, int]]]) -> None:
    facts, environments = given_facts
    found = bounds(a, facts)
    assert all(found.contains(a.evaluate(env)) for env in environments)


@given(a=indices, b=indices, given_facts=known())
def test_the_questions_agree(a: Index, b: Index, given_facts: tuple[Facts, list[dict[str, int]]]) -> None:
    facts, environments = given_facts
    if not environments:
        return  # contradictory facts: every answer is right
    order = compare(a, b, facts)
    assert order.at_most == is_at_most(a, b, facts) or order is Order.UNKNOWN
    assert (order is not Order.LESS) or is_below(a, b, facts)
    assert compare(b, a, facts) is order.flipped


# -- what has to be proven -------------------------------------------------------------

ALL = ["i", "j", "n", "rows", "cols"]
UNSIGNED = Facts(dict.fromkeys(ALL, NONNEGATIVE))
WORDS = Facts(dict.fromkeys(ALL, Interval.of_width(64, False)))
IN_LOOP = UNSIGNED.with_below(i, n)
IN_MATRIX = UNSIGNED.with_below(i, rows).with_below(j, cols)
BLOCK = UNSIGNED.with_range("i", Interval(0, 15))


@pytest.mark.parametrize(
    ("a", "b", "facts", "expected"),
    [
        # constants and equal terms need no facts
        (Index(3), Index(4), NO_FACTS, Order.LESS),
        (n + 8, n + 8, NO_FACTS, Order.EQUAL),
        (n + 8, n, NO_FACTS, Order.GREATER),
        (n, i, NO_FACTS, Order.UNKNOWN),
        # ranges
        (n, Index(0), UNSIGNED, Order.GREATER_EQUAL),
        (n, n + i, UNSIGNED, Order.LESS_EQUAL),
        (4 * i + 4, Index(64), BLOCK, Order.LESS_EQUAL),
        (4 * i + 3, Index(64), BLOCK, Order.LESS),
        (i * cols + cols, 16 * cols, BLOCK, Order.LESS_EQUAL),
        (n * n, Index(0), NO_FACTS, Order.GREATER_EQUAL),
        # a loop over blocks: the end of block i is at or before the end of the buffer
        (64 * i + 64, 64 * n, IN_LOOP, Order.LESS_EQUAL),
        (64 * i + 64, 64 * n, WORDS.with_below(i, n), Order.LESS_EQUAL),
        (64 * i + 64, 64 * i + 64 * j, IN_LOOP.with_range("j", Interval(1, None)), Order.LESS_EQUAL),
        (64 * i + 64, 64 * n, IN_LOOP.with_at_most(i, n - 2), Order.LESS),
        # a row of a matrix
        (i * cols + j, rows * cols, IN_MATRIX, Order.LESS),
        (i * cols + cols, rows * cols, IN_MATRIX, Order.LESS_EQUAL),
        # halves: n = 2*h or 2*h + 1
        (i, n, UNSIGNED.with_at_most(2 * i, n).with_below(n, 2 * i + 2), Order.LESS_EQUAL),
        (2 * i + j, n, UNSIGNED.with_at_most(2 * i, n - 2 * j), Order.LESS_EQUAL),
        # n < 2*i and n >= 0 is i >= 1/2, and that is i >= 1
        (i, Index(0), Facts({"n": NONNEGATIVE}).with_below(n, 2 * i), Order.GREATER),
        # a chain of two relations, and one that has to be scaled
        (i, n, UNSIGNED.with_below(i, j).with_below(j, n), Order.LESS),
        (3 * i, 2 * n, UNSIGNED.with_at_most(3 * i, j).with_at_most(j, 2 * n), Order.LESS_EQUAL),
        # equations
        (i + 16, n, NO_FACTS.with_equal(n, i + 16), Order.EQUAL),
        (n, n * rows, UNSIGNED.with_range("rows", Interval(1, None)), Order.LESS_EQUAL),
        # and no more than that
        (64 * i + 65, 64 * n, IN_LOOP, Order.UNKNOWN),
        (i * cols + j + 1, rows * cols, IN_MATRIX.with_range("rows", ANY), Order.LESS_EQUAL),
        (i * cols, rows * cols, UNSIGNED, Order.UNKNOWN),
    ],
)
def test_answers(a: Index, b: Index, facts: Facts, expected: Order) -> None:
    assert compare(a, b, facts) is expected
    assert compare(b, a, facts) is expected.flipped


def test_bounds_use_relations() -> None:
    assert bounds(n - i, IN_LOOP) == Interval(1, None)
    assert bounds(Index(7), NO_FACTS) == Interval(7, 7)
    assert bounds(2 * i + 1, BLOCK) == Interval(1, 31)


def test_a_relation_of_one_symbol_is_a_range() -> None:
    assert NO_FACTS.with_below(3 * n, 10).range_of("n") == Interval(None, 3)
    assert NO_FACTS.with_at_most(7, 2 * n).range_of("n") == Interval(4, None)
    assert NO_FACTS.with_at_most(n * n, 9).range_of("n") == ANY


def test_facts_are_never_changed() -> None:
    before = UNSIGNED.with_below(i, n)
    before.with_below(n, rows).with_range("i", Interval(0, 1))
    assert before == UNSIGNED.with_below(i, n)


def test_a_contradiction_is_no_crash() -> None:
    never = UNSIGNED.with_below(i, n).with_below(n, i).with_range("i", Interval(None, -1))
    assert isinstance(compare(i, n, never), Order)
    assert bounds(i - n, never) == ANY


def test_an_unanswerable_question_stays_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relations between any two of twenty symbols give millions of chains; few are looked at."""
    symbols = [Index.symbol(k) for k in range(20)]
    facts = NO_FACTS
    for a in symbols:
        for b in symbols:
            facts = facts.with_at_most(a, b + 1) if a != b else facts
    looked_at = 0
    original = Index.plus_scaled

    def counted(self: Index, other: Index, factor: int) -> Index:
        nonlocal looked_at
        looked_at += 1
        return original(self, other, factor)

    monkeypatch.setattr(Index, "plus_scaled", counted)
    assert compare(symbols[0], n, facts) is Order.UNKNOWN
    assert looked_at < 2 * SEARCH_BUDGET

"""The algebra of symbolic offsets, against plain evaluation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.analysis.index import ZERO, Index

i, j, n = (Index.symbol(name) for name in "ijn")

leaves = st.one_of(st.integers(-5, 5).map(Index), st.sampled_from([i, j, n]))
indices = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
    ),
    max_leaves=6,
)
environments = st.fixed_dictionaries({name: st.integers(-9, 9) for name in "ijn"})
Env = dict[str, int]


@given(a=indices, b=indices, k=st.integers(-4, 4), env=environments)
def test_operators_compute_what_they_say(a: Index, b: Index, k: int, env: Env) -> None:
    x, y = a.evaluate(env), b.evaluate(env)
    assert (a + b).evaluate(env) == x + y
    assert (a - b).evaluate(env) == x - y
    assert (a * b).evaluate(env) == x * y
    assert (-a).evaluate(env) == -x
    assert a.plus_scaled(b, k).evaluate(env) == x + k * y
    assert [(a + k).evaluate(env), (k + a).evaluate(env)] == [x + k, x + k]
    assert [(a - k).evaluate(env), (k - a).evaluate(env)] == [x - k, k - x]
    assert [(a * k).evaluate(env), (k * a).evaluate(env)] == [x * k, x * k]


@given(a=indices, b=indices, c=indices)
def test_equal_polynomials_are_equal(a: Index, b: Index, c: Index) -> None:
    for left, right in [(a + b, b + a), (a * b, b * a), ((a + b) * c, c * a + b * c), (a - a, ZERO)]:
        assert left == right
        assert hash(left) == hash(right)
        assert str(left) == str(right)


@given(a=indices, env=environments)
def test_the_text_is_an_expression_of_the_same_value(a: Index, env: Env) -> None:
    value: object = eval(str(a), {}, dict(env))
    assert value == a.evaluate(env)


@given(a=indices, b=indices, c=indices, env=environments)
def test_substitution_is_simultaneous(a: Index, b: Index, c: Index, env: Env) -> None:
    moved = {**env, "i": b.evaluate(env), "j": c.evaluate(env)}
    assert a.substituted({"i": b, "j": c}).evaluate(env) == a.evaluate(moved)


@given(a=indices, divisor=st.integers(1, 4))
def test_division_is_exact_or_none(a: Index, divisor: int) -> None:
    assert (a * divisor).divided_by(divisor) == a
    quotient = a.divided_by(divisor)
    assert quotient is None or quotient * divisor == a


@given(a=indices)
def test_normal_form(a: Index) -> None:
    assert all(coefficient != 0 and monomial.factors for monomial, coefficient in a.terms.items())
    assert (a.as_constant is None) == bool(a.symbols)
    assert set(a.symbols) <= {"i", "j", "n"}


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (64 * i + 4, "64*i + 4"),
        (ZERO, "0"),
        (Index(-3), "-3"),
        (4 - i, "-i + 4"),
        (3 * i * j - 4 * n + i * i - 7, "3*i*j + i*i - 4*n - 7"),
        (n - i * j, "n - i*j"),
    ],
)
def test_text(index: Index, text: str) -> None:
    assert str(index) == text


def test_symbols_are_opaque_and_named_by_the_caller() -> None:
    value = object()
    index = Index.symbol(value) * 2 + 1
    assert index.render(lambda symbol: "len" if symbol is value else "?") == "2*len + 1"
    assert index.symbols == (value,)


def test_products_remember_the_order_in_which_they_were_multiplied() -> None:
    [monomial] = (n * i).terms
    assert monomial.factors == (("n", 1), ("i", 1))
    assert (n * i).symbols == ("n", "i") and n * i == i * n

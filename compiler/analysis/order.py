"""Which of two indices is smaller? An answer with a proof, or UNKNOWN; never a guess.

Owns `Facts` (what is known at one program point), `Order` and `compare`:

    compare(64*i + 64, 64*n, NO_FACTS)                                  UNKNOWN
    compare(64*i + 64, 64*n, NO_FACTS.with_below(i, n))                 LESS_EQUAL
    compare(i*cols + j, rows*cols, facts with i < rows, 0 <= j < cols)  LESS

(the second because `i < n` is `i + 1 <= n` for integers). How it proves: interval arithmetic
bounds the difference; where that does not decide, the difference is weakened by one known
relation after the other until it does. From a difference `d` and a quantity `s` known to be
>= 0 follows `d >= d - s`: a term of `d` is traded for what bounds it, one step of
Fourier-Motzkin elimination. For example, to bound `64*n - 64*i - 64` from below:

    64*n - 64*i - 64                      `-64*i` has no lower bound; but n - 1 - i >= 0
      -  64*(n - 1 - i)   =   0           so the difference is at least 0

A relation may first be multiplied by a product known to be >= 0; that trades `i*cols` for
`(rows - 1)*cols`. The search has a fixed budget, so a question has a price that does not
depend on the size of the program.

Refuses nothing: what is not proven within the budget is UNKNOWN. Facts that contradict each
other describe code that never runs, and any answer is right there.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from math import gcd
from typing import Any

from compiler.analysis.index import Index, Monomial, Symbol
from compiler.analysis.interval import ANY, Interval

SEARCH_BUDGET = 48
"""How many weakened differences one question may look at. Real proofs take one to four."""


class Order(Enum):
    """What is proven about `a` against `b`. LESS_EQUAL: less or equal, it is not known which."""

    LESS = auto()
    LESS_EQUAL = auto()
    EQUAL = auto()
    GREATER_EQUAL = auto()
    GREATER = auto()
    UNKNOWN = auto()

    @property
    def at_most(self) -> bool:
        return self in (Order.LESS, Order.LESS_EQUAL, Order.EQUAL)

    @property
    def at_least(self) -> bool:
        return self in (Order.GREATER, Order.GREATER_EQUAL, Order.EQUAL)

    @property
    def flipped(self) -> Order:
        """The order of `b` against `a`."""
        return _FLIPPED[self]


_FLIPPED = {
    Order.LESS: Order.GREATER,
    Order.LESS_EQUAL: Order.GREATER_EQUAL,
    Order.EQUAL: Order.EQUAL,
    Order.GREATER_EQUAL: Order.LESS_EQUAL,
    Order.GREATER: Order.LESS,
    Order.UNKNOWN: Order.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known at one program point: a range per symbol, and relations between symbols.

    A relation is kept as an index that is >= 0, filed under each symbol in it. Facts are
    never changed: `with_...` answers new ones, and a branch of the program keeps its own.
    """

    ranges: Mapping[Any, Interval] = field(default_factory=dict[Symbol, Interval])
    relations: Mapping[Any, tuple[Index, ...]] = field(default_factory=dict[Symbol, tuple[Index, ...]])

    def range_of(self, symbol: Symbol) -> Interval:
        return self.ranges.get(symbol, ANY)

    def with_range(self, symbol: Symbol, interval: Interval) -> Facts:
        """Know the symbol to lie in `interval` too. (Ranges that exclude each other: no news.)"""
        met = self.range_of(symbol).meet(interval)
        return self if met is None else Facts({**self.ranges, symbol: met}, self.relations)

    def with_at_most(self, a: Index | int, b: Index | int) -> Facts:
        return self._with_nonnegative(Index.of(b) - Index.of(a))

    def with_below(self, a: Index | int, b: Index | int) -> Facts:
        return self._with_nonnegative(Index.of(b) - Index.of(a) - 1)

    def with_equal(self, a: Index | int, b: Index | int) -> Facts:
        return self.with_at_most(a, b).with_at_most(b, a)

    def _with_nonnegative(self, slack: Index) -> Facts:
        if (bound := _range_from(slack)) is not None:
            return self.with_range(*bound)
        filed = {symbol: (*self.relations.get(symbol, ()), slack) for symbol in slack.symbols}
        return Facts(self.ranges, {**self.relations, **filed})

    def product_range(self, monomial: Monomial) -> Interval:
        result: Interval | None = None
        for symbol, power in monomial.factors:
            own = self.range_of(symbol)
            own = own if power == 1 else own.power(power)
            result = own if result is None else result * own
        return Interval.exactly(1) if result is None else result


NO_FACTS = Facts()


def _range_from(slack: Index) -> tuple[Symbol, Interval] | None:
    """`2*x - 7 >= 0` says no more than `x` in [4, ...]."""
    if len(slack.terms) != 1:
        return None
    [(monomial, coefficient)] = slack.terms.items()
    if monomial.degree != 1:
        return None
    [(symbol, _)] = monomial.factors
    if coefficient > 0:
        return symbol, Interval(-(slack.constant // coefficient), None)
    return symbol, Interval(None, slack.constant // -coefficient)


# -- the questions ---------------------------------------------------------------------


def compare(a: Index, b: Index, facts: Facts) -> Order:
    """The order of `a` against `b` in every execution that satisfies `facts`."""
    if a.terms == b.terms:
        return _order_of(a.constant - b.constant, a.constant - b.constant)
    difference = a - b
    lo = _floor(difference, facts, goal=1)
    if lo is not None and lo > 0:
        return Order.GREATER
    negated = _floor(-difference, facts, goal=1)
    return _order_of(lo, None if negated is None else -negated)


def is_at_most(a: Index, b: Index, facts: Facts) -> bool:
    """Whether `a <= b` is proven: half the work of `compare`."""
    return _is_nonnegative(b - a, facts)


def is_below(a: Index, b: Index, facts: Facts) -> bool:
    """Whether `a < b` is proven."""
    return _is_nonnegative(b - a - 1, facts)


def bounds(index: Index, facts: Facts) -> Interval:
    """The tightest range found for the value of `index`."""
    if not index.terms:
        return Interval.exactly(index.constant)
    lo, negated = _floor(index, facts, goal=None), _floor(-index, facts, goal=None)
    hi = None if negated is None else -negated
    return ANY if lo is not None and hi is not None and lo > hi else Interval(lo, hi)


def _order_of(lo: int | None, hi: int | None) -> Order:
    """The order that goes with a difference between `lo` and `hi`."""
    if lo is not None and lo >= 0:
        if lo > 0:
            return Order.GREATER
        return Order.EQUAL if hi == 0 else Order.GREATER_EQUAL
    if hi is not None and hi <= 0:
        return Order.LESS if hi < 0 else Order.LESS_EQUAL
    return Order.UNKNOWN


def _is_nonnegative(index: Index, facts: Facts) -> bool:
    if not index.terms:
        return index.constant >= 0
    lo = _floor(index, facts, goal=0)
    return lo is not None and lo >= 0


# -- the search ------------------------------------------------------------------------


def _floor(index: Index, facts: Facts, goal: int | None) -> int | None:
    """A lower bound of `index`, the best one found; any bound >= `goal` is good enough."""
    search = _Search(facts, goal)
    search.look_at(index, 1)
    while search.states and not search.is_over:
        search.expand()
    return search.best


@dataclass(slots=True)
class _Search:
    """Best first. A state is a weaker index `w` and a scale `k` with `k * index >= w`; the one
    with the fewest unbounded terms is weakened next, and among those the one bounded highest."""

    facts: Facts
    goal: int | None
    best: int | None = None
    looks: int = 0
    seen: set[Index] = field(default_factory=set[Index])
    states: list[tuple[int, int, int, Index, int]] = field(default_factory=list[tuple[int, int, int, Index, int]])

    @property
    def is_over(self) -> bool:
        reached = self.goal is not None and self.best is not None and self.best >= self.goal
        return reached or self.looks >= SEARCH_BUDGET

    def look_at(self, weaker: Index, scale: int) -> None:
        self.looks += 1
        if weaker in self.seen:
            return
        self.seen.add(weaker)
        unbounded, total = _interval_floor(weaker, self.facts)
        bound = -(-total // scale)
        if not unbounded:
            self.best = bound if self.best is None else max(self.best, bound)
        heapq.heappush(self.states, (unbounded, -bound, self.looks, weaker, scale))

    def expand(self) -> None:
        unbounded, _, _, current, scale = heapq.heappop(self.states)
        for weaker, factor in _weakened(current, self.facts, only_unbounded=unbounded > 0):
            self.look_at(weaker, scale * factor)
            if self.is_over:
                return


def _interval_floor(index: Index, facts: Facts) -> tuple[int, int]:
    """How many terms have no lower bound, and the sum of the bounds of the others."""
    unbounded, total = 0, index.constant
    for monomial, coefficient in index.terms.items():
        bound = _term_floor(monomial, coefficient, facts)
        if bound is None:
            unbounded += 1
        else:
            total += bound
    return unbounded, total


def _term_floor(monomial: Monomial, coefficient: int, facts: Facts) -> int | None:
    values = facts.product_range(monomial)
    bound = values.lo if coefficient > 0 else values.hi
    return None if bound is None else bound * coefficient


def _weakened(index: Index, facts: Facts, only_unbounded: bool) -> Iterator[tuple[Index, int]]:
    """Every `(w, k)` with `k * index >= w` that trades one term for what bounds it.

    While a term is unbounded some trade has to remove it, so other terms can wait; only
    products are tried at once, because they cancel against the terms beside them.
    """
    for monomial, coefficient in index.terms.items():
        if only_unbounded and monomial.degree == 1 and _term_floor(monomial, coefficient, facts) is not None:
            continue
        for slack in _slacks_about(monomial, facts):
            rate = slack.terms.get(monomial, 0)
            if rate * coefficient <= 0:
                continue
            shared = gcd(rate, coefficient)
            factor = abs(rate) // shared
            yield index.scaled(factor).plus_scaled(slack, -(abs(coefficient) // shared)), factor


def _slacks_about(monomial: Monomial, facts: Facts) -> Iterator[Index]:
    """Quantities known to be >= 0 in which `monomial` occurs."""
    for symbol, _ in monomial.factors:
        for relation in facts.relations.get(symbol, ()):
            for part in relation.terms:
                yield from _multiplied(relation, part, monomial, facts)
        if monomial.degree > 1:
            part = Monomial(((symbol, 1),))
            for relation in _range_slacks(symbol, part, facts.range_of(symbol)):
                yield from _multiplied(relation, part, monomial, facts)


def _multiplied(relation: Index, part: Monomial, wanted: Monomial, facts: Facts) -> Iterator[Index]:
    """The relation times the product that turns `part` into `wanted`, if that one is >= 0."""
    rest = wanted.quotient(part)
    if rest is not None and (not rest or facts.product_range(rest).is_nonnegative):
        yield relation.times_monomial(rest)


def _range_slacks(symbol: Symbol, part: Monomial, values: Interval) -> Iterator[Index]:
    if values.lo is not None:
        yield Index(-values.lo, {part: 1})
    if values.hi is not None:
        yield Index(values.hi, {part: -1})

"""Symbolic offsets: how far from the start of its base a C pointer points.

Owns `Index`, a polynomial with integer coefficients over opaque symbols, in normal form: two
indices that are equal as polynomials are equal, hash alike and print alike.

    p = buf + 64*i;  q = p + 4      ->      q is at  Index 64*i + 4  of `buf`

An index is a *mathematical* integer, counted in elements. That the C expression it stands for
does not wrap around is for the one who builds it to know. A symbol is any hashable key (an
SSA value, a name) and stands for one number: a variable that changes needs a new symbol for
each of its versions. What is not a polynomial (`n / 2`, `a[i]`) becomes a symbol of its own.

Refuses nothing. Which of two indices is the smaller is asked in `order.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

Symbol = Hashable
Factor = tuple[Symbol, int]
"""A symbol and its power, at least 1."""


class Monomial(frozenset[Factor]):
    """A product of symbols. Equality ignores the order of the factors; `factors` keeps the
    order in which they were first multiplied, so that all output is deterministic."""

    __slots__ = ("factors",)
    factors: tuple[Factor, ...]

    def __new__(cls, factors: tuple[Factor, ...]) -> Monomial:
        self = super().__new__(cls, factors)
        self.factors = factors
        return self

    @property
    def degree(self) -> int:
        return sum(power for _, power in self.factors)

    def times(self, other: Monomial) -> Monomial:
        powers = dict(self.factors)
        for symbol, power in other.factors:
            powers[symbol] = powers.get(symbol, 0) + power
        return Monomial(tuple(powers.items()))

    def quotient(self, divisor: Monomial) -> Monomial | None:
        """What `divisor` has to be multiplied with to give this; None when it does not divide."""
        powers = dict(self.factors)
        for symbol, power in divisor.factors:
            left = powers.get(symbol, 0) - power
            if left < 0:
                return None
            powers[symbol] = left
        return Monomial(tuple(factor for factor in powers.items() if factor[1]))


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """`constant + sum(coefficient * monomial)`; no coefficient is 0, no monomial is empty."""

    constant: int
    terms: Mapping[Monomial, int] = field(default_factory=dict[Monomial, int])

    @staticmethod
    def symbol(symbol: Symbol) -> Index:
        return Index(0, {Monomial(((symbol, 1),)): 1})

    @staticmethod
    def of(value: Index | int) -> Index:
        return Index(value) if isinstance(value, int) else value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Index) and self.constant == other.constant and self.terms == other.terms

    def __hash__(self) -> int:
        return hash((self.constant, frozenset(self.terms.items())))

    @property
    def as_constant(self) -> int | None:
        return None if self.terms else self.constant

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Each symbol once, in order of appearance."""
        return tuple(dict.fromkeys(symbol for monomial in self.terms for symbol, _ in monomial.factors))

    # -- arithmetic --------------------------------------------------------------------

    def __add__(self, other: Index | int) -> Index:
        if isinstance(other, int):
            return Index(self.constant + other, self.terms)
        return self.plus_scaled(other, 1)

    def __sub__(self, other: Index | int) -> Index:
        if isinstance(other, int):
            return Index(self.constant - other, self.terms)
        return self.plus_scaled(other, -1)

    def __mul__(self, other: Index | int) -> Index:
        if isinstance(other, int):
            return self.scaled(other)
        result = self.scaled(other.constant)
        for monomial, factor in other.terms.items():
            result = result.plus_scaled(self.times_monomial(monomial), factor)
        return result

    def __radd__(self, other: int) -> Index:
        return self + other

    def __rsub__(self, other: int) -> Index:
        return -self + other

    def __rmul__(self, other: int) -> Index:
        return self.scaled(other)

    def __neg__(self) -> Index:
        return self.scaled(-1)

    def scaled(self, factor: int) -> Index:
        if factor == 1:
            return self
        if factor == 0:
            return ZERO
        return Index(self.constant * factor, {m: c * factor for m, c in self.terms.items()})

    def plus_scaled(self, other: Index, factor: int) -> Index:
        """`self + factor * other`."""
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            total = terms.pop(monomial, 0) + coefficient * factor
            if total:
                terms[monomial] = total
        return Index(self.constant + other.constant * factor, terms)

    def times_monomial(self, monomial: Monomial) -> Index:
        terms = {own.times(monomial): c for own, c in self.terms.items()}
        if self.constant and monomial:
            terms[monomial] = self.constant
        return Index(0 if monomial else self.constant, terms)

    def divided_by(self, divisor: int) -> Index | None:
        """The quotient where every coefficient is a multiple (bytes to elements), else None."""
        if self.constant % divisor or any(c % divisor for c in self.terms.values()):
            return None
        return Index(self.constant // divisor, {m: c // divisor for m, c in self.terms.items()})

    def substituted(self, values: Mapping[Any, Index]) -> Index:
        """All symbols that have a value replaced at once."""
        result = Index(self.constant)
        for monomial, coefficient in self.terms.items():
            product = Index(coefficient)
            for symbol, power in monomial.factors:
                value = values.get(symbol) or Index.symbol(symbol)
                for _ in range(power):
                    product = product * value
            result = result + product
        return result

    def evaluate(self, env: Mapping[Any, int]) -> int:
        total = self.constant
        for monomial, coefficient in self.terms.items():
            for symbol, power in monomial.factors:
                coefficient *= env[symbol] ** power
            total += coefficient
        return total

    # -- text --------------------------------------------------------------------------

    def render(self, name: Callable[[Symbol], str] = str) -> str:
        """`64*i + 4`: sums first, then what is taken away; products before single symbols."""
        parts = sorted(
            (coefficient < 0, -monomial.degree, _rendered_term(monomial, abs(coefficient), name))
            for monomial, coefficient in self.terms.items()
        )
        if self.constant or not parts:
            parts.append((self.constant < 0, 0, str(abs(self.constant))))
        text = ("-" if parts[0][0] else "") + parts[0][2]
        return text + "".join((" - " if minus else " + ") + body for minus, _, body in parts[1:])

    def __str__(self) -> str:
        return self.render()


ZERO = Index(0)


def _rendered_term(monomial: Monomial, coefficient: int, name: Callable[[Symbol], str]) -> str:
    names = sorted(name(symbol) for symbol, power in monomial.factors for _ in range(power))
    return "*".join(names if coefficient == 1 else [str(coefficient), *names])

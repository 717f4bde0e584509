"""Index arithmetic as text: affine maps and the affine expressions inside subscripts and bounds.

    parse_expression("d0 * 2 + d1 - 1")     Sum(constant=-1, terms={"d0": 2, "d1": 1})
    parse_map("affine_map<(d0) -> (d0 + 16, 100)>")     the two results, in terms of "d0"

`floordiv`, `ceildiv` and `mod`, and products of two variables, are not affine: the expression is None, and an access that uses
it counts as one whose address is not known. Sizes and offsets are in elements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_TOKEN = re.compile(r"\s*(%[\w$.#-]+|[A-Za-z_]\w*|\d+|[-+*()])")
_MAP = re.compile(r"affine_map<\s*\(([^)]*)\)\s*(?:\[([^\]]*)\])?\s*->\s*\((.*)\)\s*>")


@dataclass(frozen=True, slots=True)
class Sum:
    """constant + the sum of coefficient x variable; a variable is a name in text, and a loop once a nest is built."""

    constant: float = 0
    terms: Mapping[str, float] = field(default_factory=dict[str, float])

    def plus(self, other: Sum, sign: int = 1) -> Sum:
        """self + sign x other."""
        terms = dict(self.terms)
        for name, factor in other.terms.items():
            terms[name] = terms.get(name, 0) + sign * factor
        return Sum(self.constant + sign * other.constant, {n: f for n, f in terms.items() if f})

    def times(self, factor: float) -> Sum:
        """self scaled."""
        return Sum(self.constant * factor, {n: f * factor for n, f in self.terms.items()}) if factor else Sum()

    def product(self, other: Sum) -> Sum | None:
        """self x other where one of them is a constant."""
        if not other.terms:
            return self.times(other.constant)
        return other.times(self.constant) if not self.terms else None

    def substituted(self, values: Mapping[str, Sum | None]) -> Sum | None:
        """Every variable replaced by its value; None when one has none."""
        constant, terms = self.constant, dict[str, float]()
        for name, factor in self.terms.items():
            value = values.get(name)
            if value is None:
                return None
            if factor == 1 and constant == 0 and len(self.terms) == 1:
                return value
            constant += factor * value.constant
            for inner, amount in value.terms.items():
                terms[inner] = terms.get(inner, 0) + factor * amount
        return Sum(constant, {n: f for n, f in terms.items() if f} if 0 in terms.values() else terms)


@lru_cache(maxsize=1 << 14)
def parse_expression(text: str) -> Sum | None:
    """An affine expression; None when it is not one."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s+", "", text):
        return None
    value, rest = _sum(tokens)
    return value if not rest else None


def _sum(tokens: list[str]) -> tuple[Sum | None, list[str]]:
    value, tokens = _product(tokens)
    while value is not None and tokens and tokens[0] in "+-":
        sign = 1 if tokens[0] == "+" else -1
        term, tokens = _product(tokens[1:])
        value = value.plus(term, sign) if term is not None else None
    return value, tokens


def _product(tokens: list[str]) -> tuple[Sum | None, list[str]]:
    value, tokens = _atom(tokens)
    while value is not None and tokens and tokens[0] == "*":
        factor, tokens = _atom(tokens[1:])
        value = value.product(factor) if factor is not None else None
    return value, tokens


def _atom(tokens: list[str]) -> tuple[Sum | None, list[str]]:
    match tokens:
        case ["-", *rest]:
            value, rest = _atom(rest)
            return value.times(-1) if value is not None else None, rest
        case ["(", *rest]:
            value, rest = _sum(rest)
            return (value, rest[1:]) if rest[:1] == [")"] else (None, rest)
        case ["symbol", "(", name, ")", *rest]:
            return Sum(0, {name: 1}), rest
        case [word, *rest] if word[0].isdigit():
            return Sum(float(word)), rest
        case [word, *rest] if word[0] == "%" or word[0].isalpha():
            return Sum(0, {word: 1}), rest
        case _:
            return None, tokens


@dataclass(frozen=True, slots=True)
class Map:
    """An affine map: names of its arguments, and its results in terms of them."""

    arguments: tuple[str, ...]
    results: tuple[Sum | None, ...]

    def applied(self, values: list[Sum | None]) -> list[Sum | None]:
        """The results for these arguments."""
        known = dict(zip(self.arguments, values, strict=False))
        return [each.substituted(known) if each is not None else None for each in self.results]


@lru_cache(maxsize=1 << 12)
def parse_map(text: str) -> Map | None:
    """An affine map; None when the text is none."""
    found = _MAP.search(text)
    if found is None:
        return None
    names = [n.strip() for group in found.groups()[:2] if group for n in group.split(",") if n.strip()]
    return Map(tuple(names), tuple(parse_expression(each) for each in _split(found.group(3))))


def _split(text: str) -> list[str]:
    parts: list[str] = []
    depth, start = 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()] if text.strip() else []

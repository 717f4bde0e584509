"""Addresses of straight-line code as sums of multiples of values: what must be computed, and what an addressing mode computes.

    %v = arith.muli %i, %c9 ; memref.load %m[%v, %j] : memref<8x40xf64>        360 %i + %j

Whether a multiple is free (1), a shift (a power of two), an addition in an address (3, 5, 9 times that), two operations (one beside a
power of two) or a multiplication decides how many registers hold it for how long, and so do constants: what differs by constants alone
can be one register with displacements.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TypeAlias

from costmodel.tokens.lines import Line
from costmodel.tokens.tree import Node
from costmodel.tokens.vocabulary import OpClass

Form: TypeAlias = Mapping[str, int]
"""Multiples by value; that of `_CONSTANT` is a number of its own."""
_CONSTANT = ""
_HALF = 1 << 63
_TERM = re.compile(r"([-+]?)\s*(?:(%[\w$.#-]+)(?:\s*\*\s*(\d+))?|(\d+)(?:\s*\*\s*(%[\w$.#-]+))?)\s*")


class Cost(IntEnum):
    """What a multiple costs."""

    FREE = 0
    SHIFT = 1
    ADDRESS = 2
    TWO = 3
    MULTIPLIED = 4


ADDRESS_NAMES = (
    *(f"multiples {cost.name.lower()}" for cost in Cost),
    *(f"multiplied subscripts {cost.name.lower()}" for cost in Cost),
    "sums addressed",
    "sums addressed but for constants",
    "places addressed but for constants",
    "most places of a sum",
    "values in a sum",
)


def cost_of(multiple: int) -> Cost:
    """The class of a multiple."""
    size = abs(multiple)
    if size <= 1:
        return Cost.FREE
    odd = size // (size & -size)
    if odd == 1:
        return Cost.SHIFT
    if odd in (3, 5, 9):
        return Cost.ADDRESS
    beside = (odd - 1, odd + 1)
    return Cost.TWO if any(each & (each - 1) == 0 for each in beside) else Cost.MULTIPLIED


def addresses(nodes: Sequence[Node]) -> list[float]:
    """The columns named by `ADDRESS_NAMES`, of the operations of a block."""
    forms = _forms(nodes)
    sums: list[tuple[str, Form]] = []
    scaled: set[tuple[str, int]] = set()
    for node in nodes:
        if node.line.subscripts and node.kind in (OpClass.LOAD, OpClass.STORE):
            strides = strides_of(node.line)
            sums.append((node.line.base, _address(node.line.subscripts, strides, forms)))
            scaled.update(zip(node.line.subscripts, strides, strict=False))
    multiples = {term for _, form in sums for term in form.items() if term[0] != _CONSTANT}
    exact = {tuple(sorted(form.items())) for _, form in sums}
    places = [(base, _without_constant(form)) for base, form in sums]
    shared: dict[tuple[tuple[str, int], ...], int] = {}
    for _, form in places:
        shared[form] = shared.get(form, 0) + 1
    return [
        *_by_cost([multiple for _, multiple in multiples]),
        *_by_cost([stride for _, stride in scaled]),
        float(len(exact)),
        float(len(shared)),
        float(len(set(places))),
        float(max(shared.values(), default=0)),
        sum(map(len, shared)) / max(len(shared), 1),
    ]


def _by_cost(multiples: Sequence[int]) -> list[float]:
    costs = [cost_of(each) for each in multiples]
    return [float(costs.count(cost)) for cost in Cost]


def _without_constant(form: Form) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(term for term in form.items() if term[0] != _CONSTANT))


def _forms(nodes: Sequence[Node]) -> dict[str, Form]:
    """Index values that are sums of multiples of others."""
    forms: dict[str, Form] = {}
    for node in nodes:
        line = node.line
        if len(line.results) != 1 or "index" not in line.scalars:
            continue
        if node.kind is OpClass.CONSTANT and line.numbers:
            forms[line.results[0]] = {_CONSTANT: int(line.numbers[0])}
        elif len(line.uses) == 2:
            first, second = (forms.get(use, {use: 1}) for use in line.uses)
            found = _combined(line.name.rpartition(".")[2], first, second)
            if found is not None:
                forms[line.results[0]] = found
    return forms


def _combined(operation: str, first: Form, second: Form) -> Form | None:
    match operation:
        case "addi" | "add":
            return _sum(first, second, 1)
        case "subi" | "sub":
            return _sum(first, second, -1)
        case "muli" | "mul" if set(second) <= {_CONSTANT}:
            return _sum({}, first, second.get(_CONSTANT, 0))
        case "muli" | "mul" if set(first) <= {_CONSTANT}:
            return _sum({}, second, first.get(_CONSTANT, 0))
        case _:
            return None


def _sum(first: Form, second: Form, times: int) -> Form:
    found = dict(first)
    for name, multiple in second.items():
        found[name] = wrapped(found.get(name, 0) + times * multiple)
    return {name: multiple for name, multiple in found.items() if multiple}


def wrapped(number: int) -> int:
    """A number as 64 bits hold it: squares of squares would else fill all memory."""
    return number if -_HALF <= number < _HALF else (number + _HALF) % (2 * _HALF) - _HALF


def _address(subscripts: Sequence[str], strides: Sequence[int], forms: Mapping[str, Form]) -> Form:
    found: Form = {}
    for subscript, stride in zip(subscripts, strides, strict=False):
        found = _sum(found, _subscript(subscript, forms), stride)
    return found


def _subscript(text: str, forms: Mapping[str, Form]) -> Form:
    """A subscript's sum; what is none is a value of its own."""
    found: Form = {}
    for name, factor in terms_of(text):
        found = _sum(found, forms.get(name, {name: 1}), factor)
    return found


def terms_of(text: str) -> list[tuple[str, int]]:
    """A subscript's terms and their factors; a constant's name is empty, and what is no sum is one term."""
    found: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            return [(text, 1)]
        sign, name, times, number, other = term.groups()
        found.append((name or other or _CONSTANT, (-1 if sign == "-" else 1) * int(times or number or 1)))
        at = term.end()
    return found


def strides_of(line: Line) -> list[int]:
    """Elements from one place to the next, by dimension; 1 where a shape does not say."""
    shape = next((each for each in line.shapes if each.kind == "memref"), None)
    if shape is None or any(size < 0 for size in shape.sizes):
        return [1] * len(line.subscripts or ())
    strides, step = list[int](), 1
    for size in reversed(shape.sizes):
        strides.append(step)
        step *= size
    return strides[::-1]

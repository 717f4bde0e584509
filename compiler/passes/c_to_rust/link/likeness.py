"""Which internal items of different units are one and the same: those that a header gave to both.

    a.c: #include "rot.h"   b.c: #include "rot.h"        rotl of a.c and rotl of b.c: one class
    a.c: static int k = 1;  b.c: static int k = 2;       two classes

Two items are alike when they have the same name and the same content, and when what they mention is alike in turn; the classes are refined
until that holds. Variables are never alike: each unit has its own. `by_file` asks for the same origin as well (structs excepted: a type is
compatible with its twin in another file, C11 6.2.7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator

from xdsl.ir import Attribute, Operation, SSAValue

from compiler.dialects import minic
from compiler.passes.c_to_rust.link.units import Item, Unit, is_external, origin

Entry = tuple[int, str]
"""An item: the number of its unit, its name there."""


def alike(units: list[Unit], *, by_file: bool) -> dict[Entry, int]:
    """The class of every internal item; classes are numbered by their first member."""
    count = Counter(name for unit in units for name in unit.items)
    keys = {entry: _key(entry, op, count[entry[1]] > 1, by_file) for entry, op in _internal(units)}
    classes = _numbered(keys)
    while True:
        refined = _numbered({entry: (classes[entry], _company(units, entry, classes)) for entry in keys})
        if len(set(refined.values())) == len(set(classes.values())):
            return refined
        classes = refined


def _internal(units: list[Unit]) -> Iterator[tuple[Entry, Item]]:
    for number, unit in enumerate(units):
        for name, op in unit.items.items():
            if not is_external(op):
                yield (number, name), op


def _numbered(keys: dict[Entry, Hashable]) -> dict[Entry, int]:
    numbers: dict[Hashable, int] = {}
    return {entry: numbers.setdefault(key, len(numbers)) for entry, key in keys.items()}


def _company(units: list[Unit], entry: Entry, classes: dict[Entry, int]) -> tuple[int, ...]:
    """The classes of what an item mentions (external names are the same everywhere)."""
    number, name = entry
    return tuple(classes.get((number, other), -1) for other in units[number].mentions[name])


def _key(entry: Entry, op: Item, shared: bool, by_file: bool) -> Hashable:
    own_variable = isinstance(op, minic.GlobalOp) and op.is_const is None
    if not shared or own_variable:
        return entry
    place = origin(op) if by_file and not isinstance(op, minic.StructOp) else ""
    return op.name, entry[1], place, content(op)


def content(op: Operation) -> Hashable:
    """What an item says, its comment and its place aside."""
    return tuple(_lines(op, {}))


def _lines(op: Operation, numbers: dict[SSAValue, int]) -> Iterator[Hashable]:
    for result in op.results:
        numbers[result] = len(numbers)
    yield op.name, _properties(op), tuple(r.type for r in op.results), tuple(numbers[each] for each in op.operands)
    for region in op.regions:
        for block in region.blocks:
            for argument in block.args:
                numbers[argument] = len(numbers)
            yield tuple(argument.type for argument in block.args)
            for inner in block.ops:
                yield from _lines(inner, numbers)
        yield None


_REMARKS = ("doc",)


def _properties(op: Operation) -> tuple[tuple[str, Attribute], ...]:
    return tuple((name, value) for name, value in sorted(op.properties.items()) if name not in _REMARKS)

"""How the loops of bodies move their accesses: of every stream the bytes that a step of each loop moves it by.

    strides_of(bodies, loops, which, depth, begins, 5)      (5, 10) for the five streams of all bodies, and a number a body

Bodies of pretty nests come as loops around a stretch (`costmodel/tokens/placed.py`). What their accesses move by is computed for all of them
together, by machine code (`costmodel/scalar.py`), and is what `Placed.summed` finds one by one: every counter is a row of a table, and so is
every stretch; variables are numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

from costmodel.scalar import Floats, Integers, native
from costmodel.tokens.bounds import Loop
from costmodel.tokens.headers import Counter
from costmodel.tokens.placed import Body, Placed
from costmodel.tokens.stretches import Stretch
from costmodel.tokens.summed import Summed

DEPTH = 10
"""The innermost loops that are looked at."""
FEW = 16
"""Fewer bodies are placed one by one: the tables take longer."""
Item = TypeVar("Item")


def different(items: Sequence[Item]) -> tuple[tuple[Item, ...], Integers]:
    """The different objects among some, and which each is."""
    named = list(map(id, items))
    found = dict(zip(named, items, strict=True))
    places = dict(zip(found, range(len(found)), strict=True))
    return tuple(found.values()), np.fromiter(map(places.__getitem__, named), np.int64, len(named))


def strides_of(
    bodies: Sequence[Body],
    loops: Sequence[Loop | Counter],
    which: Integers,
    depth: Integers,
    begins: Integers,
    count: int,
) -> tuple[Floats, Floats]:
    """Bytes a step of each loop of so many streams (padded with 0), and of every body 1 where some accesses do not start at the buffer's
    beginning. `which` are the loops of the bodies, one body's after the other's; `begins` where each body's streams begin. A body of more
    loops than are looked at is `Summed`."""
    strides, copies = np.zeros((count, DEPTH)), np.zeros(len(bodies))
    placed = [body.inside for body in bodies if type(body) is Placed]
    if placed:
        _place_all(bodies, placed, loops, (which, depth, begins), strides, copies)
    if len(placed) < len(bodies):
        _write(bodies, begins, strides, copies)
    return strides, copies


def _place_all(
    bodies: Sequence[Body],
    placed: Sequence[Stretch],
    loops: Sequence[Loop | Counter],
    paths: tuple[Integers, Integers, Integers],
    strides: Floats,
    copies: Floats,
) -> None:
    stretches, inside = different(placed)
    of = np.full(len(bodies), -1, dtype=np.int64)
    of[[type(body) is Placed for body in bodies] if len(placed) < len(bodies) else slice(None)] = inside
    steps = [each.steps if type(each) is Counter else () for each in loops]
    groups = list(chain.from_iterable([each.moves for each in stretches]))
    terms = [each for each, _ in groups]
    names = [each.name if type(each) is Counter else "" for each in loops]
    all_steps, all_terms = list(chain.from_iterable(steps)), list(chain.from_iterable(terms))
    step_names, term_names = [name for name, _ in all_steps], [name for name, _ in all_terms]
    numbers = {name: at for at, name in enumerate(dict.fromkeys(chain(names, step_names, term_names)))}
    which, depth, begins = paths
    _place(
        len(bodies),
        begins,
        depth,
        depth.cumsum() - depth,
        which,
        of,
        *[_integers(list(map(numbers.__getitem__, each))) for each in (names, step_names, term_names)],
        np.array([each.constant if type(each) is Counter else 0.0 for each in loops], dtype=np.float64),
        _places(steps),
        np.array([amount for _, amount in all_steps], dtype=np.float64),
        _places([each.moves for each in stretches]),
        np.array([first for _, first in groups], dtype=np.float64),
        np.array([each.spread for each in stretches], dtype=np.float64),
        _places(terms),
        np.array([amount for _, amount in all_terms], dtype=np.float64),
        strides,
        copies,
    )


def _integers(numbers: Sequence[int]) -> Integers:
    return np.array(numbers, dtype=np.int64)


def _places(lists: Sequence[Sequence[object]]) -> Integers:
    """Where each of some lists begins among the members of all, and where the last one ends."""
    return np.concatenate([[0], _integers(list(map(len, lists))).cumsum()])


@native
def _place(
    bodies: int,
    begins: Integers,
    depth: Integers,
    paths: Integers,
    which: Integers,
    of: Integers,
    names: Integers,
    step_names: Integers,
    term_names: Integers,
    constants: Floats,
    steps: Integers,
    step_amounts: Floats,
    groups: Integers,
    firsts: Floats,
    spread: Floats,
    terms: Integers,
    term_amounts: Floats,
    strides: Floats,
    copies: Floats,
) -> None:
    """`paths`, `steps`, `groups` and `terms` are where those of a body, a counter, a stretch and a group begin."""
    for body in range(bodies):
        stretch, path, loops = of[body], paths[body], depth[body]
        if stretch >= 0:
            copies[body] = spread[stretch]
            for group in range(groups[stretch], groups[stretch + 1]):
                own = (begins[body] + group - groups[stretch]) * DEPTH
                first = 0.0
                for term in range(terms[group], terms[group + 1]):
                    counter = which[path + _loop_of(term_names[term], path, loops, which, names)]
                    first += term_amounts[term] * constants[counter]
                    for step in range(steps[counter], steps[counter + 1]):
                        loop = _loop_of(step_names[step], path, loops, which, names)
                        strides[own + loop] += term_amounts[term] * step_amounts[step]
                copies[body] = 1.0 if first + firsts[group] != 0.0 else copies[body]


def _loop_of(name: int, path: int, loops: int, which: Integers, names: Integers) -> int:
    """Which loop of a body has this counter."""
    found = 0
    for loop in range(loops):
        found = loop if names[which[path + loop]] == name else found
    return found


def _write(bodies: Sequence[Body], begins: Integers, strides: Floats, copies: Floats) -> None:
    """What is known of bodies already."""
    for at, body in enumerate(bodies):
        if type(body) is Summed:
            copies[at] = body.copies
            if body.strides:
                own = np.array(body.strides).reshape(-1, len(body.path))[:, :DEPTH]
                strides[begins[at] : begins[at] + len(own), : own.shape[1]] = own

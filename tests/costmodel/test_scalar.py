"""Functions of the subset compute as machine code what they compute in Python, to the bit."""

from __future__ import annotations

from inspect import unwrap
from math import floor
from typing import Any

import numpy as np
import pytest

from costmodel.features import footprints, unrolled
from costmodel.features.reading import Reading
from costmodel.features.streams import DEPTH, Flags, Floats, Integers, streams_of
from costmodel.scalar import native

_HALF = 0.5


def _reduced(value: float, numbers: Floats, at: int) -> float:
    """Called by the other."""
    rest = abs(value) % 3.0
    return rest + numbers[at] if at > 3 else rest


@native
def _everything(count: int, numbers: Floats, places: Integers, flags: Flags, found: Floats, sums: Integers) -> None:
    """All statements and expressions."""
    total, at = 0.0, 0
    for at in range(count):
        value = float(numbers[places[at]])
        if (value > 0.0 and not (flags[at] == 0 or at > 30)) or at == 2:
            total += _reduced(value, numbers, at)
        else:
            total -= abs(value) * _HALF
        found[at] = floor(total) if value < 1.0 else -total / (float(at) + 1.0)
        sums[0] += at - 1 if flags[at] != 0 else -at
    at = 0
    while at < 5:
        found[at] += float(at)
        at += 2


def _arguments(seed: int) -> list[Any]:
    random = np.random.default_rng(seed)
    places, flags = random.permutation(40), random.random(40) < 0.5
    return [40, np.round(random.normal(size=40) * 9, 2), places, flags, np.zeros(40), np.zeros(1, dtype=np.int64)]


def test_the_subset_computes_what_python_does() -> None:
    for seed in range(6):  # the last by code that is compiled thoroughly
        ours, theirs = _arguments(seed), _arguments(seed)
        _everything(*ours)
        unwrap(_everything)(*theirs)
        assert np.array_equal(ours[4], theirs[4])
        assert ours[5][0] == theirs[5][0]


def test_footprints_are_what_python_computes() -> None:
    random = np.random.default_rng(1)
    count = 60
    steps = random.choice([0.0, 4.0, 8.0, 64.0, 512.0, 4096.0], (count, DEPTH))
    rounds = random.choice([0.001, 1.0, 2.0, 7.0, 100.0], (count, DEPTH))
    choices = ([4.0, 8.0, 32.0], [0.0, 4.0, 60.0], [1.0, 2.0, 3.0], [0.0, 512.0, 1024.0], [4.0, 4096.0, 1e9])
    fields = [random.choice(each, count) for each in choices]

    def scratch() -> list[Any]:
        return [
            np.zeros(DEPTH + 1, dtype=np.int64),
            *(np.empty(DEPTH + 1) for _ in range(2)),
            np.empty(count * (DEPTH + 1)),
        ]

    ours, theirs = scratch(), scratch()
    compiled = vars(footprints)["_footprints"]
    compiled(count, 7, steps, rounds, *fields, *ours)
    unwrap(compiled)(count, 7, steps.reshape(-1), rounds.reshape(-1), *fields, *theirs)
    assert np.array_equal(ours[-1], theirs[-1])


def test_what_is_no_array_of_its_kind_is_caught() -> None:
    arguments = _arguments(1)
    arguments[1] = arguments[1].astype(np.float32)
    with pytest.raises(AssertionError, match="other numbers"):
        _everything(*arguments)


def test_another_statement_is_caught() -> None:
    def asks(found: Floats) -> None:
        assert found[0] > 0.0

    with pytest.raises(AssertionError, match="assert"):
        native(asks)(np.zeros(1))


def test_addresses_of_a_loop_of_no_whole_round_stay_in_their_array(monkeypatch: pytest.MonkeyPatch) -> None:
    """1,200 places of a loop that goes round less than once; in Python an array knows its length."""
    plain = unwrap(unrolled._write_out)  # pyright: ignore[reportPrivateUsage]

    def in_python(*arguments: Any) -> None:
        plain(*(each.ravel() if isinstance(each, np.ndarray) else each for each in arguments))

    monkeypatch.setattr(unrolled, "_write_out", in_python)
    loads = [f"    %v{at} = affine.load %A[%i + {2 * at}] : memref<9000xf32>" for at in range(1200)]
    loops = ["  affine.for %j = 0 to 64 {", "  affine.for %i = 0 to 0 {", *loads, "  }", "  }"]
    text = "\n".join(["func.func @f(%A: memref<9000xf32>) {", *loops, "  return", "}", ""])
    streams = streams_of([Reading(text).bodies])
    found = unrolled.written_out(streams, unrolled.constants(streams), np.zeros(streams.bodies))
    assert found.level.tolist() == [1]
    assert found.addresses.tolist() == [0] and found.run.tolist() == [1]


def test_addresses_of_loops_written_out() -> None:
    loops = [
        "  affine.for %j = 0 to 3 {",
        "  affine.for %i = 0 to 4 {",
        "    %v = affine.load %A[%i + %j * 2] : memref<9xf32>",
    ]
    text = "\n".join(["func.func @f(%A: memref<9xf32>) {", *loops, "  }", "  }", "  return", "}", ""])
    streams = streams_of([Reading(text).bodies])
    own = (streams.steps, streams.trips, streams.size, *unrolled.offsets_of(streams, streams.at))
    for level, (distinct, run) in enumerate(((1, 1), (4, 4), (8, 8))):
        found = np.zeros(1), np.zeros(1)
        native(unrolled.distinct_addresses)(0, level, 0, *own, np.empty(unrolled.MOST_ADDRESSES), *found)
        assert [each.tolist() for each in found] == [[distinct], [run]]

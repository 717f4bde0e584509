"""Pretty affine nests read by stretches: the bodies are those that the reader of any text finds, or it says that it cannot."""

from __future__ import annotations

from dataclasses import astuple
from functools import cache
from inspect import unwrap
from typing import Any

import numpy as np
import pytest

from costmodel.dataset import read
from costmodel.features import placing
from costmodel.features.encoder import readings_of
from costmodel.features.reading import Reading
from costmodel.features.streams import DEPTH, streams_of
from costmodel.shipping import shipped_data
from costmodel.tokens.placed import Body
from costmodel.tokens.quick import quick_bodies

NEST = """func.func @f(%a: memref<8x100xf32>, %b: memref<100xf32>, %n: index) {
  affine.for %i = 0 to 8 {
    %c = arith.constant 1.000000e+00 : f32
    affine.for %j = 0 to 100 step 16 {
      affine.for %k = affine_map<(d0) -> (d0)>(%j) to min affine_map<(d0) -> (d0 + 16, 100)>(%j) {
        %0 = affine.load %a[%i, %k] : memref<8x100xf32>
        %1 = affine.load %b[%k] : memref<100xf32>
        %2 = arith.addf %0, %1 fastmath<fast> : f32
        affine.store %2, %b[%k] : memref<100xf32>
      }
    }
    %3 = affine.load %b[%i] : memref<100xf32>
    %4 = arith.mulf %3, %c : f32
    affine.store %4, %b[%i + 1] : memref<100xf32>
  }
  return
}
"""


@cache
def shipped() -> list[str]:
    """Loop nests that come with the package."""
    return [sample.text for sample in read([path for path in shipped_data() if path.name.startswith("loops")]).samples]


def said(read_body: Body) -> tuple[object, ...]:
    """All that columns are computed from; loops without their names."""
    body = read_body.summed()
    loops = [(loop.trip, loop.known, loop.step, loop.constant, loop.tiles) for loop in body.path]
    doing = body.doing
    counts = doing.clashes, doing.accesses, body.copies, doing.largest
    streams = [astuple(each) for each in doing.streams]
    return loops, doing.work, doing.reassociates, streams, body.strides, counts


def slowly(text: str) -> list[Body]:
    return [body.summed() for body in Reading(text).nest.bodies]


def test_both_readers_find_the_same_bodies() -> None:
    texts = [NEST, f"module {{\n{NEST}}}\n", *shipped()[::97]]
    for text in texts:
        quick = quick_bodies(text)
        assert quick is not None
        assert [said(body) for body in quick] == [said(body) for body in slowly(text)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("%3 = affine.load %b[%i]", "%x = arith.index_cast %i : index to i32\n    %3 = affine.load %b[%i]"),
        ("[%i, %k]", "[%i mod 3, %k]"),
        ("affine.load %b[%i]", "affine.load %b[symbol(%n)]"),
        ("affine.load %b[%i]", "affine.load %b[%n]"),
        ("  return", "  // done\n  return"),
        ("{\n    %c", "{ // all rows\n    %c"),
        ("func.func", "#map = affine_map<(d0) -> (d0)>\nfunc.func"),
        ("  return\n}", "  return"),
        ("affine.for %k", "affine.for %j"),
        ("for %i = 0", "for  = 0"),
        ("arith.mulf %3, %c : f32", "vector.broadcast %3 : f32 to vector<4xf32>"),
    ],
)
def test_what_the_quick_reader_does_not_know(old: str, new: str) -> None:
    text = NEST.replace(old, new, 1)
    assert text != NEST
    assert quick_bodies(text) is None
    assert [said(body) for body in Reading(text).bodies] == [said(body) for body in slowly(text)]


@pytest.mark.parametrize(
    "text", ["", "func.func @f()", "affine.load %a[%i] : memref<8xf32>", "}", "{\n", "func.func @f() {\n"]
)
def test_pieces_of_texts_are_left_to_the_other_reader(text: str) -> None:
    assert quick_bodies(text) is None


def deeper(depth: int) -> str:
    """A nest of so many loops."""
    loops = "".join(f"affine.for %i{at} = 0 to {at + 2} {{\n" for at in range(depth))
    names = " + ".join(f"%i{at}" for at in range(depth))
    inside = f"%0 = affine.load %a[{names}] : memref<99xf32>\naffine.store %0, %a[{names}] : memref<99xf32>\n"
    return f"func.func @f(%a: memref<99xf32>) {{\n{loops}{inside}" + "}\n" * (depth + 1)


def test_bodies_are_placed_together_as_one_by_one() -> None:
    texts = [*shipped()[5::97], NEST, *map(deeper, (1, DEPTH))]
    several = [reading.bodies for reading in readings_of(texts)]
    together = streams_of(several)
    assert together.bodies >= placing.FEW
    assert {type(body).__name__ for bodies in several for body in bodies} == {"Placed", "Summed"}
    for at, bodies in enumerate(several):
        alone = streams_of([bodies])
        own = together.of[together.nest == at]
        assert len(own) == alone.bodies
        assert np.array_equal(together.copies[own], alone.copies)
        streams = np.concatenate([np.flatnonzero(together.body == body) for body in own])
        assert np.array_equal(together.strides[streams], alone.strides)
        assert np.array_equal(together.trips[own], alone.trips)


def test_placing_is_what_python_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [reading.bodies for reading in readings_of(shipped()[9::197])]
    compiled = streams_of(bodies)
    python: Any = unwrap(vars(placing)["_place"])

    def plainly(*given: Any) -> None:
        python(*[each.reshape(-1) if isinstance(each, np.ndarray) else each for each in given])

    monkeypatch.setattr(placing, "_place", plainly)
    plain = streams_of(bodies)
    assert compiled.strides.any()
    assert np.array_equal(compiled.strides, plain.strides)
    assert np.array_equal(compiled.copies, plain.copies)


def test_nests_of_more_loops_than_are_looked_at_among_others() -> None:
    texts = [deeper(at) for at in range(1, DEPTH + 3)] * 2
    texts += [text.replace("99", "98") for text in texts]
    together = streams_of([reading.bodies for reading in readings_of(texts)])
    assert together.bodies >= placing.FEW
    for at, text in enumerate(texts):
        assert np.array_equal(together.strides[together.of[at]], streams_of([Reading(text).bodies]).strides[0])

"""Pretty affine nests read by stretches: the bodies are those that the reader of any text finds, or it says that it cannot."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from costmodel.dataset import read
from costmodel.features.reading import Reading
from costmodel.shipping import shipped_data
from costmodel.tokens.quick import quick_bodies
from costmodel.tokens.summed import Summed

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


def said(body: Summed) -> tuple[object, ...]:
    """All that columns are computed from; loops without their names."""
    loops = [(loop.trip, loop.known, loop.step, loop.constant, loop.tiles) for loop in body.path]
    doing = body.doing
    counts = doing.clashes, doing.accesses, body.copies, doing.largest
    streams = [astuple(each) for each in doing.streams]
    return loops, doing.work, doing.reassociates, streams, body.strides, counts


def slowly(text: str) -> list[Summed]:
    return [body.summed() for body in Reading(text).nest.bodies]


def test_both_readers_find_the_same_bodies() -> None:
    loops = next(path for path in shipped_data() if path.name.startswith("loops"))
    texts = [NEST, f"module {{\n{NEST}}}\n", *(sample.text for sample in read([loops]).samples[::97])]
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

"""Columns of tokens by running products: what the text alone says of a schedule."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import loop_texts
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.evaluate import tokens_alone
from costmodel.features.accessed import rounds_of_bodies
from costmodel.features.encoder import Encoder, Group
from costmodel.features.phrases import Body, Stream, bodies
from costmodel.features.pieces import logarithms, piece_names, pieces_of
from costmodel.features.reading import Reading
from costmodel.features.running import running_names
from costmodel.metrics import Choices, choice_quality
from costmodel.models.boosting import Objective, Shape, boost
from costmodel.models.table import Options, table_of
from costmodel.tokens.stream import Scheme

SIZES = {"i": 8, "j": 16, "k": 4}
LONG = {"i": 8, "j": 16, "k": 64}


def columns(text: str) -> dict[str, float]:
    return dict(zip(running_names(), Reading(text).running.tolist(), strict=True))


def product(order: str) -> str:
    return loop_texts.nest(order, SIZES, loop_texts.KERNELS["product"])


def body_of(text: str) -> Body:
    (body,) = bodies(Reading(text).tokens(Scheme.RUNNING))
    return body


def test_words_count_as_often_as_their_loops_go_round() -> None:
    found = columns(product("ijk"))
    assert (found["trip of 0"], found["trip of 1"], found["trip of 2"]) == (2, 4, 3)
    assert found["operations"] == found["operations within 2"] == 1 + 9
    assert found["turns"] == pytest.approx(np.log2((1 / 4 + 1 / 64 + 1 / 512) / 2))
    assert found["share of ADD"] == found["share of MUL"] == 0.5


def test_steps_are_told_apart_by_loop() -> None:
    inner, outer = columns(product("ijk")), columns(product("kij"))
    assert (inner["loads still in 0"], inner["loads next in 0"], inner["loads long in 0"]) == (1, 1, 1)
    assert (outer["loads still in 0"], outer["loads next in 0"], outer["loads long in 0"]) == (1, 2, 0)
    assert inner["carries in 0"] == 1 and outer["carries in 0"] == 0 and outer["carries in 2"] == 1
    assert outer["in step in 0"] == 1 and inner["in step in 0"] == 0


def test_buffers_are_told_apart_by_identity_and_not_by_shape() -> None:
    text = "func.func @f(%a: memref<8xf32>, %b: memref<8xf32>) {\naffine.for %i = 0 to 8 {\n"
    text += "%x = affine.load %a[%i] : memref<8xf32>\n%y = arith.mulf %x, %x : f32\n"
    text += "affine.store %y, %b[%i] : memref<8xf32>\n}\nreturn\n}\n"
    assert columns(text)["updates"] == 0 and columns(text)["buffers"] == 2
    there = text.replace("affine.store %y, %b", "affine.store %y, %a")
    assert columns(there)["updates"] == 1 and columns(there)["buffers"] == 1


def _with_other_counters(text: str) -> str:
    return re.sub(r"%([ijkabps])\b", r"%loop_\1", text)


def _with_other_buffers(text: str) -> str:
    return re.sub(r"%([ABC])\b", r"%buffer_\1", text)


def _with_loads_the_other_way_round(text: str) -> str:
    lines = text.splitlines()
    loads = [at for at, line in enumerate(lines) if "affine.load" in line]
    found = list(lines)
    for at, other in zip(loads, reversed(loads), strict=True):
        found[at] = lines[other]
    return "\n".join(found) + "\n"


def _with_comments(text: str) -> str:
    return text.replace("\n", "  // said in passing\n")


@pytest.mark.parametrize(
    "changed", [_with_other_counters, _with_other_buffers, _with_loads_the_other_way_round, _with_comments]
)
def test_names_order_and_looks_do_not_matter(changed: Callable[[str], str]) -> None:
    text = product("jik")
    assert changed(text) != text
    assert columns(changed(text)) == columns(text)


PRETTY = """func.func @f(%a: memref<8x16xf32>, %b: memref<16xf32>) {
affine.for %i = 0 to 8 {
affine.for %j = 0 to 16 {
%x = affine.load %a[%i, %j] : memref<8x16xf32>
%y = affine.load %b[%j] : memref<16xf32>
%z = arith.addf %x, %y : f32
affine.store %z, %b[%j] : memref<16xf32>
}
}
return
}
"""
_FROM = "lowerBoundMap = affine_map<() -> (0)>, operandSegmentSizes = array<i32: 0, 0, 0>, step = 1 : index"
GENERIC = f""""func.func"() <{{function_type = (memref<8x16xf32>, memref<16xf32>) -> (), sym_name = "f"}}> ({{
^bb0(%0: memref<8x16xf32>, %1: memref<16xf32>):
"affine.for"() <{{{_FROM}, upperBoundMap = affine_map<() -> (8)>}}> ({{
^bb0(%2: index):
"affine.for"() <{{{_FROM}, upperBoundMap = affine_map<() -> (16)>}}> ({{
^bb0(%3: index):
%4 = "affine.load"(%0, %2, %3) <{{map = affine_map<(d0, d1) -> (d0, d1)>}}> : (memref<8x16xf32>, index, index) -> f32
%5 = "affine.load"(%1, %3) <{{map = affine_map<(d0) -> (d0)>}}> : (memref<16xf32>, index) -> f32
%6 = "arith.addf"(%4, %5) : (f32, f32) -> f32
"affine.store"(%6, %1, %3) <{{map = affine_map<(d0) -> (d0)>}}> : (f32, memref<16xf32>, index) -> ()
"affine.yield"() : () -> ()
}}) : () -> ()
"affine.yield"() : () -> ()
}}) : () -> ()
"func.return"() : () -> ()
}}) : () -> ()
"""


def test_the_generic_form_has_the_same_columns() -> None:
    assert columns(GENERIC) == columns(PRETTY)


def test_marks_matter() -> None:
    text = loop_texts.nest("ijk", LONG, loop_texts.KERNELS["product"])
    free = columns(re.sub(r"(arith\.addf [^:]*?) :", r"\1 fastmath<fast> :", text))
    plain = columns(text)
    assert (plain["free"], free["free"]) == (0, 1)
    assert (plain["ordered of 32"], free["ordered of 32"]) == (1, 0)


def test_what_windows_name_is_what_an_execution_names() -> None:
    """Against addresses written down: whole loops of a matrix product, elements and blocks of 64 bytes."""
    body, found = body_of(product("ikj")), columns(product("ikj"))
    for loops in (1, 2, 3):
        met = [_addresses(stream, body.trips[:loops]) for stream in body.streams]
        blocks = sum(len({address // 64 for address in each}) for each in met)
        assert 2 ** found[f"elements in {loops} loops"] == pytest.approx(sum(map(len, met)))
        assert 2 ** found[f"blocks in {loops} loops"] == pytest.approx(blocks, abs=len(met))


def _addresses(stream: Stream, trips: Sequence[float]) -> set[float]:
    met = {*stream.loads, *stream.stores}
    for step, trip in zip(stream.steps, trips, strict=False):
        met = {address + step * at for address in met for at in range(int(trip))}
    return met


def test_more_is_remembered_and_less_is_new() -> None:
    found = columns(loop_texts.nest("ijk", {"i": 64, "j": 64, "k": 64}, loop_texts.KERNELS["product"]))
    fresh = [found[f"new blocks beyond 2^{octave} bytes"] for octave in range(13, 23)]
    assert fresh == sorted(fresh, reverse=True) and fresh[0] > fresh[-1]


def test_rounds_take_whole_loops() -> None:
    found = columns(product("ikj"))
    assert (found["level of 32"], found["copies of 32"], found["level of 512"], found["copies of 512"]) == (0, 0, 2, 6)
    assert found["loads longest run of 512"] == 6, "all 64 of B in one run"
    summing = columns(loop_texts.nest("ijk", LONG, loop_texts.KERNELS["product"]))
    assert (summing["level of 32"], summing["carries of 32"], found["carries of 512"]) == (0, 1, 0)


@pytest.mark.parametrize("offsets", [(0,), (0, 4, 8), (0, 4, 64), (0, 256, 260)])
@given(st.lists(st.sampled_from([0, 4, 8, 12, 32, 64, 256, 260, 1024]), min_size=2, max_size=3), st.data())
@settings(max_examples=25, deadline=None)
def test_rounds_count_addresses_and_runs(offsets: tuple[int, ...], steps: list[int], data: st.DataObject) -> None:
    """Against addresses written down, whether a loop's rounds overlap, follow each other or lie apart."""
    trips = data.draw(st.lists(st.integers(1, 6), min_size=len(steps), max_size=len(steps)))
    stream = Stream("BUF0", tuple(map(float, steps)), 4.0, 1e6, tuple(map(float, offsets)), ())
    body = Body(tuple(map(float, trips)), (False,) * len(trips), (), (stream,), len(offsets), 1000.0)
    found = dict(zip(piece_names(), logarithms(pieces_of(rounds_of_bodies([body])))[0].tolist(), strict=True))
    level = int(found["level of 512"])
    met = sorted(_addresses(stream, trips[:level]))
    ends = [at for at in range(len(met)) if at + 1 == len(met) or met[at + 1] - met[at] != 4]
    longest = max(end - start for end, start in zip(ends, [-1, *ends[:-1]], strict=True))
    assert 2 ** found["size of 512"] == pytest.approx(len(met) + np.prod(trips[:level]))
    assert 2 ** found["loads longest run of 512"] == pytest.approx(longest)
    assert 2 ** found["loads runs of 512"] - 2**-8 == pytest.approx(
        len(ends) / np.prod(trips[:level]) if steps[level] else 0
    )


@pytest.mark.parametrize("order", ["ijk", "ikj", "kji"])
@pytest.mark.parametrize("kernel", sorted(loop_texts.KERNELS))
def test_nests_have_the_ladders_of_their_tokens(order: str, kernel: str) -> None:
    text = loop_texts.nest(order, SIZES, loop_texts.KERNELS[kernel])
    encoder = Encoder((Group.LADDERS,))
    found = dict(zip(encoder.names, encoder.encode([Reading(text)]).matrix[0].tolist(), strict=True))
    tokens = columns(text)
    assert found == pytest.approx({name: tokens[name] for name in found}, abs=1e-3)


@pytest.mark.parametrize("loop", ["0 to 0", "0 to 64", "0 to %n"])
@pytest.mark.parametrize("element", ["f32", "i0", "i1", "vector<4xf32>"])
def test_ladders_are_finite_whatever_a_nest_says(loop: str, element: str) -> None:
    memref = f"memref<64x64x{element}>"
    inside = f"%x = affine.load %a[%i, %j] : {memref}\naffine.store %x, %a[%j, %i] : {memref}\n"
    nest = f"affine.for %i = 0 to 64 {{\naffine.for %j = {loop} {{\n{inside}}}\n}}\n"
    text = f"func.func @f(%a: {memref}, %n: index) {{\n{nest}return\n}}\n"
    assert np.isfinite(Encoder((Group.LADDERS,)).encode([Reading(text)]).matrix).all()
    assert np.isfinite(Reading(text).running).all()


def test_of_several_bodies_the_one_that_computes_most_has_ladders() -> None:
    small, large = "affine.for %i = 0 to 8 {", "affine.for %i = 0 to 4096 {"
    inside = "%x = affine.load %a[%i] : memref<8192xf32>\n%y = arith.mulf %x, %x : f32\n"
    inside += "affine.store %y, %a[%i] : memref<8192xf32>\n}\n"
    texts = ["\n".join([head, inside]) for head in (small, large)]
    encoder = Encoder((Group.LADDERS,))
    readings = [
        Reading(f"func.func @f(%a: memref<8192xf32>) {{\n{loops}return\n}}\n") for loops in (*texts, "".join(texts))
    ]
    _, long, both = encoder.encode(readings).matrix
    assert both[encoder.names.index("trip of 32")] == long[encoder.names.index("trip of 32")] == 12


def test_a_varying_loop_is_not_taken_whole() -> None:
    text = "#m = affine_map<(d0) -> (d0)>\n" + product("ijk").replace("%k = 0 to 4", "%k = 0 to #m(%i)")
    assert columns(text)["varies at 0"] == 1 and columns(text)["level of 512"] == 0
    assert columns(product("ijk"))["level of 512"] > 0


def test_a_text_without_loops_has_columns_too() -> None:
    found = columns("func.func @f(%a: f32) -> f32 {\n%b = arith.addf %a, %a : f32\nreturn %b : f32\n}\n")
    assert all(np.isfinite(value) for value in found.values())


def test_what_a_group_shares_costs_nothing() -> None:
    """A booster of differences fitted to labels that groups shift says the same to the digit."""
    draw = np.random.default_rng(1)
    matrix, groups = draw.normal(size=(60, 3)), [20, 40]
    labels, shifts = matrix[:, 0] + matrix[:, 1] ** 2, np.repeat([8.0, -2.0], groups)
    shape = Shape(trees=20)
    one, two = (
        boost(matrix, each, Objective.DIFFERENCES, shape, 1, None, groups) for each in (labels, labels + shifts)
    )
    assert one.predict(matrix) == pytest.approx(two.predict(matrix), abs=1e-6)
    assert np.corrcoef(one.predict(matrix), labels)[0, 1] > 0.8


def test_of_text_alone_orders_are_learned_and_not_times() -> None:
    samples = list(loop_texts.samples(2))
    slower = [
        replace(each, labels={name: 4 * value for name, value in each.labels.items()})
        if each.family == samples[0].family
        else each
        for each in samples
    ]
    options = Options(nests=Shape(trees=20), ranker=Shape(trees=20), nest_ranker=Shape(trees=20), side=Shape(trees=5))
    one, two = (table_of(each) for each in (samples, slower))
    found = tokens_alone(one, one, Scheme.RUNNING, options)
    assert tokens_alone(two, one, Scheme.RUNNING, options) == pytest.approx(found)
    chosen = choice_quality(found, one.labels["seconds"], Choices.of(one.choices))
    assert chosen.mean < 0.1

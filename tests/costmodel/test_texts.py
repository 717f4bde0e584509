"""Text to lines, nests and tokens: what names, numbering, form and order of independent operations must not change."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.features.encoder import Encoder, Group
from costmodel.features.reading import Reading
from costmodel.models.table import groups_for
from costmodel.tokens.affine import Sum, parse_expression, parse_map
from costmodel.tokens.lines import read_lines
from costmodel.tokens.stream import VOCABULARY, Scheme, Tokens, channels

TILED = """
func.func @mm(%A: memref<100x64xf32>, %B: memref<64x128xf32>, %C: memref<100x128xf32>) {
  affine.for %i = 0 to 100 step 16 {
    affine.for %j = 0 to 128 {
      affine.for %ii = affine_map<(d0) -> (d0)>(%i) to min affine_map<(d0) -> (d0 + 16, 100)>(%i) {
        affine.for %k = 0 to 64 {
          %a = affine.load %A[%ii, %k] : memref<100x64xf32>
          %b = affine.load %B[%k, %j * 2 - 1] : memref<64x128xf32>
          %c = affine.load %C[%ii, %j] : memref<100x128xf32>
          %p = arith.mulf %a, %b : f32
          %s = arith.addf %c, %p : f32
          affine.store %s, %C[%ii, %j] : memref<100x128xf32>
        }
      }
    }
  }
  return
}
"""
STRAIGHT = """
func.func @f(%m: memref<64xf32>, %x: f32, %y: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = memref.load %m[%c0] : memref<64xf32>
  %1 = memref.load %m[%c1] : memref<64xf32>
  %2 = arith.mulf %0, %x : f32
  %3 = arith.addf %1, %y : f32
  %4 = arith.subf %2, %3 : f32
  %5 = arith.divf %4, %0 : f32
  memref.store %5, %m[%c0] : memref<64xf32>
  %6 = arith.mulf %3, %3 : f32
  memref.store %6, %m[%c1] : memref<64xf32>
  return
}
"""


def tokens(text: str) -> Tokens:
    return Reading(text).tokens()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("%i", Sum(0, {"%i": 1})),
        ("%j * 2 - 1", Sum(-1, {"%j": 2})),
        ("-(%i + 3) * 4", Sum(-12, {"%i": -4})),
        ("%i - %i", Sum(0, {})),
        ("%i floordiv 2", None),
        ("%i * %j", None),
        ("(%i", None),
    ],
)
def test_affine_expressions(text: str, value: Sum | None) -> None:
    assert parse_expression(text) == value


def test_affine_maps() -> None:
    found = parse_map("affine_map<(d0)[s0] -> (d0 + s0 * 2, 100)>")
    assert found is not None
    assert found.applied([Sum(3), Sum(0, {"x": 1})]) == [Sum(3, {"x": 2}), Sum(100)]
    assert parse_map("#map") is None


def test_a_line_says_what_it_binds_and_uses() -> None:
    loop, load, end = read_lines(
        "affine.for %i = 0 to 64 iter_args(%s = %z) -> (f32) {\n%0 = affine.load %b[%i + 1] : memref<4x?xf64, strided<[8, 1]>>\n}"
    )
    assert (loop.arguments, loop.uses, loop.opens) == (("%i", "%s"), ("%z",), 1)
    assert (load.base, load.subscripts, load.results) == ("%b", ("%i + 1",), ("%0",))
    assert [(s.sizes, s.element, s.strides) for s in load.shapes] == [((4, -1), "f64", (8, 1))]
    assert end.closes == 1


def test_addresses_of_a_tiled_nest() -> None:
    nest = Reading(TILED).nest
    (body,) = nest.bodies
    assert [loop.trip for loop in body.path] == pytest.approx([64, 100 / 7, 128, 7])
    assert [access.strides for access in body.accesses] == [
        (4, 256, 0, 4096),
        (512, 0, 8, 0),
        (0, 512, 4, 8192),
        (0, 512, 4, 8192),
    ]
    assert body.accesses[1].offset == -4
    assert nest.iterations == pytest.approx(100 * 128 * 64)


def test_a_triangle_has_half_its_square() -> None:
    text = "affine.for %i = 0 to 64 {\naffine.for %j = affine_map<(d0) -> (d0)>(%i) to 64 {\n%0 = affine.load %m[%i, %j] : memref<64x64xf32>\n}\n}"
    assert Reading(text).nest.iterations == pytest.approx(64 * 65 / 2, rel=0.02)


def forms() -> list[list[str]]:
    return [
        [],
        ["-mlir-print-op-generic"],
        ["-lower-affine"],
        ["-lower-affine", "-mlir-print-op-generic"],
        ["-mlir-print-debuginfo"],
    ]


@pytest.mark.parametrize("options", forms(), ids=" ".join)
def test_the_form_of_a_text_does_not_matter(options: list[str]) -> None:
    program = shutil.which("mlir-opt-22") or shutil.which("mlir-opt")
    if program is None:
        pytest.skip("needs mlir-opt")
    printed = subprocess.run([program, *options], input=TILED, capture_output=True, text=True, check=True).stdout
    assert tokens(printed) == tokens(TILED)
    assert [b.accesses[1].strides for b in Reading(printed).nest.bodies] == [
        b.accesses[1].strides for b in Reading(TILED).nest.bodies
    ]


def renamed(text: str, new: Callable[[str], str]) -> str:
    names: dict[str, str] = {}
    return re.sub(
        r"%[\w$.]+", lambda found: names.setdefault(found.group(), f"%{new(found.group())}{len(names)}"), text
    )


@given(st.sampled_from([TILED, STRAIGHT]), st.sampled_from(["", "v", "arg", "x.y_"]))
def test_names_do_not_matter(text: str, prefix: str) -> None:
    assert tokens(renamed(text, lambda _: prefix)) == tokens(text)


@given(st.sampled_from([TILED, STRAIGHT]))
def test_comments_blanks_and_symbols_do_not_matter(text: str) -> None:
    other = re.sub(r"@\w+", "@other", text).replace("\n", '  // a note: %x = "f"() {\n\n   ')
    assert tokens(other) == tokens(text)


def shuffled(text: str, seed: int) -> str:
    """The lines of straight-line code in another order that keeps definitions before uses, and stores and loads around them, in place."""
    lines = text.strip().splitlines()
    inner, draw = lines[1:-2], random.Random(seed)
    placed: list[str] = []
    while inner:
        free = [at for at, line in enumerate(inner) if not any(_depends(line, before) for before in inner[:at])]
        placed.append(inner.pop(draw.choice(free)))
    return "\n".join([lines[0], *placed, *lines[-2:]])


def _depends(line: str, before: str) -> bool:
    made = before.partition(" = ")[0].strip()
    effects = ("store" in line or "load" in line) and ("store" in before or ("load" in before and "store" in line))
    return effects or re.search(rf"{re.escape(made)}\b", line) is not None


@given(st.integers(0, 1 << 32))
def test_the_order_of_independent_operations_does_not_matter(seed: int) -> None:
    assert tokens(shuffled(STRAIGHT, seed)) == tokens(STRAIGHT)


def test_what_an_operation_depends_on_does_matter() -> None:
    assert tokens(STRAIGHT.replace("%2, %3 : f32", "%3, %2 : f32")) != tokens(STRAIGHT)
    assert tokens(TILED.replace("[%k, %j * 2 - 1]", "[%j * 2 - 1, %k]")) != tokens(TILED)
    assert tokens(TILED.replace("step 16", "step 32")) != tokens(TILED)


def test_every_token_of_ours_is_in_the_vocabulary() -> None:
    for text in (TILED, STRAIGHT):
        assert set(tokens(text).words) <= set(VOCABULARY)


def test_the_papers_schemes_keep_names_and_whole_shapes() -> None:
    reading = Reading(STRAIGHT)
    assert "64xf32" in reading.tokens(Scheme.OPERATIONS).words
    operands = reading.tokens(Scheme.OPERANDS).words
    assert operands[operands.index("arith.mulf") :][:4] == ("arith.mulf", "%7", "%5", "%1")


def test_numbers_have_channels() -> None:
    assert channels(64.0) == (pytest.approx(6.0224, abs=1e-4), 0.0, 1.0, 1.0, 1.0)
    assert channels(-3.0)[:3] == (-2.0, 1.0, 0.0)
    assert channels(float("nan")) == (0.0, 0.0, 0.0, 0.0, 0.0)


def test_attributes_of_data_machine_and_schedule() -> None:
    text = (
        'module attributes {dlti.target_system_spec = #dlti.target_system_spec<"piuma" = #dlti.target_device_spec<'
        '#dlti.dl_entry<"threads", 64 : i64>>>} {\n%c = spgemm.multiply %a, %b {schedule = #spgemm.schedule<piuma, accumulator = hash, '
        "window = 512, threads = 4, cached = [a, b]>, data = #spgemm.data<rows = 16, histogram = [1, 2]>} : x\n}"
    )
    numbers, words = Reading(text).described
    data = {"data.rows": 16, "data.histogram.0": 1, "data.histogram.1": 2}
    assert numbers == {"machine.threads": 64, "window": 512, "threads": 4, **data}
    assert {"accumulator=hash", "spgemm.schedule=piuma", "cached=a", "cached=b"} <= set(words)


def test_a_machine_is_read_whole() -> None:
    text = (
        'module attributes {dlti.target_system_spec = #dlti.target_system_spec<"piuma" = #dlti.target_device_spec<"clock_ghz" = '
        '1.0 : f64, "blocks" = 1 : i64, "dram_bytes_per_cycle" = 2.56e+01 : f64>>, threads = 3 : i64} {\n}'
    )
    machine = {"machine.clock_ghz": 1.0, "machine.blocks": 1.0, "machine.dram_bytes_per_cycle": 25.6}
    assert Reading(text).described == ({**machine, "threads": 3.0}, set())


@settings(max_examples=300)
@given(st.text(alphabet="{}()[]<>%@^#\"=,:;-+*/ \n\tabfor.x0123affinememref?!'", max_size=200))
def test_any_text_is_read(text: str) -> None:
    reading = Reading(text)
    assert len(reading.tokens().words) == len(reading.tokens().numbers)
    assert reading.nest.iterations >= 0


@settings(max_examples=100)
@given(st.integers(0, len(TILED)), st.integers(0, len(TILED)))
def test_any_part_of_a_text_is_read(start: int, end: int) -> None:
    assert set(tokens(TILED[start:end]).words) <= set(VOCABULARY)


def test_where_analysis_has_spoken_sizes_of_the_data_are_no_columns() -> None:
    text = "x.y {analytical = 5.0 : f64, shape.fill = 0.5 : f64, data = #spgemm.data<rows = ROWS, columns = 7>} : x"
    readings = [Reading(text.replace("ROWS", str(rows))) for rows in (3, 9)]
    assert groups_for(readings) == (Group.ANALYSED,)
    assert Encoder.fitted(readings, (Group.ANALYSED,)).names == ["analytical", "shape.fill"]
    assert Encoder.fitted(readings, (Group.DESCRIPTORS,)).names == [
        "analytical",
        "data.columns",
        "data.rows",
        "shape.fill",
    ]

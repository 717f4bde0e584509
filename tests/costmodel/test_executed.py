"""What LLVM makes of loop nests: loops written out, vectors, packs, and instructions against those that were really executed."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median

import pytest
from executed_nests import columns

from costmodel.dataset import read
from costmodel.features.encoder import Encoder, Group, readings_of
from costmodel.features.reading import Reading
from costmodel.models.table import groups_for
from costmodel.shipping import SHIPPED

BODY = """
        %0 = affine.load %C[%i, %j] : memref<64x64xf32>
        %1 = affine.load %A[%i, %k] : memref<64x64xf32>
        %2 = affine.load %B[%k, %j] : memref<64x64xf32>
        %3 = arith.mulf %1, %2 {flags} : f32
        %4 = arith.addf %0, %3 {flags} : f32
        affine.store %4, %C[%i, %j] : memref<64x64xf32>
"""


def product(loops: list[str], free: bool = False) -> str:
    """A product of matrices whose loops are these headers, outermost first."""
    names = "%C: memref<64x64xf32>, %A: memref<64x64xf32>, %B: memref<64x64xf32>"
    body = BODY.replace("{flags}", "fastmath<reassoc,contract>" if free else "")
    return f"func.func @f({names}) {{\n" + "{\n".join(loops) + "{\n" + body + "}\n" * len(loops) + "return\n}\n"


def loop(name: str, upper: str, lower: str = "0", step: int = 1) -> str:
    return f"affine.for %{name} = {lower} to {upper} step {step} "


def test_a_short_loop_is_written_out_and_its_stores_are_packed() -> None:
    said = columns(product([loop("i", "64"), loop("k", "64"), loop("j", "8")]))
    assert said["level"] == 1
    assert (said["lanes"], said["packed"]) == (1, 8)
    assert said["strict"] == 1  # the sums of a row stay in one register, in their order


def test_a_strict_sum_is_not_made_of_vectors_and_a_free_one_is() -> None:
    loops = [loop("i", "64"), loop("j", "64"), loop("k", "64")]
    assert columns(product(loops))["lanes"] == 1
    along = [loop("i", "64"), loop("k", "64"), loop("j", "64")]
    strict, free = columns(product(along)), columns(product(along, free=True))
    assert strict["lanes"] == free["lanes"] == 8
    assert free["instructions"] < strict["instructions"]  # a product and its sum are one instruction


def test_a_loop_over_part_of_a_tile_is_two_where_the_loop_over_tiles_is_written_out() -> None:
    part = "min affine_map<(d0) -> (d0 + 32, 48)>(%t)"
    tiled = product(
        [loop("t", "48", step=32), loop("i", "64"), loop("k", "64"), loop("j", part, "affine_map<(d0) -> (d0)>(%t)")]
    )
    said = columns(tiled)
    assert said["parts"] == 2
    assert said["constant"] == 1
    whole, last = (columns(product([loop("i", "64"), loop("k", "64"), loop("j", n)])) for n in ("32", "16"))
    both = 2 ** whole["instructions"] * 32 + 2 ** last["instructions"] * 16
    assert 2 ** said["instructions"] * 48 == pytest.approx(both, rel=0.02)


def test_a_long_loop_over_tiles_stays() -> None:
    part = "min affine_map<(d0) -> (d0 + 32, 4000)>(%t)"
    tiled = product(
        [loop("t", "4000", step=32), loop("i", "64"), loop("k", "64"), loop("j", part, "affine_map<(d0) -> (d0)>(%t)")]
    )
    assert columns(tiled)["parts"] == 1


def rows(loops: list[str], copies: int) -> str:
    """Rows of one matrix copied to another of a longer pitch, so many written out in the text."""
    each = "".join(
        f"%a{at} = affine.load %A[%k + {at}, %j] : memref<512x72xf32>\n"
        f"affine.store %a{at}, %B[%k + {at}, %j] : memref<512x80xf32>\n"
        for at in range(copies)
    )
    names = "%A: memref<512x72xf32>, %B: memref<512x80xf32>"
    return f"func.func @f({names}) {{\n" + "{\n".join(loops) + "{\n" + each + "}\n" * len(loops) + "return\n}\n"


@pytest.mark.parametrize(("tiles", "level"), [(2, 1), (16, 0)])
def test_few_rounds_are_written_out_for_what_that_saves_where_they_begin_at_a_constant(tiles: int, level: int) -> None:
    """Of eight rounds of four rows each, whose pitches are multiplied; of few tiles the loop over them is written out first."""
    plain = rows([loop("j", "64"), loop("k", "32", step=4)], 4)
    assert columns(plain)["level"] == 1
    over = loop("t", str(32 * tiles), step=32)
    tile = loop("k", "affine_map<(d0) -> (d0 + 32)>(%t)", "affine_map<(d0) -> (d0)>(%t)", 4)
    assert columns(rows([over, loop("j", "64"), tile], 4))["level"] == level


@pytest.mark.parametrize(("tiles", "parts"), [(3, 2), (6, 1)])
def test_bounds_and_guards_of_a_tile_that_is_cut_off_are_code(tiles: int, parts: int) -> None:
    """Of each tile 7 for its bound and 2 for its guard: three tiles are written out and six are not."""
    end = 32 * tiles - 8
    text = product(
        [
            loop("t", str(end), step=32),
            loop("i", "64"),
            loop("k", "64"),
            loop("j", f"min affine_map<(d0) -> (d0 + 32, {end})>(%t)", "affine_map<(d0) -> (d0)>(%t)"),
        ]
    )
    assert columns(text)["parts"] == parts


def test_what_was_written_out_before_its_tiles_were_stays_so() -> None:
    """Three rounds around a loop that goes round are few instructions; around one that is written out they would be many."""
    tile = loop("j", "min affine_map<(d0) -> (d0 + 16, 30)>(%t)", "affine_map<(d0) -> (d0)>(%t)")
    said = columns(product([loop("t", "30", step=16), loop("i", "64"), loop("k", "3"), tile]))
    assert (said["parts"], said["level"]) == (2, 2)


def test_another_loop_of_as_many_rounds_as_there_are_tiles_is_not_theirs() -> None:
    """Three tiles that stay, and three rounds of another loop that are written out: the last tile is not told apart."""
    tile = loop("j", "min affine_map<(d0) -> (d0 + 16, 40)>(%t)", "affine_map<(d0) -> (d0)>(%t)")
    said = columns(product([loop("t", "40", step=16), loop("i", "64"), loop("k", "3"), tile]))
    assert (said["parts"], said["constant"]) == (1, 0)


def test_a_short_trip_that_varies_gets_vectors_that_it_never_fills() -> None:
    """Four rounds are one of vectors of four, as rests are done in; two are none."""
    lower = "affine_map<(d0) -> (d0)>(%t)"
    for size, rest in ((4, False), (2, True)):
        part = f"min affine_map<(d0) -> (d0 + {size}, 61)>(%t)"
        loops = [loop("t", "61", step=size), loop("i", "64"), loop("k", "64"), loop("j", part, lower)]
        tiled = columns(product(loops))
        assert tiled["constant"] == 0
        assert tiled["lanes"] == 8
        assert (tiled["rest"] > 0.1) == rest


@pytest.mark.parametrize("spread_first", [True, False])
def test_shuffles_cancel_out_where_the_factor_in_all_lanes_comes_first(spread_first: bool) -> None:
    """LLVM's InstCombine, as seen in the code of `opt` for both orders."""
    loads = [
        "%1 = affine.load %A[%k] : memref<64xi32>",
        "%2 = affine.load %B[4 * %i] : memref<256xi32>",
        "%3 = affine.load %B[4 * %i + 1] : memref<256xi32>",
        "%4 = affine.load %B[4 * %i + 2] : memref<256xi32>",
        "%5 = affine.load %B[4 * %i + 3] : memref<256xi32>",
    ]
    loads = loads if spread_first else [*loads[1:], loads[0]]
    work = [f"%{10 + at} = arith.muli %1, %{2 + at} : i32" for at in range(4)]
    stores = [f"affine.store %{10 + at}, %C[4 * %i + {at}] : memref<256xi32>" for at in range(4)]
    names = "%C: memref<256xi32>, %A: memref<64xi32>, %B: memref<256xi32>"
    loops = ["affine.for %k = 0 to 64 {", "affine.for %i = 0 to 64 {"]
    text = "\n".join([f"func.func @f({names}) {{", *loops, *loads, *work, *stores, "}", "}", "return", "}", ""])
    said = columns(text)
    assert said["lanes"] == 4
    assert (said["round"] < 0.1) == spread_first  # two instructions for eight numbers


@pytest.mark.parametrize("trip", [64, 4096])
def test_rounds_of_vectors_cost_what_their_instructions_do(trip: int) -> None:
    text = f"""func.func @f(%A: memref<{trip}xf32>, %B: memref<{trip}xf32>, %C: memref<{trip}xf32>) {{
      affine.for %i = 0 to {trip} {{
        %0 = affine.load %A[%i] : memref<{trip}xf32>
        %1 = affine.load %B[%i] : memref<{trip}xf32>
        %2 = arith.addf %0, %1 : f32
        affine.store %2, %C[%i] : memref<{trip}xf32>
      }}
      return
    }}
    """
    said = columns(text)
    # a load, an addition that loads, and a store of eight lanes; some for going round
    assert 3 / 8 - 0.05 <= 2 ** said["instructions"] <= 3 / 8 + 0.6


def rows_of_a_stencil(count: int) -> str:
    """B[i, j] = A[i, j] + A[i, j + 1] + A[i, j + 2] of so many i in a round of j."""
    body: list[str] = []
    for row in range(count):
        loaded = [f"%a{row}_{at}" for at in range(3)]
        body += [f"{loaded[at]} = affine.load %A[%i + {row}, %j + {at}] : memref<64x66xf32>" for at in range(3)]
        body.append(f"%s{row} = arith.addf {loaded[0]}, {loaded[1]} : f32")
        body.append(f"%t{row} = arith.addf %s{row}, {loaded[2]} : f32")
        body.append(f"affine.store %t{row}, %B[%i + {row}, %j] : memref<64x64xf32>")
    loops = [loop("i", "64", step=count) + "{", loop("j", "64") + "{"]
    return "\n".join(
        ["func.func @f(%B: memref<64x64xf32>, %A: memref<64x66xf32>) {", *loops, *body, "}}", "return", "}"]
    )


def test_a_long_round_does_not_reuse_what_the_round_before_loaded() -> None:
    few, many = (columns(rows_of_a_stencil(count)) for count in (4, 16))
    assert few["lanes"] == many["lanes"] == 8
    assert many["instructions"] < few["instructions"] - 0.3  # one shuffle an addition, and a quarter of one


def sums_over(rows: int, columns_: int, free: bool = False) -> str:
    """A vector times a matrix, row after row; the columns are the inner loop."""
    flags = " fastmath<reassoc,contract>" if free else ""
    return f"""func.func @f(%y: memref<{columns_}xf32>, %A: memref<{rows}x{columns_}xf32>, %x: memref<{rows}xf32>) {{
      affine.for %i = 0 to {rows} {{
        affine.for %j = 0 to {columns_} {{
          %0 = affine.load %y[%j] : memref<{columns_}xf32>
          %1 = affine.load %A[%i, %j] : memref<{rows}x{columns_}xf32>
          %2 = affine.load %x[%i] : memref<{rows}xf32>
          %3 = arith.mulf %1, %2{flags} : f32
          %4 = arith.addf %0, %3{flags} : f32
          affine.store %4, %y[%j] : memref<{columns_}xf32>
        }}
      }}
      return
    }}
    """


def executed(text: str) -> float:
    """Instructions, of each operation that the text executes."""
    return 2 ** columns(text)["instructions"]


def test_a_product_of_two_loads_does_one_of_them_itself() -> None:
    """A strict dot product: a load, a product that loads, a sum; its loop goes round once for several of them."""
    dot = product([loop("i", "64"), loop("j", "64"), loop("k", "64")])
    assert 3 / 2 <= executed(dot) <= 4 / 2


@pytest.mark.parametrize(("columns_", "most"), [(96, 1.0), (128, 2.0)])
def test_sums_that_fill_all_registers_are_moved_in_every_round(columns_: int, most: float) -> None:
    """Of eight lanes each: twelve sums leave registers for what is added, sixteen do not (znver4, AVX2)."""
    each = executed(sums_over(1480, columns_)) * 2 * 8
    assert most + 1.0 <= each <= most + 3.0 if most > 1.0 else each <= 2.6


def test_the_rest_of_a_constant_trip_is_held_in_registers_like_its_vectors() -> None:
    """Of thirty columns a few are left to narrower vectors and numbers, none of which is loaded or stored in a round: LLVM's code executes 3.8
    times as many instructions per column as of twenty-four."""
    assert columns(sums_over(1480, 30))["vanishes"] == 1
    times = executed(sums_over(1480, 30)) / executed(sums_over(1480, 24))
    assert 3 < times < 4.5


@pytest.mark.parametrize(("length", "least"), [(32, 0.0), (40, 40.0)])
def test_a_loop_that_copies_many_neighbours_is_a_call(length: int, least: float) -> None:
    """Eight stores of 32 bytes are not."""
    kind = f"memref<64x{length}xf64>"
    wide = f"memref<64x{2 * length}xf64>"
    said = columns(
        f"""func.func @f(%A: {kind}, %B: {wide}) {{
          affine.for %i = 0 to 64 {{
            affine.for %j = 0 to {length} {{
              %0 = affine.load %A[%i, %j] : {kind}
              affine.store %0, %B[%i, %j] : {wide}
            }}
          }}
          return
        }}
        """
    )
    each_row = 2 ** said["instructions"] * length
    moves = 2 * length / 4
    assert moves + least <= each_row <= moves + least + 20.0


def test_stores_stay_where_the_loop_around_is_written_out_too() -> None:
    """Of four rows the loop over them is gone before what they add to could be hoisted out of it; of forty it is not."""
    few, many = ((2.0 ** columns(sums_over(rows, 64))["instructions"]) for rows in (4, 40))
    assert few > many + 0.5 / 8  # one store of eight lanes more for two operations each


def test_counts_agree_with_executed_instructions() -> None:
    """Of shipped nests, within a kernel: schedules are off by a common factor and little more."""
    data = read([Path(SHIPPED) / "loops.jsonl.gz"]).of("loops", "cpu-x86").samples
    kernels = sorted({sample.kernel for sample in data})[::60]
    errors: list[float] = []
    for kernel in kernels:
        some = [s for s in data if s.kernel == kernel and "instructions" in s.labels]
        encoder = Encoder((Group.EXECUTED,))
        encoded = encoder.encode(readings_of(s.text for s in some))
        said = encoded.matrix[:, encoder.names.index("executed instructions")] * math.log(2) + encoded.iterations
        off = [math.log(s.labels["instructions"]) - each for s, each in zip(some, said.tolist(), strict=True)]
        errors += [abs(each - median(off)) for each in off]
    assert median(errors) < 0.2


def test_a_fit_of_nests_has_these_columns() -> None:
    some = [Reading(product([loop("i", "64"), loop("k", "64"), loop("j", "64")]))]
    assert groups_for(some) == (Group.STRUCTURE, Group.EXECUTED, Group.LADDERS)

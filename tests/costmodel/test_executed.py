"""What LLVM makes of loop nests: loops written out, vectors, packs, and instructions against those that were really executed."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median

import pytest

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


def columns(text: str) -> dict[str, float]:
    encoder = Encoder((Group.EXECUTED,))
    row = encoder.encode([Reading(text)]).matrix[0]
    return dict(zip(encoder.names, row.tolist(), strict=True))


def test_a_short_loop_is_written_out_and_its_stores_are_packed() -> None:
    said = columns(product([loop("i", "64"), loop("k", "64"), loop("j", "8")]))
    assert said["executed level"] == 1
    assert (said["executed lanes"], said["executed packed"]) == (1, 8)
    assert said["executed strict"] == 1  # the sums of a row stay in one register, in their order


def test_a_strict_sum_is_not_made_of_vectors_and_a_free_one_is() -> None:
    loops = [loop("i", "64"), loop("j", "64"), loop("k", "64")]
    assert columns(product(loops))["executed lanes"] == 1
    along = [loop("i", "64"), loop("k", "64"), loop("j", "64")]
    strict, free = columns(product(along)), columns(product(along, free=True))
    assert strict["executed lanes"] == free["executed lanes"] == 8
    assert free["executed instructions"] < strict["executed instructions"]  # a product and its sum are one instruction


def test_a_loop_over_part_of_a_tile_is_two_where_the_loop_over_tiles_is_written_out() -> None:
    part = "min affine_map<(d0) -> (d0 + 32, 48)>(%t)"
    tiled = product(
        [loop("t", "48", step=32), loop("i", "64"), loop("k", "64"), loop("j", part, "affine_map<(d0) -> (d0)>(%t)")]
    )
    said = columns(tiled)
    assert said["executed parts"] == 2
    assert said["executed constant"] == 1
    whole, last = (columns(product([loop("i", "64"), loop("k", "64"), loop("j", n)])) for n in ("32", "16"))
    both = 2 ** whole["executed instructions"] * 32 + 2 ** last["executed instructions"] * 16
    assert 2 ** said["executed instructions"] * 48 == pytest.approx(both, rel=0.02)


def test_a_long_loop_over_tiles_stays() -> None:
    part = "min affine_map<(d0) -> (d0 + 32, 4000)>(%t)"
    tiled = product(
        [loop("t", "4000", step=32), loop("i", "64"), loop("k", "64"), loop("j", part, "affine_map<(d0) -> (d0)>(%t)")]
    )
    assert columns(tiled)["executed parts"] == 1


def test_a_short_trip_that_varies_gets_vectors_that_it_never_fills() -> None:
    """Four rounds are one of vectors of four, as rests are done in; two are none."""
    lower = "affine_map<(d0) -> (d0)>(%t)"
    for size, rest in ((4, False), (2, True)):
        part = f"min affine_map<(d0) -> (d0 + {size}, 61)>(%t)"
        loops = [loop("t", "61", step=size), loop("i", "64"), loop("k", "64"), loop("j", part, lower)]
        tiled = columns(product(loops))
        assert tiled["executed constant"] == 0
        assert tiled["executed lanes"] == 8
        assert (tiled["executed rest"] > 0.1) == rest


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
    assert said["executed lanes"] == 4
    assert (said["executed round"] < 0.1) == spread_first  # two instructions for eight numbers


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
    assert 3 / 8 - 0.05 <= 2 ** said["executed instructions"] <= 3 / 8 + 0.6


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

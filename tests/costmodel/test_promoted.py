"""Sums in vectors, and shuffles that are not executed, as LLVM 22 makes them for a core with AVX2; each case was compiled."""

from __future__ import annotations

import pytest
from executed_nests import columns, nest


def per_operation(said: dict[str, float]) -> float:
    """Instructions per operation of the text."""
    return 2 ** said["instructions"]


def product(at: int, c: str, a: str, b: str, shapes: tuple[str, str, str], kind: str = "f") -> list[str]:
    """C[c] += A[a] * B[b]."""
    element = shapes[0].rsplit("x", 1)[1]
    return [
        f"%c{at} = affine.load %C[{c}] : memref<{shapes[0]}>",
        f"%a{at} = affine.load %A[{a}] : memref<{shapes[1]}>",
        f"%b{at} = affine.load %B[{b}] : memref<{shapes[2]}>",
        f"%m{at} = arith.mul{kind} %a{at}, %b{at} : {element}",
        f"%s{at} = arith.add{kind} %c{at}, %m{at} : {element}",
        f"affine.store %s{at}, %C[{c}] : memref<{shapes[0]}>",
    ]


@pytest.mark.parametrize(("element", "packed"), [("i32", 6), ("f32", 1)])
def test_sums_of_twelve_integers_are_a_vector_of_eight_and_one_of_four(element: str, packed: int) -> None:
    shapes = (f"8x112x46x{element}", f"8x112x12x{element}", f"8x46x12x{element}")
    loops = ["%j = 0 to 46", "%i = 0 to 112", "%b = 0 to 8", "%k = 0 to 12"]
    body = product(0, "%b, %i, %j", "%b, %i, %k", "%b, %j, %k", shapes, element[0])
    said = columns(nest(dict(zip("CAB", shapes, strict=True)), loops, body))
    assert (said["lanes"], said["packed"]) == (1, packed)


def rank_one(i: int, j: int, k: int) -> float:
    """Instructions per operation of C[i, j] += A[k, i] * B[k, j] along j, so much of it written out in the text."""
    shapes = ("216x160xf64", "84x216xf64", "84x160xf64")
    body: list[str] = []
    for row in range(k):
        for of_c in range(i):
            for of_b in range(j):
                places = (f"%i + {of_c}, %j + {of_b}", f"%k + {row}, %i + {of_c}", f"%k + {row}, %j + {of_b}")
                body += product(len(body), *places, shapes)
    loops = [f"%k = 0 to 84 step {k}", f"%i = 0 to 216 step {i}", f"%j = 0 to 160 step {j}"]
    return per_operation(columns(nest(dict(zip("CAB", shapes, strict=True)), loops, body)))


def test_shuffles_cancel_where_no_row_is_met_twice() -> None:
    """Two rows of B, each for a sum of its own products: vectors as they lie. A row of B for two rows of C: its factors change places in
    the second."""
    assert rank_one(1, 2, 2) < 1.1 * rank_one(1, 1, 2)
    assert rank_one(2, 2, 1) > 1.3 * rank_one(2, 1, 1)
    assert rank_one(1, 2, 8) > 1.3 * rank_one(1, 1, 8)  # more values than VectorCombine looks at


def test_what_is_only_moved_is_shuffled_once() -> None:
    def moved(unroll: int) -> float:
        body: list[str] = []
        for at in range(unroll):
            body += [
                f"%{at} = affine.load %A[%i * 2, %j * 3 + {1 + 3 * at}] : memref<1151x299xf32>",
                f"affine.store %{at}, %B[%i, %j + {at}] : memref<576x100xf32>",
            ]
        loops = ["%i = 0 to 576", f"%j = 0 to 100 step {unroll}"]
        return per_operation(columns(nest({"B": "576x100xf32", "A": "1151x299xf32"}, loops, body)))

    assert moved(2) < 1.3 * moved(1)


def test_few_rounds_leave_none_to_scalars() -> None:
    """Windows of three, two apart: of 8 rounds all are a vector, though the third load has a gap behind it; of 64 the last is left over."""

    def windows(trip: int) -> dict[str, float]:
        shapes = {"O": f"32x{trip}xf32", "I": f"32x{2 * trip + 1}xf32"}
        body = [f"%o = affine.load %O[%c, %x] : memref<{shapes['O']}>"]
        for at in range(3):
            body += [
                f"%i{at} = affine.load %I[%c, %x * 2 + {at}] : memref<{shapes['I']}>",
                f"%s{at} = arith.addf %{f's{at - 1}' if at else 'o'}, %i{at} : f32",
            ]
        body.append(f"affine.store %s2, %O[%c, %x] : memref<{shapes['O']}>")
        return columns(nest(shapes, ["%c = 0 to 32", f"%x = 0 to {trip}"], body))

    assert (windows(8)["lanes"], windows(8)["rest"]) == (8, 0)
    assert windows(64)["rest"] > 0


def test_sums_stay_in_registers_through_loops_that_are_written_out() -> None:
    """s[j] += A[i, j] in tiles of four: eight vectors of s stay through all of A, so that there is hardly more than additions."""
    body = [
        "%0 = affine.load %s[%j] : memref<64xf32>",
        "%1 = affine.load %A[%i, %j] : memref<512x64xf32>",
        "%2 = arith.addf %0, %1 : f32",
        "affine.store %2, %s[%j] : memref<64xf32>",
    ]
    tile = "%i = affine_map<(d0) -> (d0)>(%t) to affine_map<(d0) -> (d0 + 4)>(%t)"
    said = columns(nest({"s": "64xf32", "A": "512x64xf32"}, ["%t = 0 to 512 step 4", tile, "%j = 0 to 64"], body))
    assert said["vanishes"] == 1
    assert per_operation(said) < 1.3 / 8


def test_of_two_tiles_the_trip_is_known_where_the_text_counts_by_more_than_one() -> None:
    def tiled(step: int) -> dict[str, float]:
        shape = "64x32xf32"
        inner = f"%j = affine_map<(d0) -> (d0)>(%t) to affine_map<(d0) -> (d0 + 16)>(%t) step {step}"
        body: list[str] = []
        for name in range(12):  # too much to be written out
            for at in range(step):
                body += [
                    f"%a{name}_{at} = affine.load %A{name}[%k, %j + {at}] : memref<{shape}>",
                    f"%b{name}_{at} = affine.load %B{name}[%i, %j + {at}] : memref<{shape}>",
                    f"%s{name}_{at} = arith.addf %a{name}_{at}, %b{name}_{at} : f32",
                    f"affine.store %s{name}_{at}, %B{name}[%i, %j + {at}] : memref<{shape}>",
                ]
        buffers = {f"{name}{at}": shape for name in "AB" for at in range(12)}
        return columns(nest(buffers, ["%t = 0 to 32 step 16", "%i = 0 to 64", "%k = 0 to 64", inner], body))

    assert tiled(1)["constant"] == 0
    assert tiled(2)["constant"] == 1

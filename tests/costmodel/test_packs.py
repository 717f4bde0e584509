"""Which stores, sums and loads of written-out rounds LLVM 22 packs for znver4 without AVX-512, as `packs.py` tells; each case was compiled."""

from __future__ import annotations

import pytest
from executed_nests import columns

from costmodel.features.packs import INTERLEAVED


def nest(names: str, loops: list[str], body: list[str]) -> str:
    """A function of these arguments, loops (outermost first) and lines; a loop is `i 0 64 step`."""
    opened = [
        f"affine.for %{name} = {lower} to {upper} step {step} {{" for name, lower, upper, step in map(str.split, loops)
    ]
    return "\n".join([f"func.func @f({names}) {{", *opened, *body, "}" * len(loops), "return", "}"])


def added(pitch: int) -> str:
    """Y[i, j] += X[i, j] of four columns and two rows in a round, rows inside columns; X has so many columns."""
    body: list[str] = []
    for place in [f"%i + {row}, %j + {column}" for column in range(4) for row in range(2)]:
        at = len(body)
        body.append(f"%{at} = affine.load %X[{place}] : memref<64x{pitch}xf64>")
        body.append(f"%{at + 1} = affine.load %Y[{place}] : memref<64x64xf64>")
        body.append(f"%{at + 2} = arith.addf %{at}, %{at + 1} : f64")
        body.append(f"affine.store %{at + 2}, %Y[{place}] : memref<64x64xf64>")
    return nest(f"%Y: memref<64x64xf64>, %X: memref<64x{pitch}xf64>", ["j 0 64 4", "i 0 64 2"], body)


def product(kind: str, element: str, loops: list[str], c: str, a: str, b: str, shapes: tuple[str, str, str]) -> str:
    """C[c] += A[a] * B[b]."""
    of = [f"memref<{shape}x{element}>" for shape in shapes]
    body = [
        f"%0 = affine.load %C[{c}] : {of[0]}",
        f"%1 = affine.load %A[{a}] : {of[1]}",
        f"%2 = affine.load %B[{b}] : {of[2]}",
        f"%3 = arith.mul{kind} %1, %2 : {element}",
        f"%4 = arith.add{kind} %0, %3 : {element}",
        f"affine.store %4, %C[{c}] : {of[0]}",
    ]
    return nest(f"%C: {of[0]}, %A: {of[1]}, %B: {of[2]}", loops, body)


def test_rows_inside_lanes_are_packed_in_part_where_another_array_has_the_same_sum() -> None:
    assert columns(added(pitch=64))["packed"] == 2  # one row in a four, of the other a pair, and two alone
    assert columns(added(pitch=80))["packed"] == 4


def test_rows_that_get_in_each_others_way_leave_what_they_do_in_llvm() -> None:
    by_rows = [INTERLEAVED[(rows * 5 + 1) * 3 + 1] for rows in range(4)]  # four lanes, packs of up to four
    assert by_rows == [4, 8 / 4, 12 / 7, 16 / 11]


@pytest.mark.parametrize(("width", "left"), [(8, 1), (6, 2), (7, 3), (5, 2)])
def test_what_is_left_of_a_run_goes_into_narrower_packs(width: int, left: int) -> None:
    shapes = (f"64x{width + 1}", "64x64", f"64x{width + 1}")
    text = product("f", "f32", ["i 0 64 1", "k 0 64 1", f"j 0 {width} 1"], "%i, %j", "%i, %k", "%k, %j", shapes)
    assert columns(text)["packed"] == width / left


def test_rows_shorter_than_a_pack_are_collected_and_the_same_row_is_repeated() -> None:
    """M[y, x, 3 r + s] += I[y + r, x + s], of which every row is three; C[i, j, b] += A[i, k, b] * B[k, j, b] of two j and four b."""
    at, of = "%M[%y, %x, %r * 3 + %s]", "memref<64x64x15xf64>"
    body = ["%0 = affine.load %I[%y + %r, %x + %s] : memref<68x66xf64>", f"%1 = affine.load {at} : {of}"]
    body += ["%2 = arith.addf %0, %1 : f64", f"affine.store %2, {at} : {of}"]
    loops = ["y 0 64 1", "x 0 64 1", "r 0 5 1", "s 0 3 1"]
    rows = nest(f"%M: {of}, %I: memref<68x66xf64>", loops, body)
    assert columns(rows)["packed"] == 15 / 5  # three packs of four, one of two, one alone
    shapes = ("64x2x4", "64x64x4", "64x2x4")
    loops = ["i 0 64 1", "k 0 64 1", "j 0 2 1", "b 0 4 1"]
    same = product("f", "f32", loops, "%i, %j, %b", "%i, %k, %b", "%k, %j, %b", shapes)
    assert columns(same)["packed"] == 8


def test_sums_in_registers_are_packed_though_they_are_stored_apart() -> None:
    loops = ["j 0 64 1", "k 0 64 1", "i 0 16 1"]
    packed = columns(product("f", "f32", loops, "%i, %j", "%k, %i", "%j, %k", ("16x64", "64x16", "64x64")))
    assert (packed["level"], packed["lanes"], packed["packed"]) == (1, 1, 8)
    apart = columns(product("f", "f32", loops, "%i, %j", "%i, %k", "%j, %k", ("16x64", "16x64", "64x64")))
    assert apart["packed"] == 1  # nothing lies side by side


def transposed(size: int = 4) -> str:
    """T[j, i] = A[i, j] of a small square in every round."""
    body: list[str] = []
    for at, (row, column) in enumerate((row, column) for row in range(size) for column in range(size)):
        body.append(f"%{at} = affine.load %A[%i + {row}, %j + {column}] : memref<176x68xi32>")
        body.append(f"affine.store %{at}, %T[%j + {column}, %i + {row}] : memref<68x176xi32>")
    return nest("%T: memref<68x176xi32>, %A: memref<176x68xi32>", [f"i 0 176 {size}", f"j 0 68 {size}"], body)


def test_a_copy_is_not_worth_collecting_for_and_a_sum_is() -> None:
    assert columns(transposed())["packed"] == 1
    load = "%0 = affine.load %A[%j, %i] : memref<4x64xf64>"
    held = ["%1 = affine.load %s[%j] : memref<4xf64>", "%2 = arith.addf %1, %0 : f64"]
    summed = [load, *held, "affine.store %2, %s[%j] : memref<4xf64>"]
    loops = ["i 0 64 1", "j 0 4 1"]
    assert columns(nest("%s: memref<4xf64>, %A: memref<4x64xf64>", loops, summed))["packed"] == 4


@pytest.mark.parametrize(("kind", "element", "packed"), [("i", "i32", 1), ("f", "f32", 2)])
def test_spreading_integers_is_not_worth_a_pair(kind: str, element: str, packed: int) -> None:
    """T[i, j, k] = x[i] * (y[j] + z[k]) of four i and two k in a round of j."""
    body: list[str] = []
    for at, (i, k) in enumerate((i, k) for i in range(4) for k in range(2)):
        body.append(f"%x{at} = affine.load %x[%i + {i}] : memref<48x{element}>")
        body.append(f"%y{at} = affine.load %y[%j] : memref<64x{element}>")
        body.append(f"%z{at} = affine.load %z[%k + {k}] : memref<24x{element}>")
        body.append(f"%s{at} = arith.add{kind} %y{at}, %z{at} : {element}")
        body.append(f"%t{at} = arith.mul{kind} %x{at}, %s{at} : {element}")
        body.append(f"affine.store %t{at}, %T[%i + {i}, %j, %k + {k}] : memref<48x64x24x{element}>")
    sizes = {"T": "48x64x24", "x": "48", "y": "64", "z": "24"}
    names = ", ".join(f"%{name}: memref<{size}x{element}>" for name, size in sizes.items())
    assert columns(nest(names, ["i 0 48 4", "k 0 24 2", "j 0 64 1"], body))["packed"] == packed

"""Lanes and copies that LoopVectorize of LLVM 22 chooses for a core with AVX2 (`opt -pass-remarks=loop-vectorize`), as columns say them."""

from __future__ import annotations

import pytest
from executed_nests import columns, nest


def scaled_sum(element: str, trip: int, unroll: int = 1) -> str:
    """Rounds of y[i] += a * x[i], some written out."""
    buffers = dict.fromkeys(("X", "Y"), f"{trip}x{element}") | {"a": f"1x{element}"}
    kind = "f" if element[0] == "f" else "i"
    shape, body = f"memref<{trip}x{element}>", [f"%a0 = affine.load %a[0] : memref<1x{element}>"]
    for at in range(unroll):
        body += [
            f"%x{at} = affine.load %X[%i + {at}] : {shape}",
            f"%m{at} = arith.mul{kind} %a0, %x{at} : {element}",
            f"%y{at} = affine.load %Y[%i + {at}] : {shape}",
            f"%s{at} = arith.add{kind} %y{at}, %m{at} : {element}",
            f"affine.store %s{at}, %Y[%i + {at}] : {shape}",
        ]
    return nest(buffers, [f"%i = 0 to {trip} step {unroll}"], body)


@pytest.mark.parametrize(
    ("element", "trip", "lanes", "copies", "masked"),
    [
        ("f32", 1000, 8, 4, 0),
        ("f64", 1000, 4, 4, 0),
        ("f32", 60, 8, 2, 0),  # four copies would leave 28 rounds, two leave 12
        ("f32", 28, 4, 2, 0),  # in eight lanes four rounds were left over, which costs as much
        ("f64", 36, 4, 4, 0),
        ("f64", 44, 4, 4, 0),
        ("i32", 1000, 8, 4, 0),
        ("i64", 1000, 4, 4, 0),
    ],
)
def test_lanes_and_copies(element: str, trip: int, lanes: int, copies: int, masked: int) -> None:
    said = columns(nest_of(scaled_sum(element, trip)))
    assert (said["lanes"], said["copies"], said["masked"]) == (lanes, copies, masked)


def nest_of(text: str) -> str:
    """The same in a loop that goes round, so that no loop is the last one."""
    head, body = text.split("{\n", 1)
    return f"{head}{{\naffine.for %again = 0 to 100 {{\n{body.replace('return', '}' + chr(10) + 'return')}"


def test_lanes_of_loops_whose_accesses_interleave() -> None:
    """What the text has written out: four lanes of f64, and none of i32 that lie in eight rows."""
    assert columns(nest_of(scaled_sum("f64", 960, 4)))["lanes"] == 4
    rows = {"A": "880x165xi32", "x": "165xi32", "y": "880xi32"}
    body = ["%x0 = affine.load %x[%j] : memref<165xi32>"]
    for at in range(8):
        body += [
            f"%a{at} = affine.load %A[%i + {at}, %j] : memref<880x165xi32>",
            f"%m{at} = arith.muli %a{at}, %x0 : i32",
            f"%y{at} = affine.load %y[%i + {at}] : memref<880xi32>",
            f"%s{at} = arith.addi %y{at}, %m{at} : i32",
            f"affine.store %s{at}, %y[%i + {at}] : memref<880xi32>",
        ]
    assert columns(nest(rows, ["%j = 0 to 165", "%i = 0 to 880 step 8"], body))["lanes"] == 1


def test_every_other_element_leaves_the_last_round_to_scalars() -> None:
    """A group of loads with a gap at its end may lie beyond the array: 63 of 64 rounds may be vectors, and two copies leave fewer than four."""
    body = ["%0 = affine.load %A[%i * 2] : memref<128xf32>", "affine.store %0, %B[%i] : memref<64xf32>"]
    said = columns(nest({"A": "128xf32", "B": "64xf32"}, ["%again = 0 to 100", "%i = 0 to 64"], body))
    assert (said["lanes"], said["copies"]) == (8, 2)
    assert said["rest"] > 0


def test_of_two_tiles_the_trip_is_not_known() -> None:
    """With three tiles of four rounds the loop gets vectors of four, with two such of eight that are never filled."""

    def tiled(upper: int) -> dict[str, float]:
        shape = f"64x{upper}xf32"
        loops = [
            f"%t = 0 to {upper} step 4",
            "%i = 0 to 64",
            "%k = 0 to 64",
            "%j = affine_map<(d0) -> (d0)>(%t) to affine_map<(d0) -> (d0 + 4)>(%t)",
        ]
        body: list[str] = []
        for at in range(12):  # too much to be written out
            body += [
                f"%a{at} = affine.load %A{at}[%k, %j] : memref<{shape}>",
                f"%b{at} = affine.load %B{at}[%i, %j] : memref<{shape}>",
                f"%s{at} = arith.addf %a{at}, %b{at} : f32",
                f"affine.store %s{at}, %B{at}[%i, %j] : memref<{shape}>",
            ]
        buffers = {f"{name}{at}": shape for name in "AB" for at in range(12)}
        return columns(nest(buffers, loops, body))

    several, two = tiled(12), tiled(8)
    assert (several["lanes"], several["constant"]) == (4, 1)
    assert (two["lanes"], two["constant"]) == (8, 0)
    assert two["rest"] > 0.3


def five_points(copies: int, rows: int) -> str:
    """A stencil of which the text has several copies, in neighbouring rows or all in one."""
    body: list[str] = []
    for at in range(copies):
        i, k = (at, 0) if rows > 1 else (0, at)
        places = [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]
        for place, (y, x) in enumerate(places):
            body.append(f"%a{at}_{place} = affine.load %A[%i + {i + y}, %k + {k + x}] : memref<66x66xf32>")
        total = f"%a{at}_0"
        for place in range(1, 5):
            body.append(f"%t{at}_{place} = arith.addf {total}, %a{at}_{place} : f32")
            total = f"%t{at}_{place}"
        body.append(f"affine.store {total}, %B[%i + {i}, %k + {k}] : memref<64x64xf32>")
    steps = (copies, 1) if rows > 1 else (1, copies)
    loops = [f"%i = 0 to 64 step {steps[0]}", f"%k = 0 to 64 step {steps[1]}"]
    return nest({"A": "66x66xf32", "B": "64x64xf32"}, loops, body)


def test_a_load_that_is_carried_on_past_a_store_keeps_a_loop_from_vectors() -> None:
    assert columns(five_points(1, 1))["lanes"] == 8
    assert (
        columns(five_points(4, 4))["lanes"] == 1
    )  # a row's middle is read before a store, what it is next time after it
    assert columns(five_points(16, 16))["lanes"] == 8  # too long for GVN to see it
    assert columns(five_points(8, 1))["lanes"] == 1


def test_a_subscript_that_adds_up_two_counters_is_not_carried_on() -> None:
    """Of y[i] += x[d + i] with two rounds of each written out, d + i + 2 is not found as the next round's d + i."""
    body: list[str] = []
    for at, (far, near) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        body += [
            f"%x{at} = affine.load %X[%d + %i + {far + near}] : memref<2008xf32>",
            f"%y{at} = affine.load %Y[%i + {near}] : memref<2000xf32>",
            f"%s{at} = arith.addf %y{at}, %x{at} : f32",
            f"affine.store %s{at}, %Y[%i + {near}] : memref<2000xf32>",
        ]
    buffers = {"X": "2008xf32", "Y": "2000xf32"}
    assert columns(nest(buffers, ["%d = 0 to 8 step 2", "%i = 0 to 2000 step 2"], body))["lanes"] == 8


def test_more_that_stands_still_than_there_are_registers_does_not_limit_copies() -> None:
    """Sixteen sums of three factors are written out inside the loop that gets vectors; one factor of each stands still in it."""
    buffers = {"M": "50x16xi32", "T": "32x50x32xi32", "D": "32x16xi32", "C": "32x16xi32"}
    body = [
        "%m = affine.load %M[%i, %j] : memref<50x16xi32>",
        "%t = affine.load %T[%k, %i, %l] : memref<32x50x32xi32>",
        "%d = affine.load %D[%l, %j] : memref<32x16xi32>",
        "%td = arith.muli %t, %d : i32",
        "%c = affine.load %C[%k, %j] : memref<32x16xi32>",
        "%tdc = arith.muli %td, %c : i32",
        "%s = arith.addi %m, %tdc : i32",
        "affine.store %s, %M[%i, %j] : memref<50x16xi32>",
    ]
    said = columns(nest(buffers, ["%k = 0 to 32", "%i = 0 to 50", "%l = 0 to 32", "%j = 0 to 16"], body))
    assert (said["level"], said["lanes"], said["copies"]) == (1, 8, 4)


@pytest.mark.parametrize(("flags", "order", "same"), [("fast", "auv", True), ("", "auv", False), ("", "uva", True)])
def test_products_of_what_stands_still_are_computed_before_the_loop(flags: str, order: str, same: bool) -> None:
    """Of a sum of a[k] * u * v, u * v, if factors may be regrouped or these come first."""
    math = "fastmath<reassoc,contract>" if flags else ""

    def round_of(factors: str) -> float:
        body = ["%t = affine.load %T[%i, %k] : memref<64x64xf32>", f"%p0 = affine.load %{factors[0]}"]
        subscripts = {"a": "[%i, %k] : memref<64x64xf32>", "u": "[%i] : memref<64xf32>", "v": "[%i] : memref<64xf32>"}
        body[1] += subscripts[factors[0]]
        for at, factor in enumerate(factors[1:], 1):
            body.append(f"%f{at} = affine.load %{factor}{subscripts[factor]}")
            body.append(f"%p{at} = arith.mulf %p{at - 1}, %f{at} {math} : f32")
        body.append(f"%s = arith.addf %t, %p{len(factors) - 1} {math} : f32")
        body.append("affine.store %s, %T[%i, %k] : memref<64x64xf32>")
        buffers = {"T": "64x64xf32", "a": "64x64xf32", "u": "64xf32", "v": "64xf32"}
        return columns(nest(buffers, ["%i = 0 to 64", "%k = 0 to 64"], body))["round"]

    assert (round_of(order) == pytest.approx(round_of(order.replace("v", "")), abs=0.01)) is same


def test_sums_are_strict_where_the_shortest_of_rounds_is_one() -> None:
    body = [
        "%0 = affine.load %y[%i] : memref<9xf32>",
        "%1 = affine.load %A[%i, %j] : memref<9x9xf32>",
        "%2 = arith.addf %0, %1 : f32",
        "affine.store %2, %y[%i] : memref<9xf32>",
    ]
    text = nest({"y": "9xf32", "A": "9x9xf32"}, ["%i = 0 to 9", "%j = 0 to affine_map<(d0) -> (d0)>(%i)"], body)
    assert (columns(text)["strict"], columns(text)["lanes"]) == (1, 1)


def test_a_loop_that_goes_round_now_and_then_is_mostly_not_entered() -> None:
    """Tiles of four rounds, of which few have any; sums in them are strict none the less."""

    body = [
        "%0 = affine.load %y[%i] : memref<16xf32>",
        "%1 = affine.load %A[%i, %k] : memref<16x264xf32>",
        "%2 = arith.addf %0, %1 : f32",
        "affine.store %2, %y[%i] : memref<16xf32>",
    ]
    upper = "min affine_map<(d0, d1) -> (d0 + 4, d1 + 1)>(%t, %i)"
    loops = ["%t = 0 to 264 step 4", "%i = 0 to 16", f"%k = affine_map<(d0) -> (d0)>(%t) to {upper}"]
    said = columns(nest({"y": "16xf32", "A": "16x264xf32"}, loops, body))
    assert (said["strict"], said["lanes"]) == (1, 1)


def test_rests_are_done_in_vectors_too() -> None:
    """62 rounds: three of two copies of eight, three of four and two more, all written out; it takes less than 63 rounds of a fourth each."""

    def instructions(trip: int) -> float:
        return 2 ** columns(nest_of(scaled_sum("i32", trip)))["instructions"]

    assert columns(nest_of(scaled_sum("i32", 62)))["vanishes"] == 1
    assert instructions(62) < 1.5 * instructions(64)


def test_a_copy_is_a_call_if_it_is_long() -> None:
    """40 f64 are copied by `memcpy`, 69 instructions; 16 are four vectors, loaded and stored."""

    def copied(trip: int) -> float:
        shape = f"memref<16x32x{trip}xf64>"
        body = [
            f"%0 = affine.load %A[%i, %j, %k] : {shape}",
            f"affine.store %0, %B[%j, %i, %k] : memref<32x16x{trip}xf64>",
        ]
        buffers = {"A": shape.removeprefix("memref<").removesuffix(">"), "B": f"32x16x{trip}xf64"}
        said = columns(nest(buffers, ["%i = 0 to 16", "%j = 0 to 32", f"%k = 0 to {trip}"], body))
        return 2 ** said["instructions"] * trip

    assert 60 <= copied(40) <= 80
    assert copied(200) > copied(40) + 100
    assert copied(16) < 20


@pytest.mark.parametrize(("element", "lanes", "instructions"), [("f32", 8, 6), ("f64", 4, 5), ("i32", 8, 5)])
def test_what_the_round_before_loaded_is_not_loaded_but_shuffled(element: str, lanes: int, instructions: int) -> None:
    """B[k] = A[k] + A[k + 1]: a load, three shuffles (or two) to put together the first term, a sum, and a store."""
    body = [
        f"%0 = affine.load %A[%k] : memref<1001x{element}>",
        f"%1 = affine.load %A[%k + 1] : memref<1001x{element}>",
        f"%2 = arith.add{element[0]} %0, %1 : {element}",
        f"affine.store %2, %B[%k] : memref<1000x{element}>",
    ]
    said = columns(nest({"A": f"1001x{element}", "B": f"1000x{element}"}, ["%k = 0 to 1000"], body))
    assert said["lanes"] == lanes
    assert lanes * (2 ** said["round"] - 0.01) == pytest.approx(instructions)


def test_rows_of_which_a_load_is_carried_on_leave_the_last_round_to_scalars() -> None:
    """B[i, k] = A[i, k] + A[i, k + 1] + A[i, k + 2], two k a round: of four neighbours three are loaded, one pair and one with a gap behind it."""
    body: list[str] = []
    for at in (0, 1):
        body += [f"%{at}{place} = affine.load %A[%i, %k + {at + place}] : memref<64x1026xf32>" for place in range(3)]
        body += [f"%{at}4 = arith.addf %{at}0, %{at}1 : f32", f"%{at}5 = arith.addf %{at}4, %{at}2 : f32"]
        body += [f"affine.store %{at}5, %B[%i, %k + {at}] : memref<64x1024xf32>"]
    said = columns(nest({"A": "64x1026xf32", "B": "64x1024xf32"}, ["%i = 0 to 64", "%k = 0 to 1024 step 2"], body))
    assert said["lanes"] == 8
    assert said["rest"] > 0

"""Straight-line code as an allocator meets it: what is simplified, what is alive, what finds no register."""

from __future__ import annotations

import pytest

from costmodel.features.pressure import pressure, pressure_names
from costmodel.features.reading import Reading
from costmodel.features.simplified import simplified
from costmodel.tokens.tree import tree

HEAD = "func.func @f(%m: memref<64xi32>, %x: i32, %y: i32) {\n"
TAIL = "\n  return\n}\n"


def left(*lines: str) -> list[str]:
    """Names of the results that are left of a block."""
    nodes = tree(Reading("\n".join(lines) + "\n").lines).nodes
    return [name for node in simplified(nodes) for name in (node.line.results or (node.line.name,))]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["%a = arith.subi %x, %x : i32", "%b = arith.addi %y, %a : i32", "%c = arith.muli %b, %b : i32"], ["%c"]),
        (["%a = arith.addi %x, %y : i32", "%b = arith.addi %y, %x : i32"], ["%a"]),
        (["%a = arith.subi %x, %y : i32", "%b = arith.subi %y, %x : i32"], ["%a", "%b"]),
        (["%a = arith.subf %u, %u : f32"], ["%a"]),
        (["%a = arith.andi %x, %x : i32", "%b = arith.muli %a, %y : i32"], ["%b"]),
        (["%a = memref.load %m[%i] : memref<64xi32>", "%b = memref.load %m[%i] : memref<64xi32>"], ["%a"]),
        (
            [
                "%a = memref.load %m[%i] : memref<64xi32>",
                "memref.store %x, %m[%j] : memref<64xi32>",
                "%b = memref.load %m[%i] : memref<64xi32>",
            ],
            ["%a", "memref.store", "%b"],
        ),
    ],
)
def test_what_a_compiler_leaves_out(lines: list[str], kept: list[str]) -> None:
    assert left(*lines) == kept


def columns(body: str) -> dict[str, float]:
    row = pressure([Reading(HEAD + body + TAIL).lines])[0]
    return dict(zip(pressure_names(), row.tolist(), strict=True))


def test_values_alive_and_values_that_find_no_register() -> None:
    loads = "\n".join(f"  %v{at} = memref.load %m[%c{at}] : memref<64xi32>" for at in range(20))
    sums = "\n".join(f"  %s{at} = arith.muli %v{at}, %v{19 - at} : i32" for at in range(10))
    stores = "\n".join(f"  memref.store %s{at}, %m[%c{at}] : memref<64xi32>" for at in range(10))
    said = columns(f"{loads}\n{sums}\n{stores}")
    assert said["registers whole in text order"] == 20
    assert said["evicted of 16 whole in text order"] >= 4
    assert said["evicted of 30 whole in text order"] == 0
    assert said["registers float in text order"] == 0
    assert said["registers whole in canonical order"] < 20
    assert said["registers whole in text order, loads inside"] < 20


def test_what_nothing_needs_counts_nothing() -> None:
    alone = "  %a = arith.addi %x, %y : i32\n  memref.store %a, %m[%i] : memref<64xi32>"
    dead = "  %d = arith.muli %x, %y : i32\n"
    assert columns(dead + alone) == columns(alone)

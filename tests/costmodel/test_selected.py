"""Sums, two-operand instructions and registers of straight-line code, as LLVM 22 made them of the same texts for znver3."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.features.assigned import unassigned
from costmodel.features.overwritten import regrouped, settled
from costmodel.features.pressure import pressure
from costmodel.features.reading import Reading
from costmodel.features.scheduled import MACHINES, schedule, scheduled
from costmodel.features.selected import select
from costmodel.features.steps import WHOLE, Step
from costmodel.features.straight import largest_block
from costmodel.features.summing import Summing
from costmodel.features.sums import Op, Sums

X86 = MACHINES["x86"]


HEAD = (
    "func.func @f(%A: memref<70x56xf32>, %B: memref<56x16xf32>, %k: memref<256xi64>, %i: index, %j: index) {\n"
    + "".join(f"  %c{at} = arith.constant {at} : index\n" for at in range(64))
)


def steps(*lines: str) -> list[Step]:
    return select(largest_block(Reading(HEAD + "\n".join(lines) + "\n  return\n}\n").lines), X86)


def value_of(sums: Sums, node: int, leaves: dict[str, int]) -> int:
    """What a node computes."""
    op, first, second = sums.nodes[node]
    match op:
        case Op.LEAF:
            return leaves[sums.names[first]]
        case Op.NUMBER:
            return first
        case Op.ADD:
            return value_of(sums, first, leaves) + value_of(sums, second, leaves)
        case Op.SUB:
            return value_of(sums, first, leaves) - value_of(sums, second, leaves)
        case Op.SHIFT:
            return value_of(sums, first, leaves) << second
        case Op.TIMES | Op.FACTOR:
            return value_of(sums, first, leaves) * second


PARTS = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 9), st.integers(1, 90)), min_size=1, max_size=4)


@given(st.lists(PARTS, min_size=1, max_size=5), st.integers(0, 3))
def test_rules_change_no_value(terms: list[list[tuple[str, int, int]]], bits: int) -> None:
    """Products, constants and shifts move; what an address computes is what the text says."""
    sums, leaves = Sums(), {"x": 101, "y": 10007, "z": 1000003}
    asked: list[int] = []
    truth: list[int] = []
    for parts in terms:
        total = sums.number(0)
        for name, more, factor in parts:
            total = sums.add(total, sums.times(sums.add(sums.leaf(name), sums.number(more)), factor))
        asked.append(sums.shifted(total, bits))
        truth.append(sum((leaves[name] + more) * factor for name, more, factor in parts) << bits)
    left = sums.combined(asked)
    for node, true in zip(asked, truth, strict=True):
        expanded = sums.expanded(left[node])
        assert value_of(sums, left[node], leaves) == value_of(sums, expanded, leaves) == true
        mode = sums.mode(expanded)
        base, index = (0 if each is None else value_of(sums, each, leaves) for each in (mode.base, mode.index))
        assert base + index * mode.scale + mode.moved == true


@pytest.mark.parametrize("factor", range(100))
def test_every_product_is_its_additions_and_shifts(factor: int) -> None:
    sums = Sums()
    node = sums.times(sums.leaf("x"), factor)
    assert value_of(sums, sums.expanded(sums.combined([node])[node]), {"x": 12345}) == 12345 * factor


CHAINS = {
    "sums": "  %v{new} = arith.addi %v{old}, {other} : index",
    "differences": "  %v{new} = arith.subi {other}, %v{old} : index",
    "products and sums": "  %p{new} = arith.muli %v{old}, %c40 : index\n  %v{new} = arith.addi %p{new}, {other} : index",
    "shifts and differences": "  %p{new} = arith.shli %v{old}, %c3 : index\n  %v{new} = arith.subi {other}, %p{new} : index",
}


@pytest.mark.parametrize("line", CHAINS.values(), ids=CHAINS)
def test_long_chains(line: str) -> None:
    """What `costmodel` reads may be as long as it likes: Python's own stack is no limit."""
    chain = [
        line.format(new=at + 1, old=at, other="%i" if at % 3 else "%j") for at in range(2000 // len(line.split("\n")))
    ]
    first = "  %v0 = arith.xori %i, %j : index"
    found = steps(
        first, *chain, f"  %w = arith.xori %v{len(chain)}, %j : index", "  memref.store %w, %k[%i] : memref<256xindex>"
    )
    assert found[-1].effect


def test_numbers_stay_small() -> None:
    """Squares of squares: a number wraps as a register does."""
    squares = [f"  %s{at + 1} = arith.muli %s{at}, %s{at} : index" for at in range(200)]
    text = Reading(
        "\n".join(
            ["func.func @f() -> index {", "  %s0 = arith.constant 3 : index", *squares, "  return %s200 : index\n}\n"]
        )
    )
    assert len(pressure([text.lines])) == len(scheduled([text.lines])) == 1


@pytest.mark.parametrize("subscripts", ["%A[%i * 0 + 3, %j] : memref<70x56xf32>", "%E[%i, %j] : memref<4x0xf32>"])
def test_what_moves_by_nothing(subscripts: str) -> None:
    load = f"  %v = affine.load {subscripts}"
    assert len(steps(load, "  affine.store %v, %B[%i, %j] : memref<56x16xf32>")) >= 2


def test_nothing_is_overwritten_where_all_operands_are_constants() -> None:
    lines = ["  %u = llvm.mlir.poison : i64", "  %n = arith.constant 3 : i64", "  %s = arith.shli %u, %n : i64"]
    found = steps(*lines, "  memref.store %s, %k[%i] : memref<256xi64>")
    assert [step.uses for step in found] == [[], [0, "%k", "%i"]]


def test_results_are_taken_in_the_order_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in that of a set, which differs from one process to the next, and the columns with it."""
    asked: list[str] = []

    class Asked(Summing):
        def __init__(self, *arguments: Any) -> None:
            asked.extend(arguments[3])
            super().__init__(*arguments)

    monkeypatch.setattr("costmodel.features.selected.Summing", Asked)
    names = [f"%r{at}" for at in range(12)]
    lines = [f"  {name} = arith.addi %i, %c{at + 2} : index" for at, name in enumerate(names)]
    text = "\n".join([HEAD, *lines, f"  return {', '.join(names)} : {', '.join(['index'] * 12)}", "}", ""])
    select(largest_block(Reading(text).lines), X86)
    assert asked == names


def test_rows_of_an_array_share_a_product() -> None:
    """i * 56 is computed once; rows below are displacements of it."""
    loads = [f"  %v{at} = affine.load %A[%i + {at}, %j] : memref<70x56xf32>" for at in range(3)]
    stores = [f"  affine.store %v{at}, %B[%c{at}, %c0] : memref<56x16xf32>" for at in range(3)]
    found = steps(*loads, *stores)
    assert [step.latency for step in found if step.kind == WHOLE and step.width].count(3) == 1
    assert len(found) == 2 + 3 + 3, "a product, one sum, three loads at displacements of it, three stores"


def test_a_sum_in_memory_is_one_instruction() -> None:
    found = steps(
        "  %a = memref.load %k[%i] : memref<256xi64>",
        "  %b = memref.load %k[%c9] : memref<256xi64>",
        "  %s = arith.addi %a, %b : i64",
        "  memref.store %s, %k[%c9] : memref<256xi64>",
    )
    assert len(found) == 2 and found[1].effect


def test_values_carried_together() -> None:
    """Two loads of neighbours, stored as neighbours: one load and one store."""
    lines = [f"  %v{at} = memref.load %k[%c{at}] : memref<256xi64>" for at in range(2)]
    lines += [f"  memref.store %v{at}, %k[%c{at + 20}] : memref<256xi64>" for at in range(2)]
    assert len(steps(*lines)) == 2


def test_operands_are_swapped_to_avoid_a_copy() -> None:
    """b is read again, a is not: b + a overwrites a."""
    both = Step([1, 0], overwrites=True, commutes=True)
    found = settled([Step(["p"]), Step(["q"]), both, Step([1, 2], effect=True, width=0.0)])
    assert not any(step.copied is not None for step in found)
    assert found[2].uses == [0, 1]


def test_a_reader_is_moved_above_what_overwrites() -> None:
    """The shift overwrites what a product still reads: the product goes first, and stays before it in any schedule."""
    shift, product = Step([0], overwrites=True), Step([0], latency=3)
    found = settled([Step(["p"]), shift, product, Step([1, 2], effect=True, width=0.0)])
    assert [step.copied for step in found] == [None] * 4
    assert found[1].latency == 3 and found[2].overwrites and found[2].after == [1]
    assert schedule(found, (15, 16)) == [0, 1, 2, 3]


def test_what_cannot_be_avoided_is_copied() -> None:
    far = [Step([0], kin="", latency=3) for _ in range(12)]
    found = settled([Step(["p"]), Step([0], overwrites=True), *far, Step([1, *range(2, 14)], effect=True, width=0.0)])
    assert sum(step.copied is not None for step in found) == 1


def test_a_late_operand_is_added_last() -> None:
    """(product + x) + y is product + (x + y)."""
    first, second = (Step([at, name], overwrites=True, commutes=True, kin="add64") for at, name in ((0, "x"), (1, "y")))
    found = regrouped([Step(["p"], latency=3), first, second])
    assert [step.uses for step in found] == [["p"], ["x", "y"], [0, 1]]


def test_values_that_find_no_register() -> None:
    made = [Step(["p"]) for _ in range(4)]
    reads = [Step([at], effect=True, width=0.0) for at in range(4)]
    order = list(range(8))
    assert unassigned([*made, *reads], order, WHOLE, 5)[0] == 0
    assert unassigned([*made, *reads], order, WHOLE, 3)[0] == 1, "four values want three registers"

"""Straight-line code selected, scheduled and allocated: what the columns of registers and spills stand on."""

from __future__ import annotations

import pytest

from costmodel.features.reading import Reading
from costmodel.features.scheduled import MACHINES, schedule, scheduled, scheduled_names
from costmodel.features.selected import select
from costmodel.features.steps import FLOAT, Step
from costmodel.features.straight import largest_block

X86 = MACHINES["x86"]
HEAD = (
    "func.func @f(%p: memref<256xf32>, %q: memref<256xf32>, %k: memref<256xi64>, %i: index, %j: index) {\n"
    + "".join(f"  %c{at} = arith.constant {at} : index\n" for at in range(64))
)


def steps(*lines: str, machine: str = "x86") -> list[Step]:
    """The steps of a function's body."""
    text = HEAD + "\n".join(lines) + "\n  return\n}\n"
    return select(largest_block(Reading(text).lines), MACHINES[machine])


def columns(*lines: str) -> dict[str, float]:
    row = scheduled([Reading(HEAD + "\n".join(lines) + "\n  return\n}\n").lines])[0]
    return dict(zip(scheduled_names(), row.tolist(), strict=True))


def loads(count: int) -> list[str]:
    return [f"  %v{at} = memref.load %p[%c{at}] : memref<256xf32>" for at in range(count)]


def indexed(product: str, *then: str) -> list[Step]:
    """The steps of a load at a place that is computed."""
    return steps(
        product,
        *then,
        "  %x = memref.load %k[%b] : memref<256xi64>",
        "  memref.store %x, %k[%c0] : memref<256xi64>",
    )


def test_a_load_used_once_is_part_of_its_use() -> None:
    lines = [*loads(2), "  %s = arith.addf %v0, %v1 : f32", "  memref.store %s, %q[%c0] : memref<256xf32>"]
    assert [step.uses for step in steps(*lines)] == [["%p"], [0, "%p"], [1, "%q"]]
    assert [step.uses for step in steps(*lines, machine="risc")] == [["%p"], ["%p"], [0, 1], [2, "%q"]]


def test_what_a_store_wrote_is_not_loaded_again() -> None:
    found = steps(
        *loads(1),
        "  memref.store %v0, %q[%c3] : memref<256xf32>",
        "  %w = memref.load %q[%c3] : memref<256xf32>",
        "  memref.store %w, %q[%c4] : memref<256xf32>",
    )
    assert [step.uses for step in found] == [["%p"], [0, "%q"], [0, "%q"]]
    assert found[2].after == [1], "stores stay in order"


@pytest.mark.parametrize(
    ("factor", "made", "copies"),
    [(16, 1, 0), (5, 1, 0), (40, 2, 0), (33, 3, 1), (51, 1, 0)],
    ids=["shift", "address, the shift inside the next", "address and shift", "copy, shift and sum", "multiplication"],
)
def test_products_with_constants(factor: int, made: int, copies: int) -> None:
    """The element's eight bytes go into the factor."""
    found = indexed(f"  %b = arith.muli %i, %c{factor} : index")
    assert len(found) - 2 == made
    assert sum(step.copied is not None for step in found) == copies


def test_what_is_overwritten_and_needed_later_is_copied_first() -> None:
    body = ["  %b = arith.shli %i, %c9 : index", "  %d = arith.subi %b, %i : index"]
    found = steps(*body, "  memref.store %d, %k[%i] : memref<256xi64>")
    assert [step.copied for step in found] == ["%i", None, None, None]


def test_an_order_keeps_dependences_and_few_registers() -> None:
    """Twenty values loaded first and added up by pairs: pairs come together where sixteen registers are all there are."""
    pairs = [f"  %s{at} = arith.mulf %v{at}, %v{19 - at} : f32" for at in range(10)]
    more = [f"  %t{at} = arith.addf %s{at}, %v{at} : f32" for at in range(10)]
    stores = [f"  memref.store %t{at}, %q[%c{at}] : memref<256xf32>" for at in range(10)]
    lines = [*loads(20), *pairs, *more, *stores]
    found = steps(*lines)
    order = schedule(found, X86.registers)
    place = {at: when for when, at in enumerate(order)}
    assert sorted(order) == list(range(len(found)))
    for at, step in enumerate(found):
        needed = [use for use in step.uses if isinstance(use, int)] + step.after
        assert all(place[need] < place[at] for need in needed)
    said = columns(*lines)
    assert said["x86 float scheduled"] <= 16 and said["x86 float lost"] == 0
    assert said["risc float scheduled"] <= said["risc float in text order"]


def test_what_finds_no_register_is_counted() -> None:
    sums = [f"  %s{at} = arith.mulf %v{at}, %v{(at + 1) % 24} : f32" for at in range(24)]
    stores = [f"  memref.store %s{at}, %q[%c{at}] : memref<256xf32>" for at in range(24)]
    said = columns(*loads(24), *sums, *stores)
    assert said["x86 float lost"] > 0
    assert said["risc float lost"] == 0
    assert said["x86 float over registers"] == said["x86 float scheduled"] - 16
    assert said["x86 registers taken"] <= 31


def test_vectors_are_kept_in_vector_registers() -> None:
    kind = "memref<256xvector<4xf32>>"
    text = f"""func.func @f(%m: {kind}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.load %m[%c0] : {kind}
  memref.store %a, %m[%c1] : {kind}
  return
}}
"""
    found = select(largest_block(Reading(text).lines), X86)
    assert found[0].kind == FLOAT

"""Our verification says what xDSL's says: of what passes make, and of the same with one thing broken."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp, StringAttr, f16
from xdsl.dialects.test import TestOp
from xdsl.ir import Block, Operation, Region

import compiler.kernels as kernels
from compiler.dialects.walking import ops_of
from compiler.verification import verify

KERNEL = Path(__file__).parents[1] / "examples" / "kernels" / "spgemm.mlir"
Mistake = Callable[[Operation], None]
SCHEDULES = {"cpu": "hash", "rust": "hash", "piuma": "smash-v3"}


@cache
def lowered(target: str) -> ModuleOp:
    """A function of what the passes make for a target, of those with some length the shortest."""
    program = kernels.compile(KERNEL, target, SCHEDULES[target])
    assert program.schedule is not None
    module = program.compiled(program.schedule).module
    fit = [each for each in module.ops if len(ops_of(each)) > 20]
    return ModuleOp([min(fit, key=lambda each: len(ops_of(each))).clone()])


def said(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def both(module: ModuleOp) -> str:
    ours = said(lambda: verify(module))
    assert ours == said(module.verify)
    return ours


@pytest.mark.parametrize("target", SCHEDULES)
def test_what_passes_make_is_in_order(target: str) -> None:
    assert both(lowered(target)) == both(lowered(target)) == ""


def no_property(op: Operation) -> None:
    op.properties.popitem()


def another_property(op: Operation) -> None:
    op.properties["surplus"] = StringAttr("surplus")


def a_property_of_another_kind(op: Operation) -> None:
    op.properties[next(iter(op.properties))] = f16


def another_type(op: Operation) -> None:
    op.results[0]._type = f16  # pyright: ignore[reportPrivateUsage]


def an_operand_more(op: Operation) -> None:
    op.operands = [*op.operands, op.operands[0]]


def an_operand_fewer(op: Operation) -> None:
    op.operands = op.operands[1:]


def an_operand_of_elsewhere(op: Operation) -> None:
    op.operands[0] = TestOp(result_types=[op.operands[0].type]).results[0]


def an_erased_operand(op: Operation) -> None:
    op.operands[0].erase(safe_erase=False)


def no_end(op: Operation) -> None:
    last = op.parent_block()
    assert last is not None and last.last_op is not None
    last.last_op.detach()


def a_region_more(op: Operation) -> None:
    op.add_region(Region(Block()))


def an_empty_block(op: Operation) -> None:
    for each in list(op.regions[0].blocks[0].ops):
        each.detach()


def a_successor_of_elsewhere(op: Operation) -> None:
    op.successors = [*op.successors[1:], Block()]


def a_successor_more(op: Operation) -> None:
    op.successors = [*op.successors, *op.successors[:1]]


def another_parent(op: Operation) -> None:
    op.parent = Block()


ANY = [another_property, no_end, a_region_more, another_parent]
WITH_PROPERTIES = [no_property, a_property_of_another_kind]
WITH_OPERANDS = [an_operand_more, an_operand_fewer, an_operand_of_elsewhere, an_erased_operand]
WITH_RESULTS = [another_type]
WITH_REGIONS = [an_empty_block]
WITH_SUCCESSORS = [a_successor_of_elsewhere, a_successor_more]
MISTAKES = [*ANY, *WITH_PROPERTIES, *WITH_OPERANDS, *WITH_RESULTS, *WITH_REGIONS, *WITH_SUCCESSORS]
ALWAYS = {another_property, a_successor_of_elsewhere, another_parent, an_erased_operand}
"""Mistakes that no op allows."""


def possible(op: Operation) -> list[Mistake]:
    """What can be broken of an op."""
    found = list(ANY)
    found += WITH_PROPERTIES if op.properties else []
    found += WITH_OPERANDS if op.operands else []
    found += WITH_RESULTS if op.results else []
    found += WITH_REGIONS if op.regions and op.regions[0].blocks else []
    return found + (WITH_SUCCESSORS if op.successors else [])


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda each: each.__name__)
@settings(max_examples=3)
@given(target=st.sampled_from(sorted(SCHEDULES)), at=st.floats(0, 1, exclude_max=True))
def test_what_is_broken_is_found(mistake: Mistake, target: str, at: float) -> None:
    module = lowered(target).clone()
    able = [each for each in ops_of(module) if each.parent is not None and mistake in possible(each)]
    if able:
        mistake(able[int(at * len(able))])
        assert both(module) or mistake not in ALWAYS

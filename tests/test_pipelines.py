"""Running passes: checked after each, failures named."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from xdsl.context import Context
from xdsl.dialects.arith import AddiOp
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.test import TestOp

from compiler.codes import Code
from compiler.diagnostics import CompileError, InternalError, Span, refusal
from compiler.locations import attach
from compiler.pipelines import run


@dataclass(frozen=True)
class Act:
    name: ClassVar[str] = "act"
    act: Callable[[ModuleOp], None]

    def apply(self, ctx: Context, op: ModuleOp, /) -> None:
        self.act(op)


@pytest.fixture
def module() -> ModuleOp:
    op = TestOp()
    attach(op, Span("a.c", 3, 7))
    return ModuleOp([op])


def run_one(act: Callable[[ModuleOp], None], module: ModuleOp) -> None:
    run([Act(act)], Context(), module, verify=True)


def test_print_after_shows_the_module_as_the_pass_left_it(module: ModuleOp) -> None:
    def mark(module: ModuleOp) -> None:
        module.attributes["done"] = StringAttr("yes")

    shown: list[str] = []
    run([Act(mark)], Context(), module, verify=True, print_after={"act"}, show=shown.append)
    assert len(shown) == 1
    assert shown[0].startswith('// after act\nbuiltin.module attributes {done = "yes"}')


def test_a_failing_assertion_names_the_pass_and_the_op_at_work(module: ModuleOp) -> None:
    def break_down(module: ModuleOp) -> None:
        for op in module.ops:
            assert op is None, "no such op"

    with pytest.raises(InternalError, match=r"in act at a.c:3:7: AssertionError: no such op") as caught:
        run_one(break_down, module)
    assert caught.value.span == Span("a.c", 3, 7)


def test_a_refusal_passes_through(module: ModuleOp) -> None:
    def refuse(module: ModuleOp) -> None:
        raise refusal(Code.UNION, None, "no")

    with pytest.raises(CompileError):
        run_one(refuse, module)


def test_what_nests_too_deeply_is_refused(module: ModuleOp) -> None:
    def dive(module: ModuleOp) -> None:
        dive(module)

    with pytest.raises(CompileError) as caught:
        run_one(dive, module)
    assert caught.value.diagnostics[0].code is Code.NESTING


def test_an_op_without_location_is_the_fault_of_its_pass(module: ModuleOp) -> None:
    def lose(module: ModuleOp) -> None:
        module.body.block.add_op(TestOp())

    with pytest.raises(InternalError, match=r"in act.*: AssertionError: `test.op` has no location"):
        run_one(lose, module)


def test_ir_that_does_not_verify_is_the_fault_of_its_pass(module: ModuleOp) -> None:
    def spoil(module: ModuleOp) -> None:
        sum_of_nothing = AddiOp.create()
        attach(sum_of_nothing, Span("a.c", 1))
        module.body.block.add_op(sum_of_nothing)

    with pytest.raises(InternalError, match=r"in act.*: VerifyException"):
        run_one(spoil, module)

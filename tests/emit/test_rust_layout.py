"""What is printed is what rustfmt would print, of any module."""

from pathlib import Path

import pytest
import rust as tools
from random_rust import random_module
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block

from compiler.dialects.rust_build import Builder, Param
from compiler.dialects.rust_types import BOOL, U32, UNIT
from compiler.emit.rust import emit
from compiler.emit.rustfmt.shape import Edition

SEEDS = range(70)


@pytest.mark.parametrize("edition", Edition)
def test_rustfmt_changes_nothing(edition: Edition, tmp_path: Path) -> None:
    tools.require("rustfmt")
    for seed in SEEDS:
        (tmp_path / f"m{seed}.rs").write_text(emit(random_module(seed), edition))
    command = ["rustfmt", "--check", "--edition", str(edition.value), *tools.rust_files(tmp_path)]
    tools.run_tool(command, tmp_path)


def test_the_same_module_gives_the_same_text() -> None:
    assert emit(random_module(3)) == emit(random_module(3))


def test_deep_nesting_takes_no_more_than_its_time() -> None:
    """rustfmt tries every layout of an argument for every layout of what is around it; we stop."""
    module = ModuleOp([])
    b = Builder(module.body.block)
    body = Block(arg_types=[U32])
    with b.inside(body):
        value = body.args[0]
        for _ in range(40):
            value = b.method("wrapping_add", b.binary("+", body.args[0], body.args[0]), value, ty=U32)
        b.yield_(value)
    b.fn("f", [Param("x", U32)], U32, body)
    text = emit(module)
    assert text.count("wrapping_add") == 40
    assert text.count("(") == text.count(")")


def test_a_statement_that_fits_nowhere_is_left_as_it_is(tmp_path: Path) -> None:
    tools.require("rustfmt")
    module = ModuleOp([])
    b = Builder(module.body.block)
    body = Block(arg_types=[BOOL])
    with b.inside(body):
        with b.inside(Block()) as then:
            b.expr(b.macro("println", [b.str_("word " * 19)]))
            b.yield_(b.lit(1, U32))
        with b.inside(Block()) as orelse:
            b.yield_(b.lit(2, U32))
        value = b.if_value(body.args[0], then, orelse, U32)
        b.let("a_name_that_is_rather_long", b.binary("+", b.lit(3, U32), value))
    b.fn("f", [Param("x", BOOL)], UNIT, body)
    (tmp_path / "f.rs").write_text(emit(module))
    assert max(map(len, emit(module).splitlines())) > 100
    tools.run_tool(["rustfmt", "--check", "--edition", "2021", "f.rs"], tmp_path)

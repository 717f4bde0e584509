"""Parentheses: enough for rustc to read what is meant, and where a reader or clippy wants them."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import rust as tools
from random_rust import random_module
from rust_reader import read

from compiler.emit import rust_expressions
from compiler.emit.rust import emit
from compiler.emit.rustfmt.expressions import Paren
from compiler.emit.rustfmt.tree import Expr
from compiler.passes.c_to_rust.annotate_types import AnnotateTypes
from compiler.pipelines import new_context

HEAD = "fn f(a: u32, b: u32, c: u32, s: i32, q: bool, p: &[u32], i: usize) {\n    let y = "


def printed(expression: str) -> str:
    text = emit(read(f"{HEAD}{expression}; }}"))
    return text.partition(HEAD)[2].removesuffix(";\n}\n")


@pytest.mark.parametrize(
    "expression",
    [
        "a + b * c",
        "(a + b) * c",
        "a - (b - c)",
        "a - b - c",
        "(a as u64) < b as u64",
        "(a as usize) << b",
        "a as u64 + 1",
        "(a + b) as u64",
        "-s as u32",
        "-(s as i64)",
        "(-s).abs()",
        "(-1).abs()",
        "-(-s)",
        "!a & b",
        "!(a & b)",
        "(a << 3) | (b >> 29)",
        "(a & b) ^ (!a & c)",
        "a & (b + 1)",
        "a << (b + 1)",
        "a << 3 << 4",
        "a & b == 0",
        "a == b && b < c || q",
        "q && (q || a == b)",
        "(a == b) == q",
        "p[i + 1..][0]",
        "&p[i..i + 4]",
        "(a as u8).wrapping_add(1) as u32",
        "a.wrapping_mul(b).rotate_left(7) ^ c",
        "(if q { a } else { b }) + 1",
    ],
)
def test_comes_back_as_it_was(expression: str) -> None:
    assert printed(expression) == expression


@pytest.mark.parametrize(
    ("full", "least"),
    [
        ("((a * b) + c)", "a * b + c"),
        ("(a as u64) + (b as u64)", "a as u64 + b as u64"),
        ("(a as u64) > (b as u64)", "a as u64 > b as u64"),
        ("((a & b) == (c))", "a & b == c"),
        ("(p[(i)])", "p[i]"),
        ("(a == b) && (b == c)", "a == b && b == c"),
        ("(a | b) | c", "a | b | c"),
        ("a + b as u32 + c", "a + b as u32 + c"),
        ("(a + b as u32) < c", "(a + b as u32) < c"),
    ],
)
def test_no_more_than_are_wanted(full: str, least: str) -> None:
    assert printed(full) == least


SEEDS = range(12)


def _code(folder: Path) -> Sequence[str]:
    """What rustc makes of the functions, but for the texts of assertions and the places in the source."""
    command = ["rustc", "--edition=2021", "--crate-type=lib", "--cap-lints=allow", "--emit=mir", "lib.rs"]
    tools.run_tool(command, folder)
    lines = (folder / "lib.mir").read_text().split("\n")
    return [line.partition("//")[0] for line in lines if re.match(r"(fn|    )", line) and not _IS_TEXT.search(line)]


_IS_TEXT = re.compile(r"\.rs:|assertion failed|│|alloc\d")


def test_rustc_reads_the_tree_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every pair of parentheses written out, rustc makes the same code."""
    tools.require("rustc")
    few, all_ = tmp_path / "few", tmp_path / "all"
    for folder in (few, all_):
        folder.mkdir()
        (folder / "lib.rs").write_text("".join(f"pub mod m{seed};\n" for seed in SEEDS))
    for seed in SEEDS:
        module = random_module(seed)
        AnnotateTypes().apply(new_context(), module)
        (few / f"m{seed}.rs").write_text(emit(module))
    monkeypatch.setattr(rust_expressions, "operand_wants_parentheses", _wanted)
    monkeypatch.setattr(rust_expressions, "at_least", _always)
    for seed in SEEDS:
        module = random_module(seed)
        AnnotateTypes().apply(new_context(), module)
        (all_ / f"m{seed}.rs").write_text(emit(module))
    assert (few / "m1.rs").read_text() != (all_ / "m1.rs").read_text()
    assert _code(few) == _code(all_)


def _wanted(*_operators: object, on_right: bool) -> bool:
    return True


def _always(operand: Expr, _precedence: object) -> Expr:
    return Paren(operand)

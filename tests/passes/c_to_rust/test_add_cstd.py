"""add-cstd: what is called stands below the code, with what it needs and nothing else; each part of it is good Rust by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rust
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block

import compiler.passes.c_to_rust.add_cstd as add_cstd
from compiler.dialects.rust import VerbatimOp
from compiler.dialects.rust_build import Builder
from compiler.dialects.rust_types import UNIT
from compiler.locations import location

SOURCE = Path(add_cstd.__file__).with_name("cstd.rs").read_text()
NAMES = re.findall(r"^pub (?:fn|struct) (\w+)", SOURCE, re.MULTILINE)


def added(*names: str) -> str:
    """The module below code that calls these functions."""
    module = ModuleOp([])
    builder = Builder(module.body.block, location("t.c", 1, 1))
    with builder.inside(body := Block()):
        for name in names:
            builder.expr(builder.call(name, []))
    builder.fn("main", [], UNIT, body)
    add_cstd.AddCstd().apply(Context(), module)
    last = module.body.block.last_op
    return last.text.data if isinstance(last, VerbatimOp) else ""


def test_nothing_is_added_where_nothing_is_called() -> None:
    assert added("std::process::abort", "helper") == ""


def test_what_a_function_needs_comes_with_it() -> None:
    text = added("cstd::strcat")
    assert re.findall(r"fn (\w+)", text) == ["c_str", "strcpy", "strcat"]
    assert "use " not in text
    assert text.startswith("/// ") and "\nmod cstd {\n" in text


def test_imports_are_those_that_are_used() -> None:
    assert re.findall(r"use (.+);", added("cstd::print_bytes")) == ["std::io", "std::io::Write"]
    assert re.findall(r"use (.+);", added("cstd::Float")) == ["std::fmt"]


def test_an_unknown_name_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        added("cstd::strlcpy")


def test_every_part_is_good_rust_by_itself(tmp_path: Path) -> None:
    rust.require("cargo", "cargo-clippy", "rustfmt")
    head = "#![forbid(unsafe_code)]\n\n"
    texts = {
        f"only_{name.lower()}": f"{head}{added(f'cstd::{name}').replace('mod cstd', 'pub mod cstd')}\n"
        for name in NAMES
    }
    package = rust.write_package(tmp_path, texts)
    rust.run_tool(["cargo", "clippy", "--offline", "--quiet", "--", "-D", "warnings"], package)
    rust.run_tool(["rustfmt", "--check", "--edition", rust.EDITION, *rust.rust_files(package)], package)

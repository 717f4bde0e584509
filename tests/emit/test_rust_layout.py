"""What is printed is what rustfmt would print, of any module."""

from pathlib import Path

import pytest
import rust as tools
from random_rust import random_module

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

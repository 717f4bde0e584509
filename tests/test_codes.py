"""Every code in the table is raised by the compiler and shown by a test."""

import re
from pathlib import Path

import pytest

from compiler.codes import Code

ROOT = Path(__file__).parents[1]
SOURCE = "\n".join(path.read_text() for path in (ROOT / "compiler").rglob("*.py") if path.name != "codes.py")
TESTS = "\n".join(
    path.read_text("utf-8", "replace")
    for path in (ROOT / "tests").rglob("*")
    if path.suffix in (".py", ".c", ".err") and path.name != "test_diagnostics.py"
)


@pytest.mark.parametrize("code", Code, ids=lambda code: code.number)
def test_the_code_is_raised(code: Code) -> None:
    assert re.search(rf"\bCode\.{code.name}\b", SOURCE)


@pytest.mark.parametrize("code", Code, ids=lambda code: code.number)
def test_the_code_is_tested(code: Code) -> None:
    assert re.search(rf"\[{code.number}\]|\bCode\.{code.name}\b", TESTS)

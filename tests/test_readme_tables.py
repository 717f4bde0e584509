"""The README's tables of C: what it says of each line is true."""

import re
from pathlib import Path

import pytest

from compiler import c_to_rust
from compiler.diagnostics import CompileError
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.translation import TranslationOptions

README = (Path(__file__).parents[1] / "README.md").read_text()
_STD = "".join(f"#include <std{name}.h>\n" for name in ("int", "def", "lib", "io", "bool"))
HEADERS = f"{_STD}#include <string.h>\n#include <assert.h>\n"

SECTION = re.split(r"^## ", README.partition("## What C it takes")[2], maxsplit=1, flags=re.MULTILINE)[0]
ROWS = [row.groups() for row in re.finditer(r"^\| `(.+?)` \| `?(.+?)`? \|$", SECTION, re.MULTILINE)]
TAKEN = [row for row in ROWS if not re.fullmatch(r"C\d+", row[1])]
REFUSED = [row for row in ROWS if re.fullmatch(r"C\d+", row[1])]


def translated(text: str) -> str:
    job = PreprocessJob("row.c", None, f"{HEADERS}{text}\n", PreprocessOptions())
    return c_to_rust.translate([job], TranslationOptions()).text


def test_the_tables_are_found() -> None:
    assert len(TAKEN) > 15
    assert len(REFUSED) > 10


@pytest.mark.parametrize(("c", "rust"), TAKEN)
def test_what_is_said_to_be_taken_is(c: str, rust: str) -> None:
    assert rust in translated(c)


@pytest.mark.parametrize(("c", "code"), REFUSED)
def test_what_is_said_to_be_refused_is(c: str, code: str) -> None:
    with pytest.raises(CompileError) as caught:
        translated(c)
    assert {each.code.number for each in caught.value.diagnostics} == {code}

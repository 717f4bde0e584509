"""Comments of C as doc comments: what rustdoc and clippy make of them."""

import os
import subprocess
from pathlib import Path

import pytest
import rust as tools

from compiler.emit.doc_comments import doc_lines

PLAIN = [
    "Adds.",
    "Adds two numbers.\nThe sum may wrap.\n\nA second paragraph.",
    "Modes:\n- fast\n- slow\n\nAnd more.",
    "Returns a * b, or `a` where *b* is <null> [1].",
    "1. first\n2. second",
    "-----\nsection\n-----",
    "@param a the number\n@return the sum",
]
PREFORMATTED = [
    "Layout:\n    0 length\n    4 data",
    "  - first\n    which goes on\n  - second",
    "- first\nwhich goes on here",
    "> cited\nand not",
    "| a | b |\n|---|---|",
    "- [x]: gone",
    "```\nlet x = 1;\n```",
    "~~~\ncode\n~~~",
    "Layout:\n\tcode(a, b);",
    "- item\n        far out",
    "1) one\n   two",
]


@pytest.mark.parametrize("text", PLAIN)
def test_prose_stays(text: str) -> None:
    assert doc_lines("///", text) == [f"/// {line}".rstrip() for line in text.split("\n")]


@pytest.mark.parametrize("text", PREFORMATTED)
def test_the_rest_is_preformatted(text: str) -> None:
    lines = doc_lines("///", text)
    assert lines[0].startswith("/// ```")
    assert lines[0].endswith("text")
    assert lines[-1] == lines[0].removesuffix("text")


def test_margins_and_empty_lines_go() -> None:
    assert doc_lines("///", "\n\n   A.\n     B.\n\n") == ["/// A.", "///   B."]
    assert doc_lines("///", " \n") == []


def test_no_lint_and_no_doctest(tmp_path: Path) -> None:
    tools.require("cargo", "cargo-clippy", "rustfmt")
    texts = [*PLAIN, *PREFORMATTED]
    items = ["\n".join([*doc_lines("///", text), f"pub fn f{n}() {{}}"]) for n, text in enumerate(texts)]
    head = "\n".join(doc_lines("//!", "The file.\n\n    with code();"))
    package = tools.write_package(tmp_path, {"docs": f"{head}\n\n" + "\n\n".join(items) + "\n"})
    tools.run_tool(["cargo", "clippy", "--offline", "--quiet", "--", "-D", "warnings"], package)
    tools.run_tool(["rustfmt", "--check", "--edition", tools.EDITION, *tools.rust_files(package)], package)
    command = ["cargo", "test", "--doc", "--offline"]
    done = subprocess.run(command, cwd=package, env=os.environ, capture_output=True, text=True, check=True)
    assert "running 0 tests" in done.stdout

"""A report read back from the two texts, C and Rust: the signatures as they were printed.

What a report says of parameters is checked against this, and where there is no report it takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from compiler.report import FunctionReport, ParameterReport, Report, Verdict

_FUNCTION = re.compile(r"^(pub )?fn (\w+)(?:<[^>]*>)?\((.*?)\)(?: -> ([^{]*?))? \{$", re.MULTILINE | re.DOTALL)


def read_report(source: Path, rust: str) -> Report:
    """One entry per Rust function that the C file defines under the same name."""
    return Report([each for match in _FUNCTION.finditer(rust) if (each := _function(match, source)) is not None])


def _function(match: re.Match[str], source: Path) -> FunctionReport | None:
    public, name, taken, result = match.groups()
    c_types = _c_parameters(name, source.read_text("utf-8", "replace"))
    rust_types = [each.split(":", 1) for each in split_commas(taken)]
    if c_types is None or len(c_types) != len(rust_types):
        return None
    parameters = tuple(
        ParameterReport(given.strip().removeprefix("mut ").strip(), c_type, rust_type.strip())
        for c_type, (given, rust_type) in zip(c_types, rust_types, strict=True)
    )
    return FunctionReport(name, name, str(source), 0, bool(public), Verdict.EXACT, parameters, "", (result or "()").strip())


def split_commas(text: str) -> Iterator[str]:
    """The parts between commas that stand in no bracket."""
    depth, start = 0, 0
    for at, letter in enumerate(text + ","):
        depth += (letter in "([<{") - (letter in ")]>}")
        if letter == "," and depth == 0:
            if part := (text + ",")[start:at].strip():
                yield part
            start = at + 1


def _c_parameters(name: str, text: str) -> list[str] | None:
    """The C types of a definition's parameters, as spelled; None where the file does not define the function."""
    match = re.search(rf"\b{name}\s*\(([^;{{]*?)\)\s*\{{", _without_comments(text))
    if match is None:
        return None
    parts = [re.sub(r"\s+", " ", each) for each in split_commas(match[1])]
    return [] if parts == ["void"] else [_c_type(each) for each in parts]


def _without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.DOTALL)


def _c_type(declaration: str) -> str:
    """`const uint8_t *src` is a `const uint8_t *`, `int a[]` an `int *`."""
    stars = "*" if "[" in declaration else ""
    return re.sub(r"\w+\s*(\[.*)?$", "", declaration).strip() + stars

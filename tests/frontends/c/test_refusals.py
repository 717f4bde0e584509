"""What is refused, where, and in which words; and that one refusal does not hide, or cause, another."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from c_programs import minic_of, refusals

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic
from compiler.frontends.c.lower import lower
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess

FOLDER = Path(__file__).with_name("semantics")


@dataclass(frozen=True, slots=True)
class Refused:
    code: Code
    place: tuple[int, int]
    message: str
    text: str


def refused() -> list[Refused]:
    text = FOLDER.joinpath("refused.txt").read_text()
    found = re.findall(r"^(\w+) (\d+):(\d+) (.*)\n    (.*)$", text, re.MULTILINE)
    return [
        Refused(Code[code], (int(line), int(column)), message, c_text.replace("\\n", "\n"))
        for code, line, column, message, c_text in found
    ]


@pytest.mark.parametrize("case", refused(), ids=lambda case: case.text)
def test_refused(case: Refused) -> None:
    first = refusals(case.text)[0]
    assert (first.code, first.message) == (case.code, case.message)
    assert first.span is not None
    assert (first.span.line, first.span.column) == case.place


@pytest.mark.parametrize("text", FOLDER.joinpath("accepted.txt").read_text().split("\n")[2:-1])
def test_accepted(text: str) -> None:
    minic_of(text)


def test_every_function_is_tried() -> None:
    text = "int f(void) { return x; }\nint g(void) { return 1; }\nint h(void) { return y; }\n"
    assert [(each.span.line, each.message) for each in refusals(text) if each.span] == [
        (1, "`x` is not declared"),
        (3, "`y` is not declared"),
    ]


CONSEQUENCES = {
    "a refused object": "volatile int v;\nint f(void) { return v; }\nint g(void) { return v + 1; }",
    "a refused type": "typedef volatile int word;\nword w;\nint f(word x) { return x; }",
    "a struct with a refused field": "struct s { union { int a; } u; };\nstruct s x;\nint f(struct s *p) { return p->u.a; }",
    "a refused signature": "int f(long double x) { return 1; }\nint g(void) { return f(1); }",
    "a refused union": "union u { int a; };\nint f(union u *p) { return p->a; }\nunion u x;",
}


@pytest.mark.parametrize("name", CONSEQUENCES)
def test_consequences_are_not_findings(name: str) -> None:
    assert len(refusals(CONSEQUENCES[name])) == 1


def with_header(header: str, main: str, folder: Path) -> tuple[Diagnostic, ...]:
    """The findings against a file that includes a header."""
    folder.joinpath("lib.h").write_text(header)
    folder.joinpath("main.c").write_text(f'#include "lib.h"\n{main}\n')
    try:
        lower(parse(preprocess(str(folder / "main.c"))))
    except CompileError as error:
        return error.diagnostics
    return ()


HEADERS = {
    "union u { int a; float b; };": "int f(union u *p) { return p->a; }",
    "struct s { void (*call)(void); };": "int f(struct s *p) { return p != 0 && sizeof *p; }",
    "typedef long double wide;": "int f(wide w) { return 1; }",
    "extern volatile int port;": "int f(void) { return port; }",
    "static inline int g(int n) { volatile int x = n; return x; }": "int f(void) { return g(1); }",
    "int g(long double x);": "int f(void) { return g(1); }",
}


def test_what_a_header_defines_for_others_is_refused(tmp_path: Path) -> None:
    assert len(with_header("int g(void) { volatile int x = 1; return x; }", "", tmp_path)) == 1
    assert len(with_header("volatile int x;", "", tmp_path)) == 1


@pytest.mark.parametrize("header", HEADERS)
def test_what_a_header_declares_is_refused_where_it_is_used(header: str, tmp_path: Path) -> None:
    assert with_header(header, "int f(int n) { return n; }", tmp_path) == ()
    assert len(with_header(header, HEADERS[header], tmp_path)) == 1

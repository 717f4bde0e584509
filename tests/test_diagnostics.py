"""The renderer and the table of codes."""

import re

import pytest

from compiler.codes import Code
from compiler.diagnostics import (
    CompileError,
    Diagnostic,
    Label,
    Severity,
    Sources,
    Span,
    refusal,
    render,
)

MIX = "\n" * 8 + "    lo = buf + 8;\n" + "\n" * 4 + "    hi = buf + n;\n"


def show(error: CompileError, sources: Sources) -> list[str]:
    return render(error.diagnostics, sources).splitlines()


def test_excerpt_labels_and_help() -> None:
    error = refusal(
        Code.MAY_OVERLAP,
        Span("mix.c", 14, 10, 7),
        "`hi` may overlap `lo`: cannot prove that `n` is at least 8",
        label="`buf` split here at `n`",
        labels=(Label(Span("mix.c", 9, 10, 7), "earlier split of `buf` at 8"),),
        help="assert(n >= 8) first",
    )
    assert show(error, {"mix.c": MIX}) == [
        "mix.c:14:10: error[C0405]: `hi` may overlap `lo`: cannot prove that `n` is at least 8",
        "   14 |     hi = buf + n;",
        "      |          ^^^^^^^ `buf` split here at `n`",
        "    9 |     lo = buf + 8;",
        "      |          ------- earlier split of `buf` at 8",
        "help: assert(n >= 8) first",
    ]


@pytest.mark.parametrize(
    ("line", "column", "marks"),
    [
        ("union value;", 1, "^^^^^"),
        ("x = 0x1fu;", 5, "    ^^^^^"),
        ('f("a\\"b");', 3, "  ^^^^^^"),
        ("a += b;", 3, "  ^^"),
        ("\tgoto end;", 2, "\t^^^^"),
        ("int", 4, "   ^"),
    ],
)
def test_without_a_length_the_token_is_marked(line: str, column: int, marks: str) -> None:
    error = refusal(Code.SYNTAX, Span("a.c", 1, column), "no")
    assert show(error, {"a.c": line})[2] == f"      | {marks}"


def test_two_labels_on_one_line_share_the_excerpt() -> None:
    error = refusal(
        Code.UNION,
        Span("a.c", 1, 8),
        "`i` is changed twice",
        label="again here",
        labels=(Label(Span("a.c", 1, 1), "changed here"),),
    )
    assert show(error, {"a.c": "i++ + ++i;"})[1:] == [
        "    1 | i++ + ++i;",
        "      |        ^ again here",
        "      | - changed here",
    ]


def test_label_in_another_file_names_it() -> None:
    elsewhere = Label(Span("a.h", 1, 5), "first here")
    error = refusal(Code.UNION, Span("a.c", 1, 5), "`f` twice", labels=(elsewhere,))
    assert show(error, {"a.c": "int f;", "a.h": "int f;"})[3:] == [
        "      ::: a.h",
        "    1 | int f;",
        "      |     - first here",
    ]


def test_missing_source_and_line_past_the_end_cost_only_the_excerpt() -> None:
    header = "a.c:7:1: error[C0201]: `u` is a union"
    error = refusal(Code.UNION, Span("a.c", 7), "`u` is a union")
    assert show(error, {}) == [header]
    assert show(error, {"a.c": "one line\n"}) == [header]


def test_without_a_span_the_command_speaks() -> None:
    assert show(refusal(Code.INPUT_UNREADABLE, None, "`x.c` does not exist"), {}) == [
        "splitwood: error[C0101]: `x.c` does not exist"
    ]


def test_long_lines_are_shown_around_the_place() -> None:
    line = "a" * 5000 + " bad " + "b" * 5000
    excerpt, marks = show(refusal(Code.UNION, Span("a.c", 1, 5002), "no"), {"a.c": line})[1:]
    assert len(excerpt) < 200
    assert excerpt[marks.index("^") :].startswith("bad")


def test_control_characters_never_reach_the_terminal() -> None:
    shown = render(refusal(Code.SYNTAX, Span("a.c", 1, 1), "no").diagnostics, {"a.c": "\x1b[31m x"})
    assert "\x1b" not in shown


def test_color_adds_only_escapes() -> None:
    diagnostic = Diagnostic(Code.UNION, "no", Span("a.c", 1, 1), help="h", notes=("n",), severity=Severity.WARNING)
    sources = {"a.c": "union u;"}
    colored = render([diagnostic], sources, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == render([diagnostic], sources)


def test_several_diagnostics_are_separated_by_a_blank_line() -> None:
    one = Diagnostic(Code.UNION, "no", None)
    assert render([one, one], {}).count("\n\n") == 1


def test_codes_are_unique_ascending_and_grouped() -> None:
    numbers = [code.number for code in Code]
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"C0[1-7]\d\d", number) for number in numbers)
    assert len({code.title for code in Code}) == len(numbers)


def test_a_code_has_advice_where_the_raise_site_has_none() -> None:
    assert (
        show(refusal(Code.DUPLICATE_DEFINITION, Span("a.c", 1), "`f` twice"), {"a.c": "int f;"})[-1]
        == "help: keep one of them"
    )


def test_a_line_of_bytes_is_not_shown() -> None:
    error = refusal(Code.INPUT_NOT_TEXT, Span("a.c", 1), "`a.c` is not source text")
    assert show(error, {"a.c": "\x00\x01\udcff" * 40}) == ["a.c:1:1: error[C0111]: `a.c` is not source text"]
    assert len(show(error, {"a.c": "int \udce9t\udce9;"})) == 3, "Latin-1 is text"

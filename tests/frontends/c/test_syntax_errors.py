"""What is said about code that is no C, or not yet."""

import pytest

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic, render
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess_text


def refused(text: str) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        parse(preprocess_text(text, "t.c"))
    return caught.value.diagnostics[0]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("int f(void) {\n  return 1 +;\n}\n", Code.SYNTAX, 2, 13),
        ("int f(void) {\n  x = 1\n}\n", Code.SYNTAX, 3, 1),
        ("int f(void) {\n  return 0;\n", Code.SYNTAX, 2, 11),
        ("int 3x;\n", Code.SYNTAX, 1, 5),
        ("int x = 08;\n", Code.SYNTAX, 1, 9),
        ("int x = @;\n", Code.SYNTAX, 1, 9),
        ("char c = '';\n", Code.SYNTAX, 1, 10),
        ("int f(u32 x);\n", Code.UNKNOWN_TYPE, 1, 7),
        ("int f(u32 *x);\n", Code.UNKNOWN_TYPE, 1, 7),
        ("int f(int x) {\n  return (u32)x;\n}\n", Code.UNKNOWN_TYPE, 2, 11),
        ("int a;\nu32 *f(void);\n", Code.UNKNOWN_TYPE, 2, 1),
        ("static u32 x;\n", Code.UNKNOWN_TYPE, 1, 8),
        ("int f(void) {\n  u32 x = 1;\n}\n", Code.UNKNOWN_TYPE, 2, 3),
        ("int f(int a) {\n  int g(int b) { return b; }\n  return g(a);\n}\n", Code.NESTED_FUNCTION, 2, 7),
    ],
)
def test_place_and_code(text: str, code: Code, line: int, column: int) -> None:
    finding = refused(text)
    assert finding.span is not None
    assert (finding.code, finding.span.line, finding.span.column) == (code, line, column), finding.message


def test_an_unknown_type_of_a_standard_header_names_the_header() -> None:
    assert refused("uint32_t x;\n").help == "include <stdint.h>"


def test_the_rendered_text() -> None:
    text = "int f(size_t n);\n"
    assert render([refused(text)], {"t.c": text}) == (
        "t.c:1:7: error[C0222]: unknown type name `size_t`\n"
        "    1 | int f(size_t n);\n"
        "      |       ^^^^^^\n"
        "help: include <stddef.h>\n"
    )


def test_an_error_in_a_macro_s_body_is_shown_where_the_macro_is_used() -> None:
    finding = refused("#define BAD(x) x +\nint y =\n  BAD(1);\n")
    assert finding.span is not None
    assert finding.span.line == 3


def test_a_file_of_comments_only_is_an_empty_unit() -> None:
    assert parse(preprocess_text("/* nothing */\n", "t.c")).ast.ext == []

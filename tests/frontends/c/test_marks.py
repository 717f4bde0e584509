"""Which macros are constants, where they keep their names, and that all other uses of macros go on working."""

import pytest

from compiler.frontends.c.preprocess import Preprocessed, preprocess_text
from compiler.frontends.c.preprocess_scan import flat


def unit(text: str) -> Preprocessed:
    return preprocess_text(text, "t.c")


def marked(text: str) -> str:
    """The last line of the text after preprocessing, constants by their markers."""
    result = unit(text)
    last = text.rstrip("\n").count("\n") + 1
    return " ".join(token.text for token in result.tokens if token.line == last)


@pytest.mark.parametrize(
    "body",
    [
        "64",
        "0x40u",
        "'a'",
        "'\\n'",
        "-1",
        "~0u",
        "(1 << 4)",
        "(unsigned char)7",
        "((long)1 << 33)",
        "sizeof(int)",
        "1.5f",
        "!0",
        "(-1)",
    ],
)
def test_a_constant_keeps_its_name(body: str) -> None:
    assert marked(f"#define N {body}\nint x = N;") == "int x = #N ;"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a", "int x = a ;"),
        ("1 + 2", "int x = 1 + 2 ;"),  # would read otherwise in `N * 3`
        ("(n)", "int x = ( n ) ;"),
        ("(n) - 1", "int x = ( n ) - 1 ;"),  # a subtraction, as `n` is no type
        ("f()", "int x = f ( ) ;"),
        ('"text"', 'int x = "text" ;'),
        ("((void *)0)", "int x = ( ( void * ) 0 ) ;"),
        ("1,", "int x = 1 , ;"),
        ("(1, 2)", "int x = ( 1 , 2 ) ;"),
        ("", "int x = ;"),
    ],
)
def test_what_is_no_constant_is_written_out(body: str, expected: str) -> None:
    assert marked(f"#define N {body}\nint x = N;") == expected


@pytest.mark.parametrize(
    ("body", "use", "expected"),
    [
        ("-1", "y = x N;", "y = x - 1 ;"),
        ("-1", "y = (x) N;", "y = ( x ) - 1 ;"),
        ("-1", "return N;", "return #N ;"),
        ("-1", "y = a[N];", "y = a [ #N ] ;"),
        ("-1", "case N:", "case #N :"),
        ("(int)3", "y = N[a];", "y = ( int ) 3 [ a ] ;"),
        ("(int)3", "y = sizeof N;", "y = sizeof ( int ) 3 ;"),
        ("3", "y = sizeof N;", "y = sizeof #N ;"),
    ],
)
def test_surroundings_that_would_read_otherwise(body: str, use: str, expected: str) -> None:
    assert marked(f"#define N {body}\n{use}") == expected


def test_casts_to_typedef_names_are_constants() -> None:
    text = "typedef unsigned char u8;\n#define N ((u8)200)\nint x = N;"
    assert marked(text) == "int x = #N ;"


def test_constants_of_constants() -> None:
    result = unit("#define BLOCK 64\n#define MASK (BLOCK - 1)\nint x = MASK;\n")
    assert list(result.constants) == ["#BLOCK", "#MASK"]
    assert [token.text for token in result.constants["#MASK"].expansion] == ["(", "#BLOCK", "-", "1", ")"]


def test_the_span_is_that_of_the_name_in_the_definition() -> None:
    span = unit("\n #  define   LONG_NAME \\\n  64\nint x = LONG_NAME;\n").constants["#LONG_NAME"].span
    assert (span.file, span.line, span.column, span.length) == ("t.c", 2, 14, 9)


def test_conditions_see_the_macro() -> None:
    assert marked("#define N 64\n#if N > 32 && defined(N)\n#else\n#error\n#endif\nint x[N];") == "int x [ #N ] ;"


def test_stringizing_and_pasting_see_the_macro() -> None:
    text = "#define N 64\n#define STR(x) #x\n#define XSTR(x) STR(x)\n#define CAT(a, b) a##b\n"
    assert marked(text + "char *s = STR(N), *t = XSTR(N); int CAT(v, N), CAT(N, u);") == (
        'char * s = "N" , * t = "64" ; int vN , Nu ;'
    )


def test_function_like_macros_use_the_constant() -> None:
    text = "#define N 64\n#define ROUND(x) ((x) & ~(N - 1))\nint y = ROUND(z) + ROUND(N);"
    assert marked(text) == "int y = ( ( z ) & ~ ( #N - 1 ) ) + ( ( #N ) & ~ ( #N - 1 ) ) ;"


def test_a_redefined_constant_has_two_markers() -> None:
    result = unit("#define N 1\nint a = N;\n#undef N\n#define N 2\nint b = N;\n#undef N\n#define N 1\nint c = N;\n")
    assert [token.text for token in result.tokens if token.text[0] == "#"] == ["#N", "#N#2", "#N"]
    assert [(each.span.line, each.expansion[0].text) for each in result.constants.values()] == [(1, "1"), (4, "2")]


def test_a_name_that_is_shadowed_or_undefined_is_no_constant() -> None:
    assert marked("#define N 4\n#undef N\nint N = 1; int x = N;") == "int N = 1 ; int x = N ;"


def test_a_macro_of_its_own_name_ends() -> None:
    assert marked("#define x (4 + x)\nint y = x;") == "int y = ( 4 + x ) ;"


def test_library_constants_are_marked_too() -> None:
    assert marked("#include <limits.h>\nint x = INT_MAX;") == "int x = #INT_MAX ;"


def test_flattened_marks_are_the_preprocessor_s_tokens() -> None:
    result = unit("#define A 1\n#define B (A + A)\nint x = B * B;\n")
    assert " ".join(token.text for token in flat(result.tokens)) == "int x = ( 1 + 1 ) * ( 1 + 1 ) ;"


def test_a_constant_that_reaches_a_paste_through_an_argument_is_text() -> None:
    text = "#define V 3\n#define CAT(a, b) a##b\n#define X(n) CAT(x, n)\nint X(V) = V;"
    assert marked(text) == "int x3 = #V ;"

"""Constant expressions: folded values equal what cc computes; undefined and non-constant ones are refused."""

import pytest
from c_programs import compiled, minic_of, refusals
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.dialects import minic

_LEAVES = st.one_of(
    st.integers(0, 300).map(str),
    st.sampled_from("0x7fffffff 0xffffffff 2147483648 1u 3ul 0xffffffffffffffff 'a' '\\xff' 7ll 010 ONE MANY".split()),
    st.sampled_from("sizeof(long) (char)200 (unsigned)-1 (short)40000 (_Bool)5 (__int128)9".split()),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from("+ - * / % & | ^ < <= == != && || >".split())
    prefix = st.sampled_from("- ~ ! + (short) (unsigned) (unsigned\tchar) (long)".split(" "))
    return st.one_of(
        st.builds("({} {} {})".format, inner, operator, inner),
        st.builds("({} {} {})".format, inner, st.sampled_from(["<<", ">>"]), st.integers(0, 31)),
        st.builds("({}{})".format, prefix, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    )


EXPRESSIONS = st.recursive(_LEAVES, _larger, max_leaves=8)
NAMES = "enum { ONE = 1, MANY = 100000 };"


def folded(text: str) -> int | None:
    """The value as a `long`, by the front end's folding; None when it is refused as undefined."""
    try:
        module = minic_of(f"{NAMES} enum {{ VALUE = (long)({text}) }};")
    except CompileError as refused:
        assert [each.code for each in refused.diagnostics] == [Code.CONSTANT_UNDEFINED]
        return None
    found = (op for op in module.ops if isinstance(op, minic.DefineOp) and op.sym_name.data == "VALUE")
    return next(found).value.data


@settings(max_examples=4, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=60, max_size=60))
def test_a_c_compiler_folds_to_the_same_value(texts: list[str]) -> None:
    defined = [(text, value) for text in texts if (value := folded(text)) is not None]
    prints = "".join(f'printf("%ld\\n", (long)({text}));\n' for text, _ in defined)
    program = f"#include <stdio.h>\n{NAMES}\nint main(void) {{\n{prints}return 0; }}\n"
    assert compiled(program).output.decode().split() == [str(value) for _, value in defined]


FOLDED = {
    "1 ? 2 : 1 / 0": 2,
    "0 && 1 / 0": 0,
    "1 || 1 / 0": 1,
    "-7 / 2": -3,
    "-7 % 2": -1,
    "-1 >> 1": -1,
    "-1 >> 1u": -1,
    "(unsigned)-1 >> 28": 15,
    "(unsigned char)257": 1,
    "(char)200": -56,
    "'\\377'": -1,
    "'ab'": 24930,
    "'\\0'": 0,
    "0x80000000 < 0": 0,
    "-1 < 0u": 0,
    "-1 < (unsigned char)0": 1,
    "sizeof(char[3][4])": 12,
    'sizeof "abc"': 4,
    "(int)2.9": 2,
    "(int)-2.9": -2,
    "(_Bool)0.5": 1,
    "~0u": 4294967295,
    "2147483647 + 1u": 2147483648,
    "1l << 62": 4611686018427387904,
    "(long)&((struct { char c; int i; } *)0)->i": 4,
    "1e3 > 999": 1,
    "(1, 2)": 2,
}


@pytest.mark.parametrize("text", FOLDED)
def test_folded(text: str) -> None:
    assert folded(text) == FOLDED[text]


UNDEFINED = {
    "1 / 0": "it divides by zero",
    "1 % 0": "it divides by zero",
    "2147483647 + 1": "2147483648 does not fit in `int`",
    "-2147483647 - 2": "-2147483649 does not fit in `int`",
    "1 << 32": "it shifts a value of 32 bits by 32",
    "1 >> -1": "it shifts a value of 32 bits by -1",
    "(-2147483647 - 1) / -1": "2147483648 does not fit in `int`",
}


@pytest.mark.parametrize("text", UNDEFINED)
def test_undefined(text: str) -> None:
    (found,) = refusals(f"enum {{ VALUE = {text} }};")
    assert found.code is Code.CONSTANT_UNDEFINED
    assert found.message == f"this constant is undefined: {UNDEFINED[text]}"


@pytest.mark.parametrize(
    "text",
    [
        "int n; enum { VALUE = n };",
        "int f(void); enum { VALUE = f() };",
        "int n; int a[2] = {[n] = 1};",
        "int n; int x = n;",
    ],
)
def test_not_constant(text: str) -> None:
    assert refusals(text)[0].code is Code.NOT_CONSTANT

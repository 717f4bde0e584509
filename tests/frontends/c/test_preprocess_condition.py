"""Conditions of `#if`: values by table, and by comparison with cc on random expressions."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.frontends.c.preprocess_condition import ConditionError, evaluate
from compiler.frontends.c.preprocess_scan import scan_line


def value(text: str) -> bool:
    return evaluate(scan_line(text, "t.c", 1))


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "0x10u == 16",
        "010 == 8",
        "'a' == 97",
        "'\\x80' < 0",
        "'\\n' == 10",
        "-1 < 0",
        "-1 > 0u",
        "0 - 1u == 18446744073709551615ULL",
        "-7 / 2 == -3",
        "-7 % 2 == -1",
        "1 + 2 * 3 == 7",
        "(1 + 2) * 3 == 9",
        "1 << 2 + 1 == 8",
        "1 ? 2 : 0",
        "0 && 1 / 0 || 1",
        "1 || 1 / 0",
        "1 ? 1 : 1 / 0",
        "(0 ? 1u : -1) > 0",
        "!name",
        "~0 == -1",
        "0x7fffffffffffffffLL + 1 < 0",
    ],
)
def test_true(text: str) -> None:
    assert value(text)


@pytest.mark.parametrize("text", ["", "1 +", "1 / 0", "(1", "1 1", "08", "1.5", '"s"', "= 1", "'ab'", "1 ? 2"])
def test_no_expression(text: str) -> None:
    with pytest.raises(ConditionError):
        value(text)


_NUMBERS = st.sampled_from(["0", "1", "2", "7", "-1", "3u", "0xffffffffffffffff", "9223372036854775807", "64", "x"])
_BINARY = st.sampled_from("+ - * / % << >> < > <= >= == != & | ^ && ||".split())
_EXPRESSIONS = st.recursive(
    _NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, _BINARY, inner).map(" ".join),
        st.tuples(st.sampled_from(["-", "~", "!", "+"]), inner).map(lambda pair: f"{pair[0]} {pair[1]}"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} ? {three[1]} : {three[2]})"),
    ),
    max_leaves=8,
)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@settings(max_examples=40, deadline=None)
@given(st.lists(_EXPRESSIONS, min_size=1, max_size=40))
def test_the_same_as_cc(expressions: list[str]) -> None:
    usable: list[tuple[str, bool]] = []
    for text in expressions:
        try:
            usable.append((text, value(text)))
        except ConditionError:  # cc would stop at it
            continue
    source = "".join(f"#if {text}\ntrue\n#else\nfalse\n#endif\n" for text, _ in usable)
    result = subprocess.run(["cc", "-E", "-P", "-w", "-"], input=source, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [str(truth).lower() for _, truth in usable]

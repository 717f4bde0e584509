"""Where tokens come from when macros are involved; and that our expansion is the preprocessor's."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.diagnostics import CompileError
from compiler.frontends.c import preprocess as module
from compiler.frontends.c.preprocess import preprocess_text
from compiler.frontends.c.preprocess_scan import flat

HAS_CC = shutil.which("cc") is not None


def places(text: str) -> list[tuple[str, int, int]]:
    return [(token.text, token.line, token.column) for token in preprocess_text(text, "t.c").tokens]


def test_arguments_keep_their_columns_and_bodies_stand_at_the_call() -> None:
    assert places("#define ADD(a, b) ((a) + b)\nint x =  ADD(y, z);\n")[3:-1] == [
        ("(", 2, 10),
        ("(", 2, 10),
        ("y", 2, 14),
        (")", 2, 10),
        ("+", 2, 10),
        ("z", 2, 17),
        (")", 2, 10),
    ]


def test_a_call_over_several_lines() -> None:
    assert places("#define ADD(a, b) a + b\nint x = ADD(y,\n   z\n ); int w;\n") == [
        ("int", 2, 1),
        ("x", 2, 5),
        ("=", 2, 7),
        ("y", 2, 13),
        ("+", 2, 9),
        ("z", 3, 4),
        (";", 4, 3),
        ("int", 4, 5),
        ("w", 4, 9),
        (";", 4, 10),
    ]


def test_a_call_that_leaves_nothing_may_begin_lines_above() -> None:
    text = '#define CHECK(c, m)\nint f(void) {\n  CHECK(a,\n    "why"); return 1;\n}\n'
    assert ("return", 4, 13) in places(text)


def test_spliced_lines_and_comments() -> None:
    assert places("int a, \\\n  b; /* x\n y */ int c;\n") == [
        ("int", 1, 1),
        ("a", 1, 5),
        (",", 1, 6),
        ("b", 2, 3),
        (";", 2, 4),
        ("int", 3, 7),
        ("c", 3, 11),
        (";", 3, 12),
    ]


def test_a_line_that_our_expansion_does_not_know_is_still_exact() -> None:
    if not HAS_CC:
        pytest.skip("no C compiler")
    found = places("int a; int b = __COUNTER__ + a;\n")
    assert [line for _, line, _ in found] == [1] * len(found)
    assert ("a", 1, 30) in found


@pytest.mark.skipif(not HAS_CC, reason="no C compiler")
class TestBothPreprocessorsAgree:
    """Random macros: cc's expansion is the truth, ours (used without cc) must be the same."""

    NAMES = ("A", "B", "F", "G", "V")
    TOKENS = (*NAMES, "(", ")", ",", "+", "x", "y", "1", "z", "- 1", '"s t"', "F(x)", "G(1, y)", "F(A)", "V(1, 2)")

    @staticmethod
    def body(parameters: tuple[str, ...]) -> st.SearchStrategy[str]:
        cases = TestBothPreprocessorsAgree
        plain = st.sampled_from([*cases.TOKENS, *parameters, *parameters])
        special = st.sampled_from([f"#{p}" for p in parameters] + [f"{p}##x" for p in parameters] + ["y##1"])
        return st.lists(st.one_of(plain, special) if parameters else plain, max_size=6).map(" ".join)

    @staticmethod
    def outcome(text: str, monkeypatch: pytest.MonkeyPatch, compiler: str | None) -> list[str] | None:
        monkeypatch.setattr(module, "find_compiler", lambda: compiler)
        try:
            return [token.text for token in flat(preprocess_text(text, "t.c").tokens)]
        except CompileError:
            return None

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_on_random_macros(self, data: st.DataObject, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = [
            f"#define A {data.draw(self.body(()))}",
            f"#define B {data.draw(self.body(()))}",
            f"#define F(p) {data.draw(self.body(('p',)))}",
            f"#define G(p, q) {data.draw(self.body(('p', 'q')))}",
            f"#define V(p, ...) {data.draw(self.body(('p', '__VA_ARGS__')))}",
            data.draw(st.lists(st.sampled_from(self.TOKENS), min_size=1, max_size=8).map(" ".join)),
            "end",
        ]
        text = "\n".join(lines) + "\n"
        theirs = self.outcome(text, monkeypatch, shutil.which("cc"))
        ours = self.outcome(text, monkeypatch, None)
        if theirs is not None and ours is not None:
            assert ours == theirs

"""With and without a C compiler, the same file gives the same unit: on the examples, and on what headers do."""

import shutil
from pathlib import Path

import pytest

from compiler.frontends.c import preprocess as module
from compiler.frontends.c.preprocess import Preprocessed, preprocess, preprocess_text

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples" / "c").rglob("*.c"))
BACK_ENDS = [name for name in ("gcc", "clang") if shutil.which(name)]
pytestmark = pytest.mark.skipif(not BACK_ENDS, reason="no C compiler to compare with")

TRICKY = {
    "guards": "#ifndef G\n#define G\nint a;\n#endif\n#ifndef G\nint b;\n#endif\n",
    "elif": "#if 0\na\n#elif defined(X) || 1\nb\n#elif 1 / 0\nc\n#else\nd\n#endif\n",
    "nested": "#if 1\n#if 0\n#error\n#else\nint a;\n#endif\n#else\n#if 1\n#error\n#endif\n#endif\n",
    "numbers": "#define F 4\n#define e5 7\nfloat a = 0.0F, b = 1e5, c = 0x1p-3f; int d = 0xFUL, g = 1'2;\n",
    "minus": "#define NEG -1\nint a = -NEG, b = - NEG, c = +NEG;\n",
    "strings": '#define S "a" "b"\nchar *s = S "c//d" /* x */ "e/*f*/", c = \'"\', *t = "\\"";\n',
    "include twice": "#include <assert.h>\nvoid f(int x) { assert(x); }\n#define NDEBUG\n#include <assert.h>\nvoid g(int x) { assert(x); }\n",
    "include a macro": "#define H <limits.h>\n#include H\nint x = INT_MAX;\n",
    "pragmas": "#pragma once\n#pragma omp parallel\n#  pragma  unroll\nint a;\n",
    "lines": '#warning hm\n#ident "v"\nint a = __LINE__;\nchar *f = __FILE__;\n',
    "apostrophe": "#if 0\ndon't\n#endif\n// it's\nint a; /* can't */\n",
    "splices": "#define LONG a \\\n  + b\nint x = LO\\\nNG; // spliced \\\n comment\nint y;\n",
    "broken tokens": 'int LO\\\nNG = 1\\\n2 +\\\n= 3; char *s = "a\\\nb"; int\\\n x;\n',
    "has_attribute": "#ifdef __has_attribute\n#if __has_attribute(packed) || __has_builtin(__builtin_clz)\nint a;\n#endif\n#endif\nint b;\n",
    "has_include": '#if defined __has_include\n#if __has_include(<stdint.h>) && !__has_include("no.h")\nint a;\n#endif\n#endif\n',
    "variadic": '#define P(f, ...) p(f, ##__VA_ARGS__)\n#define Q(a...) q(a)\nvoid f(void) { P("x"); P("x", 1, 2); Q(3, 4); Q(); }\n',
    "empty arguments": "#define G(a, b) [a|b]\nG(,) G(1,) G(,2) G((1,2),(3))\n",
    "call over lines": "#define G(a, b) a b\nint x = G(1,\n\n+ 2); int y;\n",
    "paste": "#define CAT(a, b) a ## b\n#define X(n) CAT(x, n)\n#define V 3\nint X(V), CAT(V, V), CAT(, y), CAT(+, =);\n",
    "not a call": "#define f(x) (x)\nint (f)(int); int g = f\n(3), (*p)(int) = f;\n",
    "byte order": "#include <endian.h>\n#if BYTE_ORDER == LITTLE_ENDIAN\nuint32_t f(uint32_t x) { return htobe32(x); }\n#endif\n",
}


def unit(path_or_text: Path | str, monkeypatch: pytest.MonkeyPatch, name: str) -> Preprocessed:
    path = shutil.which(name) if name != "pcpp" else None
    monkeypatch.setattr(module, "find_compiler", lambda: path)
    if isinstance(path_or_text, Path):
        return preprocess(str(path_or_text))
    return preprocess_text(path_or_text, "t.c")


def places(result: Preprocessed) -> list[tuple[str, str, int, int]]:
    return [(token.text, token.file, token.line, token.column) for token in result.tokens]


def assert_agree(subject: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    without = unit(subject, monkeypatch, "pcpp")
    for name in BACK_ENDS:
        other = unit(subject, monkeypatch, name)
        assert places(other) == places(without)
        assert other.constants == without.constants
        assert other.comments == without.comments
        assert [each.text.split() for each in other.pragmas] == [each.text.split() for each in without.pragmas]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_on_an_example(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_agree(path, monkeypatch)


@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY)
def test_on_tricky_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_agree(text, monkeypatch)


def test_the_examples_are_there() -> None:
    assert EXAMPLES

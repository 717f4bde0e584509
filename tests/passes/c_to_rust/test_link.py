"""Several translation units become one program."""

from pathlib import Path

import pytest
from several_files import translate_files

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic

HEADER = """\
#include <stdint.h>
#define ROUNDS 20
typedef struct { uint32_t v[2]; } pair;
static inline uint32_t twice(uint32_t x) { return 2 * x; }
static const uint32_t table[2] = { 3, 4 };
static inline uint32_t look(const pair *p) { return twice(p->v[0]) + table[p->v[1] & 1] + ROUNDS; }
"""


def items(rust: str) -> list[str]:
    """The names of the items of a text."""
    heads = [line.removeprefix("pub ").split("(")[0].split(":")[0].split(" {")[0] for line in rust.splitlines()]
    return [head for head in heads if head.startswith(("fn ", "const ", "static ", "struct "))]


def findings(folder: Path, texts: dict[str, str]) -> list[Diagnostic]:
    with pytest.raises(CompileError) as caught:
        translate_files(folder, texts)
    return list(caught.value.diagnostics)


def test_what_a_header_gives_to_two_files_is_there_once(tmp_path: Path) -> None:
    texts = {
        "h.h": HEADER,
        "a.c": '#include "h.h"\nuint32_t f(const pair *p) { return look(p); }\n',
        "b.c": '#include "h.h"\nuint32_t g(const pair *p) { return look(p) + twice(p->v[1]); }\n',
    }
    assert items(translate_files(tmp_path, texts).text) == [
        "const ROUNDS",
        "struct pair",
        "fn twice",
        "static table",
        "fn look",
        "fn f",
        "fn g",
    ]


def test_what_differs_between_files_is_kept_apart(tmp_path: Path) -> None:
    texts = {
        "h.h": "static inline int base(void) { return BASE; }\nstatic inline int more(int x) { return base() + x; }\n"
        "static inline int same(int x) { return x + 1; }\n",
        "a.c": '#define BASE 1\n#include "h.h"\nint f(int x) { return more(x) + same(x); }\n',
        "b.c": '#define BASE 2\n#include "h.h"\nint g(int x) { return more(x) + same(x); }\n',
    }
    found = items(translate_files(tmp_path, texts).text)
    assert found == [
        "const BASE",
        "fn base",
        "fn more",
        "fn same",
        "fn f",
        "const BASE_b",
        "fn base_b",
        "fn more_b",
        "fn g",
    ]


def test_equal_statics_of_two_files_are_one_in_a_file_and_two_in_a_crate(tmp_path: Path) -> None:
    own = "static int helper(int x) { return x * 3; }\n"
    texts = {"a.c": own + "int f(int x) { return helper(x); }\n", "b.c": own + "int g(int x) { return helper(x); }\n"}
    assert items(translate_files(tmp_path, texts).text) == ["fn helper", "fn f", "fn g"]
    crate = translate_files(tmp_path, texts, crate="c")
    assert items(crate.files["src/a.rs"]) == ["fn helper", "fn f"]
    assert items(crate.files["src/b.rs"]) == ["fn helper", "fn g"]
    assert [(each.name, each.rust_name, each.module) for each in crate.report.functions] == [
        ("helper", "helper", "a"),
        ("f", "f", "a"),
        ("helper", "helper", "b"),
        ("g", "g", "b"),
    ]


def test_a_static_gives_way_to_an_external_name(tmp_path: Path) -> None:
    texts = {
        "a.c": "static int f(void) { return 1; }\nint g(void) { return f(); }\n",
        "b.c": "int f(void) { return 2; }\nint f_a(void) { return 3; }\n",
    }
    found = translate_files(tmp_path, texts).text
    assert items(found) == ["fn f_a_2", "fn g", "fn f", "fn f_a"]
    assert "f_a_2()" in found


def test_struct_types_of_one_shape_are_one(tmp_path: Path) -> None:
    texts = {
        "a.c": "struct s { int x; };\nint get(const struct s *p) { return p->x; }\n",
        "b.c": "struct s { int x; };\nint get(const struct s *);\nint f(void) { struct s v = { 7 }; return get(&v); }\n",
        "c.c": "struct s { long y; };\nlong h(const struct s *p) { return p->y; }\n",
    }
    found = translate_files(tmp_path, texts).text
    assert items(found) == ["struct s", "fn get", "fn f", "struct s_c", "fn h"]
    assert "pub fn h(p: &s_c) -> i64" in found


def test_declarations_meet_their_definitions(tmp_path: Path) -> None:
    texts = {
        "a.c": "#include <stddef.h>\nextern const int t[];\nsize_t length(const char *, size_t);\n"
        "int f(const char *s) { return t[1] + (int)length(s, 9); }\n",
        "b.c": "const int t[2] = { 1, 2 };\n"
        "unsigned long length(const char *s, unsigned long n) { return s[0] != 0 && n > 0 ? n : 1; }\n",
    }
    found = translate_files(tmp_path, texts).text
    assert "pub static t: [i32; 2]" in found
    assert "pub fn length(s: &u8, n: u64) -> u64" in found


def test_extents_are_known_across_files(tmp_path: Path) -> None:
    texts = {
        "a.c": "void fill(int *p);\nvoid f(int *out) { fill(out + 4); }\n",
        "b.c": "void fill(int *p) { p[0] = 1; p[3] = 2; }\n",
    }
    found = translate_files(tmp_path, texts).text
    assert "pub fn f(out: &mut [i32; 8])" in found


OTHER_CODE = Code.CONFLICTING_DECLARATION
OTHER_TYPES = "`{}` is declared with other types than it is defined with"


@pytest.mark.parametrize(
    ("first", "second", "code", "message", "remark"),
    [
        ("int f(void) { return 1; }", "int f(void) { return 2; }", Code.DUPLICATE_DEFINITION, "`f` is defined twice", "first defined here"),
        ("const int t = 1;", "const int t = 1;", Code.DUPLICATE_DEFINITION, "`t` is defined twice", "first defined here"),
        ("int f(int x) { return x; }", "int f(long);\nint g(void) { return f(1); }", OTHER_CODE, OTHER_TYPES.format("f"), "defined here"),
        ("const int t[2] = {1};", "extern const int t[3];\nint g(void) { return t[2]; }", OTHER_CODE, OTHER_TYPES.format("t"), "defined here"),
        ("int f(int x) { return x; }", "extern const int f;\nint g(void) { return f; }", OTHER_CODE, OTHER_TYPES.format("f"), "defined here"),
    ],
)  # fmt: skip
def test_conflicts_show_both_places(
    tmp_path: Path, first: str, second: str, code: Code, message: str, remark: str
) -> None:
    (found,) = findings(tmp_path, {"a.c": f"{first}\n", "b.c": f"{second}\n"})
    assert (found.code, found.message) == (code, message)
    assert found.span is not None
    assert (found.span.file, found.span.line) == ("b.c", 1)
    assert [(label.span.file, label.span.line, label.text) for label in found.labels] == [("a.c", 1, remark)]


def test_findings_of_all_files_come_together(tmp_path: Path) -> None:
    texts = {"a.c": "union u { int x; } a;\n", "b.c": "int f(void) { return g; }\n"}
    assert [each.code for each in findings(tmp_path, texts)] == [Code.UNION, Code.UNDECLARED]


def test_what_is_defined_nowhere_is_still_refused(tmp_path: Path) -> None:
    texts = {"a.c": "int h(int);\nint f(void) { return h(1); }\n", "b.c": "int h(int);\nint g(void) { return h(2); }\n"}
    assert {each.code for each in findings(tmp_path, texts)} == {Code.UNDEFINED_FUNCTION}

"""GNU C and old C on their way to plain C, and what is refused there."""

import pytest

from compiler.codes import Code
from compiler.diagnostics import CompileError, Diagnostic
from compiler.frontends.c.attributes import AttributeEffect
from compiler.frontends.c.gnu import Rewritten, rewrite_gnu
from compiler.frontends.c.old_c import modernize
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess_text
from compiler.frontends.c.preprocess_scan import scan_line


def rewritten(text: str) -> Rewritten:
    return rewrite_gnu(scan_line(text, "t.c", 1))


def plain(text: str) -> str:
    result = rewritten(text)
    assert not result.refused
    return " ".join(token.text for token in result.tokens)


def spaced(text: str) -> str:
    return " ".join(token.text for token in scan_line(text, "", 1))


def refused(text: str) -> Diagnostic:
    with pytest.raises(CompileError) as caught:
        parse(preprocess_text(text, "t.c"))
    return caught.value.diagnostics[0]


@pytest.mark.parametrize(
    ("gnu", "c"),
    [
        ("static __inline__ int f(void);", "static inline int f(void);"),
        ("int *__restrict p, *__restrict__ q;", "int *restrict p, *restrict q;"),
        ("__const __signed__ char __volatile__ c;", "const signed char volatile c;"),
        ("__extension__ unsigned __int128 x;", "unsigned __int128 x;"),
        ("int x __attribute__((unused));", "int x;"),
        ("__attribute__((noinline, const)) int f(int) __attribute__((pure));", "int f(int);"),
        ("void f(char *, ...) __attribute__((format(printf, 1, 2)));", "void f(char *, ...);"),
        ('int f(void) __asm__("g");', "int f(void);"),
        ("x = __alignof__(int);", "x = _Alignof(int);"),
        ("x = __builtin_offsetof(struct s, a);", "x = offsetof(struct s, a);"),
        ("__builtin_memcpy(a, b, 4);", "memcpy(a, b, 4);"),
        ("s = __FUNCTION__;", "s = __func__;"),
        ("{ __label__ a, b; x = 1; }", "{ x = 1; }"),
        ("__typeof__(x) y;", "typeof(x) y;"),
        ("static __thread int x;", "static _Thread_local int x;"),
    ],
)
def test_rewritten(gnu: str, c: str) -> None:
    assert plain(gnu) == spaced(c)


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        ("a == b", "if ((a == b))"),
        ("!!(x)", "if ((!!(x)))"),
        ("(a && b)", "if (((a && b)))"),
        ("x", "if (((long)(x)))"),
        ("a & b == c", "if (((long)(a & b == c)))"),
        ("a ? b : c", "if (((long)(a ? b : c)))"),
        ("!x + u", "if (((long)(!x + u)))"),
        ("f(a < b)", "if (((long)(f(a < b))))"),
    ],
)
def test_builtin_expect_has_type_long_unless_the_condition_is_0_or_1(condition: str, result: str) -> None:
    assert plain(f"if (__builtin_expect({condition}, 0))") == spaced(result)


@pytest.mark.parametrize(
    ("gnu", "c"),
    [
        ("case 1 ... 3: f();", "case 1: case 2: case 3: f();"),
        ("case 'a' ... 'c': f();", "case 97: case 98: case 99: f();"),
        ("case 0x0f ... 0x10: f();", "case 15: case 16: f();"),
        ("case 3: f();", "case 3: f();"),
    ],
)
def test_case_ranges(gnu: str, c: str) -> None:
    assert plain(gnu) == spaced(c)


@pytest.mark.parametrize(
    ("gnu", "c"),
    [
        ('void f(void) { __asm__ volatile ("nop" : : "r"(x) : "memory"); }', "void f(void) { __c2rs_asm(); }"),
        ('void f(void) { if (x) asm("nop"); }', "void f(void) { if (x) __c2rs_asm(); }"),
        ('void f(void) { register int x asm("eax"); }', "void f(void) { register int x; }"),
        ("int asm; asm = 3;", "int asm; asm = 3;"),
    ],
)
def test_assembly(gnu: str, c: str) -> None:
    assert plain(gnu) == spaced(c)


def test_tokens_that_stay_keep_their_places() -> None:
    tokens = rewritten("__extension__ static __inline int f __attribute__((unused)) (void);").tokens
    assert [(token.text, token.column) for token in tokens][:5] == [
        ("static", 15),
        ("inline", 22),
        ("int", 31),
        ("f", 35),
        ("(", 61),
    ]


def test_attributes_are_recorded() -> None:
    found = rewritten("void f(void) __attribute__((__noreturn__, nonnull(1, 2)));").attributes
    assert [(each.name, each.arguments, each.effect, each.span.column) for each in found] == [
        ("noreturn", "", AttributeEffect.NONE, 29),
        ("nonnull", "1 , 2", AttributeEffect.NONE, 43),
    ]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("struct s { char c; int i; } __attribute__((packed));", Code.LAYOUT_ATTRIBUTE, 44),
        ("struct __attribute__((__packed__)) s { char c; int i; };", Code.LAYOUT_ATTRIBUTE, 23),
        ("struct s { int i __attribute__((aligned(16))); };", Code.LAYOUT_ATTRIBUTE, 33),
        ("typedef int v4 __attribute__((vector_size(16)));", Code.VECTOR_TYPE, 31),
        ("typedef int word __attribute__((mode(DI)));", Code.ATTRIBUTE, 33),
        ('int f(void) __attribute__((alias("g")));', Code.ATTRIBUTE, 28),
        ("void f(void) { int x __attribute__((cleanup(g))); }", Code.ATTRIBUTE, 37),
        ("#pragma pack(1)", Code.LAYOUT_ATTRIBUTE, 1),
        ('__asm__(".globl x");', Code.INLINE_ASSEMBLY, 1),
        ("int f(void *p) { goto *p; }", Code.COMPUTED_GOTO, 18),
        ("void *f(void) { l: return &&l; }", Code.COMPUTED_GOTO, 27),
        ("int f(int a) { return a ?: 1; }", Code.UNSUPPORTED_EXPRESSION, 25),
        ("int a[] = { [0 ... 3] = 1 };", Code.UNSUPPORTED_EXPRESSION, 16),
        ("int f(int a) { switch (a) { case 0 ... 1000: return 1; } return 0; }", Code.UNSUPPORTED_STATEMENT, 29),
        ("int f(int n) { switch (n) { case N ... 3: return 1; } return 0; }", Code.UNSUPPORTED_STATEMENT, 29),
        ("__float128 x;", Code.UNSUPPORTED_TYPE, 1),
        ("double f(double _Complex z) { return __real__ z; }", Code.COMPLEX, 38),
        ("double x = 1.0i;", Code.COMPLEX, 12),
        ("int x = __builtin_types_compatible_p(int, long);", Code.UNKNOWN_BUILTIN, 9),
    ],
)
def test_refused(text: str, code: Code, column: int) -> None:
    finding = refused(text + "\n")
    assert finding.code is code
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (1, column)


def test_the_alignment_of_one_object_changes_nothing() -> None:
    assert plain("static const int table[4] __attribute__((aligned(16))) = {1};") == spaced(
        "static const int table[4] = {1};"
    )


def test_all_findings_are_reported_together() -> None:
    with pytest.raises(CompileError) as caught:
        parse(preprocess_text("__float128 x;\nint f(int a) { return a ?: 1; }\n", "t.c"))
    assert [each.code for each in caught.value.diagnostics] == [Code.UNSUPPORTED_TYPE, Code.UNSUPPORTED_EXPRESSION]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sum(a, b) int a, b; { return a; }", "int sum(a, b) int a, b; { return a; }"),
        ("int g; sum(a) int a; { }", "int g; int sum(a) int a; { }"),
        ("static n = 3;", "static int n = 3;"),
        ("extern a[10], b;", "extern int a[10], b;"),
        ("int f(void) { static n; return n; }", "int f(void) { static int n; return n; }"),
        ("struct s v = { a : 1, b : 2 };", "struct s v = { .a = 1, .b = 2 };"),
        ("struct s v[] = { { a : 1 }, { 2 } };", "struct s v[] = { { .a = 1 }, { 2 } };"),
    ],
)
def test_old_forms_are_completed(old: str, new: str) -> None:
    assert " ".join(token.text for token in modernize(scan_line(old, "t.c", 1))) == spaced(new)


@pytest.mark.parametrize(
    "text",
    [
        "int f(int a) { return a; }",
        "main() { return 0; }",
        "f(a, b);",
        "static u8 n = 3; extern struct s t;",
        "struct s { int a : 3, b : 4; };",
        "int f(int x) { again: x = x ? 1 : 2; switch (x) { case 1: default: goto again; } }",
    ],
)
def test_other_code_is_left_alone(text: str) -> None:
    assert " ".join(token.text for token in modernize(scan_line(text, "t.c", 1))) == spaced(text)

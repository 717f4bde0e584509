"""The C type of every kind of expression, by table, checked against what a C compiler's `_Generic` says."""

import pytest
from c_programs import c_compiler, compiled, interpreted
from pycparser import c_ast

from compiler.frontends.c import ctypes as c
from compiler.frontends.c.lower import lowering
from compiler.frontends.c.parse import parse
from compiler.frontends.c.preprocess import preprocess_text

DECLARATIONS = """
#include <stddef.h>
#include <stdint.h>
struct point { int x; short y; char name[4]; }; struct fixed { const long k; } fixed;
enum color { RED, GREEN }; enum signed_one { MINUS = -1, PLUS };
_Bool b; char c; signed char sc; unsigned char uc; short s; unsigned short us; int i; unsigned u; long l; unsigned long ul;
long long ll; unsigned long long ull; float f; double d; size_t n; ptrdiff_t pd; uint8_t u8; uint64_t u64; __int128 big;
unsigned __int128 ubig; enum color e; enum signed_one se; struct point p; struct point *pp; const struct point *cpp;
int a[4]; int m[2][3]; const char *str; char *cp; void *vp; const int *cip; int *ip;
int fn(int x); unsigned char fuc(void); long *fp(void);
"""

TYPES = {
    # promotions and the usual arithmetic conversions
    "int": "b + b, c + c, sc * uc, us + us, s << ul, -c, ~uc, +b, !d, i == l, u < d, ip == 0, b && c, c || d, 'a', "
    "c ? s : uc, uc << 1, us >> s, fn(3), RED, MINUS, sizeof(int) == 4, p.x, pp->x, a[1], *a, m[1][2], e == RED, se, "
    "-us, (b, i), u8 * u8, fuc() + 1, !ip, s % c, p.y + 0",
    "unsigned int": "i + u, u * c, ~u, -u, u << 1, u ? i : u, e, e + 1, c + u, 3u, 0xffffffff, i | u, us * u",
    "long": "l + i, l + u, i ? l : i, 2147483648, 3L, l << 1, -l, a - ip, &a[1] - a, pd, l * c, 017777777777777, -2147483648",
    "unsigned long": "ul + l, sizeof a, sizeof(int), n, n + 1, n * l, u64, ul + i, 0xffffffffffffffff, 3ul, _Alignof(long), "
    "offsetof(struct point, y), n + u64, ~n, l ? n : i",
    "long long": "ll + 1, l + ll, ll + u, 3ll, ll ? i : ll",
    "unsigned long long": "ull + ll, ul + ll, ull, 3ull, u + ull",
    "float": "f + f, f * i, -f, f + ul, 1.5f, c ? f : i",
    "double": "f + d, d * i, 1.0, 1e3, d ? f : d, 0x1p3",
    "__int128": "big + 1, big * ll",
    "unsigned __int128": "ubig + big, ubig << 1",
    "_Bool": "b, (_Bool)3, (b = i)",
    "char": 'c, *cp, (c = 3), c++, *str, p.name[1], (char)u, "abc"[1], (c += d)',
    "signed char": "sc, (signed char)c",
    "unsigned char": "uc, u8, (uint8_t)i, fuc(), uc--, (uc <<= 3)",
    "short": "s, p.y, pp->y, --s",
    "unsigned short": "us, (us |= l)",
    "int *": "ip, a + 1, &a[2], &i, m[1], *m, a, &*a, ip++, 1 + a, c ? ip : 0, c ? 0 : a, (ip += 2), &p.x, *&ip",
    "char *": 'cp, "abc", p.name, pp->name + 1, c ? cp : "x"',
    "const char *": "str, str + 1, &str[2], c ? cp : str",
    "void *": "vp, c ? vp : ip, (void *)ip",
    "const void *": "c ? vp : cip",
    "const int *": "cip, c ? ip : cip, &cip[1], &cpp->x",
    "long *": "fp()",
    "const long *": "&fixed.k",
    "struct point": "p, *pp, (c ? p : *pp), (p = *pp)",
    "struct point *": "pp, &p, pp + 1",
    "int (*)[4]": "&a",
    "int (*)[3]": "m, m + 1, &m[1]",
    "int **": "&ip",
}


def split(group: str) -> list[str]:
    """The expressions of a group: separated by commas outside of brackets and quotes."""
    found: list[str] = []
    depth, text, quoted = 0, "", ""
    for char in group:
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in "\"'":
            quoted = char
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0 and not quoted:
            found.append(text.strip())
            text = ""
        else:
            text += char
    return [*found, text.strip()]


CASES = [(name, text) for name, group in TYPES.items() for text in split(group)]


def type_names(expressions: list[str]) -> list[str]:
    """The C types that our checker gives the expressions."""
    body = "".join(f"void *probe{index} = sizeof({text});\n" for index, text in enumerate(expressions))
    unit = parse(preprocess_text(DECLARATIONS + body, "types.c"))
    probes = unit.ast.ext[-len(expressions) :]
    del unit.ast.ext[-len(expressions) :]
    cx = lowering(unit)
    return [spelled(c.decayed(cx.type_of_expression(_operand(probe)))) for probe in probes]


def _operand(probe: c_ast.Node) -> c_ast.Node:
    assert isinstance(probe, c_ast.Decl)
    return probe.init.expr


def spelled(ctype: c.CType) -> str:
    """A type as C spells it."""
    if isinstance(ctype, c.Pointer) and isinstance(ctype.to, c.Array):
        return f"{ctype.to.element} (*)[{ctype.to.size}]"
    return str(ctype).replace("* *", "**")


def test_types_of_expressions() -> None:
    names = type_names([text for _, text in CASES])
    assert [(name, text) for name, (_, text) in zip(names, CASES, strict=True)] == CASES


def test_a_c_compiler_agrees() -> None:
    """Every line of the table, in one program that returns the number of the first wrong one."""
    c_compiler()
    checks = "".join(
        f"  if (!_Generic((({text})), {name}: 1, default: 0)) return {index};\n"
        for index, (name, text) in enumerate(CASES, 1)
        if name != "struct point"
    )
    program = DECLARATIONS.replace("int fn(int x);", "int fn(int x) { return x; }")
    program = program.replace("unsigned char fuc(void);", "unsigned char fuc(void) { return 0; }")
    program = program.replace("long *fp(void);", "long *fp(void) { return 0; }")
    status = compiled(f"{program}\nint main(void) {{\n{checks}  return 0;\n}}\n").status
    assert status == 0, CASES[status - 1]


SIZES = {
    "struct { char a; int b; }": 8,
    "struct { char a; short b; char c; }": 6,
    "struct { char a; long b; char c; }": 24,
    "struct { char a[3]; }": 3,
    "struct { int x; struct { char c; long l; } in; char t; }": 32,
    "struct { char c; __int128 big; }": 32,
    "struct { _Bool b; float f; double d; }": 16,
    "int[3][5]": 60,
    "char *[2]": 16,
    "__int128": 16,
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name: str) -> None:
    """Laid out as on LP64 machines; the C compiler of the machine is asked too."""
    text = f"int main(void) {{ return sizeof({name}) * 4 + _Alignof({name}) % 4; }}"
    assert interpreted(text).status >> 2 == SIZES[name] & 63
    assert interpreted(text) == compiled(text)

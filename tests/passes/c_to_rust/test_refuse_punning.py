"""Memory is only seen as what it is; all findings of all functions come together."""

from __future__ import annotations

import pytest
from c_programs import minic_of
from xdsl.context import Context

from compiler.codes import Code
from compiler.diagnostics import CompileError
from compiler.passes.c_to_rust.refuse_punning import RefusePunning

SOUND = [
    "int f(char *s) { unsigned char *u = (unsigned char *)s; return u[1]; }",
    "int f(int m[3][4]) { int *row = m[2]; return row[1]; }",
    "struct p { int x[2]; }; int f(struct p *a) { int *x = a->x; return x[1]; }",
    "int f(const void *d) { const unsigned short *s = d; return s[2]; }",
    "long f(int *a, int *b) { int *p = a + 1; return p - a + (b != b); }",
]
PUNNED = [
    "int f(int *w) { return ((char *)w)[1]; }",
    "int f(int *w) { short *s = (short *)w + 1; return *s; }",
    "float f(int i) { return *(float *)&i; }",
    "struct a { int x; }; struct b { int x; }; int f(struct a *p) { return ((struct b *)p)->x; }",
    "int f(int *a) { return (int)((char *)a - (char *)a); }",
    "int f(int m[4][4]) { int *flat = (int *)m; return flat[5]; }",
]


def findings(text: str) -> list[Code]:
    module = minic_of(text)
    try:
        RefusePunning().apply(Context(), module)
    except CompileError as error:
        return [each.code for each in error.diagnostics]
    return []


@pytest.mark.parametrize("text", SOUND)
def test_one_type_is_fine(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize("text", PUNNED)
def test_another_type_is_refused(text: str) -> None:
    assert set(findings(text)) == {Code.TYPE_PUNNING}


def test_every_function_is_heard() -> None:
    assert len(findings(PUNNED[0] + PUNNED[2].replace("f(", "g("))) == 2

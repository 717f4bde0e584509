"""Footprints that a pass has asked for while it rewrote the program are those that a new look at it finds."""

from __future__ import annotations

import pytest
from c_programs import minic_of
from xdsl.context import Context

from compiler.analysis.footprint import Footprints, footprints_of
from compiler.analysis.program import Program, program_of
from compiler.passes.c_to_rust.specialise_aliases import SpecialiseAliases

ADD = "static void add(int *out, const int *a, const int *b) { for (int i = 0; i < 4; i++) out[i] = a[i] + b[i]; }\n"
SUM = "static int sum(const int *a, int n) { return n == 0 ? 0 : a[n - 1] + sum(a, n - 1); }\n"
EVEN = """
static int odd(const int *a, int n);
static int even(const int *a, int n) { return n == 0 ? a[0] : odd(a + 1, n - 1); }
static int odd(const int *a, int n) { return n == 0 ? a[1] : even(a, n - 1); }
"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{ADD}void f(int *p, int *q) {{ add(p, q, q); add(q, q, p); }} void g(int *p) {{ f(p, p + 4); }}", True),
        (f"{ADD}void f(int *p, int n) {{ add(p, p + n, p + 1); }} void g(int *p) {{ f(p + 8, 2); f(p, 3); }}", True),
        (f"{SUM}int f(int *p) {{ p[5] = 1; return sum(p, 6); }}", True),
        (f"{ADD}{EVEN}int f(int *p, int n) {{ add(p, p, p); return even(p, n); }}", False),
    ],
    ids=["variants", "windows", "self", "circle"],
)
def test_what_was_asked_before_is_what_is_found_now(text: str, kept: bool) -> None:
    module = minic_of(text)
    SpecialiseAliases().apply(Context(), module)
    program = program_of(module)
    asked = footprints_of(program)
    new = Footprints(Program(module))
    assert {name: asked.of(name) for name in program.functions} == {name: new.of(name) for name in program.functions}
    assert (footprints_of(program) is asked) == kept

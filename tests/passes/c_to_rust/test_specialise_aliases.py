"""Overlapping arguments get a variant of the callee; the others keep the callee as it is."""

from __future__ import annotations

import re

import pytest
from c_programs import minic_of
from xdsl.context import Context

from compiler.dialects import minic
from compiler.passes.c_to_rust.specialise_aliases import SpecialiseAliases

CALLEE = "static void add(int *out, const int *a, const int *b) { for (int i = 0; i < 4; i++) out[i] = a[i] + b[i]; }\n"
LAST = "static void last(int *a, int n) { int *p = a + n; while (p[-1] == 0) p--; p[0] = 1; }\n"


def called(text: str) -> list[str]:
    """The callees of `f`, after the pass."""
    module = minic_of(text)
    SpecialiseAliases().apply(Context(), module)
    module.verify()
    function = next(op for op in module.body.block.ops if isinstance(op, minic.FuncOp) and op.sym_name.data == "f")
    return [op.callee.data for op in function.body.walk() if isinstance(op, minic.CallStmtOp | minic.CallOp)]


@pytest.mark.parametrize(
    ("call", "callee"),
    [
        ("add(p, q, r);", "add"),
        ("add(p, p + 4, p + 8);", "add"),
        ("add(p, q, q);", "add"),
        ("add(p, p, q);", "add_a_in_place"),
        ("add(p, q, p);", "add_b_in_place"),
        ("add(p, p, p);", "add_a_in_place_b_in_place"),
        ("add(p + 1, p, q);", "add_out_at_1"),
        ("add(p, p + 2, q);", "add_a_at_2"),
        ("add(p, p + n, q);", "add_a_within"),
    ],
)
def test_the_overlap_chooses_the_variant(call: str, callee: str) -> None:
    assert called(f"{CALLEE}void f(int *p, int *q, int *r, int n) {{ {call} }}") == [callee]


def test_one_object_passed_twice() -> None:
    text = "struct s { int x; }; static void add(struct s *a, struct s *b) { a->x += b->x; }"
    assert called(text + "void f(void) { struct s s = {1}; add(&s, &s); }") == ["add_b_in_place"]


def test_different_fields_are_different_memory() -> None:
    text = "struct s { int x[4], y[4]; }; " + CALLEE + "void f(struct s *s) { add(s->x, s->y, s->y); }"
    assert called(text) == ["add"]


def test_a_callee_that_reaches_back_gets_the_whole_array() -> None:
    assert called(LAST + "void f(int *p) { last(p, 3); }") == ["last"]
    assert called(LAST + "void f(int *p) { last(p + 2, 3); }") == ["last_a_within"]


def test_variants_are_treated_themselves_and_shared() -> None:
    text = CALLEE + "static void twice(int *o, const int *a) { add(o, a, a); add(o, o, a); }\n"
    module = minic_of(text + "void f(int *p, int *q) { twice(p, p); twice(q, q); }")
    SpecialiseAliases().apply(Context(), module)
    names = re.findall(r'sym_name = "(\w+)"', str(module))
    assert [name for name in names if name.startswith("twice")] == ["twice", "twice_a_in_place"]
    assert "add_a_in_place_b_in_place" in names

"""What nobody needs is dropped; what somebody needs, through calls, types, constants or tables, stays."""

from __future__ import annotations

from c_programs import minic_of
from xdsl.context import Context

from compiler.passes.c_to_rust.drop_unreachable import DropUnreachable

LIBRARY = """
enum kind { SMALL, LARGE };
struct used { int x; };
struct unused { int y; };
static const int table[2] = {3, 4};
static const int other[2] = {5, 6};
static int helper(struct used *u) { return u->x + table[1]; }
static int nobody(struct unused *u) { return u->y + other[0]; }
int entry(struct used *u, int k) { switch (k) { case LARGE: return helper(u); } return 0; }
"""


def kept(text: str) -> list[str]:
    module = minic_of(text)
    DropUnreachable().apply(Context(), module)
    names = (op.properties["sym_name"] for op in module.body.block.ops)
    return sorted(str(name).strip('"') for name in names)


def test_a_library_keeps_what_its_exported_functions_reach() -> None:
    assert kept(LIBRARY) == ["LARGE", "entry", "helper", "table", "used"]


def test_a_program_keeps_what_main_reaches() -> None:
    assert kept("int spare(void) { return 1; } int f(void) { return 2; } int main(void) { return f(); }") == [
        "f",
        "main",
    ]


def test_recursion_does_not_keep_itself_alive() -> None:
    assert kept("static int f(int n) { return n ? f(n - 1) : 0; } int g(void) { return 1; }") == ["g"]

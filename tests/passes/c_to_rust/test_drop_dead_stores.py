"""Dead stores: gone with what only they needed, effects kept."""

import pytest
from rust_passes import becomes, stays

from compiler.passes.c_to_rust.drop_dead_stores import DropDeadStores

CALLS = "fn g(x: u32) -> u32 { x } struct S { a: u32, b: [u32; 4] }"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let y = x + 1; let z = y; x", "x"),  # a chain that ends nowhere
        ("let y = 0; y = g(x); y", "let y: u32; y = g(x); y"),  # overwritten before it is read
        ("let y = x; x", "x"),
        ("let y = x; let z = y; if z == 1 { y = 2; } x", "x"),
        ("let y = g(x); x", "g(x); x"),  # the call stays
        ("let y = 1; y += x; x", "x"),
        ("let y = 1; for _ in 0..x { y += 1; } x", "x"),  # read only by itself
        ("let a = [0u32; 4]; a[1] = g(2); a[2] = 1; x", "g(2); x"),
        ("let s = S { a: 1, b: [0; 4] }; s.b[x as usize] = 2; x", "x"),
        ("let y = x; let z = y; y = 2; z", "let y = x; let z = y; z"),
        (
            "let t = 0; let s = 0; for i in 0..x { t = i; s += t; } s",
            "let t: u32; let s = 0; for i in 0..x { t = i; s += t; } s",
        ),
        ("let (a, b) = (x, g(x)); a", "let (a, _) = (x, g(x)); a"),
        ("let y = if x == 0 { 1 } else { x }; x", "x"),
        ("let y = x; y = y + 1; y", "let y = x; y = y + 1; y"),
    ],
)
def test_what_nothing_needs_is_dropped(before: str, after: str) -> None:
    fn = "fn f(x: u32) -> u32 {{ {} }}"
    becomes(CALLS + fn.format(before), CALLS + fn.format(after), DropDeadStores())


def test_a_store_through_a_reference_stays() -> None:
    stays("fn f(p: &mut [u32; 4]) { p[0] = 1; p[0] = 2; }", DropDeadStores())


def test_a_value_read_in_the_next_iteration_stays() -> None:
    stays("fn f(n: u32) -> u32 { let y = 0; let s = 0; while s < n { s += y; y = s + 1; } s }", DropDeadStores())


def test_a_value_read_behind_a_labelled_break_stays() -> None:
    stays(
        "fn f(n: u32) -> u32 { let y: u32; 'out: loop { loop { y = n; if n == 2 { break 'out; } } } y }",
        DropDeadStores(),
    )


def test_a_parameter_overwritten_at_once_becomes_a_local() -> None:
    becomes(
        "fn g() -> u32 { 1 } fn f(mut x: u32) -> u32 { x = g(); x }",
        "fn g() -> u32 { 1 } fn f(mut _x: u32) -> u32 { let x: u32; x = g(); x }",
        DropDeadStores(),
    )


def test_a_loop_variable_that_is_not_used_loses_its_name() -> None:
    becomes(
        "fn g() { } fn f(n: u32) { for i in 0..n { g(); } }",
        "fn g() { } fn f(n: u32) { for _ in 0..n { g(); } }",
        DropDeadStores(),
    )

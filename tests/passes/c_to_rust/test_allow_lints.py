"""Lints that the code cannot do away with are allowed on the item that raises them."""

import pytest
from rust_passes import becomes, stays

from compiler.passes.c_to_rust.allow_lints import AllowLints


@pytest.mark.parametrize(
    ("lint", "text"),
    [
        ("clippy::disallowed_names", "pub fn f(foo: u32) { }"),
        ("clippy::disallowed_names", "pub fn f() { let baz = 1u32; }"),
        ("clippy::upper_case_acronyms", "struct ABC { a: u32 }"),
        ("clippy::empty_loop", "pub fn f() { loop { } }"),
        ("clippy::while_immutable_condition", "pub fn f(x: u32) { while x > 3 { } }"),
        ("clippy::neg_cmp_op_on_partial_ord", "pub fn f(x: f64) -> bool { !(x >= 3.0) }"),
        ("clippy::manual_checked_ops", "pub fn f(x: u32, y: u32) -> u32 { if y == 0 { 0 } else { x / y } }"),
        (
            "clippy::manual_memcpy",
            "pub fn f(d: &mut [u32], s: &[u32], o: usize) { for i in 0..o { d[i + o] = s[i]; } }",
        ),
        (
            "clippy::collapsible_match",
            "fn g() { } pub fn f(x: u32, c: bool) { match x { 1 => { if c { g(); } } 2 => { g(); } _ => { } } }",
        ),
        ("clippy::manual_rotate", "pub fn f(x: i32) -> i32 { (x << 4) | (x >> 28) }"),
        ("clippy::just_underscores_and_digits", "pub fn f(_1: i32) { }"),
        ("clippy::manual_range_contains", "pub fn f(x: f64) -> bool { x < 0.2 || x > 0.3 }"),
        (
            "clippy::nonminimal_bool, clippy::overly_complex_bool_expr",
            "pub fn f(x: u32) -> bool { !(x == 4 || x == 6) || (x == 2 || x == 6) }",
        ),
        ("unconditional_panic", "pub fn f(x: i32) -> i32 { x / 0 }"),
        ("arithmetic_overflow", "pub fn f(x: i32) -> i32 { x << 32 }"),
        ("clippy::approx_constant", "pub fn f() -> f64 { 3.14159 }"),
        ("clippy::approx_constant", "const E: f64 = 2.718281828459045;"),
    ],
)
def test_a_lint_is_allowed_on_its_item(lint: str, text: str) -> None:
    head, _, rest = text.rpartition("pub fn f") if "pub fn f" in text else ("", "", text)
    becomes(text, f"{head}#[allow({lint})] {'pub fn f' if rest != text else ''}{rest}", AllowLints())


@pytest.mark.parametrize(
    "text",
    [
        "pub fn f(x: u32) { while x > 3 { g(x); } } fn g(x: u32) { }",
        "pub fn f(x: i32) -> i32 { x << 31 }",
        "pub fn f() -> f64 { 3.2 + 2.5 }",
        "pub struct ABC { a: u32 }",
        "pub fn f(x: u32) -> bool { !(x >= 3 && x == 2) }",
    ],
)
def test_nothing_else_is_allowed(text: str) -> None:
    stays(text, AllowLints())

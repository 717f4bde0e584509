"""Declarations move to where the value comes from."""

import pytest
from rust_passes import becomes, stays

from compiler.passes.c_to_rust.place_lets import PlaceLets

HEAD = "fn g(x: u32) -> u32 { x } struct S { a: u32, b: [u32; 2] } "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let y: u32; g(x); y = g(x); y + 1", "g(x); let y = g(x); y + 1"),
        ("let y: u32; y = g(x); y", "g(x)"),
        (
            "let y: u32; if x == 1 { y = 2; } else { g(x); y = 3; } y + 1",
            "let y = if x == 1 { 2 } else { g(x); 3 }; y + 1",
        ),
        (
            "let y: u32; if x == 1 { y = 2; } else if x == 2 { y = 3; } else { return 9; } y + 1",
            "let y = if x == 1 { 2 } else if x == 2 { 3 } else { return 9; }; y + 1",
        ),
        (
            "let y: u32; match x { 1 => { y = 2; } 2 | 3 => { return 1; } _ => { g(x); y = x; } } y + 1",
            "let y = match x { 1 => 2, 2 | 3 => { return 1; } _ => { g(x); x } }; y + 1",
        ),
        (  # the branch goes on behind the assignment: the declaration stays alone
            "let z: u32; let y: u32; if x == 1 { y = 2; g(y); } else { y = 3; } y",
            "let y: u32; if x == 1 { y = 2; g(y); } else { y = 3; } y",
        ),
        (  # one variable per loop, where the value does not survive an iteration
            "let t: u32; for i in 0..x { t = g(i); g(t); } while g(x) != 1 { t = g(x); g(t); } x",
            "for i in 0..x { let t = g(i); g(t); } while g(x) != 1 { let t = g(x); g(t); } x",
        ),
        (  # it survives: zero, as C leaves the first read undefined
            "let t: u32; for i in 0..x { if i != 0 { g(t); } t = g(i); } x",
            "let t: u32 = 0; for i in 0..x { if i != 0 { g(t); } t = g(i); } x",
        ),
        ("let y: u32; if x == 1 { y = 2; } y", "let y: u32 = 0; if x == 1 { y = 2; } y"),
        ("let a: [u32; 4]; a[1] = x; a[2]", "let a: [u32; 4] = [0; 4]; a[1] = x; a[2]"),
        ("let a: [u32; 4]; a.fill(7); a[2]", "let a = [7u32; 4]; a[2]"),
        ("let a: [u32; 4]; let b = [x, x, 1, 2]; a.copy_from_slice(&b); a[2]", "let b = [x, x, 1, 2]; let a = b; a[2]"),
        ("let s: S; s.a = x; s.b[0]", "let s = S { a: 0, b: [0; 2] }; s.a = x; s.b[0]"),
        (
            "let y: u32; loop { y = g(x); if y == 3 { break; } } y",
            "let y: u32; loop { y = g(x); if y == 3 { break; } } y",
        ),
        ("let y: u32; if x == 2 { y = g(x); g(y); } x", "if x == 2 { let y = g(x); g(y); } x"),
        ("let y: u32; let z: u32; z = x; y = z; y", "x"),
    ],
)
def test_a_variable_is_declared_where_it_gets_its_value(before: str, after: str) -> None:
    becomes(HEAD + f"fn f(x: u32) -> u32 {{ {before} }}", HEAD + f"fn f(x: u32) -> u32 {{ {after} }}", PlaceLets())


def test_what_an_outer_reference_points_to_stays_outside() -> None:
    stays(
        "fn g(x: &u32) -> u32 { 1 } fn f(c: bool, d: &u32) -> u32 {"
        " let mut p = d; let x: u32; if c { x = 5; p = &x; } g(p) }",
        PlaceLets(),
    )

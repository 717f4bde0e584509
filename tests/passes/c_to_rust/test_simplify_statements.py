"""Each rule on the smallest statement that shows it."""

import pytest
from rust_passes import becomes

from compiler.passes.c_to_rust.simplify_statements import SimplifyStatements

HEAD = "fn r(x: u32) -> u32 { x } fn s(a: &mut [u32]) -> u32 { 1 } struct P { u: u32, v: u32 } fn g() -> bool { true } fn h(x: u32) { } "


def body(before: str, after: str) -> None:
    fn = f"{HEAD} fn f(x: u32, c: bool, d: bool, a: &mut [u32], p: &mut P, n: u32, i: i32, b: u8) "
    becomes(f"{fn} {{ {before} }}", f"{fn} {{ {after} }}", SimplifyStatements())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if c { } else { h(1); }", "if !c { h(1); }"),
        ("if x == 1 { } else { h(1); }", "if x != 1 { h(1); }"),
        ("if c { } else { } h(2);", "h(2);"),
        ("if g() { } h(2);", "g(); h(2);"),
        ("if true { h(1); } else { h(2); }", "h(1);"),
        ("if c { h(1); } else { h(1); } h(2);", "h(1); h(2);"),
        ("if g() { h(1); } else { h(1); }", "if g() { h(1); } else { h(1); }"),
        ("if c { if d { h(1); } }", "if c && d { h(1); }"),
        ("if c { if d { h(1); } } else { h(2); }", None),
        ("if c { h(1); } else if d { h(1); } else { h(2); }", "if c || d { h(1); } else { h(2); }"),
        ("let mut r = c; if d { r = true; } else { r = false; } h(r as u32);", "let mut r = c; r = d; h(r as u32);"),
        ("let mut r = c; if x == 1 { r = false; } else { r = true; }", "let mut r = c; r = x != 1;"),
        ("let mut y = x; if y > 0 { y -= 1; } h(y);", "let mut y = x; y = y.saturating_sub(1); h(y);"),
        ("let mut y = i; if y > 0 { y -= 1; } h(y as u32);", None),
        (
            "let mut y = i; if y > 9 { y = 9; } else if y < -3 { y = -3; } h(y as u32);",
            "let mut y = i; y = y.clamp(-3, 9); h(y as u32);",
        ),
        ("let mut y = i; if y > 9 { y = 9; } else if y < 10 { y = 10; } h(y as u32);", None),
        ("match x { 1 => { h(1); } _ => { } }", "if x == 1 { h(1); }"),
        ("match x { 1 | 2 => { h(1); } _ => { } }", None),
        (
            "match x { 1 | 3 | 2 | 9 => { h(1); } _ => { h(2); } }",
            "match x { 1..=3 | 9 => { h(1); } _ => { h(2); } }",
        ),
        ("match b { b'a' => { h(1); } _ => { } }", "if b == b'a' { h(1); }"),
        (
            "match b { b'a' | b'c' | b'b' => { h(1); } _ => { h(2); } }",
            "match b { b'a'..=b'c' => { h(1); } _ => { h(2); } }",
        ),
        ("match x { _ => { h(1); } }", "h(1);"),
        ("match x { 1 => { } _ => { } } h(2);", "h(2);"),
    ],
)
def test_branches(before: str, after: str | None) -> None:
    body(before, before if after is None else after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("loop { if x >= n { break; } h(1); }", "while x < n { h(1); }"),
        ("loop { if g() { break; } h(1); }", "while !g() { h(1); }"),
        ("loop { if c { h(2); break; } h(1); }", None),
        ("while true { if c { h(1); break; } }", "loop { if c { h(1); break; } }"),
        ("while false { h(1); } h(2);", "h(2);"),
        ("loop { h(1); break; } h(2);", "h(1); h(2);"),
        ("loop { if c { break; } h(1); break; } h(2);", "'once: { if c { break 'once; } h(1); } h(2);"),
        ("while c { h(1); break; } h(2);", "if c { h(1); } h(2);"),
        (
            "while c { if d { break; } h(1); return; } h(2);",
            "'once: { if c { if d { break 'once; } h(1); return; } } h(2);",
        ),
        ("loop { if c { continue; } h(1); break; }", None),
        (
            "loop { h(1); if c { return; } h(2); if d { h(3); continue; } }",
            "loop { h(1); if c { return; } h(2); if d { h(3); } }",
        ),
        ("'a: loop { if c { break 'a; } h(1); if d { break; } }", "while !c { h(1); if d { break; } }"),
        (
            "'a: loop { h(1); loop { if c { break 'a; } h(2); } }",
            "'a: { h(1); loop { if c { break 'a; } h(2); } }",
        ),
        (
            "'s: { match x { 1 => { h(1); break 's; } _ => { h(2); break 's; } } }",
            "match x { 1 => { h(1); } _ => { h(2); } }",
        ),
        ("'s: { if c { break 's; } h(1); } h(2);", None),
        ("'a: loop { 's: { if c { break 's; } if d { break 'a; } h(1); } h(2); }", None),
        ("{ h(1); } { let y = x; h(y); } h(3);", "h(1); { let y = x; h(y); } h(3);"),
        ("h(3); { let y = x; h(y); }", "h(3); let y = x; h(y);"),
        ("for i in 0..n { } h(2);", "h(2);"),
        ("for i in 1..n { h(i); return; } h(2);", "if 1 < n { let i = 1; h(i); return; } h(2);"),
        (
            "for i in 1..n { if c { break; } h(1); return; } h(2);",
            "'once: { if 1 < n { if c { break 'once; } h(1); return; } } h(2);",
        ),
        ("for i in 1..n { if c { continue; } h(1); return; } h(2);", None),
        ("h(1); return; h(2);", "h(1);"),
        ("if c { h(1); return; } else { h(2); return; } h(3);", "if c { h(1); } else { h(2); }"),
        ("loop { h(1); } h(2);", "loop { h(1); }"),
        ("std::process::exit(1); h(2);", "std::process::exit(1);"),
    ],
)
def test_jumps(before: str, after: str | None) -> None:
    body(before, before if after is None else after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a[1] = a[1] ^ x;", "a[1] ^= x;"),
        ("a[1] = x + a[1];", "a[1] += x;"),
        ("a[1] = x - a[1];", None),
        ("a[1] = a[2] + x;", None),
        ("a[1] = a[1] ^ r(x);", "a[1] ^= r(x);"),
        ("a[1] = a[1] ^ s(a);", None),
        ("p.u = p.u << 3;", "p.u <<= 3;"),
        ("a[1] = a[1].wrapping_add(x);", None),
        ("p.u = p.u;", ""),
        ("p.u = p.v; p.v = p.u;", "p.u = p.v;"),
        ("x + 1;", ""),
        ("c && g();", "if c { g(); }"),
        ("c || g();", "if !c { g(); }"),
        ("(r(x) + 1 > r(n)) as u32;", "r(x); r(n);"),
        ("g() && c;", "g();"),
        ("x == 1 || g();", "if x != 1 { g(); }"),
        ("{ h(1); x } + 1;", "h(1);"),
        ("(if c { r(1) } else { x }) + 1;", "if c { r(1); }"),
        ("g() && d && r(x) == 2 && c;", "if g() && d { r(x); }"),
        ("!(c && (r(x) & r(n)) == 1);", "if c { r(x); r(n); }"),
    ],
)
def test_assignments(before: str, after: str | None) -> None:
    body(before, before if after is None else after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return x;", "x"),
        ("if c { return 1; } else { return x; }", "if c { 1 } else { x }"),
        ("if c { return 1; } return x;", "if c { return 1; } x"),
        (
            "match x { 1 => { return 2; } _ => { if c { return 3; } else { return 4; } } }",
            "match x { 1 => 2, _ => if c { 3 } else { 4 } }",
        ),
        ("let y = x + 1; return y;", "x + 1"),
        ("let y = x + 1; let z = y; return z;", "x + 1"),
        ("let y = x + 1; return y + y;", "let y = x + 1; y + y"),
        ("loop { if c { return 1; } }", "loop { if c { return 1; } }"),
    ],
)
def test_the_value_of_a_function(before: str, after: str) -> None:
    fn = "fn f(x: u32, c: bool) -> u32 "
    becomes(f"{fn} {{ {before} }}", f"{fn} {{ {after} }}", SimplifyStatements())

"""Loops that count, however C wrote them."""

import pytest
from rust_passes import becomes

from compiler.passes.c_to_rust.loops_to_ranges import LoopsToRanges

FN = "fn g(x: u32) { } fn k(x: &mut u32) { } fn f(a: &[u32], n: u32, i: i32, c: bool) "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "let m = n; loop { let t = m != 0; m = m.wrapping_sub(1); if !t { break; } g(1); }",
            "let m = n; for _ in 0..m { g(1); }",
        ),
        (
            "let m = n; loop { let t = m != 0; m = m.wrapping_sub(1); if !t { break; } g(m); }",
            "let m = n; for m in (0..m).rev() { g(m); }",
        ),
        (
            "let m = i; loop { let t = m; m -= 1; if t <= 0 { break; } g(1); }",
            "let m = i; for _ in 0..m { g(1); }",
        ),
        (  # m is needed behind the loop
            "let m = n; loop { let t = m != 0; m = m.wrapping_sub(1); if !t { break; } g(1); } g(m);",
            None,
        ),
        ("let j = 0u32; while j < n { g(j); j += 1; }", "for j in 0..n { g(j); }"),
        ("let j = 0u32; while j < n { g(j); j = j.wrapping_add(1); g(2); }", "for j in 0..n { g(j); g(2); }"),
        ("let j = 0u32; let e = j + n; while j < e { g(j); j += 1; }", "let e = n; for j in 0..e { g(j); }"),
        ("let j = n; g(j); while j < 9 { g(j); j += 1; }", "let j = n; g(j); for j in j..9 { g(j); }"),
        ("let j = 0u32; while j < n { if c { break; } g(j); j += 1; }", "for j in 0..n { if c { break; } g(j); }"),
        ("let j = 0u32; while j < n { if c { break; } g(j); j += 1; } g(j);", None),
        ("let j = 0u32; while j < n { if c { continue; } g(j); j += 1; }", None),
        ("let j = 0u32; while j < n { g(j); j += 1; g(j); }", None),
        ("let j = 0u32; while j < n { g(j); j += 2; }", None),
        ("let j = 0u32; let e = n; while j < e { e -= 1; j += 1; }", None),
        ("let j = 0u32; while j < n { k(&mut j); j += 1; }", None),
        ("let j = 0u32; while j < n { k(&mut j); }", None),
        ("let j = 0u32; loop { while j < n { g(j); j += 1; } if c { break; } }", None),
        ("let m = n; while m > 0 { m -= 1; g(1); }", "let m = n; for _ in 0..m { g(1); }"),
        ("let m = n; while m > 0 { g(1); m -= 1; }", "let m = n; for _ in 0..m { g(1); }"),
        ("let m = n; while m > 0 { g(m); m -= 1; }", None),
        ("let m = n; while m > 0 { if c { continue; } m -= 1; }", None),
        ("let m = i; while m != 0 { m -= 1; }", None),
    ],
)
def test_counting(before: str, after: str | None) -> None:
    becomes(f"{FN} {{ {before} }}", f"{FN} {{ {after or before} }}", LoopsToRanges())

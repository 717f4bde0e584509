"""Variables that a loop counts besides its own."""

import pytest
from rust_passes import becomes

from compiler.passes.c_to_rust.count_loops import CountLoops

HEAD = "fn h(x: usize, y: u32) { } fn f(n: usize, p: usize, c: bool) "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let mut k = 0usize; for i in 0..n { h(k, 1); k += 1; }", "for k in 0..n { h(k, 1); }"),
        ("let mut k = 0usize; for i in 0..n { h(k + i, 1); k += 1; }", "for i in 0..n { h(i + i, 1); }"),
        ("let mut k = 0u32; for i in 0..n { h(i, k); k += 1; }", "for i in 0..n { h(i, i as u32); }"),
        (
            "let mut k = p; for i in 0..n { h(k, i as u32); k += 1; }",
            "let mut k = p; for i in 0..n { h(k + i, i as u32); }",
        ),
        ("let mut k = 0usize; for i in 0..n { h(k, 1); k += 1; } h(k, 2);", None),
        ("let mut k = 0usize; for i in 0..n { k += 1; h(k, 1); }", None),
        ("let mut k = 0usize; for i in 0..n { if c { continue; } h(k, 1); k += 1; }", None),
        ("let mut k = 0usize; for i in 0..n { h(k, 1); if c { k += 1; } }", None),
        ("let mut k = 0usize; for i in 0..n { h(k, 1); k += 2; }", None),
        ("let mut k = 0usize; for i in 1..n { h(k, 1); k += 1; }", None),
        ("let mut k = 0usize; loop { for i in 0..n { h(k, 1); k += 1; } }", None),
    ],
)
def test_counters(before: str, after: str | None) -> None:
    becomes(f"{HEAD} {{ {before} }}", f"{HEAD} {{ {after or before} }}", CountLoops())

"""The least set of `mut`."""

import pytest
from rust_passes import becomes

from compiler.passes.c_to_rust.infer_mut import InferMut

HEAD = "fn g(p: &mut [u32]) { } struct S { a: u32 } "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let mut y = x; y", "let y = x; y"),
        ("let y = x; y += 1; y", "let mut y = x; y += 1; y"),
        ("x = 1; x", None),
        ("let a = [0u32; 4]; a[1] = x; a[1]", "let mut a = [0u32; 4]; a[1] = x; a[1]"),
        ("let a = [0u32; 4]; a.fill(x); a[1]", "let mut a = [0u32; 4]; a.fill(x); a[1]"),
        ("let a = [0u32; 4]; g(&mut a); a[1]", "let mut a = [0u32; 4]; g(&mut a); a[1]"),
        ("let a = [0u32; 4]; g(&mut a[1..]); a[1]", "let mut a = [0u32; 4]; g(&mut a[1..]); a[1]"),
        ("let s = S { a: 1 }; s.a = 2; s.a", "let mut s = S { a: 1 }; s.a = 2; s.a"),
        ("let y: u32; if x == 1 { y = 1; } else { y = 2; } y", "let y: u32; if x == 1 { y = 1; } else { y = 2; } y"),
        (
            "let y: u32; loop { y = x; if y == 1 { break; } } y",
            "let mut y: u32; loop { y = x; if y == 1 { break; } } y",
        ),
        ("let y: u32; loop { y = x; break; } y", "let y: u32; loop { y = x; break; } y"),
        ("loop { let y: u32; y = x; g2(y); }", "loop { let y: u32; y = x; g2(y); }"),
        ("let mut q = x.rotate_left(3); q", "let q = x.rotate_left(3); q"),
    ],
)
def test_mut_where_rustc_wants_it(before: str, after: str | None) -> None:
    head = HEAD + "fn g2(x: u32) { } fn f(x: u32) -> u32 "
    if after is None:
        becomes(head + f"{{ {before} }}", head.replace("f(x: u32)", "f(mut x: u32)") + f"{{ {before} }}", InferMut())
    else:
        becomes(head + f"{{ {before} }}", head + f"{{ {after} }}", InferMut())


def test_what_lies_behind_a_reference_is_not_the_bindings_memory() -> None:
    becomes(
        "fn g(q: &mut [u32]) { } fn f(mut p: &mut [u32]) { p[0] = 1; p.fill(2); g(p); let (mut a, mut b) = p.split_at_mut(1);"
        " a[0] = 1; b = &mut []; g(b); }",
        "fn g(q: &mut [u32]) { } fn f(p: &mut [u32]) { p[0] = 1; p.fill(2); g(p); let (a, mut b) = p.split_at_mut(1);"
        " a[0] = 1; b = &mut []; g(b); }",
        InferMut(),
    )

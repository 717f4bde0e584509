"""Copies, fills and swaps, one element at a time in C."""

import pytest
from rust_passes import becomes

from compiler.passes.c_to_rust.move_elements import MoveElements

FN = "fn f(a: &[u32], d: &mut [u32], s: &[u32; 8], m: &mut [u32; 8], t: &mut [[u32; 8]; 2], n: usize, o: usize) "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for i in 0..n { d[i] = a[i]; }", "d[..n].copy_from_slice(&a[..n]);"),
        ("for i in 0..8 { m[i] = s[i]; }", "*m = *s;"),
        ("for i in 0..8 { d[i] = s[i]; }", "d[..8].copy_from_slice(s);"),
        ("for i in 0..8 { t[1][i] = s[i]; }", "t[1] = *s;"),
        ("for i in 0..4 { d[i + o] = a[2 + i]; }", "d[o..o + 4].copy_from_slice(&a[2..6]);"),
        ("for i in 0..n { m[4 + i] = a[i]; }", "m[4..4 + n].copy_from_slice(&a[..n]);"),
        ("for i in 0..n { d[o + i] = a[i]; }", None),  # o may be beyond the end when n is 0
        ("for i in o..n { d[i] = a[i]; }", None),  # o may be above n
        ("for i in 0..n { d[i] = d[i + 1]; }", None),
        ("for i in 0..4 { d[i] = a[d[0] as usize + i]; }", None),
        ("for i in 0..n { d[i] = a[i] + 1; }", None),
        ("for i in 0..n { d[i] = 7; }", "d[..n].fill(7);"),
        ("for i in 0..8 { m[i] = s[0]; }", "m.fill(s[0]);"),
        ("for i in 0..n { d[i] = s[o]; }", None),  # s[o] need not exist when n is 0
        ("for i in 0..n { d[i] = i as u32; }", None),
        ("for i in 0..n { d[i] = d[0]; }", None),
        ("for i in 0..8 { m[i] = s[i]; d[i] = 0; }", "*m = *s; d[..8].fill(0);"),
        ("for i in 0..8 { m[i] = s[i]; d[i] = m[0]; }", None),
        (
            "for i in 0..4 { m[i] = s[i]; m[i + 4] = a[i]; }",
            "m[..4].copy_from_slice(&s[..4]); m[4..8].copy_from_slice(&a[..4]);",
        ),
        ("for i in 0..7 { m[i] = s[i]; m[i + 1] = 0; }", None),
        ("for i in 0..2 { for j in 0..8 { t[i][j] = 0; } }", "for i in 0..2 { t[i].fill(0); }"),
        ("let v = [0u32; 8]; for i in 0..8 { v[i] = s[i]; } d[0] = v[1];", "let v = *s; d[0] = v[1];"),
        ("let v = [0u32; 8]; for i in 0..8 { v[i] = 3; } d[0] = v[1];", "let v = [3u32; 8]; d[0] = v[1];"),
        (
            "let v = [0u32; 8]; d[1] = v[0]; for i in 0..8 { v[i] = s[i]; } d[0] = v[1];",
            "let v = [0u32; 8]; d[1] = v[0]; v = *s; d[0] = v[1];",
        ),
        ("let q = d[o]; d[o] = d[n]; d[n] = q;", "d.swap(o, n);"),
    ],
)
def test_moves(before: str, after: str | None) -> None:
    becomes(f"{FN} {{ {before} }}", f"{FN} {{ {after or before} }}", MoveElements())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("let t = a[1]; a[1] = a[2]; a[2] = t;", "a.swap(1, 2);"),
        ("let t = a[1]; a[1] = p.u; p.u = t;", "std::mem::swap(&mut a[1], &mut p.u);"),
        ("let t = p.u; p.u = p.v; p.v = t;", "std::mem::swap(&mut p.u, &mut p.v);"),
        ("let t = a[1]; a[1] = a[2]; a[3] = t;", None),
        ("let t = a[1]; a[1] = a[2]; a[2] = t; h(t);", None),
    ],
)
def test_swaps(before: str, after: str | None) -> None:
    head = "struct P { u: u32, v: u32 } fn h(x: u32) { } fn f(a: &mut [u32], p: &mut P) "
    becomes(f"{head} {{ {before} }}", f"{head} {{ {after or before} }}", MoveElements())

"""Loops over the elements of a slice: where that is the same, and where it is not."""

import pytest
from rust_passes import becomes, stays

from compiler.passes.c_to_rust.iterate_slices import IterateSlices

HEAD = "fn h(x: u32) { } fn w(x: &mut u32) { } fn quit(x: u32) { std::process::exit(1); } static K: [u32; 4] = [1, 2, 3, 4]; "
FN = "fn f(a: &[u32], d: &mut [u32], s: &[u32; 8], m: &mut [u32; 8], g: &[[u32; 4]], words: &[u8], n: usize, c: bool) "


def loop(before: str, after: str) -> None:
    becomes(f"{HEAD} {FN} {{ {before} }}", f"{HEAD} {FN} {{ {after} }}", IterateSlices())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for i in 0..a.len() { h(a[i]); }", "for &x in a { h(x); }"),
        ("for i in 0..8 { m[i] = 1; }", "for x in m.iter_mut() { *x = 1; }"),
        ("for i in 0..8 { h(s[i]); h(i as u32); }", "for (i, &x) in s.iter().enumerate() { h(x); h(i as u32); }"),
        ("let v = [0u32; 4]; for i in 0..4 { h(v[i]); }", "let v = [0u32; 4]; for &x in &v { h(x); }"),
        ("let mut v = [0u32; 4]; for i in 0..4 { v[i] += 1; }", "let mut v = [0u32; 4]; for x in &mut v { *x += 1; }"),
        ("for i in 0..4 { h(K[i]); }", "for &x in &K { h(x); }"),
        ("for i in 0..4 { h(K[i]); h(K[0]); }", "for &x in &K { h(x); h(K[0]); }"),
        ("for i in 0..=7 { h(s[i]); }", "for &x in s { h(x); }"),
        (
            "for i in 0..=5 { h(s[i]); h(i as u32); }",
            "for (i, &x) in s.iter().enumerate().take(6) { h(x); h(i as u32); }",
        ),
        ("for i in 2..6 { h(s[i]); }", "for &x in &s[2..6] { h(x); }"),
        (
            "for i in 2..6 { h(s[i]); h(i as u32); }",
            "for (i, &x) in s.iter().enumerate().take(6).skip(2) { h(x); h(i as u32); }",
        ),
        ("for i in 0..words.len() { h(words[i] as u32); }", "for &word in words { h(word as u32); }"),
        ("for i in 0..8 { w(&mut m[i]); }", "for x in m.iter_mut() { w(x); }"),
        ("for i in 0..8 { if c { h(s[i]); } }", "for &x in s { if c { h(x); } }"),
    ],
)
def test_all_elements_exist(before: str, after: str) -> None:
    loop(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for i in 0..n { h(a[i]); }", "for &x in &a[..n] { h(x); }"),
        ("for i in 0..n { d[i] = i as u32; }", "for (i, x) in d[..n].iter_mut().enumerate() { *x = i as u32; }"),
        (
            "for i in 0..n { if a[i] == 0 { break; } h(1); }",
            "for &x in a.iter().take(n) { if x == 0 { break; } h(1); }",
        ),
        ("for i in 0..n { h(a[i]); quit(1); }", "for &x in a.iter().take(n) { h(x); quit(1); }"),
        ("for i in 3..n { h(a[i]); }", "for &x in a.iter().take(n).skip(3) { h(x); }"),
        ("for i in n..n + 4 { h(a[i]); }", "for &x in &a[n..n + 4] { h(x); }"),
        ("for i in 0..=n { h(a[i]); }", "for &x in a.iter().take(n + 1) { h(x); }"),
        ("for i in 0..n { if c { continue; } h(s[i]); }", None),
        ("for i in 0..n { if c { h(a[i]); } }", None),
        ("for i in 0..n { if c && a[i] == 1 { h(2); } }", None),
        ("for i in 0..n { quit(1); h(a[i]); }", None),
        ("for i in 0..n { d[i] = { quit(2); 1u32 }; }", None),
        ("for i in 0..n { h(1); h(a[i]); }", "for &x in &a[..n] { h(1); h(x); }"),
    ],
)
def test_every_iteration_accesses_its_element(before: str, after: str | None) -> None:
    if after is not None:
        loop(before, after)
        return
    becomes(
        f"{HEAD} {FN} {{ {before} }}",
        f"{HEAD} #[allow(clippy::needless_range_loop)] {FN} {{ {before} }}",
        IterateSlices(),
    )


def test_a_field_beside_a_name_is_another_use() -> None:
    head = "struct P { v: [u32; 4] } fn f(p: &mut P, t: &mut [u32; 4]) "
    becomes(
        head + "{ for i in 0..4 { p.v[i] = t[i]; t[i] = p.v[3 - i]; } }",
        head + "{ for (i, x) in t.iter_mut().enumerate() { p.v[i] = *x; *x = p.v[3 - i]; } }",
        IterateSlices(),
    )
    becomes(
        head + "{ for i in 0..4 { p.v[i] = 1; } }",
        head + "{ for x in &mut p.v { *x = 1; } }",
        IterateSlices(),
    )


def test_rows_of_a_matrix() -> None:
    loop(
        "for i in 0..g.len() { for j in 0..4 { h(g[i][j]); } }",
        "for row in g { for &x in row { h(x); } }",
    )


def test_a_row_that_an_inner_loop_chooses() -> None:
    head = "fn f(x: &mut [[u32; 8]; 2]) "
    loop = "for j in 0..8 { for k in 0..2 { x[k][j] = 1; } }"
    after = "for j in 0..8 { for row in x.iter_mut() { row[j] = 1; } }"
    becomes(
        f"{head} {{ {loop} }}",
        f"#[allow(clippy::needless_range_loop)] {head} {{ {after} }}",
        IterateSlices(),
    )


@pytest.mark.parametrize(
    "text",
    [
        "for i in 0..n { d[i] = a[i]; }",  # two containers
        "for i in 0..n { h(a[i] + a[i + 1]); }",
        "for i in 0..n { d[i] = d.len() as u32; }",  # used otherwise
        "for i in 0..n { h(a[n]); }",
        "for i in 0..8u32 { h(a[i as usize]); }",
        "for i in 0..n { let v = [0u32; 4]; h(v[i]); }",  # the container is the loop's own
    ],
)
def test_what_clippy_does_not_mind_stays(text: str) -> None:
    stays(f"{HEAD} {FN} {{ {text} }}", IterateSlices())

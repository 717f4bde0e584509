"""Bytes put together and taken apart."""

import pytest
from rust_passes import becomes

from compiler.passes.c_to_rust.load_bytes import LoadBytes


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ("s[0] as u16 | (s[1] as u16) << 8", "u16::from_le_bytes(s[..2].try_into().unwrap())", "u16"),
        (
            "(p[0] as u32) << 24 | (p[1] as u32) << 16 | (p[2] as u32) << 8 | p[3] as u32",
            "u32::from_be_bytes(*p)",
            "u32",
        ),
        (
            "s[o] as u32 | (s[o + 1] as u32) << 8 ^ (s[o + 2] as u32) << 16 | (s[o + 3] as u32) << 24",
            "u32::from_le_bytes(s[o..o + 4].try_into().unwrap())",
            "u32",
        ),
        (
            "(s[o + 4] as u32) << 8 | s[o + 5] as u32",
            "u16::from_be_bytes(s[o + 4..o + 6].try_into().unwrap()) as u32",
            "u32",
        ),
        (  # Horner
            "(((p[3] as u32) << 8 | p[2] as u32) << 8 | p[1] as u32) << 8 | p[0] as u32",
            "u32::from_le_bytes(*p)",
            "u32",
        ),
        (
            "((p[0] as u32) << 24).wrapping_add((p[1] as u32) << 16).wrapping_add((p[2] as u32) << 8).wrapping_add(p[3] as u32)",
            "u32::from_be_bytes(*p)",
            "u32",
        ),
        (
            "(p[0] as i32) << 24 | (p[1] as i32) << 16 | (p[2] as i32) << 8 | p[3] as i32",
            "i32::from_be_bytes(*p)",
            "i32",
        ),
        (
            "s[k as usize] as u16 | (s[(k + 1) as usize] as u16) << 8",
            "u16::from_le_bytes(s[k as usize..k as usize + 2].try_into().unwrap())",
            "u16",
        ),
        ("s[0] as u16 | (s[2] as u16) << 8", None, "u16"),
        ("s[0] as u16 | (p[1] as u16) << 8", None, "u16"),
        ("s[0] as u16 | (s[1] as u16) << 7", None, "u16"),
        ("s[0] as u32 | (s[1] as u32) << 8 | (s[2] as u32) << 16", None, "u32"),
        ("s[0] as u32 | (s[1] as u32) << 8 | o as u32", None, "u32"),
        ("((s[1] as u8) << 8) as u16 | s[0] as u16", None, "u16"),  # the high byte is lost
    ],
)
def test_loads(before: str, after: str | None, result: str) -> None:
    fn = f"fn f(s: &[u8], p: &[u8; 4], o: usize, k: u32) -> {result} "
    becomes(f"{fn} {{ {before} }}", f"{fn} {{ {after or before} }}", LoadBytes())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("d[0] = (x >> 8) as u8; d[1] = x as u8;", "d[..2].copy_from_slice(&(x as u16).to_be_bytes());"),
        (
            "d[o] = x as u8; d[o + 1] = (x >> 8) as u8; d[o + 2] = (x >> 16) as u8; d[o + 3] = (x >> 24) as u8;",
            "d[o..o + 4].copy_from_slice(&x.to_le_bytes());",
        ),
        (
            "p[3] = x as u8; p[2] = (x >> 8) as u8; p[1] = (x >> 16) as u8; p[0] = (x >> 24) as u8; p[1] = 7;",
            "*p = x.to_be_bytes(); p[1] = 7;",
        ),
        ("d[0] = (w as i32 >> 8) as u8; d[1] = w as u8;", "d[..2].copy_from_slice(&w.to_be_bytes());"),
        ("d[0] = (x >> 8) as u8; d[1] = y as u8;", None),
        ("d[0] = (x >> 8) as u8; d[3] = 1; d[1] = x as u8;", None),
        ("d[0] = (q[0] >> 8) as u8; d[1] = q[0] as u8;", "d[..2].copy_from_slice(&(q[0] as u16).to_be_bytes());"),
        ("d[0] = ((d[1] as u32) >> 8) as u8; d[1] = (d[1] as u32) as u8;", None),  # reads what it writes
    ],
)
def test_stores(before: str, after: str | None) -> None:
    fn = "fn f(d: &mut [u8], p: &mut [u8; 4], q: &[u32], o: usize, x: u32, y: u32, w: u16) "
    becomes(f"{fn} {{ {before} }}", f"{fn} {{ {after or before} }}", LoadBytes())


def test_one_value_twice() -> None:
    fn = "fn f(d: &mut [u8], x: u16) "
    becomes(
        fn + "{ d[0] = x as u8; d[1] = (x >> 8) as u8; d[2] = x as u8; d[3] = (x >> 8) as u8; }",
        fn + "{ d[..2].copy_from_slice(&x.to_le_bytes()); d[2..4].copy_from_slice(&x.to_le_bytes()); }",
        LoadBytes(),
    )


def test_two_values_in_a_row() -> None:
    fn = "fn f(d: &mut [u8], x: u16, y: u16) "
    becomes(
        fn + "{ d[0] = x as u8; d[1] = (x >> 8) as u8; d[2] = y as u8; d[3] = (y >> 8) as u8; }",
        fn + "{ d[..2].copy_from_slice(&x.to_le_bytes()); d[2..4].copy_from_slice(&y.to_le_bytes()); }",
        LoadBytes(),
    )

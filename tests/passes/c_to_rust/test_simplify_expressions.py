"""Each rule on the smallest expression that shows it."""

import pytest
from rust_passes import becomes, stays

from compiler.passes.c_to_rust.simplify_expressions import SimplifyExpressions

HEAD = "const LIMIT: u32 = 9; fn g() -> u32 { 1 } fn take(s: &[u8]) { } "


def expression(before: str, after: str, result: str) -> None:
    fn = f"{HEAD} fn f(x: u32, y: u64, a: u8, b: u8, i: i32, n: u32, c: bool, s: &[u8], z: i8) -> {result} "
    becomes(f"{fn} {{ {before} }}", f"{fn} {{ {after} }}", SimplifyExpressions())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x + 0", "x"),
        ("0 | x << 0", "x"),
        ("x & 0xffff_ffff", "x"),
        ("x & 0xffff", "x & 0xffff"),
        ("i & -1", "i"),
        ("x * 0", "0"),
        ("x ^ x", "0"),
        ("g() * 0", "g() * 0"),  # the call is an effect
        ("g() ^ g()", "g() ^ g()"),
        ("2u32.wrapping_mul(x)", "x.wrapping_mul(2)"),
        ("x.wrapping_add(0).wrapping_mul(1)", "x"),
        ("0 - x", "0 - x"),
    ],
)
def test_identities(before: str, after: str) -> None:
    expression(before, after, "i32" if before[0] == "i" else "u32")


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ("x as u32", "x", "u32"),
        ("7 as u64", "7", "u64"),
        ("-1 as u8", "255", "u8"),
        ("a as u32 as u64", "a as u64", "u64"),
        ("x as u64 as u8", "x as u8", "u8"),
        ("i as u32 as u64", "i as u32 as u64", "u64"),  # the sign must not spread
        ("z as i32 as u64", "z as u64", "u64"),
        ("a as i8 as i32", "a as i8 as i32", "i32"),
        ("c as i32 as u32", "c as u32", "u32"),
        ("(x & 0xff) as u8", "x as u8", "u8"),
        ("(x & 0x7f) as u8", "(x & 0x7f) as u8", "u8"),
        ("(a as i32 ^ b as i32) as u8", "a ^ b", "u8"),
        ("(a as i32 + b as i32 + 1) as u8", "a.wrapping_add(b).wrapping_add(1)", "u8"),
        ("(a as i32 + b as i32 >> 1) as u8", "(a as i32 + b as i32 >> 1) as u8", "u8"),  # the carry comes back
        ("(!(a as i32)) as u8", "!a", "u8"),
        ("((a as i32) << 3 | (b as i32) >> 5) as u8", "a << 3 | b >> 5", "u8"),
        ("((a as i32) << 9) as u8", "((a as i32) << 9) as u8", "u8"),
        ("(x as u64 + y) as u32", "(x as u64 + y) as u32", "u32"),  # y would need a cast
        ("(-1 as i64) as u32", "u32::MAX", "u32"),
    ],
)
def test_casts(before: str, after: str, result: str) -> None:
    expression(before, after, result)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("!(x == n)", "x != n"),
        ("!!c", "c"),
        ("!(x < n && c)", "!(x < n && c)"),
        ("a as i32 == 97", "a == 97"),
        ("a as i32 <= 300", "true"),
        ("a as i32 == -1", "false"),
        ("a as i32 > 300", "false"),
        ("a as u32 < b as u32", "a < b"),
        ("z as i32 == a as i32", "z as i32 == a as i32"),
        ("z as u32 == 255", "z as u32 == 255"),
        ("c as i32 != 0", "c"),
        ("c as i32 == 0", "!c"),
        ("c == true", "c"),
        ("(x == n) as i32 == 0", "x != n"),
        ("x >= 0", "true"),
        ("0 > x", "false"),
        ("x <= 0", "x == 0"),
        ("i >= 0", "i >= 0"),
        ("x % 4 == 0", "x.is_multiple_of(4)"),
        ("x % n != 0", "!x.is_multiple_of(n)"),
        ("i % 4 == 0", "i % 4 == 0"),
        ("s.len() == 0", "s.is_empty()"),
        ("s.len() > 0", "!s.is_empty()"),
        ("x == x", "true"),
        ("g() == g()", "g() == g()"),
        ("c && true || false", "c"),
        ("c && false", "false"),
        ("g() == 1 && false", "g() == 1 && false"),
        ("x >= 1 && x <= 5", "(1..=5).contains(&x)"),
        ("i < 3 || i > 9", "!(3..=9).contains(&i)"),
        ("x > 1 && x < 5", "x > 1 && x < 5"),
        ("x >= 5 && x < 2", "false"),
        ("x < 1 || x > LIMIT", "!(1..=LIMIT).contains(&x)"),
        ("a >= b'0' && a <= b'9'", "a.is_ascii_digit()"),
        ("if x == 1 { true } else { false }", "x == 1"),
        ("if c { false } else { true }", "!c"),
        ("!(!c && x == 1)", "c || x != 1"),
        ("!(x == 1 && !c)", "x != 1 || c"),
        ("!(!(g() == 1 && c) && !(x == 1))", "g() == 1 && c || x == 1"),
        ("!(c || x == 1)", "!(c || x == 1)"),
        ("c != !(x == 1)", "c != (x != 1)"),
        ("c == !(x == 1 && n == 2)", "c != (x == 1 && n == 2)"),
        ("x > 3 || x == 3", "x >= 3"),
        ("x != 3 && x <= 3", "x < 3"),
        ("x < n || x > n", "x != n"),
        ("x < 10 && x > 20", "false"),
        ("x < 10 && x > 8", "x < 10 && x > 8"),
        ("x & 128 == 1", "false"),
        ("x & 15 > 15", "false"),
        ("x | 4 != 0", "true"),
        ("i | 4 > 0", "i | 4 > 0"),
        ("x % 10 < 10", "true"),
        ("(a as u32) >> 4 <= 15", "true"),
        ("c < (x == n)", "!c & (x == n)"),
        ("0 == x", "x == 0"),
        ("5 > x", "x < 5"),
        ("true as i32 + i == 0", "1 + i == 0"),
        ("if true { c } else { x == 1 }", "c"),
        ("true == c", "c"),
        ("c > (x == n)", "c & (x != n)"),
        ("c || x < 1 || x > 9", "c || !(1..=9).contains(&x)"),
        ("c < true", "!c"),
        ("x & 129 == 1", "x & 129 == 1"),
        ("3 > 4u32", "false"),
        ("x != 0 || x == 0", "true"),
        ("x < n && x >= n", "false"),
        ("x > !0", "false"),
        ("match x { 1 | 2 => true, _ => false }", "matches!(x, 1 | 2)"),
        ("match x { 1 | 2 => true, _ => c }", "match x { 1 | 2 => true, _ => c }"),
    ],
)
def test_conditions(before: str, after: str) -> None:
    expression(before, after, "bool")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(x << 7) | (x >> 25)", "x.rotate_left(7)"),
        ("(x >> 7) ^ (x << 25)", "x.rotate_right(7)"),
        ("(x << 7).wrapping_add(x >> 25)", "x.rotate_left(7)"),
        ("(x << 7) | (x >> 24)", "x << 7 | x >> 24"),
        ("(x << n) | (x >> (32 - n))", "x.rotate_left(n)"),
        ("(x << (32 - n)) | (x >> n)", "x.rotate_right(n)"),
        ("(x << 7) | (x >> (32 - 7))", "x.rotate_left(7)"),
        ("0u32.wrapping_sub(x)", "x.wrapping_neg()"),
        ("(x << 32) | (x >> 0)", "x << 32 | x"),
        ("(x << i) | (x >> (32 - i))", "x.rotate_left(i as u32)"),
        ("(g() << 7) | (g() >> 25)", "g() << 7 | g() >> 25"),
        ("(x + 7) / 8", "x.div_ceil(8)"),
        ("(x + 6) / 8", "(x + 6) / 8"),
        ("(x + n - 1) / n", "x.div_ceil(n)"),
        ("if x > n { x - n } else { 0 }", "x.saturating_sub(n)"),
        ("if n <= x { x - n } else { 0 }", "x.saturating_sub(n)"),
        ("if x > n { x - n } else { n - x }", "x.abs_diff(n)"),
        ("if x < n { x - n } else { n - x }", "if x < n { x - n } else { n - x }"),
        ("if x < 3 { 3 } else if x > 9 { 9 } else { x }", "x.clamp(3, 9)"),
        ("if x > 9 { 9 } else if x < 3 { 3 } else { x }", "x.clamp(3, 9)"),
        ("if x < 9 { 9 } else if x > 3 { 3 } else { x }", "if x < 9 { 9 } else { x.min(3) }"),
        ("17 % 5 / 2", "1"),
        ("5 % !2 + x", "5 + x"),
        ("if c { x } else if x == 1 { x } else { n }", "if c || x == 1 { x } else { n }"),
        ("i.abs() as u32", "i.unsigned_abs()"),
        ("if x < n { x } else { n }", "x.min(n)"),
        ("if x < n { n } else { x }", "x.max(n)"),
        ("if x >= 9 { LIMIT } else { x }", "x.min(LIMIT)"),
        ("if x < g() { x } else { g() }", "if x < g() { x } else { g() }"),
        ("if x < n { x } else { n + 1 }", "if x < n { x } else { n + 1 }"),
        ("if n > x { x - n } else { 0 }", "if n > x { x - n } else { 0 }"),
    ],
)
def test_what_std_has_a_name_for(before: str, after: str) -> None:
    expression(before, after, "u32")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("take(&s[..]);", "take(s);"),
        ("take(&s[1..]);", "take(&s[1..]);"),
        ("let v = [1u8; 4]; take(&v[..]);", "let v = [1u8; 4]; take(&v[..]);"),
        ("let v = *&x;", "let v = x;"),
        ("let v = (&s[1..]).len();", "let v = s[1..].len();"),
    ],
)
def test_references(before: str, after: str) -> None:
    expression(before, after, "()")


def test_signed_rotation_is_not_one() -> None:
    stays("fn f(x: i32) -> i32 { (x << 7) | (x >> 25) }", SimplifyExpressions())

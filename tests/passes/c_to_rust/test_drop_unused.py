"""Items that nothing reaches go."""

from rust_passes import becomes

from compiler.passes.c_to_rust.drop_unused import DropUnused


def test_a_library_keeps_what_is_public() -> None:
    becomes(
        "const N: u32 = 1; const M: u32 = 2; struct S { a: u32 } struct T { a: u32 }"
        " fn g(t: &T) -> u32 { t.a + M } fn h(s: &S) -> u32 { s.a + N }"
        " pub fn f() -> u32 { g(&T { a: 1 }) }",
        "const M: u32 = 2; struct T { a: u32 } fn g(t: &T) -> u32 { t.a + M } pub fn f() -> u32 { g(&T { a: 1 }) }",
        DropUnused(),
    )


def test_a_program_keeps_what_main_reaches() -> None:
    becomes(
        "pub fn g() { } pub fn h() { } fn main() { h(); }",
        "pub fn h() { } fn main() { h(); }",
        DropUnused(),
    )


def test_a_recursion_that_nobody_starts_goes() -> None:
    becomes("fn g() { h(); } fn h() { g(); } pub fn f() { }", "pub fn f() { }", DropUnused())


def test_a_constant_in_a_pattern_is_used() -> None:
    text = "const N: u32 = 1; pub fn f(x: u32) -> u32 { match x { N => 2, _ => 3 } }"
    becomes(text, text, DropUnused())


def test_an_unused_parameter_gets_an_underscore() -> None:
    becomes("pub fn f(x: u32, y: u32) -> u32 { x }", "pub fn f(x: u32, _y: u32) -> u32 { x }", DropUnused())


def test_a_private_field_that_nothing_mentions_gets_an_underscore() -> None:
    becomes(
        "struct S { a: u32, b: u32 } pub struct T { c: u32 } pub fn f() -> u32 { let s = S { a: 1, b: 2 }; s.b }"
        " pub fn g(t: &T) { }",
        "struct S { _a: u32, b: u32 } pub struct T { c: u32 } pub fn f() -> u32 { let s = S { _a: 1, b: 2 }; s.b }"
        " pub fn g(_t: &T) { }",
        DropUnused(),
    )


def test_a_loop_variable_without_use_has_no_name() -> None:
    becomes(
        "fn g() { } pub fn f(n: u32) { for i in 0..n { g(); } }",
        "fn g() { } pub fn f(n: u32) { for _ in 0..n { g(); } }",
        DropUnused(),
    )


def test_a_parameter_that_a_function_only_hands_to_itself_is_not_used() -> None:
    becomes(
        "pub fn f(x: u32, y: u32) -> u32 { if x == 0 { 1 } else { f(x - 1, y) } }",
        "pub fn f(x: u32, _y: u32) -> u32 { if x == 0 { 1 } else { f(x - 1, _y) } }",
        DropUnused(),
    )

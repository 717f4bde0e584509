"""The lowering, judged by the Rust that comes out: one C function, and words that must or must not stand in it."""

from __future__ import annotations

import pytest

from compiler.c_to_rust import translate
from compiler.frontends.c.preprocess_job import PreprocessJob, PreprocessOptions
from compiler.translation import TranslationOptions


def rust(text: str) -> str:
    job = PreprocessJob("test.c", None, "#include <stdint.h>\n#include <string.h>\n" + text, PreprocessOptions())
    return translate([job], TranslationOptions(verify=True)).text


CASES = {
    "an extent that is surely reached is an array": ("int f(const int *a) { return a[0] + a[7]; }", ["a: &[i32; 8]"]),
    "an extent that may not be reached is a slice": (
        "int f(const int *a, int n) { return n ? a[7] : 0; }",
        ["a: &[i32]"],
    ),
    "one object is a reference": ("struct s { int x; }; void f(struct s *p) { p->x = 1; }", ["p: &mut s"]),
    "what is only read is not mutable": ("int f(int *a, int n) { return a[n]; }", ["a: &[i32]"]),
    "a pointer that moves is an index": (
        "unsigned f(const uint8_t *p, const uint8_t *e) { return *p; } int g(const char *s) { int n = 0; while (*s++) n++; return n; }",
        ["s_at += 1", "s: &[u8]"],
    ),
    "sub-buffers are offsets, not splits": ("void f(int *a, int i) { int *b = a + 4; b[i] = b[0]; }", ["a[4]"]),
    "one call needs two parts at once": (
        "static void g(int *o, int *a) { for (int i = 0; i < 4; i++) o[i] = a[i]; } void f(int *p) { g(p, p + 4); }",
        ["split_at_mut(4)"],
    ),
    "unsigned arithmetic wraps": (
        "uint32_t f(uint32_t a, uint32_t b) { return a * b + 1; }",
        ["wrapping_mul", "wrapping_add"],
    ),
    "arithmetic that cannot wrap is plain": (
        "uint32_t f(uint8_t a, uint32_t b) { return a + (b & 15u); }",
        ["a as u32 + (b & 15)"],
    ),
    "promotions cancel": ("uint8_t f(uint8_t a, uint8_t b) { return (uint8_t)(a ^ b); }", ["a ^ b"]),
    "a condition proves the subtraction": (
        "uint32_t f(uint32_t a, uint32_t b) { if (a >= b) return a - b; return 0; }",
        ["a - b"],
    ),
    "copies of whole arrays are assignments": (
        "void f(uint32_t *d, const uint32_t *s) { memcpy(d, s, 64); }",
        ["d: &mut [u32; 16]", "*d = *s"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_says(name: str) -> None:
    text, words = CASES[name]
    result = rust(text)
    assert all(word in result for word in words), result


def test_nothing_is_unsafe() -> None:
    assert rust("int f(void) { return 1; }").startswith("#![forbid(unsafe_code)]")


def test_the_same_input_gives_the_same_bytes() -> None:
    text = CASES["one call needs two parts at once"][0]
    assert rust(text) == rust(text)

"""Vectors in C: the types that GCC and clang have by themselves, and the one operation that they do not, looking up bytes.

    u8x32 codes = …;                                  addition, bits and shifts are C's own, lane by lane
    look_up(&tables[at], codes)                       one `vpshufb` with AVX2, two `pshufb` or `tbl` with SSSE3 or NEON

Which instruction it is, is decided where the C is compiled; without any of them it is a loop. Lanes of other widths are those
of a little-endian computer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TYPES = {"u8x32": "uint8_t", "u16x16": "uint16_t", "u32x8": "uint32_t"}
"""By the element: of 32 bytes, wherever they begin, and whatever the array that they are in is of."""
LOOK_UP = "look_up"
NAMES = (*TYPES, LOOK_UP)
"""What nothing else may be called."""

_INCLUDES = """\
#if defined(__SSSE3__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif"""

_LOOK_UP = """\
/* How functions would pass vectors depends on the computer; none leaves this file. */
#pragma GCC diagnostic ignored "-Wpsabi"

/* Of 16 bytes, those that the codes, 0 to 15, name. */
static inline u8x32 look_up(const uint8_t *table, u8x32 codes)
{
#if defined(__AVX2__)
    const __m256i entries = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
    return (u8x32)_mm256_shuffle_epi8(entries, (__m256i)codes);
#elif defined(__SSSE3__)
    const __m128i entries = _mm_loadu_si128((const __m128i *)table);
    union { u8x32 whole; __m128i half[2]; } it = { .whole = codes };
    it.half[0] = _mm_shuffle_epi8(entries, it.half[0]);
    it.half[1] = _mm_shuffle_epi8(entries, it.half[1]);
    return it.whole;
#elif defined(__aarch64__)
    const uint8x16_t entries = vld1q_u8(table);
    union { u8x32 whole; uint8x16_t half[2]; } it = { .whole = codes };
    it.half[0] = vqtbl1q_u8(entries, it.half[0]);
    it.half[1] = vqtbl1q_u8(entries, it.half[1]);
    return it.whole;
#else
    union { u8x32 whole; uint8_t each[32]; } it = { .whole = codes };
    for (int i = 0; i < 32; i++) {
        it.each[i] = table[it.each[i]];
    }
    return it.whole;
#endif
}"""


def includes(body: str) -> Iterator[str]:
    """What a file includes whose functions are `body`."""
    if f"{LOOK_UP}(" in body:
        yield _INCLUDES


def definitions(body: str) -> Iterator[str]:
    """What stands before its functions."""
    lines = [
        f"typedef {element} {name} __attribute__((vector_size(32), aligned(1), may_alias));"
        for name, element in TYPES.items()
        if re.search(rf"\b{name}\b", body)
    ]
    if lines:
        yield "\n".join(lines)
    if f"{LOOK_UP}(" in body:
        yield _LOOK_UP

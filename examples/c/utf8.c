/*
 * UTF-8: validation by state, decoding, encoding, counting.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLACEMENT 0xFFFDu

/* Encode one code point; returns the bytes written (1 to 4), 0 for a surrogate or a value beyond Unicode. */
int utf8_encode(uint8_t out[4], uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (uint8_t)cp;
        return 1;
    } else if (cp < 0x800) {
        out[0] = (uint8_t)(0xC0 | cp >> 6);
        out[1] = (uint8_t)(0x80 | (cp & 0x3F));
        return 2;
    } else if (cp < 0x10000) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            return 0;
        out[0] = (uint8_t)(0xE0 | cp >> 12);
        out[1] = (uint8_t)(0x80 | ((cp >> 6) & 0x3F));
        out[2] = (uint8_t)(0x80 | (cp & 0x3F));
        return 3;
    } else if (cp <= 0x10FFFF) {
        out[0] = (uint8_t)(0xF0 | cp >> 18);
        out[1] = (uint8_t)(0x80 | ((cp >> 12) & 0x3F));
        out[2] = (uint8_t)(0x80 | ((cp >> 6) & 0x3F));
        out[3] = (uint8_t)(0x80 | (cp & 0x3F));
        return 4;
    }
    return 0;
}

/* Decode the first code point of [s, s + len). Writes it to *cp and returns the bytes used; a bad sequence uses one byte. */
size_t utf8_decode(const uint8_t *s, size_t len, uint32_t *cp)
{
    uint32_t value, lowest;
    size_t need, i;

    *cp = REPLACEMENT;
    if (len == 0)
        return 0;
    if (s[0] < 0x80) {
        *cp = s[0];
        return 1;
    }
    if ((s[0] & 0xE0) == 0xC0) {
        value = s[0] & 0x1F, need = 2, lowest = 0x80;
    } else if ((s[0] & 0xF0) == 0xE0) {
        value = s[0] & 0x0F, need = 3, lowest = 0x800;
    } else if ((s[0] & 0xF8) == 0xF0) {
        value = s[0] & 0x07, need = 4, lowest = 0x10000;
    } else {
        return 1;
    }
    if (len < need)
        return 1;
    for (i = 1; i < need; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (s[i] & 0x3F);
    }
    if (value < lowest || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
        return 1;
    *cp = value;
    return need;
}

/* Is the whole buffer well-formed? */
bool utf8_valid(const uint8_t *s, size_t len)
{
    const uint8_t *end = s + len;

    while (s < end) {
        uint8_t c = *s++;
        int more;
        uint8_t lo = 0x80, hi = 0xBF;

        if (c < 0x80)
            continue;
        if (c >= 0xC2 && c <= 0xDF) {
            more = 1;
        } else if (c >= 0xE0 && c <= 0xEF) {
            more = 2;
            if (c == 0xE0)
                lo = 0xA0;
            else if (c == 0xED)
                hi = 0x9F;
        } else if (c >= 0xF0 && c <= 0xF4) {
            more = 3;
            if (c == 0xF0)
                lo = 0x90;
            else if (c == 0xF4)
                hi = 0x8F;
        } else {
            return false;
        }
        while (more-- > 0) {
            if (s == end || *s < lo || *s > hi)
                return false;
            lo = 0x80;
            hi = 0xBF;
            s++;
        }
    }
    return true;
}

/* Code points in a NUL-terminated string, taken as well-formed. */
size_t utf8_strlen(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += (*s & 0xC0) != 0x80;
    return n;
}

/* To UTF-16 code units; returns how many were written, stops when out is full. */
size_t utf8_to_utf16(uint16_t *out, size_t cap, const uint8_t *s, size_t len)
{
    size_t n = 0, pos = 0;

    while (pos < len) {
        uint32_t cp;

        pos += utf8_decode(s + pos, len - pos, &cp);
        if (cp >= 0x10000) {
            if (cap - n < 2)
                break;
            cp -= 0x10000;
            out[n++] = (uint16_t)(0xD800 + (cp >> 10));
            out[n++] = (uint16_t)(0xDC00 + (cp & 0x3FF));
        } else {
            if (cap - n < 1)
                break;
            out[n++] = (uint16_t)cp;
        }
    }
    return n;
}

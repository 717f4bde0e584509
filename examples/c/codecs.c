/*
 * Text codecs: base64, hexadecimal, percent-encoding, and varints.
 */
#include <stddef.h>
#include <stdint.h>

static const char b64_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Encode n bytes; out takes 4 * ((n + 2) / 3) characters and a NUL. Returns the length of the text. */
size_t base64_encode(char *out, const uint8_t *in, size_t n)
{
    char *p = out;

    while (n >= 3) {
        uint32_t w = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

        *p++ = b64_alphabet[w >> 18];
        *p++ = b64_alphabet[(w >> 12) & 63];
        *p++ = b64_alphabet[(w >> 6) & 63];
        *p++ = b64_alphabet[w & 63];
        in += 3;
        n -= 3;
    }
    if (n > 0) {
        uint32_t w = (uint32_t)in[0] << 16;

        if (n == 2)
            w |= (uint32_t)in[1] << 8;
        *p++ = b64_alphabet[w >> 18];
        *p++ = b64_alphabet[(w >> 12) & 63];
        *p++ = n == 2 ? b64_alphabet[(w >> 6) & 63] : '=';
        *p++ = '=';
    }
    *p = '\0';
    return (size_t)(p - out);
}

static int b64_value(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    switch (c) {
    case '+':
        return 62;
    case '/':
        return 63;
    }
    return -1;
}

/* Decode strict base64. Returns the number of bytes, or -1. */
int base64_decode(uint8_t *out, size_t cap, const char *in, size_t n)
{
    size_t len = 0;

    if (n % 4 != 0)
        return -1;
    for (size_t i = 0; i < n; i += 4) {
        int pad = 0;
        uint32_t w = 0;

        for (size_t k = 0; k < 4; k++) {
            int v = b64_value((unsigned char)in[i + k]);

            if (v < 0) {
                if (in[i + k] != '=' || k < 2 || i + 4 != n)
                    return -1;
                pad++;
                v = 0;
            } else if (pad > 0) {
                return -1;
            }
            w = w << 6 | (uint32_t)v;
        }
        for (int k = 0; k < 3 - pad; k++) {
            if (len == cap)
                return -1;
            out[len++] = (uint8_t)(w >> (16 - 8 * k));
        }
    }
    return (int)len;
}

/* Lower-case hexadecimal of n bytes, no NUL. */
void hex_encode(char *out, const uint8_t *in, size_t n)
{
    const char *digits = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Decode pairs of digits until the text ends or a pair is bad. Returns the number of bytes. */
size_t hex_decode(uint8_t *out, const char *in, size_t n)
{
    size_t i;

    for (i = 0; i + 1 < n; i += 2) {
        int hi = hex_value(in[i]), lo = hex_value(in[i + 1]);

        if (hi < 0 || lo < 0)
            break;
        out[i / 2] = (uint8_t)(hi << 4 | lo);
    }
    return i / 2;
}

/* Undo percent-encoding in place; '+' is a space. Returns the new length. */
size_t url_decode(char *s)
{
    char *read = s, *write = s;

    while (*read) {
        if (*read == '%' && hex_value(read[1]) >= 0 && hex_value(read[2]) >= 0) {
            *write++ = (char)(hex_value(read[1]) * 16 + hex_value(read[2]));
            read += 3;
        } else if (*read == '+') {
            *write++ = ' ';
            read++;
        } else {
            *write++ = *read++;
        }
    }
    *write = '\0';
    return (size_t)(write - s);
}

/* LEB128; out takes up to ten bytes. */
int varint_encode(uint8_t *out, uint64_t value)
{
    int n = 0;

    while (value >= 0x80) {
        out[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[n++] = (uint8_t)value;
    return n;
}

/* Bytes used, or 0 when the input ends early or is longer than ten bytes. */
int varint_decode(const uint8_t *in, size_t len, uint64_t *value)
{
    uint64_t acc = 0;

    for (int i = 0; i < 10 && (size_t)i < len; i++) {
        acc |= (uint64_t)(in[i] & 0x7f) << (7 * i);
        if (!(in[i] & 0x80)) {
            *value = acc;
            return i + 1;
        }
    }
    return 0;
}

uint32_t zigzag_encode(int32_t n)
{
    return ((uint32_t)n << 1) ^ (uint32_t)(n >> 31);
}

int32_t zigzag_decode(uint32_t n)
{
    return (int32_t)(n >> 1) ^ -(int32_t)(n & 1);
}

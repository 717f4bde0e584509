/*
 * Numbers out of text and back: decimal, hexadecimal and any base, with overflow detection.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum parse_status { PARSE_OK, PARSE_EMPTY, PARSE_BAD_DIGIT, PARSE_OVERFLOW };

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Value of a digit in bases up to 36, or -1. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return -1;
}

/* Parse a decimal integer with sign and leading space. */
enum parse_status parse_int(const char *text, size_t len, int32_t *value)
{
    const char *p = text;
    const char *end = text + len;
    bool negative = false;
    int64_t acc = 0;

    while (p < end && is_space(*p))
        p++;
    if (p < end && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
    }
    if (p == end)
        return PARSE_EMPTY;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return PARSE_BAD_DIGIT;
        acc = acc * 10 + (*p - '0');
        if (acc > (int64_t)INT32_MAX + 1)
            return PARSE_OVERFLOW;
    }
    if (negative)
        acc = -acc;
    if (acc > INT32_MAX)
        return PARSE_OVERFLOW;
    *value = (int32_t)acc;
    return PARSE_OK;
}

/* Parse an unsigned number in the given base; stops at the first other character. Returns the characters used, 0 on failure. */
size_t parse_uint_base(const char *text, size_t len, int base, uint64_t *value)
{
    uint64_t acc = 0;
    size_t i;

    if (base < 2 || base > 36)
        return 0;
    for (i = 0; i < len; i++) {
        int d = digit_value(text[i]);

        if (d < 0 || d >= base)
            break;
        if (acc > (UINT64_MAX - (uint64_t)d) / (uint64_t)base)
            return 0;
        acc = acc * (uint64_t)base + (uint64_t)d;
    }
    if (i > 0)
        *value = acc;
    return i;
}

/* Format an integer into buf, which holds at least 12 bytes. Returns the length without the NUL. */
int format_int(char *buf, int value)
{
    char tmp[12];
    int n = 0, len = 0;
    unsigned int u = value < 0 ? 0u - (unsigned int)value : (unsigned int)value;

    do {
        tmp[n++] = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    if (value < 0)
        buf[len++] = '-';
    while (n > 0)
        buf[len++] = tmp[--n];
    buf[len] = '\0';
    return len;
}

/* Write width hexadecimal digits, most significant first. */
void format_hex(char *out, uint32_t value, int width)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = width - 1; i >= 0; i--) {
        out[i] = digits[value & 0xf];
        value >>= 4;
    }
}

/* Parse dotted IPv4 text such as 192.168.0.1 into four bytes. */
bool parse_ipv4(const char *s, uint8_t addr[4])
{
    int part, value, digits;

    for (part = 0; part < 4; part++) {
        value = 0;
        digits = 0;
        while (*s >= '0' && *s <= '9') {
            value = value * 10 + (*s++ - '0');
            digits++;
            if (value > 255 || digits > 3)
                return false;
        }
        if (digits == 0)
            return false;
        addr[part] = (uint8_t)value;
        if (part < 3 && *s++ != '.')
            return false;
    }
    return *s == '\0';
}

/* Fixed point: text like -12.345 to thousandths, more digits are cut. */
bool parse_milli(const char *s, long *out)
{
    long whole = 0, frac = 0, scale = 100;
    int sign = 1;

    if (*s == '-') {
        sign = -1;
        ++s;
    }
    if (!(*s >= '0' && *s <= '9'))
        return false;
    while (*s >= '0' && *s <= '9') {
        if (whole > LONG_MAX / 20000)
            return false;
        whole = whole * 10 + (*s++ - '0');
    }
    if (*s == '.') {
        for (++s; *s >= '0' && *s <= '9'; ++s) {
            frac += (*s - '0') * scale;
            scale /= 10;
        }
    }
    if (*s)
        return false;
    *out = sign * (whole * 1000 + frac);
    return true;
}

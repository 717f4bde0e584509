/*
 * Two small compressors over buffers: byte run-length coding and LZSS with a 4 KiB window.
 */
#include <stddef.h>
#include <stdint.h>

#define WINDOW 4096
#define MIN_MATCH 3
#define MAX_MATCH 18

/* Run-length coding: pairs of count and byte. Returns the length, 0 when out is too small. */
size_t rle_encode(uint8_t *out, size_t cap, const uint8_t *in, size_t n)
{
    size_t pos = 0, len = 0;

    while (pos < n) {
        uint8_t byte = in[pos];
        size_t run = 1;

        while (pos + run < n && in[pos + run] == byte && run < 255)
            run++;
        if (cap - len < 2)
            return 0;
        out[len++] = (uint8_t)run;
        out[len++] = byte;
        pos += run;
    }
    return len;
}

size_t rle_decode(uint8_t *out, size_t cap, const uint8_t *in, size_t n)
{
    uint8_t *dst = out;
    uint8_t *limit = out + cap;

    for (; n >= 2; n -= 2, in += 2) {
        unsigned int run = in[0];

        while (run-- > 0) {
            if (dst == limit)
                return 0;
            *dst++ = in[1];
        }
    }
    return (size_t)(dst - out);
}

/* Longest match for in[pos..n) within the window before pos. Returns its length, and its distance by pointer. */
static size_t find_match(const uint8_t *in, size_t pos, size_t n, size_t *distance)
{
    size_t best = 0;
    size_t start = pos > WINDOW ? pos - WINDOW : 0;
    size_t most = n - pos < MAX_MATCH ? n - pos : MAX_MATCH;

    for (size_t cand = start; cand < pos; cand++) {
        size_t len = 0;

        while (len < most && in[cand + len] == in[pos + len])
            len++;
        if (len > best) {
            best = len;
            *distance = pos - cand;
            if (best == most)
                break;
        }
    }
    return best;
}

/* Compress; groups of eight items behind a flag byte. Returns the length, 0 when out is too small. */
size_t lzss_compress(uint8_t *out, size_t cap, const uint8_t *in, size_t n)
{
    size_t pos = 0, len = 0, flag_at = 0;
    int bit = 8;

    while (pos < n) {
        size_t distance = 0, match;

        if (bit == 8) {
            if (len >= cap)
                return 0;
            flag_at = len;
            out[len++] = 0;
            bit = 0;
        }
        match = find_match(in, pos, n, &distance);
        if (match >= MIN_MATCH) {
            uint16_t token = (uint16_t)((distance - 1) << 4 | (match - MIN_MATCH));

            if (cap - len < 2)
                return 0;
            out[len++] = (uint8_t)(token >> 8);
            out[len++] = (uint8_t)(token & 0xff);
            out[flag_at] |= (uint8_t)(1 << bit);
            pos += match;
        } else {
            if (len >= cap)
                return 0;
            out[len++] = in[pos++];
        }
        bit++;
    }
    return len;
}

/* Expand; returns the length, or (size_t)-1 for bad input. */
size_t lzss_expand(uint8_t *out, size_t cap, const uint8_t *in, size_t n)
{
    size_t ip = 0, op = 0;

    while (ip < n) {
        uint8_t flags = in[ip++];

        for (int bit = 0; bit < 8 && ip < n; bit++) {
            if (flags >> bit & 1) {
                size_t token, distance, length;

                if (n - ip < 2)
                    goto bad;
                token = (size_t)in[ip] << 8 | in[ip + 1];
                ip += 2;
                distance = (token >> 4) + 1;
                length = (token & 15) + MIN_MATCH;
                if (distance > op || length > cap - op)
                    goto bad;
                for (size_t k = 0; k < length; k++, op++)
                    out[op] = out[op - distance];
            } else {
                if (op == cap)
                    goto bad;
                out[op++] = in[ip++];
            }
        }
    }
    return op;

bad:
    return (size_t)-1;
}

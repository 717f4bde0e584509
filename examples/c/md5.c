/*
 * MD5 message digest (RFC 1321), one shot.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define G(x, y, z) ((y) ^ ((z) & ((x) ^ (y))))
#define H(x, y, z) ((x) ^ (y) ^ (z))
#define I(x, y, z) ((y) ^ ((x) | ~(z)))

static const uint8_t SHIFTS[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };

/* floor(abs(sin(i + 1)) * 2^32) */
static const uint32_t SINES[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static uint32_t get_u32(const unsigned char *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_u32(unsigned char *p, uint32_t v)
{
    int i;

    for (i = 0; i < 4; i++) {
        *p++ = v & 0xff;
        v >>= 8;
    }
}

/* One 64-byte block. */
static void md5_block(uint32_t digest[4], const unsigned char *block)
{
    uint32_t a = digest[0], b = digest[1], c = digest[2], d = digest[3];
    uint32_t m[16];
    int i;

    for (i = 0; i < 16; i++)
        m[i] = get_u32(block + i * 4);

    for (i = 0; i < 64; i++) {
        uint32_t f, t;
        int g, s = SHIFTS[i / 16][i % 4];

        switch (i / 16) {
        case 0:
            f = F(b, c, d);
            g = i;
            break;
        case 1:
            f = G(b, c, d);
            g = (5 * i + 1) % 16;
            break;
        case 2:
            f = H(b, c, d);
            g = (3 * i + 5) % 16;
            break;
        default:
            f = I(b, c, d);
            g = (7 * i) % 16;
            break;
        }
        t = a + f + SINES[i] + m[g];
        a = d;
        d = c;
        c = b;
        b += (t << s) | (t >> (32 - s));
    }

    digest[0] += a;
    digest[1] += b;
    digest[2] += c;
    digest[3] += d;
}

/* Digest of len bytes. */
void md5(unsigned char out[16], const unsigned char *data, size_t len)
{
    uint32_t digest[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
    unsigned char tail[128] = { 0 };
    size_t rest = len % 64, padded, i;
    const unsigned char *end = data + (len - rest);

    for (; data != end; data += 64)
        md5_block(digest, data);

    memcpy(tail, end, rest);
    tail[rest] = 0x80;
    padded = rest < 56 ? 64 : 128;
    put_u32(tail + padded - 8, (uint32_t)(len << 3));
    put_u32(tail + padded - 4, (uint32_t)((uint64_t)len >> 29));
    for (i = 0; i < padded; i += 64)
        md5_block(digest, tail + i);

    for (i = 0; i < 4; i++)
        put_u32(out + 4 * i, digest[i]);
}

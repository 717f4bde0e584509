/*
 * Small checksums: CRC-32 (table), CRC-16/CCITT (bitwise), Adler-32, Fletcher-16, FNV-1a, the Internet checksum.
 */
#include <stddef.h>
#include <stdint.h>

#define ADLER_BASE 65521U
#define ADLER_NMAX 5552

#define FNV32_PRIME 16777619u
#define FNV32_BASIS 2166136261u

static const uint32_t crc32_nibbles[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

/* Build the 256-entry table from the polynomial. */
void crc32_make_table(uint32_t table[256])
{
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t c = n;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
        table[n] = c;
    }
}

/* CRC-32 with a caller's table; start with crc = 0. */
uint32_t crc32_update(const uint32_t table[256], uint32_t crc, const unsigned char *buf, size_t len)
{
    crc = ~crc;
    while (len--)
        crc = table[(crc ^ *buf++) & 0xff] ^ (crc >> 8);
    return ~crc;
}

/* CRC-32 by nibbles with the built-in small table. */
uint32_t crc32_small(uint32_t crc, const unsigned char *buf, size_t len)
{
    size_t i;

    crc = crc ^ 0xffffffffu;
    for (i = 0; i < len; i++) {
        crc ^= buf[i];
        crc = (crc >> 4) ^ crc32_nibbles[crc & 0xf];
        crc = (crc >> 4) ^ crc32_nibbles[crc & 0xf];
    }
    return crc ^ 0xffffffffu;
}

/* CRC-16/CCITT-FALSE, a bit at a time. */
uint16_t crc16_ccitt(const uint8_t *data, size_t len)
{
    uint16_t crc = 0xffff;

    for (size_t i = 0; i < len; ++i) {
        crc ^= (uint16_t)data[i] << 8;
        for (int bit = 0; bit < 8; ++bit) {
            if (crc & 0x8000)
                crc = (uint16_t)((crc << 1) ^ 0x1021);
            else
                crc <<= 1;
        }
    }
    return crc;
}

/* Adler-32; start with adler = 1. */
uint32_t adler32(uint32_t adler, const uint8_t *buf, size_t len)
{
    uint32_t a = adler & 0xffff;
    uint32_t b = (adler >> 16) & 0xffff;

    while (len > 0) {
        size_t n = len > ADLER_NMAX ? ADLER_NMAX : len;

        len -= n;
        do {
            a += *buf++;
            b += a;
        } while (--n);
        a %= ADLER_BASE;
        b %= ADLER_BASE;
    }
    return (b << 16) | a;
}

/* Fletcher-16. */
uint16_t fletcher16(const uint8_t *data, int count)
{
    uint16_t sum1 = 0, sum2 = 0;

    for (int index = 0; index < count; index++) {
        sum1 = (sum1 + data[index]) % 255;
        sum2 = (sum2 + sum1) % 255;
    }
    return (sum2 << 8) | sum1;
}

/* FNV-1a of a NUL-terminated string. */
uint32_t fnv1a(const char *s)
{
    uint32_t hash = FNV32_BASIS;

    while (*s) {
        hash ^= (unsigned char)*s++;
        hash *= FNV32_PRIME;
    }
    return hash;
}

/* One's complement sum of 16-bit big-endian words (RFC 1071). */
uint16_t inet_checksum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (; len > 1; len -= 2, p += 2)
        sum += (uint32_t)((p[0] << 8) | p[1]);
    if (len == 1)
        sum += (uint32_t)p[0] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Parity of the set bits. */
int parity64(uint64_t x)
{
    x ^= x >> 32;
    x ^= x >> 16;
    x ^= x >> 8;
    x ^= x >> 4;
    return (0x6996 >> (x & 0xf)) & 1;
}

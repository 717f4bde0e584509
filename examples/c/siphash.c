/*
 * SipHash-2-4 (Aumasson and Bernstein): a keyed hash for tables.
 */
#include <stddef.h>
#include <stdint.h>

#define ROTL64(x, b) (uint64_t)(((x) << (b)) | ((x) >> (64 - (b))))

#define SIPROUND           \
    do {                   \
        v0 += v1;          \
        v1 = ROTL64(v1, 13); \
        v1 ^= v0;          \
        v0 = ROTL64(v0, 32); \
        v2 += v3;          \
        v3 = ROTL64(v3, 16); \
        v3 ^= v2;          \
        v0 += v3;          \
        v3 = ROTL64(v3, 21); \
        v3 ^= v0;          \
        v2 += v1;          \
        v1 = ROTL64(v1, 17); \
        v1 ^= v2;          \
        v2 = ROTL64(v2, 32); \
    } while (0)

static uint64_t u8to64_le(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* Hash len bytes under a 16-byte key. */
uint64_t siphash24(const uint8_t *in, size_t len, const uint8_t key[16])
{
    const uint64_t k0 = u8to64_le(key);
    const uint64_t k1 = u8to64_le(key + 8);
    uint64_t v0 = UINT64_C(0x736f6d6570736575) ^ k0;
    uint64_t v1 = UINT64_C(0x646f72616e646f6d) ^ k1;
    uint64_t v2 = UINT64_C(0x6c7967656e657261) ^ k0;
    uint64_t v3 = UINT64_C(0x7465646279746573) ^ k1;
    const uint8_t *end = in + len - (len % 8);
    const int left = len & 7;
    uint64_t b = (uint64_t)len << 56;

    for (; in != end; in += 8) {
        uint64_t m = u8to64_le(in);
        v3 ^= m;
        SIPROUND;
        SIPROUND;
        v0 ^= m;
    }

    switch (left) {
    case 7:
        b |= (uint64_t)in[6] << 48; /* fall through */
    case 6:
        b |= (uint64_t)in[5] << 40; /* fall through */
    case 5:
        b |= (uint64_t)in[4] << 32; /* fall through */
    case 4:
        b |= (uint64_t)in[3] << 24; /* fall through */
    case 3:
        b |= (uint64_t)in[2] << 16; /* fall through */
    case 2:
        b |= (uint64_t)in[1] << 8; /* fall through */
    case 1:
        b |= (uint64_t)in[0];
        break;
    case 0:
        break;
    }

    v3 ^= b;
    SIPROUND;
    SIPROUND;
    v0 ^= b;
    v2 ^= 0xff;
    SIPROUND;
    SIPROUND;
    SIPROUND;
    SIPROUND;
    return v0 ^ v1 ^ v2 ^ v3;
}

/* Slot of a key in a table of a power of two slots. */
size_t siphash_slot(const uint8_t *name, size_t len, const uint8_t key[16], unsigned int log2_slots)
{
    return (size_t)(siphash24(name, len, key) & ((UINT64_C(1) << log2_slots) - 1));
}

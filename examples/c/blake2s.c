/*
 * BLAKE2s (RFC 7693), sequential mode with optional key.
 */
#include <stddef.h>
#include <stdint.h>

#define BLAKE2S_BLOCKBYTES 64
#define BLAKE2S_OUTBYTES 32
#define BLAKE2S_KEYBYTES 32

typedef struct {
    uint8_t b[BLAKE2S_BLOCKBYTES]; // input buffer
    uint32_t h[8];                 // chained state
    uint32_t t[2];                 // total number of bytes
    size_t c;                      // pointer for b[]
    size_t outlen;                 // digest size
} blake2s_ctx;

static const uint32_t blake2s_iv[8] = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
};

static const uint8_t sigma[10][16] = {
    { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
    { 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
    { 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
    { 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
    { 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
    { 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
    { 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
    { 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
    { 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
    { 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

#define ROTR32(x, y) (((x) >> (y)) ^ ((x) << (32 - (y))))

// Mixing function G.
#define B2S_G(a, b, c, d, x, y)         \
    {                                   \
        v[a] = v[a] + v[b] + x;         \
        v[d] = ROTR32(v[d] ^ v[a], 16); \
        v[c] = v[c] + v[d];             \
        v[b] = ROTR32(v[b] ^ v[c], 12); \
        v[a] = v[a] + v[b] + y;         \
        v[d] = ROTR32(v[d] ^ v[a], 8);  \
        v[c] = v[c] + v[d];             \
        v[b] = ROTR32(v[b] ^ v[c], 7);  \
    }

static uint32_t get32(const uint8_t *p)
{
    return ((uint32_t)p[0]) ^ ((uint32_t)p[1] << 8) ^ ((uint32_t)p[2] << 16) ^ ((uint32_t)p[3] << 24);
}

// Compression function. "last" flag indicates last block.
static void blake2s_compress(blake2s_ctx *ctx, int last)
{
    int i;
    uint32_t v[16], m[16];

    for (i = 0; i < 8; i++) {
        v[i] = ctx->h[i];
        v[i + 8] = blake2s_iv[i];
    }
    v[12] ^= ctx->t[0];
    v[13] ^= ctx->t[1];
    if (last)
        v[14] = ~v[14];

    for (i = 0; i < 16; i++)
        m[i] = get32(&ctx->b[4 * i]);

    for (i = 0; i < 10; i++) {
        const uint8_t *s = sigma[i];

        B2S_G(0, 4, 8, 12, m[s[0]], m[s[1]]);
        B2S_G(1, 5, 9, 13, m[s[2]], m[s[3]]);
        B2S_G(2, 6, 10, 14, m[s[4]], m[s[5]]);
        B2S_G(3, 7, 11, 15, m[s[6]], m[s[7]]);
        B2S_G(0, 5, 10, 15, m[s[8]], m[s[9]]);
        B2S_G(1, 6, 11, 12, m[s[10]], m[s[11]]);
        B2S_G(2, 7, 8, 13, m[s[12]], m[s[13]]);
        B2S_G(3, 4, 9, 14, m[s[14]], m[s[15]]);
    }

    for (i = 0; i < 8; ++i)
        ctx->h[i] ^= v[i] ^ v[i + 8];
}

// Add "inlen" bytes from "in" into the hash.
void blake2s_update(blake2s_ctx *ctx, const uint8_t *in, size_t inlen)
{
    size_t i;

    for (i = 0; i < inlen; i++) {
        if (ctx->c == BLAKE2S_BLOCKBYTES) {
            ctx->t[0] += ctx->c;
            if (ctx->t[0] < ctx->c)
                ctx->t[1]++;
            blake2s_compress(ctx, 0);
            ctx->c = 0;
        }
        ctx->b[ctx->c++] = in[i];
    }
}

// Initialize with optional key; returns nonzero for illegal parameters.
int blake2s_init(blake2s_ctx *ctx, size_t outlen, const uint8_t *key, size_t keylen)
{
    size_t i;

    if (outlen == 0 || outlen > BLAKE2S_OUTBYTES || keylen > BLAKE2S_KEYBYTES)
        return -1;

    for (i = 0; i < 8; i++)
        ctx->h[i] = blake2s_iv[i];
    ctx->h[0] ^= 0x01010000 ^ (keylen << 8) ^ outlen;
    ctx->t[0] = 0;
    ctx->t[1] = 0;
    ctx->c = 0;
    ctx->outlen = outlen;

    for (i = keylen; i < BLAKE2S_BLOCKBYTES; i++)
        ctx->b[i] = 0;
    if (keylen > 0) {
        blake2s_update(ctx, key, keylen);
        ctx->c = BLAKE2S_BLOCKBYTES;
    }
    return 0;
}

// Generate the message digest (size given at init).
void blake2s_final(blake2s_ctx *ctx, uint8_t *out)
{
    size_t i;

    ctx->t[0] += ctx->c;
    if (ctx->t[0] < ctx->c)
        ctx->t[1]++;
    while (ctx->c < BLAKE2S_BLOCKBYTES)
        ctx->b[ctx->c++] = 0;
    blake2s_compress(ctx, 1);

    for (i = 0; i < ctx->outlen; i++)
        out[i] = (ctx->h[i >> 2] >> (8 * (i & 3))) & 0xFF;
}

// Everything at once.
int blake2s(uint8_t *out, size_t outlen, const uint8_t *key, size_t keylen, const uint8_t *in, size_t inlen)
{
    blake2s_ctx ctx;

    if (blake2s_init(&ctx, outlen, key, keylen))
        return -1;
    blake2s_update(&ctx, in, inlen);
    blake2s_final(&ctx, out);
    return 0;
}

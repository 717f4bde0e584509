/*
 * SHA-256 (FIPS 180-4), streaming interface.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SHA256_BLOCK 64
#define SHA256_DIGEST 32

/** Running state of a hash. */
typedef struct sha256_ctx {
    uint32_t state[8];
    uint64_t total;            /* bytes hashed so far */
    uint8_t buf[SHA256_BLOCK]; /* the unfinished block */
    size_t fill;
} sha256_ctx;

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define CH(x, y, z) (((x) & (y)) ^ (~(x) & (z)))
#define MAJ(x, y, z) (((x) & (y)) ^ ((x) & (z)) ^ ((y) & (z)))
#define BSIG0(x) (ROTR(x, 2) ^ ROTR(x, 13) ^ ROTR(x, 22))
#define BSIG1(x) (ROTR(x, 6) ^ ROTR(x, 11) ^ ROTR(x, 25))
#define SSIG0(x) (ROTR(x, 7) ^ ROTR(x, 18) ^ ((x) >> 3))
#define SSIG1(x) (ROTR(x, 17) ^ ROTR(x, 19) ^ ((x) >> 10))

/* Mix one block into the state. */
static void sha256_compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[64];
    uint32_t a, b, c, d, e, f, g, h;
    int t;

    for (t = 0; t < 16; t++) {
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | (uint32_t)block[4 * t + 3];
    }
    for (; t < 64; t++)
        w[t] = SSIG1(w[t - 2]) + w[t - 7] + SSIG0(w[t - 15]) + w[t - 16];

    a = state[0];
    b = state[1];
    c = state[2];
    d = state[3];
    e = state[4];
    f = state[5];
    g = state[6];
    h = state[7];
    for (t = 0; t < 64; t++) {
        uint32_t t1 = h + BSIG1(e) + CH(e, f, g) + K[t] + w[t];
        uint32_t t2 = BSIG0(a) + MAJ(a, b, c);

        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

/** Start a hash. */
void sha256_init(sha256_ctx *ctx)
{
    static const uint32_t iv[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };

    memcpy(ctx->state, iv, sizeof(iv));
    memset(ctx->buf, 0, sizeof(ctx->buf));
    ctx->total = 0;
    ctx->fill = 0;
}

/** Hash len more bytes. */
void sha256_update(sha256_ctx *ctx, const uint8_t *data, size_t len)
{
    ctx->total += len;
    if (ctx->fill > 0) {
        size_t room = SHA256_BLOCK - ctx->fill;
        size_t take = len < room ? len : room;

        memcpy(ctx->buf + ctx->fill, data, take);
        ctx->fill += take;
        data += take;
        len -= take;
        if (ctx->fill < SHA256_BLOCK)
            return;
        sha256_compress(ctx->state, ctx->buf);
        ctx->fill = 0;
    }
    while (len >= SHA256_BLOCK) {
        sha256_compress(ctx->state, data);
        data += SHA256_BLOCK;
        len -= SHA256_BLOCK;
    }
    if (len > 0) {
        memcpy(ctx->buf, data, len);
        ctx->fill = len;
    }
}

/** Finish: padding, length, and the digest in big-endian words. */
void sha256_final(sha256_ctx *ctx, uint8_t digest[SHA256_DIGEST])
{
    uint64_t bits = ctx->total * 8;
    int i;

    ctx->buf[ctx->fill++] = 0x80;
    if (ctx->fill > SHA256_BLOCK - 8) {
        memset(ctx->buf + ctx->fill, 0, SHA256_BLOCK - ctx->fill);
        sha256_compress(ctx->state, ctx->buf);
        ctx->fill = 0;
    }
    memset(ctx->buf + ctx->fill, 0, SHA256_BLOCK - 8 - ctx->fill);
    for (i = 0; i < 8; i++)
        ctx->buf[SHA256_BLOCK - 1 - i] = (uint8_t)(bits >> (8 * i));
    sha256_compress(ctx->state, ctx->buf);
    for (i = 0; i < SHA256_DIGEST; i++)
        digest[i] = (uint8_t)(ctx->state[i / 4] >> (24 - 8 * (i % 4)));
}

/** Hash a whole message. */
void sha256(uint8_t digest[SHA256_DIGEST], const uint8_t *data, size_t len)
{
    sha256_ctx ctx;

    sha256_init(&ctx);
    sha256_update(&ctx, data, len);
    sha256_final(&ctx, digest);
}

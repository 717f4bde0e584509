/*
 * ChaCha20 stream cipher as in RFC 8439: 256-bit key, 96-bit nonce, 32-bit block counter.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CHACHA_KEY_SIZE 32
#define CHACHA_NONCE_SIZE 12
#define CHACHA_BLOCK_SIZE 64
#define CHACHA_ROUNDS 20

/* "expand 32-byte k" */
static const uint32_t SIGMA[4] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

static inline uint32_t rotl32(uint32_t x, int n)
{
    return (x << n) | (x >> (32 - n));
}

static uint32_t load32_le(const uint8_t *src)
{
    return (uint32_t)src[0] | ((uint32_t)src[1] << 8) | ((uint32_t)src[2] << 16) | ((uint32_t)src[3] << 24);
}

static void store32_le(uint8_t *dst, uint32_t w)
{
    dst[0] = (uint8_t)w;
    dst[1] = (uint8_t)(w >> 8);
    dst[2] = (uint8_t)(w >> 16);
    dst[3] = (uint8_t)(w >> 24);
}

/* One quarter round on four words of the state. */
static void quarter_round(uint32_t state[16], int a, int b, int c, int d)
{
    state[a] += state[b];
    state[d] = rotl32(state[d] ^ state[a], 16);
    state[c] += state[d];
    state[b] = rotl32(state[b] ^ state[c], 12);
    state[a] += state[b];
    state[d] = rotl32(state[d] ^ state[a], 8);
    state[c] += state[d];
    state[b] = rotl32(state[b] ^ state[c], 7);
}

/* Lay out constants, key, counter and nonce. */
void chacha20_init(uint32_t state[16], const uint8_t key[CHACHA_KEY_SIZE], uint32_t counter,
                   const uint8_t nonce[CHACHA_NONCE_SIZE])
{
    int i;

    for (i = 0; i < 4; i++)
        state[i] = SIGMA[i];
    for (i = 0; i < 8; i++)
        state[4 + i] = load32_le(key + 4 * i);
    state[12] = counter;
    for (i = 0; i < 3; i++)
        state[13 + i] = load32_le(nonce + 4 * i);
}

/* Produce one block of key stream and step the counter. */
void chacha20_block(uint32_t state[16], uint8_t out[CHACHA_BLOCK_SIZE])
{
    uint32_t x[16];
    int i;

    memcpy(x, state, sizeof(x));
    for (i = 0; i < CHACHA_ROUNDS; i += 2) {
        /* columns */
        quarter_round(x, 0, 4, 8, 12);
        quarter_round(x, 1, 5, 9, 13);
        quarter_round(x, 2, 6, 10, 14);
        quarter_round(x, 3, 7, 11, 15);
        /* diagonals */
        quarter_round(x, 0, 5, 10, 15);
        quarter_round(x, 1, 6, 11, 12);
        quarter_round(x, 2, 7, 8, 13);
        quarter_round(x, 3, 4, 9, 14);
    }
    for (i = 0; i < 16; i++)
        store32_le(out + 4 * i, x[i] + state[i]);
    state[12]++;
}

/* Encrypt or decrypt len bytes in place. */
void chacha20_xor(const uint8_t key[CHACHA_KEY_SIZE], uint32_t counter, const uint8_t nonce[CHACHA_NONCE_SIZE],
                  uint8_t *data, size_t len)
{
    uint32_t state[16];
    uint8_t block[CHACHA_BLOCK_SIZE];
    size_t i;

    chacha20_init(state, key, counter, nonce);
    while (len > 0) {
        size_t take = len < CHACHA_BLOCK_SIZE ? len : CHACHA_BLOCK_SIZE;

        chacha20_block(state, block);
        for (i = 0; i < take; i++)
            data[i] ^= block[i];
        data += take;
        len -= take;
    }
}

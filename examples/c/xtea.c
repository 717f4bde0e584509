/*
 * XTEA block cipher (Needham and Wheeler, 1997), 64-bit blocks, 128-bit key, with CBC mode.
 */
#include <stddef.h>
#include <stdint.h>

#define XTEA_DELTA 0x9E3779B9u
#define XTEA_CYCLES 32
#define XTEA_BLOCK 8

/* Encrypt one block of two words in place. */
void xtea_encrypt(uint32_t v[2], const uint32_t key[4])
{
    uint32_t v0 = v[0], v1 = v[1], sum = 0;

    for (unsigned int i = 0; i < XTEA_CYCLES; i++) {
        v0 += (((v1 << 4) ^ (v1 >> 5)) + v1) ^ (sum + key[sum & 3]);
        sum += XTEA_DELTA;
        v1 += (((v0 << 4) ^ (v0 >> 5)) + v0) ^ (sum + key[(sum >> 11) & 3]);
    }
    v[0] = v0;
    v[1] = v1;
}

/* Inverse of xtea_encrypt. */
void xtea_decrypt(uint32_t v[2], const uint32_t key[4])
{
    uint32_t v0 = v[0], v1 = v[1];
    uint32_t sum = XTEA_DELTA * XTEA_CYCLES;

    for (unsigned int i = 0; i < XTEA_CYCLES; i++) {
        v1 -= (((v0 << 4) ^ (v0 >> 5)) + v0) ^ (sum + key[(sum >> 11) & 3]);
        sum -= XTEA_DELTA;
        v0 -= (((v1 << 4) ^ (v1 >> 5)) + v1) ^ (sum + key[sum & 3]);
    }
    v[0] = v0, v[1] = v1;
}

static void load_block(uint32_t v[2], const uint8_t *p)
{
    v[0] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    v[1] = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
}

static void store_block(uint8_t *p, const uint32_t v[2])
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(v[0] >> (24 - 8 * i));
        p[4 + i] = (uint8_t)(v[1] >> (24 - 8 * i));
    }
}

/* CBC encryption of whole blocks, in place. Returns 0, or -1 when len is no multiple of the block. */
int xtea_cbc_encrypt(uint8_t *data, size_t len, const uint32_t key[4], uint8_t iv[XTEA_BLOCK])
{
    uint32_t chain[2], block[2];

    if (len % XTEA_BLOCK != 0)
        return -1;
    load_block(chain, iv);
    for (size_t off = 0; off < len; off += XTEA_BLOCK) {
        load_block(block, data + off);
        block[0] ^= chain[0];
        block[1] ^= chain[1];
        xtea_encrypt(block, key);
        store_block(data + off, block);
        chain[0] = block[0];
        chain[1] = block[1];
    }
    store_block(iv, chain);
    return 0;
}

/* CBC decryption of whole blocks from src to dst. */
int xtea_cbc_decrypt(uint8_t *dst, const uint8_t *src, size_t len, const uint32_t key[4], const uint8_t iv[XTEA_BLOCK])
{
    uint32_t chain[2], block[2], next[2];

    if (len % XTEA_BLOCK != 0)
        return -1;
    load_block(chain, iv);
    for (; len != 0; len -= XTEA_BLOCK, src += XTEA_BLOCK, dst += XTEA_BLOCK) {
        load_block(block, src);
        next[0] = block[0];
        next[1] = block[1];
        xtea_decrypt(block, key);
        block[0] ^= chain[0];
        block[1] ^= chain[1];
        store_block(dst, block);
        chain[0] = next[0];
        chain[1] = next[1];
    }
    return 0;
}

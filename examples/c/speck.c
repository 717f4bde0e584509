/*
 * Speck64/128: a 64-bit block cipher made of additions, rotations and exclusive-ors.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPECK_ROUNDS = 27, SPECK_KEY_WORDS = 4 };

#define ROR(x, r) (((x) >> (r)) | ((x) << (32 - (r))))
#define ROL(x, r) (((x) << (r)) | ((x) >> (32 - (r))))

/* Two halves of a block. */
typedef struct {
    uint32_t x;
    uint32_t y;
} speck_block;

static speck_block speck_round(speck_block b, uint32_t k)
{
    b.x = (ROR(b.x, 8) + b.y) ^ k;
    b.y = ROL(b.y, 3) ^ b.x;
    return b;
}

static speck_block speck_unround(speck_block b, uint32_t k)
{
    b.y = ROR(b.y ^ b.x, 3);
    b.x = ROL((b.x ^ k) - b.y, 8);
    return b;
}

/* Fill the 27 round keys. */
void speck_schedule(uint32_t round_keys[SPECK_ROUNDS], const uint32_t key[SPECK_KEY_WORDS])
{
    uint32_t l[SPECK_KEY_WORDS - 1];
    uint32_t k = key[0];

    for (int i = 0; i < SPECK_KEY_WORDS - 1; i++)
        l[i] = key[i + 1];
    for (uint32_t i = 0; i < SPECK_ROUNDS; i++) {
        speck_block b = { l[i % 3], k };

        round_keys[i] = k;
        b = speck_round(b, i);
        l[i % 3] = b.x;
        k = b.y;
    }
}

/* Encrypt one block, passed and returned by value. */
speck_block speck_encrypt(const uint32_t round_keys[SPECK_ROUNDS], speck_block b)
{
    for (int i = 0; i < SPECK_ROUNDS; ++i)
        b = speck_round(b, round_keys[i]);
    return b;
}

/* Inverse of speck_encrypt. */
speck_block speck_decrypt(const uint32_t round_keys[SPECK_ROUNDS], speck_block b)
{
    for (int i = SPECK_ROUNDS - 1; i >= 0; --i)
        b = speck_unround(b, round_keys[i]);
    return b;
}

bool speck_block_equal(const speck_block *a, const speck_block *b)
{
    return a->x == b->x && a->y == b->y;
}

/* Encrypt an array of blocks in CBC fashion, in place. */
void speck_encrypt_all(const uint32_t round_keys[SPECK_ROUNDS], speck_block *blocks, size_t count, speck_block iv)
{
    speck_block last = iv;

    for (size_t i = 0; i < count; i++) {
        blocks[i].x ^= last.x;
        blocks[i].y ^= last.y;
        blocks[i] = speck_encrypt(round_keys, blocks[i]);
        last = blocks[i];
    }
}

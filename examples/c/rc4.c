/*
 * RC4 stream cipher. Broken, and kept here because it is everywhere in old file formats.
 */
#include <stddef.h>
#include <stdint.h>

/* Permutation and the two walking indices. */
struct rc4_state {
    uint8_t s[256];
    uint8_t i;
    uint8_t j;
};

static void swap_bytes(uint8_t *a, uint8_t *b)
{
    uint8_t t = *a;
    *a = *b;
    *b = t;
}

/* Key schedule. A key of length 0 is refused. */
int rc4_init(struct rc4_state *st, const uint8_t *key, size_t key_len)
{
    unsigned int n;
    uint8_t j = 0;

    if (key_len == 0 || key_len > 256)
        return -1;
    for (n = 0; n < 256; n++)
        st->s[n] = (uint8_t)n;
    for (n = 0; n < 256; n++) {
        uint8_t t;

        j = (uint8_t)(j + st->s[n] + key[n % key_len]);
        t = st->s[n];
        st->s[n] = st->s[j];
        st->s[j] = t;
    }
    st->i = 0;
    st->j = 0;
    return 0;
}

/* Next byte of the key stream. */
static uint8_t rc4_next(struct rc4_state *st)
{
    uint8_t a, b;

    st->i++;
    a = st->s[st->i];
    st->j += a;
    b = st->s[st->j];
    st->s[st->i] = b;
    st->s[st->j] = a;
    return st->s[(uint8_t)(a + b)];
}

/* Encrypt or decrypt in place. */
void rc4_crypt(struct rc4_state *st, uint8_t *buf, size_t len)
{
    uint8_t *end = buf + len;

    while (buf < end)
        *buf++ ^= rc4_next(st);
}

/* Throw away the first, weakest bytes of the stream. */
void rc4_drop(struct rc4_state *st, unsigned int count)
{
    while (count--)
        (void)rc4_next(st);
}

/* Reverse a key in place, as one old archive format wants it. */
void rc4_reverse_key(uint8_t *key, size_t len)
{
    size_t lo = 0;

    if (len < 2)
        return;
    for (size_t hi = len - 1; lo < hi; lo++, hi--) {
        uint8_t left = key[lo], right = key[hi];
        swap_bytes(&left, &right);
        key[lo] = left;
        key[hi] = right;
    }
}

/*
 * Unsigned multi-limb arithmetic on little-endian arrays of 32-bit limbs; the caller gives the limb count.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BN_MAX_LIMBS 16
#define LIMB_BITS 32

typedef uint32_t limb_t;
typedef uint64_t dlimb_t;

/* r = a + b over n limbs; returns the carry. r may be a or b. */
limb_t bn_add(limb_t *r, const limb_t *a, const limb_t *b, int n)
{
    limb_t carry = 0;

    for (int i = 0; i < n; i++) {
        dlimb_t t = (dlimb_t)a[i] + b[i] + carry;
        r[i] = (limb_t)t;
        carry = (limb_t)(t >> LIMB_BITS);
    }
    return carry;
}

/* r = a - b over n limbs; returns the borrow. */
limb_t bn_sub(limb_t *r, const limb_t *a, const limb_t *b, int n)
{
    limb_t borrow = 0;

    for (int i = 0; i < n; i++) {
        dlimb_t t = (dlimb_t)a[i] - b[i] - borrow;
        r[i] = (limb_t)t;
        borrow = (limb_t)(t >> LIMB_BITS) & 1;
    }
    return borrow;
}

/* -1, 0 or 1. */
int bn_cmp(const limb_t *a, const limb_t *b, int n)
{
    while (n-- > 0) {
        if (a[n] != b[n])
            return a[n] < b[n] ? -1 : 1;
    }
    return 0;
}

bool bn_is_zero(const limb_t *a, int n)
{
    limb_t any = 0;

    for (int i = 0; i < n; i++)
        any |= a[i];
    return any == 0;
}

/* r[0..na+nb) = a * b, schoolbook. */
void bn_mul(limb_t *r, const limb_t *a, int na, const limb_t *b, int nb)
{
    memset(r, 0, (size_t)(na + nb) * sizeof(limb_t));
    for (int i = 0; i < na; i++) {
        limb_t carry = 0;

        for (int j = 0; j < nb; j++) {
            dlimb_t t = (dlimb_t)a[i] * b[j] + r[i + j] + carry;
            r[i + j] = (limb_t)t;
            carry = (limb_t)(t >> LIMB_BITS);
        }
        r[i + nb] = carry;
    }
}

/* a <<= 1; returns the bit that fell out. */
static limb_t bn_shl1(limb_t *a, int n)
{
    limb_t out = 0;

    for (int i = 0; i < n; i++) {
        limb_t top = a[i] >> (LIMB_BITS - 1);
        a[i] = (a[i] << 1) | out;
        out = top;
    }
    return out;
}

static int bn_bit(const limb_t *a, int i)
{
    return (a[i / LIMB_BITS] >> (i % LIMB_BITS)) & 1;
}

/* r = a mod m, bit by bit; a has na limbs, m and r have n. */
void bn_mod(limb_t *r, const limb_t *a, int na, const limb_t *m, int n)
{
    memset(r, 0, (size_t)n * sizeof(*r));
    for (int i = na * LIMB_BITS - 1; i >= 0; i--) {
        limb_t over = bn_shl1(r, n);

        r[0] |= (limb_t)bn_bit(a, i);
        if (over || bn_cmp(r, m, n) >= 0)
            bn_sub(r, r, m, n);
    }
}

/* r = a * b mod m. */
static void bn_mulmod(limb_t *r, const limb_t *a, const limb_t *b, const limb_t *m, int n)
{
    limb_t wide[2 * BN_MAX_LIMBS];

    bn_mul(wide, a, n, b, n);
    bn_mod(r, wide, 2 * n, m, n);
}

/* r = base ^ exp mod m, right to left. Returns -1 when n is out of range or m is zero. */
int bn_modexp(limb_t *r, const limb_t *base, const limb_t *exp, int exp_limbs, const limb_t *m, int n)
{
    limb_t square[BN_MAX_LIMBS];
    limb_t acc[BN_MAX_LIMBS] = { 1 };

    if (n < 1 || n > BN_MAX_LIMBS || bn_is_zero(m, n))
        return -1;
    bn_mod(square, base, n, m, n);
    for (int i = 0; i < exp_limbs * LIMB_BITS; i++) {
        if (bn_bit(exp, i))
            bn_mulmod(acc, acc, square, m, n);
        bn_mulmod(square, square, square, m, n);
    }
    bn_mod(r, acc, n, m, n);
    return 0;
}

/* Divide in place by a small number; returns the remainder. */
uint32_t bn_div_small(limb_t *a, int n, uint32_t d)
{
    uint64_t rem = 0;
    int i = n;

    if (d == 0)
        return 0;
    while (i > 0) {
        i--;
        rem = (rem << 32) | a[i];
        a[i] = (uint32_t)(rem / d);
        rem %= d;
    }
    return (uint32_t)rem;
}

/* Number of significant bits. */
int bn_bits(const limb_t *a, int n)
{
    int bits;

    while (n > 0 && a[n - 1] == 0)
        n--;
    if (n == 0)
        return 0;
    bits = (n - 1) * LIMB_BITS;
    for (limb_t top = a[n - 1]; top; top >>= 1)
        bits++;
    return bits;
}

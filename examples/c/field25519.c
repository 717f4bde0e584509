/*
 * Arithmetic modulo 2^255 - 19 in five 51-bit limbs, with in-place use as curve code does it.
 */
#include <stdint.h>

#define MASK51 ((UINT64_C(1) << 51) - 1)

typedef unsigned __int128 u128;

/* An element of the field; limbs may exceed 51 bits a little. */
typedef struct {
    uint64_t v[5];
} fe;

static void fe_carry(fe *h)
{
    uint64_t c = 0;

    for (int i = 0; i < 5; i++) {
        h->v[i] += c;
        c = h->v[i] >> 51;
        h->v[i] &= MASK51;
    }
    h->v[0] += 19 * c;
}

void fe_add(fe *h, const fe *f, const fe *g)
{
    for (int i = 0; i < 5; i++)
        h->v[i] = f->v[i] + g->v[i];
    fe_carry(h);
}

/* h = f - g, adding 2p first so that no limb goes below zero. */
void fe_sub(fe *h, const fe *f, const fe *g)
{
    h->v[0] = f->v[0] + 0xfffffffffffdaULL - g->v[0];
    for (int i = 1; i < 5; i++)
        h->v[i] = f->v[i] + 0xffffffffffffeULL - g->v[i];
    fe_carry(h);
}

void fe_mul(fe *h, const fe *f, const fe *g)
{
    uint64_t a0 = f->v[0], a1 = f->v[1], a2 = f->v[2], a3 = f->v[3], a4 = f->v[4];
    uint64_t b0 = g->v[0], b1 = g->v[1], b2 = g->v[2], b3 = g->v[3], b4 = g->v[4];
    uint64_t c1 = 19 * b1, c2 = 19 * b2, c3 = 19 * b3, c4 = 19 * b4;
    u128 t[5];
    uint64_t carry = 0;

    t[0] = (u128)a0 * b0 + (u128)a1 * c4 + (u128)a2 * c3 + (u128)a3 * c2 + (u128)a4 * c1;
    t[1] = (u128)a0 * b1 + (u128)a1 * b0 + (u128)a2 * c4 + (u128)a3 * c3 + (u128)a4 * c2;
    t[2] = (u128)a0 * b2 + (u128)a1 * b1 + (u128)a2 * b0 + (u128)a3 * c4 + (u128)a4 * c3;
    t[3] = (u128)a0 * b3 + (u128)a1 * b2 + (u128)a2 * b1 + (u128)a3 * b0 + (u128)a4 * c4;
    t[4] = (u128)a0 * b4 + (u128)a1 * b3 + (u128)a2 * b2 + (u128)a3 * b1 + (u128)a4 * b0;
    for (int i = 0; i < 5; i++) {
        t[i] += carry;
        h->v[i] = (uint64_t)t[i] & MASK51;
        carry = (uint64_t)(t[i] >> 51);
    }
    h->v[0] += 19 * carry;
    h->v[1] += h->v[0] >> 51;
    h->v[0] &= MASK51;
}

/* n squarings. */
static void fe_sqn(fe *h, const fe *f, int n)
{
    fe_mul(h, f, f);
    while (--n > 0)
        fe_mul(h, h, h);
}

/* h = f ^ (p - 2) = 1 / f. */
void fe_invert(fe *h, const fe *f)
{
    fe t0, t1, t2, t3;

    fe_sqn(&t0, f, 1);
    fe_sqn(&t1, &t0, 2);
    fe_mul(&t1, f, &t1);
    fe_mul(&t0, &t0, &t1);
    fe_sqn(&t2, &t0, 1);
    fe_mul(&t1, &t1, &t2);
    fe_sqn(&t2, &t1, 5);
    fe_mul(&t1, &t2, &t1);
    fe_sqn(&t2, &t1, 10);
    fe_mul(&t2, &t2, &t1);
    fe_sqn(&t3, &t2, 20);
    fe_mul(&t2, &t3, &t2);
    fe_sqn(&t2, &t2, 10);
    fe_mul(&t1, &t2, &t1);
    fe_sqn(&t2, &t1, 50);
    fe_mul(&t2, &t2, &t1);
    fe_sqn(&t3, &t2, 100);
    fe_mul(&t2, &t3, &t2);
    fe_sqn(&t2, &t2, 50);
    fe_mul(&t1, &t2, &t1);
    fe_sqn(&t1, &t1, 5);
    fe_mul(h, &t1, &t0);
}

/* Swap when bit is 1, in constant time. */
void fe_cswap(fe *f, fe *g, uint64_t bit)
{
    uint64_t mask = (uint64_t)0 - bit;

    for (int i = 0; i < 5; i++) {
        uint64_t x = mask & (f->v[i] ^ g->v[i]);
        f->v[i] ^= x;
        g->v[i] ^= x;
    }
}

void fe_copy(fe *h, const fe *f)
{
    *h = *f;
}

fe fe_small(uint32_t n)
{
    fe r = { { n } };
    return r;
}

/* Horner's rule: value of a polynomial with small coefficients. */
fe fe_poly(const uint32_t *coeff, int count, fe x)
{
    fe acc = fe_small(0);

    for (int i = count - 1; i >= 0; i--) {
        fe c = fe_small(coeff[i]);
        fe_mul(&acc, &acc, &x);
        fe_add(&acc, &acc, &c);
    }
    return acc;
}

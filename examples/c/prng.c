/*
 * Random number generators: xorshift128+, PCG32, splitmix64, a Lehmer generator, MT19937, and uses of them.
 */
#include <stddef.h>
#include <stdint.h>

#define MT_N 624
#define MT_M 397
#define MATRIX_A 0x9908b0dfUL
#define UPPER_MASK 0x80000000UL
#define LOWER_MASK 0x7fffffffUL

/* Mersenne twister. */
struct mt19937 {
    uint32_t mt[MT_N];
    int index;
};

typedef struct {
    uint64_t state;
    uint64_t inc;
} pcg32;

uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/* The state must not be all zero. */
uint64_t xorshift128plus(uint64_t s[2])
{
    uint64_t s1 = s[0];
    const uint64_t s0 = s[1];
    const uint64_t result = s0 + s1;

    s[0] = s0;
    s1 ^= s1 << 23;
    s[1] = s1 ^ s0 ^ (s1 >> 18) ^ (s0 >> 5);
    return result;
}

uint32_t pcg32_next(pcg32 *rng)
{
    uint64_t old = rng->state;
    uint32_t xorshifted, rot;

    rng->state = old * 6364136223846793005ULL + rng->inc;
    xorshifted = (uint32_t)(((old >> 18u) ^ old) >> 27u);
    rot = (uint32_t)(old >> 59u);
    return (xorshifted >> rot) | (xorshifted << ((-rot) & 31));
}

void pcg32_seed(pcg32 *rng, uint64_t seed, uint64_t stream)
{
    rng->state = 0U;
    rng->inc = (stream << 1u) | 1u;
    pcg32_next(rng);
    rng->state += seed;
    pcg32_next(rng);
}

/* Uniform in [0, bound), by rejection. */
uint32_t pcg32_below(pcg32 *rng, uint32_t bound)
{
    uint32_t threshold;

    if (bound == 0)
        return 0;
    threshold = -bound % bound;
    for (;;) {
        uint32_t r = pcg32_next(rng);

        if (r >= threshold)
            return r % bound;
    }
}

/* Park and Miller's minimal standard. */
int32_t lehmer_next(int32_t seed)
{
    const int32_t q = 127773, r = 2836;
    int32_t hi = seed / q;
    int32_t lo = seed % q;
    int32_t test = 16807 * lo - r * hi;

    return test > 0 ? test : test + 2147483647;
}

void mt_seed(struct mt19937 *g, uint32_t seed)
{
    g->mt[0] = seed;
    for (g->index = 1; g->index < MT_N; g->index++)
        g->mt[g->index] = 1812433253UL * (g->mt[g->index - 1] ^ (g->mt[g->index - 1] >> 30)) + (uint32_t)g->index;
}

static void mt_refill(struct mt19937 *g)
{
    static const uint32_t mag01[2] = { 0, MATRIX_A };
    uint32_t y;
    int kk;

    for (kk = 0; kk < MT_N - MT_M; kk++) {
        y = (g->mt[kk] & UPPER_MASK) | (g->mt[kk + 1] & LOWER_MASK);
        g->mt[kk] = g->mt[kk + MT_M] ^ (y >> 1) ^ mag01[y & 1];
    }
    for (; kk < MT_N - 1; kk++) {
        y = (g->mt[kk] & UPPER_MASK) | (g->mt[kk + 1] & LOWER_MASK);
        g->mt[kk] = g->mt[kk + (MT_M - MT_N)] ^ (y >> 1) ^ mag01[y & 1];
    }
    y = (g->mt[MT_N - 1] & UPPER_MASK) | (g->mt[0] & LOWER_MASK);
    g->mt[MT_N - 1] = g->mt[MT_M - 1] ^ (y >> 1) ^ mag01[y & 1];
    g->index = 0;
}

uint32_t mt_next(struct mt19937 *g)
{
    uint32_t y;

    if (g->index >= MT_N)
        mt_refill(g);
    y = g->mt[g->index++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680UL;
    y ^= (y << 15) & 0xefc60000UL;
    y ^= y >> 18;
    return y;
}

/* Fisher-Yates. */
void shuffle(int *items, uint32_t n, pcg32 *rng)
{
    while (n > 1) {
        uint32_t k = pcg32_below(rng, n--);
        int t = items[n];

        items[n] = items[k];
        items[k] = t;
    }
}

/* Uniform in [0, 1) with 53 bits. */
double random_double(uint64_t bits)
{
    return (double)(bits >> 11) * (1.0 / 9007199254740992.0);
}

/* Fill a buffer with bytes. */
void random_fill(uint8_t *buf, size_t len, uint64_t *state)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++) {
        if (i % 8 == 0)
            word = splitmix64(state);
        buf[i] = (uint8_t)(word >> (i % 8 * 8));
    }
}

/* Small functions of many signatures, with a translation by hand beside them: what the harness is tried on. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint16_t id;
    int32_t amount;
    uint8_t tag[4];
};

struct ledger {
    struct entry entries[8];
    uint32_t count;
    double rate;
};

static uint32_t rotl(uint32_t x, unsigned n)
{
    return (x << n) | (x >> (32 - n));
}

uint32_t mix(const uint8_t *p, size_t n, uint32_t seed)
{
    while (n-- > 0)
        seed = rotl(seed ^ *p++, 5) * 9u;
    return seed;
}

void scale(int16_t *v, size_t n, int16_t by)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (int16_t)(v[i] * by >> 17);
}

bool add(struct ledger *l, struct entry e)
{
    if (l->count >= 8)
        return false;
    l->entries[l->count++] = e;
    return true;
}

int64_t total(const struct ledger *l)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < l->count; i++)
        sum += l->entries[i].amount;
    return sum;
}

struct entry largest(const struct ledger *l)
{
    struct entry best = l->entries[0];
    for (uint32_t i = 1; i < l->count && i < 8; i++)
        if (l->entries[i].amount > best.amount)
            best = l->entries[i];
    return best;
}

void pad(uint8_t block[16], const uint8_t *from, size_t n)
{
    if (n > 16)
        abort();
    memset(block, 0x20, 16);
    memcpy(block, from, n);
}

int words(const char *s)
{
    int n = 0;
    for (; *s; s++)
        n += *s != ' ' && (s[1] == ' ' || s[1] == 0);
    return n;
}

double mean(double (*m)[3], int rows)
{
    double sum = 0;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < 3; j++)
            sum += m[i][j];
    return rows > 0 ? sum / (rows * 3) : 0;
}

unsigned lowest(uint64_t x)
{
    unsigned n = 0;
    while (!(x & 1)) {
        x >>= 1;
        n++;
    }
    return n;
}

unsigned optional(const uint32_t *p)
{
    return p ? *p : 7;
}

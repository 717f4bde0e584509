/*
 * Data structures without allocation: ring buffer, bit set, binary heap, open-addressing hash set, union-find.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_SIZE 64 /* a power of two */
#define HEAP_MAX 32
#define SET_SLOTS 61

/* Byte queue; head and tail run freely and wrap by masking. */
struct ring {
    uint8_t data[RING_SIZE];
    uint32_t head;
    uint32_t tail;
};

static uint32_t ring_used(const struct ring *r)
{
    return r->head - r->tail;
}

bool ring_put(struct ring *r, uint8_t byte)
{
    if (ring_used(r) >= RING_SIZE)
        return false;
    r->data[r->head++ & (RING_SIZE - 1)] = byte;
    return true;
}

int ring_get(struct ring *r)
{
    if (r->head == r->tail)
        return -1;
    return r->data[r->tail++ & (RING_SIZE - 1)];
}

/* Put as much as fits, return how much. */
size_t ring_write(struct ring *r, const uint8_t *src, size_t n)
{
    size_t done = 0;

    while (done < n && ring_put(r, src[done]))
        done++;
    return done;
}

size_t ring_read(struct ring *r, uint8_t *dst, size_t n)
{
    size_t done;

    for (done = 0; done < n; done++) {
        int c = ring_get(r);

        if (c < 0)
            break;
        dst[done] = (uint8_t)c;
    }
    return done;
}

/* Bit sets over arrays of 64-bit words. */
void bitset_set(uint64_t *words, size_t bit)
{
    words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

void bitset_clear(uint64_t *words, size_t bit)
{
    words[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

bool bitset_test(const uint64_t *words, size_t bit)
{
    return (words[bit >> 6] >> (bit & 63)) & 1;
}

int bitset_count(const uint64_t *words, size_t n)
{
    int count = 0;

    for (size_t i = 0; i < n; i++)
        for (uint64_t w = words[i]; w; w &= w - 1)
            count++;
    return count;
}

/* First zero bit, or n_bits. */
size_t bitset_find_zero(const uint64_t *words, size_t n_bits)
{
    size_t i = 0;

    while (i < n_bits) {
        if (i % 64 == 0 && words[i / 64] == UINT64_MAX) {
            i += 64;
            continue;
        }
        if (!bitset_test(words, i))
            return i;
        i++;
    }
    return n_bits;
}

/* Min-heap of keys. */
typedef struct {
    int keys[HEAP_MAX];
    int size;
} heap;

bool heap_push(heap *h, int key)
{
    int i = h->size;

    if (i < 0 || i >= HEAP_MAX)
        return false;
    h->size++;
    while (i > 0) {
        int parent = (i - 1) / 2;

        if (h->keys[parent] <= key)
            break;
        h->keys[i] = h->keys[parent];
        i = parent;
    }
    h->keys[i] = key;
    return true;
}

bool heap_pop(heap *h, int *out)
{
    int last, i = 0;

    if (h->size <= 0 || h->size > HEAP_MAX)
        return false;
    *out = h->keys[0];
    last = h->keys[--h->size];
    for (;;) {
        int child = 2 * i + 1;

        if (child >= h->size)
            break;
        if (child + 1 < h->size && h->keys[child + 1] < h->keys[child])
            child++;
        if (h->keys[child] >= last)
            break;
        h->keys[i] = h->keys[child];
        i = child;
    }
    h->keys[i] = last;
    return true;
}

/* Hash set of nonzero numbers; 0 marks a free slot. */
typedef struct hash_set {
    uint32_t slots[SET_SLOTS];
    unsigned int used;
} hash_set;

static unsigned int hash_probe(const hash_set *set, uint32_t key)
{
    unsigned int i = (key * 2654435761u) % SET_SLOTS;
    unsigned int steps = 0;

    while (set->slots[i] != 0 && set->slots[i] != key && steps < SET_SLOTS) {
        i = i + 1 == SET_SLOTS ? 0 : i + 1;
        steps++;
    }
    return i;
}

bool hash_set_contains(const hash_set *set, uint32_t key)
{
    return key != 0 && set->slots[hash_probe(set, key)] == key;
}

/* 1 added, 0 already there, -1 full or key 0. */
int hash_set_add(hash_set *set, uint32_t key)
{
    unsigned int i;

    if (key == 0)
        return -1;
    i = hash_probe(set, key);
    if (set->slots[i] == key)
        return 0;
    if (set->slots[i] != 0)
        return -1;
    set->slots[i] = key;
    set->used++;
    return 1;
}

/* Union-find with path halving. */
int uf_find(int *parent, int x)
{
    while (parent[x] != x) {
        parent[x] = parent[parent[x]];
        x = parent[x];
    }
    return x;
}

bool uf_union(int *parent, int a, int b)
{
    a = uf_find(parent, a);
    b = uf_find(parent, b);
    if (a == b)
        return false;
    parent[b] = a;
    return true;
}

void uf_init(int *parent, int n)
{
    for (int i = 0; i < n; i++)
        parent[i] = i;
}

/*
 * The fixed part of a C benchmark: reads lines `benchmark turns` and answers with nanoseconds. The generated part defines `benches`.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct h_bytes { uint8_t *data; size_t len, at; };
typedef uint64_t (*h_bench)(struct h_bytes *r, uint64_t turns);

static void h_get(struct h_bytes *r, void *to, size_t n)
{
    if (r->at + n > r->len)
        _Exit(98);
    memcpy(to, r->data + r->at, n);
    r->at += n;
}

#define H_GET(place) h_get(r, &(place), sizeof(place))

static void *h_alloc(size_t count, size_t size) { return malloc(count * size + 1); }

static uint64_t h_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int h_serve(const h_bench *benches, char **argv)
{
    unsigned long index, turns;

    while (scanf("%lu %lu", &index, &turns) == 2) {
        struct h_bytes input = { malloc(1 << 24), 0, 0 };
        char path[4096];
        FILE *file;

        snprintf(path, sizeof path, "%s/%lu.in", argv[1], index);
        file = fopen(path, "rb");
        input.len = fread(input.data, 1, 1 << 24, file);
        fclose(file);
        printf("%llu\n", (unsigned long long)benches[index](&input, turns));
        fflush(stdout);
        free(input.data);
    }
    return 0;
}

#include <stdint.h>
#include <stdio.h>

#define LIMIT 100

static void show(int d, unsigned u, long l, uint64_t w, short s, signed char b, size_t n) {
    printf("%d %u %ld %llu %hd %hhd %zu\n", d, u, l, (unsigned long long)w, s, b, n);
    printf("%d|%x|%X|%o|%lx\n", (int)u, d, u, u, l);
    printf("%hhu %hu %hhd %x\n", d, u, d, b);
    printf("%i of %d, %u\n", s, LIMIT, n < 5);
}

int main(void) {
    show(-42, 3000000000u, -5000000000L, UINT64_MAX, -7, -1, 17);
    show(255, 0, 0, 0, 32767, 127, 0);
    return 0;
}

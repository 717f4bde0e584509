#include <stdint.h>
#include <stdio.h>
#include <strings.h>

static void show(uint32_t x, uint64_t y) {
    printf("%d %d %d %d\n", __builtin_clz(x | 1), __builtin_ctz(x | 8), __builtin_popcount(x), __builtin_parity(x));
    printf("%d %d %d %d\n", __builtin_clzll(y | 1), __builtin_ctzl(y | 8), __builtin_popcountll(y), __builtin_parityl(y));
    printf("%d %d %d %d\n", ffs((int)x), __builtin_ffsll((long long)y), __builtin_clrsb((int)x), __builtin_clrsbl((long)y));
    printf("%x %x %lx\n", __builtin_bswap16((uint16_t)x), __builtin_bswap32(x), __builtin_bswap64(y));
}

int main(void) {
    show(0, 0);
    show(0x80000000u, 0x8000000000000000u);
    show(0xdeadbeefu, 0x0123456789abcdefu);
    show(UINT32_MAX, UINT64_MAX);
    return 0;
}

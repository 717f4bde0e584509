#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void load(uint32_t out[4], const uint8_t *in) { memcpy(out, in, 16); }

static void store(uint8_t *out, const uint64_t *in, size_t n) { memcpy(out, in, n * sizeof *in); }

static uint32_t bits_of(float f) {
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

static double from_bits(int64_t i) {
    double d;
    memcpy(&d, &i, sizeof d);
    return d;
}

int main(void) {
    uint64_t in[2] = {0x0123456789abcdefu, 7};
    uint8_t bytes[16];
    uint32_t out[4];
    store(bytes, in, 2);
    load(out, bytes);
    printf("%x %x %x %x\n", out[0], out[1], out[2], bytes[7]);
    printf("%x %g\n", bits_of(-1.5f), from_bits(0x4009000000000000));
    return 0;
}

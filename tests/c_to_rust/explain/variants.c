// args: --explain -o /dev/null
#include <stdint.h>

static void add(uint64_t *out, const uint64_t *a, const uint64_t *b) {
    out[0] = a[0] + b[0];
    out[1] = a[1] + b[1];
}

void twice(uint64_t *x) {
    add(x, x, x);
}

void thrice(uint64_t *x, uint64_t *y) {
    add(y, x, x);
    add(x, x, y);
}

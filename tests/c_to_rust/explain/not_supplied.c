// args: --explain -o /dev/null
#include <stdbool.h>
#include <stdint.h>

/* Only a caller that sets `wide` needs to supply eight elements. */
uint32_t sum(const uint32_t *v, bool wide) {
    uint32_t s = v[0] + v[3];
    return wide ? s + v[7] : s;
}

static uint32_t peek(const uint32_t *v, bool wide) {
    return wide ? v[7] : v[0];
}

uint32_t narrow(void) {
    uint32_t four[4] = { 1, 2, 3, 4 };
    return peek(four, false);
}

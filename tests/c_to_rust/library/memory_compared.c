#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int same_tag(const uint8_t a[16], const uint8_t b[16]) {
    return memcmp(a, b, 16) == 0;
}

static int prefix(const uint8_t *a, const uint8_t *b, size_t n) {
    return memcmp(a, b, n) < 0 ? -1 : memcmp(a, b, n) > 0;
}

static int same_words(const uint32_t *a, const uint32_t *b, size_t n) {
    return !memcmp(a, b, n * sizeof *a);
}

int main(void) {
    uint8_t a[16] = {1, 2, 3}, b[16] = {1, 2, 3, 0xff};
    uint32_t v[3] = {1, 2, 3}, w[3] = {1, 2, 4};
    printf("%d %d %d %d\n", same_tag(a, a), same_tag(a, b), prefix(a, b, 3), prefix(a, b, 16));
    printf("%d %d\n", same_words(v, w, 2), same_words(v, w, 3));
    return 0;
}

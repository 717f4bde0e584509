#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct header {
    uint8_t tag;
    int sizes[4];
};

int main(void) {
    struct header h, k;
    int rows[3][4] = {{1, 2, 3, 4}, {5, 6, 7, 8}};
    uint8_t buf[12] = "abcdefgh";
    memset(&h, 0, sizeof h);
    memset(h.sizes, 0xff, sizeof h.sizes);
    memcpy(&k, &h, sizeof k);
    memcpy(rows[2], rows[1], sizeof rows[2]);
    memmove(buf + 2, buf, 6);
    bcopy(buf, buf + 8, 2);
    bzero(buf, 1);
    memset(buf + 1, '-', 2);
    printf("%d %d %d %d\n", k.tag, k.sizes[3], rows[2][0], rows[2][3]);
    fwrite(buf + 1, 1, 11, stdout);
    memset(rows, 0, sizeof rows);
    return rows[1][1];
}

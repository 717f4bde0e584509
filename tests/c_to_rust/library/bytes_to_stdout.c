#include <stdio.h>

int main(void) {
    unsigned char data[] = {0x00, 0x41, 0x80, 0xff, 0x0a};
    for (int i = 0; i < 5; i++) {
        putchar(data[i]);
    }
    fwrite(data, 1, sizeof data, stdout);
    fwrite(data, 2, 1, stdout);
    fwrite("a\0b\n", 1, 4, stdout);
    putchar(0x1e9);
    putchar('\n');
    return 0;
}

#include <stdio.h>

static void show(int d, unsigned u, int width) {
    printf("[%6d] [%-6d] [%06d] [%+d] [%+6d] [%-+6d]\n", d, d, d, d, d, d);
    printf("[%8x] [%-8X] [%08o] [%.4u] [%8.4x]\n", u, u, u, u, u);
    if (width >= 0) {
        printf("[%*d] [%-*u] [%0*d]\n", width, d, width, u, width, d);
    }
}

int main(void) {
    show(-42, 3054, 7);
    show(7, 0, 0);
    printf("[%5c] [%-5c] [%5s] [%-5s] [%.2s] [%5.1s]\n", 'a', 'b', "cd", "ef", "ghi", "jkl");
    return 0;
}

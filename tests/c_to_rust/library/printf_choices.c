#include <stdio.h>

static void show(int n) {
    printf("%d is %s%s\n", n, n % 2 ? "odd" : "even", n < 0 ? ", negative" : n > 9 ? ", large" : "");
    putchar(n > 5 ? '+' : '-');
    printf("%c", n == 3 ? '\n' : ' ');
}

int main(void) {
    for (int i = -2; i < 12; i++) {
        show(i);
    }
    puts(3 > 2 ? "end" : "beginning");
    return 0;
}

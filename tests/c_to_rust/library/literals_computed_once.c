#include <stdio.h>

static const char *name(int c) {
    printf("name(%d) ", c);
    return c ? "alpha" : "beta";
}

static int count(const char *s) {
    int n = 0;
    while (*s++) {
        n++;
    }
    return n;
}

int main(void) {
    int n = 0;
    for (const char *p = name(1); *p; p++) {
        n += *p == 'a';
    }
    const char *q = n > 1 ? "many" : "few";
    while (*q) {
        putchar(*q++);
    }
    const char *r = name(0);
    printf("%s %s %d\n", r, r + 1, count(r));
    return count(name(1));
}

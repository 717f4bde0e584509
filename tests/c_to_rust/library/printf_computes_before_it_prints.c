#include <stdio.h>

static int loud(int n) {
    printf("loud(%d) ", n);
    return n + 1;
}

static int next(int *n) {
    *n += 10;
    return *n;
}

int main(void) {
    char name[] = "name";
    int n = 1;
    printf("%s: %d %d\n", name, loud(1), n);
    printf("%d\n", loud(3));
    printf("%d %d\n", n + 1, n);
    n = next(&n);
    printf("%d\n", next(&n));
    return 0;
}

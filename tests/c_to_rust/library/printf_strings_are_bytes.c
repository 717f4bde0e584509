#include <stdio.h>

static void show(const char *name, int n) {
    printf("<%s> %d\n", name, n);
    printf("%8s|%-8s|%.3s|%s\n", name, name, name, name + 1);
}

int main(void) {
    char latin1[] = "caf\xe9";
    char cut[8] = {'a', 'b', 0, 'c'};
    show(latin1, 1);
    show(cut, 2);
    printf("%s %c%c\n", "na\xc3\xafve", latin1[3], cut[0]);
    printf("\xff\n");
    return 0;
}

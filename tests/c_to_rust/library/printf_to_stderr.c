#include <stdio.h>

int main(void) {
    char name[] = "x.c";
    fprintf(stderr, "%s: %d errors\n", name, 2);
    fputs("one ", stderr);
    fputc('t', stderr);
    putc('\n', stderr);
    fprintf(stdout, "done\n");
    fflush(stdout);
    fflush(stderr);
    return 2;
}

#include <stdio.h>
#include <stdlib.h>

static void finish(int status) {
    printf("half a line");
    exit(status);
}

int main(void) {
    puts("a line");
    finish(7);
    return 0;
}

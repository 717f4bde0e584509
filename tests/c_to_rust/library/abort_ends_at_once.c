#include <stdio.h>
#include <stdlib.h>

int main(void) {
    puts("before");
    fflush(stdout);
    if (EXIT_FAILURE == 1) {
        abort();
    }
    return 0;
}

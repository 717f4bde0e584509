#include <stdio.h>

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    puts("no arguments are needed");
    return 0;
}

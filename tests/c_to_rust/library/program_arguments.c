// run: -n 12 -x word -n 30
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[]) {
    int total = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: -n NUMBER...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "-n") == 0 && i + 1 < argc) {
            total += atoi(argv[++i]);
        } else if (argv[i][0] == '-') {
            printf("option %c\n", argv[i][1]);
        } else {
            printf("%s has %zu bytes\n", word, strlen(word));
        }
    }
    return total;
}

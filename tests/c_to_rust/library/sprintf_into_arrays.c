#include <stdio.h>
#include <string.h>

static int describe(char *out, size_t size, const char *name, int n) {
    return snprintf(out, size, "%s=%d", name, n);
}

int main(void) {
    char text[32], small[4];
    int n = sprintf(text, "%d+%d", 1, 2);
    printf("%s %d\n", text, n);
    n = describe(small, sizeof small, "abc", 17);
    printf("%s %d\n", small, n);
    text[0] = 0;
    for (int i = 0; i < 4; i++) {
        sprintf(text + strlen(text), "%d;", i * i);
    }
    puts(text);
    sprintf(text, "%c", text[0] + 1);
    snprintf(text + 1, 3, "%s!", small);
    printf("%s %d\n", text, snprintf(NULL, 0, "%x", 4096));
    return 0;
}

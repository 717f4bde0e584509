#include <stdio.h>
#include <string.h>

struct entry {
    char key[8];
    char value[8];
};

static void greet(char *out, const char *who) {
    strcpy(out, "hello, ");
    strcat(out, who);
    strcat(out, "!");
}

int main(void) {
    char line[32];
    struct entry e = {0};
    greet(line, "world");
    puts(line);
    strncpy(e.key, line, sizeof e.key - 1);
    strcpy(e.value, "v");
    strncat(e.value, line, 3);
    strcpy(line, e.key);
    printf("%s %s %s\n", e.key, e.value, line);
    return 0;
}

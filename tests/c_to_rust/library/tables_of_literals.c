#include <stdio.h>
#include <string.h>

struct keyword {
    const char *name;
    int code;
};

static const char *const numbers[] = {"zero", "one", "two", NULL};
static const char *colors[3] = {"red", "green", "blue"};
static const struct keyword keywords[] = {{"if", 1}, {"else", 2}, {NULL, 0}};

static int number(const char *s) {
    for (int i = 0; numbers[i] != NULL; i++) {
        if (strcmp(numbers[i], s) == 0) {
            return i;
        }
    }
    return -1;
}

static int keyword(const char *s) {
    const struct keyword *k = keywords;
    while (k->name && strcmp(k->name, s) != 0) {
        k++;
    }
    return k->code;
}

int main(void) {
    const char *sides[] = {"left", "right"};
    for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++) {
        printf("%s %zu\n", colors[i], strlen(colors[i]));
    }
    printf("%s %c %s\n", numbers[1], numbers[2][1], sides[number("one")]);
    return 10 * number("two") + keyword("else") + keyword("x");
}

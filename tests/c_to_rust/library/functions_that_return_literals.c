#include <stdio.h>
#include <string.h>

enum color { RED, GREEN, BLUE };

static const char *const units[] = {"mm", "cm", "m"};

static const char *color_name(enum color c) {
    switch (c) {
    case RED:
        return "red";
    case GREEN:
        return "green";
    default:
        return NULL;
    }
}

static const char *unit(int i) { return i < 3 ? units[i] : "?"; }

const char *describe(int n) {
    const char *text = "none";
    if (n > 0) {
        text = unit(n);
    }
    return text;
}

int main(void) {
    const char *name = color_name(GREEN);
    printf("%s %s %zu %s\n", name, color_name(RED), strlen(unit(1)), describe(2));
    return color_name(BLUE) == NULL && name && strcmp(unit(7), "?") == 0 ? 3 : 4;
}

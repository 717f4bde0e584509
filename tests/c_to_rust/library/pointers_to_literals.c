#include <stdio.h>
#include <string.h>

static int length(const char *s) { return (int)strlen(s); }

static void show(int code) {
    const char *size = code > 3 ? "big" : "small";
    const char *error = NULL;
    const char *color;
    switch (code) {
    case 1:
        color = "red";
        break;
    default:
        color = "none";
    }
    if (code == 2) {
        error = "two";
    }
    printf("%s %s %d %c\n", size, color, length(color), size[1]);
    if (error != NULL) {
        printf("error: %s\n", error);
    }
    const char *either = error ? error : size;
    printf("%s%d%s", either, strcmp(either, "big") == 0, 1 < 2 ? "\n" : "");
}

int main(void) {
    for (int i = 0; i < 6; i++) {
        show(i);
    }
    return length(3 > 2 ? "x" : "yz");
}

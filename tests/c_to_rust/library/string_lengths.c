#include <stdio.h>
#include <string.h>

static size_t both(const char *a, const char *b) {
    return strlen(a) + strlen(b + 1);
}

int main(void) {
    char text[16] = "hello, world";
    printf("%zu %zu %zu\n", both("abc", "defg"), strlen("four"), strnlen(text, 5));
    printf("%zu %zu\n", strspn(text, "helo"), strcspn(text, ", "));
    for (size_t i = 0; i < strlen(text); i++) {
        putchar(text[i]);
    }
    return (int)strlen(text);
}

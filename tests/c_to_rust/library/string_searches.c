#include <stdio.h>
#include <string.h>

static int is_vowel(char c) { return strchr("aeiou", c) != NULL; }

static int has(const char *s, const char *word) {
    if (strstr(s, word)) {
        return 1;
    }
    return 0;
}

static int has_zero(const unsigned char *p, size_t n) { return memchr(p, 0, n) != NULL; }

int main(void) {
    char line[] = "hello, world";
    for (const char *p = line; *p; p++) {
        putchar(is_vowel(*p) ? '*' : *p);
    }
    printf("\n%d %d %d %d\n", is_vowel(0), has(line, "wor"), has(line, ""), has("", "x"));
    if (!strpbrk(line, "xyz") && strrchr(line, ',') && !strchr(line, 'q')) {
        puts("found");
    }
    return has_zero((const unsigned char *)line, sizeof line);
}

#include <stdio.h>
#include <string.h>
#include <strings.h>

static int rank(const char *a, const char *b) {
    if (strcmp(a, b) == 0) {
        return 0;
    }
    return strcmp(a, b) < 0 ? 1 : 2;
}

static int is_keyword(const char *s) {
    return !strcmp(s, "if") || !strcmp(s, "else") || strncmp(s, "whilex", 5) == 0;
}

int main(void) {
    printf("%d%d%d%d\n", rank("abc", "abc"), rank("ab", "abc"), rank("b", "abc"), rank("\xff", "a"));
    printf("%d%d%d%d\n", is_keyword("if"), is_keyword("iff"), is_keyword("while"), is_keyword("whil"));
    printf("%d%d\n", strcasecmp("HeLLo", "hEllO") == 0, strncasecmp("ab", "AC", 1) == 0);
    if (strcmp("x", "y") != 0 && strncmp("xa", "xb", 1) >= 0) {
        puts("ordered");
    }
    return 0;
}

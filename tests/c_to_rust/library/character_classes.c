#include <ctype.h>
#include <stdio.h>

static int is_identifier(const char *s) {
    if (!isalpha((unsigned char)s[0]) && s[0] != '_') {
        return 0;
    }
    for (int i = 1; s[i] != '\0'; i++) {
        if (!(isalnum((unsigned char)s[i]) || s[i] == '_')) {
            return 0;
        }
    }
    return 1;
}

static void shout(char *s) {
    while (*s) {
        *s = (char)toupper((unsigned char)*s);
        s++;
    }
}

int main(void) {
    char text[] = "shout it: \xe9";
    shout(text);
    printf("%d%d%d\n", is_identifier("a_1"), is_identifier("1a"), is_identifier("a-1"));
    puts(text);
    return isspace('\v') && isblank('\t') && !isprint(127) && ispunct('~') ? 0 : 1;
}

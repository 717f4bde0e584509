#include <ctype.h>
#include <stdio.h>

static int classes(int c) {
    return (isalnum(c) != 0) | (isalpha(c) != 0) << 1 | (isblank(c) != 0) << 2 | (iscntrl(c) != 0) << 3 |
           (isdigit(c) != 0) << 4 | (isgraph(c) != 0) << 5 | (islower(c) != 0) << 6 | (isprint(c) != 0) << 7 |
           (ispunct(c) != 0) << 8 | (isspace(c) != 0) << 9 | (isupper(c) != 0) << 10 | (isxdigit(c) != 0) << 11;
}

static int from_char(char c) {
    return toupper(c) + tolower(c);
}

int main(void) {
    for (int c = EOF; c < 256; c++) {
        printf("%x %d %d %d\n", classes(c), toupper(c), tolower(c), isascii(c) ? toascii(c) : -1);
    }
    printf("%d %d\n", from_char((char)0xff), from_char('k'));
    return 0;
}

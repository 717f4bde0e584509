// input: one two three four five
// input: 2
// input: .
// input: word  two
#include <ctype.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    char line[12];
    int c, words = 0, in_word = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, ".") == 0) {
            break;
        }
        printf("[%s]\n", line);
    }
    while ((c = getchar()) != EOF) {
        words += !isspace(c) && !in_word;
        in_word = !isspace(c);
        putchar(toupper(c));
    }
    fgets(line, 3, stdin);
    printf("%d words, %s, then %d\n", words, line, getc(stdin));
    return 0;
}

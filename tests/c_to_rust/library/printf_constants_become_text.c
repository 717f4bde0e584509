#include <stdio.h>

enum { WIDTH = 8 };

int main(void) {
    printf("%d%% of {%s} is %05d, %x, %c\n", 50, "all", -3, 255, 'x');
    printf("%s\n", "");
    printf("%.2s|%3d|%-3d|\n", "abc", 1, 2);
    printf("%d\n", WIDTH);
    printf("\n");
    printf("%s", "no line");
    puts(" ends here");
    return 0;
}

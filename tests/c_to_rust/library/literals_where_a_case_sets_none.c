#include <stdio.h>

/* A case that sets none leaves the variable empty: of `&[]` alone, rustc would make an array of no elements. */
static int initial(int kind)
{
    const char *name;

    switch (kind) {
    case 1:
        name = "int";
        break;
    case 2:
        name = "char";
        break;
    }
    return name[0];
}

int main(void)
{
    printf("%c %c\n", initial(1), initial(2));
    return 0;
}

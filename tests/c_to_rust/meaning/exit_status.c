/* exit(n) keeps n. */
#include <stdlib.h>

static void leave(int ok)
{
    if (ok)
        exit(23);
    exit(1);
}

int main(void)
{
    leave(1);
    return 0;
}

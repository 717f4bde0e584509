#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

void f(int *a, int n)
{
    qsort(a, n, sizeof(int), compare);  //~ error[C0203]: the function `compare` is used as a value
}

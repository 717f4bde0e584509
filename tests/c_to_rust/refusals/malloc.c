#include <stdlib.h>

int f(int n)
{
    int *a = malloc(n * sizeof(int));  //~ error[C0410]: `malloc` makes an object on the heap
    a[0] = n;
    free(a);
    return n;
}

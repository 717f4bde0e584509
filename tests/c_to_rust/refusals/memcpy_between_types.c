#include <string.h>

void f(double *d, const unsigned int *s)
{
    memcpy(d, s, 64);  //~ error[C0403]: `memcpy` between memory of different types
}

#include <string.h>

void f(unsigned int *d, const unsigned int *s)
{
    memcpy(d, s, 6);  //~ error[C0428]: `memcpy` is not seen to touch a whole number of elements
}

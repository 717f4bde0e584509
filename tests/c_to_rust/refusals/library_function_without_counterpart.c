#include <stdlib.h>

int f(void)
{
    return rand();  //~ error[C0502]: `rand` gives numbers that only this C library gives
}

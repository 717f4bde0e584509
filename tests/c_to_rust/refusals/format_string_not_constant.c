#include <stdio.h>

void f(const char *format)
{
    printf(format, 1);  //~ error[C0503]: the format of this call is not a string literal
}

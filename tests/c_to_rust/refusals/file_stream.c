#include <stdio.h>

int f(void)
{
    FILE *in = fopen("data", "r");  //~ error[C0507]: `fopen` gives a file stream
    return fgetc(in);
}

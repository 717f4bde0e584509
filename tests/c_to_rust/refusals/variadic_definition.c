#include <stdarg.h>

int first(int count, ...)  //~ error[C0204]: `first` takes a variable number of arguments
{
    va_list args;
    va_start(args, count);
    int x = va_arg(args, int);
    va_end(args);
    return x;
}

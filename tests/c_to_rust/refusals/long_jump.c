#include <setjmp.h>

static jmp_buf here;

int f(void)
{
    return setjmp(here);  //~ error[C0504]: `setjmp` is not supported
}

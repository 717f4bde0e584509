#ifndef WIDTH
#error "define WIDTH"  //~ error[C0121]: #error "define WIDTH"
#endif

int f(void)
{
    return WIDTH;
}

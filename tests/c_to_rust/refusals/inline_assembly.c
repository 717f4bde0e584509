int f(int x)
{
    __asm__("nop");  //~ error[C0305]: inline assembly is not supported
    return x;
}

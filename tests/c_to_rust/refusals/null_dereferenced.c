int f(void)
{
    return *(int *)0;  //~ error[C0425]: the null pointer is dereferenced
}

int f(void)
{
    int *p;  //~ error[C0309]: pointer `p` is never given an object
    return *p;
}

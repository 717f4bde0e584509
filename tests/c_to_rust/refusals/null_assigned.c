int f(int *a, int n)
{
    int *p = 0;  //~ error[C0409]: pointer `p` may be null
    if (n > 0)
        p = a;
    return *p;
}

int f(void)
{
    int x = 1;
    int *p = &x;
    return p[1];  //~ error[C0427]: pointer arithmetic on an object that is not part of an array
}

static int *skip(int *p)
{
    return p + 1;
}

int f(int *a)
{
    return *skip(a);  //~ error[C0420]: a pointer returned by a function is used
}

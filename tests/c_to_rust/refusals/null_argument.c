static int first(int *p)
{
    return *p;
}

int f(void)
{
    return first(0);  //~ error[C0424]: NULL is passed for a pointer
}

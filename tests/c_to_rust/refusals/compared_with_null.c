int f(int *p)
{
    if (p == 0)  //~ error[C0409]: a pointer is compared with NULL
        return -1;
    return *p;
}

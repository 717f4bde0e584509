int f(void)
{
    return 1;
}

int f(void)  //~ error[C0230]: `f` is defined twice
{
    return 2;
}

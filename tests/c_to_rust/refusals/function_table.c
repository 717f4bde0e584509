static int one(void)
{
    return 1;
}

int call(void)
{
    int (*table[1])(void) = {one};  //~ error[C0203]: `table` is a pointer to functions
    return table[0]();
}

int wait(volatile int *flag)  //~ error[C0205]: volatile objects are not supported
{
    while (*flag == 0)
        ;
    return *flag;
}

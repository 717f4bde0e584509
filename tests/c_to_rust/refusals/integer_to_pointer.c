int f(unsigned long address)
{
    int *p = (int *)address;  //~ error[C0401]: an integer is made into a pointer
    return *p;
}
